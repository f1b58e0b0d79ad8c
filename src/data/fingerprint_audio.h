/* fingerprint_audio.h - the content of all audio files that a corpus names. */
#ifndef LOCKSTEP_SRC_DATA_FINGERPRINT_AUDIO_H
#define LOCKSTEP_SRC_DATA_FINGERPRINT_AUDIO_H

#include <stdint.h>

#include "lockstep/base/status.h"
#include "lockstep/config/config.h"

typedef struct fingerprint_files {
    uint64_t hash;       /* of the contents in the order of the corpus */
    int64_t files, gone; /* all of them; those that cannot be opened, which have no content */
    uint64_t bytes;
    char first_gone[4096 + 256]; /* what is wrong with the first of those, with its place */
} fingerprint_files;

/* Read all files. `name` is the split's, for the live line. STATUS_INPUT for a corpus that is
 * none, STATUS_STOPPED after a signal. */
MUST_CHECK status fingerprint_audio(const config_files *corpus, const char *name,
                                    fingerprint_files *out);

#endif
