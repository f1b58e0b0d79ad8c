/* dataset.h - a prepared dataset: one HDF5 file (store.h, kind "dataset") with the
 * token numbers of every split, the vocabularies and the fingerprint of what it was
 * made from.
 *
 *   /<split>/<side>/ids       int32 [tokens] without specials; of tags as many as of the
 *                             source, -1 where no word begins
 *   /<split>/source/frames    half [rows, width] in the place of ids where the source is audio
 *   /<split>/<side>/offsets   int64 [pairs + 1] where a pair's ids or rows begin
 *   /<split>/<side>/text      strings [pairs], valid and test only: the lines as
 *                             the user wrote them, for metrics
 *   /pieces/...               checksums of the pieces of ids, frames and offsets (store.h),
 *                             with which every read is verified; none in version 1
 *   the vocabularies          as data/sides.h says
 *   attributes fingerprint, origin (the text that was hashed); former: the fingerprint of a
 *                             dataset of the same content that this one replaced
 * with splits train, valid, test (those that the configuration names) and sides
 * source, target.
 *
 * A dataset of several files (data.dataset: [a.h5, b.h5]) has its training pairs in runs of
 * about the same size that follow each other; the first file has all else that one file would,
 * the others have /train alone, offsets beginning at 0, and the fingerprint. Each knows its
 * place:
 *   attributes part, parts    its number, from 1, and how many there are; also the note of the
 *                             store (store_note)
 *   attribute content         of the whole: what one file of all pairs would have (content.h)
 */
#ifndef LOCKSTEP_DATA_DATASET_H
#define LOCKSTEP_DATA_DATASET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lockstep/base/status.h"
#include "lockstep/config/config.h"
#include "lockstep/data/audio_block.h"
#include "lockstep/data/pair_source.h"
#include "lockstep/data/sides.h"
#include "lockstep/data/text_crew.h"

typedef enum dataset_split { SPLIT_TRAIN, SPLIT_VALID, SPLIT_TEST, SPLITS } dataset_split;

/* "train", as in the keys of a configuration, in a dataset and in messages. */
const char *dataset_split_name(dataset_split split);
/* The split of that name; false when there is none. */
bool dataset_split_find(const char *name, dataset_split *out);
/* Are its lines kept in a dataset, for metrics? Of all but train. */
bool dataset_split_keeps_text(dataset_split split);
/* What the configuration names for the split. Borrowed. */
const config_files *dataset_split_files(const config *config, dataset_split split);

typedef struct dataset dataset;

/* Make the dataset that `config` describes at dataset_path(config). The log says
 * what was read, dropped (longer than data.max_length, or an empty side) and
 * written. Not collective: rank 0 calls it. The same input gives the same bytes on
 * any machine. Refuses to replace a file that is not a Lockstep dataset. */
MUST_CHECK status dataset_prepare(const config *config);

/* The same for a run that was trained on `known` (dataset_is). STATUS_CONFIG when it would be
 * other data; then the dataset that is there stays. */
MUST_CHECK status dataset_prepare_again(const config *config, uint64_t known);

/* Who helps: with the files of a source of audio, with lines; NULL: this process alone does. */
typedef struct dataset_crew {
    const audio_crew *audio;
    const text_crew *text;
} dataset_crew;

/* Either of them, `known` NULL or not. */
MUST_CHECK status dataset_prepare_with(const config *config, const uint64_t *known,
                                       const dataset_crew *crew);

/* Fail with what a user does about that. */
status dataset_refuse_other(const config *config);

/* Does dataset_path hold what dataset_prepare would write, judged by the settings
 * and the inputs' sizes and hashes? `*fresh` is false also when there is no file,
 * and with a warning when it is damaged. With `believe`, of an input that is gone
 * the dataset is believed, with a warning. Hashes the inputs and the dataset whole, but for
 * large files that nothing has touched since the last time; so one rank does, and dataset_open
 * need not verify again. STATUS_INPUT when an input is missing otherwise, STATUS_FORMAT when
 * the file is not a Lockstep dataset at all, STATUS_CONFIG as dataset_check_parts. */
MUST_CHECK status dataset_is_fresh(const config *config, bool believe, bool *fresh);

/* data.dataset, or <run.folder>/dataset.h5: its files, and the path of number `part`, from 0,
 * into `out`; dataset_path: of the first. */
int dataset_parts(const config *config);
MUST_CHECK status dataset_part_path(const config *config, int part, char *out, size_t size);
MUST_CHECK status dataset_path(const config *config, char *out, size_t size);

/* Are all files there, and of one dataset? When not, a warning says why. With one file it only
 * looks whether it is there. STATUS_CONFIG for a file that is there but has another place in a
 * dataset than in data.dataset: it must not be replaced. Hashes several files whole. */
MUST_CHECK status dataset_check_parts(const config *config, bool *whole);

/* Open for reading; `verify` checks the hash of the whole file (one rank does).
 * `*out` is owned: dataset_close. Its pairs and texts may be asked for by several threads. */
MUST_CHECK status dataset_open(dataset **out, const char *path, bool verify);
/* The same for what dataset_part_path says, one file or several. STATUS_CONFIG names a file
 * that stands in another's place, STATUS_FORMAT one of another dataset. */
MUST_CHECK status dataset_open_of(dataset **out, const config *config, bool verify);
void dataset_close(dataset *dataset); /* NULL is fine */

/* What a model has room for: a side with more positions is STATUS_FORMAT from now on. */
void dataset_limit(dataset *dataset, int longest);

const sides *dataset_sides(const dataset *dataset); /* borrowed */
/* What a run learns from: equal when the vocabularies and the encoded pairs of train and valid
 * are, whatever files they were made from. */
uint64_t dataset_content(const dataset *dataset);
/* Was a run that knows `known` trained on the same? A content, or, by an older Lockstep, the
 * fingerprint of this dataset or of one of the same content that it replaced. */
bool dataset_is(const dataset *dataset, uint64_t known);

int64_t dataset_pairs(const dataset *dataset, dataset_split split); /* 0: no such */

/* A split as a source; borrows the dataset. */
pair_source dataset_source(dataset *dataset, dataset_split split);

/* With the contracts of a pair_source. */
MUST_CHECK status dataset_lengths(dataset *dataset, dataset_split split, dataset_side side,
                                  int64_t first, int64_t count, int32_t *out);
MUST_CHECK status dataset_load(dataset *dataset, dataset_split split, dataset_side side,
                               int64_t first, int64_t count, void *out);

/* The lines of valid or test as the user wrote them, one for each pair. `*out` is one
 * owned block of pointers and text: memory_destroy(*out). */
MUST_CHECK status dataset_texts(dataset *dataset, dataset_split split, dataset_side side,
                                char ***out, size_t *count);

#endif
