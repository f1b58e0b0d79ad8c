/* config.h - the resolved configuration: one field for each key of the option table
 * (src/config/option.h), in the table's sections, and last what follows from them.
 */
#ifndef LOCKSTEP_CONFIG_CONFIG_H
#define LOCKSTEP_CONFIG_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lockstep/base/status.h"

/* Strings are owned by the config and never NULL unless a comment says so. With a
 * joint vocabulary the target's description is a copy of the source's. */
typedef struct config_side {
    int kind;       /* input_kind */
    int vocabulary; /* symbol_kind */
    int size;       /* largest number of symbols; 0: no limit, or as `model` has */
    int minimum_count;
    char *symbols;      /* of a user's own, with one space between; NULL: none */
    int algorithm;      /* sentencepiece_kind */
    char *model;        /* a user's SentencePiece .model; NULL: train one */
    char *continuation; /* marks a word that goes on in the next symbol: "@@" */
    int rate, mels;     /* of an audio source (data/audio_features.h); Hz */
    double window, hop; /* ms */
    int stack;          /* frames that make one row */
} config_side;

typedef struct config_files {
    char *pairs, *conll, *source, *target; /* NULL when not given; one of the first two, or
                                              both others */
} config_files;

enum exchange_kind { EXCHANGE_AUTO, EXCHANGE_DIRECT, EXCHANGE_HALVING, EXCHANGE_HOSTS };

/* How often: in steps, or in time as it passes. */
typedef struct config_period {
    int64_t steps, seconds; /* one of them is 0 */
} config_period;

enum input_kind { INPUT_TEXT, INPUT_AUDIO };
enum symbol_kind { SYMBOL_CHARACTERS, SYMBOL_WORDS, SYMBOL_SENTENCEPIECE };
enum sentencepiece_kind { SENTENCEPIECE_BPE, SENTENCEPIECE_UNIGRAM };
enum joint_kind { VOCABULARIES_SEPARATE, VOCABULARIES_JOINT };
enum references_kind { REFERENCES_LINES, REFERENCES_SOURCES };
enum task_kind { TASK_GENERATE, TASK_LABEL, TASK_TAG };
/* Which of a source's states a label is made of. */
enum pool_kind { POOL_MEAN, POOL_BEGIN };
enum decoder_kind { DECODER_AUTOREGRESSIVE, DECODER_PARALLEL };
/* What a parallel decoder is fed at places that it does not know. */
enum decoder_input { DECODER_INPUT_BEGIN, DECODER_INPUT_MASK };
enum length_kind { LENGTH_CLASSIFIER, LENGTH_FIXED };
enum norm_kind { NORM_LAYER, NORM_BATCH };
enum norm_position { NORM_POST, NORM_PRE };
enum positions_kind { POSITIONS_SINUSOIDAL, POSITIONS_LEARNED };
enum activation_kind { ACTIVATION_RELU, ACTIVATION_GELU };
enum tie_kind { TIE_NONE, TIE_TARGET, TIE_ALL };
enum optimizer_name { OPTIMIZER_ADAM, OPTIMIZER_ADAMW, OPTIMIZER_SGD, OPTIMIZER_RMSPROP };
enum schedule_name {
    SCHEDULE_CONSTANT,
    SCHEDULE_INVERSE_SQRT,
    SCHEDULE_LINEAR,
    SCHEDULE_COSINE,
    SCHEDULE_EXPONENTIAL,
    SCHEDULE_STEPS,
    SCHEDULE_PLATEAU
};
/* How the share of truth in the decoder's input falls. */
enum forcing_kind {
    FORCING_NONE,
    FORCING_CONSTANT,
    FORCING_LINEAR,
    FORCING_EXPONENTIAL,
    FORCING_INVERSE_SIGMOID
};
enum prediction_kind { PREDICTION_ARGMAX, PREDICTION_SAMPLE };
enum metric_name {
    METRIC_LOSS,
    METRIC_ACCURACY,
    METRIC_EXACT,
    METRIC_BLEU,
    METRIC_CHRF,
    METRIC_WER,
    METRIC_PER,
    METRIC_CER,
    METRIC_MACRO_F1,
    METRIC_SPAN_F1
};
enum float_kind { FLOAT32, BFLOAT16 };
enum products_kind { PRODUCTS_AUTO, PRODUCTS_OPENBLAS, PRODUCTS_NATIVE };
enum sums_kind { SUMS_AUTO, SUMS_TILES, SUMS_PAIRS };
enum search_kind { SEARCH_GREEDY, SEARCH_BEAM, SEARCH_SAMPLE };
enum tags_kind { TAGS_LIKELIEST, TAGS_IOB1, TAGS_IOB2, TAGS_BIOES };

typedef struct config {
    struct {
        char *folder;
        int64_t seed;
        int threads;       /* of each rank; may change on resume */
        int products;      /* products_kind */
        int bfloat16_sums; /* sums_kind */
        int tensorboard;   /* 0 or 1 */
        char *prometheus;  /* NULL: no such file */
    } run;
    struct {
        config_side source, target;
        int vocabulary; /* joint_kind */
        config_files train, valid, test;
        int max_length; /* positions of a side, without specials */
        int skip_bad;   /* a switch, of audio */
        char *dataset;  /* config_paths; NULL: <run.folder>/dataset.h5 */
        int window;     /* pairs shuffled together */
        int references; /* references_kind */
    } data;
    struct {
        int task, pool, decoder, decoder_input;
        struct {
            int kind;   /* length_kind */
            int tokens; /* fed for every output, <end> and what follows it included */
        } length;       /* of a parallel decoder's outputs */
        int width, heads, feed_forward, encoder_layers, decoder_layers;
        int encoder_norm, decoder_norm, norm_position;
        int positions, activation;
        double dropout, attention_dropout, activation_dropout;
        int tie;
        int copy, copy_codes; /* 0 or 1 */
        int precision;        /* float_kind */
    } model;
    struct {
        int tokens, grains, accumulate;
    } batch;
    struct {
        int64_t steps;
        double label_smoothing;
        double length_loss; /* share of the length classifier's loss */
        struct {
            int name;
            double beta1, beta2, alpha, epsilon, momentum, weight_decay;
            int nesterov; /* 0 or 1 */
        } optimizer;
        struct {
            int name;
            double peak;                  /* the constant rate, or the rate after warm-up */
            int64_t warmup, until, every; /* steps; until is never 0 where it applies */
            double decay, floor;
            int patience; /* validations */
        } schedule;
        double clip_norm, clip_value; /* 0: no clipping */
        double average_decay;         /* 0: no moving average */
        struct {
            int schedule; /* forcing_kind */
            double value, decay, k, floor;
            int64_t start;
            int prediction; /* prediction_kind */
            double temperature;
            int passes;
        } scheduled_sampling;
        struct {
            double replace, drop, swap; /* probabilities */
            int schedule;               /* forcing_kind, never none */
            double decay, k, floor;
            int64_t start;
        } teacher_noise;
        struct {
            int frequency_masks, frequency_width; /* of a sentence; mels */
            int time_masks, time_width;           /* frames before they are stacked */
        } spec_augment;
        int64_t gather_pairs;  /* 0: batch norm's running values stay as training left them */
        char *initialize_from; /* NULL: random parameters */
        int report_every;      /* steps between lines of the log and metrics.jsonl */
    } training;
    struct {
        int64_t every; /* steps; 0: never */
        int metric;
        int patience;     /* validations without a better one; 0: no early stop */
        int free_running; /* 0 or 1 */
    } validation;
    struct {
        config_period every;
        int retry_seconds; /* 0: never again */
        int keep, keep_best;
    } checkpoint;
    struct {
        int64_t bucket_bytes;
        int exchange;      /* exchange_kind */
        int courier;       /* 0 or 1 */
        int gradients;     /* gradient_kind */
        int check_every;   /* steps; 0: never */
        int stall_seconds; /* 0: wait for ever */
    } distributed;
    struct {
        int search;
        int tags;         /* tags_kind */
        int beam, n_best; /* hypotheses of a sentence; of them come out */
        double length_penalty;
        double temperature;
        int top_k;                  /* 0: all symbols */
        double top_p;               /* above 0; 1: all symbols */
        int64_t seed;               /* of draws */
        int min_length, max_length; /* tokens of an output */
        double max_ratio;           /* and at most this many times its source's, and 10 */
        int unknown;                /* 0 or 1: <unk> may be in an output */
        int batch;                  /* sentences decoded together */
        int iterations, lengths;    /* of a parallel decoder */
    } decode;
    struct {                /* no keys: what follows from how they were given */
        bool until_follows; /* training.schedule.until was not given, it is training.steps */
    } derived;
} config;

/* Read the YAML file, apply `overrides` ("section.key=value", in order), check
 * everything but whether files exist. On success *out is owned: config_free; on
 * failure there is nothing to free. STATUS_CONFIG, with a message that begins with
 * "PATH:LINE: " or "--set section.key=value: "; STATUS_INPUT for a file that cannot be
 * read. A null value stands for the key's default. */
MUST_CHECK status config_load(config *out, const char *path, const char *const *overrides,
                              int count);
/* The text of a configuration's file and nothing else's: STATUS_CONFIG for a binary file, or
 * one of a size that no configuration has. `*text`, ended by a 0 byte, is owned:
 * memory_destroy; NULL after a failure. */
MUST_CHECK status config_read(const char *path, char **text, size_t *size);
/* The same from text in memory (broadcast by rank 0, or out of a checkpoint); `name`
 * stands for the path in messages. */
MUST_CHECK status config_load_text(config *out, const char *name, const char *text,
                                   const char *const *overrides, int count);
void config_free(config *config);

/* The resolved configuration as YAML text that config_load_text reads back to the
 * same values; keys that do not apply are left out. `*out` is owned:
 * memory_destroy. */
MUST_CHECK status config_print(const config *config, char **out);

/* The word that stands for the value of a key that is a choice, as a configuration has it:
 * config_word("model.norm_position", NORM_PRE) is "pre". */
const char *config_word(const char *key, int value);

/* Several paths may stand in one text with a line feed between: how many, 0 of NULL. */
int config_paths(const char *paths);
/* Number `number` of them, from 0, into `out`; false: it has not room for it. */
bool config_path_at(const char *paths, int number, char *out, size_t size);

/* Every key with type, default, range, help, when it applies and whether it may
 * change on resume, as Markdown-friendly plain text. Owned. */
MUST_CHECK status config_reference(char **out);

/* Give `asked` what a run keeps where it was not asked for otherwise: an `until` that followed
 * from training.steps stays what it was when the run began, and so does who multiplies. */
void config_keep(const config *run, config *asked);

/* Tell `visit` of each key that applies in both and has another value, with both as
 * config_print writes them. What it returns but STATUS_OK ends the list. */
typedef status (*config_change)(void *user, const char *key, const char *before,
                                const char *now);
MUST_CHECK status config_list_changes(const config *run, const config *asked,
                                      config_change visit, void *user);

/* Refuse a resume that changes a fixed key: STATUS_CONFIG with key, value of the run
 * and value asked for. Where the data lie is not compared; their content is the
 * dataset's to check, by its fingerprint. */
MUST_CHECK status config_check_resume(const config *run, const config *asked);

#endif
