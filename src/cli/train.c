/* train.c - lockstep train: a run from its configuration to its end. */

#include "lockstep/train/trainer.h"
#include "shared_config.h"
#include "verb.h"

static status run(const arguments *a)
{
    config c;

    TRY(shared_config_load(&c, a));
    const trainer_call call = {.words = a->words,
                               .word_count = a->word_count,
                               .settings = a->overrides,
                               .setting_count = a->override_count};
    status done = trainer_run(a->world, &c, &call, arguments_has(a, "--trace"));
    config_free(&c);
    return done;
}

static const argument_flag flags[] = {
    ARGUMENT_SKIP_BAD,
    ARGUMENT_SET,
    {"--trace", NULL, "write the run's trace.json, for chrome://tracing"},
    {0}};

const verb verb_train = {
    .name = "train",
    .operands = "CONFIG",
    .least = 1,
    .most = 1,
    .summary = "train a model; goes on by itself where a run left off",
    .flags = flags,
    .ranks = true,
    .run = run,
};
