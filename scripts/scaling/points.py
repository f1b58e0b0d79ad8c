"""The points of a scaling: numbers of hosts, of ranks on each and of threads of each rank."""
import collections
import itertools
import os

# `kinds` are those that one measurement serves: on one host a weak point is a strong one.
Point = collections.namedtuple("Point", "kinds hosts ranks threads")

KINDS = ("strong", "weak")


def counted(number, noun):
    return f"{number} {noun}{'' if number == 1 else 's'}"


def name_of(point):
    return (f"{' and '.join(point.kinds)}, {counted(point.hosts, 'host')} x "
            f"{counted(point.ranks, 'rank')} x {counted(point.threads, 'thread')}")


def make(kinds, hosts, ranks, threads):
    found = []
    for host, rank, thread in itertools.product(hosts, ranks, threads):
        groups = [tuple(kinds)] if host == 1 else [(kind,) for kind in kinds]
        found += [Point(group, host, rank, thread) for group in groups]
    return found


class Batch:
    """What the configuration says of it; of weak points that is one host's."""

    def __init__(self, resolved):
        self.tokens = int(resolved["batch.tokens"])
        self.grains = int(resolved["batch.grains"])

    def hosts_of(self, point):
        return 1 if "strong" in point.kinds else point.hosts

    def grains_of(self, point):
        return self.grains * self.hosts_of(point)

    def run_of(self, point):
        """What tells its measurement from others."""
        return (self.hosts_of(point), *point[1:])

    def settings(self, point):
        """For --set."""
        more = self.hosts_of(point)
        grown = [f"batch.tokens={self.tokens * more}", f"batch.grains={self.grains * more}"]
        return [f"run.threads={point.threads}", *(grown if more > 1 else [])]


def without_crowded(points, cores):
    """(those that have a core of this host for each thread, the others)."""
    fitting = [point for point in points if point.ranks * point.threads <= cores]
    return fitting, [point for point in points if point not in fitting]


def cores_here():
    return len(os.sched_getaffinity(0))


def complaint(point, batch, hosts):
    """Why the point cannot be measured on these hosts, [] being this one alone, or None."""
    grains, ranks = batch.grains_of(point), point.hosts * point.ranks
    if ranks > grains:
        return (f"{counted(ranks, 'rank')} are more than the {counted(grains, 'grain')} of its "
                "batch: leave it out, or set batch.grains to more")
    if point.hosts > max(len(hosts), 1):
        return (f"there {'is' if len(hosts) < 2 else 'are'} only "
                f"{counted(max(len(hosts), 1), 'host')}: name hosts with -H or --hostfile, or "
                "be in a batch system's job that has them")
    for host in hosts[:point.hosts]:
        if host.slots is not None and point.ranks > host.slots:
            return (f"{host.name} takes {counted(host.slots, 'rank')}: give it more slots, or "
                    "the job more tasks on a host")
    return None


def check(points, batch, hosts):
    """Raise what is wrong with the first point that has something wrong."""
    wrong = [(point, why) for point, why in
             ((point, complaint(point, batch, hosts)) for point in points) if why]
    if wrong:
        more = f" (and {counted(len(wrong) - 1, 'point')} more)" if len(wrong) > 1 else ""
        raise ValueError(f"{name_of(wrong[0][0])}: {wrong[0][1]}{more}")
