/* conditions.c - when a key means something. */
#include "conditions.h"

static bool trains_sentencepiece(const config_side *side)
{
    return side->vocabulary == SYMBOL_SENTENCEPIECE && !side->model;
}

static bool generates(const config *c)
{
    return c->model.task == TASK_GENERATE;
}

static bool labels(const config *c)
{
    return c->model.task == TASK_LABEL;
}

static bool tags(const config *c)
{
    return c->model.task == TASK_TAG;
}

/* A joint vocabulary is described by data.source alone; labels and tags are what they are. */
static bool separate(const config *c)
{
    return generates(c) && c->data.vocabulary == VOCABULARIES_SEPARATE;
}

static bool source_text(const config *c)
{
    return c->data.source.kind == INPUT_TEXT;
}

static bool source_audio(const config *c)
{
    return c->data.source.kind == INPUT_AUDIO;
}

static bool source_trained(const config *c)
{
    return source_text(c) && trains_sentencepiece(&c->data.source);
}

static bool target_trained(const config *c)
{
    return separate(c) && trains_sentencepiece(&c->data.target);
}

static bool source_pieces(const config *c)
{
    return source_text(c) && c->data.source.vocabulary == SYMBOL_SENTENCEPIECE;
}

static bool target_pieces(const config *c)
{
    return separate(c) && c->data.target.vocabulary == SYMBOL_SENTENCEPIECE;
}

static bool source_counted(const config *c)
{
    return source_text(c) && !source_pieces(c);
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
    return source_text(c) && c->data.source.vocabulary == SYMBOL_WORDS;
}

static bool target_words(const config *c)
{
    return separate(c) && c->data.target.vocabulary == SYMBOL_WORDS;
}

static bool one_by_one(const config *c)
{
    return generates(c) && c->model.decoder == DECODER_AUTOREGRESSIVE;
}

static bool copies(const config *c)
{
    return one_by_one(c) && c->model.copy;
}

static bool rounds(const config *c)
{
    return c->model.precision == BFLOAT16;
}

static bool all_at_once(const config *c)
{
    return generates(c) && c->model.decoder == DECODER_PARALLEL;
}

static bool classifies_length(const config *c)
{
    return all_at_once(c) && c->model.length.kind == LENGTH_CLASSIFIER;
}

static bool fixes_length(const config *c)
{
    return all_at_once(c) && c->model.length.kind == LENGTH_FIXED;
}

static bool chooses_length(const config *c)
{
    return generates(c) && !fixes_length(c);
}

static bool fills_masks(const config *c)
{
    return all_at_once(c) && c->model.decoder_input == DECODER_INPUT_MASK;
}

static bool norms_over_batch(const config *c)
{
    return c->model.encoder_norm == NORM_BATCH || c->model.decoder_norm == NORM_BATCH;
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

static bool schedules_warmup(const config *c)
{
    return c->training.schedule.name != SCHEDULE_CONSTANT;
}

static bool has_end(const config *c)
{
    int name = c->training.schedule.name;
    return name == SCHEDULE_LINEAR || name == SCHEDULE_COSINE;
}

static bool falls_by_factor(const config *c)
{
    int name = c->training.schedule.name;
    return name == SCHEDULE_EXPONENTIAL || name == SCHEDULE_STEPS || name == SCHEDULE_PLATEAU;
}

static bool falls_by_step(const config *c)
{
    return falls_by_factor(c) && c->training.schedule.name != SCHEDULE_PLATEAU;
}

static bool falls_to_floor(const config *c)
{
    return has_end(c) || falls_by_factor(c);
}

static bool waits(const config *c)
{
    return c->training.schedule.name == SCHEDULE_PLATEAU;
}

static bool descends(const config *c)
{
    return c->training.optimizer.name == OPTIMIZER_SGD;
}

static bool smooths(const config *c)
{
    return c->training.optimizer.name == OPTIMIZER_RMSPROP;
}

static bool decays(const config *c)
{
    return c->training.optimizer.name == OPTIMIZER_ADAMW;
}

static bool samples(const config *c)
{
    return c->training.scheduled_sampling.schedule != FORCING_NONE;
}

static bool draws(const config *c)
{
    return samples(c) && c->training.scheduled_sampling.prediction == PREDICTION_SAMPLE;
}

static bool disturbs(const config *c)
{
    return c->training.teacher_noise.replace > 0.0 || c->training.teacher_noise.drop > 0.0 ||
           c->training.teacher_noise.swap > 0.0;
}

static bool falls_to_value(const config *c)
{
    int schedule = c->training.scheduled_sampling.schedule;
    return schedule == FORCING_CONSTANT || schedule == FORCING_LINEAR;
}

static bool loses_truth(int schedule)
{
    return schedule == FORCING_LINEAR || schedule == FORCING_EXPONENTIAL;
}

static bool sampling_decays(const config *c)
{
    return loses_truth(c->training.scheduled_sampling.schedule);
}

static bool sampling_bends(const config *c)
{
    return c->training.scheduled_sampling.schedule == FORCING_INVERSE_SIGMOID;
}

static bool sampling_has_floor(const config *c)
{
    return sampling_decays(c) || sampling_bends(c);
}

static bool noise_decays(const config *c)
{
    return disturbs(c) && loses_truth(c->training.teacher_noise.schedule);
}

static bool noise_bends(const config *c)
{
    return disturbs(c) && c->training.teacher_noise.schedule == FORCING_INVERSE_SIGMOID;
}

static bool noise_has_floor(const config *c)
{
    return noise_decays(c) || noise_bends(c);
}

static bool masks_frequencies(const config *c)
{
    return source_audio(c) && c->training.spec_augment.frequency_masks > 0;
}

static bool masks_time(const config *c)
{
    return source_audio(c) && c->training.spec_augment.time_masks > 0;
}

static bool validates(const config *c)
{
    return c->validation.every > 0;
}

static bool searches_beam(const config *c)
{
    return c->decode.search == SEARCH_BEAM;
}

static bool searches_at_random(const config *c)
{
    return c->decode.search == SEARCH_SAMPLE;
}

static bool validates_feeding(const config *c)
{
    return validates(c) && one_by_one(c);
}

#define SIDE_CONDITIONS(side, also)                                                            \
    const option_condition side##_is_trained = {                                               \
        side##_trained, also "data." #side ".vocabulary is sentencepiece and "                 \
                             "data." #side ".model is not given"};                             \
    const option_condition side##_is_sized = {side##_sized,                                    \
                                              also "data." #side ".model is not given"};       \
    const option_condition side##_is_pieces = {side##_pieces, also                             \
                                               "data." #side ".vocabulary is sentencepiece"};  \
    const option_condition side##_is_counted = {                                               \
        side##_counted, also "data." #side ".vocabulary is characters or words"};              \
    const option_condition side##_is_words = {side##_words,                                    \
                                              also "data." #side ".vocabulary is words"}
SIDE_CONDITIONS(source, "data.source.kind is text and ");
SIDE_CONDITIONS(target, "model.task is generate and data.vocabulary is separate and ");

const option_condition source_is_text = {source_text, "data.source.kind is text"};
const option_condition source_is_audio = {source_audio, "data.source.kind is audio"};
const option_condition is_generate = {generates, "model.task is generate"};
const option_condition is_label = {labels, "model.task is label"};
const option_condition is_tag = {tags, "model.task is tag"};
const option_condition is_separate = {separate,
                                      "model.task is generate and data.vocabulary is separate"};
const option_condition is_autoregressive = {
    one_by_one, "model.task is generate and model.decoder is autoregressive"};
const option_condition is_copying = {copies, "model.copy is true"};
const option_condition is_bfloat16 = {rounds, "model.precision is bfloat16"};
const option_condition is_parallel = {all_at_once, "model.decoder is parallel"};
const option_condition has_length_classifier = {
    classifies_length, "model.decoder is parallel and model.length.kind is classifier"};
const option_condition has_fixed_length = {
    fixes_length, "model.decoder is parallel and model.length.kind is fixed"};
const option_condition has_free_length = {
    chooses_length, "model.task is generate, and model.decoder is autoregressive or "
                    "model.length.kind is classifier"};
const option_condition is_masked = {
    fills_masks, "model.decoder is parallel and model.decoder_input is mask"};
const option_condition has_moments = {moments, "training.optimizer.name is adam or adamw"};
const option_condition has_scale = {scaled,
                                    "training.optimizer.name is adam, adamw or rmsprop"};
const option_condition has_warmup = {schedules_warmup,
                                     "training.schedule.name is not constant"};
const option_condition has_schedule_end = {has_end,
                                           "training.schedule.name is linear or cosine"};
const option_condition has_schedule_decay = {
    falls_by_factor, "training.schedule.name is exponential, steps or plateau"};
const option_condition has_schedule_every = {falls_by_step,
                                             "training.schedule.name is exponential or steps"};
const option_condition has_schedule_floor = {
    falls_to_floor, "training.schedule.name is linear, cosine, exponential, steps or plateau"};
const option_condition has_plateau = {waits, "training.schedule.name is plateau"};
const option_condition is_sgd = {descends, "training.optimizer.name is sgd"};
const option_condition is_rmsprop = {smooths, "training.optimizer.name is rmsprop"};
const option_condition is_adamw = {decays, "training.optimizer.name is adamw"};
const option_condition has_sampling = {samples,
                                       "training.scheduled_sampling.schedule is not none"};
const option_condition has_sampling_value = {
    falls_to_value, "training.scheduled_sampling.schedule is constant or linear"};
const option_condition has_sampling_decay = {
    sampling_decays, "training.scheduled_sampling.schedule is linear or exponential"};
const option_condition has_sampling_k = {
    sampling_bends, "training.scheduled_sampling.schedule is inverse_sigmoid"};
const option_condition has_sampling_floor = {
    sampling_has_floor,
    "training.scheduled_sampling.schedule is linear, exponential or inverse_sigmoid"};
const option_condition has_temperature = {draws,
                                          "training.scheduled_sampling.prediction is sample"};
const option_condition has_noise = {
    disturbs, "one of replace, drop and swap of training.teacher_noise is above 0"};
const option_condition has_noise_decay = {
    noise_decays, "training.teacher_noise is on, with schedule linear or exponential"};
const option_condition has_noise_k = {
    noise_bends, "training.teacher_noise is on, with schedule inverse_sigmoid"};
const option_condition has_noise_floor = {
    noise_has_floor,
    "training.teacher_noise is on, with schedule linear, exponential or inverse_sigmoid"};
const option_condition has_frequency_masks = {
    masks_frequencies,
    "data.source.kind is audio and training.spec_augment.frequency_masks is above 0"};
const option_condition has_time_masks = {
    masks_time, "data.source.kind is audio and training.spec_augment.time_masks is above 0"};
const option_condition has_batch_norm = {norms_over_batch,
                                         "model.encoder_norm or model.decoder_norm is batch"};
const option_condition has_validation = {validates, "validation.every is above 0"};
const option_condition is_beam = {searches_beam, "decode.search is beam"};
const option_condition is_sample = {searches_at_random, "decode.search is sample"};
const option_condition has_free_running = {
    validates_feeding, "validation.every is above 0, model.task is generate and model.decoder "
                       "is autoregressive"};
