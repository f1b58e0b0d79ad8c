"""scripts/compare_decoding.py and what reads a checkpoint for it: without PyTorch and
CTranslate2 as far as they go, and against them where they are installed."""
import importlib.util
import math
import subprocess
import sys
import unittest

import numpy

import support

SCRIPTS = support.ROOT / "scripts"
sys.path.insert(0, str(SCRIPTS))

import checkpoint_weights  # noqa: E402 pylint: disable=wrong-import-position

STEPS = 200  # enough for outputs that end


def others():
    """The engines that this Python has."""
    found = []
    for engine, module in (("pytorch", "torch"), ("ctranslate2", "ctranslate2")):
        code = f"import {module} as m; m.__version__ >= '2' or exit(1)"
        if importlib.util.find_spec(module) and not subprocess.run(
                [sys.executable, "-c", code], check=False).returncode:
            found.append(engine)
    return found


class DecodingScripts(support.SystemTest):
    """Two runs: what the toy is; and the other side of every choice that the scripts know."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.open_home()
        config = cls.home.make_toy()
        for name, more in (("run", []), ("other", [
                "model.norm_position=pre", "model.activation=gelu", "model.positions=learned",
                "model.tie=none", "training.average_decay=0.9", "model.decoder_layers=1"])):
            cls.home.passes("train", config, *support.settings(
                f"run.folder={cls.home.folder}/{name}", f"training.steps={STEPS}",
                f"validation.every={STEPS}", f"checkpoint.every={STEPS // 2}", *more))
        cls.lines = [source for source, _ in support.toy_pairs(30, 9)]
        cls.sources = cls.home.folder / "sources"
        cls.sources.write_text("".join(line + "\n" for line in cls.lines))

    def compare(self, *words, code=0):
        script = [sys.executable, SCRIPTS / "compare_decoding.py"]
        done = support.run([*script, *words, "--lockstep", support.LOCKSTEP])
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done

    def table(self, run, *words):
        """{engine: the cells of its row}."""
        done = self.compare(self.home.folder / run, self.sources, "--repeat", "1", *words)
        rows = [line.split() for line in done.stdout.splitlines()[1:]]
        return {row[0]: row[1:] for row in rows}

    def test_a_checkpoint_is_read(self):
        path = checkpoint_weights.checkpoint_path(self.home.folder / "run")
        self.assertEqual(path, self.home.checkpoints()[-1])
        read = checkpoint_weights.Checkpoint(path)
        self.assertEqual((read.width, read.heads, read.activation, read.pre), (64, 4, "relu", False))
        self.assertEqual([read.layers(side) for side in ("encoder", "decoder")], [2, 2])
        self.assertEqual(read.source.symbols[:3], ["<unk>", "<begin>", "<end>"])
        self.assertEqual(set(read.target.symbols[3:]), set("abcdefghijklmnop"))
        self.assertEqual(read.source.join(read.source.cut("a  b c ")), "a b c")
        self.assertIs(read.generator()[0], read.embedding("target"))
        self.assertEqual(read.under("decoder.layers.1.")["linear1.weight"].shape, (128, 64))
        places = read.positions("source", 5)
        self.assertEqual(places.shape, (5, 64))
        numpy.testing.assert_allclose(
            places[3, :4], [math.sin(3), math.cos(3), math.sin(3 / 10000 ** (2 / 64)),
                            math.cos(3 / 10000 ** (2 / 64))], rtol=1e-6)

    def test_another_checkpoint_is_read(self):
        path = self.home.checkpoints("other")[-1]
        read = checkpoint_weights.Checkpoint(checkpoint_weights.checkpoint_path(path))
        self.assertEqual((read.activation, read.pre), ("gelu", True))
        self.assertEqual(read.layers("decoder"), 1)
        self.assertIsNot(read.generator()[0], read.embedding("target"))
        with support.h5py.File(path, "r") as file:
            for name, value in (("average/generator.weight", read.generator()[0]),
                                ("average/target_positions.weight", read.positions("target", 5))):
                self.assertTrue(numpy.array_equal(file[name][()], value), name)

    def test_symbols_are_joined_as_lockstep_joins_them(self):
        words = checkpoint_weights.Vocabulary([], "words", "@@")
        self.assertEqual(words.join(["ein", "ho@@", "lz@@", "tisch", "x@@"]), "ein holztisch x")
        self.assertEqual(words.cut("a b@@ c"), ["a", "b@@", "c"])
        letters = checkpoint_weights.Vocabulary([], "characters")
        self.assertEqual(letters.cut("a b"), ["a", " ", "b"])
        self.assertEqual(letters.join(["a", " ", "b"]), "a b")

    def test_wrong_use(self):
        self.assertIn("torch==", self.compare("--help").stdout)
        for words in (["run"], ["run", "sources", "--engine", "marian"]):
            self.compare(*words, code=2)
        self.assertIn("neither", self.compare("nowhere", self.sources, code=1).stderr)
        self.assertIn("no checkpoint", self.compare(SCRIPTS, self.sources, code=1).stderr)
        done = self.compare(self.home.folder / "run", self.sources, "--engine", "lockstep",
                            "--max-length", "0", code=1)
        self.assertIn("decode.max_length", done.stderr)

    def test_lockstep_alone(self):
        folder = self.home.folder / "outputs"
        row = self.table("run", "--engine", "lockstep", "--outputs", folder)["lockstep"]
        self.assertEqual((row[0], row[-1]), ("64", "100.0%"))
        self.assertTrue(all(float(row[i].rstrip("s")) > 0 for i in (2, 3, 4)), row)
        ours = self.passes("predict", self.home.checkpoints()[-1], "--input", self.sources)
        self.assertEqual((folder / "lockstep").read_text(), ours.stdout)

    def test_lengths(self):
        row = self.table("run", "--engine", "lockstep", "--lengths", "3,30",
                         "--batch", "8")["lockstep"]
        self.assertEqual((row[1], row[3], len(row)), ("us", "us", 5))

    def test_the_others_agree(self):
        engines = [word for name in ["lockstep", *others()] for word in ("--engine", name)]
        if len(engines) == 2:
            self.skipTest("neither PyTorch 2 nor CTranslate2 is installed")
        for run in ("run", "other"):
            for search in (["greedy"], ["beam", "--beam", "3"], ["beam", "--length-penalty", "1"]):
                rows = self.table(run, *engines, "--search", *search, "--batch", "7",
                                  "--max-length", "20")
                if "--length-penalty" in search:
                    rows.pop("ctranslate2", None)  # its penalty is another
                self.assertEqual({row[-1] for row in rows.values()}, {"100.0%"}, (run, rows))


if __name__ == "__main__":
    unittest.main()
