/* words.c - the words that keys may have. */
#include "words.h"

const option_choice input_kinds[] = {
    {"text", INPUT_TEXT, false}, {"audio", INPUT_AUDIO, false}, {0}};
const option_choice symbol_kinds[] = {{"characters", SYMBOL_CHARACTERS, false},
                                      {"words", SYMBOL_WORDS, false},
                                      {"sentencepiece", SYMBOL_SENTENCEPIECE, false},
                                      {0}};
const option_choice sentencepiece_kinds[] = {
    {"bpe", SENTENCEPIECE_BPE, false}, {"unigram", SENTENCEPIECE_UNIGRAM, false}, {0}};
const option_choice joint_kinds[] = {
    {"separate", VOCABULARIES_SEPARATE, false}, {"joint", VOCABULARIES_JOINT, false}, {0}};
const option_choice references_kinds[] = {
    {"lines", REFERENCES_LINES, false}, {"sources", REFERENCES_SOURCES, false}, {0}};
const option_choice task_kinds[] = {{"generate", TASK_GENERATE, false},
                                    {"label", TASK_LABEL, false},
                                    {"tag", TASK_TAG, false},
                                    {0}};
const option_choice pool_kinds[] = {
    {"mean", POOL_MEAN, false}, {"begin", POOL_BEGIN, false}, {0}};
const option_choice decoder_kinds[] = {{"autoregressive", DECODER_AUTOREGRESSIVE, false},
                                       {"parallel", DECODER_PARALLEL, false},
                                       {0}};
const option_choice decoder_inputs[] = {
    {"begin", DECODER_INPUT_BEGIN, false}, {"mask", DECODER_INPUT_MASK, false}, {0}};
const option_choice length_kinds[] = {
    {"classifier", LENGTH_CLASSIFIER, false}, {"fixed", LENGTH_FIXED, false}, {0}};
const option_choice norm_kinds[] = {
    {"layer", NORM_LAYER, false}, {"batch", NORM_BATCH, false}, {0}};
const option_choice norm_positions[] = {
    {"post", NORM_POST, false}, {"pre", NORM_PRE, false}, {0}};
const option_choice positions_kinds[] = {
    {"sinusoidal", POSITIONS_SINUSOIDAL, false}, {"learned", POSITIONS_LEARNED, false}, {0}};
const option_choice activation_kinds[] = {
    {"relu", ACTIVATION_RELU, false}, {"gelu", ACTIVATION_GELU, false}, {0}};
const option_choice tie_kinds[] = {
    {"none", TIE_NONE, false}, {"target", TIE_TARGET, false}, {"all", TIE_ALL, false}, {0}};
const option_choice optimizer_names[] = {{"adam", OPTIMIZER_ADAM, false},
                                         {"adamw", OPTIMIZER_ADAMW, false},
                                         {"sgd", OPTIMIZER_SGD, false},
                                         {"rmsprop", OPTIMIZER_RMSPROP, false},
                                         {0}};
const option_choice schedule_names[] = {{"constant", SCHEDULE_CONSTANT, false},
                                        {"inverse_sqrt", SCHEDULE_INVERSE_SQRT, false},
                                        {"linear", SCHEDULE_LINEAR, false},
                                        {"cosine", SCHEDULE_COSINE, false},
                                        {"exponential", SCHEDULE_EXPONENTIAL, false},
                                        {"steps", SCHEDULE_STEPS, false},
                                        {"plateau", SCHEDULE_PLATEAU, false},
                                        {0}};
const option_choice sampling_schedules[] = {{"none", FORCING_NONE, false},
                                            {"constant", FORCING_CONSTANT, false},
                                            {"linear", FORCING_LINEAR, false},
                                            {"exponential", FORCING_EXPONENTIAL, false},
                                            {"inverse_sigmoid", FORCING_INVERSE_SIGMOID, false},
                                            {0}};
const option_choice noise_schedules[] = {{"constant", FORCING_CONSTANT, false},
                                         {"linear", FORCING_LINEAR, false},
                                         {"exponential", FORCING_EXPONENTIAL, false},
                                         {"inverse_sigmoid", FORCING_INVERSE_SIGMOID, false},
                                         {0}};
const option_choice prediction_kinds[] = {
    {"argmax", PREDICTION_ARGMAX, false}, {"sample", PREDICTION_SAMPLE, false}, {0}};
const option_choice switch_words[] = {{"false", false, false}, {"true", true, false}, {0}};
const option_choice metric_names[] = {{"loss", METRIC_LOSS, false},
                                      {"accuracy", METRIC_ACCURACY, false},
                                      {"exact", METRIC_EXACT, false},
                                      {"bleu", METRIC_BLEU, false},
                                      {"chrf", METRIC_CHRF, false},
                                      {"wer", METRIC_WER, false},
                                      {"per", METRIC_PER, false},
                                      {"cer", METRIC_CER, false},
                                      {"macro_f1", METRIC_MACRO_F1, false},
                                      {"span_f1", METRIC_SPAN_F1, false},
                                      {0}};
const option_choice search_kinds[] = {{"greedy", SEARCH_GREEDY, false},
                                      {"beam", SEARCH_BEAM, false},
                                      {"sample", SEARCH_SAMPLE, false},
                                      {0}};
