/* tag_order.c - which of a vocabulary's tags may follow which. */
#include "tag_order.h"

#include "lockstep/base/log.h"
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

/* Two tags one after another, NULL: where a sentence begins or ends. */
typedef struct step {
    const char *before, *now;
} step;

static const char *right_tag(const gold_labels *right, int64_t pair, size_t at)
{
    size_t count;
    const int32_t *numbers = gold_labels_of(right, pair, &count);

    return at < count ? string_table_at(&right->names, (size_t)numbers[at]) : NULL;
}

/* A pair's first step that the rules forbid. */
static bool find_break(const tag_scheme *rules, const gold_labels *right, int64_t pair,
                       step *out)
{
    *out = (step){NULL, NULL};
    for (size_t at = 0;; at++) {
        *out = (step){out->now, right_tag(right, pair, at)};
        if (!tag_may_follow(rules, out->before, out->now))
            return true;
        if (out->now == NULL)
            return false;
    }
}

static const char *word_for(const char *tag)
{
    return tag == NULL ? "nothing" : tag;
}

void tag_order_warn(const char *scheme, const gold_labels *right)
{
    const tag_scheme *rules = tag_scheme_find(scheme);
    int64_t pairs = right->numbers.pairs, breaks = 0, first = 0;
    step found, example = {NULL, NULL};

    CHECK(rules != NULL);
    for (int64_t i = 0; i < pairs; i++)
        if (find_break(rules, right, i, &found) && breaks++ == 0) {
            first = i;
            example = found;
        }
    if (breaks > 0)
        log_warning(
            "decode.tags: %s: the right tags of %lld of %lld pairs do not keep to it, as "
            "those of all outputs will: %s behind %s in pair %lld",
            scheme, (long long)breaks, (long long)pairs, word_for(example.now),
            word_for(example.before), (long long)first + 1);
}
