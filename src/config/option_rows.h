/* option_rows.h - how the rows of the table of keys are written (option.c). */
#ifndef LOCKSTEP_SRC_CONFIG_OPTION_ROWS_H
#define LOCKSTEP_SRC_CONFIG_OPTION_ROWS_H

#include <math.h>
#include <stdint.h>

#include "conditions.h"
#include "option.h"
#include "words.h"

/* The path of a key is the path of its field. */
#define KEY(field)                                                                             \
    .path = #field, .offset = offsetof(config, field), .size = sizeof(((config *)NULL)->field)
#define INTEGER(text, from, to) .type = OPTION_INTEGER, .initial = text, .low = from, .high = to
#define REAL(text, from, to)    .type = OPTION_REAL, .initial = text, .low = from, .high = to
#define SHARE(text)             REAL(text, 0, 1), .below_high = true
#define POSITIVE(text)          REAL(text, 0, HUGE_VAL), .above_low = true
#define PERIOD(text)            .type = OPTION_PERIOD, .initial = text, .high = MANY_STEPS
#define CHOICE(text, words)     .type = OPTION_CHOICE, .initial = text, .choices = words
#define TEXT(text)              .type = OPTION_TEXT, .initial = text
#define PATH                    .type = OPTION_PATH
#define PATHS                   .type = OPTION_PATHS
#define LIST                    .type = OPTION_LIST

enum { MANY = INT32_MAX };
/* The largest integer that a double, in which bounds are kept, holds exactly. */
#define MANY_STEPS 9007199254740992.0

#define SIDE_OPTIONS(side, symbol, when)                                                       \
    {KEY(data.side.kind), CHOICE("text", input_kinds),                                         \
     .help = "What a line of the " #side " holds."},                                           \
        {KEY(data.side.vocabulary), CHOICE(symbol, symbol_kinds), .applies = when,             \
         .help = "What a symbol is: a character, a word between white space, or "              \
                 "a subword of SentencePiece."},                                               \
        {KEY(data.side.size), INTEGER("0", 0, 10000000), .applies = &side##_is_sized,          \
         .help = "The largest number of symbols, the most frequent ones; 0 is no "             \
                 "limit. Must be given for a sentencepiece vocabulary."},                      \
        {KEY(data.side.minimum_count), INTEGER("1", 1, MANY), .applies = &side##_is_counted,   \
         .help = "Symbols seen less often in the training data become <unk>."},                \
        {KEY(data.side.symbols), LIST, .applies = &side##_is_sized,                            \
         .help = "Symbols of your own, such as [<sep>], that are in the vocabulary however "   \
                 "seldom they are seen, and are kept whole: by characters and sentencepiece "  \
                 "wherever they stand, by words where they are a word."},                      \
        {KEY(data.side.algorithm), CHOICE("bpe", sentencepiece_kinds),                         \
         .applies = &side##_is_trained, .help = "How SentencePiece learns its subwords."},     \
        {KEY(data.side.model), PATH, .resume = RESUME_CONTENT, .applies = &side##_is_pieces,   \
         .help = "A SentencePiece .model to use; without it one is trained on "                \
                 "the training data."},                                                        \
    {                                                                                          \
        KEY(data.side.continuation), TEXT(""),                                                 \
            .applies = &side##_is_words,                                                       \
            .help = "Marks a word that goes on in the next one, as \"@@\" in text "            \
                    "that was cut into subwords beforehand; removed, with the space "          \
                    "after it, when text is written. Empty: no mark."                          \
    }

#define FILES_OPTIONS(split, use)                                                              \
    {KEY(data.split.pairs), PATH, .resume = RESUME_CONTENT,                                    \
     .help = use ": a file with source, tab, target on each line; .gz is "                     \
                 "read too. Or give source and target."},                                      \
        {KEY(data.split.source), PATH, .resume = RESUME_CONTENT,                               \
         .help = use ": the source side, line by line; together with target, "                 \
                     "instead of pairs."},                                                     \
        {KEY(data.split.conll), PATH, .resume = RESUME_CONTENT, .applies = &is_tag,            \
         .help = use ": a CoNLL file, a word and its tag on each line and an empty line "      \
                     "between sentences, instead of pairs. Of more columns the first "         \
                     "and the last are taken."},                                               \
    {                                                                                          \
        KEY(data.split.target), PATH,                                                          \
            .resume = RESUME_CONTENT,                                                          \
            .help = use ": the target side, line by line; together with source, "              \
                        "instead of pairs."                                                    \
    }

#endif
