/* greedy.c - the likeliest symbol at every place. */
#include "outputs.h"
#include "rules.h"
#include "searches.h"

static void extend(outputs *o, const search_options *options)
{
    int32_t never[RULES_NEVER];
    generator_best_query query = rules_query(options, o->tokens, 1, never);
    size_t mark = arena_mark(o->pass->arena);
    int32_t *symbols = arena_push(o->pass->arena, (size_t)o->open, sizeof(*symbols));
    float *log_p = NULL;

    query.copied = outputs_copied(o);
    if (!options->unscored || query.copied != NULL)
        log_p = arena_push(o->pass->arena, (size_t)o->open, sizeof(*log_p));
    transformer_best(o->model, o->pass, outputs_step(o), &query, symbols, log_p);
    outputs_add(o, symbols, log_p);
    arena_release(o->pass->arena, mark);
}

void greedy_run(const transformer *t, pass *pass, const packed *source, const int64_t *numbers,
                const search_options *options, int (*stop)(void), search_result *out)
{
    outputs o = outputs_push(t, pass, source, options);

    (void)numbers; /* nothing is drawn */
    while (o.open > 0 && stop() == 0)
        extend(&o, options);
    *out = (search_result){.each = 1, .list = o.list};
}
