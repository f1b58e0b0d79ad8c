/* tag_scheme.h - tags that stand for spans, and which of them may follow which.
 *
 * A tag is a letter for a place in a span (B, I, E, S; O: in none), then a type, behind the
 * first hyphen where there is one. */
#ifndef LOCKSTEP_METRICS_TAG_SCHEME_H
#define LOCKSTEP_METRICS_TAG_SCHEME_H

#include <stdbool.h>

typedef struct tag {
    char place;
    const char *type; /* "" for none; borrowed from the name */
} tag;

/* One without a name is O. */
tag tag_of(const char *name);

/* How the tags of a span of one type read. Tags with other letters are in none. */
typedef struct tag_scheme {
    const char *name; /* iob1: I I ..., the first a B where a span of its type ends right before
                         it (Ramshaw & Marcus 1995); iob2: B I I ...; bioes: B I ... E, or S */
    bool (*may_follow)(tag before, tag now);
} tag_scheme;

/* NULL when there is none of that name. */
const tag_scheme *tag_scheme_find(const char *name);

/* May the tag `now` follow `before`? NULL: nothing, where a sentence begins or ends. */
bool tag_may_follow(const tag_scheme *scheme, const char *before, const char *now);

#endif
