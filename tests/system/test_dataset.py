"""A run's dataset: verified as it is read, kept, and when it may be another."""
import os
import shutil
import subprocess
import unittest

import h5py

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

class Prepared(support.SystemTest):
    def test_one_of_many_ranks_prepares(self):
        config = self.make_toy()
        done = self.passes("prepare", config, ranks=3)
        self.assertEqual(done.stderr.count("train: 1000 pairs"), 1, done.stderr)
        self.assertEqual(done.stderr.count("dataset: "), 1, done.stderr)
        one = (self.folder / "run/dataset.h5").read_bytes()
        done = self.passes("prepare", config, ranks=2)
        self.assertEqual(done.stderr.count("is up to date"), 1, done.stderr)
        self.passes("prepare", config, "--set", f"data.dataset={self.folder}/alone.h5")
        self.assertEqual((self.folder / "alone.h5").read_bytes(), one)
        self.fails(2, "nowhere.tsv", "prepare", config, "--set",
                   f"data.train.pairs={self.folder}/nowhere.tsv", ranks=3)


class Files(support.SystemTest):
    """A dataset of several files, which hold the training pairs in runs."""

    SHORT = ["data.window=1024", "model.width=16", "model.feed_forward=16", "training.steps=20",
             "validation.every=10", "checkpoint.every=10"]

    def setUp(self):
        super().setUp()
        self.config = self.make_toy(train=2500)
        self.files = [self.folder / f"part {number}.h5" for number in range(3)]

    def settings(self, *files, run="run"):
        named = ", ".join(f'"{path}"' for path in files)
        return support.settings(*self.SHORT, f"run.folder={self.folder}/{run}",
                                f"data.dataset=[{named}]")

    def train(self, run, *more, ranks=0, files=None):
        return self.passes("train", self.config,
                           *self.settings(*(files or self.files), run=run),
                           *support.settings(*more), ranks=ranks)

    def test_they_train_as_one_does(self):
        self.train("one", files=[self.folder / "one.h5"])
        self.train("two", ranks=2)
        self.assertSameState(self.checkpoints("one")[-1], self.checkpoints("two")[-1])
        # A run may go on with the same pairs in another number of files.
        self.train("one", "training.steps=30")
        self.train("two", "training.steps=30", files=[self.folder / "one.h5"])
        self.assertSameState(self.checkpoints("one")[-1], self.checkpoints("two")[-1])
        pairs = 0
        for number, path in enumerate(self.files):
            said = support.read_json(self.passes("inspect", path, "--json").stdout)
            self.assertEqual((said["part"], said["parts"]), (number + 1, 3))
            pairs += said["train_pairs"]
        whole = support.read_json(self.passes("inspect", self.folder / "one.h5", "--json").stdout)
        self.assertEqual(pairs, whole["train_pairs"])
        self.assertEqual(said["content"], whole["content"])

    def test_what_is_wrong_is_named(self):
        one, two, three = self.files
        self.passes("prepare", self.config, *self.settings(one, two, three))
        before = [path.read_bytes() for path in self.files]
        for files, words in (((one, three, two), [three, "file 3 of the 3", "as file 2 of 3"]),
                             ((one, two), [one, "file 1 of the 3", "as file 1 of 2"]),
                             ((two,), [two, "file 2 of the 3", "as file 1 of 1"])):
            self.fails(2, [str(word) for word in words], "train", self.config,
                       *self.settings(*files))
        self.fails(2, "is there twice", "train", self.config, *self.settings(one, two, one))
        self.assertEqual([path.read_bytes() for path in self.files], before)
        two.unlink()
        done = self.passes("prepare", self.config, *self.settings(one, two, three))
        self.assertIn(f"{two}: No such file", done.stderr)
        self.assertEqual([path.read_bytes() for path in self.files], before)


class Other(support.SystemTest):
    """A run that goes on: with the same data from other files, and not with other data."""

    SHORT = ["--set", "model.width=16", "--set", "model.feed_forward=16",
             "--set", "validation.every=5", "--set", "checkpoint.every=5"]

    def setUp(self):
        super().setUp()
        self.config = self.make_toy(train=300)
        self.train(5)
        self.dataset = self.folder / "run/dataset.h5"

    def train(self, steps, *more):
        return self.passes("train", self.config, *self.SHORT, "--set", f"training.steps={steps}",
                           *more)

    def test_other_data_are_refused_and_nothing_is_lost(self):
        before = self.dataset.read_bytes()
        train = (self.folder / "train.tsv").read_text()
        for name, text in {"train": train + "a b\tb a\n", "valid": "a b\tb a\n",
                           "vocabulary": train.replace("p", "q")}.items():
            with self.subTest(name):
                path = self.folder / f"{'valid' if name == 'valid' else 'train'}.tsv"
                old = path.read_bytes()
                path.write_text(text)
                self.fails(2, "the data differ", "train", self.config, *self.SHORT,
                           "--set", "training.steps=10")
                self.assertEqual(self.dataset.read_bytes(), before)
                path.write_bytes(old)
        self.fails(2, "data.max_length", "train", self.config, *self.SHORT,
                   "--set", "training.steps=10", "--set", "data.max_length=8")
        self.assertEqual(self.dataset.read_bytes(), before)
        self.assertEqual(sorted(path.name for path in self.dataset.parent.iterdir()),
                         ["checkpoints", "config.yaml", "dataset.h5", "lock", "metrics.jsonl",
                          "starts.jsonl", "train.log"])
        self.train(10)

    def test_a_checkpoint_under_another_name(self):
        self.train(10)
        self.train(15)
        first, second, _ = self.checkpoints()
        other = first.with_name("step-0000000500.h5")
        shutil.copy(first, other)
        shutil.copy(first, second)
        words = "step-0000000500.h5: holds step 5, not 500"
        done = self.train(20)
        self.assertIn(words, done.stderr)
        self.assertIn("resumed: step 15 of 20", done.stderr)
        done = self.passes("average", self.folder / "run", "--last", "3", "--output",
                           self.folder / "mean.h5")
        self.assertIn(words, done.stderr)
        self.assertIn("step-0000000010.h5: holds step 5, not 10", done.stderr)
        done = self.passes("predict", self.folder / "run", stdin="a b\n")
        self.assertIn(words, done.stderr)
        done = support.lockstep("inspect", self.folder / "run")
        self.assertEqual(done.returncode, 2)
        self.assertIn(words, done.stdout)
        self.assertIn("2 of 5 checkpoints", done.stderr)

    def test_the_same_data_from_other_files(self):
        """Line ends, and a test set that comes later; the bits are those of an undisturbed run."""
        self.train(10, "--set", f"run.folder={self.folder}/whole")
        path = self.folder / "train.tsv"
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
        support.write_pairs(self.folder / "test.tsv", support.toy_pairs(7, 9))
        self.train(10)
        with h5py.File(self.dataset, "r") as file:
            self.assertEqual(file["test/source/offsets"].shape, (8,))
        self.assertSameState(self.checkpoints()[-1], self.checkpoints("whole")[-1])
        self.train(15)
        self.passes("average", self.folder / "run", "--last", "3",
                    "--output", self.folder / "mean.h5")

    def test_without_the_text(self):
        for name in ("train", "valid", "test"):
            (self.folder / f"{name}.tsv").unlink()
        done = self.train(10)
        self.assertIn("data.train.pairs: ", done.stderr)
        self.assertIn("no such file; going by what the dataset was made from", done.stderr)
        self.train(5, "--set", f"run.folder={self.folder}/anew",
                   "--set", f"data.dataset={self.dataset}")
        self.dataset.unlink()
        self.fails(2, "train.tsv: no such file", "train", self.config, *self.SHORT,
                   "--set", "training.steps=15")

    def test_a_run_of_an_older_lockstep(self):
        """It knows its dataset by the fingerprint, and its dataset has no pieces."""
        with h5py.File(self.dataset, "r+") as file:
            old = int(file.attrs["fingerprint"])
            del file["pieces"]
        content = support.with_version(support.sealed(self.dataset.read_bytes()), 1)
        self.dataset.write_bytes(content)
        path, = self.checkpoints()
        with h5py.File(path, "r+") as file:
            file["progress/dataset"][()] = old
            file["progress/dataset"].attrs.create(
                "xxh3", int.from_bytes(support.xxh3(old.to_bytes(8, "little", signed=True)),
                                       "little"), dtype="<u8")
        path.write_bytes(support.sealed(path.read_bytes()))
        self.train(10)
        self.assertEqual(self.dataset.read_bytes(), content)
        support.write_pairs(self.folder / "test.tsv", support.toy_pairs(7, 9))
        self.train(15)
        self.assertNotEqual(self.dataset.read_bytes(), content)
        self.train(20)
        self.passes("average", self.folder / "run", "--last", "4",
                    "--output", self.folder / "mean.h5")


if __name__ == "__main__":
    unittest.main()
