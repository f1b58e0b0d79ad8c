#!/usr/bin/python3
"""Take lines of a training list out for validation, where a data set has only train and test.

    scripts/hold_out.py data/trec/train.tsv 500

writes fit.tsv, all but 500 lines, and valid.tsv, those 500, beside it. To choose settings, train
on them and leave the test alone:

    --set data.train.pairs=data/trec/fit.tsv --set data.valid.pairs=data/trec/valid.tsv \\
    --set validation.every=100 --set validation.metric=accuracy

Lines of the same source stay together.
"""
import argparse
import os
import random

from recordings import ends_with_message, lines_of, positive
from splits import write_atomically


def hold_out(lines, count, seed):
    """(fit, valid), each in the order of the file."""
    groups = {}
    for number, line in enumerate(lines):
        groups.setdefault(line.partition("\t")[0], []).append(number)
    order = sorted(groups)
    random.Random(seed).shuffle(order)
    held = set()
    for source in order:
        if len(held) + len(groups[source]) <= count:
            held.update(groups[source])
    return ([line for number, line in enumerate(lines) if number not in held],
            [line for number, line in enumerate(lines) if number in held])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("list", help="lines of SOURCE<TAB>TARGET")
    parser.add_argument("count", type=positive, help="lines to take out")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    lines = [line for _, line in lines_of(options.list)]
    if options.count >= len(lines):
        raise ValueError(f"{options.list} has {len(lines)} lines; {options.count} would leave none "
                         "to train on")
    folder = os.path.dirname(options.list)
    paths = [os.path.join(folder, name) for name in ("fit.tsv", "valid.tsv")]
    for path in paths:
        if os.path.lexists(path):
            raise ValueError(f"{path} is there already; remove it first")
    for path, made in zip(paths, hold_out(lines, options.count, options.seed)):
        write_atomically(path, made)
        print(f"{path}: {len(made)} lines")


if __name__ == "__main__":
    ends_with_message(main)
