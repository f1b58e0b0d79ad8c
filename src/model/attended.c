/* attended.c - what the places of a forward pass attended to. */
#include "lockstep/model/attended.h"

const char *attended_name(attended_kind kind)
{
    static const char *const names[] = {[ATTENDED_ENCODER] = "encoder",
                                        [ATTENDED_DECODER] = "decoder",
                                        [ATTENDED_CROSS] = "cross"};

    return names[kind];
}

const float *attended_weights(const attended *a, attended_kind kind, int layer, int sentence)
{
    const attention_saved *saved = &a->saved[kind][layer].attention;

    return saved->weights + saved->offsets[sentence];
}
