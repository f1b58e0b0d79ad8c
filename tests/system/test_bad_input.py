"""Whatever the outside world gets wrong ends with one clear message and the right
exit status on all ranks, without a hang, and leaves the last good checkpoint."""
import math
import os
import subprocess
import unittest

import support


class BadConfiguration(support.SystemTest):
    def refused(self, words, *settings, text=support.CONFIG):
        """Status 2 on one rank and on two."""
        config = self.make_toy(train=20, text=text)
        sets = [word for setting in settings for word in ("--set", setting)]
        for ranks in (0, 2):
            self.fails(2, words, "train", config, *sets, ranks=ranks)
        self.assertFalse(self.checkpoints())

    def test_an_unknown_key_names_the_line_and_the_nearest(self):
        text = support.CONFIG.replace("  width: 64", "  widht: 64")
        line = 1 + text.splitlines().index("  widht: 64")
        self.refused([f"toy.yaml:{line}", "widht", "width"], text=text)

    def test_an_unknown_override(self):
        self.refused(["model.layers", "model."], "model.layers=3")
        self.refused(["training.step", "training.steps"], "training.step=3")

    def test_an_override_without_a_value(self):
        self.refused(["model.width"], "model.width")

    def test_a_wrong_type(self):
        self.refused(["toy.yaml:", "width", "many"],
                     text=support.CONFIG.replace("width: 64", "width: many"))
        self.refused(["grains", "2.5"], "batch.grains=2.5")
        self.refused(["toy.yaml:", "model"], text=support.CONFIG.replace(
            "  tie: target\n", "").replace("dropout: 0.1", "dropout: {{a: b}}"))

    def test_out_of_range(self):
        self.refused(["dropout", "1.5"], "model.dropout=1.5")
        self.refused(["width", "-64"], "model.width=-64")
        self.refused(["label_smoothing", "nan"], "training.label_smoothing=nan")
        self.refused(["steps", "99999999999999999999999"],
                     "training.steps=99999999999999999999999")

    def test_an_unknown_choice_names_the_known(self):
        self.refused(["norm_position", "middle", "post", "pre"], "model.norm_position=middle")

    def test_contradictions(self):
        self.refused(["heads", "width"], "model.heads=3")
        self.refused(["tie", "joint"], "model.tie=all")

    def test_an_option_that_the_model_would_ignore(self):
        self.refused(["warmup"], "training.schedule.name=constant",
                     "training.schedule.warmup=100")

    def test_not_yaml(self):
        self.refused(["toy.yaml:"], text="run: {{folder: [\n")
        self.refused(["toy.yaml"], text="")
        self.refused(["toy.yaml"], text="- a\n- list\n")

    def test_a_key_given_twice(self):
        self.refused(["toy.yaml:", "width"],
                     text=support.CONFIG.replace("  width: 64", "  width: 64\n  width: 32"))

    def test_no_configuration(self):
        for ranks in (0, 2):
            self.fails(2, ["none.yaml"], "train", self.folder / "none.yaml", ranks=ranks)
        self.fails(2, [str(self.folder)], "train", self.folder)

    def test_more_ranks_than_grains(self):
        config = self.make_toy(train=20)
        self.fails(2, ["3", "2", "grains"], "train", config, "--set", "batch.grains=2", ranks=3)

    def test_wrong_usage(self):
        self.assertEqual(support.lockstep().returncode, 2)
        self.fails(2, ["trian", "train"], "trian")
        for verb in ("prepare", "train", "predict", "score", "inspect", "bench"):
            self.fails(2, ["usage", verb], verb)
            self.fails(2, "--nonsense", verb, "x", "--nonsense")
        self.fails(2, ["usage", "predict"], "predict", ranks=2)


class BadText(support.SystemTest):
    def refused(self, words, content, name="train.tsv"):
        config = self.make_toy(train=20)
        if content is None:
            (self.folder / name).unlink()
        else:
            (self.folder / name).write_bytes(content)
        for ranks in (0, 2):
            self.fails(2, words, "train", config, ranks=ranks)
        self.fails(2, words, "prepare", config)

    def test_missing(self):
        self.refused(["train.tsv"], None)
        self.refused(["test.tsv"], None, "test.tsv")

    def test_empty(self):
        self.refused(["train.tsv", "empty"], b"")
        self.refused(["valid.tsv", "empty"], b"", "valid.tsv")

    def test_not_utf8(self):
        self.refused(["train.tsv:3", "utf-8"], b"a\tb\na\tb\na\xff\tb\n")

    def test_a_line_without_a_tab(self):
        self.refused(["train.tsv:2", "tab"], b"a\tb\na b\n")

    def test_an_empty_side_is_dropped_and_counted(self):
        config = self.make_toy(train=100)
        path = self.folder / "train.tsv"
        path.write_text("a\t\n\tb\n\n" + path.read_text())
        done = self.passes("train", config, "--set", "training.steps=2", ranks=2)
        self.assertRegex(done.stderr, r"train: 103 pairs.* 100 kept.* 3 with an empty side dropped")
        path.write_text("a\t\n\tb\n")
        self.fails(2, "train.tsv", "train", config, "--set", f"run.folder={self.folder}/new")

    def test_a_zero_byte(self):
        self.refused(["train.tsv:2"], b"a\tb\na\0c\tb\n")

    def test_files_of_unequal_length(self):
        text = support.CONFIG.replace("{{pairs: {folder}/train.tsv}}",
                                      "{{source: {folder}/a, target: {folder}/b}}")
        config = self.make_toy(text=text)
        (self.folder / "a").write_text("a b\na\nb\n")
        (self.folder / "b").write_text("a b\na\n")
        for ranks in (0, 2):
            self.fails(2, ["lines", "3", "2"], "train", config, ranks=ranks)

    def test_damaged_gzip(self):
        import gzip
        config = self.make_toy(text=support.CONFIG.replace("train.tsv", "train.tsv.gz"))
        packed = gzip.compress((self.folder / "train.tsv").read_bytes())
        (self.folder / "train.tsv.gz").write_bytes(packed[:len(packed) // 2])
        self.fails(2, "train.tsv.gz", "train", config, ranks=2)
        (self.folder / "train.tsv.gz").write_bytes(packed)
        self.passes("prepare", config)

    def test_a_line_of_a_million_characters_is_dropped_and_counted(self):
        config = self.make_toy(train=100)
        path = self.folder / "train.tsv"
        path.write_text(path.read_text() + "a " * 500000 + "\tb\n" + "b" * 1000000 + "\tb\n")
        done = self.passes("train", config, "--set", "training.steps=2", ranks=2)
        self.assertRegex(done.stderr, r"train: 102 pairs.* 101 kept, 1 longer than 32 tokens")

    def test_every_sentence_too_long(self):
        config = self.make_toy(train=20)
        self.fails(2, "max_length", "train", config, "--set", "data.max_length=1",
                   "--set", f"data.train.pairs={self.long_pairs()}")

    def long_pairs(self):
        path = self.folder / "long.tsv"
        path.write_text("a b c\ta b c\n" * 3)
        return path

    def test_a_source_given_twice(self):
        config = self.make_toy(train=20)
        self.fails(2, ["data.train", "pairs"], "train", config, "--set",
                   f"data.train.source={self.folder}/train.tsv")


class BadFiles(support.SystemTest):
    def setUp(self):
        super().setUp()
        self.config = self.make_toy(train=100)
        self.passes("train", self.config, "--set", "training.steps=4",
                    "--set", "checkpoint.every=2")
        self.good = self.checkpoints()[-1]
        self.bad = self.folder / "bad.h5"

    def damages(self, content):
        """Files made of a good one that must be refused."""
        yield "not HDF5 at all", b"once upon a time\n" * 1000
        yield "empty", b""
        yield "short", content[:100]
        yield "truncated", content[:len(content) * 2 // 3]
        yield "longer", content + b"x"
        for place in (0, 9, 60, 300, 600, len(content) // 2, len(content) - 1):
            flipped = bytearray(content)
            flipped[place] ^= 0x10
            yield f"byte {place} flipped", bytes(flipped)
        yield "no user block", content[512:]
        yield "another version", support.with_version(content, 99)

    def test_damaged_checkpoints(self):
        for what, content in self.damages(self.good.read_bytes()):
            with self.subTest(what):
                self.bad.write_bytes(content)
                self.fails(2, "bad.h5", "inspect", self.bad)
                self.fails(2, "bad.h5", "predict", self.bad, stdin="a b\n")
        for ranks in (0, 2):
            self.fails(2, "bad.h5", "predict", self.bad, stdin="a b\n", ranks=ranks)
            self.fails(2, "bad.h5", "score", self.bad, "--summary", ranks=ranks)
            self.fails(2, "bad.h5", "train", self.config, "--set",
                       f"run.folder={self.folder}/new", "--set",
                       f"training.initialize_from={self.bad}", ranks=ranks)

    def test_damaged_datasets(self):
        dataset = next((self.folder / "run").glob("*.h5"))
        for what, content in self.damages(dataset.read_bytes()):
            with self.subTest(what):
                self.bad.write_bytes(content)
                self.fails(2, "bad.h5", "inspect", self.bad)

    def test_a_damaged_dataset_is_made_anew_or_refused(self):
        dataset = next((self.folder / "run").glob("*.h5"))
        good = dataset.read_bytes()
        for what, content in self.damages(good):
            with self.subTest(what):
                dataset.write_bytes(content)
                done = support.lockstep("train", self.config, "--set", "training.steps=6", ranks=2)
                if done.returncode == 0:
                    self.assertEqual(dataset.read_bytes(), good)
                else:
                    self.assertEqual(done.returncode, 2, done.stderr)
                    self.assertIn(dataset.name, done.stderr)

    def test_another_version_is_named(self):
        good = self.good.read_bytes()
        self.bad.write_bytes(support.with_version(good, 99))
        self.fails(2, ["bad.h5", "version 99"], "predict", self.bad, stdin="a\n")
        version = int.from_bytes(good[40:48], "little")
        again = support.with_version(self.bad.read_bytes(), version)
        self.assertEqual(again, good, "the change itself is sound")

    def test_one_kind_for_another(self):
        dataset = next((self.folder / "run").glob("*.h5"))
        self.fails(2, [dataset.name, "checkpoint"], "predict", dataset, stdin="a\n")
        self.fails(2, [self.good.name, "dataset"], "train", self.config, "--set",
                   f"data.dataset={self.good}", "--set", f"run.folder={self.folder}/new")

    def test_no_such_file(self):
        for verb in ("predict", "score", "inspect"):
            self.fails(2, "nowhere", verb, self.folder / "nowhere", stdin="")
        self.fails(2, "nowhere", "train", self.config, "--set",
                   f"training.initialize_from={self.folder}/nowhere", "--set",
                   f"run.folder={self.folder}/new", ranks=2)

    def test_all_checkpoints_damaged(self):
        for path in self.checkpoints():
            path.write_bytes(path.read_bytes()[:1000])
        for ranks in (0, 2):
            self.fails(2, "step-", "train", self.config, "--set", "training.steps=6", ranks=ranks)

    def test_another_models_parameters(self):
        self.fails(2, ["step-", "width"], "train", self.config, "--set", "model.width=32",
                   "--set", f"run.folder={self.folder}/new",
                   "--set", f"training.initialize_from={self.good}", ranks=2)

    def test_bad_lines_to_predict(self):
        path = self.folder / "lines"
        path.write_bytes(b"a b\n\xff\xfe\n")
        for ranks in (0, 2):
            with open(path, "rb") as lines:
                done = subprocess.run(support.command(["predict", self.folder / "run"], ranks),
                                      stdin=lines, stdout=subprocess.PIPE, timeout=support.SECONDS,
                                      stderr=subprocess.PIPE, env=support.environment(),
                                      check=False)
            self.assertEqual(done.returncode, 2, done.stderr)
            self.assertIn(b"line 2", done.stderr.replace(b":2:", b" line 2 "))

    def test_score_of_unequal_files(self):
        (self.folder / "a").write_text("a\nb\n")
        (self.folder / "b").write_text("a\n")
        for ranks in (0, 2):
            self.fails(2, "lines", "score", self.folder / "run", "--source", self.folder / "a",
                       "--target", self.folder / "b", ranks=ranks)


class Misfortune(support.SystemTest):
    def test_not_a_number(self):
        config = self.make_toy(train=100)
        self.passes("train", config, "--set", "training.steps=4")
        good = self.checkpoints()[-1]
        for ranks in (0, 2):
            advice = ["not finite", "another run.folder",
                      f"training.initialize_from: {self.folder}/nan"]
            self.fails(1, advice, "train", config,
                       "--set", f"run.folder={self.folder}/nan",
                       "--set", f"training.initialize_from={good}",
                       "--set", "training.schedule.peak=1e30",
                       "--set", "training.schedule.warmup=1",
                       "--set", "training.clip_norm=0", "--set", "validation.every=1",
                       "--set", "training.report_every=1", ranks=ranks)
            # The step before was made, to parameters with which nothing can be computed.
            self.assertIn(None, [record.get("valid_loss", 0) for record in self.metrics("nan")])
        self.passes("inspect", good)
        for path in self.checkpoints("nan"):
            self.passes("inspect", path)

    def test_a_batch_that_does_not_fit_in_memory(self):
        """The attention of one such pair to itself is larger than the machine."""
        heads, size = 64, os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
        length = math.isqrt(size // (heads * 4)) + 1
        config = self.make_toy(train=100)
        settings = ["--set", f"model.heads={heads}", "--set", f"data.max_length={length}",
                    "--set", "training.steps=4", "--set", f"data.dataset={self.folder}/data.h5"]
        self.passes("train", config, *settings)
        long = "a " * length
        support.write_pairs(self.folder / "train.tsv", [(long, "b")] * 4)
        for verb, operands, options in (
                ("train", [config, *settings, "--set", "data.dataset=null",
                           "--set", f"run.folder={self.folder}/new"], {}),
                ("predict", [self.folder / "run"], {"stdin": f"{long}\n" * 4}),
                ("score", [self.folder / "run", "--pairs", self.folder / "train.tsv"], {})):
            for ranks in (0, 2): # a pair for each rank, so that both run out
                self.fails(1, ["does not fit in memory", "lower batch.tokens"], verb, *operands,
                           "--set", f"batch.tokens={4 * length}", ranks=ranks, **options)

    def test_a_folder_that_cannot_be_written(self):
        config = self.make_toy(train=100)
        for ranks in (0, 2):
            self.fails(1, "train.tsv", "train", config, "--set",
                       f"run.folder={self.folder}/train.tsv/run", ranks=ranks)

    @unittest.skipIf(os.geteuid() == 0, "root may write anywhere")
    def test_a_read_only_folder(self):
        config = self.make_toy(train=100)
        (self.folder / "locked").mkdir(mode=0o500)
        self.fails(1, "locked", "train", config, "--set", f"run.folder={self.folder}/locked/run")

    def test_a_full_disk_while_saving(self):
        config = self.make_toy(train=100)
        settings = ["--set", f"data.dataset={self.folder}/data.h5", "--set", "training.steps=4",
                    "--set", "checkpoint.every=1", "--set", "checkpoint.keep=10",
                    "--set", "checkpoint.retry_seconds=0"]
        self.passes("train", config, *settings)
        size = self.checkpoints()[-1].stat().st_size
        disk = self.small_disk(int(size * 2.5))
        for ranks in (0, 2):
            run = disk / f"run{ranks}"
            self.fails(1, [str(run), "no space"], "train", config, *settings,
                       "--set", f"run.folder={run}", ranks=ranks)
            left = sorted((run / "checkpoints").glob("*"))
            self.assertTrue(left)
            for path in left:
                self.assertTrue(path.name.startswith("step-") and path.suffix == ".h5", left)
                self.passes("inspect", path)
            self.assertSameState(left[-1], self.checkpoints()[len(left) - 1])
            subprocess.run(["rm", "-r", str(run)], check=True)


if __name__ == "__main__":
    unittest.main()
