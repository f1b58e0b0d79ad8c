"""Batch norm's running values gathered anew: lockstep average --gather."""
import math
import unittest

import numpy

import support


class Gather(support.SystemTest):
    """One run with batch norm and dropout; its training set fits in one batch or in many."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.open_home()
        cls.run_folder = cls.home.folder / "run"
        cls.home.passes("train", cls.home.make_toy(train=200), *support.settings(
            "model.encoder_norm=batch", "model.decoder_norm=batch", "model.dropout=0.3",
            "training.steps=60", "batch.tokens=8192"), ranks=2)

    def average(self, *words):
        path = self.folder / "mean.h5"
        done = self.passes("average", self.run_folder, "--output", path, *words)
        return path, done.stdout

    def buffers(self, path):
        return {name: numpy.frombuffer(data, "float32")
                for name, (_, data) in support.contents(path, "buffers").items()}

    def first_norm(self, path):
        """What the first batch norm of the encoder sees: [tokens, width], by hand."""
        with support.h5py.File(path) as file:
            weight = {name: value[()].astype(float) for name, value in file["parameters"].items()}
            symbols = [symbol.decode() for symbol in file["vocabulary/source/symbols"]]
        at = "encoder.layers.0.self_attn."
        width, rows = 64, []
        for line in (self.home.folder / "train.tsv").read_text().splitlines():
            ids = [symbols.index(word) for word in line.split("\t")[0].split()] + [2]
            angles = numpy.arange(len(ids))[:, None] / 10000 ** (numpy.arange(0, width, 2) / width)
            x = weight["source_embedding.weight"][ids] * math.sqrt(width)
            x[:, 0::2] += numpy.sin(angles)
            x[:, 1::2] += numpy.cos(angles)
            projected = x @ weight[at + "in_proj_weight"].T + weight[at + "in_proj_bias"]
            heads = []
            for q, k, v in zip(*(numpy.split(part, 4, axis=1)
                                 for part in numpy.split(projected, 3, axis=1))):
                scores = numpy.exp(q @ k.T / math.sqrt(width / 4))
                heads.append(scores / scores.sum(axis=1, keepdims=True) @ v)
            rows.append(x + numpy.hstack(heads) @ weight[at + "out_proj.weight"].T
                        + weight[at + "out_proj.bias"])
        return numpy.vstack(rows)

    def test_they_are_those_of_the_data_without_dropout(self):
        last = self.home.checkpoints()[-1]
        path, said = self.average("--last", "1", "--gather")
        self.assertIn("gathered over 200 training pairs", said)
        self.assertEqual(*(support.contents(file, "parameters") for file in (path, last)))
        seen, found = self.first_norm(path), self.buffers(path)
        for name, truth in (("running_mean", seen.mean(axis=0)),
                            ("running_var", seen.var(axis=0, ddof=1))):
            key = f"buffers/encoder.layers.0.norm1.{name}"
            numpy.testing.assert_allclose(found[key], truth, rtol=1e-4, atol=1e-5)
            self.assertGreater(abs(self.buffers(last)[key] - truth).max(), 0.01)
        # So the loss of training data, which those of training make worse, falls.
        losses = [support.read_json(self.passes("score", file, "--summary", "--json", "--pairs",
                                                self.home.folder / "train.tsv").stdout)["loss"]
                  for file in (path, last)]
        self.assertLess(*losses)

    def test_several_batches_are_a_mean(self):
        whole = self.buffers(self.average("--last", "2", "--gather")[0])
        part, said = self.average("--last", "2", "--gather", "--pairs", "1")
        self.assertEqual(self.buffers(part).keys(), whole.keys())
        self.assertIn("gathered over 200 training pairs", said)  # a batch is taken whole
        plain = self.buffers(self.average("--last", "2")[0])
        self.assertTrue(all((plain[name] != whole[name]).any() for name in whole))

    def test_the_last_checkpoint_of_a_run_may_have_them(self):
        for name, ranks, more in (("one", 0, ()), ("three", 3, ("run.threads=2",)),
                                  ("pieces", 2, ("training.steps=10", "validation.every=10")),
                                  ("pieces", 0, ())):
            done = self.passes("train", self.home.folder / "toy.yaml", *support.settings(
                "model.encoder_norm=batch", "model.decoder_norm=batch", "training.steps=20",
                "batch.tokens=300", "training.gather_pairs=100", "training.average_decay=0.5",
                f"run.folder={self.folder}/{name}", *more), ranks=ranks)
            self.assertRegex(done.stderr, r"step [12]0  running values gathered over 1\d\d training")
        one = self.folder / "one"
        for name in ("three", "pieces"):
            self.assertSameState(self.checkpoints("one")[-1], self.checkpoints(name)[-1])
        self.passes("average", one, "--last", "1", "--gather", "--pairs", "100")
        mean = self.buffers(one / "average-last-1.h5")
        for name, values in self.buffers(self.checkpoints("one")[-1]).items():
            numpy.testing.assert_array_equal(values, mean[name], name)
        again = self.passes("train", one / "config.yaml")
        self.assertNotIn("gathered", again.stderr)
        self.fails(2, ["gather_pairs", "batch"], "train", self.home.folder / "toy.yaml",
                   "--set", "training.gather_pairs=100")

    def test_what_cannot_be_gathered(self):
        words = ["average", self.run_folder, "--output", self.folder / "mean.h5"]
        self.fails(2, "--gather", *words, "--pairs", "5")
        self.fails(2, ["--pairs", "0"], *words, "--gather", "--pairs", "0")
        data = self.run_folder / "dataset.h5"
        data.rename(data.with_suffix(".away"))
        self.fails(2, "dataset.h5", *words, "--last", "1", "--gather")
        data.with_suffix(".away").rename(data)
        self.assertFalse((self.folder / "mean.h5").exists())
        self.passes("train", self.make_toy(train=20), *support.settings(
            f"run.folder={self.folder}/layer", "training.steps=2"))
        self.fails(2, "no batch norm", "average", self.folder / "layer", "--last", "1",
                   "--gather")


if __name__ == "__main__":
    unittest.main()
