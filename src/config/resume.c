/* resume.c - what a resumed run may change. */
#include <string.h>

#include "lockstep/base/buffer.h"
#include "lockstep/config/config.h"
#include "option.h"
#include "value.h"

/* Visit the key where it differs. */
static status compare(const option *o, const config *run, const config *asked,
                      config_change visit, void *user)
{
    buffer before = {0}, now = {0};
    status result = value_add(o, run, &before);
    if (result == STATUS_OK)
        result = value_add(o, asked, &now);
    if (result == STATUS_OK && strcmp(before.data, now.data) != 0)
        result = visit(user, o->path, before.data, now.data);
    buffer_free(&before);
    buffer_free(&now);
    return result;
}

/* A key that applies on one side only follows from another one that differs, and
 * that one is the news. */
static status compare_all(const config *run, const config *asked, bool fixed_alone,
                          config_change visit, void *user)
{
    int count;
    const option *table = option_table(&count);
    for (int i = 0; i < count; ++i)
        if ((!fixed_alone || table[i].resume == RESUME_FIXED) &&
            option_applies(&table[i], run) && option_applies(&table[i], asked))
            TRY(compare(&table[i], run, asked, visit, user));
    return STATUS_OK;
}

status config_list_changes(const config *run, const config *asked, config_change visit,
                           void *user)
{
    return compare_all(run, asked, false, visit, user);
}

void config_keep(const config *run, config *asked)
{
    if (asked->derived.until_follows && run->training.schedule.until > 0)
        asked->training.schedule.until = run->training.schedule.until;
    if (asked->run.products == PRODUCTS_AUTO)
        asked->run.products = run->run.products;
    if (asked->run.bfloat16_sums == SUMS_AUTO)
        asked->run.bfloat16_sums = run->run.bfloat16_sums;
}

static status refuse(void *folder, const char *key, const char *before, const char *now)
{
    return fail(STATUS_CONFIG,
                "%s: the run in %s has %s, asked for is %s; it cannot "
                "change on resume: put it back, or choose another "
                "run.folder",
                key, (const char *)folder, before, now);
}

status config_check_resume(const config *run, const config *asked)
{
    return compare_all(run, asked, true, refuse, asked->run.folder);
}
