"""Runs of a sweep, some at once, each through scripts/run.sh."""
import contextlib
import fcntl
import os
import re
import signal
import subprocess
import time

from sweep import plan as plans
from sweep import state

SIGNALS = ("TERM", "INT", "HUP", "QUIT", "XCPU", "USR1", "USR2")
PAUSE = 0.2
NOT_HERE = "running elsewhere"


def say(text):
    """Runs go on where nobody reads any more."""
    try:
        print(text, flush=True)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


class Started:
    """A run that is under way; its output goes to a file in its folder."""

    def __init__(self, runner, run):
        self.run = run
        self.folder = runner.plan.run_folder(run)
        os.makedirs(self.folder, exist_ok=True)
        self.log = open(os.path.join(self.folder, state.LOG), "a", encoding="utf-8")
        self.write(f"{state.BEGINS} {time.strftime('%Y-%m-%d %H:%M:%S')}")
        self.began = time.monotonic()
        self.process = subprocess.Popen(
            runner.words(run), cwd=runner.plan.directory, env=runner.environment,
            stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log, start_new_session=True)

    def write(self, text):
        self.log.write(text + "\n")
        self.log.flush()

    def finish(self, asked):
        """(exit status, what is to say); the process has ended, `asked` to or not."""
        code = self.process.returncode
        code = 128 - code if code < 0 else code
        _, lines = state.last_attempt(self.folder)
        locked = [found for found in map(state.LOCKED.search, lines) if found]
        if code == 1 and locked:
            self.write("sweep.py: " + NOT_HERE)
            said = f"{NOT_HERE} ({locked[-1][1]})"
        elif asked and code in state.STOPPED:
            self.write("sweep.py: stopped")
            step = state.saved_step(self.folder)
            said = (f"stopped, step {step} of {self.run['steps']} is saved" if step else
                    "stopped before its first checkpoint")
        else:
            self.write(f"{state.ENDED}{code}")
            said = self.outcome()
        self.log.close()
        return code, f"{said}, {time.monotonic() - self.began:.0f} s"

    def outcome(self):
        word, note = state.word_of(self.folder, self.run["steps"])
        step = f"step {state.saved_step(self.folder)} of {self.run['steps']}"
        return f"{word}, {step}" + (f": {note}" if note else "")


class Runner:
    """`ranks` is None where run.sh is to choose; `options` are mpirun's, for run.sh."""

    def __init__(self, plan, ranks, retries, jobs, options):
        self.plan = plan
        self.ranks = ranks
        self.retries = retries
        self.jobs = jobs
        self.options = list(options)
        self.active = []
        self.signal = 0
        self.environment = dict(os.environ, LOCKSTEP=plans.find_program())
        if jobs > 1:
            self.share_cores()

    def share_cores(self):
        """Each mpirun counts cores from the first one on, and knows nothing of the others."""
        if not any(option.startswith("--bind-to") for option in self.options):
            self.options += ["--bind-to", "none"]
        ranks = self.ranks or int(os.environ.get("SLURM_NTASKS", "1"))
        threads = max(run["threads"] for run in self.plan.runs)
        if self.jobs * ranks * threads > len(os.sched_getaffinity(0)):
            self.environment.update(OMPI_MCA_mpi_yield_when_idle="1", OMP_WAIT_POLICY="passive")

    def words(self, run):
        ranks = ["-n", str(self.ranks)] if self.ranks else []
        retries = ["--retries", str(self.retries)] if self.retries else []
        options = [*self.options, "--"] if self.options else []
        return [os.path.join(plans.SCRIPTS, "run.sh"), *ranks, *retries, *options, "train",
                *self.plan.words(run)]

    # ---- signals ----

    def listen(self):
        for name in SIGNALS:
            signal.signal(getattr(signal, f"SIG{name}"), self.hear)

    def hear(self, number, _):
        """The runs have sessions of their own, which no terminal and no batch system reaches."""
        first = not self.signal
        self.signal = self.signal or number
        for started in self.active:
            with contextlib.suppress(ProcessLookupError):
                started.process.send_signal(number)
        if first:
            say(f"sweep.py: {signal.Signals(number).name}: {len(self.active)} "
                f"run{'s' * (len(self.active) != 1)} finish their step and save.")

    # ---- a shared dataset ----

    def dataset_is_missing(self):
        return self.plan.dataset() is not None and not os.path.exists(self.plan.dataset())

    def may_start(self):
        """The first run makes the dataset that the others wait for."""
        return len(self.active) < self.jobs and not (self.active and self.dataset_is_missing())

    @contextlib.contextmanager
    def turn(self):
        """Alone among the tasks of a job array until the dataset is there. The lock is that of
        a file which is there anyway."""
        with open(os.path.join(self.plan.folder, "sweep.json"), "r+", encoding="utf-8") as lock:
            while self.dataset_is_missing() and not self.signal:
                with contextlib.suppress(BlockingIOError):
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                time.sleep(PAUSE)
            yield lock

    # ---- runs ----

    def label(self, run):
        return f"[{self.plan.runs.index(run) + 1}/{len(self.plan.runs)}] {run['name']}"

    def start(self, run):
        """Unless it is done or held by somebody; whether it was."""
        word, note = state.word_of(self.plan.run_folder(run), run["steps"])
        if word == "running":
            say(f"{self.label(run)}: {NOT_HERE} ({note})")
        if word in ("done", "running"):
            return False
        self.active.append(Started(self, run))
        if self.signal:  # one that came in between
            self.active[-1].process.send_signal(self.signal)
        step = state.saved_step(self.plan.run_folder(run))
        say(f"{self.label(run)}: begins"
            + (f", after step {step} of {run['steps']}" if step else "")
            + f" (log: {self.plan.path(os.path.join(run['name'], state.LOG))})")
        return True

    def reap(self):
        """Exit statuses of those that have ended."""
        ended = [started for started in self.active if started.process.poll() is not None]
        codes = []
        for started in ended:
            self.active.remove(started)
            code, said = started.finish(bool(self.signal))
            codes.append(code)
            say(f"{self.label(started.run)}: {said}")
        return codes

    def run_all(self):
        """The exit status of the sweep."""
        self.listen()
        waiting = list(self.plan.runs)
        done = sum(state.word_of(self.plan.run_folder(run), run["steps"])[0] == "done"
                   for run in waiting)
        say(f"sweep.py: {self.plan.path()}: {len(waiting)} runs, {done} of them done.")
        with self.none_left_behind():
            while (waiting and not self.signal) or self.active:
                while waiting and self.may_start() and not self.signal:
                    self.start(waiting.pop(0))
                self.reap()
                if self.active:
                    time.sleep(PAUSE)
        return self.say_end()

    @contextlib.contextmanager
    def none_left_behind(self):
        """Where this program fails, on a full disk say, the runs save and end."""
        try:
            yield
        except BaseException:
            for started in self.active:
                started.process.terminate()
            for started in self.active:
                started.process.wait()
            raise

    def say_end(self):
        words = [state.word_of(self.plan.run_folder(run), run["steps"])[0]
                 for run in self.plan.runs]
        counts = ", ".join(f"{words.count(word)} {word}" for word in
                           ("done", "running", "failed", "stopped", "not begun") if word in words)
        go_on = "" if set(words) == {"done"} else f"; go on: scripts/sweep.py {self.plan.path()}"
        say(f"sweep.py: {counts}{go_on}")
        if self.signal:
            return 128 + self.signal
        return 0 if set(words) == {"done"} else 1

    def run_one(self, run):
        """The exit status of run.sh."""
        self.listen()
        with self.turn() as lock:
            if self.signal:
                return 128 + self.signal
            if not self.start(run):
                word = state.word_of(self.plan.run_folder(run), run["steps"])[0]
                say(f"{self.label(run)}: {word}")
                return 0 if word == "done" else 1
            with self.none_left_behind():
                while self.active[0].process.poll() is None:
                    if not self.dataset_is_missing():
                        fcntl.flock(lock, fcntl.LOCK_UN)
                    time.sleep(PAUSE)
        return self.reap()[0]


def words_text(words):
    """For a shell."""
    return " ".join(word if re.fullmatch(r"[\w./+,:=@%-]+", word) else
                    "'" + word.replace("'", "'\\''") + "'" for word in words)
