/* conditions.h - when a key means something. */
#ifndef LOCKSTEP_CONFIG_CONDITIONS_H
#define LOCKSTEP_CONFIG_CONDITIONS_H

#include "option.h"

extern const option_condition source_is_text, source_is_audio, source_is_trained,
    source_is_sized, source_is_pieces, source_is_counted, source_is_words, target_is_trained,
    target_is_sized, target_is_pieces, target_is_counted, target_is_words, is_separate,
    is_generate, is_label, is_tag, is_autoregressive, is_copying, is_parallel,
    has_length_classifier, has_fixed_length, has_free_length, is_masked, has_moments, has_scale,
    has_warmup, has_schedule_end, has_schedule_decay, has_schedule_every, has_schedule_floor,
    has_plateau, is_sgd, is_rmsprop, is_adamw, has_sampling, has_sampling_value,
    has_sampling_decay, has_sampling_k, has_sampling_floor, has_temperature, has_noise,
    has_noise_decay, has_noise_k, has_noise_floor, has_validation, has_free_running,
    has_frequency_masks, has_time_masks, has_batch_norm, is_beam, is_sample, is_bfloat16;

#endif
