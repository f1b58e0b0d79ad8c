"""Greedy and beam search over pytorch_decoder.py, whole batches at once."""
import torch

from checkpoint_weights import BEGIN, END, Checkpoint
from pytorch_decoder import NEVER, Model, State


def forbid(scores, place, options):
    """Leave what may not stand at this place out of the choice, not out of the sum."""
    scores[:, BEGIN] = NEVER
    if place <= options.min_length:
        scores[:, END] = NEVER
    return scores


def greedy(model, sources, limits, options):
    """The likeliest symbol at every place: [sentences, places], filled up with <end>."""
    state = State(*model.encode(sources), 1)
    output = torch.full((len(sources), int(limits.max())), END)
    sentences, ids = torch.arange(len(sources)), torch.full((len(sources),), BEGIN)
    while len(sentences):
        logits = model.step(state, ids)
        ids = forbid(logits, state.place, options).argmax(1)
        output[sentences, state.place - 1] = ids
        going = ((ids != END) & (limits > state.place)).nonzero().flatten()
        if len(going) < len(ids):
            sentences, ids, limits = sentences[going], ids[going], limits[going]
            state.keep(going)
            state.reorder(going)
    return output


class Beams:
    """Hypotheses of the sentences that go on: the logarithms of their probability
    [sentences, beam] and their symbols [sentences, beam, room]; and of all sentences the best
    that has ended."""

    def __init__(self, count, limits, options):
        room = int(limits.max())
        self.options, self.limits, self.sentences = options, limits, torch.arange(count)
        self.score = torch.full((count, options.beam), NEVER)
        self.score[:, 0] = 0.0
        self.symbols = torch.full((count, options.beam, room), END)
        self.ended = torch.zeros(count, dtype=torch.int64)
        self.best = torch.full((count,), NEVER)
        self.output = torch.full((count, room), END)

    def candidates(self, logits, place):
        """The 2 * beam best ways to go on, best first: log p, hypothesis, symbol. Of one
        hypothesis beam + 1 are enough: one at most is <end>."""
        beam = self.options.beam
        log_p = forbid(logits.log_softmax(1), place, self.options)
        log_p, symbols = log_p.topk(beam + 1, 1)
        log_p += self.score.view(-1, 1)
        score, at = log_p.view(-1, beam * (beam + 1)).topk(2 * beam, 1)
        return score, at // (beam + 1), symbols.view(len(score), -1).gather(1, at)

    def finish(self, which, score, origin, length):
        """Hypotheses that end here [sentences, any], where `which`."""
        score = score.masked_fill(~which, NEVER) / self.options.penalty(length)
        best, at = score.max(1)
        better = (best > self.best[self.sentences]).nonzero().flatten()
        sentences = self.sentences[better]
        self.best[sentences] = best[better]
        self.output[sentences] = self.symbols[better, origin[better, at[better]]]
        self.ended[self.sentences] += which.sum(1)

    def advance(self, logits, length):
        """Add the symbols of place length - 1: the rows to go on from, and what to feed them."""
        beam = self.options.beam
        score, origin, symbol = self.candidates(logits, length)
        ends = symbol == END
        if ends[:, :beam].any():
            self.finish(ends[:, :beam], score[:, :beam], origin, length)
        chosen = ends.to(torch.uint8).argsort(stable=True, dim=1)[:, :beam]
        self.score, origin, symbol = (of.gather(1, chosen) for of in (score, origin, symbol))
        rows = origin + torch.arange(0, origin.numel(), beam)[:, None]
        self.symbols = self.symbols.flatten(0, 1)[rows]
        self.symbols[:, :, length - 1] = symbol
        return rows, symbol

    def going(self, length):
        """Sentences whose best ended hypothesis may still be surpassed, as places in the batch."""
        last = self.limits <= length
        if last.any():  # of what has not ended the best, where nothing has
            which = (last & (self.best[self.sentences] == NEVER))[:, None].expand(-1, self.options.beam)
            self.finish(which, self.score, torch.arange(self.options.beam).expand_as(which), length)
        hope = self.score[:, 0] / self.options.penalty(self.limits)
        done = last | (self.ended[self.sentences] >= self.options.beam)
        return (~done & (hope > self.best[self.sentences])).nonzero().flatten()

    def keep(self, going):
        for name in ("sentences", "limits", "score", "symbols"):
            setattr(self, name, getattr(self, name)[going])


def beam(model, sources, limits, options):
    """The best hypothesis of each: [sentences, places], filled up with <end>."""
    state = State(*model.encode(sources), options.beam)
    beams = Beams(len(sources), limits, options)
    ids = torch.full((len(sources) * options.beam,), BEGIN)
    while len(ids):
        logits = model.step(state, ids)
        rows, symbol = beams.advance(logits, state.place)
        going = beams.going(state.place)
        if len(going) < len(rows):
            rows, symbol = rows[going], symbol[going]
            beams.keep(going)
            state.keep(going)
        ids = symbol.flatten()
        state.reorder(rows.flatten())
    return beams.output


class Decoder:
    """Lists of symbols to lists of symbols, on one thread."""

    def __init__(self, path):
        torch.set_num_threads(1)
        checkpoint = Checkpoint(path)
        self.source, self.target = checkpoint.source, checkpoint.target
        self.model = Model(checkpoint)

    @torch.inference_mode()
    def batch(self, sources, options):
        limits = torch.tensor([options.limit(len(source)) for source in sources])
        limits = limits.clamp(max=self.model.places - 1)
        search = greedy if options.beam == 1 else beam
        output = search(self.model, [source + [END] for source in sources], limits, options)
        return [ids[:ids.index(END)] if END in ids else ids for ids in output.tolist()]

    def decode(self, sources, options):
        """One list of symbols for each of the lists of symbols `sources`."""
        numbers, symbols = self.source.numbers, self.target.symbols
        ids = [[numbers.get(symbol, 0) for symbol in source] for source in sources]
        order = sorted(range(len(ids)), key=lambda i: -len(ids[i]))
        outputs = [None] * len(ids)
        for first in range(0, len(ids), options.batch):
            chosen = order[first:first + options.batch]
            for i, output in zip(chosen, self.batch([ids[i] for i in chosen], options)):
                outputs[i] = [symbols[number] for number in output]
        return outputs
