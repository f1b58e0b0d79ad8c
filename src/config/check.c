/* check.c - the rules between keys. */
#include "lockstep/config/check.h"

#include <stdio.h>
#include <string.h>

#include "lockstep/base/buffer.h"
#include "lockstep/config/value.h"

/* ---- one vocabulary for both sides ---- */

/* The row of data.source that describes a joint vocabulary in place of this row
 * of data.target; NULL for other rows. */
static const option *source_of(const option *target)
{
    static const char prefix[] = "data.target.";
    if (strncmp(target->path, prefix, sizeof prefix - 1) != 0)
        return NULL;
    const char *name = target->path + sizeof prefix - 1;
    if (strcmp(name, "kind") == 0)
        return NULL;
    char path[OPTION_PATH_MAX];
    snprintf(path, sizeof path, "data.source.%s", name);
    return option_find(path);
}

static status compare_sides(const config *c, const given *g, const option *target,
                            const option *source)
{
    buffer a = {0}, b = {0};
    status result = value_add(target, c, &a);
    if (result == STATUS_OK)
        result = value_add(source, c, &b);
    if (result == STATUS_OK && strcmp(a.data, b.data) != 0) {
        fail(STATUS_CONFIG,
             "%s: %s differs from %s: %s; a joint vocabulary is described by "
             "data.source, remove the key",
             target->path, a.data, source->path, b.data);
        result = given_refuse(g, target->path);
    }
    buffer_free(&a);
    buffer_free(&b);
    return result;
}

status check_joint(config *c, given *g)
{
    int count;
    const option *table = option_table(&count);
    if (c->data.vocabulary != VOCABULARIES_JOINT)
        return STATUS_OK;
    for (int i = 0; i < count; ++i) {
        const option *source = source_of(&table[i]);
        if (!source)
            continue;
        if (given_has(g, &table[i]))
            TRY(compare_sides(c, g, &table[i], source));
        given_forget(g, &table[i]);
        TRY(value_copy(source, &table[i], c));
    }
    return STATUS_OK;
}

/* ---- each key for itself ---- */

static status check_applies(const config *c, const given *g, const option *o)
{
    if (!given_has(g, o) || option_applies(o, c))
        return STATUS_OK;
    fail(STATUS_CONFIG, "%s would be ignored: it applies only when %s; remove it", o->path,
         o->applies->sentence);
    return given_refuse(g, o->path);
}

static status check_required(const config *c, const given *g, const option *o)
{
    if (!o->required || !value_is_null(o, c))
        return STATUS_OK;
    fail(STATUS_CONFIG, "%s must be given", o->path);
    return given_refuse(g, o->path);
}

/* ---- keys against each other ---- */

static status check_files(const config_files *files, const char *split, const given *g)
{
    char path[OPTION_PATH_MAX];
    const char *lone = files->source ? "source" : "target";
    snprintf(path, sizeof path, "data.%s.%s", split, files->pairs ? "pairs" : lone);
    if (files->pairs && (files->source || files->target)) {
        fail(STATUS_CONFIG,
             "data.%s: pairs together with %s; give pairs, or source and "
             "target",
             split, lone);
        return given_refuse(g, path);
    }
    if (!files->source != !files->target) {
        fail(STATUS_CONFIG, "%s is given without data.%s.%s", path, split,
             files->source ? "target" : "source");
        return given_refuse(g, path);
    }
    return STATUS_OK;
}

static bool has_files(const config_files *files)
{
    return files->pairs || files->source;
}

static status check_data(const config *c, const given *g)
{
    TRY(check_files(&c->data.train, "train", g));
    TRY(check_files(&c->data.valid, "valid", g));
    TRY(check_files(&c->data.test, "test", g));
    if (!has_files(&c->data.train)) {
        fail(STATUS_CONFIG, "data.train must be given: pairs, or source and "
                            "target");
        return given_refuse(g, "data.train.pairs");
    }
    if (c->validation.every > 0 && !has_files(&c->data.valid)) {
        fail(STATUS_CONFIG, "data.valid must be given (pairs, or source and "
                            "target), or validation.every set to 0");
        return given_refuse(g, "validation.every");
    }
    return STATUS_OK;
}

static status check_size(const config_side *side, const char *name, const given *g)
{
    if (side->vocabulary != SYMBOL_SENTENCEPIECE || side->model || side->size > 0)
        return STATUS_OK;
    char path[OPTION_PATH_MAX];
    snprintf(path, sizeof path, "data.%s.vocabulary", name);
    fail(STATUS_CONFIG,
         "data.%s.size must be given for a sentencepiece vocabulary, for example 8000", name);
    return given_refuse(g, path);
}

static status check_width(const config *c, const given *g)
{
    int width = c->model.width, heads = c->model.heads;
    if (width % heads != 0) {
        fail(STATUS_CONFIG, "model.width (%d) is not a multiple of model.heads (%d)", width,
             heads);
        bool named = given_has(g, option_find("model.heads"));
        return given_refuse(g, named ? "model.heads" : "model.width");
    }
    if (c->model.positions == POSITIONS_SINUSOIDAL && width % 2 != 0) {
        fail(STATUS_CONFIG, "model.width (%d) is odd, sinusoidal positions need an even one",
             width);
        return given_refuse(g, "model.width");
    }
    return STATUS_OK;
}

static status check_model(const config *c, const given *g)
{
    TRY(check_width(c, g));
    if (c->model.tie == TIE_ALL && c->data.vocabulary != VOCABULARIES_JOINT) {
        fail(STATUS_CONFIG, "model.tie: all needs data.vocabulary: joint");
        return given_refuse(g, "model.tie");
    }
    if (c->model.positions == POSITIONS_LEARNED && c->decode.max_length > c->data.max_length) {
        fail(STATUS_CONFIG,
             "decode.max_length (%d) is above data.max_length (%d), up to "
             "which positions are learned",
             c->decode.max_length, c->data.max_length);
        return given_refuse(g, "decode.max_length");
    }
    return STATUS_OK;
}

status check_keys(const config *c, const given *g)
{
    int count;
    const option *table = option_table(&count);
    for (int i = 0; i < count; ++i)
        TRY(check_applies(c, g, &table[i]));
    for (int i = 0; i < count; ++i)
        TRY(check_required(c, g, &table[i]));
    TRY(check_data(c, g));
    TRY(check_size(&c->data.source, "source", g));
    TRY(check_size(&c->data.target, "target", g));
    return check_model(c, g);
}
