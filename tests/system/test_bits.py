"""The same bits on any number of ranks and threads."""
import os
import subprocess
import unittest

import support

# What the ranks could change: every way to tie, both norm positions, grains that
# do not split evenly, accumulated batches, and more than one bucket.
MODELS = {
    "target": ["model.tie=target"],
    "all": ["model.tie=all", "data.vocabulary=joint", "batch.grains=5"],
    "none": ["model.tie=none", "model.norm_position=pre", "model.positions=learned",
             "model.activation=gelu", "model.attention_dropout=0.1",
             "model.activation_dropout=0.1", "batch.accumulate=2"],
    "batch": ["model.encoder_norm=batch", "model.decoder_norm=batch"],
    "batch-pre": ["model.encoder_norm=batch", "model.decoder_norm=batch", "batch.grains=5",
                  "model.norm_position=pre", "model.activation=gelu"],
    "copy": ["model.copy=true", "data.source.size=13", "data.target.size=10", "batch.grains=6",
             "training.scheduled_sampling.schedule=constant",
             "training.scheduled_sampling.value=0.6"],
    "native": ["run.products=native", "model.tie=all", "data.vocabulary=joint", "batch.accumulate=2",
               "batch.grains=5", "validation.every=15",
               "training.scheduled_sampling.schedule=constant",
               "training.scheduled_sampling.value=0.6"],
    "bfloat16": ["model.precision=bfloat16", "run.bfloat16_sums=tiles", "model.tie=all", "data.vocabulary=joint",
                 "batch.grains=5", "model.encoder_norm=batch",
                 "training.scheduled_sampling.schedule=constant",
                 "training.scheduled_sampling.value=0.6"],
    "pairs": ["model.precision=bfloat16", "run.bfloat16_sums=pairs", "batch.accumulate=2",
              "batch.grains=3"],
    "half": ["distributed.gradients=bfloat16", "distributed.check_every=1", "model.tie=all", "data.vocabulary=joint",
             "model.encoder_norm=batch", "model.decoder_norm=batch", "batch.grains=5"],
    "half-sums": ["distributed.gradients=bfloat16", "distributed.check_every=3",
                  "training.average_decay=0.9", "model.tie=all", "data.vocabulary=joint",
                  "model.positions=learned", "batch.accumulate=3", "batch.grains=7"],
}
# name: (ranks, further settings)
WORLDS = {
    "1 rank": (0, []),
    "2 ranks": (2, []),
    "3 ranks": (3, []),
    "4 ranks": (4, ["distributed.bucket_bytes=1048576"]),
    "1 rank with 2 threads": (0, ["run.threads=2"]),
    "2 ranks with 2 threads": (2, ["run.threads=2"]),
}
# How ranks reach each other; the buckets are so many that several are under way.
ROUTES = {
    "3 ranks with couriers": (3, ["distributed.courier=true", "distributed.bucket_bytes=16384"]),
    "4 ranks by halves": (4, ["distributed.exchange=halving", "distributed.bucket_bytes=16384"]),
    "3 ranks of a host": (3, ["distributed.exchange=hosts", "distributed.bucket_bytes=16384"]),
}
STEPS = 40

# Said once for each OpenBLAS only where OpenBLAS has a part in it.
any_openblas = unittest.skipIf(os.environ.get("LOCKSTEP_OPENBLAS"), "whichever OpenBLAS it is")


class Bits(support.SystemTest):
    def train(self, config, model, world):
        """Path of the last checkpoint, and the losses on the way."""
        ranks, settings = (WORLDS | ROUTES)[world]
        name = f"{model} {world}".replace(" ", "-")
        options = [f"run.folder={self.folder}/{name}", f"data.dataset={self.folder}/{model}.h5",
                   "run.products=openblas", f"training.steps={STEPS}",
                   "training.report_every=1"] + MODELS[model] + settings
        sets = [word for option in options for word in ("--set", option)]
        self.passes("train", config, *sets, ranks=ranks)
        losses = [(line["step"], line["loss"]) for line in self.metrics(name) if "loss" in line]
        return self.checkpoints(name)[-1], losses

    def compare(self, model, worlds=tuple(WORLDS)[1:]):
        config = self.make_toy()
        reference, losses = self.train(config, model, "1 rank")
        self.assertIn(f"{STEPS}.h5", reference.name)
        self.assertTrue(losses)
        for world in worlds:
            with self.subTest(world):
                checkpoint, same_losses = self.train(config, model, world)
                self.assertEqual(checkpoint.name, reference.name)
                self.assertSameState(reference, checkpoint)
                self.assertEqual(losses, same_losses)

    def test_target_embedding_tied_to_the_output(self):
        self.compare("target")

    def test_all_embeddings_tied(self):
        self.compare("all")

    def test_untied(self):
        self.compare("none")

    def test_batch_norm(self):
        self.compare("batch")

    def test_batch_norm_before_each_block(self):
        self.compare("batch-pre")

    @any_openblas
    def test_products_of_our_own(self):
        self.compare("native", ("3 ranks", "2 ranks with 2 threads"))

    @any_openblas
    def test_factors_in_bfloat16(self):
        self.compare("bfloat16", ("3 ranks", "2 ranks with 2 threads"))
        self.compare("pairs", ("3 ranks", "2 ranks with 2 threads"))

    def test_copying(self):
        self.compare("copy")

    @any_openblas
    def test_bfloat16_gradients(self):
        self.compare("half")

    @any_openblas
    def test_bfloat16_gradients_of_accumulated_batches(self):
        self.compare("half-sums")

    @any_openblas
    def test_routes(self):
        self.compare("all", ROUTES)

    @any_openblas
    def test_routes_of_bfloat16(self):
        self.compare("half-sums", ["4 ranks by halves"])

    @any_openblas
    def test_ranks_that_do_not_split_are_refused(self):
        self.fails(2, ["distributed.exchange", "halving needs 2, 4, 8", "there are 3"], "train",
                   self.make_toy(), "--set", "distributed.exchange=halving", ranks=3)

    @any_openblas
    def test_another_seed_gives_other_bits(self):
        config = self.make_toy()
        self.passes("train", config, "--set", "training.steps=2")
        self.passes("train", config, "--set", "training.steps=2", "--set", "run.seed=8",
                    "--set", f"run.folder={self.folder}/other")
        one, other = (support.contents(self.checkpoints(name)[-1], "parameters")
                      for name in ("run", "other"))
        name = "parameters/encoder.layers.0.linear1.weight"
        self.assertNotEqual(one[name], other[name])

    @unittest.skipUnless(os.environ.get("LOCKSTEP_OPENBLAS"), "any OpenBLAS will do")
    def test_the_openblas_that_is_meant(self):
        loaded = subprocess.run(["ldd", support.LOCKSTEP], text=True, check=True,
                                stdout=subprocess.PIPE).stdout
        line = next(line for line in loaded.splitlines() if "libopenblas" in line)
        self.assertIn(os.environ["LOCKSTEP_OPENBLAS"], line)


if __name__ == "__main__":
    unittest.main()
