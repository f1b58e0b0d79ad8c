"""Speed-ups, efficiencies and shares of what was measured, and a table of them.

A point's number is the median over its repeats, and its bounds the least and the most of them.
All are compared with the point of the same kind on the fewest cores, the base: a strong point
does the base's work, a weak one more, as it has more hosts. Efficiency is the speed-up over the
cores that the point has for each one of the base."""
import collections
import os
import statistics

from scaling import forecasts
from scaling import results
from sweep import table as tables

# The median, the least and the most.
Spread = collections.namedtuple("Spread", "middle least most")
ABOUT_BENCH = 0.9  # of the cores' time; bench warns below it


def spread(values):
    return Spread(statistics.median(values), min(values), max(values))


class Measured:
    """A point: its lines of the table, one for each repeat."""

    def __init__(self, key, rows):
        self.kind, self.hosts, self.ranks, self.threads = key
        self.rows = rows
        self.cores = self.hosts * self.ranks * self.threads
        self.steps = spread(self.numbers("step_seconds"))
        self.rate = spread(self.numbers("tokens_per_second"))
        self.given = min(self.numbers("processor_share"))

    def numbers(self, column):
        return [float(row[column]) for row in self.rows]

    def share(self, part):
        """Of the mean step."""
        return spread([one / whole for one, whole in
                       zip(self.numbers(part), self.numbers("mean_seconds"))])


def measured_points(rows):
    """Of lines of scaling.csv, in the order of kinds, threads, ranks and hosts."""
    groups = collections.OrderedDict()
    for row in rows:
        groups.setdefault(results.key_of(row), []).append(row)
    found = [Measured(key, group) for key, group in groups.items()]
    return sorted(found, key=lambda point: (point.kind, point.threads, point.ranks,
                                            point.hosts))


class Kind:
    """The points of one kind and what they are compared with."""

    def __init__(self, kind, points):
        self.kind = kind
        self.points = [point for point in points if point.kind == kind]
        self.base = min(self.points,
                        key=lambda point: (point.cores, point.hosts, point.ranks))

    def speed_up(self, hosts, seconds):
        work = hosts / self.base.hosts if self.kind == "weak" else 1.0
        return work * self.base.steps.middle / seconds

    def efficiency(self, hosts, ranks, threads, seconds):
        return (self.speed_up(hosts, seconds) * self.base.cores / (hosts * ranks * threads))

    def speed_up_of(self, point):
        return Spread(*(self.speed_up(point.hosts, seconds) for seconds in
                        (point.steps.middle, point.steps.most, point.steps.least)))

    def efficiency_of(self, point):
        share = self.base.cores / point.cores
        return Spread(*(share * value for value in self.speed_up_of(point)))


def kinds_of(points):
    return [Kind(kind, points) for kind in sorted({point.kind for point in points})]


# ---- expectations: what a forecast or a simulation says


def load_expected(path):
    """{(kind, hosts, ranks, threads): seconds of a step} of a CSV that has these columns."""
    rows = results.read_table(path, ("kind", "hosts", "ranks", "threads", "step_seconds"))
    return {results.key_of(row): float(row["step_seconds"]) for row in rows}


def expectations(folder, simulated):
    """{name: as load_expected() gives them}, of what there is; `simulated` may be None."""
    forecast = os.path.join(folder, forecasts.TABLE)
    found = {"forecast": load_expected(forecast)} if os.path.exists(forecast) else {}
    if simulated:
        found["simulated"] = load_expected(simulated)
    return found


# ---- the table


def difference(expectation, point):
    """As they are printed: milliseconds, and how far from what was measured."""
    seconds = expectation.get((point.kind, point.hosts, point.ranks, point.threads))
    if seconds is None:
        return ["-", "-"]
    return [f"{1e3 * seconds:.1f}", f"{1e2 * (seconds / point.steps.middle - 1):+.1f}"]


def cells(kind, point, expected):
    steps = point.steps
    return [point.kind, str(point.hosts), str(point.ranks), str(point.threads),
            str(len(point.rows)), *(f"{1e3 * value:.1f}" for value in steps),
            f"{point.rate.middle:.0f}", f"{kind.speed_up_of(point).middle:.2f}",
            f"{1e2 * kind.efficiency_of(point).middle:.1f}",
            *(f"{1e2 * point.share(part).middle:.1f}" for part in results.PARTS),
            *(cell for expectation in expected.values()
              for cell in difference(expectation, point))]


def as_text(points, expected):
    """`expected`: as expectations() gives them."""
    head = ["kind", "hosts", "ranks", "threads", "repeats", "step ms", "least", "most",
            "tokens/s", "speed-up", "effic. %", *(f"{part} %" for part in results.PARTS)]
    for name in expected:
        head += [f"{name} ms", "off by %"]
    lines = tables.aligned(head, [cells(kind, point, expected) for kind in kinds_of(points)
                                  for point in kind.points])
    crowded = [point for point in points if point.given < ABOUT_BENCH]
    if crowded:
        lines.append(f"The ranks of {len(crowded)} of these {len(points)} points were given "
                     f"less than {100 * ABOUT_BENCH:.0f}% of their cores' time "
                     "(processor_share): something else ran, or there are fewer cores.")
    return "\n".join(lines)
