/* tag_order.c - which of a vocabulary's tags may follow which. */
#include "tag_order.h"

#include "lockstep/base/memory.h"
#include "lockstep/base/token.h"
#include "lockstep/metrics/tag_scheme.h"

/* Of a sentence's beginning or end, number 0, there is none. */
static const char *name_of(const vocabulary *tags, int number)
{
    return number == 0 ? NULL : vocabulary_symbol(tags, TOKEN_SPECIALS + number - 1);
}

status tag_order_create(uint8_t **may_follow, const vocabulary *tags, const char *scheme)
{
    int count = vocabulary_size(tags) - TOKEN_SPECIALS + 1;
    const tag_scheme *rules = tag_scheme_find(scheme);

    CHECK(rules != NULL);
    *may_follow = memory_create((size_t)count * (size_t)count, sizeof(**may_follow));
    if (*may_follow == NULL)
        return fail(STATUS_NOMEM, "no memory for which of %d tags may follow which", count - 1);
    for (int before = 0; before < count; before++)
        for (int now = 0; now < count; now++)
            (*may_follow)[before * count + now] =
                tag_may_follow(rules, name_of(tags, before), name_of(tags, now));
    return STATUS_OK;
}
