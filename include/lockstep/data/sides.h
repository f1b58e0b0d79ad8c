/* sides.h - what the two sides of a run's pairs are made of: learnt, saved and loaded
 * together. A side of text is symbols, and has a vocabulary; a source may be audio, which is
 * frames, and has settings.
 *
 * A target is a text, or one label, or tags: for each element of the source one, which is that
 * of the word that begins there, and -1 where none begins. A word stands between white space,
 * and in a vocabulary of words with a continuation mark goes on in the next. The labels
 * and tags of the training data, as they stand there, are numbered as symbols.
 *
 * In a file, a dataset or a checkpoint:
 *   attributes                    joint, source_vocabulary, target_vocabulary (kinds; 3:
 *                                 the target is a label);
 *                                 tags: 1, where the target is tags; continuation: the
 *                                 mark of source words that go on, where there is one;
 *                                 mask: 1, where <mask> is a special of the target's;
 *                                 copy: 1, where words are copied;
 *                                 source_audio, "rate 16000 mels 80 ...", of a source of
 *                                 audio, which has no vocabulary
 *   /vocabulary/<side>/symbols    strings in the order of their numbers
 *   /vocabulary/<side>/model      bytes of a SentencePiece model, where there is one
 *                                 sides source and target, also when joint (older
 *                                 datasets then have source alone)
 */
#ifndef LOCKSTEP_DATA_SIDES_H
#define LOCKSTEP_DATA_SIDES_H

#include "lockstep/base/status.h"
#include "lockstep/config/config.h"
#include "lockstep/data/audio_features.h"
#include "lockstep/data/corpus.h"
#include "lockstep/data/pair_set.h"
#include "lockstep/store/store.h"
#include "lockstep/text/vocabulary.h"

/* Start from {0}. Owned: sides_free. */
typedef struct sides {
    vocabulary *vocabularies[SIDES]; /* one object when joint; of audio NULL */
    int task;                        /* task_kind: what a target is */
    char *continuation;              /* of source words, for tags; NULL: none; owned */
    bool copies;                     /* words of the source may stand in the target */
    audio_settings audio;            /* of a source of audio */
    audio_features *features;        /* NULL: the source is text */
} sides;

/* As the configuration says: from the training text, which the crew (text_crew.h) reads and
 * counts, or users' models. STATUS_CONFIG names the key that asks for the impossible. */
struct text_crew;
MUST_CHECK status sides_create(sides *out, const config *config, const struct text_crew *crew);
void sides_free(sides *sides);

MUST_CHECK status sides_save(const sides *sides, store_writer *writer);
MUST_CHECK status sides_load(sides *out, store_reader *reader);

/* Sides of text as bytes for another process of this program, appended; and back. */
MUST_CHECK status sides_pack(const sides *sides, buffer *out);
MUST_CHECK status sides_unpack(sides *out, const char *packed);

/* Are the sides of the kinds that the configuration says, and do they have what its task and
 * decoder need? STATUS_FORMAT when a file's do not. */
MUST_CHECK status sides_check(const sides *sides, const config *config);

element sides_element(const sides *sides, dataset_side side);
bool sides_are_audio(const sides *sides, dataset_side side);
/* Different symbols that a side may hold: those of its table of embeddings; 0 of audio. */
int sides_symbols(const sides *sides, dataset_side side);
bool sides_are_joint(const sides *sides);
/* What turns a side's symbols back into text; NULL of audio. Borrowed. */
const vocabulary *sides_vocabulary(const sides *sides, dataset_side side);

/* The next pair of a corpus (corpus_next); the vocabularies are not needed. STATUS_INPUT with
 * file:line and both counts where there are not as many tags as words. */
MUST_CHECK status sides_read(const sides *sides, corpus *from, corpus_line lines[SIDES],
                             bool *end);

/* Put a line as `side` of the pair that `to` gets next (pair_set_put). `*length` is what the
 * line has, 0 for one without content; when it is more than `most`, nothing was put.
 * Where targets are tags the source comes first: with it the target becomes 0 where a word
 * begins and -1 elsewhere, which is all of the pair when there is no target; these are then
 * replaced by the tags of a line with as many (sides_read), or stay when nothing was put.
 * On a side of audio the line names a file, relative to `folder` (audio_path.h), which is read
 * by one thread at a time; STATUS_INPUT when it cannot be (audio_features.h), and nothing was
 * put. */
MUST_CHECK status sides_encode(const sides *sides, dataset_side side, const corpus_line *line,
                               const char *folder, size_t most, pair_set *to, size_t *length);

/* ---- where words are copied (model.copy) ----
 *
 * Of V symbols of the target and Vs of the source a number below V is a symbol of the target's;
 * V + s is symbol s of the source's, which the target's vocabulary has not; and V + Vs + j is
 * the j-th different word of this source that its vocabulary has not, either. In a source such
 * a word is Vs + j. sides_encode gives these numbers, and keeps the words in the set; so a
 * target is encoded after its source, of which it takes them. */

/* What each symbol of the source is in the target: [sides_symbols of the source]. */
void sides_copied(const sides *sides, int32_t *out);

/* The words of a source, for a pair whose elements were put in another way. */
MUST_CHECK status sides_keep_words(const sides *sides, const corpus_line *source, pair_set *to);

/* The text of a number of a side of a pair, whose words `from` has: borrowed. */
const char *sides_text(const sides *sides, dataset_side side, const pair_set *from,
                       int64_t pair, int32_t id);

/* The line of these numbers of the target, as vocabulary_decode makes it, appended. */
MUST_CHECK status sides_decode(const sides *sides, const pair_set *from, int64_t pair,
                               const int32_t *ids, size_t count, const char *continuation,
                               buffer *out);

#endif
