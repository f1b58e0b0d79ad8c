/* option.h - the one table of configuration keys.
 *
 * Each key stands once: from its row come parsing, --set, validation, the printed
 * configuration, the reference and the rules of resuming. A new key is a field of
 * struct config and a row here; the path of a key is the path of its field.
 */
#ifndef LOCKSTEP_SRC_CONFIG_OPTION_H
#define LOCKSTEP_SRC_CONFIG_OPTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lockstep/config/config.h"

typedef enum option_type {
    OPTION_INTEGER, /* an int or an int64_t, told by the field's size */
    OPTION_REAL,    /* a double */
    OPTION_PERIOD,  /* a config_period; `high` is that of steps */
    OPTION_CHOICE,  /* an int that holds an enumerator */
    OPTION_TEXT,    /* a string, which may be empty */
    OPTION_PATH,    /* a file or folder, NULL when not given */
    OPTION_PATHS,   /* one or several of them with a line feed between, NULL when not given */
    OPTION_LIST     /* a string of words with a space between; NULL for none */
} option_type;

typedef enum option_resume {
    RESUME_FIXED,  /* a run keeps the value it started with */
    RESUME_FREE,   /* may change */
    RESUME_CONTENT /* a place of data: may change while the data stay the same */
} option_resume;

/* One word a key may have; a list ends with a NULL word. */
typedef struct option_choice {
    const char *word;
    int value;
} option_choice;

/* When a key means something. */
typedef struct option_condition {
    bool (*holds)(const config *config);
    const char *sentence; /* "data.source.vocabulary is sentencepiece" */
} option_condition;

typedef struct option {
    const char *path; /* "section.key" */
    option_type type;
    size_t offset, size;        /* of the field in struct config, in bytes */
    const char *initial;        /* the default as written in YAML; NULL: none */
    double low, high;           /* of a number, both allowed but for the next two */
    bool above_low, below_high; /* the bound itself is not allowed */
    const option_choice *choices;
    const option_condition *applies; /* NULL: always */
    option_resume resume;
    bool required;
    const char *help; /* a sentence or two */
} option;

/* All rows, in the order in which they are printed. */
const option *option_table(int *count);

/* The row with that path, or NULL. */
const option *option_find(const char *path);

/* Is `path` a section: the beginning, up to a dot, of some key? */
bool option_is_section(const char *path);

/* The key (or the section) most like `path`, for a message; `out` gets "" when
 * none is near. */
enum { OPTION_PATH_MAX = 96 };
void option_nearest(const char *path, bool section, char out[OPTION_PATH_MAX]);

/* The word of a choice's value; asking for one that no word has is a mistake of ours. */
const char *option_word(const option *option, int64_t value);

/* Does the key mean something in this configuration? */
bool option_applies(const option *option, const config *config);

#endif
