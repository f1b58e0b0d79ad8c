"""Models that label and tag: trained on any ranks, resumed, averaged, fine-tuned and used."""
import itertools
import math
import random
import unittest

import h5py
import numpy

import support

CONFIG = """\
run: {{folder: {folder}/run, seed: 3}}
data:
  source: {{vocabulary: characters}}
  train: {{pairs: {folder}/train.tsv}}
  valid: {{pairs: {folder}/valid.tsv}}
  test: {{pairs: {folder}/test.tsv}}
  max_length: 40
  window: 100
model: {{task: %s, width: 32, heads: 4, feed_forward: 64, encoder_layers: 2}}
batch: {{tokens: 512, grains: 5}}
training: {{steps: 40, schedule: {{peak: 0.005, warmup: 10}}, report_every: 1}}
validation: {{every: 10, metric: accuracy}}
checkpoint: {{every: 10}}
distributed: {{bucket_bytes: 65536}}
"""
WORDS = {"apple": "fruit", "pear": "fruit", "saw": "tool", "axe": "tool", "cow": "farm beast"}
FILLERS = ["the", "an", "old", "red"]

# name: what the ranks could change in it
MODELS = {
    "label": [],
    "label-begin": ["model.pool=begin", "model.encoder_norm=batch", "model.norm_position=pre",
                    "model.positions=learned", "training.gather_pairs=100"],
    "tag": ["data.source.vocabulary=sentencepiece", "data.source.size=30"],
    "tag-batch": ["model.encoder_norm=batch", "training.average_decay=0.9",
                  "batch.grains=4"],
}


def sentences(count, seed):
    numbers = random.Random(seed)
    made = []
    for _ in range(count):
        words = numbers.choices(FILLERS, k=numbers.randint(1, 4))
        words.insert(numbers.randint(0, len(words)), numbers.choice(list(WORDS)))
        made.append(words)
    return made


def truth_of(task, words):
    if task == "label":
        return next(WORDS[word] for word in words if word in WORDS)
    return " ".join("B-" + WORDS[word].split()[0] if word in WORDS else "O" for word in words)


class LabelTest(support.SystemTest):
    def make(self, task):
        for name, count, seed in (("train", 400, 1), ("valid", 50, 2), ("test", 60, 3)):
            support.write_pairs(self.folder / f"{name}.tsv",
                                [(" ".join(words), truth_of(task, words))
                                 for words in sentences(count, seed)])
        return self.write_config(CONFIG % task)

    def train(self, config, name, *more, ranks=0):
        return self.passes("train", config, *support.settings(
            f"run.folder={self.folder}/{name}", *more), ranks=ranks)

    def predict(self, run, lines, *more, ranks=0):
        done = self.passes("predict", self.folder / run, *more, ranks=ranks,
                           stdin="".join(f"{line}\n" for line in lines))
        return done.stdout.splitlines()


class Bits(LabelTest):
    def used(self, name, ranks, *more):
        """All that comes out of a run, as it is printed."""
        run = self.folder / name
        lines = (self.folder / "test.tsv").read_text().splitlines()
        sources = [line.split("\t")[0] for line in lines]
        scores = self.passes("score", run, "--pairs", self.folder / "test.tsv", *more, ranks=ranks)
        summary = self.passes("score", run, "--json", *more, ranks=ranks)
        return (self.predict(name, sources, "--format", "tsv", *more, ranks=ranks),
                scores.stdout, support.read_json(summary.stdout))

    def compare(self, model):
        config = self.make(model.split("-")[0])
        options = [f"data.dataset={self.folder}/data.h5"] + MODELS[model]
        self.train(config, "run", *options)
        reference, metrics = self.checkpoints()[-1], self.losses("run")
        self.assertGreater(metrics[-1][1], 0)
        used = self.used("run", 0)
        for ranks, threads in ((2, 1), (3, 1), (4, 1), (0, 2)):
            with self.subTest(ranks=ranks, threads=threads):
                name = f"run-{ranks}-{threads}"
                self.train(config, name, *options, f"run.threads={threads}", ranks=ranks)
                self.assertSameState(reference, self.checkpoints(name)[-1])
                self.assertEqual(metrics, self.losses(name))
                if ranks != 2:
                    other = self.used("run", ranks, "--set", f"run.threads={threads}")
                    self.assertEqual(used, other)
        # cut short and resumed
        first = [option for option in options if "gather_pairs" not in option]
        self.train(config, "cut", *first, "training.steps=20", ranks=3)
        self.train(config, "cut", *options, ranks=2)
        self.assertSameState(reference, self.checkpoints("cut")[-1])
        self.assertEqual(metrics, self.losses("cut"))

    def losses(self, name):
        keys = ("loss", "accuracy", "valid_loss", "valid_accuracy")
        return [(line["step"],) + tuple(line[key] for key in keys if key in line)
                for line in self.metrics(name)]

    def test_labels(self):
        self.compare("label")

    def test_labels_of_begin(self):
        self.compare("label-begin")

    def test_tags(self):
        self.compare("tag")

    def test_tags_batch_norm_and_a_moving_average(self):
        self.compare("tag-batch")


class Use(LabelTest):
    @classmethod
    def setUpClass(cls):
        cls.open_home()
        cls.home.labels = cls.home.make("label")
        cls.home.train(cls.home.labels, "label")
        cls.home.tags = cls.home.make("tag")
        cls.home.train(cls.home.tags, "tag")

    def setUp(self):
        super().setUp()
        self.others, self.folder = self.folder, self.home.folder

    def test_a_label_and_its_probability(self):
        sources = [" ".join(words) for words in sentences(60, 3)]
        text, tsv = (self.predict("label", sources, "--format", form) for form in ("text", "tsv"))
        right = 0
        for words, short, row in zip(sentences(60, 3), text, tsv):
            source, *fields = row.split("\t")
            names, shares = fields[::2], [float(share) for share in fields[1::2]]
            self.assertEqual(source, " ".join(words))
            self.assertEqual(short, f"{fields[0]}\t{fields[1]}")
            self.assertEqual(set(names), set(WORDS.values()))
            self.assertEqual(shares, sorted(shares, reverse=True))
            self.assertAlmostEqual(sum(shares), 1, 5)
            right += names[0] == truth_of("label", words)
        self.assertGreater(right, 50)

    def test_tags_and_their_score(self):
        words = sentences(60, 3)
        text, tsv = (self.predict("tag", map(" ".join, words), "--format", form)
                     for form in ("text", "tsv"))
        right = all_of_them = 0
        for sentence, tags, row in zip(words, text, tsv):
            source, again, score = row.split("\t")
            self.assertEqual((source, again), (" ".join(sentence), tags))
            self.assertLess(float(score), 0)
            self.assertEqual(len(tags.split(" ")), len(sentence))
            right += sum(a == b for a, b in zip(tags.split(" "),
                                                truth_of("tag", sentence).split(" ")))
            all_of_them += len(sentence)
        self.assertGreater(right, 0.9 * all_of_them)

    def test_score_is_what_predict_says(self):
        for task in ("label", "tag"):
            sources = [" ".join(words) for words in sentences(40, 5)]
            rows = [row.split("\t") for row in self.predict(task, sources, "--format", "tsv")]
            pairs = self.others / "pairs.tsv"
            support.write_pairs(pairs, [row[:2] for row in rows])
            scores = self.passes("score", self.folder / task, "--pairs", pairs).stdout.split()
            for row, score in zip(rows, scores, strict=True):
                said = float(row[2]) if task == "tag" else math.log(float(row[2]))
                self.assertAlmostEqual(said, float(score), 4)

    def test_what_training_never_saw_is_impossible(self):
        for task, targets in (("label", ["tool", "new"]), ("tag", ["O B-tool", "O X"])):
            pairs = self.others / "pairs.tsv"
            support.write_pairs(pairs, [("the saw", target) for target in targets])
            scores = self.passes("score", self.folder / task, "--pairs", pairs).stdout.split()
            self.assertLess(float(scores[0]), 0)
            self.assertEqual(scores[1], "-inf")

    def test_an_output_depends_on_its_source_alone(self):
        sources = [" ".join(words) for words in sentences(60, 8)]
        for task in ("label", "tag"):
            whole = self.predict(task, sources, "--format", "tsv")
            turned = self.predict(task, sources[::-1], "--format", "tsv", ranks=2)
            self.assertEqual(whole, turned[::-1])
            self.assertEqual(whole[:1], self.predict(task, sources[:1], "--format", "tsv"))

    def test_lines_without_an_answer(self):
        for task in ("label", "tag"):
            self.assertEqual(self.predict(task, ["", "saw", "x" * 99])[::2], ["", ""])
            self.assertEqual(self.predict(task, ["", "x" * 99], "--format", "tsv"),
                             ["\t\tnan", "x" * 99 + "\t\tnan"])

    def test_pairs_without_a_score(self):
        for task, target in (("label", "tool"), ("tag", "B-tool")):
            pairs = self.others / "pairs.tsv"
            support.write_pairs(pairs, [("", target if task == "label" else ""),
                                        ("saw", target),
                                        ("saw" if task == "label" else "", ""),
                                        ("x" * 99, target)])
            for ranks in (0, 2):
                scores = self.passes("score", self.folder / task, "--pairs", pairs, ranks=ranks)
                self.assertEqual(scores.stdout.split()[::2] + scores.stdout.split()[3:],
                                 ["nan"] * 3)
                self.assertLess(float(scores.stdout.split()[1]), 0)

    def test_attention(self):
        for task in ("label", "tag"):
            path = self.others / f"{task}.h5"
            self.predict(task, ["the saw", "", "an axe"], "--attention", path)
            with h5py.File(path) as file:
                self.assertEqual(list(file["lines"]), ["1", "3"])
                line = file["lines/1"]
                self.assertEqual(sorted(line), ["encoder", "source", "target"])
                self.assertEqual(line["encoder"].shape, (2, 4, 7, 7))
                numpy.testing.assert_allclose(line["encoder"][()].sum(axis=-1), 1, atol=1e-5)
                self.assertEqual(len(line["target"]), 1 if task == "label" else 2)

    def test_what_makes_no_sense(self):
        for task in ("label", "tag"):
            run = self.folder / task
            self.fails(2, "--format pieces: a label or tags", "predict", run, "--format", "pieces",
                       stdin="saw\n")
            self.fails(2, "--format pieces: a label or tags", "predict", run, "--format", "pieces",
                       stdin="saw\n", ranks=2)
            for key in ("decode.search=beam", "decode.max_length=9", "decode.unknown=false"):
                self.fails(2, [key.split("=", maxsplit=1)[0], "model.task is generate"],
                           "predict", run, "--set", key, stdin="saw\n")
            change = "model.task=generate" if task == "tag" else "model.pool=begin"
            self.fails(2, [change.split("=", maxsplit=1)[0], "cannot change on resume"], "train",
                       self.home.tags, *support.settings(f"run.folder={run}",
                                                         f"model.task={task}", change))

    def test_bench_and_inspect(self):
        for task, config in (("label", self.home.labels), ("tag", self.home.tags)):
            for more in ((), ("--vocabulary", "30", "--length", "12")):
                done = self.passes("bench", config, "--json", "--steps", "3", *more,
                                   "--set", f"model.task={task}", "--set",
                                   f"run.folder={self.others}/bench-{task}")
                found = support.read_json(done.stdout)
                self.assertGreater(found["tokens_per_second"], 0)
                self.assertGreater(found["step_gflops"], 0)
            shown = self.passes("inspect", self.checkpoints(task)[-1]).stdout
            self.assertIn("classifier.weight", shown)
            self.assertRegex(shown, f"target_vocabulary +{task}s")
            self.assertNotIn("decoder", shown)

    def test_the_mean_of_checkpoints(self):
        for task in ("label", "tag"):
            mean = self.others / f"{task}.h5"
            self.passes("average", self.folder / task, "--last", "3", "--output", mean)
            with h5py.File(mean) as file:
                got = file["parameters/classifier.weight"][()]
            rows = []
            for path in self.checkpoints(task)[-3:]:
                with h5py.File(path) as file:
                    rows.append(file["parameters/classifier.weight"][()])
            numpy.testing.assert_allclose(got, numpy.mean(rows, axis=0), atol=1e-6)
            self.assertNotEqual(self.passes("predict", mean, stdin="the saw\n").stdout, "\n")


class FineTuning(LabelTest):
    KEEP = ["training.steps=1", "training.schedule.peak=1e-12", "validation.every=0",
            "validation.metric=null"]

    def tensors(self, run):
        with h5py.File(self.checkpoints(run)[-1]) as file:
            names = file["vocabulary/target/symbols"].asstr()[()].tolist()
            return names, {name: value[()] for name, value in file["parameters"].items()}

    def tune(self, config, name, start, *more):
        return self.train(config, name, *self.KEEP, *more,
                          f"training.initialize_from={self.folder}/{start}")

    def test_from_the_encoder_of_a_generating_model(self):
        config = self.make("tag")
        for norm in ("layer", "batch"):
            teacher, student = f"generate-{norm}", f"tag-{norm}"
            self.train(config, teacher, "model.task=generate", "training.steps=10",
                       "model.decoder_layers=1", "model.tie=none", f"model.decoder_norm={norm}")
            done = self.tune(config, student, teacher)
            self.assertIn("classifier.weight is not in the checkpoint and starts fresh", done.stderr)
            self.assertNotIn("target vocabulary", done.stderr)
            _, one = self.tensors(teacher)
            _, other = self.tensors(student)
            self.assertFalse([name for name in other if name.startswith("decoder")])
            for name in set(other) - {"classifier.weight", "classifier.bias"}:
                numpy.testing.assert_allclose(other[name], one[name], atol=1e-6, err_msg=name)
        # but a body is taken whole
        self.fails(2, "another model's", "train", config, *support.settings(
            *self.KEEP, f"run.folder={self.folder}/deeper", "model.encoder_layers=1",
            f"training.initialize_from={self.folder}/generate-layer"))
        self.fails(2, ["another model's", "target_embedding"], "train", config, *support.settings(
            *self.KEEP, f"run.folder={self.folder}/back", "model.task=generate",
            f"training.initialize_from={self.folder}/tag-layer"))

    def test_other_labels_take_their_rows_along(self):
        config = self.make("label")
        self.train(config, "first", "training.steps=10")
        lines = (self.folder / "train.tsv").read_text().replace("\ttool", "\tthing")
        order = sorted(lines.splitlines(), key=lambda line: line.split("\t")[1] != "thing")
        (self.folder / "train.tsv").write_text(
            "".join(f"{line}\n" for line in order) + "the zoo\tplace\n" * 300)
        done = self.tune(config, "tuned", "first")
        self.assertRegex(done.stderr, "target vocabulary: 5 of 7 symbols are in the checkpoint")
        self.train(config, "fresh", *self.KEEP)
        names, first = self.tensors("first")
        again, tuned = self.tensors("tuned")
        _, fresh = self.tensors("fresh")
        self.assertNotEqual(names.index("fruit"), again.index("fruit"))
        for (row, label), key in itertools.product(enumerate(again[3:]),
                                                   ("classifier.weight", "classifier.bias")):
            known = label in names
            want = first[key][names.index(label) - 3] if known else fresh[key][row]
            numpy.testing.assert_allclose(tuned[key][row], want, atol=1e-6, err_msg=label)


if __name__ == "__main__":
    unittest.main()
