/* run_starts.c - how a run was started, each time. */
#include "run_starts.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "lockstep/base/file.h"
#include "lockstep/base/memory.h"
#include "lockstep/base/plural.h"
#include "lockstep/config/record.h"

enum {
    NEWEST = 5, /* starts that are shown, beside the first */
    HOSTS = 4,  /* that are named */
    CHANGES = 4,
    PATH_SIZE = 64
};

/* ---- reading ---- */

/* "hosts/3/name" */
static const char *element(const record *r, const char *list, int i, const char *key)
{
    char path[PATH_SIZE];

    snprintf(path, sizeof(path), "%s/%d%s%s", list, i, key[0] != '\0' ? "/" : "", key);
    return record_text(r, path);
}

static int count_elements(const record *r, const char *list, const char *key)
{
    int count = 0;

    while (element(r, list, count, key) != NULL)
        count++;
    return count;
}

static const char *text_or(const record *r, const char *key, const char *other)
{
    const char *text = record_text(r, key);

    return text != NULL ? text : other;
}

static int integer(const record *r, const char *key)
{
    double value = record_number(r, key);

    return value >= 0 && value < 1e9 ? (int)value : 0;
}

/* Local time. */
static status add_time(buffer *out, double seconds)
{
    time_t when = isnan(seconds) ? 0 : (time_t)seconds;
    struct tm parts;
    char text[32];

    if (localtime_r(&when, &parts) == NULL ||
        strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", &parts) == 0)
        snprintf(text, sizeof(text), "?");
    return buffer_add_text(out, "%s", text);
}

static status add_hosts(buffer *out, const record *r)
{
    int count = count_elements(r, "hosts", "name");

    for (int i = 0; i < count && i < HOSTS; i++)
        TRY(buffer_add_text(out, "%s%s", i > 0 ? ", " : " on ",
                            element(r, "hosts", i, "name")));
    if (count > HOSTS)
        TRY(buffer_add_text(out, " and %d more", count - HOSTS));
    return STATUS_OK;
}

static status add_changes(buffer *out, const record *r)
{
    int count = count_elements(r, "changed", "key");

    for (int i = 0; i < count && i < CHANGES; i++) {
        const char *before = element(r, "changed", i, "before");
        const char *now = element(r, "changed", i, "now");

        TRY(buffer_add_text(out, "\n      %s: %s, before %s", element(r, "changed", i, "key"),
                            now != NULL ? now : "?", before != NULL ? before : "?"));
    }
    if (count > CHANGES)
        TRY(buffer_add_text(out, "\n      and %d more keys changed", count - CHANGES));
    return STATUS_OK;
}

/* "2026-11-29 10:46:09  after step 20  4 ranks x 1 thread on a, b  job 17" */
static status describe(buffer *out, const record *r)
{
    int ranks = integer(r, "ranks"), threads = integer(r, "threads");
    const char *job = record_text(r, "job");
    char step[48];

    TRY(add_time(out, record_number(r, "time")));
    snprintf(step, sizeof(step), "step %.0f", record_number(r, "step"));
    TRY(buffer_add_text(out, "  %-15s %d rank%s x %d thread%s", step, ranks, PLURAL(ranks),
                        threads, PLURAL(threads)));
    TRY(add_hosts(out, r));
    if (job != NULL)
        TRY(buffer_add_text(out, ", job %s", job));
    return add_changes(out, r);
}

static bool is_plain(const char *word)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                "_-+=./:,@%";

    return word[0] != '\0' && word[strspn(word, plain)] == '\0';
}

/* As a shell takes it. */
static status add_word(buffer *out, const char *word)
{
    if (is_plain(word))
        return buffer_add_text(out, "%s", word);
    TRY(buffer_add_text(out, "'"));
    for (; *word != '\0'; word++)
        TRY(buffer_add_text(out, *word == '\'' ? "'\\''" : "%c",
                            (unsigned char)*word < 0x20 ? '?' : *word));
    return buffer_add_text(out, "'");
}

static status add_command(buffer *out, const record *r)
{
    TRY(buffer_add_text(out, "%-20s ", "command"));
    for (int i = 0; element(r, "command", i, "") != NULL; i++) {
        TRY(buffer_add_text(out, "%s", i > 0 ? " " : ""));
        TRY(add_word(out, element(r, "command", i, "")));
    }
    return buffer_add_text(out, "\n%-20s %s\n", "in", text_or(r, "folder", "?"));
}

static status describe_newest(buffer *out, const record *r)
{
    buffer_clear(out);
    TRY(add_command(out, r));
    TRY(buffer_add_text(out, "%-20s %s; %s\n", "machine", text_or(r, "processor", "?"),
                        text_or(r, "placement", "?")));
    return buffer_add_text(out, "%-20s %s; OpenBLAS %s, kernels %s\n", "build",
                           text_or(r, "build", "?"), text_or(r, "blas", "?"),
                           text_or(r, "kernels", "?"));
}

static status add_start(run_starts *s, const record *r)
{
    run_start *all = memory_resize(s->all, s->count + 1, sizeof(*all));
    buffer line = {0};

    if (all == NULL)
        return fail(STATUS_NOMEM, "no memory for %zu starts", s->count + 1);
    s->all = all;
    status described = describe(&line, r);
    run_start *start = &all[s->count];
    *start = (run_start){.step = (int64_t)record_number(r, "step")};
    if (described == STATUS_OK && (start->line = memory_copy_text(line.data)) == NULL)
        described = fail(STATUS_NOMEM, "no memory for a start");
    s->count += described == STATUS_OK;
    buffer_free(&line);
    return described;
}

static status visit(void *user, const record *r, const char *line, size_t size)
{
    run_starts *s = user;

    if (isnan(record_number(r, "step")))
        return STATUS_OK;
    TRY(add_start(s, r));
    TRY(describe_newest(&s->newest, r));
    TRY(buffer_add(&s->lines, line, size));
    return buffer_add(&s->lines, "\n", 1);
}

status run_starts_load(run_starts *out, const char *run)
{
    char path[FILE_PATH_MAX];

    TRY(file_join(path, run, "starts.jsonl"));
    return record_visit_all(path, visit, out);
}

void run_starts_free(run_starts *s)
{
    for (size_t i = 0; i < s->count; i++)
        memory_destroy(s->all[i].line);
    memory_destroy(s->all);
    buffer_free(&s->newest);
    buffer_free(&s->lines);
    *s = (run_starts){0};
}

/* ---- what is said ---- */

/* The last report of each start tells how long it took; a report belongs to the last start
 * before its step. */
double run_starts_seconds(const run_starts *s, const run_course *course)
{
    double all = 0, here = NAN;
    size_t next = 1;

    for (size_t i = 0; i < course->count; i++) {
        const course_row *row = &course->rows[i];

        if (isnan(row->seconds))
            continue;
        for (; next < s->count && s->all[next].step < row->step; next++) {
            all += isnan(here) ? 0 : here;
            here = 0;
        }
        here = row->seconds;
    }
    return all + here;
}

static void print_starts(const run_starts *s)
{
    size_t newest = s->count > NEWEST + 1 ? s->count - NEWEST : 1;

    printf("\nstarts (%zu):\n  %s\n", s->count, s->all[0].line);
    if (newest > 1)
        printf("  ... and %zu more\n", newest - 1);
    for (size_t i = newest; i < s->count; i++)
        printf("  %s\n", s->all[i].line);
    printf("\nthe last one:\n%s", s->newest.data);
}

void run_starts_say(const run_starts *s, listing *to)
{
    if (to->is_json)
        listing_add_lines(to, "starts", &s->lines);
    else if (s->count > 0)
        print_starts(s);
}
