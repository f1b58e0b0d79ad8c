"""Distillation: a teacher's outputs as the symbols that they are, and a parallel student that
learns from them and decodes on any number of ranks alike."""
import pathlib
import tempfile
import unittest

from support import (CONFIG, LOCKSTEP, ROOT, environment, lockstep, run, settings, toy_pairs,
                     write_pairs)

PARALLEL = settings("model.decoder=parallel", "model.decoder_input=mask", "decode.search=null",
                    "training.steps=60", "validation.metric=bleu", "decode.iterations=3",
                    "decode.lengths=2")


def cut(text):
    """Some letters become two pieces."""
    return " ".join(letter if letter < "e" else f"{letter}@@ x" for letter in text.split())


class Distillation(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        keep = tempfile.TemporaryDirectory()
        cls.addClassCleanup(keep.cleanup)
        cls.folder = pathlib.Path(keep.name)
        pairs = [(source, cut(target)) for source, target in toy_pairs(300, 1)]
        for name, part in (("train", pairs), ("valid", pairs[:40]), ("test", pairs[40:80])):
            write_pairs(cls.folder / f"{name}.tsv", part)
        (cls.folder / "sources").write_text("".join(source + "\n" for source, _ in pairs))
        config = CONFIG.format(folder=cls.folder)
        config = config.replace("target: {kind: text, vocabulary: words}",
                                'target: {kind: text, vocabulary: words, continuation: "@@"}')
        cls.config = cls.folder / "config.yaml"
        cls.config.write_text(config)
        done = lockstep("train", cls.config)
        assert done.returncode == 0, done.stderr

    def distill(self, *arguments):
        return run([str(ROOT / "scripts/distill.sh"), *map(str, arguments)],
                   env=environment(LOCKSTEP=LOCKSTEP))

    def make_targets(self, ranks=1, options=()):
        to = self.folder / f"targets{ranks}"
        done = self.distill("-n", ranks, self.folder / "run", self.folder / "sources", to, *options)
        self.assertEqual(done.returncode, 0, done.stderr)
        return to.read_text()

    def test_targets_are_symbols(self):
        targets = self.make_targets().splitlines()
        self.assertEqual(len(targets), 300)
        words = {word for line in targets for word in line.split()}
        self.assertTrue(any(word.endswith("@@") for word in words))
        known = {word for line in (self.folder / "train.tsv").read_text().splitlines()
                 for word in line.split("\t")[1].split()}
        self.assertLessEqual(words, known | {"<unk>"})
        # Put together they are what predict prints.
        beam = lockstep("predict", self.folder / "run", "--input", self.folder / "sources",
                        "--set", "decode.search=beam")
        joined = [line.replace("@@ ", "").removesuffix("@@") for line in targets]
        self.assertEqual(joined, beam.stdout.splitlines())

    def test_ranks_and_options(self):
        self.assertEqual(self.make_targets(2), self.make_targets(1))
        greedy = self.make_targets(1, ["--set", "decode.beam=1", "--format", "text"])
        self.assertNotIn("@@ ", greedy)

    def test_wrong_use(self):
        for words in ([], [self.folder / "run", "a"], ["-n", "x", "a", "b", "c"]):
            self.assertEqual(self.distill(*words).returncode, 2)
        done = self.distill(self.folder / "none", self.folder / "sources", self.folder / "never")
        self.assertNotEqual(done.returncode, 0)
        self.assertFalse((self.folder / "never").exists())

    def test_a_student_on_any_ranks(self):
        targets = self.folder / "targets.student"
        self.distill(self.folder / "run", self.folder / "sources", targets)
        student = PARALLEL + settings(
            "data.train.pairs=null", f"data.train.source={self.folder / 'sources'}",
            f"data.train.target={targets}", f"run.folder={self.folder / 'student'}")
        done = lockstep("train", self.config, *student)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("length loss", done.stdout + done.stderr)
        alone = lockstep("predict", self.folder / "student", "--format", "tsv", "--input",
                         self.folder / "sources")
        self.assertEqual(alone.returncode, 0, alone.stderr)
        self.assertEqual(len(alone.stdout.splitlines()), 300)
        shared = lockstep("predict", self.folder / "student", "--format", "tsv", "--input",
                          self.folder / "sources", "--set", "run.threads=2", ranks=3)
        self.assertEqual(shared.stdout, alone.stdout)
        summary = lockstep("score", self.folder / "student", "--summary")
        self.assertEqual(summary.returncode, 0, summary.stderr)
        self.assertIn("length", summary.stdout)


if __name__ == "__main__":
    unittest.main()
