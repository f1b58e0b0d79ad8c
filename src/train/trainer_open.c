/* trainer_open.c - all that a training run works with. */
#include "trainer_open.h"

#include <string.h>

#include "lockstep/base/file.h"
#include "lockstep/base/log.h"
#include "lockstep/base/memory.h"
#include "lockstep/base/plural.h"
#include "lockstep/base/stop.h"
#include "lockstep/base/trace.h"
#include "lockstep/infer/copied.h"
#include "lockstep/infer/crowding.h"
#include "lockstep/infer/share.h"
#include "lockstep/train/fresh_dataset.h"

static bool is_first(const trainer *t)
{
    return world_rank(t->world) == 0;
}

/* Rank 0 alone. */
static status save_config(trainer *t)
{
    const config *c = t->config;
    char path[FILE_PATH_MAX], *text;

    TRY(file_join(path, c->run.folder, "config.yaml"));
    start_compare(&t->start, path, c);
    TRY(config_print(c, &text));
    status saved = file_save(path, text, strlen(text));
    memory_destroy(text);
    return saved;
}

/* Rank 0 alone. */
static status open_folder(trainer *t, bool trace)
{
    const config *c = t->config;
    char path[FILE_PATH_MAX];

    TRY(file_make_folder(c->run.folder));
    TRY(saving_lock(&t->saving, c));
    TRY(exposition_check(c));
    TRY(file_join(path, c->run.folder, "train.log"));
    TRY(log_copy_to(path));
    if (!trace)
        return STATUS_OK;
    TRY(file_join(path, c->run.folder, "trace.json"));
    return trace_open(path, 0);
}

static status open_loader(trainer *t)
{
    loader_settings settings = share_settings(t->config, t->world);

    settings.shuffle = true;
    return loader_create(&t->loader, t->dataset, SPLIT_TRAIN, &settings);
}

static void describe_training(const training *t)
{
    char text[EXCHANGE_TEXT];

    if (world_size(t->world) > 1) {
        exchange_text(t->exchange, text);
        log_line("exchange: %s", text);
    }
    if (t->config->training.average_decay > 0.0)
        log_line("validated: the moving average of the parameters, decay %g",
                 t->config->training.average_decay);
}

static int symbols(const trainer *t, dataset_side side)
{
    return sides_symbols(dataset_sides(t->dataset), side);
}

/* `all`: where each rank runs, NULL where nothing is printed. */
static void describe_machine(const trainer *t, const placement *all)
{
    const environment *e = &t->training.environment;
    int ranks = world_size(t->world), threads = t->config->run.threads;
    char text[PLACEMENT_TEXT];

    if (all == NULL)
        return;
    placement_describe(all, ranks, text);
    log_line("on: %d rank%s x %d thread%s, %s; %s; OpenBLAS %s (%s), kernels %s; products by "
             "%s in %s",
             ranks, PLURAL(ranks), threads, PLURAL(threads), text, e->processor, e->blas,
             e->why, e->kernels, config_word("run.products", t->config->run.products),
             environment_precision(t->config));
    if (placement_differs(all, ranks, text))
        log_line("where: %s", text);
}

/* One paragraph: what is trained, on what, and where it begins. */
static void describe(trainer *t, const placement *all)
{
    const config *c = t->config;
    double parameters = (double)parameters_total(transformer_parameters(t->training.model));
    int classes = transformer_symbols(t->training.model);

    if (transformer_task(t->training.model)->decoder == NO_DECODER)
        log_line(
            "model: %.2f million parameters, %d layer%s of width %d, vocabulary %d, %d %s%s",
            parameters * 1e-6, c->model.encoder_layers, PLURAL(c->model.encoder_layers),
            c->model.width, symbols(t, SIDE_SOURCE), classes,
            config_word("model.task", c->model.task), PLURAL(classes));
    else
        log_line(
            "model: %.2f million parameters, %d+%d layers of width %d, vocabularies %d and "
            "%d",
            parameters * 1e-6, c->model.encoder_layers, c->model.decoder_layers, c->model.width,
            symbols(t, SIDE_SOURCE), symbols(t, SIDE_TARGET));
    describe_machine(t, all);
    log_line("data: %lld pair%s; batches of %d tokens in %d grains%s",
             (long long)loader_pairs(t->loader), PLURAL(loader_pairs(t->loader)),
             c->batch.tokens, c->batch.grains, c->batch.accumulate > 1 ? ", accumulated" : "");
    describe_training(&t->training);
    if (t->training.step > c->training.steps)
        log_line("resumed: the run has taken %lld steps, more than training.steps (%lld) asks "
                 "for: there is nothing to train",
                 (long long)t->training.step, (long long)c->training.steps);
    else if (t->training.step > 0)
        log_line("resumed: step %lld of %lld, epoch %lld", (long long)t->training.step,
                 (long long)c->training.steps, (long long)loader_tell(t->loader).epoch);
    else
        log_line("begins at step 0 of %lld, seed %lld", (long long)c->training.steps,
                 (long long)c->run.seed);
}

/* [collective] Each part of the start may take long. */
static status look_for_stop(const trainer *t)
{
    if (world_max(t->world, stop_signal()) == 0)
        return STATUS_OK;
    return fail(STATUS_STOPPED, "stopped by a signal");
}

/* [collective] Before a file of the run is replaced; who multiplies is kept on all ranks. */
static status find_checkpoint(trainer *t, const uint64_t **known)
{
    status found = STATUS_OK;

    if (is_first(t)) {
        world_work_begin(t->world);
        found = saving_find(&t->saving, t->config, known);
        world_work_end(t->world);
    }
    TRY(world_agree(t->world, found));
    world_broadcast(t->world, &t->config->run.products, sizeof(t->config->run.products), 0);
    world_broadcast(t->world, &t->config->run.bfloat16_sums,
                    sizeof(t->config->run.bfloat16_sums), 0);
    return STATUS_OK;
}

static status open_model(trainer *t, const environment *environment)
{
    TRY(look_for_stop(t));
    TRY(training_open(&t->training, t->world, t->config, environment, symbols(t, SIDE_SOURCE),
                      symbols(t, SIDE_TARGET)));
    TRY(world_agree(t->world, copied_tell(t->training.model, dataset_sides(t->dataset))));
    TRY(world_agree(t->world, open_loader(t)));
    return judge_open(&t->judge, t->world, t->config, t->dataset);
}

static status resume(trainer *t)
{
    TRY(look_for_stop(t));
    TRY(world_agree(t->world, saving_open(&t->saving, &t->training, t->dataset)));
    return saving_resume(&t->saving, &t->training, t->config, t->dataset, t->loader);
}

status trainer_open(trainer *t, bool trace)
{
    environment environment;
    placement *all;
    const uint64_t *known = NULL;

    TRY(world_agree(t->world, is_first(t) ? open_folder(t, trace) : STATUS_OK));
    TRY(find_checkpoint(t, &known));
    TRY(environment_open(t->world, t->config, &environment));
    TRY(environment_learn_arithmetic(t->world, &environment));
    TRY(look_for_stop(t));
    TRY(fresh_dataset_open(&t->dataset, t->world, t->config, known));
    TRY(open_model(t, &environment));
    TRY(resume(t));
    TRY(look_for_stop(t));
    TRY(world_agree(t->world, is_first(t) ? save_config(t) : STATUS_OK));
    TRY(world_agree(t->world,
                    report_open(&t->report, t->config, t->training.step, is_first(t))));
    TRY(placement_collect(t->world, &all));
    describe(t, all);
    crowding_look(all, world_size(t->world), t->config->run.threads);
    status stopped = look_for_stop(t);
    if (stopped == STATUS_OK && is_first(t) && !trainer_is_finished(t))
        start_add(&t->start, t->call, &t->training, all);
    memory_destroy(all);
    return stopped;
}

bool trainer_is_finished(const trainer *t)
{
    const config *c = t->config;
    int64_t patience = c->validation.every > 0 ? c->validation.patience : 0;

    return t->training.step >= c->training.steps ||
           (patience > 0 && t->saving.progress.without_better >= patience);
}

void trainer_close(trainer *t)
{
    start_free(&t->start);
    judge_close(&t->judge);
    report_close(&t->report);
    saving_close(&t->saving, t->world);
    training_close(&t->training);
    loader_destroy(t->loader);
    dataset_close(t->dataset);
}
