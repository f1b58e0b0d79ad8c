#!/usr/bin/python3
"""Kill a training over and over, start it again, and see that nothing of it is lost.

    tests/system/soak.py [KILLS]     1000 without a number: a night's work where others work too

A tiny model is trained on any number of ranks, a different one after each kill. SIGKILL meets
one rank, all of them, or mpirun; while the program starts, while it trains, and while it writes
a checkpoint. When a training has come to its end a new one begins, until so many kills are
done; each end is compared with that of a training that nothing happened to: parameters, moving
average, running values and optimizer state to the last bit, and what was reported of each step.
Ends with 1, and keeps the folder, at the first difference and at any ending that no kill explains.
"""
import argparse
import collections
import os
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import support

GRAINS = 4
PATIENCE = 120  # seconds that nothing may take longer

CONFIG = """\
run: {{folder: none, seed: 7}}
data:
  source: {{vocabulary: characters}}
  target: {{vocabulary: characters}}
  train: {{pairs: {folder}/train.tsv}}
  valid: {{pairs: {folder}/valid.tsv}}
  window: 256
model: {{width: 16, heads: 2, feed_forward: 32, encoder_layers: 1, decoder_layers: 1}}
batch: {{tokens: 128, grains: {grains}}}
training: {{steps: {steps}, report_every: 1, schedule: {{warmup: 100}}}}
validation: {{every: 50, patience: 0, free_running: false}}
checkpoint: {{every: 4, keep: 3}}
distributed: {{bucket_bytes: 16384}}
"""

# One after another, a training each.
MODELS = (
    [],
    ["model.encoder_norm=batch", "training.average_decay=0.98"],
    ["training.scheduled_sampling={schedule: linear, decay: 0.005}", "batch.accumulate=2"],
)
# What is killed, when, and how often; without mpirun there is one rank.
VICTIMS = {"a rank": 5, "all ranks": 3, "mpirun": 2}
MOMENTS = {"starting": 2, "training": 3, "saving": 3}


class Failure(AssertionError):
    """What the soak is looking for."""


def is_rank(pid):
    try:
        return pathlib.Path(f"/proc/{pid}/exe").readlink().name == "lockstep"
    except OSError:
        return False


def kill(pids):
    for pid in pids:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass


def wait_until(condition, what):
    """Not to miss the writing of a checkpoint."""
    support.wait_until(condition, PATIENCE, what, pause=0.001)


# ---- a training ----

def start_training(folder, run, model, ranks):
    words = support.command(["train", folder / "config.yaml",
                             *support.settings(f"run.folder={run}", *model)], ranks)
    # Who is killed leaves files.
    environment = support.environment(**dict.fromkeys(
        ("TMPDIR", "OMPI_MCA_btl_vader_backing_directory", "OMPI_MCA_btl_sm_backing_directory"),
        str(folder)))
    with open(folder / "output", "wb") as output:
        return subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=output, stderr=output,
                                env=environment, start_new_session=True)


def checkpoints(run):
    return sorted((run / "checkpoints").glob("step-*.h5"))


def step_of(checkpoint):
    return int(checkpoint.stem.split("-")[1])


def saved_step(run):
    return max(map(step_of, checkpoints(run)), default=0)


def half_written(run):
    return set((run / "checkpoints").glob("*.tmp-*"))


# ---- what came of it ----

def state(checkpoint):
    """{name: (shape, bytes)} of all that the next step depends on."""
    return support.contents(checkpoint, "parameters", "buffers", "average", "optimizer")


def reports(run):
    """All but what the clock says."""
    lines = (run / "metrics.jsonl").read_text(encoding="utf-8").splitlines()
    records = [support.read_json(line) for line in lines]
    return [{key: value for key, value in record.items()
             if not key.startswith(("tokens_per_second", "communication", "seconds"))}
            for record in records]


def difference(whole, run):
    """What two runs differ in, in words; None: nothing."""
    one, other = (checkpoints(each)[-1] for each in (whole, run))
    if one.name != other.name:
        return f"the last checkpoint is {other.name}, not {one.name}"
    a, b = state(one), state(other)
    if a.keys() != b.keys():
        return f"tensors that only one has: {sorted(a.keys() ^ b.keys())}"
    names = [name for name in a if a[name] != b[name]]
    if names:
        return f"{len(names)} of {len(a)} tensors differ, {names[0]} the first"
    a, b = reports(whole), reports(run)
    for x, y in zip(a, b):
        if x != y:
            return f"reported was {y}, not {x}"
    return None if len(a) == len(b) else f"{len(b)} reports, not {len(a)}"


# ---- the soak ----

class Soak:
    def __init__(self, folder, kills, steps, seed):
        self.folder, self.kills, self.steps = folder, kills, steps
        self.numbers = random.Random(seed)
        self.done = self.rounds = 0
        self.torn = set() # checkpoints that a kill left half-written
        self.counts = collections.defaultdict(collections.Counter)
        self.began = self.shown = time.monotonic()
        write_data(folder, steps)

    def one_of(self, weights):
        return self.numbers.choices(list(weights), weights.values())[0]

    def whole(self, model):
        """The folder of a run that nothing happened to."""
        run = self.folder / f"whole-{MODELS.index(model)}"
        if not run.exists():
            process = start_training(self.folder, run, model, 0)
            if process.wait() != 0:
                raise Failure(f"the undisturbed run ended with {process.returncode}")
        return run

    def wait_for(self, process, run, moment, ranks):
        """Until the moment has come. A kill meets what has begun."""
        before = saved_step(run)

        def ended():
            return process.poll() is not None

        if moment == "starting":
            wait_until(lambda: ended() or support.children(process.pid) or not ranks, "a start")
            time.sleep(self.numbers.uniform(0, 1.0 if ranks else 0.1))
            return
        wait_until(lambda: ended() or saved_step(run) > before, "a checkpoint")
        if moment == "saving":
            wait_until(lambda: ended() or half_written(run) - self.torn, "the writing of a checkpoint")
        else:
            time.sleep(self.numbers.uniform(0, 0.1))

    def kill(self, process, run, moment):
        """Kill something of the process; False when it had ended before."""
        tree = [process.pid] + support.children(process.pid)
        ranks = [pid for pid in tree if is_rank(pid)]
        victim = self.one_of(VICTIMS) if ranks else "mpirun"
        if process.poll() is not None:
            return False
        if victim == "mpirun" and process.pid in ranks:
            victim = "a rank"
        kill({"a rank": [self.numbers.choice(ranks or [0])], "all ranks": ranks,
              "mpirun": [process.pid]}[victim])
        code = self.end_of(process, ranks)
        # Those that lost mpirun end by themselves, as they find out.
        wait_until(lambda: not any(is_rank(pid) for pid in ranks), "the end of all ranks")
        self.torn |= half_written(run)
        self.counts["killed"][victim] += 1
        self.counts["while"][moment] += 1
        self.counts["ended with"][code if code >= 0 else f"signal {-code}"] += 1
        return True

    def end_of(self, process, ranks):
        """How it ended. mpirun 4 may stand still when a rank is killed that just starts; for
        scripts/run.sh that is a loss like others."""
        try:
            return process.wait(20)
        except subprocess.TimeoutExpired:
            if not any(is_rank(pid) for pid in ranks):
                self.counts["stood still"]["mpirun"] += 1
                process.kill()
            return process.wait(PATIENCE)

    def piece(self, run, model):
        """From a start to a kill, or to the end of the training: True."""
        # What is left after the last kill need not take long.
        ranks = self.numbers.randint(0, GRAINS if self.done < self.kills else 1)
        reached = saved_step(run)
        process = start_training(self.folder, run, model, ranks)
        self.counts["ranks"][ranks or "no mpirun"] += 1
        moment = self.one_of(MOMENTS)
        if self.done < self.kills:
            self.wait_for(process, run, moment, ranks)
            if self.kill(process, run, moment):
                self.done += 1
                self.check_resumed(reached)
                self.show()
                return False
        if process.wait(PATIENCE) != 0:
            raise Failure(f"without being killed, a run on {ranks} ranks ended with "
                          f"{process.returncode}")
        self.check_resumed(reached)
        return True

    def check_resumed(self, reached):
        """What was there at the start was gone on from, as far as it came to that."""
        text = (self.folder / "output").read_text(encoding="utf-8", errors="replace")
        for line in text.splitlines():
            if "resumed: step " in line:
                self.counts["starts"]["resumed"] += 1
                if f"resumed: step {reached} " not in line:
                    raise Failure(f"step {reached} was saved, but: {line}")
                return
            if "begins at step 0" in line:
                self.counts["starts"]["from step 0"] += 1
                if reached > 0:
                    raise Failure(f"step {reached} was saved, but: {line}")
                return
        self.counts["starts"]["ended before"] += 1

    def training(self):
        model = MODELS[self.rounds % len(MODELS)]
        whole, run = self.whole(model), self.folder / "killed"
        shutil.rmtree(run, ignore_errors=True)
        while not self.piece(run, model):
            pass
        what = difference(whole, run)
        if what:
            raise Failure(f"{run} is not {whole}: {what}")
        self.rounds += 1

    def run(self):
        while self.done < self.kills:
            self.training()

    def show(self):
        now, live = time.monotonic(), sys.stderr.isatty()
        if self.done < self.kills and now < self.shown + (0.2 if live else 20):
            return
        self.shown = now
        rate = self.done / (now - self.began)
        print(f"{self.done} of {self.kills} kills, {self.rounds} trainings compared, "
              f"{60 * rate:.1f} kills/min, {(self.kills - self.done) / rate / 60:.1f} min left",
              end="\r\033[K" if live and self.done < self.kills else "\n", file=sys.stderr,
              flush=True)

    def summary(self):
        print(f"{self.done} kills in {(time.monotonic() - self.began) / 60:.1f} min; {len(self.torn)} "
              f"left a checkpoint half-written; {self.rounds} trainings of {self.steps} steps ended, "
              "each in the bits of one that nothing happened to")
        for name, counts in self.counts.items():
            print(f"{name}: " + ", ".join(f"{key} {count}" for key, count in sorted(
                counts.items(), key=lambda item: -item[1])))


def write_data(folder, steps):
    for seed, (name, count) in enumerate((("train", 600), ("valid", 20))):
        support.write_pairs(folder / f"{name}.tsv", support.toy_pairs(count, seed))
    (folder / "config.yaml").write_text(CONFIG.format(folder=folder, steps=steps, grains=GRAINS),
                                        encoding="utf-8")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", maxsplit=1)[0])
    parser.add_argument("kills", nargs="?", type=int, default=1000)
    parser.add_argument("--steps", type=int, default=400, help="of each training")
    parser.add_argument("--seed", type=int, default=time.time_ns() % 1000000,
                        help="of what is killed when; the moments themselves are never the same")
    arguments = parser.parse_args()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="lockstep-soak-"))
    print(f"soak: {arguments.kills} kills, --seed {arguments.seed}, in {folder}", file=sys.stderr)
    soak = Soak(folder, arguments.kills, arguments.steps, arguments.seed)
    try:
        soak.run()
    except AssertionError as failure:
        soak.summary()
        print(f"FAILED: {failure}; everything is in {folder}, the last output in {folder}/output",
              file=sys.stderr)
        return 1
    soak.summary()
    shutil.rmtree(folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
