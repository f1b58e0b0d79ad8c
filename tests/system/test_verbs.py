"""What each verb does, and what it prints for programs."""
import json
import math
import subprocess
import unittest

import support


class Verbs(support.SystemTest):
    """One small model, trained once, that has learned to reverse short sentences."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.open_home()
        cls.config = cls.home.make_toy(train=3000)
        cls.log = cls.home.passes("train", cls.config, "--set", "training.steps=400",
                                  "--set", "validation.every=200",
                                  "--set", "checkpoint.every=200", ranks=2)
        cls.run_folder = cls.home.folder / "run"

    def test_the_folder_of_a_run(self):
        for name in ("config.yaml", "train.log", "metrics.jsonl"):
            self.assertGreater((self.run_folder / name).stat().st_size, 0, name)
        records = self.home.metrics()
        steps = [record["step"] for record in records]
        self.assertEqual(steps, sorted(steps))
        for key in ("epoch", "loss", "perplexity", "gradient_norm", "learning_rate",
                    "tokens_per_second", "communication", "communication_seconds",
                    "communication_hidden"):
            self.assertTrue(any(key in record for record in records), key)
        losses = [record["loss"] for record in records if "loss" in record]
        self.assertLess(losses[-1], losses[0])
        log = (self.run_folder / "train.log").read_text()
        self.assertNotIn("\r", log)
        self.assertRegex(log, r"waiting [\d.]+%  communication [\d.]+ ms a step, \d+% of it")

    def test_the_log_begins_with_what_runs(self):
        log = (self.run_folder / "train.log").read_text()
        for word in ("parameters", "2 ranks", "grains"):
            self.assertIn(word, log)

    def test_the_resolved_configuration_resolves_to_itself(self):
        printed = self.passes("config", self.run_folder / "config.yaml").stdout
        self.assertEqual(printed, (self.run_folder / "config.yaml").read_text())
        asked = self.passes(
            "config", self.config, "--set", "training.steps=400", "--set", "validation.every=200",
            "--set", "checkpoint.every=200").stdout
        self.assertIn("  products: auto\n", asked)  # which the run has settled
        self.assertIn(printed, [asked.replace("products: auto", f"products: {engine}")
                                for engine in ("native", "openblas")])

    def test_the_reference_documents_every_key(self):
        reference = self.passes("config", "--reference").stdout
        for key in ("run.folder", "data.source.vocabulary", "model.width", "model.tie",
                    "batch.grains", "training.schedule.peak", "distributed.stall_seconds",
                    "decode.search", "may change on resume"):
            self.assertIn(key, reference)

    def test_prepare_gives_the_same_bytes(self):
        made = []
        for threads in (1, 2):
            path = self.folder / f"{threads}.h5"
            self.passes("prepare", self.config, "--set", f"data.dataset={path}",
                        "--set", f"run.threads={threads}")
            made.append(path.read_bytes())
        self.assertEqual(made[0], made[1])

    def test_train_prepares_when_the_text_changed(self):
        config = self.make_toy(train=100)
        self.passes("prepare", config)
        dataset = next((self.folder / "run").glob("*.h5"))
        before = dataset.read_bytes()
        self.passes("train", config, "--set", "training.steps=1")
        self.assertEqual(dataset.read_bytes(), before)
        support.write_pairs(self.folder / "train.tsv", support.toy_pairs(100, seed=9))
        self.passes("train", config, "--set", "training.steps=1",
                    "--set", f"run.folder={self.folder}/other",
                    "--set", f"data.dataset={dataset}")
        self.assertNotEqual(dataset.read_bytes(), before)

    def test_predict_answers_every_line_in_order(self):
        pairs = support.toy_pairs(60, seed=4)
        lines = [source for source, _ in pairs] + ["", "unheard-of words"]
        text = "".join(line + "\n" for line in lines)
        alone = self.passes("predict", self.run_folder, stdin=text).stdout
        self.assertEqual(len(alone.splitlines()), len(lines))
        right = sum(answer == target for answer, (_, target) in zip(alone.splitlines(), pairs))
        self.assertGreater(right, 20, "it has learned something")
        for ranks in (2, 3):
            self.assertEqual(self.passes("predict", self.run_folder, stdin=text, ranks=ranks).stdout, alone)
        one_by_one = [self.passes("predict", self.run_folder, stdin=line + "\n").stdout.rstrip("\n")
                      for line in lines[:2]]
        self.assertEqual(one_by_one, alone.splitlines()[:2])

    def test_predict_without_lines(self):
        for ranks in (0, 2):
            self.assertEqual(self.passes("predict", self.run_folder, stdin="", ranks=ranks).stdout, "")

    def test_predict_with_a_checkpoint_alone(self):
        checkpoint = self.home.checkpoints()[-1]
        moved = self.folder / "alone.h5"
        moved.write_bytes(checkpoint.read_bytes())
        line = "a b c\n"
        self.assertEqual(self.passes("predict", moved, stdin=line).stdout,
                         self.passes("predict", checkpoint, stdin=line).stdout)

    def test_score_prints_a_log_probability_per_pair(self):
        (self.folder / "s").write_text("a b\nc d e\n")
        (self.folder / "t").write_text("b a\na a a a a a\n")
        for ranks in (0, 2):
            printed = self.passes("score", self.run_folder, "--source", self.folder / "s",
                                  "--target", self.folder / "t", ranks=ranks).stdout.splitlines()
            right, wrong = (float(line) for line in printed)
            self.assertLess(wrong, right)
            self.assertLess(right, 0)

    def test_score_summary(self):
        table = self.passes("score", self.run_folder, "--summary").stdout
        self.assertIn("perplexity", table.lower())
        one = json.loads(self.passes("score", self.run_folder, "--summary", "--json").stdout)
        two = json.loads(self.passes("score", self.run_folder, "--summary", "--json", ranks=2).stdout)
        for key in ("loss", "perplexity", "accuracy", "exact", "bleu", "chrf", "wer", "per", "cer"):
            self.assertIn(key, one)
            self.assertAlmostEqual(one[key], two[key], places=4)
        self.assertAlmostEqual(one["perplexity"], math.exp(one["loss"]), delta=1e-3)

    def test_inspect(self):
        checkpoint = self.home.checkpoints()[-1]
        table = self.passes("inspect", checkpoint).stdout
        for word in ("encoder.layers.0.self_attn.in_proj_weight", "192", "400"):
            self.assertIn(word, table)
        self.passes("inspect", self.run_folder)
        for path in (checkpoint, next(self.run_folder.glob("*.h5"))):
            self.assertIsInstance(json.loads(self.passes("inspect", path, "--json").stdout), dict)
        self.assertEqual(json.loads(self.passes("inspect", checkpoint, "--json").stdout)["step"], 400)

    def test_names_and_shapes_of_a_checkpoint(self):
        with support.h5py.File(self.home.checkpoints()[-1], "r") as file:
            self.assertEqual(file.attrs["step"], 400)
            for name in ("format", "version", "config"):
                self.assertIn(name, file.attrs)
            parameters = file["parameters"]
            self.assertEqual(parameters["encoder.layers.0.self_attn.in_proj_weight"].shape, (192, 64))
            self.assertEqual(parameters["decoder.layers.1.multihead_attn.out_proj.bias"].shape, (64,))
            self.assertEqual(parameters["target_embedding.weight"].dtype, "float32")
            self.assertNotIn("generator.weight", parameters)
            self.assertIn("generator.bias", parameters)
            symbols = [symbol.decode() for symbol in file["vocabulary/target/symbols"][()]]
            self.assertEqual(symbols[:3], ["<unk>", "<begin>", "<end>"])
            self.assertEqual(len(symbols), parameters["target_embedding.weight"].shape[0])
            self.assertEqual(set(file["optimizer"]), {"exp_avg", "exp_avg_sq"})

    def test_pytorch_loads_a_checkpoint_by_its_names(self):
        script = support.ROOT / "scripts/load_in_torch.py"
        self.assertLessEqual(len(script.read_text().splitlines()), 42)
        try:  # from a cold disk it takes a while
            subprocess.run(["/usr/bin/python3", "-c", "import torch"], check=True, timeout=60,
                           stderr=subprocess.DEVNULL)
        except (subprocess.SubprocessError, OSError):
            self.skipTest("PyTorch is not installed, or slow to load")
        other = self.home.folder / "other"
        self.passes("train", self.config, *support.settings(
            f"run.folder={other}", "training.steps=200", "model.positions=learned",
            "model.encoder_norm=batch", "model.tie=none", "training.average_decay=0.9"))
        for run in ("run", "other"):
            model = self.home.checkpoints(run)[-1]
            for line in ("a b c d e", "p"):
                theirs = support.run([script, model, *line.split()])
                self.assertEqual(theirs.returncode, 0, theirs.stderr)
                ours = self.passes("predict", model, stdin=line + "\n").stdout
                self.assertEqual(theirs.stdout.splitlines()[-1], ours.rstrip("\n"))

    def test_bench(self):
        words = ["bench", self.config, "--json"]
        for more in ([], ["--vocabulary", "500", "--length", "9"]):
            result = json.loads(self.passes(*words, *more).stdout)
            for key in ("sgemm_gflops", "step_gflops", "utilisation", "tokens_per_second",
                        "peak_memory_bytes"):
                self.assertGreater(result[key], 0, key)
            self.assertLess(result["utilisation"], 1.5)
        self.assertIn("sgemm", self.passes("bench", self.config, ranks=2).stdout.lower())

    def test_help(self):
        for words in (["--help"], ["train", "--help"]):
            self.assertIn("usage", self.passes(*words).stdout.lower())
        self.assertRegex(self.passes("--version").stdout, r"\d+\.\d+")


class Recipes(support.SystemTest):
    def test_every_recipe_is_valid(self):
        for path in sorted((support.ROOT / "configs").glob("**/*.yaml")):
            with self.subTest(path.name):
                if path.parent.name != "networks":
                    self.passes("config", path)

    def test_every_network_is_valid(self):
        """It is read before the recordings, of which there are none."""
        nothing = self.folder / "recordings.jsonl"
        nothing.touch()
        for path in sorted((support.ROOT / "configs/networks").glob("*.yaml")):
            with self.subTest(path.name):
                self.fails(2, "no recording stands in it", "plan", self.write_config(), "--hosts",
                           4, "--network", path, "--recording", nothing)

    def test_early_stopping(self):
        config = self.make_toy(train=100)
        done = self.passes("train", config, "--set", "training.steps=100000",
                           "--set", "training.schedule.peak=1e-9",
                           "--set", "validation.every=2", "--set", "validation.patience=3",
                           "--set", "validation.metric=exact", ranks=2)
        self.assertIn("stopped early at step 8", done.stderr)

    def test_other_vocabularies(self):
        settings = {
            "characters": ["data.source.vocabulary=characters", "data.target.vocabulary=characters"],
            "bpe": ["data.source.vocabulary=sentencepiece", "data.source.size=34",
                    "data.target.vocabulary=sentencepiece", "data.target.size=34"],
        }
        config = self.make_toy(train=300)
        for name, options in settings.items():
            with self.subTest(name):
                run = self.folder / name
                sets = [word for option in options for word in ("--set", option)]
                self.passes("train", config, "--set", f"run.folder={run}",
                            "--set", "training.steps=4", *sets, ranks=2)
                self.assertEqual(len(self.passes("predict", run, stdin="a b\nc\n").stdout.splitlines()), 2)

    def test_two_files_and_gzip(self):
        import gzip
        pairs = support.toy_pairs(100, seed=1)
        config = self.make_toy(text=support.CONFIG.replace(
            "{{pairs: {folder}/train.tsv}}", "{{source: {folder}/s.gz, target: {folder}/t}}"))
        (self.folder / "s.gz").write_bytes(gzip.compress("".join(f"{s}\n" for s, _ in pairs).encode()))
        (self.folder / "t").write_text("".join(f"{t}\n" for _, t in pairs))
        self.passes("train", config, "--set", "training.steps=2")


if __name__ == "__main__":
    unittest.main()
