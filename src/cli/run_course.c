/* run_course.c - how a run went. */
#include "run_course.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "lockstep/base/file.h"
#include "lockstep/base/memory.h"
#include "lockstep/base/number.h"
#include "lockstep/config/record.h"

enum { LINES = 12 };

/* ---- reading ---- */

static status keep_line(run_course *c, const char *line, size_t size)
{
    TRY(buffer_add(&c->lines, line, size));
    return buffer_add(&c->lines, "\n", 1);
}

static status make_room(run_course *c)
{
    if (c->count < c->room)
        return STATUS_OK;
    size_t room = 2 * c->room + 64;
    course_row *rows = memory_resize(c->rows, room, sizeof(*rows));
    if (rows == NULL)
        return fail(STATUS_NOMEM, "no memory for %zu records", room);
    c->rows = rows;
    c->room = room;
    return STATUS_OK;
}

static status add_record(void *user, const record *r, const char *line, size_t size)
{
    run_course *c = user;
    double step = record_number(r, "step"), epoch = record_number(r, "epoch");

    if (isnan(step))
        return STATUS_OK;
    TRY(make_room(c));
    TRY(keep_line(c, line, size));
    c->rows[c->count++] = (course_row){
        .step = (int64_t)step,
        .epoch = isnan(epoch) ? 0 : (int64_t)epoch,
        .is_validation = record_text(r, "valid_loss") != NULL,
        .loss = record_number(r, "loss"),
        .valid = record_number(r, "valid_loss"),
        .score = c->score != NULL ? record_number(r, c->score) : NAN,
        .tokens = record_number(r, "tokens_per_second"),
        .rate = record_number(r, "learning_rate"),
        .seconds = record_number(r, "seconds"),
    };
    return STATUS_OK;
}

status run_course_load(run_course *out, const char *run)
{
    char path[FILE_PATH_MAX];

    TRY(file_join(path, run, "metrics.jsonl"));
    return record_visit_all(path, add_record, out);
}

void run_course_free(run_course *c)
{
    memory_destroy(c->rows);
    buffer_free(&c->lines);
    *c = (run_course){0};
}

const course_row *run_course_last(const run_course *c)
{
    for (size_t i = c->count; i-- > 0;)
        if (!c->rows[i].is_validation)
            return &c->rows[i];
    return NULL;
}

/* ---- the table ---- */

static bool has_validations(const run_course *c)
{
    for (size_t i = 0; i < c->count; i++)
        if (c->rows[i].is_validation)
            return true;
    return false;
}

/* Is line `i` of `count` shown? The first and the last, evenly some between, and `best`. */
static bool is_shown(size_t i, size_t count, size_t best)
{
    const size_t last = LINES - 2;

    if (count <= LINES || i == best)
        return true;
    for (size_t k = 0; k <= last; k++)
        if (i == (k * (count - 1) + last / 2) / last)
            return true;
    return false;
}

static const char *cell(double value, int decimals, char out[NUMBER_TEXT])
{
    if (isnan(value))
        snprintf(out, NUMBER_TEXT, "-");
    else
        number_text(value, decimals, out);
    return out;
}

static void print_row(const run_course *c, const course_row *trained, const course_row *row,
                      bool best)
{
    char loss[NUMBER_TEXT], valid[NUMBER_TEXT], score[NUMBER_TEXT], tokens[NUMBER_TEXT];
    char rate[NUMBER_TEXT] = "-";

    if (!isnan(trained->rate))
        snprintf(rate, sizeof(rate), "%.3g", trained->rate);
    printf("%10" PRId64 " %6" PRId64 " %10s", row->step, row->epoch,
           cell(trained->loss, 4, loss));
    if (row->is_validation)
        printf(" %10s", cell(row->valid, 4, valid));
    if (row->is_validation && c->score != NULL)
        printf(" %10s", cell(row->score, 4, score));
    printf(" %10s %13s%s\n", cell(trained->tokens, 0, tokens), rate, best ? "  the best" : "");
}

static void print_head(const run_course *c, bool validations)
{
    printf("\ncourse:\n%10s %6s %10s", "step", "epoch", "loss");
    if (validations)
        printf(" %10s", "validation");
    if (validations && c->score != NULL)
        printf(" %10s", c->score + strlen("valid_"));
    printf(" %10s %13s\n", "tokens/s", "learning rate");
}

/* The row of `best` among those of one kind, which are `*count`; SIZE_MAX: none. */
static size_t find_best(const run_course *c, bool validations, int64_t best, size_t *count)
{
    size_t found = SIZE_MAX;

    *count = 0;
    for (size_t i = 0; i < c->count; i++) {
        if (c->rows[i].is_validation != validations)
            continue;
        if (validations && c->rows[i].step == best)
            found = *count;
        ++*count;
    }
    return found;
}

static void print_table(const run_course *c, int64_t best)
{
    bool validations = has_validations(c);
    course_row trained = {.loss = NAN, .tokens = NAN, .rate = NAN};
    size_t count, line = 0, best_line = find_best(c, validations, best, &count);

    print_head(c, validations);
    for (size_t i = 0; i < c->count; i++) {
        const course_row *row = &c->rows[i];

        if (!row->is_validation)
            trained = *row;
        if (row->is_validation != validations)
            continue;
        if (is_shown(line, count, best_line))
            print_row(c, &trained, row, line == best_line);
        line++;
    }
}

void run_course_say(const run_course *c, listing *to, int64_t best)
{
    if (to->is_json)
        listing_add_lines(to, "records", &c->lines);
    else if (c->count > 0)
        print_table(c, best);
}
