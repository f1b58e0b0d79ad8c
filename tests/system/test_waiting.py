"""Ranks with more threads than cores: they give way by themselves, and are warned."""
import json
import os
import pathlib
import shutil
import signal
import subprocess
import unittest

import support

THREADS = ("--set", "run.threads=2")
RANDOM = ("--vocabulary", "300", "--length", "9", "--steps", "15")
PLAIN = {key: value for key, value in support.environment().items()
         if not key.startswith("OMP")}
CORES = sorted(os.sched_getaffinity(0))[:2]
TASKSET = ["taskset", "-c", ",".join(map(str, CORES))]


@unittest.skipIf(len(CORES) < 2, "one core: OpenMP gives way by itself")
class Waiting(support.SystemTest):
    def crowded(self, *arguments, ranks=2, program=support.LOCKSTEP, **options):
        """On two cores, by plain mpirun."""
        words = TASKSET + support.command([*arguments, *THREADS], ranks, program)
        return support.run(words, **{"env": PLAIN, **options})

    def measure(self, **options):
        done = self.crowded("bench", "--json", self.write_config(), *RANDOM, **options)
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)["best_step_seconds"], done.stderr

    def test_nearly_as_fast_as_told_to(self):
        told, _ = self.measure(env={**PLAIN, "OMP_WAIT_POLICY": "passive"})
        untold, said = self.measure()
        self.assertLess(untold, 3 * told)
        warning = "2 ranks x 2 threads take turns on the 2 cores that they have"
        self.assertEqual(said.count(warning), 1, said)

    def test_no_warning_where_all_have_a_core(self):
        done = support.run(TASKSET + support.command(
            ["bench", self.write_config(), *RANDOM[:4], "--steps", "1"], 2), env=PLAIN)
        self.assertEqual((done.returncode, "take turns" in done.stderr), (0, False), done.stderr)

    def train(self, config, **options):
        done = self.crowded("train", config, "--set", "training.steps=4", "--set",
                            "validation.every=4", "--set", "checkpoint.every=4", **options)
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_words_input_and_status_stay(self):
        self.train(self.make_toy(train=200))
        run, text = self.folder / "run", "a b c\nd e\n"
        want = self.passes("predict", run, stdin=text).stdout
        self.assertEqual(len(want.splitlines()), 2)
        program = pathlib.Path(support.LOCKSTEP)
        search = {**PLAIN, "PATH": f"{program.parent}:{os.environ['PATH']}"}
        for name, operand, options in (
                ("./" + program.name, run, {"cwd": program.parent}),
                (program.name, self.checkpoints()[-1], {"env": search})):
            done = self.crowded("predict", operand, stdin=text, program=name, **options)
            self.assertEqual((done.returncode, done.stdout), (0, want), done.stderr)
        done = self.crowded("train", self.write_config(), "--set", "training.steps=no")
        self.assertEqual(done.returncode, 2)
        self.assertEqual(done.stderr.count("error:"), 1)

    def test_the_process_keeps_its_name_and_stops_on_a_signal(self):
        program = self.folder / "trainer"
        shutil.copy(support.LOCKSTEP, program)
        words = TASKSET + support.command(["train", self.make_toy(), *THREADS, "--set",
                                           "training.steps=100000"], 2, program)
        process = subprocess.Popen(words, env=PLAIN, stderr=subprocess.PIPE, text=True,
                                   stdout=subprocess.DEVNULL, start_new_session=True)
        self.addCleanup(process.stderr.close)
        self.addCleanup(support.kill_tree, process.pid)
        for line in process.stderr:
            if line.startswith("step 20"):
                break
        ranks = [pid for pid in support.children(process.pid)
                 if pathlib.Path(f"/proc/{pid}/comm").read_text() == "trainer\n"]
        self.assertEqual(len(ranks), 2)
        for pid in ranks:
            settings = pathlib.Path(f"/proc/{pid}/environ").read_text()
            self.assertEqual(settings.count("OMP_WAIT_POLICY=passive"), 1)
        process.send_signal(signal.SIGUSR1)
        process.stderr.read()
        self.assertEqual(process.wait(timeout=60), 128 + signal.SIGUSR1)
        self.assertTrue(self.checkpoints())


if __name__ == "__main__":
    unittest.main()
