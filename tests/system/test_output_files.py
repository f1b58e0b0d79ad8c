"""Where the program writes: a file appears whole or not at all, a device or a pipe is written
to, and nobody's file of another kind is lost."""
import os
import shutil
import signal
import stat
import subprocess
import unittest

import support


class OutputTest(support.SystemTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.open_home()
        cls.config = cls.home.make_toy(train=100)
        cls.home.passes("train", cls.config, "--set", "training.steps=4",
                        "--set", "checkpoint.every=2")
        cls.lines = cls.home.folder / "valid.tsv"
        cls.expected = cls.home.passes("predict", cls.home.folder / "run", "--input",
                                       cls.lines).stdout

    def words(self, output):
        return ["predict", self.home.folder / "run", "--input", self.lines, "--output", output]

    def device(self, name, minor):
        """One of our own: a program that replaces it shall not cost the machine its own."""
        path = self.folder / name
        try:
            os.mknod(path, 0o666 | stat.S_IFCHR, os.makedev(1, minor))
        except PermissionError:
            self.skipTest("making a device needs root")
        return path


class Predicted(OutputTest):
    def test_a_device_stays_one(self):
        null, full = self.device("null", 3), self.device("full", 7)
        for ranks in (0, 2):
            self.passes(*self.words(null), ranks=ranks)
            self.assertTrue(stat.S_ISCHR(null.stat().st_mode))
        self.fails(1, [str(full), "no space"], *self.words(full))
        self.assertTrue(stat.S_ISCHR(full.stat().st_mode))

    def test_a_pipe_gets_the_lines(self):
        pipe = self.folder / "pipe"
        os.mkfifo(pipe)
        reader = subprocess.Popen(["timeout", "30", "cat", pipe], stdout=subprocess.PIPE, text=True)
        self.addCleanup(reader.stdout.close)
        self.addCleanup(reader.kill)
        self.passes(*self.words(pipe), seconds=20)
        self.assertTrue(stat.S_ISFIFO(pipe.stat().st_mode))
        self.assertEqual(reader.communicate(timeout=20)[0], self.expected)

    def test_a_link_stays_one(self):
        (self.folder / "deep").mkdir()
        there, new = self.folder / "deep/there", self.folder / "deep/new"
        there.write_text("old\n")
        for target in (there, new):
            link, second = self.folder / f"to-{target.name}", self.folder / f"link-{target.name}"
            link.symlink_to(f"deep/{target.name}")
            second.symlink_to(link)
            self.passes(*self.words(second))
            self.assertEqual(os.readlink(second), str(link))
            self.assertEqual(os.readlink(link), f"deep/{target.name}")
            self.assertEqual(target.read_text(), self.expected)
        (self.folder / "round").symlink_to("round")
        self.fails(2, ["round", "symbolic links"], *self.words(self.folder / "round"))
        self.assertEqual(sorted(path.name for path in (self.folder / "deep").iterdir()),
                         ["new", "there"])

    def test_standard_output_by_its_names(self):
        for name in ("-", "/dev/stdout", "/dev/fd/1"):
            self.assertEqual(self.passes(*self.words(name)).stdout, self.expected)
        self.assertFalse(os.path.exists("-"))
        with open(self.folder / "all", "w", encoding="utf-8") as all_lines:
            all_lines.write("before\n")
            all_lines.flush()
            subprocess.run(support.command(self.words("/dev/stdout")), stdout=all_lines,
                           stderr=subprocess.DEVNULL, check=True, timeout=60)
        self.assertEqual((self.folder / "all").read_text(), "before\n" + self.expected)

    def test_what_text_does_not_replace(self):
        checkpoint = self.home.checkpoints()[-1]
        before = checkpoint.read_bytes()
        self.fails(2, [checkpoint.name, "lockstep"], *self.words(checkpoint))
        self.assertEqual(checkpoint.read_bytes(), before)
        self.fails(1, [str(self.folder), "folder"], *self.words(self.folder))

    def test_other_verbs_follow_links_too(self):
        (self.folder / "data.h5").symlink_to(self.folder / "target.h5")
        self.passes("prepare", self.config, "--set", f"data.dataset={self.folder}/data.h5")
        self.assertTrue((self.folder / "data.h5").is_symlink())
        self.passes("inspect", self.folder / "target.h5")


class Averaged(OutputTest):
    @property
    def run_folder(self):
        copy = self.folder / "run"
        if not copy.exists():
            shutil.copytree(self.home.folder / "run", copy)
        return copy

    def average(self, output):
        return ["average", self.run_folder, "--last", "2", "--output", output]

    def test_what_a_mean_does_not_replace(self):
        run = self.run_folder
        self.passes("train", self.config, "--set", "model.width=32", "--set", "training.steps=2",
                    "--set", f"run.folder={self.folder}/other", "--set", "checkpoint.every=1")
        self.passes("average", self.folder / "other", "--last", "2")
        link = self.folder / "link.h5"
        link.symlink_to(self.checkpoints()[-1])
        copy = self.folder / "copy.h5"
        shutil.copy(self.checkpoints()[-1], copy)
        (self.folder / "damaged.h5").write_bytes(copy.read_bytes()[:-1])
        (self.folder / "notes.txt").write_text("notes\n")
        for path in (self.checkpoints()[-1], self.checkpoints()[0], link, copy,
                     run / "dataset.h5", self.folder / "damaged.h5",
                     self.folder / "other/average-last-2.h5", self.folder / "notes.txt"):
            with self.subTest(path.name):
                before = path.read_bytes()
                self.fails(2, path.name, *self.average(path))
                self.assertEqual(path.read_bytes(), before)
        self.fails(2, "own checkpoint", *self.average(run / "checkpoints/step-0000000099.h5"))
        self.assertEqual(len(self.checkpoints()), 2)

    def test_an_older_mean_of_the_run_goes(self):
        for output in (self.run_folder / "average-last-2.h5", self.folder / "mean.h5"):
            self.passes(*self.average(output))
            before = output.read_bytes()
            self.passes("average", self.run_folder, "--last", "1", "--output", output)
            self.assertNotEqual(output.read_bytes(), before)

    def test_no_device_becomes_a_mean(self):
        pipe = self.folder / "pipe"
        os.mkfifo(pipe)
        null = self.device("null", 3)
        for path in (null, pipe):
            self.fails(2, [str(path), "regular file"], *self.average(path))
        self.assertTrue(stat.S_ISFIFO(pipe.stat().st_mode))
        self.assertTrue(stat.S_ISCHR(null.stat().st_mode))


class Unread(OutputTest):
    """Nobody reads on: `| head`."""

    def ends(self, words, ranks):
        """Exit status and messages after the first line was taken."""
        # Not mpirun's own output, which is out of our hands, but that of a rank.
        start = support.command([], ranks, program="sh")
        line = '"$@" | { read line; } ; echo "status ${PIPESTATUS[0]}" >&2'
        start = start[:-1] + ["bash", "-c", line, "bash", support.LOCKSTEP]
        return support.run(start + [str(word) for word in words])

    def test_one_process_ends_by_the_signal(self):
        many = self.folder / "many.tsv"
        many.write_text(self.lines.read_text() * 200)
        for words in (["predict", self.home.folder / "run", "--input", many],
                      ["score", self.home.folder / "run", "--pairs", many]):
            done = self.ends(words, 0)
            self.assertIn(f"status {128 + signal.SIGPIPE}", done.stderr)
            self.assertNotIn("error", done.stderr)

    def test_ranks_end_together(self):
        many = self.folder / "many.tsv"
        many.write_text(self.lines.read_text() * 200)
        for words in (["predict", self.home.folder / "run", "--input", many],
                      ["score", self.home.folder / "run", "--pairs", many]):
            done = self.ends(words, 2)
            self.assertEqual(done.stderr.count(f"status {128 + signal.SIGPIPE}"), 2, done.stderr)
            self.assertNotIn("error:", done.stderr)
            self.assertNotIn("mpirun", done.stderr)


if __name__ == "__main__":
    unittest.main()
