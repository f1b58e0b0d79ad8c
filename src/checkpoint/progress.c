/* progress.c - where a run stands, as scalars of a store. */
#include "progress.h"

#include <math.h>

#define AT(field) offsetof(checkpoint_progress, field)

/* `since`: the first version of checkpoints that has it. In older ones it is 0, a score is not
 * a number, and a loss is infinite. */
static const struct {
    const char *name;
    size_t offset;
    store_type type;
    int since;
} fields[] = {
    {"/progress/step", AT(step), STORE_INT64, 1},
    {"/progress/epoch", AT(epoch), STORE_INT64, 1},
    {"/progress/window", AT(window), STORE_INT64, 1},
    {"/progress/batch", AT(batch), STORE_INT64, 1},
    {"/progress/tokens", AT(tokens), STORE_INT64, 1},
    {"/progress/best_step", AT(best_step), STORE_INT64, 1},
    {"/progress/best_metric", AT(best_metric), STORE_DOUBLE, 1},
    {"/progress/without_better", AT(without_better), STORE_INT64, 1},
    {"/progress/validated_step", AT(validated_step), STORE_INT64, 1},
    {"/progress/rate_cuts", AT(plateau.cuts), STORE_INT64, 2},
    {"/progress/since_cut", AT(plateau.without_better), STORE_INT64, 2},
    {"/progress/validated_metric", AT(validated_metric), STORE_DOUBLE, 2},
    {"/progress/best_loss", AT(best_loss), STORE_DOUBLE, 3},
    {"/progress/validated_loss", AT(validated_loss), STORE_DOUBLE, 3},
    {"/progress/mean_of", AT(mean_of), STORE_INT64, 2},
    {"/progress/ranking/count", AT(ranking.count), STORE_INT64, 2},
    {"/progress/ranking/higher", AT(ranking.higher), STORE_INT64, 2},
    {"/progress/dataset", AT(dataset), STORE_INT64, 1},
};

enum { FIELDS = sizeof(fields) / sizeof(fields[0]) };

static store_shape list_of(store_type type, int64_t count)
{
    return (store_shape){type, 1, {(uint64_t)count, 0}};
}

static status save_ranking(const ranking *r, store_writer *writer)
{
    const store_shape reals = list_of(STORE_DOUBLE, r->count);

    if (r->count == 0)
        return STATUS_OK;
    TRY(store_add(writer, "/progress/ranking/steps", list_of(STORE_INT64, r->count), r->steps));
    TRY(store_add(writer, "/progress/ranking/scores", reals, r->scores));
    return store_add(writer, "/progress/ranking/losses", reals, r->losses);
}

static status load_losses(ranking *r, store_reader *reader, int64_t version)
{
    if (version >= 3)
        return store_load(reader, "/progress/ranking/losses", list_of(STORE_DOUBLE, r->count),
                          r->losses);
    for (int64_t i = 0; i < r->count; i++)
        r->losses[i] = HUGE_VAL;
    return STATUS_OK;
}

static status load_ranking(ranking *r, store_reader *reader, int64_t version)
{
    if (r->count < 0 || r->count > RANKING_MOST)
        return fail(STATUS_FORMAT, "%s: /progress/ranking/count: is not from 0 to %d",
                    store_path(reader), RANKING_MOST);
    if (r->count == 0)
        return STATUS_OK;
    TRY(store_load(reader, "/progress/ranking/steps", list_of(STORE_INT64, r->count),
                   r->steps));
    TRY(store_load(reader, "/progress/ranking/scores", list_of(STORE_DOUBLE, r->count),
                   r->scores));
    return load_losses(r, reader, version);
}

status progress_save(const checkpoint_progress *progress, store_writer *writer)
{
    for (int i = 0; i < FIELDS; i++)
        TRY(store_add(writer, fields[i].name, (store_shape){.type = fields[i].type},
                      (const char *)progress + fields[i].offset));
    return save_ranking(&progress->ranking, writer);
}

status progress_load(checkpoint_progress *out, store_reader *reader, int64_t version)
{
    store_tensor list[FIELDS];
    size_t count = 0;

    *out = (checkpoint_progress){
        .validated_metric = NAN, .best_loss = HUGE_VAL, .validated_loss = HUGE_VAL};
    for (int i = 0; i < FIELDS; i++)
        if (version >= fields[i].since)
            list[count++] =
                (store_tensor){fields[i].name, (store_shape){.type = fields[i].type},
                               (char *)out + fields[i].offset};
    TRY(store_load_all(reader, list, count));
    return load_ranking(&out->ranking, reader, version);
}
