/* network.c - a network described in a YAML file. */
#include "lockstep/config/network.h"

#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "document.h"
#include "lockstep/base/file.h"
#include "lockstep/base/memory.h"
#include "value.h"

typedef struct network_key {
    const char *path;
    size_t field;
    double usual, least, most;
} network_key;

/* Those of messages are measured as src/exchange/route_cost.c says. */
static const network_key keys[] = {
    {"bandwidth", offsetof(network, bandwidth), 10e9, 1e3, 1e15},
    {"latency", offsetof(network, between.latency), 25e-6, 0.0, 10.0},
    {"message", offsetof(network, between.message), 5e-6, 0.0, 1.0},
    {"byte", offsetof(network, between.byte), 0.3e-9, 0.0, 1e-3},
    {"add", offsetof(network, add), 0.14e-9, 0.0, 1e-3},
    {"within_host.latency", offsetof(network, within.latency), 0.8e-6, 0.0, 10.0},
    {"within_host.message", offsetof(network, within.message), 1.8e-6, 0.0, 1.0},
    {"within_host.byte", offsetof(network, within.byte), 0.04e-9, 0.0, 1e-3},
    {"fat_tree.hosts", offsetof(network, hosts_a_switch), 32.0, 1.0, 4096.0},
    {"fat_tree.uplink", offsetof(network, uplink), 1.0, 0.01, 1.0},
};

enum { KEYS = sizeof(keys) / sizeof(*keys) };

static const network_key *find(const char *path)
{
    for (int i = 0; i < KEYS; i++)
        if (strcmp(keys[i].path, path) == 0)
            return &keys[i];
    return NULL;
}

/* "within_host" of "within_host.latency". */
static bool is_section(const char *path)
{
    size_t length = strlen(path);

    for (int i = 0; i < KEYS; i++)
        if (strncmp(keys[i].path, path, length) == 0 && keys[i].path[length] == '.')
            return true;
    return false;
}

static status refuse_unknown(const char *path)
{
    char shown[VALUE_EXCERPT_MAX];

    return fail(
        STATUS_CONFIG,
        "unknown key `%s`; those of a network are bandwidth, latency, message, byte, "
        "add, and latency, message and byte of within_host, hosts and uplink of fat_tree",
        value_excerpt(path, shown));
}

static status visit(void *user, const document_entry *entry)
{
    const network_key *key = entry->section ? NULL : find(entry->path);
    char shown[VALUE_EXCERPT_MAX], *end = NULL;

    if (entry->section && is_section(entry->path))
        return STATUS_OK;
    if (key == NULL)
        return refuse_unknown(entry->path);
    double value = NAN;
    if (entry->text != NULL && !entry->list && !entry->quoted)
        value = strtod(entry->text, &end);
    if (end == NULL || end == entry->text || *end != '\0' ||
        !(key->least <= value && value <= key->most))
        return fail(STATUS_CONFIG, "%s: `%s` is not a number from %g to %g", key->path,
                    entry->text != NULL ? value_excerpt(entry->text, shown) : "null",
                    key->least, key->most);
    *(double *)((char *)user + key->field) = value;
    return STATUS_OK;
}

static status load_text(network *out, const char *path)
{
    char *text;
    size_t size;

    TRY(file_load(path, &text, &size));
    status result = strlen(text) == size
                        ? document_load(path, NULL, text, visit, out)
                        : fail(STATUS_CONFIG, "%s: a zero byte stands in it", path);
    memory_destroy(text);
    return result;
}

status network_load(network *out, const char *path)
{
    *out = (network){0};
    for (int i = 0; i < KEYS; i++)
        *(double *)((char *)out + keys[i].field) = keys[i].usual;
    if (path == NULL)
        return STATUS_OK;
    TRY(load_text(out, path));
    if (fmod(out->hosts_a_switch, 1.0) != 0.0)
        return fail(STATUS_CONFIG, "%s: fat_tree.hosts: %g is not a whole number", path,
                    out->hosts_a_switch);
    return STATUS_OK;
}
