"""Checkpoints are written beside training, and tried again where they cannot be."""
import os
import signal
import unittest

import support

AGAIN = "is not saved: "


class Saving(support.LoggedTest):
    def setUp(self):
        super().setUp()
        self.config = self.make_toy(train=100)
        self.settings = support.settings(
            f"data.dataset={self.folder}/data.h5", "validation.every=1000000",
            "training.report_every=1", "checkpoint.every=2", "checkpoint.keep=100")

    def words(self, *settings):
        return ["train", self.config, *self.settings, *support.settings(*settings)]

    def start(self, *settings, ranks=2):
        return self.start_logged(support.command(self.words(*settings), ranks))

    def wait_for(self, process, condition, what):
        support.wait_until(lambda: process.poll() is not None or condition(), what=what)
        self.assertIsNone(process.poll(), self.log())

    def fill(self, room):
        """A disk that `room` bytes are left of, and what fills it."""
        disk = self.small_disk("64m")
        ballast = disk / "ballast"
        free = os.statvfs(disk)
        ballast.write_bytes(b"\0" * (free.f_bavail * free.f_bsize - room))
        return disk, ballast

    def size(self):
        """Of a checkpoint."""
        self.passes(*self.words("training.steps=2"))
        return self.checkpoints()[-1].stat().st_size


class Trouble(Saving):
    def test_a_disk_that_is_full_for_a_while(self):
        disk, ballast = self.fill(self.size() * 3 // 2)
        process = self.start("training.steps=100000", f"run.folder={disk}/run")
        run = f"{disk}/run"
        self.wait_for(process, lambda: AGAIN in self.log(), "a failure")
        self.assertEqual([path.stem for path in self.checkpoints(run)], ["step-0000000002"])
        ballast.unlink()
        self.wait_for(process, lambda: len(self.checkpoints(run)) >= 3, "two more checkpoints")
        process.send_signal(signal.SIGUSR1)
        self.assertEqual(process.wait(60), 128 + signal.SIGUSR1, self.log())
        self.assertIn("step 4 is not saved", self.log())
        self.assertIn("No space left", self.log())
        self.assertIn("step 4  saved", self.log())
        newest = self.checkpoints(run)[-1]
        self.passes(*self.words(f"training.steps={int(newest.stem.split('-')[1])}",
                                f"run.folder={self.folder}/whole"))
        self.assertSameState(newest, self.checkpoints("whole")[-1])

    def test_training_goes_on_until_the_next_is_due(self):
        disk, _ = self.fill(self.size() * 3 // 2)
        process = self.start("training.steps=100000", f"run.folder={disk}/run",
                             "checkpoint.every=4", "checkpoint.retry_seconds=2")
        self.assertEqual(process.wait(60), 1, self.log())
        self.assertIn("step 8/", self.log())
        self.assertIn("step 12/", self.log())
        self.assertNotIn("step 13/", self.log())
        self.assertEqual(self.log().count("error:"), 1)
        self.assertEqual(len(self.checkpoints(f"{disk}/run")), 1)
        self.assertFalse(list((disk / "run/checkpoints").glob("*.tmp-*")))

    def test_a_failure_for_good_ends_the_run_soon(self):
        disk, _ = self.fill(self.size() // 2)
        process = self.start("training.steps=100000", f"run.folder={disk}/run",
                             "checkpoint.every=50", "checkpoint.retry_seconds=0")
        self.assertEqual(process.wait(60), 1, self.log())
        self.assertIn("No space left", self.log())
        self.assertNotIn("step 100/", self.log())

    def test_a_stop_does_not_wait_for_better_times(self):
        disk, _ = self.fill(self.size() // 2)
        process = self.start("training.steps=100000", f"run.folder={disk}/run")
        self.wait_for(process, lambda: "tried again in 4 s" in self.log(), "a failure")
        process.send_signal(signal.SIGUSR1)
        self.assertEqual(process.wait(20), 1, self.log())
        self.assertEqual(self.log().count("error:"), 1)


class Killed(Saving):
    """A model large enough for its writing to be met."""
    LARGE = ("model.feed_forward=8192", "model.width=128", "batch.tokens=64", "training.steps=6")

    def half_written(self):
        return list((self.folder / "run/checkpoints").glob("*.tmp-*"))

    def test_while_it_is_written(self):
        for ranks in (1, 2):
            process = self.start(*self.LARGE, ranks=ranks)
            before = self.step()
            self.wait_for(process, lambda: self.step() > before and self.half_written(), "a write")
            os.kill(support.ranks_of(process.pid)[0], signal.SIGKILL)
            process.wait(60)
            for path in self.checkpoints():
                self.passes("inspect", path)
        before = self.step()
        done = self.passes(*self.words(*self.LARGE))
        self.assertIn(f"resumed: step {before} of 6", done.stderr)
        self.assertFalse(self.half_written())
        self.passes(*self.words(*self.LARGE, f"run.folder={self.folder}/whole"))
        self.assertSameState(self.checkpoints()[-1], self.checkpoints("whole")[-1])


if __name__ == "__main__":
    unittest.main()
