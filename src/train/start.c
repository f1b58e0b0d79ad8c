/* start.c - <run.folder>/starts.jsonl. */
#include "start.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lockstep/base/clock.h"
#include "lockstep/base/file.h"
#include "lockstep/base/log.h"
#include "lockstep/base/memory.h"

static const char file_name[] = "starts.jsonl";

/* ---- what has changed ---- */

static status add_change(void *user, const char *key, const char *before, const char *now)
{
    json *j = user;

    json_begin(j, NULL);
    json_add_text(j, "key", key);
    json_add_text(j, "before", before);
    json_add_text(j, "now", now);
    json_end(j);
    return STATUS_OK;
}

static status list_changes(json *out, const char *path, const config *now)
{
    config before;

    if (!file_exists(path) || config_load(&before, path, NULL, 0) != STATUS_OK)
        return STATUS_OK;
    status listed = config_list_changes(&before, now, add_change, out);
    config_free(&before);
    return listed;
}

void start_compare(start *s, const char *path, const config *now)
{
    json_begin_list(&s->changed, NULL);
    status listed = list_changes(&s->changed, path, now);
    json_end_list(&s->changed);
    if (listed != STATUS_OK)
        s->changed.failure = listed;
}

/* ---- the line ---- */

static void add_words(json *j, const char *key, const char *const *words, int count)
{
    json_begin_list(j, key);
    for (int i = 0; i < count; i++)
        json_add_text(j, NULL, words[i]);
    json_end_list(j);
}

static void add_folder(json *j)
{
    char folder[FILE_PATH_MAX];

    if (getcwd(folder, sizeof(folder)) != NULL)
        json_add_text(j, "folder", folder);
}

static void add_job(json *j)
{
    static const char *const variables[] = {"SLURM_JOB_ID", "PBS_JOBID", "JOB_ID"};

    for (size_t i = 0; i < sizeof(variables) / sizeof(*variables); i++) {
        const char *job = getenv(variables[i]);

        if (job != NULL && job[0] != '\0') {
            json_add_text(j, "job", job);
            return;
        }
    }
}

static void add_hosts(json *j, const placement *all, int ranks)
{
    char text[PLACEMENT_TEXT];

    json_begin_list(j, "hosts");
    for (int r = 0; r < ranks; r++) {
        int there = placement_count(all, ranks, r);

        if (there == 0)
            continue;
        json_begin(j, NULL);
        json_add_text(j, "name", all[r].host);
        json_add_integer(j, "ranks", there);
        json_end(j);
    }
    json_end_list(j);
    placement_describe(all, ranks, text);
    json_add_text(j, "placement", text);
}

static status make_line(json *j, const start *s, const trainer_call *call, const training *t,
                        const placement *all)
{
    const environment *e = &t->environment;
    int ranks = world_size(t->world);

    TRY(s->changed.failure);
    json_begin(j, NULL);
    json_add_fixed(j, "time", clock_now(), 3);
    json_add_integer(j, "step", t->step);
    add_words(j, "command", (const char *const *)call->words, call->word_count);
    add_folder(j);
    add_words(j, "settings", call->settings, call->setting_count);
    json_add_value(j, "changed", s->changed.text.data, s->changed.text.size);
    add_job(j);
    json_add_integer(j, "ranks", ranks);
    json_add_integer(j, "threads", t->config->run.threads);
    add_hosts(j, all, ranks);
    json_add_text(j, "processor", e->processor);
    json_add_text(j, "build", e->build);
    json_add_text(j, "blas", e->blas);
    json_add_text(j, "kernels", e->kernels);
    json_end(j);
    return json_end_line(j);
}

/* ---- the file ---- */

void start_add(start *s, const trainer_call *call, const training *t, const placement *all)
{
    char path[FILE_PATH_MAX];
    json line = {.text = {0}};
    status done = make_line(&line, s, call, t, all);

    if (done == STATUS_OK)
        done = file_join(path, t->config->run.folder, file_name);
    if (done == STATUS_OK)
        done = file_append_line(path, line.text.data, line.text.size);
    json_free(&line);
    if (done != STATUS_OK)
        log_warning("%s; `inspect` will not know of this start, the run goes on",
                    error_message());
}

void start_free(start *s)
{
    json_free(&s->changed);
}

int64_t start_count(const char *run_folder)
{
    char path[FILE_PATH_MAX], *text;
    size_t size;
    int64_t count = 0;

    if (file_join(path, run_folder, file_name) != STATUS_OK || !file_is_regular(path) ||
        file_load(path, &text, &size) != STATUS_OK)
        return 0;
    for (const char *at = text, *end; (end = memchr(at, '\n', size)) != NULL; at = end + 1) {
        count += end > at && *at == '{' && end[-1] == '}';
        size -= (size_t)(end + 1 - at);
    }
    memory_destroy(text);
    return count;
}
