/* error_rate.c - edits over the length of the nearest reference. */
#include "lockstep/metrics/error_rate.h"

#include "lockstep/metrics/edit.h"
#include "lockstep/metrics/word_table.h"

typedef struct sentence {
    word_table table;
    tokens output, reference;
} sentence;

/* What the rate counts: words or characters. */
typedef status splitter(word_table *table, const char *text, tokens *out);

static status split_characters(word_table *table, const char *text, tokens *out)
{
    (void)table;
    return tokens_add_characters(out, text, true);
}

static status add_nearest(double counts[ERROR_RATE_COUNTS], sentence *s, splitter *split,
                          const char *output, const char *const *references, int count)
{
    int edits = 0, length = 0, distance;

    TRY(split(&s->table, output, &s->output));
    for (int r = 0; r < count; r++) {
        tokens_clear(&s->reference);
        TRY(split(&s->table, references[r], &s->reference));
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
    word_table_free(&s.table);
    return result;
}

status error_rate_add_words(double counts[ERROR_RATE_COUNTS], const char *output,
                            const char *const *references, int count)
{
    return add(counts, word_table_add, output, references, count);
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
