"""A trained model used: predict, score and inspect as people and scripts meet them."""
import gzip
import json
import math
import os
import re
import signal
import subprocess
import unittest

import support


class Use(support.SystemTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.open_home()
        cls.config = cls.home.make_toy(train=3000)
        pairs = support.toy_pairs(40, seed=3)
        # A source in two more pairs: further references, of which one is a gift.
        cls.pairs = pairs + [(pairs[0][0], "a"), (pairs[0][0], "b c")]
        support.write_pairs(cls.home.folder / "test.tsv", cls.pairs)
        # By our own products, for which the weights are packed in every step.
        cls.home.passes("train", cls.config, "--set", "training.steps=400",
                        "--set", "run.products=native",
                        "--set", "validation.every=200", "--set", "validation.metric=per",
                        "--set", "checkpoint.every=200", ranks=2)
        cls.model = cls.home.folder / "run"

    def write(self, name, lines):
        path = self.folder / name
        path.write_text("".join(f"{line}\n" for line in lines))
        return path

    def predict(self, lines, *options, **more):
        text = "".join(f"{line}\n" for line in lines)
        return self.passes("predict", self.model, *options, stdin=text, **more)

    # ---- predict

    def test_more_lines_than_a_block(self):
        lines = [source for source, _ in support.toy_pairs(5000, seed=8)]
        lines[7] = lines[2048] = ""
        one = self.predict(lines).stdout
        self.assertEqual(len(one.splitlines()), 5000)
        self.assertEqual(one.splitlines()[2048], "")
        for ranks in (3, 10):  # 10: more than there are grains
            self.assertEqual(self.predict(lines, ranks=ranks).stdout, one)
        self.assertEqual(self.predict(lines, "--set", "run.threads=2").stdout, one)
        part = self.predict(lines[2040:2060]).stdout.splitlines()
        self.assertEqual(part, one.splitlines()[2040:2060])

    def test_lines_that_have_no_output_keep_their_place(self):
        lines = ["a b c", "", "a " * 33, " \t ", "b" * 1000000, "c d"]
        for ranks in (0, 2):
            done = self.predict(lines, ranks=ranks)
            printed = done.stdout.split("\n")
            self.assertEqual(len(printed), len(lines) + 1)
            self.assertTrue(printed[0] and printed[5])
            self.assertEqual(printed[1:4], ["", "", ""])
            self.assertRegex(done.stderr, "line 3 has 33 tokens")
            self.assertRegex(done.stderr, r"\b1 .*too long")

    def test_good_lines_before_a_bad_one_are_answered(self):
        path = self.folder / "lines"
        path.write_bytes(b"a b\nc d\n\xff\ne\n")
        for ranks in (0, 2):
            done = support.lockstep("predict", self.model, "--input", path, ranks=ranks)
            self.assertEqual(done.returncode, 2)
            self.assertEqual(len(done.stdout.splitlines()), 2)
            self.assertIn("lines:3", done.stderr)

    def test_files_in_and_out(self):
        path = self.folder / "lines.gz"
        path.write_bytes(gzip.compress(b"a b\nc d\n"))
        out = self.folder / "out"
        done = self.passes("predict", self.model, "--input", path, "--output", out, ranks=2)
        self.assertEqual(done.stdout, "")
        self.assertEqual(out.read_text(), self.predict(["a b", "c d"]).stdout)
        path.write_bytes(b"a b\n\xff\n")
        self.fails(2, "lines.gz:2", "predict", self.model, "--input", path, "--output",
                   self.folder / "none")
        self.assertEqual(sorted(p.name for p in self.folder.iterdir()), ["lines.gz", "out"])
        self.fails(1, "out/none", "predict", self.model, "--output", out / "none", stdin="")
        self.fails(2, "nowhere", "predict", self.model, "--input", self.folder / "nowhere", ranks=2)

    def test_a_full_disk_under_the_output(self):
        with open("/dev/full", "w", encoding="utf-8") as full:
            done = subprocess.run(support.command(["predict", self.model]), input=b"a b\n",
                                  stdout=full, stderr=subprocess.PIPE, check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"standard output", done.stderr)

    def test_a_signal_ends_a_wait_for_lines(self):
        for ranks, number in ((0, signal.SIGINT), (0, signal.SIGTERM), (2, signal.SIGUSR1)):
            process = subprocess.Popen(support.command(["predict", self.model], ranks),
                                       stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                       stderr=subprocess.PIPE, env=support.environment())
            os.set_blocking(process.stderr.fileno(), False)
            said = b""

            def ready():
                nonlocal said
                said += process.stderr.read() or b""
                return b"step 400" in said

            support.wait_until(ready, what="the model's loading")
            process.send_signal(number)
            try:
                self.assertEqual(process.wait(timeout=30), 128 + number)
            finally:
                support.kill_tree(process.pid)
                for pipe in (process.stdin, process.stdout, process.stderr):
                    pipe.close()

    def test_the_model_cannot_be_overridden(self):
        for setting in ("model.width=32", "data.max_length=64"):
            for verb in ("predict", "score"):
                self.fails(2, setting.split("=")[0], verb, self.model, "--set", setting, stdin="")
        lines = [source for source, _ in self.pairs]
        self.assertEqual(self.predict(lines, "--set", "batch.tokens=30").stdout,
                         self.predict(lines).stdout)

    def test_a_short_limit_cuts_outputs(self):
        done = self.predict(["a b c d e f", "a"], "--set", "decode.max_length=3")
        self.assertEqual([len(line.split()) for line in done.stdout.splitlines()], [3, 1])

    def test_the_best_checkpoint_is_used(self):
        best = json.loads(self.passes("inspect", self.home.checkpoints()[-1], "--json").stdout)
        self.assertIn(f"step {best['best_step']}", self.predict(["a"]).stderr)

    # ---- score

    def test_lines_and_summary_agree(self):
        path = self.home.folder / "test.tsv"
        source = self.write("s", [source for source, _ in self.pairs])
        target = self.write("t", [target for _, target in self.pairs])
        lines = self.passes("score", self.model, "--pairs", path).stdout
        for ranks in (0, 3):
            self.assertEqual(self.passes("score", self.model, "--source", source, "--target",
                                         target, ranks=ranks).stdout, lines)
        summary = json.loads(self.passes("score", self.model, "--summary", "--json").stdout)
        scores = [float(line) for line in lines.splitlines()]
        self.assertEqual(len(scores), summary["pairs"])
        self.assertEqual(summary["tokens"], sum(len(t.split()) + 1 for _, t in self.pairs))
        self.assertAlmostEqual(-math.fsum(scores) / summary["tokens"], summary["loss"], places=5)

    def summary(self, references, *words, **more):
        done = self.passes("score", self.model, "--summary", "--json", "--set",
                           f"data.references={references}", *words, **more)
        found = json.loads(done.stdout)
        self.assertEqual(found["references"], references)
        return found

    def test_a_source_with_several_targets_may_be_one_item(self):
        summary = self.summary("sources", ranks=2)
        sources = list(dict.fromkeys(source for source, _ in self.pairs))
        self.assertEqual((summary["pairs"], summary["sources"]), (len(self.pairs), len(sources)))
        outputs = self.predict(sources).stdout.splitlines()
        right = sum((source, output) in self.pairs for source, output in zip(sources, outputs))
        self.assertAlmostEqual(summary["exact"], 100 * right / len(sources), places=6)
        self.write("pairs", [f"{source}\t{output}" for source, output in zip(sources, outputs)])
        perfect = self.summary("sources", "--pairs", self.folder / "pairs")
        self.assertEqual([perfect[key] for key in ("exact", "bleu", "chrf", "wer", "per", "cer")],
                         [100, 100, 100, 0, 0, 0])

    def test_every_line_is_an_item(self):
        outputs = self.predict([source for source, _ in self.pairs]).stdout.splitlines()
        right = sum(target == output for (_, target), output in zip(self.pairs, outputs))
        words = ["score", self.model]
        summary = json.loads(self.passes(*words, "--json").stdout)
        self.assertEqual(summary["references"], "lines")
        self.assertAlmostEqual(summary["exact"], 100 * right / len(self.pairs), places=6)
        self.assertIn("line by line (data.references: lines)", self.passes(*words).stdout)
        # Twice the same source: with its own output, and with as many other words. sacreBLEU
        # of the two lines is 50, for half the n-grams of each order match.
        path = self.write("pairs", [f"{source}\t{target}" for (source, _), output in zip(self.pairs, outputs)
                                    if len(output.split()) >= 6
                                    for target in (output, " ".join("z" for _ in output.split()))])
        metrics = ("exact", "bleu", "chrf", "wer", "per", "cer")
        half, whole = (self.summary(how, "--pairs", path) for how in ("lines", "sources"))
        for key in metrics[:5]:
            self.assertAlmostEqual(half[key], 50, places=6, msg=key)
        self.assertEqual([whole[key] for key in metrics], [100, 100, 100, 0, 0, 0])
        self.assertEqual(half["pairs"], 2 * half["sources"])

    def test_a_summary_of_valid_is_what_training_saw(self):
        record = [line for line in self.home.metrics() if line["step"] == 400 and "valid_loss" in line][-1]
        summary = json.loads(self.passes("score", self.home.checkpoints()[-1], "--split", "valid",
                                         "--json").stdout)
        self.assertAlmostEqual(summary["loss"], record["valid_loss"], places=7)
        self.assertAlmostEqual(summary["per"], record["valid_per"], places=6)

    def test_pairs_that_the_model_cannot_take(self):
        path = self.write("pairs", ["a b\tb a", "a\t" + "b " * 40, "\t", "c\tc"])
        done = self.passes("score", self.model, "--pairs", path, ranks=2)
        lines = done.stdout.splitlines()
        self.assertEqual(len(lines), 4)
        self.assertEqual(lines[1], "nan")
        self.assertTrue(all(float(lines[i]) < 0 for i in (0, 2, 3)))
        self.assertIn("line 2", done.stderr)
        summary = json.loads(self.passes("score", self.model, "--pairs", path, "--summary",
                                         "--json").stdout)
        self.assertEqual((summary["pairs"], summary["left_out"]), (2, 2))

    def test_wrong_usage(self):
        path = self.write("empty", [])
        for words in (["--source", path], ["--pairs", path, "--split", "test"],
                      ["--pairs", path, "--json"], ["--split", "train"]):
            self.fails(2, "--", "score", self.model, *words, ranks=0)
        for ranks in (0, 2):
            self.fails(2, ["empty", "nothing"], "score", self.model, "--pairs", path,
                       "--summary", ranks=ranks)
        self.assertEqual(self.passes("score", self.model, "--pairs", path).stdout, "")

    # ---- inspect

    def test_a_run_with_a_damaged_checkpoint(self):
        copy = self.folder / "run"
        support.shutil.copytree(self.model, copy)
        sound = json.loads(self.passes("inspect", copy, "--json").stdout)["checkpoints"]
        self.assertEqual([entry["step"] for entry in sound], [200, 400])
        self.assertTrue(all(entry["verified"] for entry in sound))
        self.assertEqual(sum(entry["best"] for entry in sound), 1)
        newest = self.checkpoints()[-1]
        content = bytearray(newest.read_bytes())
        content[len(content) // 2] ^= 1
        newest.write_bytes(content)
        done = self.fails(2, ["1 of 2", "damaged"], "inspect", copy, "--json")
        listed = json.loads(done.stdout)["checkpoints"]
        self.assertEqual([entry["verified"] for entry in listed], [True, False])
        self.assertIn(newest.name, listed[1]["problem"])
        self.assertIn("step 200", self.passes("predict", copy, stdin="a\n").stderr)
        newest.unlink()
        self.checkpoints()[0].unlink()
        self.assertIn("checkpoints (0):", self.passes("inspect", copy).stdout)
        (self.folder / "empty").mkdir()
        self.fails(2, ["empty", "no checkpoints"], "inspect", self.folder / "empty")

    def test_what_a_file_holds(self):
        checkpoint = self.home.checkpoints()[-1]
        shown = json.loads(self.passes("inspect", checkpoint, "--json", "--config").stdout)
        shapes = {tensor["name"]: tensor["shape"] for tensor in shown["tensors"]}
        with support.h5py.File(checkpoint, "r") as file:
            weights = file["parameters"]
            self.assertEqual(shown["parameters"], sum(w.size for w in weights.values()))
            for name, weight in weights.items():
                self.assertEqual(shapes[f"/parameters/{name}"], list(weight.shape))
        self.assertEqual((shown["step"], shown["target_symbols"]), (400, 19))
        self.assertIn("width: 64", shown["config"])
        data = json.loads(self.passes("inspect", self.model / "dataset.h5", "--json").stdout)
        self.assertEqual(data["content"], shown["dataset"])
        self.assertEqual((data["train_pairs"], data["test_pairs"]), (3000, len(self.pairs)))
        table = self.passes("inspect", self.model / "dataset.h5", "--config").stdout
        self.assertTrue(re.search(r"train_pairs +3000\n", table))
        self.assertIn("max_length 32", table)


if __name__ == "__main__":
    unittest.main()
