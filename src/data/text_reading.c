/* text_reading.c - a corpus goes through the hands of a crew. */
#include "text_reading.h"

#include <stdio.h>
#include <string.h>

#include "corpus_block.h"
#include "lockstep/base/stop.h"
#include "progress.h"

/* Of a reading. */
typedef struct course {
    const text_reading *what;
    corpus_cutter *from;
    buffer order, reply;
    int given, taken;
    bool ended;   /* nothing is left to give */
    status found; /* why; of the cutter */
    int64_t pairs;
    progress progress;
} course;

static status give(course *self)
{
    const text_reading *what = self->what;
    corpus_block block;

    self->found = corpus_cutter_next(self->from, &block);
    self->ended = self->found != STATUS_OK || block.sizes[SIDE_SOURCE] == 0;
    if (self->ended)
        return self->found == STATUS_INPUT ? STATUS_OK : self->found;
    buffer_clear(&self->order);
    TRY(buffer_add(&self->order, &what->order, sizeof(what->order)));
    TRY(corpus_block_save(&block, &self->order));
    self->given++;
    return what->crew->give(what->crew->context, self->order.data, self->order.size);
}

static status take(course *self)
{
    const text_reading *what = self->what;
    int64_t pairs;

    TRY(what->crew->take(what->crew->context, &self->reply));
    self->taken++;
    memcpy(&pairs, self->reply.data, sizeof(pairs));
    self->pairs += pairs;
    TRY(what->take(what->user, self->reply.data + sizeof(pairs),
                   self->reply.size - sizeof(pairs)));
    progress_show(&self->progress, self->pairs, corpus_cutter_share(self->from));
    return STATUS_OK;
}

static status stopped(const config_files *files)
{
    char name[CORPUS_NAME];

    return fail(STATUS_STOPPED, "stopped while reading %s", corpus_print_name(files, name));
}

static status work(course *self)
{
    while (!self->ended || self->taken < self->given) {
        if (stop_signal() != 0)
            return STATUS_STOPPED;
        if (!self->ended && self->given - self->taken < self->what->crew->most)
            TRY(give(self));
        else
            TRY(take(self));
    }
    return self->found;
}

/* What the cutter cannot go on with, said as by one who reads line by line: before it there
 * may be a line that is wrong. */
static status explain(const text_reading *what)
{
    corpus_line lines[SIDES];
    corpus *from;
    bool end = false;
    status result = corpus_open(&from, what->files);

    while (result == STATUS_OK && !end)
        result = stop_signal() != 0 ? stopped(what->files)
                                    : sides_read(what->sides, from, lines, &end);
    corpus_close(from);
    return result == STATUS_OK ? fail(STATUS_INPUT, "it was changed while it was read")
                               : result;
}

status text_reading_run(const text_reading *what)
{
    course self = {.what = what, .progress = progress_begin(what->name, "pair", -1)};
    status result = corpus_cutter_open(&self.from, what->files);

    if (result == STATUS_OK)
        result = work(&self);
    if (result == STATUS_STOPPED)
        result = stopped(what->files);
    if (result == STATUS_INPUT && self.found == STATUS_INPUT && self.taken == self.given)
        result = explain(what);
    corpus_cutter_close(self.from);
    buffer_free(&self.order);
    buffer_free(&self.reply);
    return result;
}
