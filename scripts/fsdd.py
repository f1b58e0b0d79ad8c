#!/usr/bin/python3
"""Make train.tsv and test.tsv, lines of RECORDING<TAB>WORD, beside the recordings/ of the Free
Spoken Digit Dataset (CC BY-SA 4.0).

    scripts/fsdd.py data/fsdd        after: git clone REPOSITORY data/fsdd

The official split: recordings/{digit}_{speaker}_{index}.wav is for the test where index < 5.
"""
import argparse
import os
import re

from recordings import ends_with_message
from splits import write_atomically

WORDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
NAME = re.compile(r"([0-9])_([^_]+)_([0-9]+)\.wav")
TEST_BELOW = 5


def lists_of(names):
    """{"train": lines, "test": lines} of the names of recordings."""
    made = {"train": [], "test": []}
    for name in sorted(names):
        found = NAME.fullmatch(name)
        if not found and name.endswith(".wav"):
            raise ValueError(f"recordings/{name}: not named {{digit}}_{{speaker}}_{{index}}.wav")
        if found:
            chosen = "test" if int(found[3]) < TEST_BELOW else "train"
            made[chosen].append(f"recordings/{name}\t{WORDS[int(found[1])]}")
    return made


def write_list(path, lines):
    """A list of the user's own is not replaced."""
    if os.path.exists(path):
        with open(path, encoding="utf-8") as old:
            if old.read().splitlines() != lines:
                raise ValueError(f"{path} is there already and says other things; remove it first")
    write_atomically(path, lines)
    print(f"{path}: {len(lines)} recordings")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("folder", nargs="?", default="data/fsdd", help="holds recordings/ (data/fsdd)")
    folder = parser.parse_args().folder
    made = lists_of(os.listdir(os.path.join(folder, "recordings")))
    for name, lines in made.items():
        if not lines:
            raise ValueError(f"{folder}/recordings: no recordings for {name}; "
                             "they are named {digit}_{speaker}_{index}.wav")
    for name, lines in made.items():
        write_list(os.path.join(folder, name + ".tsv"), lines)


if __name__ == "__main__":
    ends_with_message(main)
