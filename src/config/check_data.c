/* check_data.c - the rules between the keys of data. */
#include <stdio.h>

#include "check.h"
#include "option.h"

static status check_files(const config_files *files, const char *split, const given *g)
{
    char path[OPTION_PATH_MAX];
    const char *lone = files->source ? "source" : files->target ? "target" : NULL;
    const char *whole = files->pairs ? "pairs" : files->conll ? "conll" : NULL;
    const char *other = files->pairs && files->conll ? "conll" : lone;
    snprintf(path, sizeof path, "data.%s.%s", split, whole ? whole : lone ? lone : "");
    if (whole && other) {
        fail(STATUS_CONFIG, "data.%s: %s together with %s; give %s, or source and target",
             split, whole, other, other == lone ? whole : "either");
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
    return files->pairs || files->conll || files->source;
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

status check_data(const config *c, const given *g)
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
    TRY(check_size(&c->data.source, "source", g));
    TRY(check_size(&c->data.target, "target", g));
    TRY(check_symbols(&c->data.source, "source", g));
    return check_symbols(&c->data.target, "target", g);
}
