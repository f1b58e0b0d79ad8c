"""A run's dataset: verified as it is read, kept, and when it may be another."""
import os
import shutil
import subprocess
import unittest

import support


class Harmed(support.SystemTest):
    """What happens to the file while a run uses it."""

    def harmed(self, harm, ranks):
        config = self.make_toy(train=6000)
        words = ["train", config, "--set", "training.steps=100000", "--set", "data.window=1024",
                 "--set", "checkpoint.every=10", "--set", "checkpoint.keep=2",
                 "--set", "model.width=16", "--set", "model.feed_forward=16",
                 "--set", "validation.every=100000"]
        with subprocess.Popen(support.command(words, ranks), text=True, stdin=subprocess.DEVNULL,
                              stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                              env=support.environment()) as process:
            support.wait_until(lambda: self.checkpoints() or process.poll() is not None)
            harm(self.folder / "run/dataset.h5")
            try:
                said = process.communicate(timeout=60)[1]
            finally:
                support.kill_tree(process.pid)
        self.assertEqual(process.returncode, 2, said)
        errors = [line for line in said.splitlines() if "error:" in line]
        self.assertEqual(len(errors), 1, said)
        self.assertIn("was changed while it is read", errors[0])
        for path in self.checkpoints():
            self.passes("inspect", path)
        self.assertTrue(self.checkpoints())

    def test_truncated(self):
        self.harmed(lambda path: os.truncate(path, path.stat().st_size // 3), ranks=2)

    def test_written_over(self):
        def harm(path):
            with open(path, "r+b") as file:
                file.seek(4096)
                file.write(bytes(path.stat().st_size - 8192))
        self.harmed(harm, ranks=0)

    def test_replaced(self):
        """What was opened is still what it was."""
        config = self.make_toy(train=3000)
        words = ["train", config, "--set", "training.steps=80", "--set", "data.window=1024"]
        with subprocess.Popen(support.command(words), stdin=subprocess.DEVNULL,
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
            support.wait_until(lambda: self.checkpoints() or process.poll() is not None)
            shutil.copy(config, self.folder / "run/other")
            os.replace(self.folder / "run/other", self.folder / "run/dataset.h5")
        self.assertEqual(process.returncode, 0)


if __name__ == "__main__":
    unittest.main()
