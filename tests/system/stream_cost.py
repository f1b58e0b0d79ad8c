#!/usr/bin/env python3
"""What training on many pairs costs beside model and batch: memory of each rank, and the time
to start, at first and in the middle of an epoch. Not run by the tests; by hand:

    tests/system/stream_cost.py [PAIRS] [-n RANKS] [--folder FOLDER] [--files FILES]

makes as many pairs (1,000,000 by default) of 20 + 20 words on the average in FOLDER, prepares
them there unless they are there already, and trains a small model on them and, to compare, on
2,048 of them. Memory is anonymous (RssAnon) and all (VmHWM), of the largest rank. With FILES the
dataset is cut into so many files. The caches are warm; to see a cold start drop them before
(echo 3 > /proc/sys/vm/drop_caches) and run it a second time with the same FOLDER.
"""
import argparse
import os
import pathlib
import random
import shutil
import subprocess
import tempfile
import threading
import time

import support

WORDS, LONG, FEW = 4000, 1 << 20, 2048
KEYS = ("RssAnon", "VmHWM")
PARTS = (("begins", "begins at step"), ("begins", "resumed: step"), ("steps", "loss"))
CONFIG = """\
run: {{folder: {folder}/run, seed: 3}}
data:
  source: {{kind: text, vocabulary: words}}
  target: {{kind: text, vocabulary: words}}
  train: {{pairs: {folder}/train.tsv}}
  dataset: {dataset}
model: {{width: 32, heads: 2, feed_forward: 32, encoder_layers: 1, decoder_layers: 1}}
batch: {{tokens: 4096, grains: 8}}
training: {{steps: 500, report_every: 1}}
validation: {{every: 0}}
checkpoint: {{every: 500, keep: 1}}
"""


def write_pairs(path, count):
    """Sentences are pieces of one long random text; the first ones have all words."""
    draw = random.Random(1)
    words = [f"w{k}" for k in range(WORDS)]
    text = words + draw.choices(words, k=LONG)
    with open(path, "w", encoding="utf-8") as file:
        for pair in range(count):
            sides = []
            for _ in range(2):
                size = draw.randint(4, 36)
                at = pair * 4 if pair * 4 < WORDS else draw.randrange(LONG)
                sides.append(" ".join(text[at:at + size]))
            file.write("\t".join(sides) + "\n")


def make(folder, count, files):
    folder.mkdir(parents=True, exist_ok=True)
    dataset = "null" if files == 1 else str(
        [f"{folder}/data-{k}.h5" for k in range(1, files + 1)]).replace("'", "")
    config = folder / "config.yaml"
    config.write_text(CONFIG.format(folder=folder, dataset=dataset))
    if not (folder / "train.tsv").exists():
        write_pairs(folder / "train.tsv", count)
    began = time.monotonic()
    subprocess.run(support.command(["prepare", config]), check=True, capture_output=True)
    print(f"{count} pairs: prepared, or found to be, in {time.monotonic() - began:.1f} s")
    return config


def read_memory(pid):
    """{key: MB} of a rank; nothing of another process, or of one that has ended."""
    found = {}
    try:
        if os.readlink(f"/proc/{pid}/exe") != os.path.realpath(support.LOCKSTEP):
            return found
        for line in pathlib.Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
            if line.startswith(KEYS):
                found[line.split(":")[0]] = int(line.split()[1]) / 1024
    except OSError:
        pass
    return found


class Watch(threading.Thread):
    """The most memory of any rank while a run lasts."""

    def __init__(self, pid):
        super().__init__(daemon=True)
        self.pid = pid
        self.over = threading.Event()
        self.most = dict.fromkeys(KEYS, 0)
        self.start()

    def run(self):
        while not self.over.wait(0.05):
            for pid in [self.pid] + support.children(self.pid):
                for key, value in read_memory(pid).items():
                    self.most[key] = max(self.most[key], value)


def train(config, ranks, *settings):
    """Seconds until it begins and until the first step is done, and the most memory."""
    words = support.command(["train", config, *support.settings(*settings)], ranks)
    times, began = {}, time.monotonic()
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          env=support.environment()) as process:
        watch = Watch(process.pid)
        for line in process.stdout:
            for key, part in PARTS:
                if part in line:
                    times.setdefault(key, time.monotonic() - began)
        watch.over.set()
        watch.join()
    if process.returncode != 0:
        raise AssertionError(f"{words}: {process.returncode}")
    return times, watch.most


def measure(name, config, ranks, *settings):
    times, most = train(config, ranks, *settings)
    print(f"{name:34} begins after {times['begins']:5.2f} s, first step done after "
          f"{times['steps']:5.2f} s; RssAnon {most['RssAnon']:6.1f} MB, VmHWM "
          f"{most['VmHWM']:6.1f} MB", flush=True)
    return most


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", maxsplit=1)[0])
    parser.add_argument("pairs", nargs="?", type=int, default=1000000)
    parser.add_argument("-n", type=int, default=0, help="ranks; without mpirun by default")
    parser.add_argument("--folder", type=pathlib.Path)
    parser.add_argument("--files", type=int, default=1, help="of the dataset")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="lockstep-stream-") as made:
        folder = chosen.folder or pathlib.Path(made)
        many = make(folder / "many", chosen.pairs, chosen.files)
        few = make(folder / "few", FEW, 1)
        for config in (many, few):
            shutil.rmtree(config.parent / "run/checkpoints", ignore_errors=True)
        base = measure(f"{FEW} pairs", few, chosen.n)
        first = measure(f"{chosen.pairs} pairs", many, chosen.n)
        again = measure(f"{chosen.pairs} pairs, resumed", many, chosen.n, "training.steps=600")
    for key in base:
        print(f"beyond model and batch, {key}: {max(first[key], again[key]) - base[key]:.1f} MB")


if __name__ == "__main__":
    main()
