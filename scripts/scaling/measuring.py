"""Measures points one after another, each by `lockstep bench` through scripts/run.sh."""
import json
import os
import signal
import subprocess
import time

from scaling import hosts as places
from scaling import points as at
from scaling import results
from sweep import plan as plans
from sweep import state
from sweep.runner import say

SIGNALS = ("TERM", "INT", "HUP", "QUIT", "XCPU", "USR1", "USR2")
LOG = "scaling.log"


def duration(seconds):
    if seconds < 90:
        return f"{seconds:.0f} s"
    if seconds < 5400:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h"


class Stopped(Exception):
    """By a signal."""


class Runner:
    """Starts the program on the ranks of a point. `sentences` are options of bench and plan,
    `mpirun` those of mpirun."""

    def __init__(self, folder, config, settings, sentences, hosts, mpirun):
        self.folder = folder
        self.config = config
        self.settings = settings
        self.sentences = sentences
        self.hosts = hosts
        self.mpirun = mpirun
        self.process = None
        self.signal = 0
        self.environment = dict(os.environ, LOCKSTEP=plans.find_program())

    def listen(self):
        for name in SIGNALS:
            signal.signal(getattr(signal, f"SIG{name}"), self.hear)

    def hear(self, number, _):
        """run.sh has a session of its own, which no terminal and no batch system reaches."""
        self.signal = self.signal or number
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)

    def words(self, verb, hosts, ranks, settings, *more):
        options = [*places.words(self.hosts, hosts, ranks), *self.mpirun]
        return [os.path.join(plans.SCRIPTS, "run.sh"), "-n", str(hosts * ranks),
                *([*options, "--"] if options else []), verb, self.config, *self.sentences,
                *more, *plans.settings_words([*self.settings, *settings])]

    def run(self, words):
        """What it printed; ValueError with the line that says why it failed."""
        if self.signal:
            raise Stopped
        with open(os.path.join(self.folder, LOG), "a+", encoding="utf-8") as log:
            log.write(" ".join(words) + "\n")
            log.flush()
            begin = log.tell()
            self.process = subprocess.Popen(
                words, env=self.environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                stderr=log, start_new_session=True, universal_newlines=True)
            if self.signal:  # one that came in between
                self.process.send_signal(signal.SIGTERM)
            said, _ = self.process.communicate()
            if self.signal:
                raise Stopped
            if self.process.returncode != 0:
                log.seek(begin)
                why = state.error_line(log.read().splitlines())
                raise ValueError(f"{why} ({self.process.returncode})")
        return said

    def names_of(self, hosts):
        return " ".join(host.name for host in self.hosts[:hosts]) or os.uname().nodename

    def measure(self, point, settings):
        """What bench found, {name: value}."""
        said = self.run(self.words("bench", point.hosts, point.ranks, settings, "--json"))
        for line in reversed(said.splitlines()):
            if line.startswith("{"):
                return json.loads(line)
        raise ValueError("bench printed no JSON")


class Clock:
    """How long is left, by how long points have taken."""

    def __init__(self):
        self.taken = {}

    def add(self, run, seconds):
        self.taken[run] = seconds

    def left(self, runs):
        usual = sum(self.taken.values()) / max(len(self.taken), 1)
        return duration(sum(self.taken.get(run, usual) for run in runs))


def sentence(row):
    step, rate = float(row["step_seconds"]), float(row["tokens_per_second"])
    return f"{1e3 * step:.1f} ms a step, {rate:,.0f} tokens/s"


def measure_all(runner, table, batch, points, repeats, version):
    """Whether all points have been measured. One that fails is left alone until the next
    start."""
    waiting = table.missing(points, repeats)
    whole = len(points) * repeats
    say(f"scaling.sh: {at.counted(whole, 'measurement')}, {whole - len(waiting)} of them in "
        f"{table.path} already")
    clock, failed = Clock(), set()
    while waiting:
        repeat, point = waiting.pop(0)
        if batch.run_of(point) in failed:
            continue
        label = f"[{whole - len(waiting)}/{whole}] repeat {repeat}: {at.name_of(point)}: "
        begin = time.monotonic()
        try:
            found = runner.measure(point, batch.settings(point))
        except ValueError as error:
            failed.add(batch.run_of(point))
            say(f"{label}failed, and left out: {error}; see {os.path.join(runner.folder, LOG)}")
            continue
        clock.add(batch.run_of(point), time.monotonic() - begin)
        table.add(results.rows_of(point, repeat, found, runner.names_of(point.hosts), version))
        left = clock.left([batch.run_of(other) for _, other in waiting])
        say(label + sentence(table.rows[-1]) + (f"; about {left} left" if waiting else ""))
    return not failed
