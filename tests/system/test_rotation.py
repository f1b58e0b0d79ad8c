"""A run that goes on and removes its older checkpoints, looked at meanwhile."""
import os
import subprocess
import unittest

import support


class Rotating(support.SystemTest):
    def setUp(self):
        super().setUp()
        config = self.make_toy(train=100)
        sets = ["training.steps=1000000", "checkpoint.every=1", "checkpoint.keep=2",
                "validation.every=1000000", "model.width=8", "model.feed_forward=8",
                "model.heads=2", "batch.tokens=64"]
        words = ["train", config] + [word for setting in sets for word in ("--set", setting)]
        process = subprocess.Popen(support.command(words), stdin=subprocess.DEVNULL,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                   start_new_session=True, env=support.environment())
        self.addCleanup(process.wait, 60)
        self.addCleanup(support.kill_tree, process.pid)
        support.wait_until(lambda: len(self.checkpoints()) >= 2, what="a second checkpoint")

    def test_nothing_is_damaged(self):
        run = self.folder / "run"
        for _ in range(15):
            done = self.passes("inspect", run)
            self.assertIn("verified", done.stdout)
            self.assertNotIn("damaged", done.stdout + done.stderr)
            self.passes("average", run, "--last", "1", "--output", self.folder / "mean.h5")
            done = self.passes("predict", run, stdin="a b\n")
            self.assertNotIn("warning", done.stderr)


class Unreadable(support.SystemTest):
    def test_what_cannot_be_read_is_not_called_damaged(self):
        config = self.make_toy(train=100)
        self.passes("train", config, "--set", "training.steps=2", "--set", "checkpoint.every=1")
        newest = self.checkpoints()[-1]
        newest.unlink()
        os.mkfifo(newest)
        done = self.fails(2, "1 of 2 checkpoints cannot be read", "inspect", self.folder / "run")
        self.assertIn("unreadable", done.stdout)
        self.assertNotIn("damaged", done.stdout + done.stderr)
        listed = support.read_json(support.lockstep("inspect", self.folder / "run", "--json").stdout)
        self.assertEqual([entry["verified"] for entry in listed["checkpoints"]], [True, False])


if __name__ == "__main__":
    unittest.main()
