/* sample.c - symbols that are drawn (draw.h). The draws follow the source's number and the
 * place in its output, so they are the same wherever a sentence is decoded. */
#include "draw.h"
#include "outputs.h"
#include "rules.h"
#include "searches.h"

typedef struct sample {
    outputs outputs;
    draw draw;
    const int64_t *numbers; /* [sentences] of the sources */
    const search_options *options;
} sample;

static void extend(sample *s)
{
    outputs *o = &s->outputs;
    int32_t never[RULES_NEVER];
    const generator_best_query rules = rules_query(s->options, o->tokens, 1, never);
    size_t mark = arena_mark(o->pass->arena), open = (size_t)o->open;
    int32_t *symbols = arena_push(o->pass->arena, open, sizeof(*symbols));
    float *drawn = arena_push(o->pass->arena, open, sizeof(*drawn));
    matrix log_p = pass_matrix(o->pass, o->open, s->draw.symbols);

    transformer_log_p(o->model, o->pass, outputs_step(o), outputs_copied(o), log_p);
    for (int i = 0; i < o->open; i++) {
        int64_t number = s->numbers[o->slots[i]];
        double uniform = draw_uniform(s->options->seed, number, o->tokens);
        symbols[i] = draw_symbol(&s->draw, matrix_row(log_p, i), never, rules.nevers, uniform);
        drawn[i] = symbols[i] < 0 ? 0.0f : matrix_row(log_p, i)[symbols[i]];
    }
    outputs_add(o, symbols, drawn);
    arena_release(o->pass->arena, mark);
}

void sample_run(const transformer *t, pass *pass, const packed *source, const int64_t *numbers,
                const search_options *options, int (*stop)(void), search_result *out)
{
    sample s = {.outputs = outputs_push(t, pass, source, options),
                .draw = draw_push(pass->arena, transformer_numbers(t, source), options),
                .numbers = numbers,
                .options = options};

    while (s.outputs.open > 0 && stop() == 0)
        extend(&s);
    *out = (search_result){.each = 1, .list = s.outputs.list};
}
