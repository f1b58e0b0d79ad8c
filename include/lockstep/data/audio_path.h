/* audio_path.h - where the files are that a corpus names as its sources. */
#ifndef LOCKSTEP_DATA_AUDIO_PATH_H
#define LOCKSTEP_DATA_AUDIO_PATH_H

#include "lockstep/base/file.h"
#include "lockstep/base/status.h"
#include "lockstep/config/config.h"
#include "lockstep/data/corpus.h"

/* The folder that names in these files are relative to: that of the pairs, or of the file of
 * sources. "" is the working directory, as it is for standard input. */
void audio_folder(const config_files *files, char out[FILE_PATH_MAX]);

/* The path of a name: relative to `folder` unless it begins with a slash. STATUS_INPUT when it
 * is too long or holds a 0 byte. */
MUST_CHECK status audio_path(char out[FILE_PATH_MAX], const char *folder,
                             const corpus_line *name);

#endif
