/* tags.c - the likeliest sequence of tags that keeps to an order (Viterbi 1967). */
#include <math.h>

#include "asked.h"
#include "lockstep/base/token.h"
#include "searches.h"

/* What a step costs that the order forbids, beside the log p of words: where no sequence keeps
 * to it, one that breaks it as seldom as can be comes out. */
static const double forbidden = -1e6;

/* A sentence's words, and the best ways to each tag of the word that was reached. */
typedef struct lattice {
    const uint8_t *may_follow;
    int tags;
    matrix log_p;   /* [words, tags] */
    double *values; /* [tags] of the best sequences so far that end in each, */
    double *next;   /* and with one word more */
    int32_t *from;  /* [words, tags] the tag before in the best sequence to a tag */
} lattice;

static lattice lattice_push(pass *pass, const uint8_t *may_follow, matrix log_p)
{
    size_t tags = (size_t)log_p.cols, words = (size_t)log_p.rows;

    return (lattice){.may_follow = may_follow,
                     .tags = log_p.cols,
                     .log_p = log_p,
                     .values = arena_push(pass->arena, tags, sizeof(double)),
                     .next = arena_push(pass->arena, tags, sizeof(double)),
                     .from = arena_push(pass->arena, words * tags, sizeof(int32_t))};
}

/* Tags, -1: where a sentence begins or ends. */
static double cost(const lattice *l, int before, int now)
{
    return l->may_follow[(before + 1) * (l->tags + 1) + now + 1] ? 0.0 : forbidden;
}

/* Which tag comes before `now`, -1 for none, in the best sequence, and what that is worth. */
static int best_before(const lattice *l, int now, double *value)
{
    int best = 0;

    for (int before = 0; before < l->tags; before++) {
        double other = l->values[before] + cost(l, before, now);

        if (before == 0 || other > *value) {
            best = before;
            *value = other;
        }
    }
    return best;
}

/* Where the model makes no numbers a word has none to give. */
static bool is_known(const lattice *l, int word)
{
    return !isnan(matrix_row(l->log_p, word)[0]);
}

static void reach(lattice *l, int word)
{
    const float *log_p = matrix_row(l->log_p, word);
    double *values = l->values;

    for (int now = 0; now < l->tags; now++) {
        double value = cost(l, -1, now);
        int before = word == 0 ? -1 : best_before(l, now, &value);

        l->from[(size_t)word * (size_t)l->tags + (size_t)now] = before;
        l->next[now] = value + (is_known(l, word) ? (double)log_p[now] : 0.0);
    }
    l->values = l->next;
    l->next = values;
}

/* The best sequence of all. */
static void take(lattice *l, search_output *out)
{
    double value;
    int words = l->log_p.rows, at = words > 0 ? best_before(l, -1, &value) : -1;

    out->count = words;
    for (int word = words - 1; word >= 0; word--) {
        out->ids[word] = is_known(l, word) ? at + TOKEN_SPECIALS : TOKEN_UNK;
        out->score += (double)matrix_row(l->log_p, word)[at];
        at = l->from[(size_t)word * (size_t)l->tags + (size_t)at];
    }
}

void tags_run(const transformer *t, pass *pass, const packed *source, const int64_t *numbers,
              const search_options *options, int (*stop)(void), search_result *out)
{
    body_memory memory = transformer_encode(t, pass, source);
    matrix states = transformer_states(t, pass, &memory, options->asked);
    matrix log_p = pass_matrix(pass, states.rows, transformer_symbols(t));

    (void)numbers;
    (void)stop;
    *out = (search_result){.each = 1};
    out->list = arena_push(pass->arena, (size_t)source->sequences, sizeof(*out->list));
    transformer_log_p(t, pass, states, NULL, log_p);
    for (int s = 0, first = 0; s < source->sequences; s++) {
        int words = asked_count(options->asked, s);

        out->list[s] = asked_output(pass->arena, words);
        size_t mark = arena_mark(pass->arena);
        lattice l = lattice_push(pass, options->may_follow, matrix_rows(log_p, first, words));
        for (int word = 0; word < words; word++)
            reach(&l, word);
        take(&l, &out->list[s]);
        arena_release(pass->arena, mark);
        first += words;
    }
}
