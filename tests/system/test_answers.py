"""What predict prints, and what it says meanwhile: formats, progress, rate."""
import gzip
import os
import pty
import re
import subprocess
import unittest

import support

LAST = re.compile(r"^([\d,]+) lines? in \d+\.\d s, [\d,.]+ lines/s$", re.MULTILINE)


class Answers(support.SystemTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.open_home()
        cls.model = cls.home.folder / "run"
        cls.home.passes("train", cls.home.make_toy(train=300), *support.settings(
            "training.steps=60", "validation.every=60", "checkpoint.every=60"), ranks=2)
        cls.lines = ["a b c", "", "a\tb  d", "a " * 33, "p"]
        cls.text = "".join(f"{line}\n" for line in cls.lines)
        cls.plain = cls.home.passes("predict", cls.model, stdin=cls.text).stdout

    def predict(self, *options, **more):
        return self.passes("predict", self.model, *options, **{"stdin": self.text, **more})

    # ---- formats

    def test_tsv_has_what_text_has_and_the_scores_of_score(self):
        tsv = self.predict("--format", "tsv").stdout
        fields = [line.split("\t") for line in tsv.splitlines()]
        self.assertEqual([source for source, _, _ in fields],
                         [line.replace("\t", " ") for line in self.lines])
        self.assertEqual([output for _, output, _ in fields], self.plain.splitlines())
        self.assertEqual([score for _, _, score in fields][1::2], ["nan", "nan"])
        self.assertTrue(all(re.fullmatch(r"-\d+\.\d{6}", fields[i][2]) for i in (0, 2, 4)))
        support.write_pairs(self.folder / "pairs", [fields[i][:2] for i in (0, 2, 4)])
        scores = self.passes("score", self.model, "--pairs", self.folder / "pairs").stdout.split()
        for number, score in zip((0, 2, 4), scores):
            if len(fields[number][1].split()) < 32:  # ended, and not cut off
                self.assertAlmostEqual(float(fields[number][2]) / float(score), 1, delta=1e-5)
        for ranks in (2, 3):
            self.assertEqual(self.predict("--format=tsv", ranks=ranks).stdout, tsv)

    def test_every_line_has_n_best_lines(self):
        beam = support.settings("decode.search=beam", "decode.beam=3", "decode.n_best=3")
        fields = [line.split("\t") for line in self.predict("--output", "tsv", *beam).stdout.splitlines()]
        self.assertEqual([source for source, _, _ in fields],
                         [line.replace("\t", " ") for line in self.lines for _ in range(3)])
        for line in (0, 2, 4):
            self.assertEqual(len({output for _, output, _ in fields[3 * line:3 * line + 3]}), 3)
        self.assertEqual([field[1:] for field in fields[3:6]], 3 * [["", "nan"]])
        self.assertEqual(self.predict(*beam, ranks=2).stdout.splitlines(), [output for _, output, _ in fields])
        best = [output for _, output, _ in fields[::3]]
        seen = self.folder / "seen.h5"
        self.predict(*beam, "--attention", seen)
        with support.h5py.File(seen) as file:
            self.assertEqual(sorted(file["lines"]), ["1", "3", "5"])
            for line in (1, 3, 5):
                target = [token for token in file[f"lines/{line}/target"].asstr() if token != "<end>"]
                self.assertEqual(target, best[line - 1].split())

    def test_the_words_for_formats(self):
        tsv = self.predict("--format", "tsv").stdout
        for words in (["--output", "tsv"], ["--output", "tsv", "--format", "tsv"],
                      ["--output", "-", "--format", "tsv"]):
            self.assertEqual(self.predict(*words, cwd=self.folder).stdout, tsv)
        self.assertEqual(self.predict("--output", "text", cwd=self.folder).stdout, self.plain)
        self.assertEqual(list(self.folder.iterdir()), [])
        self.predict("--output", "./tsv", cwd=self.folder)
        self.assertEqual((self.folder / "tsv").read_text(), self.plain)
        self.predict("--output", "./tsv", "--format", "tsv", cwd=self.folder)
        self.assertEqual((self.folder / "tsv").read_text(), tsv)
        for ranks in (0, 2):
            self.fails(2, ["--format", "none of"], "predict", self.model, "--format", "csv", ranks=ranks)
        self.fails(2, ["two formats", "./tsv"], "predict", self.model, "--format", "text", "--output", "tsv")

    # ---- progress

    def test_the_rate_is_said_at_the_end(self):
        for ranks in (0, 2):
            done = self.predict(ranks=ranks)
            self.assertEqual((done.stdout, LAST.findall(done.stderr)), (self.plain, ["5"]))
            self.assertNotIn("\033", done.stderr)
        self.assertEqual(LAST.findall(self.predict(stdin="").stderr), [])

    def test_a_live_line_on_a_terminal(self):
        path, packed = self.folder / "lines", self.folder / "lines.gz"
        path.write_text("a b c d e\n" * 3000)
        packed.write_bytes(gzip.compress(path.read_bytes()))
        terminal = {"env": support.environment(LOCKSTEP_TERMINAL="1"), "stdin": None}
        options = ("--set", "batch.tokens=64")
        for file, shown in ((path, r"/3,000 lines  \S+ lines/s  \d+s left"), (packed, r" lines  \S+ lines/s")):
            done = self.predict("--input", file, *options, **terminal)
            self.assertEqual(LAST.findall(done.stderr.replace("\033[K", "")), ["3,000"])
            self.assertRegex(done.stderr, "\033\\[K[\\d,]+" + shown)
            self.assertEqual(len(done.stdout.splitlines()), 3000)
        # Outputs on the same terminal are progress enough, and lose nothing to the live line.
        ours, theirs = pty.openpty()
        with subprocess.Popen(support.command(["predict", self.model]), stdin=subprocess.PIPE, stdout=theirs,
                              stderr=theirs, env=support.environment()) as process:
            os.close(theirs)
            process.communicate(b"a b\n")
        self.assertNotIn(b"\033[K", self.read_all(ours))

    @staticmethod
    def read_all(terminal):
        said = b""
        while True:
            try:
                part = os.read(terminal, 4096)
            except OSError:  # the other end is closed
                part = b""
            if not part:
                os.close(terminal)
                return said
            said += part

    def test_a_person_types_and_is_answered(self):
        ours, theirs = pty.openpty()
        with subprocess.Popen(support.command(["predict", self.model, "--output", "tsv"]), stdin=theirs,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                              env=support.environment(LOCKSTEP_TERMINAL="1")) as process:
            os.close(theirs)
            for line in ("a b c", "p"):
                os.write(ours, f"{line}\n".encode())
                self.assertRegex(process.stdout.readline(), f"^{line}\t.*\t-[0-9.]+\n$")
            os.write(ours, b"\x04")
            said = process.stderr.read()
        os.close(ours)
        self.assertEqual(process.returncode, 0)
        self.assertNotIn("lines", said)
        self.assertNotIn("\033", said)


if __name__ == "__main__":
    unittest.main()
