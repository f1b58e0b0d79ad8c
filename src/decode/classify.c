/* classify.c - labels and tags: nothing grows, the head is asked once. */
#include "asked.h"
#include "lockstep/base/token.h"
#include "searches.h"

/* The likeliest at each state, best first. */
typedef struct answers {
    int32_t *symbols; /* [states, each] */
    float *log_p;
    int each;
} answers;

/* One of the `each` answers at a state; where the model makes no numbers there is none. */
static void take(const answers *a, int state, int n, search_output *to)
{
    size_t at = (size_t)state * (size_t)a->each + (size_t)n;

    to->ids[to->count++] = a->symbols[at] < 0 ? TOKEN_UNK : a->symbols[at];
    to->score += (double)a->log_p[at];
}

/* Sentence by sentence, whose states stand one after another. */
static void take_all(const answers *a, pass *pass, const packed *source, const packed *asked,
                     search_result *out)
{
    for (int s = 0, state = 0; s < source->sequences; s++) {
        int count = asked_count(asked, s);

        for (int n = 0; n < out->each; n++) {
            search_output *to = &out->list[s * out->each + n];

            *to = asked_output(pass->arena, count);
            for (int i = 0; i < count; i++)
                take(a, state + i, n, to);
        }
        state += count;
    }
}

void classify_run(const transformer *t, pass *pass, const packed *source,
                  const int64_t *numbers, const search_options *options, int (*stop)(void),
                  search_result *out)
{
    int symbols = transformer_symbols(t);
    int each = options->n_best < symbols ? options->n_best : symbols;
    size_t sources = (size_t)source->sequences;

    (void)numbers;
    (void)stop;
    *out = (search_result){.each = each};
    out->list = arena_push(pass->arena, sources * (size_t)out->each, sizeof(*out->list));
    body_memory memory = transformer_encode(t, pass, source);
    matrix states = transformer_states(t, pass, &memory, options->asked);
    size_t count = (size_t)states.rows * (size_t)each;
    answers found = {.symbols = arena_push(pass->arena, count, sizeof(*found.symbols)),
                     .log_p = arena_push(pass->arena, count, sizeof(*found.log_p)),
                     .each = each};

    transformer_best(t, pass, states, &(generator_best_query){.count = each, .favoured = -1},
                     found.symbols, found.log_p);
    take_all(&found, pass, source, options->asked, out);
}
