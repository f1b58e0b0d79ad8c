"""A decoder that writes all places at once: trained, resumed and scored."""
import subprocess
import unittest

import h5py

import support

# name: settings. Grains that do not split evenly, more than one bucket, batch norm.
KINDS = {
    "begin-fixed": ["model.length.kind=fixed", "model.length.tokens=34", "batch.grains=5",
                    "model.norm_position=pre", "model.positions=learned",
                    "batch.accumulate=2"],
    "mask-classifier": ["model.decoder_input=mask", "model.encoder_norm=batch",
                        "model.decoder_norm=batch", "training.length_loss=0.3"],
}
# name: (ranks, further settings)
WORLDS = {
    "1 rank": (0, []),
    "2 ranks": (2, ["run.threads=2"]),
    "3 ranks": (3, []),
    "2 threads": (0, ["run.threads=2"]),
}


class Parallel(support.SystemTest):
    def words(self, kind, run, *more):
        options = ["model.decoder=parallel", f"run.folder={self.folder}/{run}",
                   f"data.dataset={self.folder}/{kind}.h5", "training.report_every=1",
                   *KINDS[kind], *more]
        return ["train", self.folder / "toy.yaml", *support.settings(*options)]

    def losses(self, run):
        return [{key: value for key, value in line.items()
                 if key == "step" or "loss" in key or "accuracy" in key}
                for line in self.metrics(run)]

    def kill_and_resume(self, kind, reference):
        """Killed after a checkpoint, and gone on with on other ranks."""
        words = support.command(self.words(kind, "killed", "training.steps=100000",
                                           "checkpoint.every=3"), 2)
        process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                   start_new_session=True, env=support.environment())
        support.wait_until(lambda: self.checkpoints("killed"), what="a checkpoint")
        support.kill_tree(process.pid)
        process.wait(60)
        killed = int(self.checkpoints("killed")[-1].stem.split("-")[1])
        self.passes(*self.words(kind, "killed", f"training.steps={killed + 12}"), ranks=3)
        self.passes(*self.words(kind, reference, f"training.steps={killed + 12}"))
        self.assertSameState(self.checkpoints(reference)[-1], self.checkpoints("killed")[-1])
        steps = [line for line in self.losses("killed") if "loss" in line]
        self.assertEqual(steps, [line for line in self.losses(reference) if "loss" in line])

    def compare(self, kind):
        self.make_toy(train=400)
        few = ["training.steps=12", "validation.every=6", "checkpoint.every=12"]
        for world, (ranks, settings) in WORLDS.items():
            self.passes(*self.words(kind, world, *few, *settings), ranks=ranks)
        for world in list(WORLDS)[1:]:
            with self.subTest(world):
                self.assertSameState(self.checkpoints("1 rank")[-1], self.checkpoints(world)[-1])
                self.assertEqual(self.losses("1 rank"), self.losses(world))
        self.kill_and_resume(kind, "1 rank")

    def test_a_fixed_length(self):
        self.compare("begin-fixed")
        self.assertNotIn("length_loss", self.losses("1 rank")[0])

    def test_masks_and_a_classifier(self):
        self.compare("mask-classifier")
        first, *_, last = [line for line in self.losses("1 rank") if "length_loss" in line]
        self.assertLess(last["length_loss"], first["length_loss"])
        self.assertIn("parameters/length.weight",
                      support.contents(self.checkpoints("1 rank")[-1], "parameters"))

    def check_summary(self, run, pairs, valid, fixed):
        words = ["score", run, "--summary", "--pairs", pairs]
        summary = support.read_json(self.passes(*words, "--json").stdout)
        for key in ("loss", "accuracy") + (() if fixed else ("length_loss", "length_accuracy")):
            self.assertAlmostEqual(summary[key], valid[f"valid_{key}"], places=6)
        self.assertEqual("length_loss" in summary, not fixed)
        self.assertNotIn("exposure_gap", summary)
        table = self.passes(*words).stdout
        self.assertIn("place by place", table)
        self.assertEqual("length loss" in table, not fixed)

    def test_a_score_is_that_of_symbols_and_length(self):
        for kind, settings in KINDS.items():
            with self.subTest(kind):
                self.make_toy(train=100)
                steps = ["training.steps=4", "validation.every=4", "batch.accumulate=1"]
                self.passes(*self.words(kind, kind, *steps))
                run, pairs = self.folder / kind, self.folder / "valid.tsv"
                lines = pairs.read_text().splitlines()
                fixed = "fixed" in kind
                tokens = sum(len(line.split("\t")[1].split()) + fixed for line in lines)
                valid = self.metrics(kind)[-1]
                want = tokens * valid["valid_loss"]
                want += 0 if fixed else len(lines) * valid["valid_length_loss"]
                found = self.passes("score", run, "--pairs", pairs).stdout.split()
                self.assertAlmostEqual(-sum(map(float, found)) / want, 1, places=5)
                self.check_summary(run, pairs, valid, fixed)
                # Nothing, and as much as there is room for, with one more.
                texts = "".join(f"a b\t{' '.join(['c'] * n)}\n" for n in (0, 32, 33))
                (self.folder / "odd.tsv").write_text(texts)
                odd = self.passes("score", run, "--pairs", self.folder / "odd.tsv").stdout
                none, most, more = map(float, odd.split())
                self.assertTrue(most < none < 0)
                self.assertTrue(more != more)

    def symbols(self, path, side):
        with h5py.File(path) as file:
            return [word.decode() for word in file[f"vocabulary/{side}/symbols"]]

    def test_a_mask_makes_another_dataset(self):
        config = self.make_toy(train=100)
        path = self.folder / "run/dataset.h5"
        masked = support.settings("model.decoder=parallel", "model.decoder_input=mask")
        self.passes("prepare", config)
        self.assertNotIn("<mask>", self.symbols(path, "target"))
        for settings, side in (([], None), (["data.vocabulary=joint"], "source")):
            words = masked + support.settings(*settings)
            self.assertIn("100 pairs", self.passes("prepare", config, *words).stderr)
            self.assertEqual(self.symbols(path, "target")[3], "<mask>")
            self.assertEqual(self.symbols(path, "source")[3] == "<mask>", side == "source")
            self.assertNotIn("100 pairs", self.passes("prepare", config, *words).stderr)
        self.passes("train", config, *masked, *support.settings(
            "data.vocabulary=joint", "training.steps=2"))
        checkpoint = self.checkpoints()[-1]
        self.assertEqual(self.symbols(checkpoint, "target")[3], "<mask>")
        self.passes("inspect", checkpoint)
        self.passes("score", checkpoint, "--pairs", self.folder / "test.tsv")

    def test_what_does_not_fit_is_refused(self):
        config = self.make_toy(train=20)
        for words, *settings in (
                (["decode.search", "autoregressive"], "decode.search=beam"),
                (["scheduled_sampling", "autoregressive"],
                 "training.scheduled_sampling.schedule=constant"),
                (["length.tokens", "data.max_length (32)"], "model.length.kind=fixed",
                 "model.length.tokens=32")):
            self.fails(2, words, "train", config, *support.settings("model.decoder=parallel",
                                                                    *settings))


if __name__ == "__main__":
    unittest.main()
