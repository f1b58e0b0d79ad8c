/* answer.c - the outputs of a block of lines. */
#include "answer.h"

#include <math.h>
#include <string.h>

#include "lockstep/base/memory.h"

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

static void print_pieces(const answer_style *style, const answer *one, FILE *to)
{
    for (int i = 0; one->text != NULL && i < one->count; i++)
        fprintf(to, "%s%s", i > 0 ? " " : "",
                sides_text(style->sides, SIDE_TARGET, style->sources, one->pair, one->ids[i]));
    putc('\n', to);
}

static void print_line(const answer_style *style, const char *source, const answer *one,
                       FILE *to)
{
    if (style->format == ANSWER_TSV)
        print_tsv(source, one, to);
    else if (style->format == ANSWER_PIECES)
        print_pieces(style, one, to);
    else
        fprintf(to, "%s\n", one->text != NULL ? one->text : "");
}

/* Labels of one source, the likeliest first. */
static void print_labels(const answer *list, int each, FILE *to)
{
    for (int n = 0; n < each && list[n].text != NULL; n++) {
        if (n > 0)
            putc('\t', to);
        print_field(list[n].text, to);
        fprintf(to, "%.6f", exp(list[n].score));
    }
}

static void print_label_line(const answers *a, const answer_style *style, const char *source,
                             const answer *list, FILE *to)
{
    bool tsv = style->format == ANSWER_TSV;

    if (tsv)
        print_field(source, to);
    print_labels(list, a->each, to);
    fputs(tsv && list->text == NULL ? "\tnan\n" : "\n", to);
}

void answers_print(const answers *a, const answer_style *style, const block *from, FILE *to)
{
    for (int line = 0; line < a->lines; line++) {
        const answer *list = &a->list[line * a->each];
        const char *source = from->texts[line].text;

        if (style->output == OUTPUT_LABEL)
            print_label_line(a, style, source, list, to);
        for (int n = 0; style->output != OUTPUT_LABEL && n < a->each; n++)
            print_line(style, source, &list[n], to);
    }
}
