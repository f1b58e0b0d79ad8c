/* line_sources.c - the sources that the lines of a block hold. */
#include "line_sources.h"

#include <string.h>

#include "lockstep/base/log.h"

static bool are_audio(const line_sources *s)
{
    return sides_are_audio(&s->model->sides, SIDE_SOURCE);
}

int line_sources_lines(const line_sources *s)
{
    return are_audio(s) ? BLOCK_AUDIO_LINES : BLOCK_LINES;
}

status line_sources_read(line_sources *s, const block *b)
{
    const audio_names names = {b->texts, b->lines, s->columns, s->folder};

    if (!are_audio(s))
        return STATUS_OK;
    return audio_lines_read(&s->files, s->world, s->model->sides.features, &names,
                            (size_t)loaded_model_length(s->model));
}

void line_sources_warn_of_pairs(const block *b)
{
    for (int line = 0; line < b->lines; line++)
        if (memchr(b->texts[line].text, '\t', b->texts[line].size) == NULL)
            return;
    log_warning(
        "every line has a tab: all of it is decoded, not the part before the tab; to decode "
        "the sources of pairs give them alone (cut -f1)");
}

/* A file that was not read. */
static status pass_over(line_sources *s, const audio_outcome *file, int64_t line)
{
    status result = fail(file->result, "line %lld: %s", (long long)line, file->message);

    if (result != STATUS_INPUT || !s->model->config.data.skip_bad)
        return result;
    log_warning("%s: %s (data.skip_bad)", error_message(), s->consequence);
    s->bad++;
    return STATUS_OK;
}

status line_sources_put(line_sources *s, const block *b, int line, size_t most, pair_set *to,
                        size_t *length)
{
    const sides *sides = &s->model->sides;

    if (!are_audio(s))
        return sides_encode(sides, SIDE_SOURCE, &b->texts[line * s->columns], "", most, to,
                            length);
    const audio_outcome *file = &s->files.files[line];

    *length = 0;
    to->elements[SIDE_SOURCE] = sides_element(sides, SIDE_SOURCE);
    if (file->result != STATUS_OK)
        return pass_over(s, file, b->first + line);
    *length = file->rows;
    return file->frames == NULL ? STATUS_OK
                                : pair_set_put(to, SIDE_SOURCE, file->frames, file->rows);
}

void line_sources_free(line_sources *s)
{
    audio_lines_free(&s->files);
}
