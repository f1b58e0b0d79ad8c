#!/usr/bin/python3
"""How long `lockstep prepare` takes on one and on two ranks. Not a test: times want a quiet
machine with a free core for each rank.

    tests/system/prepare_cost.py [PAIRS [RANKS ...]]      default: 1000000 1 2
"""
import hashlib
import itertools
import os
import pathlib
import random
import sys
import tempfile
import time

import support

VOCABULARIES = {
    "words": "{vocabulary: words, size: 16000}",
    "characters": "{vocabulary: characters}",
    "sentencepiece": "{vocabulary: sentencepiece, size: 4000}",
}
CONFIG = """\
run: {{folder: {folder}/run}}
data:
  source: {side}
  target: {side}
  train: {{pairs: {folder}/train.tsv}}
  max_length: 400
  dataset: {folder}/dataset.h5
model: {{width: 64, heads: 4, feed_forward: 128, encoder_layers: 1, decoder_layers: 1}}
validation: {{every: 0}}
"""


def write_pairs(path, count):
    """Sentences of 5 to 35 made-up words, the frequent ones as in a language."""
    numbers = random.Random(5)
    syllables = "ba ke lo mi ru ta sen por vi ne gu ha dor pli qua ste".split()
    words = ["".join(numbers.choices(syllables, k=numbers.randint(1, 4))) for _ in range(30000)]
    weights = list(itertools.accumulate(1 / (i + 1) for i in range(len(words))))
    pool = numbers.choices(words, cum_weights=weights, k=1 << 20)
    with open(path, "w", encoding="utf-8") as file:
        for _ in range(count):
            size, at = numbers.randint(5, 35), numbers.randrange(len(pool) - 70)
            file.write(" ".join(pool[at:at + size]) + "\t" + " ".join(pool[at + 35:at + 35 + size])
                       + "\n")


def measure(folder, ranks):
    """(seconds, seconds of processor time, hash of the dataset)"""
    dataset = folder / "dataset.h5"
    dataset.unlink(missing_ok=True)
    before, begin = os.times(), time.monotonic()
    done = support.lockstep("prepare", folder / "config.yaml", ranks=ranks, seconds=7200)
    seconds, after = time.monotonic() - begin, os.times()
    if done.returncode != 0:
        sys.exit(done.stderr)
    used = sum(after[2:4]) - sum(before[2:4])
    return seconds, used, hashlib.sha256(dataset.read_bytes()).hexdigest()[:16]


def main():
    pairs, *ranks = [int(word) for word in sys.argv[1:]] or [1000000]
    with tempfile.TemporaryDirectory(prefix="lockstep-") as name:
        folder = pathlib.Path(name)
        write_pairs(folder / "train.tsv", pairs)
        size = (folder / "train.tsv").stat().st_size
        print(f"{pairs} pairs, {size / 1e6:.0f} MB")
        for kind, side in VOCABULARIES.items():
            (folder / "config.yaml").write_text(CONFIG.format(folder=folder, side=side))
            first = None
            for count in ranks or [1, 2]:
                seconds, used, found = measure(folder, count)
                first = first or seconds
                print(f"{kind:14} {count} ranks  {seconds:7.1f} s  {first / seconds:5.2f} times as "
                      f"fast  {used:7.1f} s of processors  {found}", flush=True)


if __name__ == "__main__":
    main()
