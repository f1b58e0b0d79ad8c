/* option.c - the one table of configuration keys. */
#include "option.h"

#include "option_decode.h"
#include "option_rows.h"

static const option table[] = {
    {KEY(run.folder), PATH, .required = true, .resume = RESUME_FREE,
     .help = "Where the run keeps its configuration, log, metrics and checkpoints."},
    {KEY(run.seed), INTEGER("1", 0, MANY_STEPS),
     .help = "Every random number of the run follows from it."},
    {KEY(run.threads), INTEGER("1", 1, 1024), .resume = RESUME_FREE,
     .help = "Threads of each rank. The results do not depend on it."},
    {KEY(run.products), CHOICE("auto", products_kinds),
     .help =
         "Who multiplies: OpenBLAS, or Lockstep's own kernels, whose bits are the same with "
         "AVX2 and AVX-512. auto: ours where they are as fast; a run keeps its choice."},
    {KEY(run.bfloat16_sums), CHOICE("auto", sums_kinds), .applies = &is_bfloat16,
     .help =
         "In the order of AMX's tiles, or of AVX512_BF16's pairs: any processor gives the "
         "same bits, most more slowly. auto: tiles if all have them; a run keeps its choice."},
    {KEY(run.tensorboard), CHOICE("false", switch_words), .resume = RESUME_FREE,
     .help = "Write event files for TensorBoard to run.folder/tensorboard: what metrics.jsonl "
             "has, under train/ and validation/."},
    {KEY(run.prometheus), PATH, .resume = RESUME_FREE,
     .help = "A file for the textfile collector of Prometheus' node_exporter, which reads "
             "files that end in .prom: where the run stands, replaced as a whole at each "
             "report. Its folder must be there; each run needs a file of its own."},

    SIDE_OPTIONS(source, "characters", &source_is_text),
    {KEY(data.source.rate), INTEGER("16000", 4000, 192000), .applies = &source_is_audio,
     .help = "Samples a second, in Hz; files with another rate are resampled. Frequencies "
             "above half of it are not heard."},
    {KEY(data.source.mels), INTEGER("80", 1, 1024), .applies = &source_is_audio,
     .help = "Bands of a frame, from 20 Hz to half the rate, equally wide on the mel scale."},
    {KEY(data.source.window), REAL("25", 1, 1000), .applies = &source_is_audio,
     .help = "What a frame hears, in ms."},
    {KEY(data.source.hop), REAL("10", 1, 1000), .applies = &source_is_audio,
     .help = "From one frame to the next, in ms; not above window."},
    {KEY(data.source.stack), INTEGER("4", 1, 1000), .applies = &source_is_audio,
     .help = "Frames one after another that make a row together, so that a source is that "
             "many times shorter; what is left at the end is dropped. data.max_length and "
             "batch.tokens count rows."},
    SIDE_OPTIONS(target, "words", &is_separate),
    {KEY(data.vocabulary), CHOICE("separate", joint_kinds), .applies = &is_generate,
     .help = "A vocabulary for each side, or one for both made of both; then "
             "data.source describes it, and data.target is the same."},
    FILES_OPTIONS(train, "Training data, required"),
    FILES_OPTIONS(valid, "Validation data, required when validation.every is above 0"),
    FILES_OPTIONS(test, "Test data"),
    {KEY(data.max_length), INTEGER("256", 1, 1000000),
     .help = "In tokens of either side, without <begin> and <end>; a longer "
             "pair is dropped, with a count in the log. Of audio in rows, after stacking."},
    {KEY(data.skip_bad), CHOICE("false", switch_words), .applies = &source_is_audio,
     .resume = RESUME_FREE,
     .help = "Leave out audio files that cannot be read, with a count and the first names in "
             "the log; else the first one ends the program."},
    {KEY(data.dataset), PATHS, .resume = RESUME_CONTENT,
     .help = "The prepared dataset; by default dataset.h5 in run.folder. Runs "
             "on the same data may share one. Several files hold a part of the training "
             "pairs each, in this order; they train as one file does."},
    {KEY(data.window), INTEGER("65536", 1, MANY),
     .help = "Pairs that are shuffled together; batches take them as they then come. A rank "
             "keeps what it needs of two such windows, the one in use and the next one, "
             "which is read meanwhile."},
    {KEY(data.references), CHOICE("lines", references_kinds), .resume = RESUME_FREE,
     .applies = &is_generate,
     .help = "What metrics of outputs compare an output with: the target of its own line, "
             "or the targets of all lines with an equal source, which then count once "
             "together (a word with several pronunciations)."},

    {KEY(model.task), CHOICE("generate", task_kinds),
     .help = "What comes out: a sequence whose length the model decides; one label; or a tag "
             "for each word of the source. Labels and tags are those of the training data, "
             "each a class of a classifier on the encoder: there is no decoder."},
    {KEY(model.pool), CHOICE("mean", pool_kinds), .applies = &is_label,
     .help = "What a label is made of: the mean of the encoder's states, or the state of a "
             "<begin> that is put before the source."},
    {KEY(model.decoder), CHOICE("autoregressive", decoder_kinds), .applies = &is_generate,
     .help = "How a sequence comes out: token after token, or all at once from places that "
             "see each other, without a mask in self-attention."},
    {KEY(model.decoder_input), CHOICE("begin", decoder_inputs), .applies = &is_parallel,
     .help = "What a parallel decoder is fed at places that it does not know. begin: <begin> "
             "at all of them, one pass. mask: a symbol <mask> of the target's vocabulary; in "
             "training a random number of a sentence's places, from one to all of them, are "
             "masked and scored, the others are fed the truth (conditional masked language "
             "model, Ghazvininejad et al. 2019), so that decoding may go on from a part of "
             "its output. The loss is divided by the number of all target tokens, so that "
             "its gradient is about half as long with masks. Validation and scoring mask "
             "every place."},
    {KEY(model.length.kind), CHOICE("classifier", length_kinds), .applies = &is_parallel,
     .help = "How many places a parallel decoder is fed: what a classifier of the encoder's "
             "mean output, trained with the rest, finds likely for the target's tokens less "
             "the source's; or always the same number, where what follows the first <end> "
             "is dropped."},
    {KEY(model.length.tokens), INTEGER("0", 0, 1000000), .applies = &has_fixed_length,
     .help = "The number of places that are always fed, above data.max_length for <end>; must "
             "be given. batch.tokens counts the truth, not these."},
    {KEY(model.width), INTEGER("128", 1, 65536),
     .help = "Of embeddings and layers; a multiple of model.heads."},
    {KEY(model.heads), INTEGER("4", 1, 1024), .help = "Of every attention."},
    {KEY(model.feed_forward), INTEGER("512", 1, 1048576),
     .help = "Width of the feed-forward network's hidden layer."},
    {KEY(model.encoder_layers), INTEGER("3", 1, 1000), .help = "Layers of the encoder."},
    {KEY(model.decoder_layers), INTEGER("3", 1, 1000), .applies = &is_generate,
     .help = "Layers of the decoder."},
    {KEY(model.encoder_norm), CHOICE("layer", norm_kinds),
     .help = "Normalisation in the encoder: of each token over its features, or of each "
             "feature over all tokens of the global batch, on all ranks; running averages "
             "(momentum 0.1) take its place in validation and decoding."},
    {KEY(model.decoder_norm), CHOICE("layer", norm_kinds), .applies = &is_generate,
     .help = "Normalisation in the decoder. While it trains, a batch norm here sees later "
             "tokens of the target through its statistics."},
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
    {KEY(model.tie), CHOICE("target", tie_kinds), .applies = &is_generate,
     .help = "Which matrices are one: the target embedding and the output layer, or these and "
             "the source embedding (all, which needs a joint vocabulary)."},
    {KEY(model.copy), CHOICE("false", switch_words), .applies = &is_autoregressive,
     .help = "A pointer beside the output layer (See et al. 2017): what comes next is "
             "generated or copied from a place of the source, words that no vocabulary has "
             "too. Both vocabularies are of words, or of characters."},
    {KEY(model.copy_codes), CHOICE("false", switch_words), .applies = &is_copying,
     .help = "Let the encoder see which words of a source are the same: each different one "
             "has a fixed code, added to its embedding. Else all words that the vocabulary "
             "has not look like <unk>, and which of the known are the same is to be learnt."},
    {KEY(model.precision), CHOICE("float32", float_kinds),
     .help = "Of all factors of products in training; sums and the rest are float32."},

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
    {KEY(training.length_loss), POSITIVE("0.1"), .applies = &has_length_classifier,
     .help = "What the length classifier's loss, -log p(length) in the mean over a batch's "
             "pairs, is multiplied by before it is added to the loss per target token."},
    {KEY(training.optimizer.name), CHOICE("adam", optimizer_names),
     .help = "How a gradient changes the parameters."},
    {KEY(training.optimizer.beta1), SHARE("0.9"), .applies = &has_moments,
     .help = "Decay of the mean of gradients."},
    {KEY(training.optimizer.beta2), SHARE("0.98"), .applies = &has_moments,
     .help = "Decay of the mean of squared gradients."},
    {KEY(training.optimizer.alpha), SHARE("0.99"), .applies = &is_rmsprop,
     .help = "Decay of the mean of squared gradients."},
    {KEY(training.optimizer.epsilon), POSITIVE("1e-9"), .applies = &has_scale,
     .help = "Added to the root of the mean of squared gradients."},
    {KEY(training.optimizer.momentum), SHARE("0.9"), .applies = &is_sgd,
     .help = "Share of the last update that goes on; 0 is none."},
    {KEY(training.optimizer.nesterov), CHOICE("false", switch_words), .applies = &is_sgd,
     .help = "Look ahead by the momentum (Nesterov)."},
    {KEY(training.optimizer.weight_decay), REAL("0.01", 0, 1), .applies = &is_adamw,
     .help = "Each step takes this share, times the learning rate, off every weight but "
             "norms and biases, apart from the gradient (Loshchilov and Hutter 2019)."},
    {KEY(training.schedule.name), CHOICE("inverse_sqrt", schedule_names),
     .help = "The learning rate over the steps. All but constant begin with a linear "
             "warm-up to the peak; then it falls with the root of the step, on a line or a "
             "cosine to `floor` at step `until`, by the factor `decay` in every `every` "
             "steps, smoothly (exponential) or at once (steps), or by `decay` whenever "
             "`patience` validations in a row were not better (plateau)."},
    {KEY(training.schedule.peak), POSITIVE("0.001"),
     .help = "The constant rate, or the rate at the end of the warm-up."},
    {KEY(training.schedule.warmup), INTEGER("2000", 0, MANY_STEPS), .applies = &has_warmup,
     .help = "Steps of the warm-up."},
    {KEY(training.schedule.until), INTEGER("0", 0, MANY_STEPS), .applies = &has_schedule_end,
     .help = "The step at which the rate has come down to the floor, where it stays; 0 is "
             "training.steps as a run begins, also when it goes on with more of them."},
    {KEY(training.schedule.decay), REAL("0.5", 0, 1), .above_low = true, .below_high = true,
     .applies = &has_schedule_decay, .help = "What the rate is multiplied by."},
    {KEY(training.schedule.every), INTEGER("1000", 1, MANY_STEPS),
     .applies = &has_schedule_every, .help = "Steps in which the rate falls by `decay`."},
    {KEY(training.schedule.patience), INTEGER("2", 1, MANY), .applies = &has_plateau,
     .help = "Validations in a row without a better one after which the rate falls."},
    {KEY(training.schedule.floor), REAL("0.0", 0, HUGE_VAL), .applies = &has_schedule_floor,
     .help = "The rate never falls below it."},
    {KEY(training.clip_norm), REAL("1.0", 0, HUGE_VAL),
     .help = "Longer gradients are scaled to this norm; 0 is no limit."},
    {KEY(training.clip_value), REAL("0.0", 0, HUGE_VAL),
     .help = "Each number of the gradient is kept between minus this and this, instead of "
             "clip_norm; 0 is no limit."},
    {KEY(training.average_decay), SHARE("0.0"),
     .help = "Decay of a moving average of the parameters, which validation, decoding and "
             "scoring then use in place of the parameters; in its first steps it is at "
             "most (1 + step) / (10 + step). 0 is no average."},
    {KEY(training.scheduled_sampling.schedule), CHOICE("none", sampling_schedules),
     .applies = &is_autoregressive,
     .help = "Scheduled sampling (Bengio et al. 2015; for Transformers Mihaylova and Martins "
             "2019): a first pass of the decoder predicts, and each target input token is "
             "the truth with probability e, else the prediction. With i steps since "
             "`start`, e is `value`; value - decay * i; decay^i; or k / (k + exp(i / k)); "
             "the last three never below `floor`."},
    {KEY(training.scheduled_sampling.value), REAL("1.0", 0, 1), .applies = &has_sampling_value,
     .help = "The constant e, or the one that a linear fall begins with."},
    {KEY(training.scheduled_sampling.decay), SHARE("0.0"), .applies = &has_sampling_decay,
     .help = "What e loses in a step (linear), or is multiplied by (exponential); must be "
             "given."},
    {KEY(training.scheduled_sampling.k), REAL("1000.0", 1, HUGE_VAL),
     .applies = &has_sampling_k, .help = "The larger, the later and slower the fall."},
    {KEY(training.scheduled_sampling.floor), SHARE("0.0"), .applies = &has_sampling_floor,
     .help = "The smallest e."},
    {KEY(training.scheduled_sampling.start), INTEGER("0", 0, MANY_STEPS),
     .applies = &has_sampling, .help = "Steps that come first, with an e of 1."},
    {KEY(training.scheduled_sampling.prediction), CHOICE("argmax", prediction_kinds),
     .applies = &has_sampling,
     .help = "The likeliest symbol, or one drawn from the model's distribution."},
    {KEY(training.scheduled_sampling.temperature), POSITIVE("1.0"), .applies = &has_temperature,
     .help = "What the logits are divided by before a draw."},
    {KEY(training.scheduled_sampling.passes), INTEGER("1", 1, 16), .applies = &has_sampling,
     .help = "Passes that predict; from the second on their input is mixed already."},
    {KEY(training.teacher_noise.replace), SHARE("0.0"), .applies = &is_autoregressive,
     .help = "Probability that a random word takes the place of a target input token, the "
             "simpler cure for exposure bias."},
    {KEY(training.teacher_noise.drop), SHARE("0.0"), .applies = &is_autoregressive,
     .help = "Probability that a target input token becomes <unk> (Bowman et al. 2016)."},
    {KEY(training.teacher_noise.swap), SHARE("0.0"), .applies = &is_autoregressive,
     .help = "Probability that a target input token changes places with the next one, unless "
             "it has just done so with the one before: in long sentences the share "
             "swap / (1 + swap) of the tokens does, half of them at most."},
    {KEY(training.teacher_noise.schedule), CHOICE("constant", noise_schedules),
     .applies = &has_noise,
     .help = "The probabilities from step `start` on: as given, or times 1 - e with an e "
             "that falls from 1 as that of scheduled_sampling does."},
    {KEY(training.teacher_noise.decay), SHARE("0.0"), .applies = &has_noise_decay,
     .help = "As in scheduled_sampling."},
    {KEY(training.teacher_noise.k), REAL("1000.0", 1, HUGE_VAL), .applies = &has_noise_k,
     .help = "As in scheduled_sampling."},
    {KEY(training.teacher_noise.floor), SHARE("0.0"), .applies = &has_noise_floor,
     .help = "The smallest e."},
    {KEY(training.teacher_noise.start), INTEGER("0", 0, MANY_STEPS), .applies = &has_noise,
     .help = "Steps that come first, without noise."},
    {KEY(training.spec_augment.frequency_masks), INTEGER("0", 0, 100),
     .applies = &source_is_audio,
     .help = "Bands of neighbouring mels that learning does not hear in a whole source, drawn "
             "anew each time (SpecAugment, Park et al. 2019): so many; the mean takes their "
             "place."},
    {KEY(training.spec_augment.frequency_width), INTEGER("15", 1, 1024),
     .applies = &has_frequency_masks,
     .help = "Of a band at most, in mels; from 0 on all are "
             "equally likely."},
    {KEY(training.spec_augment.time_masks), INTEGER("0", 0, 100), .applies = &source_is_audio,
     .help = "Runs of neighbouring frames that learning does not hear: so many."},
    {KEY(training.spec_augment.time_width), INTEGER("20", 1, 1000000),
     .applies = &has_time_masks,
     .help = "Of a run at most, in frames of `hop` before they are "
             "stacked; from 0 on all are equally likely."},
    {KEY(training.gather_pairs), INTEGER("0", 0, MANY_STEPS), .applies = &has_batch_norm,
     .resume = RESUME_FREE,
     .help = "Before the last step is validated and saved, batch norm's running values are "
             "gathered anew without dropout, over about this many training pairs; 0 is not "
             "at all. `lockstep average --gather` does it for a run that has ended."},
    {KEY(training.initialize_from), PATH,
     .help =
         "A checkpoint, or a run's folder, whose parameters to start from "
         "(fine-tuning). Where the vocabularies differ each symbol takes its own rows; what "
         "stands on encoder and decoder and is not there, such as a classifier of lengths, "
         "starts fresh."},
    {KEY(training.report_every), INTEGER("100", 1, MANY), .resume = RESUME_FREE,
     .help = "Steps between lines of the log and of metrics.jsonl."},

    {KEY(validation.every), INTEGER("1000", 0, MANY_STEPS), .resume = RESUME_FREE,
     .help = "Steps between validations; 0 is never."},
    {KEY(validation.metric), CHOICE("loss", metric_names), .applies = &has_validation,
     .help =
         "What makes a checkpoint the best; of equal ones the lower loss. accuracy is the "
         "share of tokens that are right when the truth is fed, or of labels or tags. exact "
         "is the share of outputs equal to a reference; wer and per are the edit distance "
         "over words (phonemes) by their number in the reference, cer that over characters; "
         "these, bleu and chrf are for task generate. macro_f1, for task label, is the mean "
         "of each label's F1; span_f1, for task tag, the F1 of the spans that tags in IOB1, "
         "IOB2 or BIOES stand for (conlleval)."},
    {KEY(validation.patience), INTEGER("10", 0, MANY), .applies = &has_validation,
     .resume = RESUME_FREE,
     .help = "Validations without a better one after which training ends; 0 is no early end."},

    {KEY(validation.free_running), CHOICE("true", switch_words), .applies = &has_free_running,
     .resume = RESUME_FREE,
     .help = "Measure exposure bias: decode the validation set and report the accuracy of "
             "what the model says when it is fed its own output next to its accuracy when "
             "it is fed the truth."},

    {KEY(checkpoint.every), PERIOD("1000"), .resume = RESUME_FREE,
     .help = "Steps between checkpoints, or the time since the last one as rank 0 measures it, "
             "after which the next step is saved. The results do not depend on it."},
    {KEY(checkpoint.retry_seconds), INTEGER("300", 0, MANY), .resume = RESUME_FREE,
     .help =
         "A checkpoint that cannot be written (a full disk, a shared file system that is away "
         "for a while) is tried again, with growing pauses, for so long; training goes on "
         "until the next one is due. Then the run ends. 0 never tries again."},
    {KEY(checkpoint.keep), INTEGER("5", 1, MANY), .resume = RESUME_FREE,
     .help = "Newest checkpoints that stay."},
    {KEY(checkpoint.keep_best), INTEGER("1", 1, 64), .applies = &has_validation,
     .resume = RESUME_FREE, .help = "Best checkpoints by validation that stay besides."},

    {KEY(distributed.bucket_bytes), INTEGER("8388608", 16384, 4294967296.0),
     .resume = RESUME_FREE,
     .help = "Gradients are exchanged in parts of about this size. The "
             "results do not depend on it."},
    {KEY(distributed.exchange), CHOICE("auto", exchange_kinds), .resume = RESUME_FREE,
     .help =
         "How gradients and parameters go between ranks: each to each (direct); by halves, "
         "in as many stages as 2 goes into the ranks, a power of 2 (halving); within each host "
         "and then between hosts, each with as many ranks (hosts); or whichever of these "
         "costs least (auto). The results do not depend on it."},
    {KEY(distributed.courier), CHOICE("false", switch_words), .resume = RESUME_FREE,
     .help = "A thread of each rank for messages and sums alone, best on a core of its own."},
    {KEY(distributed.gradients), CHOICE("float32", float_kinds),
     .help = "What the sums of gradients over the grains are rounded to, and exchanged in. "
             "bfloat16 halves what travels while gradients are exchanged (parameters come "
             "back in float32), and pays where the network is what a step waits for. Each "
             "partial sum is rounded, on one rank too, so that the results depend on the "
             "choice but not on the number of ranks; a run keeps what it began with "
             "(training.initialize_from starts another from its parameters)."},
    {KEY(distributed.check_every), INTEGER("0", 0, MANY), .resume = RESUME_FREE,
     .help =
         "Steps after which ranks compare hashes of their parameters; a difference ends the "
         "job and names tensor and rank. 1 finds a bit that flips in one rank's copy before "
         "it does any harm; other values find what stays or comes again (each update "
         "brings new copies). Where it is not 0, checkpoints are compared before they are "
         "saved. 0.3 ms for a million parameters; 0 never does."},
    {KEY(distributed.stall_seconds), INTEGER("300", 0, MANY), .resume = RESUME_FREE,
     .help = "A rank that waits longer for another says so and ends the job; "
             "0 waits for ever."},

    DECODE_OPTIONS,
};

const option *option_table(int *count)
{
    *count = (int)(sizeof table / sizeof *table);
    return table;
}
