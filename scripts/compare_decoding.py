#!/usr/bin/python3
"""Decoding on one core: Lockstep against a PyTorch 2 loop that keeps keys and values, and
against CTranslate2; the same lines by the same weights in float32.

    scripts/compare_decoding.py RUN SOURCES [--search beam --beam 5] [--batch 16,64,128,256]
    scripts/compare_decoding.py RUN SOURCES --lengths 20,200       a token's time, by length

RUN is a checkpoint, or a run's folder (its newest checkpoint). SOURCES holds a line each.
Models with layer norm; vocabularies of words or characters.

The Python that runs it needs torch, ctranslate2, numpy and h5py, all from PyPI; tried with

    python3 -m venv venv
    venv/bin/pip install torch==2.15.0 ctranslate2==4.8.5 numpy==2.4.6 h5py==3.16.0
    venv/bin/python scripts/compare_decoding.py ...

The columns, each the best of --repeat runs:

    tokens/s     of decoding: Lockstep's whole time less that of an empty input; the others'
                 is measured inside. A token is a symbol of the output, <end> included
    whole        seconds from starting the program to its end
    tokens/s     by that time
    first        seconds to the answer of a file with one line, from starting the program
    memory       the most that the process held
    equal        share of lines whose output is that of the first row

Several batches are tried and the best of an engine is taken. Scores are divided by
((5+n)/6)^alpha, in CTranslate2 by n^alpha: at 0, the default here, they agree. Outputs end at
--max-length alone, as CTranslate2 has no decode.max_ratio; which also takes other ways through
its environment (--set-ctranslate2 CT2_USE_MKL=1, CT2_PACKED_GEMM=1). On a busy machine --clock
processor is steadier.
"""
import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile

from checkpoint_weights import Vocabulary, checkpoint_path
from decoding_engines import ROOT, Child, Lockstep, Options

ENGINES = ("lockstep", "pytorch", "ctranslate2")
FORCED_SOURCE = 14  # symbols of a source where the output's length is forced


def prepare(checkpoint, folder):
    """In a process of its own: a child's peak memory is at least its parent's, so that this one
    must stay small. The vocabularies' ways to cut and join lines."""
    subprocess.run([sys.executable, ROOT / "scripts/ctranslate2_model.py", checkpoint, folder],
                   check=True)
    sides = json.loads((folder / "sides.json").read_text(encoding="utf-8"))
    return [Vocabulary([], **side) for side in sides]


def write_lines(path, lines):
    path.write_text("".join(line + "\n" for line in lines), encoding="utf-8")
    return path


class Comparison:
    def __init__(self, given, folder):
        self.given, self.folder = given, folder
        checkpoint, model = checkpoint_path(given.run).resolve(), folder / "model"
        self.source, _ = prepare(checkpoint, model)
        variables = dict(word.split("=", 1) for word in given.set_ctranslate2)
        engines = {"lockstep": Lockstep(given.lockstep, checkpoint, folder),
                   "pytorch": Child("pytorch_search", checkpoint, {}),
                   "ctranslate2": Child("ctranslate2_model", model, variables)}
        self.engines = {name: engines[name] for name in given.engine or ENGINES}
        lines = pathlib.Path(given.sources).read_text(encoding="utf-8").splitlines()
        self.lines = [line for line in lines if line.strip()][:given.limit or None]

    def options(self, **more):
        beam = self.given.beam if self.given.search == "beam" else 1
        return Options(beam=beam, length_penalty=self.given.length_penalty, **more)

    def seconds(self, name, sources, options):
        return self.engines[name].decoding_seconds(sources, options, self.given.repeat,
                                                   self.given.clock)

    def best(self, name, sources, options):
        runs = [self.engines[name].run(sources, options) for _ in range(self.given.repeat)]
        return min(runs, key=lambda run: getattr(run, self.given.clock))

    def row(self, name, sources, first):
        tried = []
        batches = self.given.batch if self.engines[name].has_batch else self.given.batch[:1]
        for batch in batches:
            options = self.options(batch=batch, max_length=self.given.max_length)
            tried.append((self.seconds(name, sources, options), options))
        seconds, options = min(tried, key=lambda one: one[0])
        whole, answer = (self.best(name, path, options) for path in (sources, first))
        return {"name": name, "batch": options.batch if self.engines[name].has_batch else "",
                "seconds": seconds, "whole": getattr(whole, self.given.clock),
                "first": getattr(answer, self.given.clock), "memory": whole.memory, **whole.said}

    def table(self):
        sources = write_lines(self.folder / "sources", self.lines)
        first = write_lines(self.folder / "first", self.lines[:1])
        rows = [self.row(name, sources, first) for name in self.engines]
        count_tokens(rows)
        print(f"{'':12}{'batch':>6}{'tokens/s':>10}{'whole':>9}{'tokens/s':>10}{'first':>9}"
              f"{'memory':>9}{'equal':>8}")
        for row in rows:
            tokens = sum(row["tokens"])
            equal = sum(map(str.__eq__, row["outputs"], rows[0]["outputs"])) / len(self.lines)
            print(f"{row['name']:12}{row['batch']:>6}{rate(tokens, row['seconds']):>10}"
                  f"{row['whole']:8.2f}s{tokens / row['whole']:10.0f}{row['first']:8.3f}s"
                  f"{row['memory'] / 1e6:6.0f} MB{equal:8.1%}")
            if self.given.outputs:
                path = pathlib.Path(self.given.outputs)
                path.mkdir(parents=True, exist_ok=True)
                write_lines(path / row["name"], row["outputs"])

    def lengths_table(self):
        """Every output forced to a length, of sources that are all equally long."""
        count = 4 * self.given.batch[0]
        cut = [(self.source.cut(line) * FORCED_SOURCE)[:FORCED_SOURCE] for line in self.lines]
        cut = (cut * count)[:count]
        sources = write_lines(self.folder / "sources", [self.source.join(line) for line in cut])
        print(f"{'':12}" + "".join(f"{f'length {n}':>14}" for n in self.given.lengths)
              + f"{'ratio':>8}")
        for name in self.engines:
            times = []
            for length in self.given.lengths:
                options = self.options(batch=self.given.batch[0], min_length=length,
                                       max_length=length)
                times.append(self.seconds(name, sources, options) / (count * length))
            print(f"{name:12}" + "".join(f"{1e6 * t:11.1f} us" for t in times)
                  + f"{times[-1] / times[0]:8.2f}")


def rate(tokens, seconds):
    """A difference of two times may come to nothing, or less, where there is little to do."""
    return f"{tokens / seconds:.0f}" if seconds > 0 else "-"


def count_tokens(rows):
    """Lockstep writes text: of a line that another engine writes too that one's tokens; else
    its words, and <end>."""
    known = {text: tokens for row in rows if "tokens" in row
             for text, tokens in zip(row["outputs"], row["tokens"])}
    for row in rows:
        row.setdefault("tokens", [known.get(text, len(text.split()) + 1)
                                  for text in row["outputs"]])


def numbers(text):
    return [int(word) for word in text.split(",")]


def arguments_of(words):
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", metavar="RUN")
    parser.add_argument("sources", metavar="SOURCES")
    parser.add_argument("--engine", action="append", choices=ENGINES, help="may be repeated")
    parser.add_argument("--search", choices=("greedy", "beam"), default="greedy")
    parser.add_argument("--beam", type=int, default=5)
    parser.add_argument("--length-penalty", type=float, default=0.0)
    parser.add_argument("--max-length", type=int, default=100)
    parser.add_argument("--lengths", type=numbers, help="force outputs to these lengths")
    parser.add_argument("--batch", type=numbers, default=[64], help="sentences; several: the best")
    parser.add_argument("--limit", type=int, default=0, help="lines to decode")
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--clock", choices=("wall", "processor"), default="wall")
    parser.add_argument("--outputs", metavar="FOLDER", help="keep what each engine wrote")
    parser.add_argument("--set-ctranslate2", action="append", default=[], metavar="NAME=VALUE",
                        help="a variable of CTranslate2's environment")
    parser.add_argument("--lockstep", default=os.environ.get(
        "LOCKSTEP", str(ROOT / "build/release/lockstep")), help="the program")
    return parser.parse_args(words)


def main():
    given = arguments_of(sys.argv[1:])
    with tempfile.TemporaryDirectory() as folder:
        comparison = Comparison(given, pathlib.Path(folder))
        if given.lengths:
            comparison.lengths_table()
        else:
            comparison.table()


if __name__ == "__main__":
    main()
