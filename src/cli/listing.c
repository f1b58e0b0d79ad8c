/* listing.c - what a verb found, as a table or as one JSON object. */
#include "listing.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

void listing_add_text(listing *l, const char *key, const char *text)
{
    if (l->is_json)
        json_add_text(&l->object, key, text);
    else
        printf("%-20s %s\n", key, text);
}

void listing_add_integer(listing *l, const char *key, int64_t value)
{
    if (l->is_json)
        json_add_integer(&l->object, key, value);
    else
        printf("%-20s %" PRId64 "\n", key, value);
}

void listing_add_number(listing *l, const char *key, double value)
{
    if (l->is_json)
        json_add_number(&l->object, key, value, JSON_FLOAT);
    else
        printf("%-20s %.6g\n", key, value);
}

void listing_add_hash(listing *l, const char *key, int64_t value)
{
    char text[32];

    snprintf(text, sizeof(text), "%016" PRIx64, (uint64_t)value);
    listing_add_text(l, key, text);
}

void listing_add_block(listing *l, const char *key, const char *text)
{
    if (l->is_json)
        json_add_text(&l->object, key, text);
    else
        printf("\n%s:\n%s", key, text);
}

void listing_add_lines(listing *l, const char *key, const buffer *lines)
{
    json_begin_list(&l->object, key);
    for (size_t at = 0; at < lines->size;) {
        size_t size = strcspn(lines->data + at, "\n");

        json_add_value(&l->object, NULL, lines->data + at, size);
        at += size + 1;
    }
    json_end_list(&l->object);
}
