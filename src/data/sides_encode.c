/* sides_encode.c - lines become elements of the two sides. */
#include <string.h>

#include "lockstep/data/sides.h"
#include "lockstep/text/part.h"
#include "sides_audio.h"
#include "sides_copy.h"

static const char *continuation_of(const sides *self)
{
    return self->continuation != NULL ? self->continuation : "";
}

static status compare_counts(const sides *self, const corpus_line lines[SIDES])
{
    const corpus_line *source = &lines[SIDE_SOURCE], *target = &lines[SIDE_TARGET];
    size_t words = part_count_words(source->text, source->size, continuation_of(self));
    size_t tags = part_count_words(target->text, target->size, "");

    if (words == tags)
        return STATUS_OK;
    return fail(STATUS_INPUT,
                "the number of words, %zu, is not that of tags, %zu; each word between white "
                "space has one tag",
                words, tags);
}

status sides_read(const sides *self, corpus *from, corpus_line lines[SIDES], bool *end)
{
    TRY(corpus_next(from, lines, end));
    if (*end || self->task != TASK_TAG)
        return STATUS_OK;
    status result = compare_counts(self, lines);

    return result == STATUS_OK ? result : corpus_blame(from, result);
}

static status encode_line(const vocabulary *by, dataset_side side, const corpus_line *line,
                          size_t most, pair_set *to, size_t *length)
{
    void *room;

    TRY(pair_set_begin(to, side, most, &room));
    TRY(vocabulary_encode(by, line->text, line->size, room, most, length));
    if (*length <= most)
        pair_set_end(to, side, *length);
    return STATUS_OK;
}

/* The elements, and on the other side where words begin. */
static status encode_words(const sides *self, const corpus_line *line, size_t most,
                           pair_set *to, size_t *length)
{
    void *ids, *marks;

    TRY(pair_set_begin(to, SIDE_SOURCE, most, &ids));
    TRY(pair_set_begin(to, SIDE_TARGET, most, &marks));
    TRY(vocabulary_encode_words(self->vocabularies[SIDE_SOURCE], line->text, line->size,
                                continuation_of(self), ids, marks, most, length));
    if (*length > most)
        return STATUS_OK;
    pair_set_end(to, SIDE_SOURCE, *length);
    pair_set_end(to, SIDE_TARGET, *length);
    return STATUS_OK;
}

/* Tags take the places where words begin. */
static status encode_tags(const sides *self, const corpus_line *line, pair_set *to,
                          size_t *length)
{
    const vocabulary *tags = self->vocabularies[SIDE_TARGET];
    size_t at = 0, count, one;
    int32_t *marks = pair_set_pending(to, SIDE_TARGET, &count);
    part tag;

    *length = count;
    for (size_t i = 0; i < count; i++) {
        if (marks[i] < 0)
            continue;
        bool found = part_next_word(line->text, line->size, &at, &tag);

        CHECK(found); /* sides_read has compared the counts */
        TRY(vocabulary_encode(tags, tag.text, tag.size, &marks[i], 1, &one));
    }
    if (count == 0)
        *length = part_count_words(line->text, line->size, "");
    return STATUS_OK;
}

status sides_encode(const sides *self, dataset_side side, const corpus_line *line,
                    const char *folder, size_t most, pair_set *to, size_t *length)
{
    if (sides_are_audio(self, side))
        return sides_audio_encode(self, side, line, folder, most, to, length);
    if (self->task == TASK_TAG)
        return side == SIDE_SOURCE ? encode_words(self, line, most, to, length)
                                   : encode_tags(self, line, to, length);
    if (self->copies)
        return sides_encode_copied(self, side, line, most, to, length);
    return encode_line(self->vocabularies[side], side, line, most, to, length);
}
