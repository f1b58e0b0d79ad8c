"""A run that is killed or stopped ends as if it never had been."""
import os
import random
import signal
import subprocess
import time
import unittest

import support

STEPS = 150


class Resume(support.SystemTest):
    def setUp(self):
        super().setUp()
        self.config = self.make_toy(text=support.CONFIG.replace("every: 20", "every: 10"))
        self.settings = ["--set", f"training.steps={STEPS}",
                         "--set", "training.report_every=1",
                         "--set", f"data.dataset={self.folder}/data.h5"]
        self.passes("prepare", self.config, *self.settings)

    def words(self, run, *more):
        return ["train", self.config, "--set", f"run.folder={self.folder}/{run}",
                *self.settings, *more]

    def start(self, words, **options):
        """A process in the background, with the log of its run in its file."""
        log = open(self.folder / "log", "a", encoding="utf-8")
        self.addCleanup(log.close)
        process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                   start_new_session=True, env=support.environment(),
                                   **options)
        self.addCleanup(process.wait, 60)
        self.addCleanup(support.kill_tree, process.pid)
        return process

    def log(self):
        return (self.folder / "log").read_text()

    def reference(self):
        """The last checkpoint of a run that nothing happened to."""
        self.passes(*self.words("whole"))
        return self.checkpoints("whole")[-1]

    def assertEndsLike(self, reference, run):
        last = self.checkpoints(run)[-1]
        self.assertEqual(last.name, reference.name)
        self.assertSameState(reference, last)
        whole, pieces = ([(line["step"], line["loss"]) for line in self.metrics(name)
                          if "loss" in line] for name in (reference.parts[-3], run))
        self.assertEqual(whole, pieces)

    def test_sigkill_at_a_random_moment(self):
        self.kill_at_random_moments()

    def test_sigkill_with_batch_norm_and_bfloat16(self):
        self.settings += support.settings("model.encoder_norm=batch", "model.decoder_norm=batch",
                                          "model.precision=bfloat16")
        self.kill_at_random_moments()
        buffers = support.contents(self.checkpoints("killed")[-1], "buffers")
        self.assertIn("buffers/decoder.layers.0.norm3.running_var", buffers)

    def test_sigkill_with_copying(self):
        self.settings += support.settings("model.copy=true", "data.source.size=13",
                                          "data.target.size=10", "model.copy_codes=true")
        self.kill_at_random_moments()

    def kill_at_random_moments(self):
        reference = self.reference()
        seed = int(os.environ.get("LOCKSTEP_TEST_SEED", time.time()))
        print(f"LOCKSTEP_TEST_SEED={seed}", flush=True)
        moments = random.Random(seed)
        for ranks in (2, 3, 0):
            process = self.start(support.command(self.words("killed"), ranks))
            # Not before the run has something to lose, seldom after its end.
            seen = len(self.checkpoints("killed"))
            support.wait_until(lambda s=seen, p=process: p.poll() is not None
                               or len(self.checkpoints("killed")) > min(s, 3), what="a checkpoint")
            time.sleep(moments.uniform(0, 0.4))
            ranks_running = support.children(process.pid) or [process.pid]
            support.kill_tree(process.pid)
            process.wait(60)
            support.wait_until(lambda: not any(alive(pid) for pid in ranks_running),
                               what="the end of the ranks")
        self.passes(*self.words("killed"), ranks=4)
        self.assertEndsLike(reference, "killed")

    def stop(self, words, number, code):
        """Start, send `number` after the first checkpoint, expect `code`."""
        process = self.start(words)
        support.wait_until(lambda: self.checkpoints("stopped") or process.poll() is not None,
                           what="a checkpoint")
        process.send_signal(number)
        self.assertEqual(process.wait(60), code, self.log())
        self.assertNotIn(f"{STEPS}.h5", self.checkpoints("stopped")[-1].name, "too late")

    def finish(self, ranks):
        reference = self.reference()
        self.passes(*self.words("stopped"), ranks=ranks)
        self.assertEndsLike(reference, "stopped")

    def test_sigterm_to_a_single_process(self):
        self.settings[1] = "training.steps=600"
        self.stop(support.command(self.words("stopped")), signal.SIGTERM, 128 + signal.SIGTERM)
        step = int(self.checkpoints("stopped")[-1].stem.split("-")[1])
        self.settings[1] = f"training.steps={step + 20}"
        self.finish(2)

    def test_sigint_to_a_single_process(self):
        self.stop(support.command(self.words("stopped", "--set", "training.steps=100000")),
                  signal.SIGINT, 128 + signal.SIGINT)

    def test_sigusr1_to_mpirun(self):
        self.settings[1] = "training.steps=100000"
        self.stop(support.command(self.words("stopped"), 2), signal.SIGUSR1, 128 + signal.SIGUSR1)
        step = int(self.checkpoints("stopped")[-1].stem.split("-")[1])
        self.settings[1] = f"training.steps={step + 20}"
        self.finish(3)

    def test_sigterm_to_the_run_script(self):
        self.settings[1] = "training.steps=100000"
        words = [support.ROOT / "scripts/run.sh", "-n", "2"] + self.words("stopped")[1:]
        self.stop(words, signal.SIGTERM, 128 + signal.SIGTERM)
        self.assertIn("save", self.log())

    def test_the_run_script_passes_the_exit_status(self):
        script = support.ROOT / "scripts/run.sh"
        done = support.run([script, "-n", "2"] + self.words("scripted")[1:])
        self.assertEqual(done.returncode, 0, done.stderr)
        done = support.run([script, "-n", "2", self.folder / "none.yaml"])
        self.assertEqual(done.returncode, 2, done.stderr)

    def test_a_finished_run_has_nothing_to_do(self):
        reference = self.reference()
        written = reference.stat().st_mtime_ns
        again = self.passes(*self.words("whole"), ranks=2)
        self.assertEqual(self.checkpoints("whole")[-1].stat().st_mtime_ns, written)
        self.assertNotIn("validation:", again.stderr)

    def test_a_validation_that_is_due_comes_first(self):
        """As when a signal stopped it; the checkpoint is then saved again, with its score."""
        words = self.words("late", "--set", "training.steps=10")
        self.passes(*words, "--set", "validation.every=20")
        for _ in range(2):  # and once is enough
            self.passes(*words, ranks=2)
            scores = {line["step"]: line["valid_loss"] for line in self.metrics("late")
                      if "valid_loss" in line}
            self.assertEqual(list(scores), [10])
            with support.h5py.File(self.checkpoints("late")[-1]) as file:
                progress = file["progress"]
                self.assertEqual(progress["validated_step"][()], 10)
                self.assertEqual(progress["best_step"][()], 10)
                self.assertAlmostEqual(progress["validated_metric"][()], scores[10], places=6)

    def test_more_steps_go_on(self):
        reference = self.reference()
        self.passes(*self.words("longer", "--set", "training.steps=70"), ranks=2)
        self.passes(*self.words("longer"))
        self.assertEndsLike(reference, "longer")

    def test_saved_by_time(self):
        """On rank 0's clock; and as one that saves by steps."""
        self.settings += ["--set", "checkpoint.keep=100", "--set", "validation.every=1000000"]
        self.settings[1] = "training.steps=100000"
        process = self.start(support.command(self.words("stopped", "--set",
                                                        "checkpoint.every=1s"), 2))
        support.wait_until(lambda: len(self.checkpoints("stopped")) >= 3
                           or process.poll() is not None, what="three checkpoints")
        process.send_signal(signal.SIGUSR1)
        self.assertEqual(process.wait(60), 128 + signal.SIGUSR1, self.log())
        times = [path.stat().st_mtime for path in self.checkpoints("stopped")[:3]]
        for one, other in zip(times, times[1:]):
            self.assertGreater(other - one, 0.9)
            self.assertLess(other - one, 10)
        self.assertIn("\n  every: 1s\n", (self.folder / "stopped/config.yaml").read_text())
        step = int(self.checkpoints("stopped")[-1].stem.split("-")[1])
        self.settings[1] = f"training.steps={step + 20}"
        self.finish(3)

    def test_a_damaged_checkpoint_falls_back(self):
        reference = self.reference()
        self.passes(*self.words("damaged", "--set", "training.steps=100"))
        newest = self.checkpoints("damaged")[-1]
        content = bytearray(newest.read_bytes())
        content[len(content) // 2] ^= 1
        newest.write_bytes(content)
        done = self.passes(*self.words("damaged"), ranks=2)
        self.assertIn("warning", done.stderr)
        self.assertIn(newest.name, done.stderr)
        self.assertEndsLike(reference, "damaged")

    def test_a_changed_fixed_key_is_refused(self):
        self.passes(*self.words("fixed", "--set", "training.steps=10"))
        self.fails(2, ["model.width", "64", "32"],
                   *self.words("fixed", "--set", "model.width=32"), ranks=2)
        self.passes(*self.words("fixed", "--set", "training.steps=20",
                                "--set", "checkpoint.keep=2"))

    def test_old_checkpoints_are_rotated(self):
        self.passes(*self.words("kept", "--set", "checkpoint.keep=2"))
        names = [path.name for path in self.checkpoints("kept")]
        self.assertEqual(names[-2:], [f"step-{step:010}.h5" for step in (STEPS - 10, STEPS)])
        self.assertLessEqual(len(names), 3, "the last two and the best")

    def test_a_second_job_is_refused(self):
        process = self.start(support.command(self.words("locked", "--set", "training.steps=100000")))
        support.wait_until(lambda: self.checkpoints("locked"), what="a checkpoint")
        self.fails(1, ["locked"], *self.words("locked"), ranks=2)
        self.assertIsNone(process.poll())

    def test_fine_tuning_starts_from_the_parameters(self):
        self.passes(*self.words("first", "--set", "training.steps=10"))
        first = self.checkpoints("first")[-1]
        self.passes(*self.words("tuned", "--set", "training.steps=1",
                                "--set", f"training.initialize_from={first}",
                                "--set", "training.schedule.peak=1e-12"), ranks=2)
        with support.h5py.File(first) as one, support.h5py.File(self.checkpoints("tuned")[-1]) as other:
            name = "parameters/encoder.layers.0.linear1.weight"
            self.assertLess(abs(one[name][()] - other[name][()]).max(), 1e-6)


def alive(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii") as stat:
            return stat.read().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


if __name__ == "__main__":
    unittest.main()
