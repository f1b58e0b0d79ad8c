/* optimizer.c - the table of optimizers, and their slots. */
#include "lockstep/optim/optimizer.h"

#include <string.h>

#include "lockstep/base/memory.h"
#include "rules.h"

/* Floats that one thread updates at a time. */
enum { PIECE = 4096 };

static const optimizer_rule rules[] = {
    {"adam", 2, {"exp_avg", "exp_avg_sq"}, adam_update, false},
    {"adamw", 2, {"exp_avg", "exp_avg_sq"}, adamw_update, true},
    {"sgd", 1, {"momentum_buffer"}, sgd_update, false},
    {"rmsprop", 1, {"square_avg"}, rmsprop_update, false},
};

const optimizer_rule *optimizer_find(const char *name)
{
    for (size_t i = 0; i < sizeof(rules) / sizeof(*rules); i++)
        if (strcmp(rules[i].name, name) == 0)
            return &rules[i];
    return NULL;
}

status optimizer_init(optimizer *o, const optimizer_rule *rule,
                      const optimizer_settings *settings, size_t count, int threads)
{
    CHECK(rule->slots <= OPTIMIZER_SLOTS && threads > 0);
    *o = (optimizer){.rule = rule, .settings = *settings, .threads = threads, .count = count};
    for (int slot = 0; slot < rule->slots; slot++) {
        o->slots[slot] = memory_create(count, sizeof(float));
        if (o->slots[slot] == NULL) {
            optimizer_free(o);
            return fail(STATUS_NOMEM,
                        "no memory for the state of optimizer %s: %d x %zu "
                        "floats",
                        rule->name, rule->slots, count);
        }
    }
    return STATUS_OK;
}

void optimizer_free(optimizer *o)
{
    for (int slot = 0; slot < OPTIMIZER_SLOTS; slot++)
        memory_destroy(o->slots[slot]);
    *o = (optimizer){0};
}

static void update_piece(const optimizer *o, const optimizer_moment *moment, float *values,
                         const float *gradients, size_t first, size_t count)
{
    float *slots[OPTIMIZER_SLOTS] = {NULL};

    for (int slot = 0; slot < o->rule->slots; slot++)
        slots[slot] = o->slots[slot] + first;
    o->rule->update(&o->settings, moment, values, gradients, slots, count);
}

void optimizer_update(optimizer *o, const optimizer_moment *moment, float *values,
                      const float *gradients, size_t first, size_t count)
{
    size_t pieces = (count + PIECE - 1) / PIECE;

    CHECK(moment->step > 0 && first <= o->count && count <= o->count - first);
#pragma omp parallel for num_threads(o->threads) if (o->threads > 1 && pieces > 1)
    for (size_t piece = 0; piece < pieces; piece++) {
        size_t at = piece * PIECE;

        update_piece(o, moment, values + at, gradients + at, first + at,
                     count - at < PIECE ? count - at : PIECE);
    }
}
