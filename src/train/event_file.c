/* event_file.c - the figures of a run for TensorBoard. The only door to protobuf-c. */
#include "event_file.h"

#include <errno.h>
#include <string.h>

#include "crc32c.h"
#include "event.pb-c.h"
#include "lockstep/base/clock.h"
#include "lockstep/base/log.h"

enum { LENGTH = 8, SUM = 4, TAG_NAME = FIGURE_NAME + 16 };

/* ---- records ---- */

static void put_bytes(char *out, uint64_t value, int bytes)
{
    for (int i = 0; i < bytes; i++)
        out[i] = (char)(value >> (8 * i) & 0xff);
}

/* The checksum of bytes that hold checksums is of little use; hence the mask. */
static uint32_t masked(const void *bytes, size_t size)
{
    uint32_t sum = crc32c(bytes, size);

    return (sum >> 15 | sum << 17) + 0xa282ead8;
}

static status make_record(buffer *record, const Lockstep__Event *event)
{
    size_t size = lockstep__event__get_packed_size(event);

    buffer_clear(record);
    TRY(buffer_reserve(record, LENGTH + SUM + size + SUM));
    char *at = record->data;
    put_bytes(at, size, LENGTH);
    put_bytes(at + LENGTH, masked(at, LENGTH), SUM);
    at += LENGTH + SUM;
    lockstep__event__pack(event, (uint8_t *)at);
    put_bytes(at + size, masked(at, size), SUM);
    record->size = LENGTH + SUM + size + SUM;
    return STATUS_OK;
}

static void give_up(event_file *e, const char *why)
{
    log_warning("%s: cannot write: %s; TensorBoard sees nothing more of this start, the run "
                "goes on",
                e->path, why);
    event_file_close(e);
}

static void add(event_file *e, const Lockstep__Event *event)
{
    if (make_record(&e->record, event) != STATUS_OK)
        give_up(e, error_message());
    else if (fwrite(e->record.data, 1, e->record.size, e->file) < e->record.size ||
             fflush(e->file) != 0)
        give_up(e, strerror(errno));
}

/* ---- events ---- */

static Lockstep__Event begin_event(int64_t step)
{
    Lockstep__Event event = LOCKSTEP__EVENT__INIT;

    event.wall_time = clock_now();
    event.step = step;
    return event;
}

static void add_version(event_file *e)
{
    char version[] = "brain.Event:2";
    Lockstep__Event event = begin_event(0);

    event.what_case = LOCKSTEP__EVENT__WHAT_FILE_VERSION;
    event.file_version = version;
    add(e, &event);
}

static void add_start(event_file *e, int64_t step)
{
    Lockstep__SessionLog log = LOCKSTEP__SESSION_LOG__INIT;
    Lockstep__Event event = begin_event(step);

    log.status = LOCKSTEP__SESSION_LOG__SESSION_STATUS__START;
    event.what_case = LOCKSTEP__EVENT__WHAT_SESSION_LOG;
    event.session_log = &log;
    add(e, &event);
}

void event_file_add(event_file *e, const figures *f)
{
    Lockstep__Summary__Value values[FIGURES_MAX], *pointers[FIGURES_MAX];
    char tags[FIGURES_MAX][TAG_NAME];
    Lockstep__Summary summary = LOCKSTEP__SUMMARY__INIT;
    Lockstep__Event event = begin_event(f->step);

    if (e->file == NULL)
        return;
    for (int i = 0; i < f->count; i++) {
        snprintf(tags[i], TAG_NAME, "%s/%s", f->is_validation ? "validation" : "train",
                 figure_short_name(&f->all[i]));
        lockstep__summary__value__init(&values[i]);
        values[i].tag = tags[i];
        values[i].value_case = LOCKSTEP__SUMMARY__VALUE__VALUE_SIMPLE_VALUE;
        values[i].simple_value = (float)f->all[i].value;
        pointers[i] = &values[i];
    }
    summary.n_value = (size_t)f->count;
    summary.value = pointers;
    event.what_case = LOCKSTEP__EVENT__WHAT_SUMMARY;
    event.summary = &summary;
    add(e, &event);
}

/* ---- the file ---- */

static status open_file(event_file *e, const char *run_folder)
{
    char folder[FILE_PATH_MAX], name[64];

    /* Readers take files in the order of their names. */
    snprintf(name, sizeof(name), "events.out.tfevents.%017.6f.lockstep", clock_now());
    TRY(file_join(folder, run_folder, "tensorboard"));
    TRY(file_join(e->path, folder, name));
    TRY(file_make_folder(folder));
    e->file = fopen(e->path, "wbe");
    return e->file != NULL ? STATUS_OK
                           : fail(STATUS_IO, "%s: cannot open: %s", e->path, strerror(errno));
}

void event_file_open(event_file *e, const char *run_folder, int64_t step)
{
    *e = (event_file){.file = NULL};
    if (open_file(e, run_folder) != STATUS_OK) {
        log_warning("%s; TensorBoard sees nothing of this start, the run goes on",
                    error_message());
        return;
    }
    add_version(e);
    if (e->file != NULL)
        add_start(e, step > 0 ? step + 1 : 0);
}

void event_file_close(event_file *e)
{
    if (e->file != NULL)
        fclose(e->file);
    buffer_free(&e->record);
    e->file = NULL;
}
