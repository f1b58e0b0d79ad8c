"""training.initialize_from where the vocabularies are others: symbol for symbol."""
import re
import unittest

import h5py
import numpy

import support

SMALL = ["--set", "model.width=16", "--set", "model.feed_forward=16", "--set", "validation.every=5",
         "--set", "training.schedule.peak=1e-12", "--set", "training.steps=1"]


def spelled(pairs, letters):
    table = str.maketrans("abcdefghijklmnop", letters)
    return [(source.translate(table), target.translate(table)) for source, target in pairs]


class FineTuning(support.SystemTest):
    def setUp(self):
        super().setUp()
        self.config = self.make_toy(train=300)

    def train(self, name, *more):
        return self.passes("train", self.config, *SMALL, "--set", f"run.folder={self.folder}/{name}",
                           *more)

    def test_a_parallel_decoder_starts_from_an_autoregressive_one(self):
        self.train("first", "--set", "model.tie=target")
        parallel = ["--set", "model.tie=target", "--set", "model.decoder=parallel", "--set",
                    "model.decoder_input=mask", "--set", f"run.folder={self.folder}/student"]
        done = self.train("student", *parallel,
                          "--set", f"training.initialize_from={self.folder}/first")
        self.assertRegex(done.stderr, "length.weight is not in the checkpoint and starts fresh")
        self.assertRegex(done.stderr, "target vocabulary: .*, 1 start fresh")  # <mask>
        with h5py.File(self.checkpoints("first")[-1]) as first, \
                h5py.File(self.checkpoints("student")[-1]) as student:
            for name in ("encoder.layers.0.linear1.weight", "decoder.layers.0.self_attn.in_proj_weight"):
                numpy.testing.assert_allclose(student[f"parameters/{name}"][()],
                                              first[f"parameters/{name}"][()], atol=1e-6)
            self.assertGreater(numpy.abs(student["parameters/length.weight"][()]).max(), 0.01)
        # A body is taken whole, and what a model has no place for is not passed over.
        self.fails(2, ["length."], "train", self.config, *SMALL, "--set",
                   f"run.folder={self.folder}/back", "--set",
                   f"training.initialize_from={self.folder}/student")

    def rows(self, run, side, *names):
        """{symbol: its row of all these tensors}"""
        with h5py.File(self.checkpoints(run)[-1], "r") as file:
            symbols = file[f"vocabulary/{side}/symbols"].asstr()[()]
            values = [file[f"parameters/{name}"][()].reshape(len(symbols), -1) for name in names]
        return dict(zip(symbols, numpy.hstack(values)))

    def assertMoved(self, side, *names):
        first, tuned = self.rows("first", side, *names), self.rows("tuned", side, *names)
        fresh = self.rows("fresh", side, *names)
        self.assertNotEqual(list(first), list(tuned))
        for symbol, row in tuned.items():
            want = first.get(symbol, fresh[symbol])
            numpy.testing.assert_allclose(row, want, atol=1e-6, err_msg=symbol)
        return len(tuned) - len(first.keys() & tuned.keys())

    def other_data(self, letters):
        for name, count, seed in (("train", 300, 1), ("valid", 40, 2)):
            support.write_pairs(self.folder / f"{name}.tsv",
                                spelled(support.toy_pairs(count, seed), letters))

    def check(self, letters, *more):
        self.train("first", *more)
        self.other_data(letters)
        self.train("fresh", *more, "--set", "run.seed=7")
        done = self.train("tuned", *more, "--set", f"training.initialize_from={self.folder}/first")
        counts = {}
        for side, names in (("source", ["source_embedding.weight"]),
                            ("target", ["target_embedding.weight", "generator.bias"])):
            counts[side] = self.assertMoved(side, *names)
            self.assertRegex(done.stderr, rf"{side} vocabulary: .*, {counts[side]} start fresh")
        return counts

    def test_another_order(self):
        self.assertEqual(self.check("ponmlkjihgfedcba"), {"source": 0, "target": 0})

    def test_other_symbols_of_the_same_number(self):
        self.assertEqual(self.check("ijklmnopqrstuvwx"), {"source": 8, "target": 8})

    def test_pieces_and_another_number(self):
        counts = self.check("aacdefghijklmnoz", "--set", "data.target.vocabulary=sentencepiece",
                            "--set", "data.target.size=33")
        self.assertEqual(counts["source"], 1)

    def test_the_same_symbols_say_nothing(self):
        self.train("first")
        done = self.train("tuned", "--set", f"training.initialize_from={self.folder}/first")
        self.assertIsNone(re.search("vocabulary:", done.stderr))
        with h5py.File(self.checkpoints("first")[-1], "r") as one, \
                h5py.File(self.checkpoints("tuned")[-1], "r") as other:
            name = "parameters/source_embedding.weight"
            numpy.testing.assert_allclose(one[name][()], other[name][()], atol=1e-6)


if __name__ == "__main__":
    unittest.main()
