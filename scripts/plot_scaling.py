#!/usr/bin/python3
"""Draw what scripts/scaling.sh has measured in FOLDER.

    scripts/plot_scaling.py FOLDER [--simulated FILE.csv]

writes FOLDER/scaling.svg and scaling.png: speed-up, efficiency and where the time of a step
goes, strong and weak points apart. Dots are medians of the repeats, and error bars reach from
the least to the most of them; the grey line is ideal. All are compared with the point of the
same kind on the fewest cores, and a weak one does the more work the more hosts it has. Dashed
lines are the forecast, where FOLDER has forecast.csv; dotted ones with crosses are of FILE.csv,
with columns kind, hosts, ranks, threads, step_seconds.

Needs python3-matplotlib (scripts/install.sh plots).
"""
import argparse
import os

import plots
from plots import Wrong, pyplot
from matplotlib import ticker
from scaling import results, summary
from scaling.points import counted

PART_COLORS = {"compute": "#5b7a9d", "exposed": "#d98763", "input": "#a3bf73", "rest": "0.82"}
PART_NAMES = {"compute": "compute", "exposed": "exposed communication", "input": "input",
              "rest": "the rest"}
COLORS = 10
STYLES = {"forecast": {"linestyle": "--", "linewidth": 1.2},
          "simulated": {"linestyle": ":", "linewidth": 1.2, "marker": "x", "markersize": 5}}
BARS = {"capsize": 3, "elinewidth": 1.0, "marker": "o", "markersize": 4, "linewidth": 1.4}


# ---- lines: points that differ in one number of ranks or hosts


class Lines:
    """Points of a kind with as many threads, and, where there are several hosts, ranks. `names`
    has one for each line, in the order of its colours."""

    def __init__(self, kinds):
        points = [point for kind in kinds for point in kind.points]
        self.over_hosts = len({point.hosts for point in points}) > 1
        self.names = {}
        for point in sorted(points, key=lambda point: (point.threads, point.ranks)):
            self.names.setdefault(self.line_of(point.ranks, point.threads),
                                  self.name_of(point))

    def line_of(self, ranks, threads):
        return (ranks, threads) if self.over_hosts else (None, threads)

    def name_of(self, point):
        ranks = f"{counted(point.ranks, 'rank')} a host x " if self.over_hosts else ""
        return ranks + counted(point.threads, "thread")

    def color_of(self, line):
        return f"C{list(self.names).index(line) % COLORS}"

    def measured(self, kind):
        """[(line, points by cores)]"""
        found = [(line, sorted((point for point in kind.points
                                if self.line_of(point.ranks, point.threads) == line),
                               key=lambda point: point.cores)) for line in self.names]
        return [(line, points) for line, points in found if points]

    def expected(self, kind, expectation):
        """[(line, [(hosts, ranks, threads, seconds)] by cores)]"""
        found = {}
        for (name, hosts, ranks, threads), seconds in expectation.items():
            line = self.line_of(ranks, threads)
            on_one = self.over_hosts or hosts == kind.base.hosts
            if name == kind.kind and line in self.names and on_one:
                found.setdefault(line, []).append((hosts, ranks, threads, seconds))
        return [(line, sorted(points, key=lambda point: point[0] * point[1] * point[2]))
                for line, points in found.items()]


def bars_of(spreads):
    """What errorbar() takes, of medians with bounds."""
    return {"y": [one.middle for one in spreads],
            "yerr": [[one.middle - one.least for one in spreads],
                     [one.most - one.middle for one in spreads]]}


# ---- panels


def set_doubling(set_scale, axis):
    """Each step of the axis is twice as much."""
    set_scale("log", base=2)
    axis.set_major_locator(ticker.LogLocator(base=2, numticks=20))
    axis.set_major_formatter(lambda value, _: f"{value:g}")
    axis.set_minor_locator(ticker.NullLocator())


def draw_lines(axes, kind, lines, expectations, of_measured, of_expected):
    """`of_measured`(point) and `of_expected`(hosts, ranks, threads, seconds) give heights."""
    for line, points in lines.measured(kind):
        axes.errorbar([point.cores for point in points], color=lines.color_of(line), **BARS,
                      **bars_of([of_measured(point) for point in points]))
    for name, expectation in expectations.items():
        for line, points in lines.expected(kind, expectation):
            axes.plot([hosts * ranks * threads for hosts, ranks, threads, _ in points],
                      [of_expected(*point) for point in points],
                      color=lines.color_of(line), **STYLES[name])
    set_doubling(axes.set_xscale, axes.xaxis)
    axes.set_xlabel("cores: hosts x ranks x threads", size=9)


def draw_speed_up(axes, kind, lines, expectations):
    draw_lines(axes, kind, lines, expectations, kind.speed_up_of,
               lambda hosts, _ranks, _threads, seconds: kind.speed_up(hosts, seconds))
    set_doubling(axes.set_yscale, axes.yaxis)
    base, ends = kind.base, axes.get_xlim()
    axes.plot(ends, [cores / base.cores for cores in ends], color="0.6", linewidth=1.0, zorder=0)
    axes.set_xlim(ends)
    axes.set_title(f"{kind.kind}: speed-up over {counted(base.hosts, 'host')} x "
                   f"{counted(base.ranks, 'rank')} x {counted(base.threads, 'thread')}",
                   size=10, loc="left")


def draw_efficiency(axes, kind, lines, expectations):
    draw_lines(axes, kind, lines, expectations, kind.efficiency_of, kind.efficiency)
    axes.axhline(1.0, color="0.6", linewidth=1.0, zorder=0)
    axes.set_ylim(0.0, max(1.05, axes.get_ylim()[1]))
    axes.set_title(f"{kind.kind}: efficiency", size=10, loc="left")


def draw_parts(axes, kind):
    """A bar for each point; the bounds of a part stand at its upper end."""
    places = range(len(kind.points))
    below = [0.0] * len(kind.points)
    for part in results.PARTS:
        shares = [point.share(part) for point in kind.points]
        sizes = bars_of(shares)
        axes.bar(places, sizes["y"], bottom=below, color=PART_COLORS[part], width=0.8)
        below = [low + share.middle for low, share in zip(below, shares)]
        axes.errorbar([place + 0.1 * (results.PARTS.index(part) - 1.5) for place in places],
                      below, yerr=sizes["yerr"], fmt="none", ecolor="0.15", elinewidth=0.8,
                      capsize=2)
    axes.set_xticks(list(places))
    axes.set_xticklabels([f"{point.hosts}x{point.ranks}x{point.threads}"
                          for point in kind.points], rotation=90 if len(places) > 8 else 0)
    axes.set_xlabel("hosts x ranks x threads", size=9)
    axes.set_title(f"{kind.kind}: share of a step's time", size=10, loc="left")


# ---- the picture


def draw_legend(figure, lines, expectations):
    line = pyplot.Line2D
    entries = [(line([], [], color=lines.color_of(key), linewidth=3), name)
               for key, name in lines.names.items()]
    entries += [(line([], [], color="0.3", **STYLES[name]), name) for name in expectations]
    entries.append((line([], [], color="0.6", linewidth=1.0), "ideal"))
    entries += [(pyplot.Rectangle((0, 0), 1, 1, color=PART_COLORS[part]), PART_NAMES[part])
                for part in results.PARTS]
    figure.legend(*zip(*entries), loc="upper left", ncol=6, fontsize=8, frameon=False)
    return 0.2 + 0.2 * -(-len(entries) // 6)


def draw(kinds, expectations, repeats):
    height = 3.2 * len(kinds)
    figure, grid = pyplot.subplots(len(kinds), 3, figsize=(14, height + 0.8), squeeze=False)
    lines = Lines(kinds)
    for row, kind in zip(grid, kinds):
        draw_speed_up(row[0], kind, lines, expectations)
        draw_efficiency(row[1], kind, lines, expectations)
        draw_parts(row[2], kind)
        for axes in row:
            axes.grid(color="0.92", axis="y" if axes is row[2] else "both")
            axes.set_axisbelow(True)
            axes.tick_params(labelsize=8)
    legend = draw_legend(figure, lines, expectations)
    figure.text(0.99, 0.005, f"medians of {repeats}; bars from the least to the most", size=8,
                color="0.4", ha="right")
    figure.tight_layout(rect=(0, 0.02, 1, 1 - legend / (height + 0.8)))
    return figure


def repeats_text(points):
    counts = sorted({len(point.rows) for point in points})
    return (f"{counts[0]}" if len(counts) == 1 else f"{counts[0]} to {counts[-1]}") + (
        " repeat" if counts == [1] else " repeats")


def plot(arguments):
    folder = arguments.folder
    try:
        points = summary.measured_points(results.read(folder))
        expectations = summary.expectations(folder, arguments.simulated)
    except (ValueError, OSError) as error:
        raise Wrong(error) from None
    if not points:
        raise Wrong(f"{folder}: no scaling.csv with measurements is there; is it a folder of "
                    "scripts/scaling.sh?")
    for ending in ("svg", "png"):
        plots.save(draw(summary.kinds_of(points), expectations, repeats_text(points)),
                   os.path.join(folder, f"scaling.{ending}"))


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", metavar="FOLDER", help="of scripts/scaling.sh")
    parser.add_argument("--simulated", metavar="FILE.csv",
                        help="draw what a simulation says too")
    plots.run(lambda: plot(parser.parse_args()))


if __name__ == "__main__":
    main()
