/* option.c - the one table of configuration keys. */
#include "lockstep/config/option.h"

#include <math.h>
#include <stdint.h>

/* ---- words ---- */

static const option_choice input_kinds[] = {
    {"text", INPUT_TEXT, false}, {"audio", INPUT_AUDIO, true}, {0}};
static const option_choice symbol_kinds[] = {{"characters", SYMBOL_CHARACTERS, false},
                                             {"words", SYMBOL_WORDS, false},
                                             {"sentencepiece", SYMBOL_SENTENCEPIECE, false},
                                             {0}};
static const option_choice sentencepiece_kinds[] = {
    {"bpe", SENTENCEPIECE_BPE, false}, {"unigram", SENTENCEPIECE_UNIGRAM, false}, {0}};
static const option_choice joint_kinds[] = {
    {"separate", VOCABULARIES_SEPARATE, false}, {"joint", VOCABULARIES_JOINT, false}, {0}};
static const option_choice task_kinds[] = {{"generate", TASK_GENERATE, false},
                                           {"label", TASK_LABEL, true},
                                           {"tag", TASK_TAG, true},
                                           {0}};
static const option_choice decoder_kinds[] = {{"autoregressive", DECODER_AUTOREGRESSIVE, false},
                                              {"parallel", DECODER_PARALLEL, true},
                                              {0}};
static const option_choice norm_kinds[] = {
    {"layer", NORM_LAYER, false}, {"batch", NORM_BATCH, true}, {0}};
static const option_choice norm_positions[] = {
    {"post", NORM_POST, false}, {"pre", NORM_PRE, false}, {0}};
static const option_choice positions_kinds[] = {
    {"sinusoidal", POSITIONS_SINUSOIDAL, false}, {"learned", POSITIONS_LEARNED, false}, {0}};
static const option_choice activation_kinds[] = {
    {"relu", ACTIVATION_RELU, false}, {"gelu", ACTIVATION_GELU, false}, {0}};
static const option_choice tie_kinds[] = {
    {"none", TIE_NONE, false}, {"target", TIE_TARGET, false}, {"all", TIE_ALL, false}, {0}};
static const option_choice optimizer_names[] = {{"adam", OPTIMIZER_ADAM, false},
                                                {"adamw", OPTIMIZER_ADAMW, true},
                                                {"sgd", OPTIMIZER_SGD, true},
                                                {"rmsprop", OPTIMIZER_RMSPROP, true},
                                                {0}};
static const option_choice schedule_names[] = {{"constant", SCHEDULE_CONSTANT, false},
                                               {"inverse_sqrt", SCHEDULE_INVERSE_SQRT, false},
                                               {"linear", -1, true},
                                               {"cosine", -1, true},
                                               {"exponential", -1, true},
                                               {"steps", -1, true},
                                               {"plateau", -1, true},
                                               {0}};
static const option_choice sampling_schedules[] = {
    {"none", SAMPLING_NONE, false}, {"constant", -1, true},        {"linear", -1, true},
    {"exponential", -1, true},      {"inverse_sigmoid", -1, true}, {0}};
static const option_choice metric_names[] = {{"loss", METRIC_LOSS, false},
                                             {"accuracy", METRIC_ACCURACY, false},
                                             {"exact", METRIC_EXACT, false},
                                             {"bleu", METRIC_BLEU, false},
                                             {"chrf", METRIC_CHRF, false},
                                             {"wer", METRIC_WER, false},
                                             {"per", METRIC_PER, false},
                                             {"cer", METRIC_CER, false},
                                             {0}};
static const option_choice search_kinds[] = {
    {"greedy", SEARCH_GREEDY, false}, {"beam", -1, true}, {0}};

/* ---- conditions ---- */

static bool trains_sentencepiece(const config_side *side)
{
    return side->vocabulary == SYMBOL_SENTENCEPIECE && !side->model;
}

/* A joint vocabulary is described by data.source alone. */
static bool separate(const config *c)
{
    return c->data.vocabulary == VOCABULARIES_SEPARATE;
}

static bool source_trained(const config *c)
{
    return trains_sentencepiece(&c->data.source);
}

static bool target_trained(const config *c)
{
    return separate(c) && trains_sentencepiece(&c->data.target);
}

static bool source_pieces(const config *c)
{
    return c->data.source.vocabulary == SYMBOL_SENTENCEPIECE;
}

static bool target_pieces(const config *c)
{
    return separate(c) && c->data.target.vocabulary == SYMBOL_SENTENCEPIECE;
}

static bool source_counted(const config *c)
{
    return !source_pieces(c);
}

static bool target_counted(const config *c)
{
    return separate(c) && c->data.target.vocabulary != SYMBOL_SENTENCEPIECE;
}

static bool source_sized(const config *c)
{
    return source_counted(c) || source_trained(c);
}

static bool target_sized(const config *c)
{
    return target_counted(c) || target_trained(c);
}

static bool source_words(const config *c)
{
    return c->data.source.vocabulary == SYMBOL_WORDS;
}

static bool target_words(const config *c)
{
    return separate(c) && c->data.target.vocabulary == SYMBOL_WORDS;
}

static bool moments(const config *c)
{
    int name = c->training.optimizer.name;
    return name == OPTIMIZER_ADAM || name == OPTIMIZER_ADAMW;
}

static bool scaled(const config *c)
{
    return moments(c) || c->training.optimizer.name == OPTIMIZER_RMSPROP;
}

static bool warms_up(const config *c)
{
    return c->training.schedule.name == SCHEDULE_INVERSE_SQRT;
}

static bool validates(const config *c)
{
    return c->validation.every > 0;
}

#define SIDE_CONDITIONS(side, also)                                                            \
    static const option_condition side##_is_trained = {                                        \
        side##_trained, also "data." #side ".vocabulary is sentencepiece and "                 \
                             "data." #side ".model is not given"};                             \
    static const option_condition side##_is_sized = {side##_sized, also                        \
                                                     "data." #side ".model is not given"};     \
    static const option_condition side##_is_pieces = {                                         \
        side##_pieces, also "data." #side ".vocabulary is sentencepiece"};                     \
    static const option_condition side##_is_counted = {                                        \
        side##_counted, also "data." #side ".vocabulary is characters or words"};              \
    static const option_condition side##_is_words = {side##_words, also                        \
                                                     "data." #side ".vocabulary is words"}
SIDE_CONDITIONS(source, "");
SIDE_CONDITIONS(target, "data.vocabulary is separate and ");

static const option_condition is_separate = {separate, "data.vocabulary is separate"};
static const option_condition has_moments = {moments,
                                             "training.optimizer.name is adam or adamw"};
static const option_condition has_scale = {scaled,
                                           "training.optimizer.name is adam, adamw or rmsprop"};
static const option_condition has_warmup = {warms_up, "training.schedule.name is inverse_sqrt"};
static const option_condition has_validation = {validates, "validation.every is above 0"};

/* ---- the table ---- */

/* The path of a key is the path of its field. */
#define KEY(field)                                                                             \
    .path = #field, .offset = offsetof(config, field), .size = sizeof(((config *)NULL)->field)
#define INTEGER(text, from, to) .type = OPTION_INTEGER, .initial = text, .low = from, .high = to
#define REAL(text, from, to)    .type = OPTION_REAL, .initial = text, .low = from, .high = to
#define SHARE(text)             .type = OPTION_REAL, .initial = text, .high = 1, .below_high = true
#define POSITIVE(text)          .type = OPTION_REAL, .initial = text, .high = HUGE_VAL, .above_low = true
#define CHOICE(text, words)     .type = OPTION_CHOICE, .initial = text, .choices = words
#define TEXT(text)              .type = OPTION_TEXT, .initial = text
#define PATH                    .type = OPTION_PATH

enum { MANY = INT32_MAX };
/* The largest integer that a double, in which bounds are kept, holds exactly. */
#define MANY_STEPS 9007199254740992.0

#define SIDE_OPTIONS(side, symbols, when)                                                      \
    {KEY(data.side.kind), CHOICE("text", input_kinds),                                         \
     .help = "What a line of the " #side " holds."},                                           \
        {KEY(data.side.vocabulary), CHOICE(symbols, symbol_kinds), .applies = when,            \
         .help = "What a symbol is: a character, a word between white space, or "              \
                 "a subword of SentencePiece."},                                               \
        {KEY(data.side.size), INTEGER("0", 0, 10000000), .applies = &side##_is_sized,          \
         .help = "The largest number of symbols, the most frequent ones; 0 is no "             \
                 "limit. Must be given for a sentencepiece vocabulary."},                      \
        {KEY(data.side.minimum_count), INTEGER("1", 1, MANY), .applies = &side##_is_counted,   \
         .help = "Symbols seen less often in the training data become <unk>."},                \
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
    {                                                                                          \
        KEY(data.split.target), PATH,                                                          \
            .resume = RESUME_CONTENT,                                                          \
            .help = use ": the target side, line by line; together with source, "              \
                        "instead of pairs."                                                    \
    }

static const option table[] = {
    {KEY(run.folder), PATH, .required = true, .resume = RESUME_FREE,
     .help = "Where the run keeps its configuration, log, metrics and "
             "checkpoints."},
    {KEY(run.seed), INTEGER("1", 0, MANY_STEPS),
     .help = "Every random number of the run follows from it."},
    {KEY(run.threads), INTEGER("1", 1, 1024), .resume = RESUME_FREE,
     .help = "Threads of each rank. The results do not depend on it."},

    SIDE_OPTIONS(source, "characters", NULL),
    SIDE_OPTIONS(target, "words", &is_separate),
    {KEY(data.vocabulary), CHOICE("separate", joint_kinds),
     .help = "A vocabulary for each side, or one for both made of both; then "
             "data.source describes it, and data.target is the same."},
    FILES_OPTIONS(train, "Training data, required"),
    FILES_OPTIONS(valid, "Validation data, required when validation.every is "
                         "above 0"),
    FILES_OPTIONS(test, "Test data"),
    {KEY(data.max_length), INTEGER("256", 1, 1000000),
     .help = "In tokens of either side, without <begin> and <end>; a longer "
             "pair is dropped, with a count in the log."},
    {KEY(data.dataset), PATH, .resume = RESUME_CONTENT,
     .help = "The prepared dataset; by default dataset.h5 in run.folder. Runs "
             "on the same data may share one."},
    {KEY(data.window), INTEGER("65536", 1, MANY),
     .help = "Pairs that are shuffled and sorted into batches together. "
             "Memory and the time to start grow with it."},

    {KEY(model.task), CHOICE("generate", task_kinds),
     .help = "What comes out: a sequence, one label, or one tag per token."},
    {KEY(model.decoder), CHOICE("autoregressive", decoder_kinds),
     .help = "How a sequence comes out: token after token, or all at once."},
    {KEY(model.width), INTEGER("128", 1, 65536),
     .help = "Of embeddings and layers; a multiple of model.heads."},
    {KEY(model.heads), INTEGER("4", 1, 1024), .help = "Of every attention."},
    {KEY(model.feed_forward), INTEGER("512", 1, 1048576),
     .help = "Width of the feed-forward network's hidden layer."},
    {KEY(model.encoder_layers), INTEGER("3", 1, 1000), .help = "Layers of the encoder."},
    {KEY(model.decoder_layers), INTEGER("3", 1, 1000), .help = "Layers of the decoder."},
    {KEY(model.encoder_norm), CHOICE("layer", norm_kinds),
     .help = "Normalisation in the encoder."},
    {KEY(model.decoder_norm), CHOICE("layer", norm_kinds),
     .help = "Normalisation in the decoder."},
    {KEY(model.norm_position), CHOICE("post", norm_positions),
     .help = "After the residual sum, as in the original Transformer, or "
             "before each block with a final one at the end of the stack."},
    {KEY(model.positions), CHOICE("sinusoidal", positions_kinds),
     .help = "How a token knows its place."},
    {KEY(model.activation), CHOICE("relu", activation_kinds),
     .help = "Of the feed-forward network."},
    {KEY(model.dropout), SHARE("0.1"), .help = "On embeddings and residual branches."},
    {KEY(model.attention_dropout), SHARE("0.0"), .help = "On the weights of attention."},
    {KEY(model.activation_dropout), SHARE("0.0"),
     .help = "On the feed-forward network's hidden layer."},
    {KEY(model.tie), CHOICE("target", tie_kinds),
     .help = "Which matrices are one: the target embedding and the output "
             "layer, or these and the source embedding (all, which needs a "
             "joint vocabulary)."},

    {KEY(batch.tokens), INTEGER("4096", 1, 1073741824),
     .help = "Of a global batch, on all ranks together, about: the sum over "
             "its pairs of the longer side."},
    {KEY(batch.grains), INTEGER("8", 1, 65536),
     .help = "Parts of a batch that ranks share out whole: the largest number "
             "of ranks. The results depend on it, not on the ranks."},
    {KEY(batch.accumulate), INTEGER("1", 1, 65536),
     .help = "Batches whose gradients make one step, one after the other."},

    {KEY(training.steps), INTEGER("20000", 1, MANY_STEPS), .resume = RESUME_FREE,
     .help = "Updates of the parameters, in all."},
    {KEY(training.label_smoothing), SHARE("0.1"),
     .help = "Share of the target's probability given to the whole "
             "vocabulary."},
    {KEY(training.optimizer.name), CHOICE("adam", optimizer_names),
     .help = "How a gradient changes the parameters."},
    {KEY(training.optimizer.beta1), SHARE("0.9"), .applies = &has_moments,
     .help = "Decay of the mean of gradients."},
    {KEY(training.optimizer.beta2), SHARE("0.98"), .applies = &has_moments,
     .help = "Decay of the mean of squared gradients."},
    {KEY(training.optimizer.epsilon), POSITIVE("1e-9"), .applies = &has_scale,
     .help = "Added to the root of the mean of squared gradients."},
    {KEY(training.schedule.name), CHOICE("inverse_sqrt", schedule_names),
     .help = "The learning rate over the steps: constant, or a linear warm-up "
             "followed by a decay with the root of the step."},
    {KEY(training.schedule.peak), POSITIVE("0.001"),
     .help = "The constant rate, or the rate at the end of the warm-up."},
    {KEY(training.schedule.warmup), INTEGER("2000", 1, MANY_STEPS), .applies = &has_warmup,
     .help = "Steps of the warm-up."},
    {KEY(training.clip_norm), REAL("1.0", 0, HUGE_VAL),
     .help = "Longer gradients are scaled to this norm; 0 is no limit."},
    {KEY(training.scheduled_sampling.schedule), CHOICE("none", sampling_schedules),
     .help = "How often the decoder sees its own output while it learns."},
    {KEY(training.initialize_from), PATH,
     .help = "A checkpoint, or a run's folder, whose parameters to start from "
             "(fine-tuning)."},
    {KEY(training.report_every), INTEGER("100", 1, MANY), .resume = RESUME_FREE,
     .help = "Steps between lines of the log and of metrics.jsonl."},

    {KEY(validation.every), INTEGER("1000", 0, MANY_STEPS), .resume = RESUME_FREE,
     .help = "Steps between validations; 0 is never."},
    {KEY(validation.metric), CHOICE("loss", metric_names), .applies = &has_validation,
     .help = "What makes a checkpoint the best. exact is the share of outputs "
             "equal to a reference; wer and per are the edit distance over "
             "words (phonemes) by their number in the reference, cer that "
             "over characters."},
    {KEY(validation.patience), INTEGER("10", 0, MANY), .applies = &has_validation,
     .resume = RESUME_FREE,
     .help = "Validations without a better one after which training ends; 0 "
             "is no early end."},

    {KEY(checkpoint.every), INTEGER("1000", 1, MANY_STEPS), .resume = RESUME_FREE,
     .help = "Steps between checkpoints."},
    {KEY(checkpoint.keep), INTEGER("5", 1, MANY), .resume = RESUME_FREE,
     .help = "Newest checkpoints that stay; the best stays besides."},

    {KEY(distributed.bucket_bytes), INTEGER("8388608", 16384, 4294967296.0),
     .resume = RESUME_FREE,
     .help = "Gradients are exchanged in parts of about this size. The "
             "results do not depend on it."},
    {KEY(distributed.stall_seconds), INTEGER("300", 0, MANY), .resume = RESUME_FREE,
     .help = "A rank that waits longer for another says so and ends the job; "
             "0 waits for ever."},

    {KEY(decode.search), CHOICE("greedy", search_kinds), .resume = RESUME_FREE,
     .help = "How an output is looked for."},
    {KEY(decode.max_length), INTEGER("256", 1, 1000000), .resume = RESUME_FREE,
     .help = "Of an output, in tokens."},
    {KEY(decode.max_ratio), REAL("3.0", 0, 1000), .resume = RESUME_FREE,
     .help = "An output also has at most 10 tokens more than this many times its "
             "source, so that a model that has not learned to end wastes less time. "
             "Raise it where outputs are much longer, such as words spelt out."},
};

const option *option_table(int *count)
{
    *count = (int)(sizeof table / sizeof *table);
    return table;
}
