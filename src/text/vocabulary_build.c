/* vocabulary_build.c - a vocabulary learnt from lines of text. */
#include <stdlib.h>
#include <string.h>

#include "lockstep/base/memory.h"
#include "lockstep/text/part.h"
#include "vocabulary_parts.h"

enum {
    SYMBOL_MAX = 1024,                  /* bytes; longer "words" are noise, so <unk> */
    PIECE_SIZE_MIN = TOKEN_SPECIALS + 1 /* without <mask>, which the library does not know */
};

struct vocabulary_builder {
    vocabulary_settings settings; /* without its symbols */
    string_table symbols;         /* the specials first, and a user's own */
    int first;                    /* after these */
    buffer counts;                /* of int64_t: how often each symbol was seen */
    buffer lines;                 /* for SentencePiece: each ended by a newline */
    uint64_t seen, stride;        /* lines that came; of so many the first is kept */
};

typedef struct ranked {
    int64_t count;
    const char *text;
} ranked;

static int64_t *counts_of(const vocabulary_builder *builder)
{
    return (int64_t *)(void *)builder->counts.data;
}

/* The next number, and no count yet. */
static status add_symbol(vocabulary_builder *builder, const char *text, size_t size)
{
    const int64_t none = 0;

    TRY(buffer_add(&builder->counts, &none, sizeof(none)));
    return string_table_add(&builder->symbols, text, size);
}

/* A symbol of a user's own: of one word, for a tag belongs to one. */
static status add_own(vocabulary_builder *builder, const char *text, size_t size)
{
    size_t at = 0;
    part word;

    if (part_next_word(text, size, &at, &word) && word.size == size)
        return add_symbol(builder, text, size);
    return fail(STATUS_CONFIG, "a symbol of your own, \"%.*s\", has white space in it",
                (int)size, text);
}

/* The specials, and a user's own symbols. */
static status add_first(vocabulary_builder *builder, const char *own)
{
    int size = builder->settings.size;

    for (int i = 0; i < vocabulary_special_count(builder->settings.mask); i++)
        TRY(add_symbol(builder, vocabulary_specials[i], strlen(vocabulary_specials[i])));
    for (const char *at = own; at != NULL && *at != '\0'; at += strspn(at, " ")) {
        TRY(add_own(builder, at, strcspn(at, " ")));
        at += strcspn(at, " ");
    }
    builder->first = (int)builder->symbols.count;
    if (size == 0 || size >= builder->first)
        return STATUS_OK;
    return fail(STATUS_CONFIG,
                "a vocabulary of %d has no room for %d specials and symbols of "
                "your own",
                size, builder->first);
}

status vocabulary_builder_create(vocabulary_builder **out, const vocabulary_settings *settings)
{
    *out = NULL;
    int least = PIECE_SIZE_MIN + settings->mask;

    if (settings->kind == VOCABULARY_SENTENCEPIECE && settings->size < least)
        return fail(STATUS_CONFIG,
                    "a sentencepiece vocabulary needs a size of at least %d, "
                    "not %d",
                    least, settings->size);
    vocabulary_builder *builder = memory_create(1, sizeof(*builder));

    if (builder == NULL)
        return fail(STATUS_NOMEM, "no memory for a vocabulary");
    builder->settings = *settings;
    builder->settings.symbols = NULL;
    builder->stride = 1;
    status result = add_first(builder, settings->symbols);
    if (result != STATUS_OK) {
        vocabulary_builder_destroy(builder);
        return result;
    }
    *out = builder;
    return STATUS_OK;
}

static status count_symbol(vocabulary_builder *builder, const char *text, size_t size,
                           int64_t times)
{
    if (size > SYMBOL_MAX)
        return STATUS_OK;
    int32_t found = string_table_find(&builder->symbols, text, size);

    if (found < 0) {
        found = (int32_t)builder->symbols.count;
        TRY(add_symbol(builder, text, size));
    }
    counts_of(builder)[found] += times;
    return STATUS_OK;
}

static status count_parts(vocabulary_builder *builder, const char *line, size_t size)
{
    const cutter by = {.kind = builder->settings.kind,
                       .symbols = &builder->symbols,
                       .first = vocabulary_special_count(builder->settings.mask),
                       .end = builder->first};
    part found;

    for (size_t at = 0; cutter_next(&by, line, size, &at, &found);)
        TRY(count_symbol(builder, found.text, found.size, 1));
    return STATUS_OK;
}

/* Keep every second of the lines that are there, and of those to come. */
static void thin_lines(vocabulary_builder *builder)
{
    buffer *lines = &builder->lines;
    size_t kept = 0, size;
    bool keep = true;

    for (size_t at = 0; at < lines->size; at += size, keep = !keep) {
        const char *line = lines->data + at;

        size = (size_t)((const char *)memchr(line, '\n', lines->size - at) - line) + 1;
        if (!keep)
            continue;
        memmove(lines->data + kept, line, size);
        kept += size;
    }
    lines->size = kept;
    builder->stride *= 2;
}

static status keep_line(vocabulary_builder *builder, const char *line, size_t size)
{
    size_t most = builder->settings.sample > 0 ? builder->settings.sample : VOCABULARY_SAMPLE;

    if (size > PIECE_LINE_MAX || builder->seen++ % builder->stride != 0)
        return STATUS_OK;
    TRY(buffer_add(&builder->lines, line, size));
    TRY(buffer_add(&builder->lines, "\n", 1));
    if (builder->lines.size > most)
        thin_lines(builder);
    return STATUS_OK;
}

status vocabulary_builder_add(vocabulary_builder *builder, const char *line, size_t size)
{
    return vocabulary_builder_keeps_lines(builder) ? keep_line(builder, line, size)
                                                   : count_parts(builder, line, size);
}

bool vocabulary_builder_keeps_lines(const vocabulary_builder *builder)
{
    return builder->settings.kind == VOCABULARY_SENTENCEPIECE;
}

/* ---- counted elsewhere ---- */

status vocabulary_builder_save(const vocabulary_builder *builder, buffer *out)
{
    for (size_t i = (size_t)builder->first; i < builder->symbols.count; i++) {
        const char *text = string_table_at(&builder->symbols, i);

        TRY(buffer_add(out, &counts_of(builder)[i], sizeof(int64_t)));
        TRY(buffer_add(out, text, strlen(text) + 1));
    }
    return STATUS_OK;
}

status vocabulary_builder_merge(vocabulary_builder *builder, const char *saved, size_t size)
{
    int64_t count;

    for (const char *at = saved; at < saved + size;) {
        const char *text = at + sizeof(count);
        size_t length = strlen(text);

        memcpy(&count, at, sizeof(count));
        TRY(count_symbol(builder, text, length, count));
        at = text + length + 1;
    }
    return STATUS_OK;
}

/* ---- the vocabulary ---- */

/* By falling count; in UTF-8 the order of bytes is that of code points. */
static int compare_ranked(const void *left, const void *right)
{
    const ranked *a = left, *b = right;

    if (a->count != b->count)
        return a->count > b->count ? -1 : 1;
    return strcmp(a->text, b->text);
}

/* Sort all but the first, and keep what the settings allow. */
static size_t rank_symbols(const vocabulary_builder *builder, ranked *all)
{
    const vocabulary_settings *settings = &builder->settings;
    size_t count = builder->symbols.count;
    size_t kept = (size_t)builder->first;

    for (size_t i = 0; i < count; i++)
        all[i] = (ranked){.count = counts_of(builder)[i],
                          .text = string_table_at(&builder->symbols, i)};
    qsort(all + kept, count - kept, sizeof(*all), compare_ranked);
    if (settings->size > 0 && count > (size_t)settings->size)
        count = (size_t)settings->size;
    while (kept < count && all[kept].count >= settings->minimum_count)
        kept++;
    return kept;
}

static status build_symbols(vocabulary **out, const vocabulary_builder *builder)
{
    size_t count = builder->symbols.count;
    ranked *all = memory_create(count, sizeof(*all));
    const char **list = memory_create(count, sizeof(*list));
    status result = STATUS_NOMEM;

    if (all == NULL || list == NULL) {
        result = fail(STATUS_NOMEM, "no memory to sort %zu symbols", count);
    } else {
        size_t kept = rank_symbols(builder, all);

        for (size_t i = 0; i < kept; i++)
            list[i] = all[i].text;
        result = vocabulary_load(out, builder->settings.kind, list, kept, NULL, 0,
                                 builder->settings.mask);
    }
    memory_destroy(all);
    memory_destroy(list);
    return result;
}

/* The library's two complaints about the size name the bound behind these. */
static const char most_phrase[] = "value <= ", least_phrase[] = " vs ";

static long bound_after(const char *message, const char *phrase)
{
    const char *found = strstr(message, phrase);

    return found == NULL ? 0 : strtol(found + strlen(phrase), NULL, 10);
}

static status explain_training(piece_result result, const vocabulary_settings *settings,
                               const char *message)
{
    long most = bound_after(message, most_phrase);
    long least = bound_after(message, least_phrase);
    int size = settings->size, mask = settings->mask;

    if (most > 0)
        return fail(STATUS_CONFIG,
                    "a sentencepiece vocabulary of %d is too large for this "
                    "text; the largest possible is %ld",
                    size, most + mask);
    if (least > 0)
        return fail(STATUS_CONFIG,
                    "a sentencepiece vocabulary of %d is too small for the "
                    "characters of this text; the smallest possible is %ld",
                    size, least + mask);
    return vocabulary_explain(result, "training a vocabulary", message);
}

/* Every character gets a symbol, unless that leaves no room: a large text holds
 * thousands of stray ones. */
static status train(buffer *model, const vocabulary_builder *builder, const char *own)
{
    char message[PIECE_MESSAGE_MAX];
    piece_training training = {.size = builder->settings.size - builder->settings.mask,
                               .unigram = builder->settings.unigram,
                               .own = own,
                               .all_characters = 1,
                               .lines = builder->lines.data,
                               .lines_size = builder->lines.size};
    piece_result result = piece_model_train(&training, vocabulary_take, model, message);

    if (result == PIECE_FAILED && bound_after(message, least_phrase) > 0) {
        training.all_characters = 0;
        result = piece_model_train(&training, vocabulary_take, model, message);
    }
    return result == PIECE_OK ? STATUS_OK
                              : explain_training(result, &builder->settings, message);
}

/* A user's own symbols as the library takes them: quoted, with commas between. */
static status list_own(const vocabulary_builder *builder, buffer *out)
{
    for (int i = vocabulary_special_count(builder->settings.mask); i < builder->first; i++) {
        const char *text = string_table_at(&builder->symbols, (size_t)i);

        TRY(buffer_add_text(out, "%s\"", out->size > 0 ? "," : ""));
        for (; *text != '\0'; text++)
            TRY(buffer_add(out, *text == '"' ? "\"\"" : text, *text == '"' ? 2 : 1));
        TRY(buffer_add(out, "\"", 1));
    }
    return buffer_add(out, "", 0);
}

static status build_pieces(vocabulary **out, const vocabulary_builder *builder)
{
    buffer model = {0}, own = {0};

    if (builder->lines.size == 0)
        return fail(STATUS_INPUT,
                    "no line of at most %d bytes to train a sentencepiece vocabulary on",
                    (int)PIECE_LINE_MAX);
    status result = list_own(builder, &own);
    if (result == STATUS_OK)
        result = train(&model, builder, own.data);

    if (result == STATUS_OK)
        result = vocabulary_load(out, VOCABULARY_SENTENCEPIECE, NULL, 0, model.data, model.size,
                                 builder->settings.mask);
    buffer_free(&model);
    buffer_free(&own);
    return result;
}

status vocabulary_build(vocabulary **out, vocabulary_builder *builder)
{
    *out = NULL;
    if (builder->settings.kind == VOCABULARY_SENTENCEPIECE)
        return build_pieces(out, builder);
    return build_symbols(out, builder);
}

void vocabulary_builder_destroy(vocabulary_builder *builder)
{
    if (builder == NULL)
        return;
    string_table_free(&builder->symbols);
    buffer_free(&builder->counts);
    buffer_free(&builder->lines);
    memory_destroy(builder);
}
