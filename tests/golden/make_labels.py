#!/usr/bin/python3
"""Make labels.txt: what seqeval and scikit-learn say of tags and labels.

    tests/golden/make_labels.py [FOLDER]

Three lines for each case: the right tags of a few sentences, the sentences apart by " | ", those
of the output, and "RIGHT OUTPUT GOLD SPAN_F1 MACRO_F1": spans that are right, of the output and
of the truth, their F1 and the mean F1 of the tags as labels, both in percent. Some keep to IOB1,
IOB2 or BIOES, with and without types; the others are any mixture. Needs python3 with
seqeval and scikit-learn.
"""
import pathlib
import random
import sys
import warnings

from seqeval.metrics import f1_score as span_f1
from seqeval.metrics.sequence_labeling import get_entities
from sklearn.metrics import f1_score as label_f1

CASES, SENTENCES, LONGEST = 120, 3, 9
TYPES = ["LOC", "PER", "a-b"]


def spans(random_, length):
    """Cut a sentence: (first, last, type) of spans, some of which touch."""
    at, found = 0, []
    while at < length:
        if random_.random() < 0.5:
            size = random_.randint(1, 3)
            found.append((at, min(at + size, length) - 1, random_.choice(TYPES)))
            at += size
        else:
            at += 1
    return found


def written(found, length, scheme):
    tags = ["O"] * length
    last = (-2, None)
    for first, end, kind in found:
        for i in range(first, end + 1):
            if scheme == "BIOES":
                place = "S" if first == end else "B" if i == first else "E" if i == end else "I"
            elif scheme == "IOB2":
                place = "B" if i == first else "I"
            else:  # IOB1: B only where a span of the same type stands before it
                place = "B" if i == first and last == (i - 1, kind) else "I"
            tags[i] = f"{place}-{kind}"
        last = (end, kind)
    return tags


def sentence(random_, length, scheme):
    if scheme == "any":
        names = ["O", ".", "B", "I", "E", "S", "X-LOC", "B-", "ILOC"]
        names += [f"{place}-{kind}" for place in "BIES" for kind in TYPES]
        return [random_.choice(names) for _ in range(length)]
    return written(spans(random_, length), length, scheme)


def disturbed(random_, tags, scheme):
    """As a model would have it: much the same."""
    other = sentence(random_, len(tags), scheme)
    return [b if random_.random() < 0.25 else a for a, b in zip(tags, other)]


def case(random_, scheme):
    gold = [sentence(random_, random_.randint(1, LONGEST), scheme) for _ in range(SENTENCES)]
    output = [disturbed(random_, tags, scheme) for tags in gold]
    counts = [0, 0, 0]
    for ours, theirs in zip(output, gold):
        a, b = set(get_entities(ours)), set(get_entities(theirs))
        counts = [c + d for c, d in zip(counts, (len(a & b), len(a), len(b)))]
    flat = [sum(tags, []) for tags in (gold, output)]
    scores = (100 * span_f1(gold, output, zero_division=0),
              100 * label_f1(*flat, average="macro", zero_division=0))
    lines = [" | ".join(" ".join(tags) for tags in side) for side in (gold, output)]
    return lines + [" ".join(map(str, counts)) + " " + " ".join(f"{s:.10f}" for s in scores)]


def main():
    folder = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parent)
    random_ = random.Random(5)
    schemes = ["IOB1", "IOB2", "BIOES", "any"]
    warnings.filterwarnings("ignore")
    lines = sum((case(random_, schemes[i % len(schemes)]) for i in range(CASES)), [])
    (folder / "labels.txt").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
