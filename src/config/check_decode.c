/* check_decode.c - the rules between keys of decode. */
#include "check.h"

status check_decode(const config *c, const given *g)
{
    if (c->decode.search == SEARCH_BEAM && c->decode.n_best > c->decode.beam) {
        fail(STATUS_CONFIG,
             "decode.n_best (%d) is above decode.beam (%d), the outputs that are looked for",
             c->decode.n_best, c->decode.beam);
        return given_refuse(g, "decode.n_best");
    }
    if (c->decode.min_length > c->decode.max_length) {
        fail(STATUS_CONFIG, "decode.min_length (%d) is above decode.max_length (%d)",
             c->decode.min_length, c->decode.max_length);
        return given_refuse(g, "decode.min_length");
    }
    return STATUS_OK;
}
