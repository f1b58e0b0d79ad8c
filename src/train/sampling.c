/* sampling.c - scheduled sampling. */
#include "sampling.h"

#include "lockstep/base/random.h"
#include "lockstep/base/token.h"
#include "teacher_forcing.h"

/* The places that get predictions: those right after `rows`. Lists as in generator_query. */
typedef struct choice {
    int count;
    int32_t *rows, *grain_first;
    double *uniform; /* NULL: nothing is drawn */
    int32_t *symbols;
} choice;

sampling sampling_at(const config *c, int64_t done)
{
    teacher_forcing forcing = {.schedule = c->training.scheduled_sampling.schedule,
                               .value = c->training.scheduled_sampling.value,
                               .decay = c->training.scheduled_sampling.decay,
                               .k = c->training.scheduled_sampling.k,
                               .floor = c->training.scheduled_sampling.floor,
                               .start = c->training.scheduled_sampling.start};

    return (sampling){
        .teacher_forcing = teacher_forcing_rate(&forcing, done),
        .draws = c->training.scheduled_sampling.prediction == PREDICTION_SAMPLE,
        .temperature = c->training.scheduled_sampling.temperature,
        .passes = c->training.scheduled_sampling.passes,
    };
}

bool sampling_is_on(const sampling *s)
{
    return s->teacher_forcing < 1.0;
}

/* A number in [0, 1) for a row. Purpose 0 chooses places, n draws in the n-th pass. */
static double uniform_at(const pass *pass, const packed *target, int grain, int row,
                         int purpose)
{
    uint32_t bits[4],
        counter[4] = {(uint32_t)(row - target->grain_rows[grain]),
                      (uint32_t)(target->first_grain + grain), pass->draw, (uint32_t)purpose};

    random_block(pass->seed, RANDOM_SAMPLING, counter, bits);
    return 0x1p-32 * bits[0];
}

static void choose_in_sentence(const sampling *s, const pass *pass, const packed *target,
                               int grain, int sentence, choice *c)
{
    for (int r = target->offsets[sentence] + 1; r < target->offsets[sentence + 1]; r++)
        if (uniform_at(pass, target, grain, r, 0) >= s->teacher_forcing)
            c->rows[c->count++] = r - 1;
}

static choice choose(const sampling *s, const pass *pass, const packed *target)
{
    size_t rows = (size_t)target->rows;
    choice c = {.rows = arena_push(pass->arena, rows, sizeof(*c.rows)),
                .grain_first = arena_push(pass->arena, (size_t)target->grains + 1,
                                          sizeof(*c.grain_first))};

    for (int g = 0; g < target->grains; g++) {
        c.grain_first[g] = c.count;
        for (int i = target->grain_sequences[g]; i < target->grain_sequences[g + 1]; i++)
            choose_in_sentence(s, pass, target, g, i, &c);
    }
    c.grain_first[target->grains] = c.count;
    c.symbols = arena_push(pass->arena, (size_t)c.count, sizeof(*c.symbols));
    if (s->draws)
        c.uniform = arena_push(pass->arena, (size_t)c.count, sizeof(*c.uniform));
    return c;
}

static void set_uniform(const pass *pass, const packed *target, int number, const choice *c)
{
    for (int g = 0; g < target->grains; g++)
        for (int i = c->grain_first[g]; i < c->grain_first[g + 1]; i++)
            c->uniform[i] = uniform_at(pass, target, g, c->rows[i] + 1, number);
}

/* Pass `number`, from 1. */
static void run_pass(const sampling *s, const transformer *t, pass *predicting, int number,
                     const body_memory *memory, const packed *target, const choice *c,
                     int32_t *ids)
{
    size_t mark = arena_mark(predicting->arena);
    generator_query query = {.rows = c->rows,
                             .grain_first = c->grain_first,
                             .grains = target->grains,
                             .never = TOKEN_BEGIN,
                             .uniform = c->uniform,
                             .temperature = s->temperature};
    matrix decoded = transformer_decode(t, predicting, memory, target);

    if (s->draws)
        set_uniform(predicting, target, number, c);
    query.copied = transformer_copied(t, predicting, memory, target);
    transformer_predict(t, predicting, decoded, &query, c->symbols);
    for (int i = 0; i < c->count; i++)
        ids[c->rows[i] + 1] = transformer_fed(t, c->symbols[i]);
    arena_release(predicting->arena, mark);
}

void sampling_mix(const sampling *s, const transformer *t, const pass *learning,
                  const body_memory *memory, const packed *target, int32_t *ids)
{
    size_t mark = arena_mark(learning->arena);
    choice c = choose(s, learning, target);
    pass predicting = {.arena = learning->arena,
                       .threads = learning->threads,
                       .parameters = learning->parameters,
                       .packing = learning->packing,
                       .seed = learning->seed,
                       .draw = learning->draw};

    CHECK(target->ids == ids);
    /* Without a place to fill a rank has nothing to do: the passes involve no other. */
    for (int n = 1; n <= s->passes && c.count > 0; n++)
        run_pass(s, t, &predicting, n, memory, target, &c, ids);
    arena_release(learning->arena, mark);
}
