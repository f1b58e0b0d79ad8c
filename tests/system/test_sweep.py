"""scripts/sweep.py: a grid of runs, of which only what is missing is trained, and a table."""
import fcntl
import json
import os
import re
import shutil
import signal
import sys
import unittest

import support

sys.path.insert(0, str(support.ROOT / "scripts"))
from sweep import array, grid, state  # noqa: E402 (it stands beside the script)

SCRIPT = support.ROOT / "scripts/sweep.py"
STUB = os.environ.get("LOCKSTEP_FAULT_STUB",
                      str(support.ROOT / "build/release/tests/libfault_stub.so"))
TOY = support.CONFIG
for old, new in (("width: 64", "width: 16"), ("feed_forward: 128", "feed_forward: 32"),
                 ("encoder_layers: 2", "encoder_layers: 1"), ("tokens: 512", "tokens: 128"),
                 ("decoder_layers: 2", "decoder_layers: 1"), ("steps: 40", "steps: 30"),
                 ("every: 20, keep", "every: 10, keep"),
                 ("every: 20, metric: loss", "every: 10, free_running: false, metric: loss")):
    assert old in TOY
    TOY = TOY.replace(old, new)

# In the place of the program: some runs stand still after their first checkpoint.
STANDS_STILL = """\
#!/bin/bash
case "$*" in
train*/peak=0.002,dropout=0 | train*/peak=0.004,dropout=0)
    run=${{@: -1}}
    export LD_PRELOAD={stub} LOCKSTEP_FAULT=0:0:sleep
    export LOCKSTEP_FAULT_FILE=${{run#run.folder=}}/checkpoints/step-0000000010.h5 ;;
esac
exec {program} "$@"
"""

# In the place of a script of scripts/submit/.
SAYS_ITS_WORDS = '#!/bin/sh\nfor word in "$@"; do echo "$word"; done; echo "$LOCKSTEP_TASK"\n'


class Sweeps(support.LoggedTest):
    def setUp(self):
        super().setUp()
        self.config = self.make_toy(train=100, text=TOY)
        self.sweep = self.folder / "sweep"

    def words(self, *words, script=SCRIPT):
        return ["/usr/bin/python3", str(script), *map(str, words)]

    def begin(self, *words):
        return self.words(self.config, "--folder", self.sweep, *words)

    def ends(self, code, words, **options):
        done = support.run(words, **options)
        self.assertEqual(done.returncode, code, f"{done.args}\n{done.stdout}\n{done.stderr}")
        return done

    def refuses(self, words, *parts):
        done = self.ends(2, words)
        self.assertEqual(done.stderr.count("error:"), 1, done.stderr)
        for part in parts:
            self.assertIn(part, done.stderr)

    def table(self):
        return json.loads(self.ends(0, self.words(self.sweep, "--json")).stdout)

    def states(self):
        rows = sorted(self.table(), key=lambda row: row["number"])
        return [row["state"] for row in rows]

    def files(self, *runs):
        """What would show that something was written, of all files below."""
        found = {}
        for run in runs:
            for path in (self.sweep / run).rglob("*"):
                about = path.stat()
                found[path] = (about.st_ino, about.st_mtime_ns, about.st_size)
        return found


class Training(Sweeps):
    def kill_standing(self, process, *runs):
        """The rank of each of the runs, once it has saved."""
        for run in runs:
            first = self.sweep / run / "checkpoints/step-0000000010.h5"
            support.wait_until(lambda first=first: first.exists() or process.poll() is not None,
                               what="a checkpoint")
        self.assertIsNone(process.poll(), self.log())
        for run in runs:
            os.kill(int((self.sweep / run / "lock").read_text().split()[1]), signal.SIGKILL)

    @unittest.skipIf(support.SANITIZED, "a sanitizer wants to be loaded first")
    def test_six_runs_of_which_two_are_killed(self):
        program = self.folder / "program"
        program.write_text(STANDS_STILL.format(stub=STUB, program=support.LOCKSTEP))
        program.chmod(0o755)
        words = self.begin("--jobs", 2, "--grid", "training.schedule.peak=0.001,0.002,0.004",
                           "--grid", "model.dropout=0,0.1")
        process = self.start_logged(words, env=support.environment(LOCKSTEP=str(program)))
        self.kill_standing(process, "peak=0.002,dropout=0", "peak=0.004,dropout=0")
        self.assertEqual(process.wait(support.SECONDS), 1, self.log())
        self.assertIn("sweep.py: 4 done, 2 failed; go on: ", self.log())
        self.assertEqual(self.states(), ["done", "done", "failed", "done", "failed", "done"])
        failed = [row for row in self.table() if row["state"] == "failed"]
        for row in failed:
            self.assertIn("run.sh: ended with 137: a rank or a host was lost", row["note"])

        rest = [path.name for path in self.sweep.iterdir() if path.is_dir()
                and path.name not in ("peak=0.002,dropout=0", "peak=0.004,dropout=0")]
        self.assertEqual(len(rest), 4)
        before = self.files(*rest)
        done = self.ends(0, words)
        self.assertEqual(self.files(*rest), before)
        self.assertIn("6 runs, 4 of them done", done.stdout)
        self.assertEqual(len(re.findall("begins, after step [12]0 of 30", done.stdout)), 2,
                         done.stdout)
        self.assertEqual(done.stdout.count("begins"), 2, done.stdout)
        self.assertTrue((self.sweep / "dataset.h5").exists())
        self.check_table()
        before = self.files(".")
        self.assertIn("6 done", self.ends(0, self.words(self.sweep)).stdout)
        self.assertEqual(self.files("."), before)

    def check_table(self):
        rows = self.table()
        self.assertEqual([row["best"] for row in rows], sorted(row["best"] for row in rows))
        for row in rows:
            valid = [(line["valid_loss"], line["step"]) for line in self.metrics(row["run"])
                     if "valid_loss" in line]
            self.assertEqual([step for _, step in valid], [10, 20, 30][-len(valid):])
            self.assertEqual((row["best"], row["best_step"]), min(valid))
            self.assertEqual((row["state"], row["step"]), ("done", 30))
        lines = self.ends(0, self.words(self.sweep, "--tsv")).stdout.splitlines()
        self.assertEqual(lines[0].split("\t"),
                         ["run", "training.schedule.peak", "model.dropout", "loss", "best step",
                          "last step", "state"])
        self.assertEqual(lines[1].split("\t")[:3],
                         [str(rows[0]["number"]), *rows[0]["values"].values()])
        text = self.ends(0, self.words(self.sweep, "--table")).stdout.splitlines()
        self.assertEqual(text[0].split()[:3], ["run", "peak", "dropout"])
        self.assertEqual(len(text), 7)

    def test_a_signal_lets_all_save(self):
        words = self.begin("--jobs", 2, "--grid", "run.seed=1,2", "--set",
                           "training.steps=100000")
        process = self.start_logged(words)
        support.wait_until(lambda: process.poll() is not None or all(
            state.saved_step(self.sweep / f"seed={seed}") for seed in (1, 2)), what="checkpoints")
        self.assertEqual(self.states(), ["running", "running"], self.log())
        second = self.ends(1, self.words(self.sweep))
        self.assertEqual(second.stdout.count("running elsewhere (process "), 2, second.stdout)
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(support.SECONDS), 128 + signal.SIGTERM, self.log())
        self.assertIn(f"go on: scripts/sweep.py {self.sweep}", self.log())
        self.assertEqual(self.log().count("is saved"), 2, self.log())
        self.assertEqual(self.states(), ["stopped", "stopped"])

    def test_tasks_and_a_run_that_fails(self):
        words = self.begin("--dry-run", "--set", "training.clip_norm=0", "--set",
                           "training.steps=10", "--grid", "training.schedule.peak=0.001,1e38")
        self.assertEqual(self.ends(0, words).stdout.count("run.sh train "), 2)
        self.assertFalse(self.sweep.exists(), "a dry run")
        words.remove("--dry-run")
        done = self.ends(1, words)
        self.assertEqual(self.states(), ["done", "failed"])
        self.assertRegex(done.stdout, r"\[2/2\] peak=1e38: failed, .*lockstep: error: .*finite")
        self.assertIn("done", self.ends(0, self.words(self.sweep, "--task", 1)).stdout)
        self.assertIn("[2/2]", self.ends(1, self.words(self.sweep, "--task", 2)).stdout)
        self.refuses(self.words(self.sweep, "--task", 3), "the sweep has 2 runs")


class Words(Sweeps):
    """Of what nothing is trained."""

    def write_sweep(self, *words):
        """As it stands before its first run."""
        held = self.folder / "nothing"
        held.write_text('#!/bin/sh\n[ "$1" != config ] || exec "$PROGRAM" "$@"\nexit 2\n')
        held.chmod(0o755)
        self.ends(1, self.begin(*words), env=support.environment(LOCKSTEP=str(held),
                                                                PROGRAM=support.LOCKSTEP))
        for path in self.sweep.iterdir():
            if path.is_dir():
                shutil.rmtree(path)

    def test_what_is_wrong_is_refused_before_anything_starts(self):
        for words, parts in (
                (["--grid", "training.peek=1,2"], ["unknown key `training.peek`"]),
                (["--grid", "model.heads=4,5"], ["heads"]),
                (["--grid", "run.seed=1,,2"], ["a value is empty"]),
                (["--grid", "run.seed=1,2,1"], ["1 stands there twice"]),
                (["--grid", "run.seed"], ["is not KEY=VALUE"]),
                (["--grid", "model.dropout=[0"], ["brackets"]),
                (["--grid", "run.folder=a,b"], ["a folder of its own"]),
                (["--grid", "run.seed=1,2", "--set", "run.folder=x"], ["a folder of its own"]),
                (["--grid", "run.seed=1,2", "--set", "run.seed=3"], ["the same key"]),
                (["--grid", "training={steps: 10}", "--grid", "training.steps=1"], ["the same"]),
                (["--grid", "validation.metric=loss,accuracy"], ["cannot be compared"]),
                ([], ["has --grid and --folder"])):
            self.refuses(self.begin(*words), *parts)
            self.assertFalse(self.sweep.exists(), words)
        self.refuses(self.words(self.folder), "is not the folder of a sweep")
        self.refuses(self.words(self.config), "is not the folder of a sweep")
        self.refuses(self.words(self.folder, "--table", "--jobs", 2), "only shows")
        self.refuses(self.words(self.folder, "--submit", "lsf"), "slurm")
        self.refuses(self.words(self.config, "--grid", "run.seed=1", "--folder", self.folder),
                     "is not empty, and holds no sweep")

    def test_another_sweep_in_the_same_folder(self):
        self.write_sweep("--grid", "run.seed=1,2", "--set", "model.dropout=0")
        before = self.files(".")
        same = ["--set", "model.dropout=0"]
        self.refuses(self.begin("--grid", "run.seed=1,2,3", *same),
                     "begun with --grid 'run.seed=1,2', not --grid 'run.seed=1,2,3'")
        self.refuses(self.begin("--grid", "run.seed=1,2"), "--set 'model.dropout=0', not no --set")
        self.config.write_text(self.config.read_text().replace("keep: 5", "keep: 4"))
        self.refuses(self.begin("--grid", "run.seed=1,2", *same), "another ", "keep: 5",
                     "keep: 4", "sweep.yaml")
        self.assertEqual(self.files("."), before)
        (self.sweep / "sweep.json").write_text("{")
        self.refuses(self.words(self.sweep, "--table"), "sweep.json: is damaged")

    def test_one_that_another_job_holds(self):
        self.write_sweep("--grid", "run.seed=1")
        self.assertEqual(self.states(), ["not begun"])
        run = self.sweep / "seed=1"
        run.mkdir()
        with open(run / "lock", "w", encoding="utf-8") as lock:
            lock.write("process 12 on another-host\n")
            lock.flush()
            self.assertEqual(self.states(), ["not begun"], "left behind by a killed one")
            fcntl.flock(lock, fcntl.LOCK_EX)
            self.assertEqual(self.states(), ["running"])
            done = self.ends(1, self.words(self.sweep))
            self.assertIn("seed=1: running elsewhere (process 12 on another-host)", done.stdout)
            self.assertEqual(os.listdir(run), ["lock"])
            # What the program itself says of a lock that is taken meanwhile.
            lock.seek(0)
            lock.truncate()
            done = self.ends(1, self.words(self.sweep))
            self.assertIn("seed=1: running elsewhere (an unknown process)", done.stdout)

    def test_job_arrays(self):
        tree = self.folder / "tree/scripts"
        shutil.copytree(support.ROOT / "scripts/sweep", tree / "sweep")
        shutil.copy(SCRIPT, tree)
        for system in array.SYSTEMS:
            stand_in = tree / f"submit/{system}.sh"
            stand_in.parent.mkdir(exist_ok=True)
            stand_in.write_text(SAYS_ITS_WORDS)
            stand_in.chmod(0o755)
        self.write_sweep("--grid", "run.seed=1,2,3,4,5")
        self.write_done(2)
        self.write_done(3, steps=20)
        rest = ["--", "sweep", str(self.sweep)]
        for words, expected in (
                (["--submit", "slurm"], ["--array=1,3-5"]),
                (["--dry-run", "-n", 4, "--jobs", 2, "--submit", "slurm", "--time=9", "-p", "x"],
                 ["--dry-run", "--ranks", "4", "--time=9", "-p", "x", "--array=1,3-5%2"]),
                (["--submit", "pbs", "-q", "y"], ["-q", "y", "-J", "1-5"]),
                (["--jobs", 3, "--submit", "gridengine"], ["-t", "1-5", "-tc", "3"])):
            done = self.ends(0, self.words(self.sweep, *words, script=tree / "sweep.py"))
            self.assertEqual(done.stdout.split("\n"), [*expected, *rest, "", ""])
        self.write_done(1, 4, 5)
        for system, expected in (("slurm", ["--array=3"]), ("pbs", []),
                                 ("gridengine", ["-t", "3-3"])):
            words = self.words(self.sweep, "--submit", system, script=tree / "sweep.py")
            done = self.ends(0, words)
            self.assertEqual(done.stdout.split("\n"), [*expected, *rest, "3", ""])
        self.write_done(3)
        shutil.rmtree(self.sweep / "seed=4/checkpoints")  # to save room
        done = self.ends(0, self.words(self.sweep, "--submit", "pbs", script=tree / "sweep.py"))
        self.assertIn("all 5 runs are done", done.stdout)
        new = self.words(self.config, "--grid", "run.seed=1,2", "--folder", self.folder / "new",
                         "--dry-run", "--submit", "slurm", script=tree / "sweep.py")
        done = self.ends(0, new, env=support.environment(LOCKSTEP=support.LOCKSTEP))
        self.assertIn("slurm.sh --dry-run --array=1-2 -- sweep ", done.stdout)
        self.assertFalse((self.folder / "new").exists())

    def write_done(self, *seeds, steps=30):
        for seed in seeds:
            checkpoints = self.sweep / f"seed={seed}/checkpoints"
            checkpoints.mkdir(parents=True, exist_ok=True)
            (checkpoints.parent / "train.log").write_text(f"done: {steps} steps\n")
            (checkpoints / f"step-{steps:010}.h5").touch()

    @unittest.skipUnless((support.ROOT / "scripts/submit/slurm.sh").exists(),
                         "scripts/submit/slurm.sh is not there")
    def test_the_script_that_submits(self):
        self.write_sweep("--grid", "run.seed=1,2")
        done = self.ends(0, self.words(self.sweep, "--dry-run", "--submit", "slurm", "--time=9"))
        self.assertIn("--array=1-2", done.stdout)
        self.assertIn(f"-- sweep {self.sweep}", done.stdout)


class Grids(unittest.TestCase):
    def test_values(self):
        self.assertEqual(grid.parse("a.b={name: adam, beta1: 0.9},{name: sgd}"),
                         ("a.b", ["{name: adam, beta1: 0.9}", "{name: sgd}"]))
        self.assertEqual(grid.parse('a=[x,"]"],"1,2", it\'s'),
                         ("a", ['[x,"]"]', '"1,2"', "it's"]))

    def test_names(self):
        runs = grid.combinations([("model.length.kind", ["a b", "a-b"]), ("x.kind", ["1e-3"])])
        self.assertEqual([name for name, _ in runs], ["length.kind=a-b,x.kind=1e-3",
                                                      "length.kind=a-b,x.kind=1e-3~2"])
        self.assertEqual(runs[1][1], {"model.length.kind": "a-b", "x.kind": "1e-3"})

    def test_every_metric_has_a_direction(self):
        reference = support.run([support.LOCKSTEP, "config", "--reference"]).stdout
        words = reference.split("### validation.metric")[1].split("- value: ")[1].split("\n")[0]
        higher = {"accuracy", "exact", "bleu", "chrf", "macro_f1", "span_f1"}
        self.assertEqual(set(words.split(" | ")), higher | set(state.LOWER_IS_BETTER))


if __name__ == "__main__":
    unittest.main()
