/* write_driver.c - an HDF5 file driver that survives a full disk. */
#define _FILE_OFFSET_BITS 64
#include "write_driver.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>
#if H5_VERSION_GE(1, 13, 0)
#include <H5FDdevelop.h>
#endif

#include "lockstep/base/memory.h"

typedef struct write_file {
    H5FD_t common; /* HDF5's part comes first */
    int descriptor;
    int *error;   /* the first errno; borrowed from the access list's owner */
    haddr_t end;  /* of what HDF5 has allocated */
    haddr_t size; /* of what was written */
} write_file;

/* What the access list carries. */
typedef struct write_info {
    int *error;
} write_info;

static void remember(const write_file *file)
{
    if (*file->error == 0)
        *file->error = errno;
}

static H5FD_t *driver_open(const char *name, unsigned flags, hid_t access, haddr_t limit)
{
    const write_info *info = H5Pget_driver_info(access);
    write_file *file = memory_create(1, sizeof(*file));

    (void)flags, (void)limit;
    if (info == NULL || file == NULL) {
        memory_destroy(file);
        return NULL;
    }
    file->error = info->error;
    file->descriptor = open(name, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (file->descriptor < 0) {
        remember(file);
        memory_destroy(file);
        return NULL;
    }
    return &file->common;
}

static herr_t driver_close(H5FD_t *common)
{
    write_file *file = (write_file *)common;

    if (close(file->descriptor) != 0)
        remember(file);
    memory_destroy(file);
    return 0;
}

static herr_t driver_query(const H5FD_t *common, unsigned long *flags)
{
    (void)common;
    *flags = H5FD_FEAT_AGGREGATE_METADATA | H5FD_FEAT_ACCUMULATE_METADATA |
             H5FD_FEAT_DATA_SIEVE | H5FD_FEAT_AGGREGATE_SMALLDATA |
             H5FD_FEAT_DEFAULT_VFD_COMPATIBLE;
    return 0;
}

static haddr_t driver_get_end(const H5FD_t *common, H5FD_mem_t type)
{
    (void)type;
    return ((const write_file *)common)->end;
}

static herr_t driver_set_end(H5FD_t *common, H5FD_mem_t type, haddr_t end)
{
    (void)type;
    ((write_file *)common)->end = end;
    return 0;
}

static haddr_t driver_get_size(const H5FD_t *common, H5FD_mem_t type)
{
    const write_file *file = (const write_file *)common;

    (void)type;
    return file->size > file->end ? file->size : file->end;
}

/* What was never written reads as 0. */
static herr_t driver_read(H5FD_t *common, H5FD_mem_t type, hid_t transfer, haddr_t at,
                          size_t size, void *bytes)
{
    write_file *file = (write_file *)common;
    unsigned char *to = bytes;

    (void)type, (void)transfer;
    while (size > 0) {
        ssize_t got = pread(file->descriptor, to, size, (off_t)at);

        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            remember(file);
        if (got <= 0) {
            memset(to, 0, size);
            break;
        }
        to += got;
        at += (haddr_t)got;
        size -= (size_t)got;
    }
    return 0;
}

static herr_t driver_write(H5FD_t *common, H5FD_mem_t type, hid_t transfer, haddr_t at,
                           size_t size, const void *bytes)
{
    write_file *file = (write_file *)common;
    const unsigned char *from = bytes;

    (void)type, (void)transfer;
    while (size > 0 && *file->error == 0) {
        ssize_t put = pwrite(file->descriptor, from, size, (off_t)at);

        if (put < 0 && errno != EINTR)
            remember(file);
        if (put <= 0)
            continue;
        from += put;
        at += (haddr_t)put;
        size -= (size_t)put;
    }
    if (at + size > file->size)
        file->size = at + size;
    return 0;
}

static herr_t driver_truncate(H5FD_t *common, hid_t transfer, hbool_t closing)
{
    write_file *file = (write_file *)common;

    (void)transfer, (void)closing;
    if (*file->error == 0 && ftruncate(file->descriptor, (off_t)file->end) != 0)
        remember(file);
    file->size = file->end;
    return 0;
}

static const H5FD_class_t driver = {
#if H5_VERSION_GE(1, 13, 0)
    .version = H5FD_CLASS_VERSION,
    .value = (H5FD_class_value_t)(H5_VFD_RESERVED + 201),
#endif
    .name = "lockstep",
    .maxaddr = (haddr_t)INT64_MAX,
    .fc_degree = H5F_CLOSE_STRONG,
    .fapl_size = sizeof(write_info),
    .open = driver_open,
    .close = driver_close,
    .query = driver_query,
    .get_eoa = driver_get_end,
    .set_eoa = driver_set_end,
    .get_eof = driver_get_size,
    .read = driver_read,
    .write = driver_write,
    .truncate = driver_truncate,
    .fl_map = H5FD_FLMAP_DICHOTOMY,
};

hid_t write_driver_set(hid_t access, int *error)
{
    const write_info info = {.error = error};
    hid_t id = H5FDregister(&driver);

    if (id >= 0 && H5Pset_driver(access, id, &info) < 0) {
        H5FDunregister(id);
        return -1;
    }
    return id;
}
