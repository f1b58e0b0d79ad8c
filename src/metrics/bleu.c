/* bleu.c - corpus BLEU as sacreBLEU computes it by default. */
#include "bleu.h"

#include <math.h>
#include <stdlib.h>

#include "lockstep/base/buffer.h"
#include "lockstep/base/memory.h"
#include "ngrams.h"
#include "tokenizer_13a.h"

/* A sentence: text 0 is the output, the references follow. */
typedef struct sentence {
    string_table numbers; /* of words */
    buffer text;          /* tokenized, of the text at work */
    tokens *words;        /* [texts] */
    ngrams *ngrams;       /* [texts] */
    int texts;
} sentence;

static void sentence_free(sentence *s)
{
    for (int t = 0; t < s->texts; t++) {
        if (s->ngrams != NULL)
            ngrams_free(&s->ngrams[t]);
        if (s->words != NULL)
            tokens_free(&s->words[t]);
    }
    memory_destroy(s->ngrams);
    memory_destroy(s->words);
    buffer_free(&s->text);
    string_table_free(&s->numbers);
}

static status sentence_add(sentence *s, const char *text, int t)
{
    TRY(tokenizer_13a_apply(&s->text, text));
    TRY(tokens_add_words(&s->words[t], s->text.data, &s->numbers));
    return ngrams_init(&s->ngrams[t], &s->words[t], BLEU_ORDER);
}

static status sentence_init(sentence *s, const char *output, const char *const *references,
                            int count)
{
    *s = (sentence){.texts = count + 1};
    s->words = memory_create((size_t)s->texts, sizeof(*s->words));
    s->ngrams = memory_create((size_t)s->texts, sizeof(*s->ngrams));
    if (s->words == NULL || s->ngrams == NULL)
        return fail(STATUS_NOMEM, "no memory for %d references", count);
    TRY(sentence_add(s, output, 0));
    for (int r = 0; r < count; r++)
        TRY(sentence_add(s, references[r], r + 1));
    return STATUS_OK;
}

static int closest_length(const sentence *s)
{
    int length = s->words[0].count, closest = s->words[1].count;

    for (int t = 2; t < s->texts; t++) {
        int other = s->words[t].count;
        int difference = abs(other - length) - abs(closest - length);
        if (difference < 0 || (difference == 0 && other < closest))
            closest = other;
    }
    return closest;
}

status bleu_add(double counts[BLEU_COUNTS], const char *output, const char *const *references,
                int count)
{
    sentence s;

    CHECK(count > 0);
    status result = sentence_init(&s, output, references, count);
    if (result == STATUS_OK) {
        counts[0] += s.words[0].count;
        counts[1] += closest_length(&s);
        for (int n = 1; n <= BLEU_ORDER; n++) {
            counts[1 + n] += ngrams_matches(&s.ngrams[0], &s.ngrams[1], count, n);
            counts[1 + BLEU_ORDER + n] += ngrams_total(&s.ngrams[0], n);
        }
    }
    sentence_free(&s);
    return result;
}

double bleu_score(const double counts[BLEU_COUNTS])
{
    const double *matches = counts + 2, *totals = matches + BLEU_ORDER;
    double logs = 0.0, smooth = 1.0;

    if (matches[0] == 0.0) /* a longer match would hold a shorter one */
        return 0.0;
    for (int n = 0; n < BLEU_ORDER; n++) {
        if (totals[n] == 0.0)
            return 0.0;
        if (matches[n] == 0.0)
            smooth *= 2.0;
        logs += log(matches[n] == 0.0 ? 100.0 / (smooth * totals[n])
                                      : 100.0 * matches[n] / totals[n]);
    }
    double penalty = counts[0] < counts[1] ? exp(1.0 - counts[1] / counts[0]) : 1.0;
    return penalty * exp(logs / (double)BLEU_ORDER);
}
