#!/usr/bin/python3
"""Make the golden files: small models computed by PyTorch in float64.

    tests/golden/make_golden.py [FOLDER]

Each FOLDER/<case>.h5 is a Lockstep store (include/lockstep/store/user_block.h) of kind
"golden": the model's options as attributes, a packed batch, parameters, and what training
on it gives. Bytes depend on nothing but golden_*.py, this file and PyTorch's version. Needs
python3-torch, python3-h5py and libxxhash.
"""
import math
import pathlib
import sys

import numpy
import torch

from golden_models import (LABEL, MAX_LENGTH, SPECIALS, TAG, UNKNOWN, PackedModel, held_by,
                           make_model, numbers)
from golden_store import Store

NO_GOLD, UNKNOWN_GOLD = -1, -2
CASES = {
    # Widths of a head: 8, 4, 16 and, being odd, 3.
    "post_relu_tied": dict(width=16, heads=2, feed_forward=32, encoder_layers=2,
                           decoder_layers=2, pre_norm=0, gelu=0, learned=0, tie=1,
                           smoothing=0.0, symbols=(17, 23)),
    "pre_gelu_untied": dict(width=16, heads=4, feed_forward=48, encoder_layers=2,
                            decoder_layers=2, pre_norm=1, gelu=1, learned=0, tie=0,
                            smoothing=0.1, symbols=(40, 13)),
    "post_relu_joint": dict(width=16, heads=1, feed_forward=32, encoder_layers=1,
                            decoder_layers=2, pre_norm=0, gelu=0, learned=0, tie=2,
                            smoothing=0.1, symbols=(29, 29)),
    "pre_relu_learned": dict(width=24, heads=8, feed_forward=40, encoder_layers=2,
                             decoder_layers=1, pre_norm=1, gelu=0, learned=1, tie=1,
                             smoothing=0.0, symbols=(19, 31)),
    # Batch norm over all rows of the batch, in both stacks or in the encoder alone.
    "post_relu_batch": dict(width=16, heads=2, feed_forward=32, encoder_layers=2,
                            decoder_layers=2, pre_norm=0, gelu=0, learned=0, tie=1,
                            smoothing=0.1, symbols=(17, 23), encoder_batch=1, decoder_batch=1),
    "pre_gelu_batch": dict(width=16, heads=4, feed_forward=48, encoder_layers=2,
                           decoder_layers=2, pre_norm=1, gelu=1, learned=0, tie=0,
                           smoothing=0.0, symbols=(40, 13), encoder_batch=1, decoder_batch=1),
    "post_gelu_mixed": dict(width=16, heads=2, feed_forward=32, encoder_layers=1,
                            decoder_layers=1, pre_norm=0, gelu=1, learned=0, tie=2,
                            smoothing=0.1, symbols=(29, 29), encoder_batch=1, decoder_batch=0),
    # Parallel decoders: so many places fed with <begin>; or some of the truth's masked, and a
    # classifier of lengths.
    "parallel_begin_fixed": dict(width=16, heads=2, feed_forward=32, encoder_layers=1,
                                 decoder_layers=2, pre_norm=1, gelu=0, learned=1, tie=1,
                                 smoothing=0.1, symbols=(17, 23), tokens=18),
    "parallel_mask_classifier": dict(width=16, heads=4, feed_forward=32, encoder_layers=2,
                                     decoder_layers=2, pre_norm=0, gelu=1, learned=0, tie=2,
                                     smoothing=0.1, symbols=(29, 29), encoder_batch=1,
                                     decoder_batch=1, mask=1, length_loss=0.5),
    # No decoder: a label of the mean or of <begin>'s state, a tag for some of the rows.
    "label_mean": dict(width=16, heads=2, feed_forward=32, encoder_layers=2, pre_norm=0, gelu=0,
                       learned=0, smoothing=0.1, symbols=(17, 9), task=LABEL),
    "label_begin": dict(width=16, heads=4, feed_forward=32, encoder_layers=2, pre_norm=1, gelu=1,
                        learned=1, smoothing=0.0, symbols=(23, 12), task=LABEL, begin=1,
                        encoder_batch=1),
    "tag_post": dict(width=24, heads=8, feed_forward=40, encoder_layers=1, pre_norm=0, gelu=1,
                     learned=0, smoothing=0.1, symbols=(19, 10), task=TAG),
    "tag_pre_batch": dict(width=16, heads=2, feed_forward=32, encoder_layers=2, pre_norm=1,
                          gelu=0, learned=1, smoothing=0.0, symbols=(29, 21), task=TAG,
                          encoder_batch=1),
    # Sources of frames.
    "frames_pre_gelu": dict(width=16, heads=2, feed_forward=32, encoder_layers=2,
                            decoder_layers=2, pre_norm=1, gelu=1, learned=1, tie=1,
                            smoothing=0.1, symbols=(0, 23), frame_width=10),
    "frames_post_batch": dict(width=16, heads=4, feed_forward=32, encoder_layers=2,
                              decoder_layers=1, pre_norm=0, gelu=0, learned=0, tie=1,
                              smoothing=0.1, symbols=(0, 19), frame_width=6, encoder_batch=1,
                              decoder_batch=1),
    "frames_label": dict(width=16, heads=2, feed_forward=32, encoder_layers=2, pre_norm=1, gelu=0,
                         learned=0, smoothing=0.1, symbols=(0, 9), task=LABEL, frame_width=6),
    # Copying: source symbols below 13 are the target's too, each itself.
    "copy_tied": dict(width=16, heads=2, feed_forward=32, encoder_layers=1, decoder_layers=2,
                      pre_norm=0, gelu=0, learned=0, tie=1, smoothing=0.1, symbols=(17, 13),
                      copy=1),
}
BEGIN, END, MASK = 1, 2, 3
STEPS, RATE, BETAS = 10, 1e-3, (0.9, 0.98)

# Symbols of (source, target) without specials: an empty sentence on either side, and
# sentences of one symbol. The grain of three sentences comes first, one grain is empty.
LENGTHS = [(5, 7), (0, 3), (11, 14), (4, 0), (1, 1), (15, 9), (6, 15), (3, 2), (9, 10), (2, 1)]
GRAIN_SEQUENCES = [0, 3, 5, 5, 8, 10]


def randomise(model, generator):
    """Values that float32 holds exactly; biases and norms take part too."""
    for name, parameter in model.named_parameters():
        values = generator.standard_normal(tuple(parameter.shape))
        if parameter.dim() == 2:
            values /= math.sqrt(parameter.shape[1])
        else:
            values = 0.2 * values + (1.0 if "norm" in name and "weight" in name else 0.0)
        with torch.no_grad():
            parameter.copy_(torch.from_numpy(values.astype(numpy.float32).astype(numpy.float64)))


def feed(case, target, generator):
    """What the decoder is fed, and what is scored against it; -1: nothing."""
    if "tokens" in case:
        return [BEGIN] * case["tokens"], (target + [END] + [-1] * case["tokens"])[:case["tokens"]]
    if not case.get("mask"):
        return [BEGIN] + target, target + [END]
    count = generator.integers(1, len(target) + 1) if target else 0
    masked = generator.permutation(len(target))[:count]
    return ([MASK if i in masked else symbol for i, symbol in enumerate(target)],
            [symbol if i in masked else -1 for i, symbol in enumerate(target)])


def answers(case, rows, generator):
    """The truth without a decoder: symbols, 0 for an unknown one, -1 where there is none."""
    truth = generator.integers(SPECIALS, case["symbols"][1], 1 if case["task"] == LABEL else rows)
    truth[generator.random(len(truth)) < 0.15] = 0
    if case["task"] == TAG:
        truth[1:][generator.random(rows - 1) < 0.3] = -1
    gold = [NO_GOLD if s < 0 else s - SPECIALS if s else UNKNOWN_GOLD for s in truth.tolist()]
    return truth.tolist(), gold


def make_copied(case, source, target, generator):
    """Words that the source's vocabulary has not, some of them twice, take the place of some of
    its symbols; and any of its words that of two thirds of the target's."""
    for place in range(2, len(source), 3):
        source[place] = case["symbols"][0] + place // 6
    for place in range(3, len(source), 4):
        source[place] = source[place - 3]
    for place in range(len(target)):
        if source and place % 3:
            target[place] = held_by(case["symbols"], source[generator.integers(len(source))])
    fed = [symbol if symbol < case["symbols"][1] else UNKNOWN for symbol in target]
    return source + [END], [BEGIN] + fed, target + [END]


def make_batch(case, generator):
    """[(source, target, gold)] of every sentence. Frames are as many as symbols and <end>."""
    def frames(count):
        return generator.standard_normal((count, case["frame_width"]), numpy.float32).astype(float)

    def symbols(count, side):
        return generator.integers(SPECIALS + case.get("mask", 0), case["symbols"][side],
                                  count).tolist()

    batch = []
    for source_length, target_length in LENGTHS:
        if "task" in case:
            count = max(source_length, 1)
            source = (frames(count) if "frame_width" in case
                      else [BEGIN] * case.get("begin", 0) + symbols(count, 0))
            batch.append((source, *answers(case, len(source), generator)))
            continue
        if case.get("copy"):
            source, target = symbols(source_length, 0), symbols(target_length, 1)
            batch.append(make_copied(case, source, target, generator))
            continue
        source = (frames(source_length + 1) if "frame_width" in case
                  else symbols(source_length, 0) + [END])
        batch.append((source, *feed(case, symbols(target_length, 1), generator)))
    return batch


def tokens_of(case, batch):
    """Of the truth, be they scored or not."""
    if "tokens" in case:
        return sum(symbol >= 0 for _, _, gold in batch for symbol in gold)
    if "task" in case:
        return sum(symbol != NO_GOLD for _, _, gold in batch for symbol in gold)
    return sum(len(gold) for _, _, gold in batch)


def measure_lengths(model, batch, memory):
    """-log p of the lengths, without specials, of all targets."""
    sources = [len(source) for source, _, _ in batch]
    means = torch.stack([rows.mean(dim=0) for rows in memory.split(sources)])
    classes = [len(target) - (len(source) - 1) + MAX_LENGTH for source, target, _ in batch]
    log_p = torch.log_softmax(model.length(means), dim=-1)
    return -log_p[torch.arange(len(classes)), torch.tensor(classes)]


def measure(model, batch, case):
    """Loss of the batch, -log p(gold) of every target row that is scored, and of lengths."""
    total, nll, lengths, smoothing = 0.0, [], None, case["smoothing"]
    if isinstance(model, PackedModel):
        log_p, memory = model(batch)
        outputs = [(log_p, memory, sum((gold for _, _, gold in batch), []))]
    else:
        outputs = ((*model(source, torch.tensor(target)), gold)
                   for source, target, gold in batch)
    for log_p, beside, gold in outputs:
        gold = numbers(gold)
        scored = gold >= 0
        own = (-beside[scored, gold[scored]].log() if case.get("copy") else
               -log_p[scored, gold[scored]])
        total = total + ((1 - smoothing) * own - smoothing * log_p[scored].mean(dim=-1)).sum()
        nll.append(torch.zeros(len(gold), dtype=torch.float64))
        nll[-1][scored] = own.detach()
    total = total / tokens_of(case, batch)
    if model.length_loss:
        lengths = measure_lengths(model, batch, memory)
        total = total + model.length_loss * lengths.mean()
    return total, torch.cat(nll), lengths


def train(case, batch, start, epsilon):
    """Losses before each of the steps, and the model after the last."""
    model = make_model(case)
    model.load_state_dict(start)
    adam = torch.optim.Adam(model.parameters(), lr=RATE, betas=BETAS, eps=epsilon)
    losses = []
    for _ in range(STEPS):
        loss, _, _ = measure(model, batch, case)
        adam.zero_grad()
        loss.backward()
        adam.step()
        losses.append(loss.item())
    return losses, model


def add_batch(store, batch):
    if isinstance(batch[0][0], numpy.ndarray):
        store.add("batch", "frames", numpy.concatenate([pair[0] for pair in batch]), "<f4")
    for number, name in enumerate(("source", "target", "gold")):
        if number == 0 and isinstance(batch[0][0], numpy.ndarray):
            continue
        store.add("batch", name, sum((pair[number] for pair in batch), []), "<i4")
    for number, name in enumerate(("source_offsets", "target_offsets")):
        offsets = numpy.cumsum([0] + [len(pair[number]) for pair in batch])
        store.add("batch", name, offsets, "<i4")
    store.add("batch", "grain_sequences", GRAIN_SEQUENCES, "<i4")


def add_options(store, case, model, batch):
    for name in ("width", "heads", "feed_forward", "encoder_layers", "decoder_layers",
                 "pre_norm", "gelu", "learned", "tie"):
        store.add_number(name, case.get(name, 0))
    for name in ("encoder_batch", "decoder_batch"):
        store.add_number(name, case.get(name, 0))
    if model.parallel:
        for name in ("mask", "tokens"):
            store.add_number(name, case.get(name, 0))
        store.add_number("truth_tokens", tokens_of(case, batch))
    if case.get("copy"):
        store.add_number("copy", 1)
    if "frame_width" in case:
        store.add_number("frame_width", case["frame_width"])
    if "task" in case:
        for name in ("task", "begin"):
            store.add_number(name, case.get(name, 0))
        store.add_number("truth_tokens", tokens_of(case, batch))
    store.add_number("max_length", MAX_LENGTH)
    store.add_number("source_symbols", case["symbols"][0])
    store.add_number("target_symbols", case["symbols"][1])
    store.add_number("grains", len(GRAIN_SEQUENCES) - 1)
    store.add_number("sequences", len(LENGTHS))


def make(path, case, seed):
    generator = numpy.random.Generator(numpy.random.PCG64(seed))
    model = make_model(case)
    randomise(model, generator)
    batch = make_batch(case, generator)
    start = {name: value.clone() for name, value in model.state_dict().items()}
    loss, nll, lengths = measure(model, batch, case)
    loss.backward()

    store = Store(path)
    add_options(store, case, model, batch)
    add_batch(store, batch)
    store.add("loss", "smoothing", [case["smoothing"]], "<f8")
    store.add("loss", "nll", nll.numpy(), "<f8")
    if lengths is not None:
        store.add("loss", "lengths", lengths.detach().numpy(), "<f8")
        store.add("loss", "share_of_lengths", [model.length_loss], "<f8")
    store.add("loss", "first", [loss.item()], "<f8")
    for name, parameter in model.named_parameters():
        store.add("parameters", name, parameter.detach().numpy(), "<f4")
        store.add("gradients", name, parameter.grad.numpy(), "<f4")
    _, after = train(case, batch, start, 1e-4)
    for name, parameter in after.named_parameters():
        store.add("after", name, parameter.detach().numpy(), "<f4")
    for name, value in after.named_buffers():
        if "running" in name:
            store.add("buffers", name, value.numpy(), "<f4")
    with torch.no_grad():
        store.add("loss", "after", [measure(after.eval(), batch, case)[0].item()],
                  "<f8")
    losses, _ = train(case, batch, start, 1e-9)
    store.add("loss", "ten", losses, "<f8")
    store.save()


def main():
    folder = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parent)
    torch.set_num_threads(1)
    for seed, (name, case) in enumerate(CASES.items(), start=1):
        make(folder / f"{name}.h5", case, seed)
        print(folder / f"{name}.h5")


if __name__ == "__main__":
    main()
