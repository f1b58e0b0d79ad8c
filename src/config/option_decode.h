/* option_decode.h - the keys of decode: how outputs are looked for. */
#ifndef LOCKSTEP_SRC_CONFIG_OPTION_DECODE_H
#define LOCKSTEP_SRC_CONFIG_OPTION_DECODE_H

#include "option_rows.h"

#define DECODE_OPTIONS                                                                         \
    {KEY(decode.search), CHOICE("greedy", search_kinds), .applies = &is_autoregressive,        \
     .resume = RESUME_FREE,                                                                    \
     .help = "How an autoregressive decoder looks for an output: the likeliest symbol "        \
             "at every place (greedy); the likeliest of many outputs that grow side by "       \
             "side (beam); or by drawing each symbol (sample). Validation while "              \
             "training decodes so too, and greedy is the cheapest."},                          \
        {KEY(decode.tags), CHOICE("likeliest", tags_kinds), .applies = &is_tag,                \
         .resume = RESUME_FREE,                                                                \
         .help = "Which tags come out: each word's likeliest, or the likeliest sequence "      \
                 "whose spans are whole by the scheme that the data keep to. In iob2 a span "  \
                 "is B-x, then I-x while it goes on; in iob1 I-x, and B-x only right behind "  \
                 "another x; in bioes B-x, I-x ..., E-x, or S-x alone. Validation while "      \
                 "training decodes so too."},                                                  \
        {KEY(decode.beam), INTEGER("5", 1, 1024), .applies = &is_beam, .resume = RESUME_FREE,  \
         .help = "Outputs of a sentence that grow side by side. It ends when as many have "    \
                 "come to <end> as the beam holds, or none that is open can still be among "   \
                 "the n_best; 1 is greedy."},                                                  \
        {KEY(decode.n_best), INTEGER("1", 1, 1024), .applies = &is_beam,                       \
         .resume = RESUME_FREE,                                                                \
         .help = "Outputs for each sentence, the best first; at most decode.beam."},           \
        {KEY(decode.length_penalty), REAL("1.0", 0, 10), .applies = &is_beam,                  \
         .resume = RESUME_FREE,                                                                \
         .help = "The alpha of the score by which outputs are ranked: log p / ((5 + n) / "     \
                 "6)^alpha, where n counts an output's tokens and <end> (Wu et al. 2016). "    \
                 "The larger, the longer outputs become; 0 ranks by probability."},            \
        {KEY(decode.temperature), POSITIVE("1.0"), .applies = &is_sample,                      \
         .resume = RESUME_FREE,                                                                \
         .help = "What the logits are divided by before a draw: below 1 likely symbols "       \
                 "become likelier."},                                                          \
        {KEY(decode.top_k), INTEGER("0", 0, MANY), .applies = &is_sample,                      \
         .resume = RESUME_FREE, .help = "Only the k likeliest symbols are drawn; 0 is all."},  \
        {KEY(decode.top_p),                                                                    \
         REAL("1.0", 0, 1),                                                                    \
         .above_low = true,                                                                    \
         .applies = &is_sample,                                                                \
         .resume = RESUME_FREE,                                                                \
         .help = "Only the likeliest symbols whose probabilities, at the temperature and "     \
                 "among the top_k, add up to this are drawn (Holtzman et al. 2020); 1 is "     \
                 "all."},                                                                      \
        {KEY(decode.seed), INTEGER("1", 0, MANY_STEPS), .applies = &is_sample,                 \
         .resume = RESUME_FREE,                                                                \
         .help = "Another seed, other draws. They also depend on the place of the source in "  \
                 "the input, and on nothing else."},                                           \
        {KEY(decode.iterations), INTEGER("1", 1, 1000), .applies = &is_masked,                 \
         .resume = RESUME_FREE,                                                                \
         .help = "Passes over an output: all its places are filled in, then those that are "   \
                 "least certain are masked and filled in again, fewer in every pass "          \
                 "(mask-predict, Ghazvininejad et al. 2019)."},                                \
        {KEY(decode.lengths), INTEGER("1", 1, 1024), .applies = &has_length_classifier,        \
         .resume = RESUME_FREE,                                                                \
         .help = "How many of the likeliest lengths are tried; the output whose tokens have "  \
                 "the largest mean of log p is kept."},                                        \
        {KEY(decode.min_length), INTEGER("0", 0, 1000000), .applies = &has_free_length,        \
         .resume = RESUME_FREE,                                                                \
         .help = "Of an output, in tokens, as far as its limits below allow."},                \
        {KEY(decode.max_length), INTEGER("256", 1, 1000000), .applies = &is_generate,          \
         .resume = RESUME_FREE, .help = "Of an output, in tokens."},                           \
        {KEY(decode.max_ratio), REAL("3.0", 0, 1000), .applies = &is_generate,                 \
         .resume = RESUME_FREE,                                                                \
         .help = "An output also has at most 10 tokens more than this many times those of "    \
                 "its source, so that a model that has not learned to end wastes less time. "  \
                 "Raise it where outputs are much longer, such as words spelt out."},          \
        {KEY(decode.unknown), CHOICE("true", switch_words), .applies = &is_generate,           \
         .resume = RESUME_FREE, .help = "Whether <unk> may be in an output."},                 \
    {                                                                                          \
        KEY(decode.batch), INTEGER("32", 1, 65536),                                            \
            .resume = RESUME_FREE,                                                             \
            .help =                                                                            \
                "Outputs that grow together, all those of a beam counted: large models "       \
                "want more, small ones fit into cache with less. The results do not depend "   \
                "on it."                                                                       \
    }

#endif
