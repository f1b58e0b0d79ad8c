#!/usr/bin/python3
"""Make the golden files: small models computed by PyTorch in float64.

    tests/golden/make_golden.py [FOLDER]

Each FOLDER/<case>.h5 is a Lockstep store (include/lockstep/store/user_block.h) of kind
"golden": the model's options as attributes, a packed batch, parameters, and what training
on it gives. Bytes depend on nothing but this file and PyTorch's version. Needs
python3-torch, python3-h5py and libxxhash.
"""
import math
import pathlib
import sys

import numpy
import torch
from torch import nn

from golden_store import Store

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
    # Copying: source symbols below 13 are the target's too, each itself.
    "copy_tied": dict(width=16, heads=2, feed_forward=32, encoder_layers=1, decoder_layers=2,
                      pre_norm=0, gelu=0, learned=0, tie=1, smoothing=0.1, symbols=(17, 13),
                      copy=1),
}
TIE_TARGET, TIE_ALL = 1, 2
UNKNOWN, BEGIN, END, MASK, SPECIALS = 0, 1, 2, 3, 3
MAX_LENGTH = 15
STEPS, RATE, BETAS = 10, 1e-3, (0.9, 0.98)

# Symbols of (source, target) without specials: an empty sentence on either side, and
# sentences of one symbol. The grain of three sentences comes first, one grain is empty.
LENGTHS = [(5, 7), (0, 3), (11, 14), (4, 0), (1, 1), (15, 9), (6, 15), (3, 2), (9, 10), (2, 1)]
GRAIN_SEQUENCES = [0, 3, 5, 5, 8, 10]


class Model(nn.Module):
    """Names and order of the parameters are those of Lockstep's registry."""

    def __init__(self, case):
        super().__init__()
        width = case["width"]
        options = dict(d_model=width, nhead=case["heads"], dim_feedforward=case["feed_forward"],
                       dropout=0.0, activation="gelu" if case["gelu"] else "relu",
                       batch_first=True, norm_first=bool(case["pre_norm"]))
        norm = [nn.LayerNorm(width) if case["pre_norm"] else None for _ in range(2)]
        source, target = case["symbols"]
        self.scale = math.sqrt(width)
        self.source_embedding = nn.Embedding(source, width)
        self.encoder = nn.TransformerEncoder(nn.TransformerEncoderLayer(**options),
                                             case["encoder_layers"], norm[0])
        self.target_embedding = nn.Embedding(target, width)
        self.decoder = nn.TransformerDecoder(nn.TransformerDecoderLayer(**options),
                                             case["decoder_layers"], norm[1])
        self.generator = nn.Linear(width, target)
        if case["learned"]:
            self.source_positions = nn.Embedding(MAX_LENGTH + 1, width)
            self.target_positions = nn.Embedding(case.get("tokens", MAX_LENGTH + 1), width)
        else:
            self.source_positions = self.target_positions = None
            self.sinusoids = sinusoids(MAX_LENGTH + 1, width)
        if case["tie"] == TIE_ALL:
            self.target_embedding.weight = self.source_embedding.weight
        if case["tie"] in (TIE_TARGET, TIE_ALL):
            self.generator.weight = self.target_embedding.weight

        self.parallel = "tokens" in case or "length_loss" in case
        self.length_loss = case.get("length_loss", 0.0)
        if self.length_loss:
            self.length = nn.Linear(width, 2 * MAX_LENGTH + 1)
        self.symbols = case["symbols"]
        if case.get("copy"):
            self.copy = nn.ModuleDict({"query": nn.Linear(width, width),
                                       "key": nn.Linear(width, width),
                                       "gate": nn.Linear(2 * width, 1)})

    def embed(self, ids, table, positions):
        places = positions.weight if positions is not None else self.sinusoids
        return (self.scale * table(ids) + places[:len(ids)]).unsqueeze(0)

    def forward(self, source, target):
        """Log-probabilities [target, symbols] of one sentence, and what its source became."""
        known = source.where(source < self.symbols[0], torch.tensor(UNKNOWN))
        memory = self.encoder(self.embed(known, self.source_embedding, self.source_positions))
        hidden = self.decoder(self.embed(target, self.target_embedding, self.target_positions),
                              memory,
                              tgt_mask=None if self.parallel else causal(len(target)))
        log_p = torch.log_softmax(self.generator(hidden[0]), dim=-1)
        if hasattr(self, "copy"):
            return log_p, self.mix(log_p, hidden[0], memory[0], source)
        return log_p, memory[0]

    def mix(self, log_p, hidden, memory, source):
        """Probabilities [target, numbers] of what is generated or copied."""
        scores = self.copy["query"](hidden) @ self.copy["key"](memory).T / self.scale
        attention = torch.softmax(scores, dim=-1)
        gate = torch.sigmoid(self.copy["gate"](torch.cat([hidden, attention @ memory], dim=-1)))
        numbers = torch.tensor([held_by(self.symbols, place) for place in source.tolist()])
        holds = nn.functional.one_hot(numbers, sum(self.symbols) + MAX_LENGTH).double()
        copied = (1 - gate) * (attention @ holds)
        return torch.cat([gate * log_p.exp() + copied[:, :self.symbols[1]],
                          copied[:, self.symbols[1]:]], dim=-1)


class PackedModel(Model):
    """With batch norm: norms see the rows of all sentences, one after another."""

    def __init__(self, case):
        super().__init__(case)
        self.pre_norm, self.activation = case["pre_norm"], None
        for side in ("encoder", "decoder"):
            stack = getattr(self, side)
            self.activation = stack.layers[0].activation
            if case[f"{side}_batch"]:
                for owner, name in [(m, n) for m in stack.modules()
                                    for n, child in m.named_children()
                                    if isinstance(child, nn.LayerNorm)]:
                    setattr(owner, name, nn.BatchNorm1d(case["width"]))

    def block(self, norm, branch, x):
        return x + branch(norm(x)) if self.pre_norm else norm(x + branch(x))

    def feed(self, layer, x):
        return layer.linear2(self.activation(layer.linear1(x)))

    def attend(self, attention, queries, keys, x, memory=None, mask=None):
        """Sentence by sentence; queries and keys are their lengths."""
        pairs = zip(x.split(queries), (x if memory is None else memory).split(keys))
        return torch.cat([attention(q[None], k[None], k[None],
                                    attn_mask=causal(len(q)) if mask else None)[0][0]
                          for q, k in pairs])

    def forward(self, batch):
        """Log-probabilities [target rows, symbols] of the batch, and what its sources became."""
        sources, targets = [len(pair[0]) for pair in batch], [len(pair[1]) for pair in batch]
        x = torch.cat([self.embed(numbers(pair[0]), self.source_embedding,
                                  self.source_positions)[0] for pair in batch])
        for layer in self.encoder.layers:
            x = self.block(layer.norm1,
                           lambda r: self.attend(layer.self_attn, sources, sources, r), x)
            x = self.block(layer.norm2, lambda r: self.feed(layer, r), x)
        memory = x if self.encoder.norm is None else self.encoder.norm(x)
        x = torch.cat([self.embed(numbers(pair[1]), self.target_embedding,
                                  self.target_positions)[0] for pair in batch])
        for layer in self.decoder.layers:
            x = self.block(layer.norm1, lambda r: self.attend(layer.self_attn, targets, targets,
                                                              r, mask=not self.parallel), x)
            x = self.block(layer.norm2, lambda r: self.attend(layer.multihead_attn, targets,
                                                              sources, r, memory), x)
            x = self.block(layer.norm3, lambda r: self.feed(layer, r), x)
        hidden = x if self.decoder.norm is None else self.decoder.norm(x)
        return torch.log_softmax(self.generator(hidden), dim=-1), memory


def held_by(symbols, number):
    """What a place of the source holds, as a number of the target."""
    return number if number < symbols[1] else symbols[1] + number


def numbers(symbols):
    return torch.tensor(symbols, dtype=torch.long)  # of none too


def causal(length):
    return torch.full((length, length), -math.inf, dtype=torch.float64).triu(1)


def make_model(case):
    packed = case.get("encoder_batch") or case.get("decoder_batch")
    return (PackedModel if packed else Model)(case).double()


def sinusoids(places, width):
    angle = numpy.arange(places)[:, None] / 10000.0 ** (numpy.arange(0, width, 2) / width)
    table = numpy.empty((places, width))
    table[:, 0::2], table[:, 1::2] = numpy.sin(angle), numpy.cos(angle)
    return torch.from_numpy(table)


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
    """[(source, target, gold)] of every sentence."""
    def symbols(count, side):
        return generator.integers(SPECIALS + case.get("mask", 0), case["symbols"][side],
                                  count).tolist()

    batch = []
    for source_length, target_length in LENGTHS:
        source, target = symbols(source_length, 0), symbols(target_length, 1)
        if case.get("copy"):
            batch.append(make_copied(case, source, target, generator))
            continue
        batch.append((source + [END], *feed(case, target, generator)))
    return batch


def tokens_of(case, batch):
    """Of the truth, be they scored or not."""
    if "tokens" in case:
        return sum(symbol >= 0 for _, _, gold in batch for symbol in gold)
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
        outputs = [(log_p, None, sum((gold for _, _, gold in batch), []))]
    else:
        outputs = ((*model(torch.tensor(source), torch.tensor(target)), gold)
                   for source, target, gold in batch)
    for log_p, mixed, gold in outputs:
        gold = numbers(gold)
        scored = gold >= 0
        if case.get("copy"):
            own = -mixed[scored, gold[scored]].log()
        else:
            own = -log_p[scored, gold[scored]]
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
    for number, name in enumerate(("source", "target", "gold")):
        store.add("batch", name, sum((pair[number] for pair in batch), []), "<i4")
    for number, name in enumerate(("source_offsets", "target_offsets")):
        offsets = numpy.cumsum([0] + [len(pair[number]) for pair in batch])
        store.add("batch", name, offsets, "<i4")
    store.add("batch", "grain_sequences", GRAIN_SEQUENCES, "<i4")


def add_options(store, case, model, batch):
    for name in ("width", "heads", "feed_forward", "encoder_layers", "decoder_layers",
                 "pre_norm", "gelu", "learned", "tie"):
        store.add_number(name, case[name])
    for name in ("encoder_batch", "decoder_batch"):
        store.add_number(name, case.get(name, 0))
    if case.get("copy"):
        store.add_number("copy", 1)
    if model.parallel:
        for name in ("mask", "tokens"):
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
