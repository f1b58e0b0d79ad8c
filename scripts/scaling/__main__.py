"""scripts/scaling.sh, which says how it is used."""
import argparse
import os
import re
import signal
import subprocess
import sys

sys.path[0] = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
from scaling import forecasts, measuring, results, summary  # noqa: E402 (where scripts stand)
from scaling import hosts as places  # noqa: E402
from scaling import points as at  # noqa: E402
from sweep import plan as plans  # noqa: E402
from sweep import runner as sweeps  # noqa: E402


def positive(text):
    if not re.fullmatch("[1-9][0-9]{0,8}", text):
        raise argparse.ArgumentTypeError(f"{text} is not a number above 0")
    return int(text)


def each_once(values, text):
    twice = [value for value in values if values.count(value) > 1]
    if twice:
        raise argparse.ArgumentTypeError(f"{text}: {twice[0]} stands there twice")
    return values


def numbers(text):
    return each_once([positive(part) for part in text.split(",")], text)


def kinds(text):
    found = each_once(text.split(","), text)
    for kind in found:
        if kind not in at.KINDS:
            raise argparse.ArgumentTypeError(f"{kind} is neither strong nor weak")
    return sorted(found)


def parse(words):
    parser = argparse.ArgumentParser(
        prog="scaling.sh", allow_abbrev=False, add_help=False,
        usage="scaling.sh [OPTION...] CONFIG FOLDER [-- MPIRUN-OPTION...]; --help says more")
    parser.add_argument("config")
    parser.add_argument("folder")
    for name, kind, usual in (
            ("--ranks", numbers, [1]), ("--threads", numbers, None), ("--hosts", numbers, [1]),
            ("--kind", kinds, ["strong"]), ("--repeats", positive, 3),
            ("--steps", positive, 20), ("--vocabulary", positive, None),
            ("--length", positive, None),
            ("--network", str, None), ("--forecast-hosts", positive, None),
            ("--simulated", str, None), ("--hostfile", str, None), ("-H", str, None)):
        parser.add_argument(name, type=kind, default=usual)
    parser.add_argument("--set", action="append", default=[])
    parser.add_argument("--crowded", action="store_true")
    parser.add_argument("--no-pictures", action="store_true")
    parser.add_argument("--dry-run", action="store_true")
    end = words.index("--") if "--" in words else len(words)
    options = parser.parse_args(words[:end])
    options.mpirun = words[end + 1:]
    complaint = nonsense(options)
    if complaint:
        parser.error(complaint)
    return options


def nonsense(options):
    """Why the options do not go together; None where they do."""
    named = [word for word in options.mpirun if word in places.IN_OPTIONS]
    if named:
        return f"{named[0]} stands before --: points on fewer hosts have the first of them"
    if options.H and options.hostfile:
        return "-H and --hostfile: choose one"
    if (options.vocabulary is None) != (options.length is None):
        return "--vocabulary and --length go together: both for random sentences, none for data"
    if options.forecast_hosts and not options.network:
        return "--forecast-hosts goes with --network, which says what connects them"
    if options.threads and any(re.match(r"run\.threads\s*=", word) for word in options.set):
        return "--threads and --set run.threads: choose one"
    return None


def asked_of(options, resolved):
    """What the measurements of a folder have in common. Threads are a column of the table."""
    keys = {key: value for key, value in resolved.items() if key != "run.threads"}
    return {"config": options.config, "steps": options.steps, "vocabulary": options.vocabulary,
            "length": options.length, "configuration": keys}


class Scaling:
    """What the command line asks for, checked."""

    def __init__(self, options):
        here = os.getcwd()
        resolved = plans.resolve(options.config, options.set, here)
        self.options = options
        self.asked = asked_of(options, resolved)
        self.batch = at.Batch(resolved)
        self.hosts = places.find(options.H, options.hostfile)
        self.points = at.make(options.kind, options.hosts, options.ranks,
                              options.threads or [int(resolved["run.threads"])])
        if not self.hosts and not options.crowded:
            self.leave_out_crowded()
        at.check(self.points, self.batch, self.hosts)
        for point in self.points:
            if self.batch.hosts_of(point) > 1:
                plans.resolve(options.config, options.set + self.batch.settings(point), here)
        for path in (options.network, options.simulated):
            if path:
                open(path, "rb").close()
        if options.simulated:
            summary.load_expected(options.simulated)

    def leave_out_crowded(self):
        cores = at.cores_here()
        self.points, crowded = at.without_crowded(self.points, cores)
        if not self.points:
            raise ValueError("all points have more threads than this host has cores, "
                             f"{cores}; --crowded measures them nonetheless")
        for point in crowded:
            measuring.say("scaling.sh: left out, for this host has "
                          f"{at.counted(cores, 'core')}: {at.name_of(point)}")

    def runner(self):
        options = self.options
        sentences = ["--steps", str(options.steps)]
        if options.vocabulary:
            sentences += ["--vocabulary", str(options.vocabulary), "--length",
                          str(options.length)]
        return measuring.Runner(options.folder, options.config, options.set, sentences,
                                self.hosts, options.mpirun)


def version_of(program):
    done = subprocess.run([program, "--version"], stdout=subprocess.PIPE,
                          universal_newlines=True, check=False)
    return (done.stdout.splitlines() or [""])[0].replace("lockstep ", "")


def show(scaling, table):
    """The table and the pictures; whether there are any."""
    if not table.rows:
        return False
    folder, simulated = scaling.options.folder, scaling.options.simulated
    measuring.say(summary.as_text(summary.measured_points(table.rows),
                                  summary.expectations(folder, simulated)))
    if scaling.options.no_pictures:
        return True
    words = [sys.executable, os.path.join(plans.SCRIPTS, "plot_scaling.py"), folder]
    return subprocess.run([*words, *(["--simulated", simulated] if simulated else [])],
                          check=False).returncode == 0


def forecast(scaling, runner):
    """Whether there is what was asked for."""
    options = scaling.options
    try:
        if options.network:
            forecasts.forecast_all(runner, scaling.batch, scaling.points,
                                   options.forecast_hosts or max(options.hosts),
                                   options.network)
        return True
    except ValueError as error:
        measuring.say(f"scaling.sh: no forecast: {error}")
        return False


def measure(scaling):
    """The exit status."""
    options, runner = scaling.options, scaling.runner()
    results.begin(options.folder, scaling.asked)
    with results.lock(options.folder):
        table = results.Table(options.folder)
        runner.listen()
        try:
            whole = measuring.measure_all(runner, table, scaling.batch, scaling.points,
                                          options.repeats,
                                          version_of(runner.environment["LOCKSTEP"]))
            whole = forecast(scaling, runner) and whole
        except measuring.Stopped:
            measuring.say(f"scaling.sh: stopped; the same command goes on after the "
                          f"{at.counted(len(table.rows), 'line')} of {table.path}")
            return 128 + runner.signal
        return 0 if show(scaling, table) and whole else 1


def print_commands(scaling):
    runner = scaling.runner()
    for point in scaling.points:
        print(sweeps.words_text(runner.words("bench", point.hosts, point.ranks,
                                             scaling.batch.settings(point), "--json")))
    return 0


def main():
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # until there are ranks to be told
    options = parse(sys.argv[1:])
    try:
        scaling = Scaling(options)
        return print_commands(scaling) if options.dry_run else measure(scaling)
    except (ValueError, OSError) as error:
        print(f"scaling.sh: error: {error}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
