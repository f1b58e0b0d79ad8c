/* value.h - one value of a configuration, as text and in its field. */
#ifndef LOCKSTEP_SRC_CONFIG_VALUE_H
#define LOCKSTEP_SRC_CONFIG_VALUE_H

#include <stdbool.h>

#include "lockstep/base/buffer.h"
#include "lockstep/base/status.h"
#include "option.h"

/* Read `text` as a value of the option's type into its field, checking range and
 * choices; the items of a list have a line feed between. `quoted`: the text stood in
 * quotes, so it is no number. STATUS_CONFIG with "key: what is wrong"; the field is then
 * untouched. */
MUST_CHECK status value_load(const option *option, config *config, const char *text,
                             bool quoted);

/* Put the default into the field. */
MUST_CHECK status value_init(const option *option, config *config);

/* Give `to` the value of `from`, a key of the same type. */
MUST_CHECK status value_copy(const option *from, const option *to, config *config);

/* Give back what the field owns. */
void value_free(const option *option, config *config);

/* A field that holds no value: a string that was not given. */
bool value_is_null(const option *option, const config *config);

/* Append the field as a YAML scalar that value_load reads back to the same value;
 * "null" for one that is null. */
MUST_CHECK status value_add(const option *option, const config *config, buffer *out);

/* Append the row's type with its bounds or words, for the reference:
 * "integer, at least 1", "layer | batch". */
MUST_CHECK status value_add_type(const option *option, buffer *out);

/* The string field itself: `char **` is not const, the config is the owner's. */
char **value_text(const option *option, config *config);

/* `text` fit for a one-line message: control characters replaced, cut at 60. */
enum { VALUE_EXCERPT_MAX = 72 };
const char *value_excerpt(const char *text, char out[VALUE_EXCERPT_MAX]);

#endif
