/* check_audio.c - the rules between keys where a source is audio. */
#include "check.h"
#include "option.h"

static status check_hop(const config *c, const given *g)
{
    const config_side *side = &c->data.source;

    if (side->hop <= side->window)
        return STATUS_OK;
    fail(STATUS_CONFIG,
         "data.source.hop (%g) is above data.source.window (%g): what lies between two frames "
         "would not be heard",
         side->hop, side->window);
    bool named = given_has(g, option_find("data.source.hop"));
    return given_refuse(g, named ? "data.source.hop" : "data.source.window");
}

status check_audio(const config *c, const given *g)
{
    if (c->data.target.kind == INPUT_AUDIO) {
        fail(STATUS_CONFIG,
             "data.target.kind: audio is read, and not made: only data.source.kind "
             "may be audio");
        return given_refuse(g, "data.target.kind");
    }
    if (c->data.source.kind != INPUT_AUDIO)
        return STATUS_OK;
    if (c->data.vocabulary == VOCABULARIES_JOINT) {
        fail(STATUS_CONFIG, "data.vocabulary: joint does not go with data.source.kind: audio, "
                            "which has no vocabulary");
        return given_refuse(g, "data.vocabulary");
    }
    if (c->model.task == TASK_TAG) {
        fail(STATUS_CONFIG, "model.task: tag does not go with data.source.kind: audio: a tag "
                            "belongs to a word of the source");
        return given_refuse(g, "model.task");
    }
    return check_hop(c, g);
}
