/* gather.c - the running values of a mean's batch norm, gathered anew. */
#include "gather.h"

#include <string.h>

#include "lockstep/base/file.h"
#include "lockstep/data/sides.h"
#include "lockstep/infer/copied.h"
#include "lockstep/infer/environment.h"
#include "lockstep/train/gathering.h"

/* The mean's registry has the order of its file, the model's one that of forward. */
static void copy(const parameters *from, const parameters *to)
{
    for (int i = 0; i < to->count; i++) {
        int index = parameters_find(from, to->list[i].name);

        CHECK(index >= 0);
        const parameter *source = &from->list[index];
        memcpy(to->values + to->list[i].first, from->values + source->first,
               (size_t)source->rows * (size_t)source->cols * sizeof(float));
    }
}

/* Where the run is, even if it was moved. */
static status open_data(dataset **out, const gather *g, const checkpoint *newest,
                        const config *c)
{
    char path[FILE_PATH_MAX];

    TRY(c->data.dataset != NULL ? dataset_path(c, path, sizeof(path))
                                : file_join(path, g->run, "dataset.h5"));
    TRY(c->data.dataset != NULL ? dataset_open_of(out, c, true)
                                : dataset_open(out, path, true));
    if (dataset_is(*out, (uint64_t)newest->progress.dataset))
        return STATUS_OK;
    return fail(STATUS_CONFIG, "%s: holds other data than the run was trained on", path);
}

static status run_with(gather *g, config *c, const checkpoint *newest, dataset *data,
                       parameters *p)
{
    const sides *sides = dataset_sides(data);
    transformer *model = NULL;
    environment environment;

    TRY(environment_open(g->world, c, &environment));
    TRY(transformer_create(&model, c, sides_symbols(sides, SIDE_SOURCE),
                           sides_symbols(sides, SIDE_TARGET), 0));
    parameters *own = transformer_parameters(model);
    status result = checkpoint_check(newest, own, NULL);
    if (result == STATUS_OK)
        result = copied_tell(model, sides);
    if (result == STATUS_OK) {
        copy(p, own);
        result = gathering_run(g->world, c, data, model, g->pairs, &g->taken);
    }
    if (result == STATUS_OK)
        copy(own->buffers, p->buffers);
    transformer_destroy(model);
    return result;
}

status gather_finish(void *user, const checkpoint *newest, parameters *p)
{
    gather *g = user;
    dataset *data = NULL;
    config c;

    if (p->buffers == NULL)
        return fail(STATUS_USAGE, "option --gather: %s has no batch norm", g->run);
    TRY(config_load_text(&c, store_path(newest->reader), newest->config, NULL, 0));
    status result = open_data(&data, g, newest, &c);
    if (result == STATUS_OK)
        result = run_with(g, &c, newest, data, p);
    dataset_close(data);
    config_free(&c);
    return result;
}
