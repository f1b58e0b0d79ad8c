/* greedy.c - the likeliest symbol at every place. */
#include <stdbool.h>
#include <string.h>

#include "searches.h"

enum { BEGIN = 1, END = 2 }; /* the vocabularies' fixed numbers */

/* What the outputs are so far. Row s of `ids` is <begin> and sentence s's symbols. */
typedef struct prefixes {
    int sequences, room; /* ids in a row */
    int32_t *ids;        /* [sequences][room] */
    int32_t *length;     /* [sequences] ids in use */
    int32_t *limit;      /* [sequences] the most ids it may have */
    bool *open;          /* [sequences] not ended yet */
} prefixes;

static int limit_of(const transformer *t, const search_limits *limits, int source_length)
{
    double most = limits->max_ratio * source_length + 10.0;
    int limit = limits->max_length < transformer_places(t) - 1 ? limits->max_length
                                                               : transformer_places(t) - 1;

    return 1 + (most < limit ? (int)most : limit);
}

static prefixes prefixes_push(const transformer *t, pass *pass, const packed *source,
                              const search_limits *limits)
{
    size_t n = (size_t)source->sequences;
    prefixes p = {.sequences = source->sequences,
                  .length = arena_push(pass->arena, n, sizeof(int32_t)),
                  .limit = arena_push(pass->arena, n, sizeof(int32_t)),
                  .open = arena_push(pass->arena, n, sizeof(bool))};

    for (int s = 0; s < p.sequences; s++) {
        p.limit[s] = limit_of(t, limits, source->offsets[s + 1] - source->offsets[s]);
        p.room = p.limit[s] > p.room ? p.limit[s] : p.room;
        p.length[s] = 1;
        p.open[s] = true;
    }
    p.ids = arena_push(pass->arena, n * (size_t)p.room, sizeof(int32_t));
    for (int s = 0; s < p.sequences; s++)
        p.ids[(size_t)s * (size_t)p.room] = BEGIN;
    return p;
}

/* The open prefixes as a packed target; ended sentences have no rows in it. */
static packed pack(const prefixes *p, pass *pass, const packed *source)
{
    packed target = *source;
    int32_t *offsets = arena_push(pass->arena, (size_t)p->sequences + 1, sizeof(*offsets));
    int32_t *grain_rows =
        arena_push(pass->arena, (size_t)source->grains + 1, sizeof(*grain_rows));

    offsets[0] = 0;
    for (int s = 0; s < p->sequences; s++)
        offsets[s + 1] = offsets[s] + (p->open[s] ? p->length[s] : 0);
    for (int g = 0; g <= source->grains; g++)
        grain_rows[g] = offsets[source->grain_sequences[g]];
    target.rows = offsets[p->sequences];
    int32_t *ids = arena_push(pass->arena, (size_t)target.rows, sizeof(*ids));
    for (int s = 0; s < p->sequences; s++)
        memcpy(ids + offsets[s], p->ids + (size_t)s * (size_t)p->room,
               (size_t)(offsets[s + 1] - offsets[s]) * sizeof(*ids));
    target.ids = ids;
    target.offsets = offsets;
    target.grain_rows = grain_rows;
    return target;
}

static int32_t likeliest(const float *logits, int symbols)
{
    int32_t best = END;

    for (int32_t v = 0; v < symbols; v++)
        if (v != BEGIN && logits[v] > logits[best])
            best = v;
    return best;
}

/* The rows of at most TILE_ROWS open sentences of one grain, and who they are. */
typedef struct choice {
    matrix rows;
    int sequence[TILE_ROWS];
} choice;

static void choose(const transformer *t, const choice *c, matrix logits, prefixes *p)
{
    logits = matrix_rows(logits, 0, c->rows.rows);
    transformer_logits(t, c->rows, logits);
    for (int r = 0; r < c->rows.rows; r++) {
        int s = c->sequence[r];
        int32_t id = likeliest(matrix_row(logits, r), logits.cols);
        p->open[s] = id != END;
        if (id == END)
            continue;
        p->ids[(size_t)s * (size_t)p->room + (size_t)p->length[s]++] = id;
        p->open[s] = p->length[s] < p->limit[s];
    }
}

/* One more symbol for every open sentence of a grain. */
static void extend_grain(const transformer *t, const packed *target, int grain, matrix hidden,
                         choice *c, matrix rows, matrix logits, prefixes *p)
{
    c->rows = matrix_rows(rows, 0, 0);
    for (int s = target->grain_sequences[grain]; s < target->grain_sequences[grain + 1]; s++) {
        if (!p->open[s])
            continue;
        c->sequence[c->rows.rows] = s;
        memcpy(matrix_row(rows, c->rows.rows++), matrix_row(hidden, target->offsets[s + 1] - 1),
               (size_t)rows.cols * sizeof(float));
        if (c->rows.rows == TILE_ROWS) {
            choose(t, c, logits, p);
            c->rows.rows = 0;
        }
    }
    if (c->rows.rows > 0)
        choose(t, c, logits, p);
}

static bool extend(const transformer *t, pass *pass, const packed *source,
                   const body_memory *memory, prefixes *p)
{
    size_t mark = arena_mark(pass->arena);
    packed target = pack(p, pass, source);
    bool any = target.rows > 0;

    if (any) {
        matrix hidden = transformer_decode(t, pass, memory, &target);
        size_t scratch = arena_mark(pass->arena);
        choice *choices = arena_push(pass->arena, (size_t)target.grains, sizeof(*choices));
        matrix rows = pass_matrix(pass, TILE_ROWS * target.grains, hidden.cols);
        matrix logits = pass_matrix(pass, TILE_ROWS * target.grains, transformer_symbols(t));
#pragma omp parallel for num_threads(pass->threads) schedule(dynamic)
        for (int g = 0; g < target.grains; g++)
            extend_grain(t, &target, g, hidden, &choices[g],
                         matrix_rows(rows, g * TILE_ROWS, TILE_ROWS),
                         matrix_rows(logits, g * TILE_ROWS, TILE_ROWS), p);
        arena_release(pass->arena, scratch);
    }
    arena_release(pass->arena, mark);
    return any;
}

static void collect(const prefixes *p, pass *pass, search_result *out)
{
    out->offsets = arena_push(pass->arena, (size_t)p->sequences + 1, sizeof(*out->offsets));
    out->offsets[0] = 0;
    out->ended = arena_push(pass->arena, (size_t)p->sequences, sizeof(*out->ended));
    for (int s = 0; s < p->sequences; s++) {
        out->offsets[s + 1] = out->offsets[s] + p->length[s] - 1;
        out->ended[s] = !p->open[s] && p->length[s] < p->limit[s];
    }
    out->ids = arena_push(pass->arena, (size_t)out->offsets[p->sequences], sizeof(*out->ids));
    for (int s = 0; s < p->sequences; s++)
        memcpy(out->ids + out->offsets[s], p->ids + (size_t)s * (size_t)p->room + 1,
               (size_t)(p->length[s] - 1) * sizeof(*out->ids));
}

void greedy_run(const transformer *t, pass *pass, const packed *source,
                const search_limits *limits, int (*stop)(void), search_result *out)
{
    body_memory memory = transformer_encode(t, pass, source);
    prefixes p = prefixes_push(t, pass, source, limits);

    while (stop() == 0 && extend(t, pass, source, &memory, &p))
        ;
    collect(&p, pass, out);
}
