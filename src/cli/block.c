/* block.c - lines of input for all ranks. */
#include "block.h"

#include <stdio.h>
#include <string.h>

#include "lockstep/base/clock.h"
#include "lockstep/base/memory.h"
#include "lockstep/base/stop.h"

static const size_t most_bytes = (size_t)4 << 20;
/* Long enough for one who writes at full speed, too short for a person to notice. */
static const double patience_seconds = 0.02;

static status add_line(block *b, const corpus_line *columns, int count)
{
    for (int c = 0; c < count; c++) {
        TRY(buffer_add(&b->bytes, columns[c].text, columns[c].size));
        TRY(buffer_add(&b->bytes, "", 1));
    }
    b->lines++;
    return STATUS_OK;
}

/* The first line is waited for, those behind it are not. */
static status read_lines(block *b, const block_source *from)
{
    corpus_line columns[BLOCK_COLUMNS];
    int most = from->lines > 0 ? from->lines : BLOCK_LINES;
    bool ready = true;
    double until = 0;

    while (!b->ended && b->lines < most && b->bytes.size < most_bytes) {
        if (b->lines > 0)
            TRY(from->ready(from->user, until, &ready));
        if (!ready)
            break;
        TRY(from->next(from->user, columns, &b->ended));
        if (!b->ended)
            TRY(add_line(b, columns, from->columns));
        if (b->lines == 1)
            until = clock_seconds() + patience_seconds;
    }
    return STATUS_OK;
}

/* A failure waits until the lines in front of it have been dealt with. */
static status read_block(block *b, const block_source *from)
{
    if (b->failure == STATUS_OK)
        b->failure = read_lines(b, from);
    else
        return fail(b->failure, "%s", b->message);
    if (b->failure == STATUS_OK || b->failure == STATUS_STOPPED || b->lines == 0)
        return b->failure;
    snprintf(b->message, sizeof(b->message), "%s", error_message());
    return STATUS_OK;
}

static status make_room(block *b, size_t bytes, int views)
{
    buffer_clear(&b->views);
    for (int i = 0; i < views; i++)
        TRY(buffer_add(&b->views, &(corpus_line){.size = 0}, sizeof(corpus_line)));
    b->texts = (corpus_line *)(void *)b->views.data;
    if (b->bytes.room <= bytes) {
        char *room = memory_resize(b->bytes.data, bytes + 1, 1);

        if (room == NULL)
            return fail(STATUS_NOMEM, "no memory for %zu bytes of input", bytes);
        b->bytes.data = room;
        b->bytes.room = bytes + 1;
    }
    b->bytes.size = bytes;
    return STATUS_OK;
}

static void find_texts(block *b, int columns)
{
    const char *at = b->bytes.data;

    for (int i = 0; i < b->lines * columns; i++) {
        b->texts[i] = (corpus_line){.text = at, .size = strlen(at)};
        at += b->texts[i].size + 1;
    }
}

static status share(block *b, world *w, int columns)
{
    int64_t header[] = {b->lines, (int64_t)b->bytes.size};

    world_broadcast(w, header, sizeof(header), 0);
    b->lines = (int)header[0];
    if (b->lines == 0)
        return STATUS_OK;
    TRY(world_agree(w, make_room(b, (size_t)header[1], b->lines * columns)));
    world_broadcast(w, b->bytes.data, b->bytes.size, 0);
    find_texts(b, columns);
    return STATUS_OK;
}

status block_next(block *b, world *w, const block_source *from)
{
    status result = STATUS_OK;

    CHECK(from->columns <= BLOCK_COLUMNS && from->lines <= BLOCK_LINES);
    b->first = b->first == 0 ? 1 : b->first + b->lines;
    b->lines = 0;
    buffer_clear(&b->bytes);
    if (world_rank(w) == 0) {
        world_work_begin(w);
        result = read_block(b, from);
        world_work_end(w);
    }
    /* A signal is no error to print. */
    if (world_max(w, stop_signal() != 0 || result == STATUS_STOPPED) != 0)
        return STATUS_STOPPED;
    TRY(world_agree(w, result));
    return share(b, w, from->columns);
}

void block_free(block *b)
{
    buffer_free(&b->bytes);
    buffer_free(&b->views);
    *b = (block){.lines = 0};
}
