/* span_f1.c - F1 of the spans that tags stand for. */
#include "span_f1.h"

#include <stdbool.h>
#include <string.h>

#include "lockstep/metrics/tag_scheme.h"

/* Tags read so far, and the span that may be open. */
typedef struct reader {
    tag last;
    int begin;
} reader;

/* A span that ended. */
typedef struct span {
    const char *type; /* NULL: none did */
    int begin;
} span;

static const tag outside = {.place = 'O', .type = ""};

static bool is_one_of(char place, const char *places)
{
    return place != '\0' && strchr(places, place) != NULL;
}

/* A full stop is outside too. */
static bool is_inside(tag t)
{
    return t.place != 'O' && t.place != '.';
}

static bool ends(tag last, tag now)
{
    return is_one_of(last.place, "ES") ||
           (is_one_of(last.place, "BI") && is_one_of(now.place, "BSO")) ||
           (is_inside(last) && strcmp(last.type, now.type) != 0);
}

static bool begins(tag last, tag now)
{
    return is_one_of(now.place, "BS") ||
           (is_one_of(last.place, "ESO") && is_one_of(now.place, "EI")) ||
           (is_inside(now) && strcmp(last.type, now.type) != 0);
}

/* The tag at `at`, and the span that ended before it. */
static span read_tag(reader *r, tag now, int at)
{
    span found = {.type = NULL};

    if (ends(r->last, now))
        found = (span){.type = r->last.type, .begin = r->begin};
    if (begins(r->last, now))
        r->begin = at;
    r->last = now;
    return found;
}

void span_f1_add(double *counts, const string_table *names, const int32_t *output,
                 const int32_t *gold, int count)
{
    reader ours = {.last = outside}, theirs = {.last = outside};

    for (int i = 0; i <= count; i++) {
        bool end = i == count; /* a sentence ends as if before an O */
        span a = read_tag(&ours,
                          end ? outside : tag_of(string_table_at(names, (size_t)output[i])), i);
        span b = read_tag(&theirs,
                          end ? outside : tag_of(string_table_at(names, (size_t)gold[i])), i);

        counts[0] += a.type != NULL && b.type != NULL && a.begin == b.begin &&
                     strcmp(a.type, b.type) == 0;
        counts[1] += a.type != NULL;
        counts[2] += b.type != NULL;
    }
}

double span_f1_score(const double *counts)
{
    double all = counts[1] + counts[2];

    return all > 0.0 ? 100.0 * 2.0 * counts[0] / all : 0.0;
}
