/* chrf.c - corpus chrF2 as sacreBLEU computes it by default. */
#include "chrf.h"

#include "ngrams.h"

static void count_one(double counts[CHRF_COUNTS], const ngrams *output, const ngrams *reference)
{
    for (int n = 1; n <= CHRF_ORDER; n++, counts += 3) {
        int theirs = ngrams_total(reference, n);
        /* what no reference could match is not held against the output */
        counts[0] = theirs > 0 ? ngrams_total(output, n) : 0;
        counts[1] = theirs;
        counts[2] = ngrams_matches(output, reference, 1, n);
    }
}

static status compare(double counts[CHRF_COUNTS], const ngrams *output, const char *reference)
{
    tokens characters = {0};
    ngrams theirs = {0};
    status result = tokens_add_characters(&characters, reference, false);

    if (result == STATUS_OK)
        result = ngrams_init(&theirs, &characters, CHRF_ORDER);
    if (result == STATUS_OK)
        count_one(counts, output, &theirs);
    ngrams_free(&theirs);
    tokens_free(&characters);
    return result;
}

static status add_best(double counts[CHRF_COUNTS], const ngrams *output,
                       const char *const *references, int count)
{
    double best[CHRF_COUNTS] = {0}, one[CHRF_COUNTS], best_score = -1.0;

    for (int r = 0; r < count; r++) {
        TRY(compare(one, output, references[r]));
        double score = chrf_score(one);
        if (score <= best_score)
            continue;
        best_score = score;
        for (int i = 0; i < CHRF_COUNTS; i++)
            best[i] = one[i];
    }
    for (int i = 0; i < CHRF_COUNTS; i++)
        counts[i] += best[i];
    return STATUS_OK;
}

status chrf_add(double counts[CHRF_COUNTS], const char *output, const char *const *references,
                int count)
{
    tokens characters = {0};
    ngrams ours = {0};

    CHECK(count > 0);
    status result = tokens_add_characters(&characters, output, false);
    if (result == STATUS_OK)
        result = ngrams_init(&ours, &characters, CHRF_ORDER);
    if (result == STATUS_OK)
        result = add_best(counts, &ours, references, count);
    ngrams_free(&ours);
    tokens_free(&characters);
    return result;
}

double chrf_score(const double counts[CHRF_COUNTS])
{
    const double factor = 2.0 * 2.0; /* beta squared */
    double precision = 0.0, recall = 0.0;
    int orders = 0;

    for (int n = 0; n < CHRF_ORDER; n++, counts += 3) {
        if (counts[0] > 0.0 && counts[1] > 0.0) {
            precision += counts[2] / counts[0];
            recall += counts[2] / counts[1];
            orders++;
        }
    }
    if (precision + recall == 0.0)
        return 0.0;
    precision /= orders;
    recall /= orders;
    return 100.0 * (1.0 + factor) * precision * recall / (factor * precision + recall);
}
