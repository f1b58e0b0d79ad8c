/* words.h - the words that keys may have, each list ended by a NULL word. */
#ifndef LOCKSTEP_CONFIG_WORDS_H
#define LOCKSTEP_CONFIG_WORDS_H

#include "option.h"

extern const option_choice input_kinds[], symbol_kinds[], sentencepiece_kinds[], joint_kinds[],
    references_kinds[], task_kinds[], pool_kinds[], decoder_kinds[], decoder_inputs[],
    length_kinds[], norm_kinds[], norm_positions[], positions_kinds[], activation_kinds[],
    tie_kinds[], optimizer_names[], schedule_names[], sampling_schedules[], noise_schedules[],
    prediction_kinds[], switch_words[], metric_names[], exchange_kinds[], float_kinds[],
    products_kinds[], sums_kinds[], search_kinds[], tags_kinds[];

#endif
