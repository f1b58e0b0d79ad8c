/* tensor_list.h - what a store holds, every tensor read and its checksum checked. */
#ifndef LOCKSTEP_SRC_CLI_TENSOR_LIST_H
#define LOCKSTEP_SRC_CLI_TENSOR_LIST_H

#include <stdint.h>

#include "lockstep/base/buffer.h"
#include "lockstep/base/status.h"
#include "lockstep/store/store.h"

enum { TENSOR_NAME = 256 };

typedef struct tensor_entry {
    char name[TENSOR_NAME];
    store_shape shape;
} tensor_entry;

/* Start from {0}. Owned: tensor_list_free. */
typedef struct tensor_list {
    buffer entries; /* of tensor_entry */
    int count;
} tensor_list;

/* In order of name. STATUS_FORMAT names the first tensor that is damaged. */
MUST_CHECK status tensor_list_load(tensor_list *out, store_reader *reader);
void tensor_list_free(tensor_list *list);

const tensor_entry *tensor_list_at(const tensor_list *list, int i);

/* Elements of all tensors whose names begin with `prefix`. */
int64_t tensor_list_elements(const tensor_list *list, const char *prefix);

const char *tensor_type_name(store_type type); /* "float" */

#endif
