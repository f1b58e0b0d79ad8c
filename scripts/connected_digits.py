#!/usr/bin/python3
"""Make sequences of spoken digits out of single ones: three to six recordings of one speaker,
joined with short silences.

    scripts/connected_digits.py --from data/fsdd --to data/connected-digits

FROM holds train.tsv and test.tsv, lines of RECORDING<TAB>WORD, as scripts/fsdd.py makes them; TO
gets {train,valid,test}/*.wav and their lists {train,valid,test}.tsv. Sequences for the test are
joined from the test's recordings alone; those for validation from a share of the training's
recordings, which are kept out of the training's sequences. Every recording of a speaker is dealt
once before any is dealt again. A function of the lists, the options and the seed.
"""
import argparse
import os
import random
import re

from recordings import ends_with_message, new_folder, positive, read_list, read_wav, write_wav
from splits import SETS, set_of, write_atomically

SPEAKER = r"^[^_]+_([^_]+)_"
HISS = 8  # of 32,768: what a microphone hears when nobody speaks


def speakers_of(pairs, pattern):
    """{speaker: [(path, word)]}"""
    speakers = {}
    for path, word in pairs:
        found = re.search(pattern, os.path.basename(path))
        if not found or not found.groups():
            raise ValueError(f"{path}: no speaker in its name by --speaker '{pattern}'")
        speakers.setdefault(found[1], []).append((path, word))
    return speakers


def keep_apart(training, test):
    """{set: pairs}, of which no two share a recording."""
    both = {os.path.realpath(path) for path, _ in training} & {os.path.realpath(path) for path, _ in test}
    if both:
        raise ValueError(f"{min(both)} stands in both lists")
    sets = {"train": [], "valid": [], "test": test}
    for path, word in training:
        sets[set_of(os.path.basename(path), valid=50, test=0)].append((path, word))
    return sets


class Deck:
    """Deals recordings, all of them once before any again."""

    def __init__(self, pairs, numbers):
        self.pairs, self.numbers, self.left = pairs, numbers, []

    def deal(self):
        if not self.left:
            self.left = self.pairs[:]
            self.numbers.shuffle(self.left)
        return self.left.pop()


class Joiner:
    def __init__(self, options, numbers):
        self.options, self.numbers, self.read = options, numbers, {}
        self.rate, self.hiss = None, None

    def samples(self, path):
        if path not in self.read:
            rate, self.read[path] = read_wav(path)
            if self.rate not in (None, rate):
                raise ValueError(f"{path}: {rate} samples a second, others have {self.rate}")
            if self.hiss is None:
                length = 2 * round(rate * self.options.longest / 1000) + 1
                self.hiss = [self.numbers.randint(-HISS, HISS) for _ in range(length)]
            self.rate = rate
        return self.read[path]

    def silence(self):
        seconds = self.numbers.uniform(self.options.shortest, self.options.longest) / 1000
        length = round(seconds * self.rate)
        begin = self.numbers.randrange(len(self.hiss) - length)
        return self.hiss[begin:begin + length]

    def join(self, paths):
        joined = self.samples(paths[0])[:]
        for path in paths[1:]:
            samples = self.samples(path)
            joined.extend(self.silence())
            joined.extend(samples)
        return joined


def make_set(name, pairs, folder, options):
    """The lines of the list; the sequences are written to folder/name/."""
    numbers = random.Random(f"{options.seed} {name}")
    speakers = speakers_of(pairs, options.speaker)
    for speaker, own in speakers.items():
        if len(own) < options.most:
            raise ValueError(f"{name}: only {len(own)} recordings of speaker {speaker}; a sequence "
                             f"needs up to {options.most}")
    decks = [Deck(own, numbers) for _, own in sorted(speakers.items())]
    joiner, lines = Joiner(options, numbers), []
    os.mkdir(os.path.join(folder, name))
    for number in range(getattr(options, name)):
        deck = decks[number % len(decks)]
        dealt = [deck.deal() for _ in range(numbers.randint(options.least, options.most))]
        wav = f"{name}/{number:05}.wav"
        samples = joiner.join([path for path, _ in dealt])
        write_wav(os.path.join(folder, wav), joiner.rate, samples)
        lines.append(f"{wav}\t{' '.join(word for _, word in dealt)}")
    return lines


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    add = parser.add_argument
    add("--from", dest="source", default="data/fsdd", help="holds train.tsv and test.tsv (data/fsdd)")
    add("--to", dest="target", default="data/connected-digits", help="a new folder (data/connected-digits)")
    add("--train", type=positive, default=8000, help="sequences to train on (8000)")
    add("--valid", type=positive, default=300, help="sequences for validation (300)")
    add("--test", type=positive, default=300, help="sequences for the test (300)")
    add("--least", type=positive, default=3, help="recordings in a sequence, at least (3)")
    add("--most", type=positive, default=6, help="recordings in a sequence, at most (6)")
    add("--shortest", type=float, default=50, help="silence between two, at least, in ms (50)")
    add("--longest", type=float, default=300, help="silence between two, at most, in ms (300)")
    add("--speaker", default=SPEAKER, metavar="REGEX",
        help=f"its first group is the speaker in a file's name ('{SPEAKER}')")
    add("--seed", type=int, default=1)
    options = parser.parse_args()
    if options.least > options.most:
        parser.error("--least is above --most")
    if not 0 <= options.shortest <= options.longest <= 10000:
        parser.error("silences must have 0 <= --shortest <= --longest <= 10000")
    try:
        re.compile(options.speaker)
    except re.error as error:
        parser.error(f"--speaker: {error}")
    return options


def main():
    options = parse()
    training, test = (read_list(os.path.join(options.source, name + ".tsv")) for name in ("train", "test"))
    sets = keep_apart(training, test)
    with new_folder(options.target) as folder:
        for name in SETS:
            lines = make_set(name, sets[name], folder, options)
            write_atomically(os.path.join(folder, name + ".tsv"), lines)
    for name in SETS:
        print(f"{options.target}/{name}.tsv: {getattr(options, name)} sequences "
              f"of {len(sets[name])} recordings")


if __name__ == "__main__":
    ends_with_message(main)
