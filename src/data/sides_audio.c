/* sides_audio.c - the audio side of pairs. */
#include "sides_audio.h"

#include <stdio.h>

#include "lockstep/base/memory.h"
#include "lockstep/data/audio_path.h"

static const char attribute[] = "source_audio";

#define FORMAT "rate %d mels %d window %.17g hop %.17g stack %d"

status sides_audio_print(const audio_settings *s, buffer *out)
{
    return buffer_add_text(out, FORMAT, s->rate, s->mels, s->window, s->hop, s->stack);
}

static bool is_within(double value, double least, double most)
{
    return value >= least && value <= most;
}

/* What the options of a configuration allow. */
static bool are_settings(const audio_settings *s)
{
    return is_within(s->rate, 4000, 192000) && is_within(s->mels, 1, 1024) &&
           is_within(s->window, 1, 1000) && is_within(s->hop, 1, s->window) &&
           is_within(s->stack, 1, 1000);
}

static status parse(const char *text, audio_settings *out)
{
    int used = 0;
    int found = sscanf(text, "rate %d mels %d window %lf hop %lf stack %d%n", &out->rate,
                       &out->mels, &out->window, &out->hop, &out->stack, &used);

    if (found == 5 && text[used] == '\0' && are_settings(out))
        return STATUS_OK;
    return fail(STATUS_FORMAT, "`%.80s` are no settings of audio", text);
}

status sides_audio_save(const sides *self, store_writer *writer)
{
    buffer text = {0};
    status result = sides_audio_print(&self->audio, &text);

    if (result == STATUS_OK)
        result = store_add_text(writer, attribute, text.data);
    buffer_free(&text);
    return result;
}

status sides_audio_load(sides *out, bool joint, store_reader *reader)
{
    char *text;

    if (!store_has_attribute(reader, attribute))
        return STATUS_OK;
    TRY(store_load_text(reader, attribute, &text));
    status result = joint ? fail(STATUS_FORMAT, "its source is audio, and has a vocabulary")
                          : parse(text, &out->audio);

    memory_destroy(text);
    if (result == STATUS_OK)
        result = audio_features_create(&out->features, &out->audio);
    return result == STATUS_OK ? result : fail_context(result, "%s", store_path(reader));
}

status sides_audio_encode(const sides *self, dataset_side side, const corpus_line *name,
                          const char *folder, size_t most, pair_set *to, size_t *length)
{
    char path[FILE_PATH_MAX];

    to->elements[side] = sides_element(self, side);
    *length = 0;
    if (name->size == 0)
        return STATUS_OK;
    TRY(audio_path(path, folder, name));
    return audio_features_load(self->features, path, most, &to->sides[side].elements, length);
}
