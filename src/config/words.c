/* words.c - the words that keys may have. */
#include "words.h"

const option_choice input_kinds[] = {{"text", INPUT_TEXT}, {"audio", INPUT_AUDIO}, {0}};
const option_choice symbol_kinds[] = {{"characters", SYMBOL_CHARACTERS},
                                      {"words", SYMBOL_WORDS},
                                      {"sentencepiece", SYMBOL_SENTENCEPIECE},
                                      {0}};
const option_choice sentencepiece_kinds[] = {
    {"bpe", SENTENCEPIECE_BPE}, {"unigram", SENTENCEPIECE_UNIGRAM}, {0}};
const option_choice joint_kinds[] = {
    {"separate", VOCABULARIES_SEPARATE}, {"joint", VOCABULARIES_JOINT}, {0}};
const option_choice references_kinds[] = {
    {"lines", REFERENCES_LINES}, {"sources", REFERENCES_SOURCES}, {0}};
const option_choice task_kinds[] = {
    {"generate", TASK_GENERATE}, {"label", TASK_LABEL}, {"tag", TASK_TAG}, {0}};
const option_choice pool_kinds[] = {{"mean", POOL_MEAN}, {"begin", POOL_BEGIN}, {0}};
const option_choice decoder_kinds[] = {
    {"autoregressive", DECODER_AUTOREGRESSIVE}, {"parallel", DECODER_PARALLEL}, {0}};
const option_choice decoder_inputs[] = {
    {"begin", DECODER_INPUT_BEGIN}, {"mask", DECODER_INPUT_MASK}, {0}};
const option_choice length_kinds[] = {
    {"classifier", LENGTH_CLASSIFIER}, {"fixed", LENGTH_FIXED}, {0}};
const option_choice norm_kinds[] = {{"layer", NORM_LAYER}, {"batch", NORM_BATCH}, {0}};
const option_choice norm_positions[] = {{"post", NORM_POST}, {"pre", NORM_PRE}, {0}};
const option_choice positions_kinds[] = {
    {"sinusoidal", POSITIONS_SINUSOIDAL}, {"learned", POSITIONS_LEARNED}, {0}};
const option_choice activation_kinds[] = {
    {"relu", ACTIVATION_RELU}, {"gelu", ACTIVATION_GELU}, {0}};
const option_choice tie_kinds[] = {
    {"none", TIE_NONE}, {"target", TIE_TARGET}, {"all", TIE_ALL}, {0}};
const option_choice optimizer_names[] = {{"adam", OPTIMIZER_ADAM},
                                         {"adamw", OPTIMIZER_ADAMW},
                                         {"sgd", OPTIMIZER_SGD},
                                         {"rmsprop", OPTIMIZER_RMSPROP},
                                         {0}};
const option_choice schedule_names[] = {
    {"constant", SCHEDULE_CONSTANT},       {"inverse_sqrt", SCHEDULE_INVERSE_SQRT},
    {"linear", SCHEDULE_LINEAR},           {"cosine", SCHEDULE_COSINE},
    {"exponential", SCHEDULE_EXPONENTIAL}, {"steps", SCHEDULE_STEPS},
    {"plateau", SCHEDULE_PLATEAU},         {0}};
const option_choice sampling_schedules[] = {{"none", FORCING_NONE},
                                            {"constant", FORCING_CONSTANT},
                                            {"linear", FORCING_LINEAR},
                                            {"exponential", FORCING_EXPONENTIAL},
                                            {"inverse_sigmoid", FORCING_INVERSE_SIGMOID},
                                            {0}};
const option_choice noise_schedules[] = {{"constant", FORCING_CONSTANT},
                                         {"linear", FORCING_LINEAR},
                                         {"exponential", FORCING_EXPONENTIAL},
                                         {"inverse_sigmoid", FORCING_INVERSE_SIGMOID},
                                         {0}};
const option_choice prediction_kinds[] = {
    {"argmax", PREDICTION_ARGMAX}, {"sample", PREDICTION_SAMPLE}, {0}};
const option_choice exchange_kinds[] = {{"auto", EXCHANGE_AUTO},
                                        {"direct", EXCHANGE_DIRECT},
                                        {"halving", EXCHANGE_HALVING},
                                        {"hosts", EXCHANGE_HOSTS},
                                        {0}};
const option_choice switch_words[] = {{"false", false}, {"true", true}, {0}};
const option_choice metric_names[] = {{"loss", METRIC_LOSS},
                                      {"accuracy", METRIC_ACCURACY},
                                      {"exact", METRIC_EXACT},
                                      {"bleu", METRIC_BLEU},
                                      {"chrf", METRIC_CHRF},
                                      {"wer", METRIC_WER},
                                      {"per", METRIC_PER},
                                      {"cer", METRIC_CER},
                                      {"macro_f1", METRIC_MACRO_F1},
                                      {"span_f1", METRIC_SPAN_F1},
                                      {0}};
const option_choice float_kinds[] = {{"float32", FLOAT32}, {"bfloat16", BFLOAT16}, {0}};
const option_choice products_kinds[] = {
    {"auto", PRODUCTS_AUTO}, {"openblas", PRODUCTS_OPENBLAS}, {"native", PRODUCTS_NATIVE}, {0}};
const option_choice sums_kinds[] = {
    {"auto", SUMS_AUTO}, {"tiles", SUMS_TILES}, {"pairs", SUMS_PAIRS}, {0}};
const option_choice search_kinds[] = {
    {"greedy", SEARCH_GREEDY}, {"beam", SEARCH_BEAM}, {"sample", SEARCH_SAMPLE}, {0}};
const option_choice tags_kinds[] = {{"likeliest", TAGS_LIKELIEST},
                                    {"iob1", TAGS_IOB1},
                                    {"iob2", TAGS_IOB2},
                                    {"bioes", TAGS_BIOES},
                                    {0}};
