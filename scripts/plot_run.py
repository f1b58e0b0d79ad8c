#!/usr/bin/python3
"""Draw the course of one or several runs, out of their metrics.jsonl.

    scripts/plot_run.py RUN... [--hours] --output PREFIX

writes one picture, PREFIX.png and PREFIX.svg: losses, the metrics of validations, tokens per
second, learning rate and teacher forcing by steps, or with --hours by hours of training. A run
has a colour; thin lines are training, dots validations, and a dotted upright line is where
a run was started again (its starts.jsonl tells).

Needs python3-matplotlib (scripts/install.sh plots).
"""
import argparse
import bisect
import json
import math
import os

import plots
from plots import Wrong, pyplot

# Panels that always come, and what they show: (key, how its line looks).
TRAINED = {"linewidth": 1.0, "alpha": 0.75}
VALIDATED = {"linewidth": 1.4, "marker": "o", "markersize": 3.5}
ITSELF = {"linewidth": 1.0, "marker": "x", "markersize": 4, "linestyle": "--"}
PANELS = {
    "loss": [("loss", TRAINED), ("valid_loss", VALIDATED)],
    "accuracy": [("accuracy", TRAINED), ("valid_accuracy", VALIDATED),
                 ("valid_free_accuracy", ITSELF)],
    "target tokens/s": [("tokens_per_second", TRAINED)],
    "learning rate": [("learning_rate", TRAINED)],
    "teacher forcing": [("teacher_forcing", TRAINED)],
}
# Of validations, what has no panel of its own.
ELSEWHERE = {"valid_loss", "valid_accuracy", "valid_free_accuracy", "valid_perplexity",
             "valid_free_edit_accuracy"}
COLUMNS, LEGEND_COLUMNS = 2, 4
COLORS = 10
LEGEND = [("training", {**TRAINED, "color": "0.3"}), ("validation", {**VALIDATED, "color": "0.3"}),
          ("validation, fed itself", {**ITSELF, "color": "0.3"}),
          ("started again", {"linestyle": ":", "color": "0.3", "linewidth": 1.2})]


# ---- what to draw


def records(path):
    """The objects of a file of one a line; a line that was cut short is passed over."""
    found = []
    with open(path, encoding="utf-8", errors="replace") as file:
        for line in file:
            try:
                record = json.loads(line)
            except ValueError:
                continue
            if isinstance(record, dict) and isinstance(record.get("step"), int):
                found.append(record)
    return found


def number(value):
    """What is null, or missing, leaves a gap."""
    return float(value) if isinstance(value, (int, float)) else math.nan


class Run:
    def __init__(self, folder):
        self.folder = folder
        try:
            self.records = records(os.path.join(folder, "metrics.jsonl"))
        except OSError as error:
            raise Wrong(f"{folder}: {error.strerror}: metrics.jsonl; is it the folder of a run?"
                        ) from None
        if not self.records:
            raise Wrong(f"{folder}: metrics.jsonl holds no records yet")
        try:
            starts = records(os.path.join(folder, "starts.jsonl"))
        except OSError:
            starts = []  # an older version's run
        self.resumed = sorted({start["step"] for start in starts if start["step"] > 0})
        self.hours = self.count_hours([start["step"] for start in starts])

    def count_hours(self, starts):
        """[(step, hours of training)] of reports: each start counts its seconds anew."""
        hours, before, here, following = [(0, 0.0)], 0.0, 0.0, starts[1:]
        for record in self.records:
            if math.isnan(number(record.get("seconds"))):
                continue
            while following and following[0] < record["step"]:
                before, here = before + here, 0.0
                following.pop(0)
            here = record["seconds"]
            hours.append((record["step"], (before + here) / 3600))
        return hours

    def place(self, step, by_hours):
        """On the axis: a validation stands where the report before it does."""
        if not by_hours:
            return step
        return self.hours[bisect.bisect(self.hours, (step, math.inf)) - 1][1]

    def series(self, key, by_hours):
        held = [record for record in self.records if key in record]
        return ([self.place(record["step"], by_hours) for record in held],
                [number(record[key]) for record in held])


def names_of(folders):
    """The last parts of the paths, as many as tell all runs apart."""
    parts = [os.path.normpath(os.path.abspath(folder)).split(os.sep) for folder in folders]
    for count in range(1, max(map(len, parts)) + 1):
        names = ["/".join(path[-count:]) for path in parts]
        if len(set(names)) == len(names):
            return names
    raise Wrong("a run is given twice")


def panels_of(runs):
    """PANELS, and after them the other metrics of validations."""
    keys = sorted({key for run in runs for record in run.records for key in record
                   if key.startswith("valid_")} - ELSEWHERE)
    metrics = {key[len("valid_"):].replace("_", " "): [(key, VALIDATED)] for key in keys}
    return {"loss": PANELS["loss"], **metrics, **PANELS}


# ---- drawing


def draw_panel(axes, title, lines, runs, by_hours):
    axes.set_title(title, size=10, loc="left")
    for i, run in enumerate(runs):
        for key, style in lines:
            axes.plot(*run.series(key, by_hours), color=f"C{i % COLORS}", **style)
        for step in run.resumed:
            axes.axvline(run.place(step, by_hours), color=f"C{i % COLORS}", linestyle=":",
                         linewidth=1.2)
    axes.grid(color="0.92")
    axes.set_axisbelow(True)
    axes.tick_params(labelsize=8)
    if title == "teacher forcing":
        axes.set_ylim(-0.05, 1.05)


def draw_legend(figure, names):
    line = pyplot.Line2D
    handles = [line([], [], color=f"C{i % COLORS}", linewidth=3) for i in range(len(names))]
    handles += [line([], [], **style) for _, style in LEGEND]
    figure.legend(handles, names + [name for name, _ in LEGEND], loc="upper left",
                  ncol=LEGEND_COLUMNS, fontsize=8, frameon=False)


def draw(runs, names, by_hours):
    panels = panels_of(runs)
    rows = -(-len(panels) // COLUMNS)
    legend = 0.3 + 0.2 * -(-(len(names) + len(LEGEND)) // LEGEND_COLUMNS)
    height = 2.3 * rows + legend
    figure, grid = pyplot.subplots(rows, COLUMNS, figsize=(11, height), squeeze=False,
                                   sharex=True)
    places = list(grid.flat)
    for axes, (title, lines) in zip(places, panels.items()):
        draw_panel(axes, title, lines, runs, by_hours)
    for axes in places[len(panels):]:
        axes.remove()
    for axes in places[len(panels) - COLUMNS:len(panels)]:
        axes.set_xlabel("hours of training" if by_hours else "step", size=9)
        axes.tick_params(labelbottom=True)
    draw_legend(figure, names)
    figure.tight_layout(rect=(0, 0, 1, 1 - legend / height))
    return figure


def plot(arguments):
    runs, names = [Run(folder) for folder in arguments.runs], names_of(arguments.runs)
    for run in runs:
        if arguments.hours and len(run.hours) == 1:
            raise Wrong(f"{run.folder}: an older version trained it, which did not note the time; "
                        "leave out --hours")
    plots.use_fonts_for(names)
    for ending in ("png", "svg"):
        plots.save(draw(runs, names, arguments.hours), f"{arguments.output}.{ending}")


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("runs", metavar="RUN", nargs="+", help="the folder of a run")
    parser.add_argument("--hours", action="store_true", help="by hours of training, not by steps")
    parser.add_argument("--output", metavar="PREFIX", required=True,
                        help="what the pictures' names begin with")
    plots.run(lambda: plot(parser.parse_args()))


if __name__ == "__main__":
    main()
