/* error_rate.c - edits over the length of the nearest reference. */
#include "error_rate.h"

#include "edit.h"
#include "lockstep/metrics/tokens.h"

typedef struct sentence {
    string_table numbers; /* of words */
    tokens output, reference;
} sentence;

/* What the rate counts: words or characters. */
typedef status splitter(tokens *out, const char *text, string_table *numbers);

static status split_characters(tokens *out, const char *text, string_table *numbers)
{
    (void)numbers;
    return tokens_add_characters(out, text, true);
}

static status add_nearest(double counts[ERROR_RATE_COUNTS], sentence *s, splitter *split,
                          const char *output, const char *const *references, int count)
{
    int edits = 0, length = 0, distance;

    TRY(split(&s->output, output, &s->numbers));
    for (int r = 0; r < count; r++) {
        tokens_clear(&s->reference);
        TRY(split(&s->reference, references[r], &s->numbers));
        TRY(edit_distance(&s->output, &s->reference, &distance));
        if (r == 0 || distance < edits) {
            edits = distance;
            length = s->reference.count;
        }
    }
    counts[0] += edits;
    counts[1] += length;
    return STATUS_OK;
}

static status add(double counts[ERROR_RATE_COUNTS], splitter *split, const char *output,
                  const char *const *references, int count)
{
    sentence s = {0};

    CHECK(count > 0);
    status result = add_nearest(counts, &s, split, output, references, count);
    tokens_free(&s.reference);
    tokens_free(&s.output);
    string_table_free(&s.numbers);
    return result;
}

status error_rate_add_words(double counts[ERROR_RATE_COUNTS], const char *output,
                            const char *const *references, int count)
{
    return add(counts, tokens_add_words, output, references, count);
}

status error_rate_add_characters(double counts[ERROR_RATE_COUNTS], const char *output,
                                 const char *const *references, int count)
{
    return add(counts, split_characters, output, references, count);
}

double error_rate_score(const double counts[ERROR_RATE_COUNTS])
{
    return 100.0 * counts[0] / (counts[1] > 0.0 ? counts[1] : 1.0);
}
