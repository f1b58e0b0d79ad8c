"""The models of the golden files, in PyTorch."""
import math

import numpy
import torch
from torch import nn

TIE_TARGET, TIE_ALL = 1, 2
LABEL, TAG = 1, 2
UNKNOWN, SPECIALS = 0, 3
MAX_LENGTH = 15


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
        self.source_embedding = self.source_projection = None
        if "frame_width" in case:
            self.source_projection = nn.Linear(case["frame_width"], width)
        else:
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

    def embed(self, ids, table, positions):
        places = positions.weight if positions is not None else self.sinusoids
        return (self.scale * table(ids) + places[:len(ids)]).unsqueeze(0)

    def embed_source(self, source):
        """Symbols, or frames [rows, frame_width]."""
        if self.source_projection is None:
            return self.embed(numbers(source), self.source_embedding, self.source_positions)
        places = self.sinusoids if self.source_positions is None else self.source_positions.weight
        frames = self.source_projection(torch.from_numpy(source))
        return (frames + places[:len(source)]).unsqueeze(0)

    def decode(self, source, target):
        """The decoder's states [target, width] of one sentence, and what its source became."""
        memory = self.encoder(self.embed_source(source))
        hidden = self.decoder(self.embed(target, self.target_embedding, self.target_positions),
                              memory,
                              tgt_mask=None if self.parallel else causal(len(target)))
        return hidden[0], memory[0]

    def forward(self, source, target):
        """Log-probabilities [target, symbols] of one sentence, and what its source became."""
        hidden, memory = self.decode(source, target)
        return torch.log_softmax(self.generator(hidden), dim=-1), memory


class CopyingModel(Model):
    """A pointer beside the generator."""

    def __init__(self, case):
        super().__init__(case)
        width = case["width"]
        self.symbols = case["symbols"]
        self.copy = nn.ModuleDict({"query": nn.Linear(width, width),
                                   "key": nn.Linear(width, width),
                                   "gate": nn.Linear(2 * width, 1)})

    def embed_source(self, source):
        return super().embed_source([n if n < self.symbols[0] else UNKNOWN for n in source])

    def forward(self, source, target):
        """Log-probabilities [target, symbols] of what is generated, and probabilities [target,
        numbers] of what is generated or copied."""
        hidden, memory = self.decode(source, target)
        log_p = torch.log_softmax(self.generator(hidden), dim=-1)
        scores = self.copy["query"](hidden) @ self.copy["key"](memory).T / self.scale
        attention = torch.softmax(scores, dim=-1)
        gate = torch.sigmoid(self.copy["gate"](torch.cat([hidden, attention @ memory], dim=-1)))
        held = numbers([held_by(self.symbols, place) for place in source])
        holds = nn.functional.one_hot(held, sum(self.symbols) + MAX_LENGTH).double()
        copied = (1 - gate) * (attention @ holds)
        own = self.symbols[1]
        return log_p, torch.cat([gate * log_p.exp() + copied[:, :own], copied[:, own:]], dim=-1)


class PackedModel(Model):
    """With batch norm: norms see the rows of all sentences, one after another."""

    def __init__(self, case):
        super().__init__(case)
        self.pre_norm, self.activation = case["pre_norm"], None
        for side in ("encoder", "decoder"):
            stack = getattr(self, side)
            self.activation = stack.layers[0].activation
            if case.get(f"{side}_batch"):
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

    def encode(self, batch):
        """What the sources become, [source rows, width]."""
        sources = [len(pair[0]) for pair in batch]
        x = torch.cat([self.embed_source(pair[0])[0] for pair in batch])
        for layer in self.encoder.layers:
            x = self.block(layer.norm1,
                           lambda r: self.attend(layer.self_attn, sources, sources, r), x)
            x = self.block(layer.norm2, lambda r: self.feed(layer, r), x)
        return x if self.encoder.norm is None else self.encoder.norm(x)

    def forward(self, batch):
        """Log-probabilities [target rows, symbols] of the batch, and what its sources became."""
        sources, targets = [len(pair[0]) for pair in batch], [len(pair[1]) for pair in batch]
        memory = self.encode(batch)
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


class Classifier(PackedModel):
    """Labels and tags: no decoder, but a classifier of what the encoder makes of the source."""

    def __init__(self, case):
        super().__init__({**case, "decoder_layers": 1, "tie": 0})
        self.target_embedding = self.decoder = self.generator = self.target_positions = None
        self.classifier = nn.Linear(case["width"], case["symbols"][1] - SPECIALS)
        self.case = case

    def forward(self, batch):
        """Log-probabilities [sentences or source rows, classes], and what the sources became."""
        memory = self.encode(batch)
        rows = memory.split([len(pair[0]) for pair in batch])
        states = memory
        if self.case["task"] == LABEL:
            states = torch.stack([row[0] if self.case.get("begin") else row.mean(dim=0)
                                  for row in rows])
        return torch.log_softmax(self.classifier(states), dim=-1), memory


def held_by(symbols, number):
    """What a place of the source holds, as a number of the target."""
    return number if number < symbols[1] else symbols[1] + number


def numbers(symbols):
    return torch.tensor(symbols, dtype=torch.long)  # of none too


def causal(length):
    return torch.full((length, length), -math.inf, dtype=torch.float64).triu(1)


def sinusoids(places, width):
    angle = numpy.arange(places)[:, None] / 10000.0 ** (numpy.arange(0, width, 2) / width)
    table = numpy.empty((places, width))
    table[:, 0::2], table[:, 1::2] = numpy.sin(angle), numpy.cos(angle)
    return torch.from_numpy(table)


def make_model(case):
    if "task" in case:
        return Classifier(case).double()
    if case.get("copy"):
        return CopyingModel(case).double()
    packed = case.get("encoder_batch") or case.get("decoder_batch")
    return (PackedModel if packed else Model)(case).double()
