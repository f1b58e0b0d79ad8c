#!/usr/bin/python3
"""Make data/cmudict-quick/{train,valid,test}.tsv out of the pronunciation
dictionary that Debian's pocketsphinx-en-us installs: WORD<TAB>PH PH ...

Further pronunciations, which the dictionary marks as word(2), follow the first
as lines of the same word: more to learn from in training, more references in a
test. A hash of the word decides its set, so no word is in two of them.
"""
import argparse
import re
import sys

from splits import SETS, set_of, write_sets

DICTIONARY = "/usr/share/pocketsphinx/model/en-us/cmudict-en-us.dict"
VARIANT = re.compile(r"\(\d+\)$")


def read_dictionary(path):
    """{word: [pronunciations]} in the order of the file, without repetitions."""
    words = {}
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            word, _, phonemes = line.partition("#")[0].strip().partition(" ")
            phonemes = " ".join(phonemes.split())
            if word and phonemes:
                known = words.setdefault(VARIANT.sub("", word), [])
                if phonemes not in known:
                    known.append(phonemes)
    return words


def split(words):
    pairs = {name: [] for name in SETS}
    for word, pronunciations in words.items():
        chosen = pairs[set_of(word, valid=12, test=39)]
        chosen.extend((word, phonemes) for phonemes in pronunciations)
    return pairs


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("folder", nargs="?", default="data/cmudict-quick")
    parser.add_argument("--dictionary", default=DICTIONARY)
    arguments = parser.parse_args()
    try:
        words = read_dictionary(arguments.dictionary)
    except OSError as error:
        sys.exit(f"{error}\nInstall it with: scripts/install.sh data")
    write_sets(arguments.folder, split(words))


if __name__ == "__main__":
    main()
