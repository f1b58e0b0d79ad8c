#!/usr/bin/python3
"""Print the table of scripts/teaching.sh in Markdown: what each row's runs reach on
their test set, as `lockstep score RUN --summary --json` left it in RUN/test.json.

The test error of CMUdict is its WER, the share of words whose output equals none of
their pronunciations; that of Multi30k is BLEU. Accuracies are means over the seeds, of
the gold symbols of all pairs: fed the truth, and fed the model's own output, position by
position and by edits. The gap is the first minus the second.
"""
import argparse
import json
import pathlib
import statistics
import sys

# By the part of a row's name before the first dash.
MEASURES = {
    "cmudict": ("WER", lambda score: 100.0 - score["exact"]),
    "multi30k": ("BLEU", lambda score: score["bleu"]),
}
ACCURACIES = ("accuracy", "free_accuracy", "free_edit_accuracy", "exposure_gap")


def scores_of(folder, row, seeds):
    """A score for each seed; None where the run is not done."""
    scores = []
    for seed in seeds:
        path = folder / f"{row}-seed{seed}" / "test.json"
        scores.append(json.loads(path.read_text()) if path.exists() else None)
    return scores


def mean(values, form):
    return form.format(statistics.mean(values)) if values else "–"


def line_of(row, scores, options):
    measure, value = MEASURES[row.partition("-")[0]]
    values = [None if score is None else value(score) for score in scores]
    done = [score for score in scores if score is not None]
    command = f"scripts/teaching.sh {row}" + (f" -- {options}" if options else "")
    cells = [row, f"`{command}`", measure]
    cells += ["–" if found is None else f"{found:.2f}" for found in values]
    cells.append(mean([found for found in values if found is not None], "{:.2f}"))
    cells += [mean([score[key] for score in done], "{:.4f}") for key in ACCURACIES]
    return cells


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--folder", type=pathlib.Path, default="runs/teaching")
    parser.add_argument("--seeds", nargs="+", default=["1", "2"])
    parser.add_argument("--rows", nargs="+", required=True)
    parser.add_argument("--options", default="", help="what the commands had after `--`")
    arguments = parser.parse_args()

    table = [["row", "command", "test"] + [f"seed {seed}" for seed in arguments.seeds]
             + ["mean", "fed the truth", "fed itself", "by edits", "gap"]]
    table.append(["---"] * 3 + ["---:"] * (len(table[0]) - 3))
    for row in arguments.rows:
        try:
            scores = scores_of(arguments.folder, row, arguments.seeds)
            table.append(line_of(row, scores, arguments.options))
        except (OSError, ValueError, KeyError) as error:
            sys.exit(f"{arguments.folder}/{row}-seed*/test.json: {error!r}; "
                     "remove it, and scripts/teaching.sh makes it again")
    for cells in table:
        print("| " + " | ".join(cells) + " |")


if __name__ == "__main__":
    main()
