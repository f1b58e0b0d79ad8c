/* judge.c - is the model in training better than it was? */
#include "judge.h"

#include <math.h>

#include "averaging.h"
#include "lockstep/base/log.h"
#include "lockstep/infer/share.h"
#include "lockstep/infer/validation.h"

static status open_loader(judge *j, const world *world, dataset *dataset)
{
    loader_settings settings = share_settings(j->config, world);

    settings.shuffle = false;
    return loader_create(&j->valid, dataset, SPLIT_VALID, &settings);
}

status judge_open(judge *j, world *world, const config *c, dataset *dataset)
{
    bool of_text =
        c->validation.metric != METRIC_LOSS && c->validation.metric != METRIC_ACCURACY;

    j->config = c;
    if (c->validation.every == 0)
        return STATUS_OK;
    TRY(world_agree(world, open_loader(j, world, dataset)));
    if (!of_text && !c->validation.free_running)
        return STATUS_OK;
    if (of_text) {
        j->metric = metric_find(config_word("validation.metric", c->validation.metric));
        CHECK(j->metric != NULL);
    }
    return evaluation_create(&j->evaluation, world, dataset, SPLIT_VALID, c);
}

void judge_close(judge *j)
{
    evaluation_destroy(j->evaluation);
    loader_destroy(j->valid);
    *j = (judge){0};
}

/* ---- measuring ---- */

static double score_of(const judge *j, const validation_result *v)
{
    if (j->metric != NULL)
        return v->score;
    return j->config->validation.metric == METRIC_ACCURACY ? v->losses.accuracy : v->losses.nll;
}

static bool higher_is_better(const judge *j)
{
    return j->metric != NULL ? j->metric->higher_is_better
                             : j->config->validation.metric == METRIC_ACCURACY;
}

/* [collective] */
static status measure(const judge *j, training *t, validation_result *v)
{
    TRY(validation_losses(t->world, j->valid, j->config, t->model, &t->arena, &v->losses));
    if (j->evaluation == NULL)
        return STATUS_OK;
    return evaluation_run(j->evaluation, t->model, &t->arena, &j->metric, j->metric != NULL,
                          &v->score, v->decoded ? &v->free_running : NULL);
}

status judge_validate(const judge *j, training *t, checkpoint_progress *progress,
                      validation_result *out)
{
    *out =
        (validation_result){.metric = j->metric, .decoded = j->config->validation.free_running};
    averaging_swap(t);
    status done = measure(j, t, out);
    averaging_swap(t);
    TRY(done);
    progress->ranking.higher = higher_is_better(j);
    const judgement found =
        judge_note(progress, t->step, (measurement){score_of(j, out), out->losses.nll});
    out->best = found.best;
    out->better = found.better;
    return STATUS_OK;
}

/* ---- what follows from it ---- */

judgement judge_note(checkpoint_progress *progress, int64_t step, measurement found)
{
    const measurement known = {progress->best_metric, progress->best_loss};
    const bool first = isnan(known.score);
    const bool better =
        first || ranking_prefers(&progress->ranking, (measurement){found.score, 0},
                                 (measurement){known.score, 0});

    if (isnan(found.loss))
        found.loss = HUGE_VAL;
    bool best = first || ranking_prefers(&progress->ranking, found, known);

    ranking_add(&progress->ranking, step, found);
    progress->validated_step = step;
    progress->validated_metric = found.score;
    progress->validated_loss = found.loss;
    progress->without_better = better ? 0 : progress->without_better + 1;
    if (best) {
        progress->best_metric = found.score;
        progress->best_loss = found.loss;
        progress->best_step = step;
    }
    return (judgement){best, better};
}

void judge_rate(training *t, bool better)
{
    const config *c = t->config;
    int patience = c->training.schedule.patience;
    double before = training_rate(t);

    if (c->training.schedule.name == SCHEDULE_PLATEAU &&
        plateau_add(&t->plateau, better, patience) && before > c->training.schedule.floor)
        log_line("step %lld  learning rate cut, now %.3g: %d validation%s without a better one",
                 (long long)t->step, training_rate(t), patience, patience == 1 ? "" : "s");
}
