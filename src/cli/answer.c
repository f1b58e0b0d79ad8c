/* answer.c - the outputs of a block of lines. */
#include "answer.h"

#include <math.h>
#include <string.h>

#include "lockstep/base/memory.h"

bool answer_format_find(const char *word, answer_format *out)
{
    static const char *const names[] = {
        [ANSWER_TEXT] = "text", [ANSWER_TSV] = "tsv", [ANSWER_PIECES] = "pieces"};

    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
        if (strcmp(word, names[i]) == 0) {
            *out = (answer_format)i;
            return true;
        }
    return false;
}

/* ---- records: an answer, its ids, its text, and zeros to the next multiple of ---- */

enum { ALIGNED = 8 };

static size_t padding(size_t size)
{
    return (ALIGNED - size % ALIGNED) % ALIGNED;
}

status answer_pack(buffer *records, int32_t line, const decoded *output)
{
    static const char zeros[ALIGNED] = "";
    const answer head = {.line = line,
                         .n = output->n,
                         .pair = output->pair,
                         .score = output->score,
                         .ended = output->ended,
                         .count = (int32_t)output->count,
                         .size = (int32_t)output->size};
    size_t ids = output->count * sizeof(int32_t);

    TRY(buffer_add(records, &head, sizeof(head)));
    TRY(buffer_add(records, output->ids, ids));
    TRY(buffer_add(records, output->text, output->size + 1));
    return buffer_add(records, zeros, padding(sizeof(head) + ids + output->size + 1));
}

/* The record at `at`; gives its size. */
static size_t unpack(const char *at, answer *out)
{
    memcpy(out, at, sizeof(*out));
    out->ids = (const int32_t *)(const void *)(at + sizeof(*out));
    out->text = (const char *)(out->ids + out->count);
    size_t size = (size_t)(out->text - at) + (size_t)out->size + 1;
    return size + padding(size);
}

status answers_unpack(answers *out, int lines, int each, const char *records, size_t size)
{
    *out = (answers){.lines = lines, .each = each};
    out->list = memory_create((size_t)lines * (size_t)each, sizeof(*out->list));
    if (out->list == NULL)
        return fail(STATUS_NOMEM, "no memory for the outputs of %d lines", lines);
    for (size_t at = 0; at < size;) {
        answer one;

        at += unpack(records + at, &one);
        CHECK(one.line < lines && one.n < each);
        out->list[one.line * each + one.n] = one;
    }
    return STATUS_OK;
}

void answers_free(answers *a)
{
    memory_destroy(a->list);
    *a = (answers){0};
}

/* ---- lines ---- */

static void print_field(const char *text, FILE *to)
{
    for (; *text != '\0'; text++)
        putc(*text == '\t' ? ' ' : *text, to);
    putc('\t', to);
}

static void print_tsv(const char *source, const answer *one, FILE *to)
{
    print_field(source, to);
    print_field(one->text != NULL ? one->text : "", to);
    if (one->text != NULL && !isnan(one->score))
        fprintf(to, "%.6f\n", one->score);
    else
        fputs("nan\n", to);
}

static void print_pieces(const sides *sides, const pair_set *sources, const answer *one,
                         FILE *to)
{
    for (int i = 0; one->text != NULL && i < one->count; i++)
        fprintf(to, "%s%s", i > 0 ? " " : "",
                sides_text(sides, SIDE_TARGET, sources, one->pair, one->ids[i]));
    putc('\n', to);
}

void answers_print(const answers *a, answer_format format, const sides *sides,
                   const pair_set *sources, const block *from, FILE *to)
{
    for (int line = 0; line < a->lines; line++)
        for (int n = 0; n < a->each; n++) {
            const answer *one = &a->list[line * a->each + n];

            if (format == ANSWER_TSV)
                print_tsv(from->texts[line].text, one, to);
            else if (format == ANSWER_PIECES)
                print_pieces(sides, sources, one, to);
            else
                fprintf(to, "%s\n", one->text != NULL ? one->text : "");
        }
}
