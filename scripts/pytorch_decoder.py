"""A Lockstep checkpoint decoded by PyTorch 2 (PyPI: torch) on one thread, in float32, as fast
as a loop over its operations goes.

Keys and values are kept; those of cross attention are computed once, and the hypotheses of a
sentence share them as if they were queries of one. Finished sentences leave the batch, so
that the rest stays dense. Nothing is done sentence by sentence but reading and writing.
"""
import torch
from torch.nn import functional

NEVER = float("-inf")
PLACES = 1024  # of sinusoids
GROWTH = 16  # places by which the kept keys and values grow


class Attention:
    def __init__(self, tensors, name, heads):
        self.weight, self.bias = tensors[f"{name}.in_proj_weight"], tensors[f"{name}.in_proj_bias"]
        self.out = tensors[f"{name}.out_proj.weight"], tensors[f"{name}.out_proj.bias"]
        self.heads, self.width = heads, self.weight.shape[1]

    def project(self, x, first, end):
        """Queries (0), keys (1), values (2) from first to end: [end - first, rows, heads,
        places, width of a head] of x [rows, places, width]."""
        cut = slice(first * self.width, end * self.width)
        y = functional.linear(x, self.weight[cut], self.bias[cut])
        y = y.view(x.shape[0], x.shape[1], end - first, self.heads, -1)
        return y.permute(2, 0, 3, 1, 4)

    def attend(self, query, key, value, mask=None):
        y = functional.scaled_dot_product_attention(query, key, value, attn_mask=mask)
        return functional.linear(y.transpose(1, 2).flatten(2), *self.out)


class Layer:
    def __init__(self, tensors, model):
        self.attention = Attention(tensors, "self_attn", model.heads)
        self.cross = None
        if "multihead_attn.in_proj_weight" in tensors:
            self.cross = Attention(tensors, "multihead_attn", model.heads)
        self.linears = [(tensors[f"linear{n}.weight"], tensors[f"linear{n}.bias"]) for n in (1, 2)]
        self.norms = [(tensors[f"norm{n}.weight"], tensors[f"norm{n}.bias"])
                      for n in range(1, 4 if self.cross else 3)]
        self.activation = getattr(functional, model.activation)
        self.pre = model.pre

    def norm(self, x, number):
        return functional.layer_norm(x, x.shape[-1:], *self.norms[number])

    def block(self, x, number, function):
        if self.pre:
            return x + function(self.norm(x, number))
        return self.norm(x + function(x), number)

    def feed_forward(self, x):
        return functional.linear(self.activation(functional.linear(x, *self.linears[0])),
                                 *self.linears[1])

    def encode(self, x, mask):
        x = self.block(x, 0, lambda y: self.attention.attend(*self.attention.project(y, 0, 3), mask))
        return self.block(x, 1, self.feed_forward)

    def decode(self, x, kept, place, memory, mask):
        """One place of x [sentences, hypotheses, width]. kept [2, rows, heads, room, width of a
        head] gets this place's key and value; memory [2, sentences, heads, places, ...]."""
        def own(y):
            new = self.attention.project(y.view(-1, 1, y.shape[-1]), 0, 3)
            kept[:, :, :, place] = new[1:, :, :, 0]
            seen = kept[:, :, :, :place + 1]
            return self.attention.attend(new[0], seen[0], seen[1]).view(y.shape)

        def other(y):
            return self.cross.attend(self.cross.project(y, 0, 1)[0], memory[0], memory[1], mask)

        x = self.block(x, 0, own)
        x = self.block(x, 1, other)
        return self.block(x, 2, self.feed_forward)


class State:
    """A batch while it is decoded: rows are sentences times hypotheses."""

    def __init__(self, memory, mask, hypotheses):
        layers, _, sentences, heads, _, size = memory.shape
        self.memory, self.mask, self.hypotheses = memory, mask, hypotheses
        self.kept = memory.new_empty(layers, 2, sentences * hypotheses, heads, 0, size)
        self.place = 0

    def grow(self):
        if self.place == self.kept.shape[4]:
            shape = list(self.kept.shape)
            shape[4] += GROWTH
            grown = self.kept.new_empty(shape)
            grown[:, :, :, :, :self.place] = self.kept
            self.kept = grown

    def reorder(self, rows):
        self.kept = self.kept.index_select(2, rows)

    def keep(self, sentences):
        """Only these sentences go on; their rows stay in order."""
        self.memory = self.memory.index_select(2, sentences)
        self.mask = self.mask.index_select(0, sentences)


class Model:
    def __init__(self, checkpoint):
        tensors = {name: torch.from_numpy(value) for name, value in checkpoint.tensors.items()}
        self.heads, self.activation, self.pre = (checkpoint.heads, checkpoint.activation,
                                                 checkpoint.pre)
        self.stacks = {}
        for stack in ("encoder", "decoder"):
            self.stacks[stack] = [
                Layer({name: tensors[f"{stack}.layers.{number}.{name}"] for name in
                       checkpoint.under(f"{stack}.layers.{number}.")}, self)
                for number in range(checkpoint.layers(stack))]
        self.final = {stack: (tensors[f"{stack}.norm.weight"], tensors[f"{stack}.norm.bias"])
                      for stack in self.stacks if self.pre}
        scale = checkpoint.width ** 0.5
        self.tables = {side: (torch.from_numpy(checkpoint.embedding(side)) * scale,
                              torch.from_numpy(checkpoint.positions(side, PLACES)))
                       for side in ("source", "target")}
        self.weight, self.bias = (torch.from_numpy(part) for part in checkpoint.generator())
        self.places = len(self.tables["target"][1])

    def finish(self, x, stack):
        return functional.layer_norm(x, x.shape[-1:], *self.final[stack]) if self.pre else x

    def encode(self, sources):
        """Keys and values of every decoder layer's cross attention, and their mask."""
        ids = torch.nn.utils.rnn.pad_sequence([torch.tensor(s) for s in sources], True, -1)
        mask = torch.zeros(ids.shape).masked_fill_(ids < 0, NEVER)[:, None, None, :]
        table, positions = self.tables["source"]
        x = functional.embedding(ids.clamp(min=0), table) + positions[:ids.shape[1]]
        for layer in self.stacks["encoder"]:
            x = layer.encode(x, mask)
        x = self.finish(x, "encoder")
        return torch.stack([layer.cross.project(x, 1, 3) for layer in self.stacks["decoder"]]), mask

    def step(self, state, ids):
        """Logits [rows, symbols] of what follows ids [rows]."""
        state.grow()
        table, positions = self.tables["target"]
        x = functional.embedding(ids, table) + positions[state.place]
        x = x.view(-1, state.hypotheses, x.shape[-1])
        for number, layer in enumerate(self.stacks["decoder"]):
            x = layer.decode(x, state.kept[number], state.place, state.memory[number], state.mask)
        state.place += 1
        x = self.finish(x, "decoder").view(-1, x.shape[-1])
        return functional.linear(x, self.weight, self.bias)

