"""Labels and tags: their data in every form, what is wrong with it, and how outputs are judged."""
import collections
import random
import unittest

import support

CONFIG = """\
run: {{folder: {folder}/run, seed: 3}}
data:
  source: {{vocabulary: words}}
  train: {{pairs: {folder}/train.tsv}}
  valid: {{pairs: {folder}/valid.tsv}}
  test: {{pairs: {folder}/test.tsv}}
  max_length: 12
model: {{task: %s, width: 32, heads: 4, feed_forward: 64, encoder_layers: 1}}
batch: {{tokens: 256, grains: 4}}
training: {{steps: 40, schedule: {{peak: 0.005, warmup: 10}}}}
validation: {{every: 20, metric: %s}}
checkpoint: {{every: 20}}
"""

LABELS = ["plain", "of two words", "an exceedingly long name of a label \u00e9"]
TAGS = {"a": "B-X", "b": "I-X", "c": "B-Y", "d": "O", "e": "O"}


def sentences(count, seed):
    numbers = random.Random(seed)
    return [numbers.choices("abcde", k=numbers.randint(1, 9)) for _ in range(count)]


def label_of(words):
    return LABELS[0 if words[0] in "ab" else 1 if words[0] == "c" else 2]


def pairs_of(task, words):
    if task == "label":
        return " ".join(words), label_of(words)
    return " ".join(words), " ".join(TAGS[word] for word in words)


class LabelTest(support.SystemTest):
    def make(self, task, metric="loss"):
        for name, count, seed in (("train", 300, 1), ("valid", 30, 2), ("test", 40, 3)):
            support.write_pairs(self.folder / f"{name}.tsv",
                                [pairs_of(task, words) for words in sentences(count, seed)])
        return self.write_config(CONFIG % (task, metric))

    def write(self, name, text):
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        return path

    def summary(self, *more, ranks=0):
        done = self.passes("score", self.folder / "run", "--json", *more, ranks=ranks)
        return support.read_json(done.stdout)


class Labels(LabelTest):
    def test_summary(self):
        self.passes("train", self.make("label", "macro_f1"))
        self.assertIn("valid_macro_f1", self.metrics()[-1])
        found = self.summary()
        self.assertEqual(found, self.summary(ranks=2))
        labels, counts = found["confusion"]["labels"], found["confusion"]["counts"]
        gold = collections.Counter(label_of(words) for words in sentences(40, 3))
        self.assertEqual({name: sum(row) for name, row in zip(labels, counts)}, dict(gold))
        right = sum(counts[i][i] for i in range(len(labels)))
        self.assertAlmostEqual(found["accuracy"], 100 * right / 40, 5)
        self.assertGreater(found["accuracy"], 70)
        ones = [2 * counts[i][i] / (sum(counts[i]) + sum(row[i] for row in counts))
                for i in range(len(labels))]
        self.assertAlmostEqual(found["macro_f1"], 100 * sum(ones) / len(ones), 5)

        shown = self.passes("score", self.folder / "run").stdout
        self.assertRegex(shown, r"accuracy +\d+\.\d\d\n +macro_f1 +\d+\.\d\d\n")
        self.assertIn("an exceedingly long\u2026", shown)
        self.assertNotIn("a label", shown)

    def test_label_that_training_has_not(self):
        self.passes("train", self.make("label"))
        pairs = self.write("new.tsv", "a b\tplain\na d\tnew\nb\tplain\nc\t<unk>\n")
        found = self.summary("--pairs", pairs, "--summary")
        labels, counts = found["confusion"]["labels"], found["confusion"]["counts"]
        self.assertEqual(sum(counts[labels.index("new")]), 1)
        self.assertEqual(sum(row[labels.index("new")] for row in counts), 0)
        self.assertEqual(sum(counts[labels.index("<unk>")]), 1)
        self.assertLessEqual(found["accuracy"], 50)
        self.assertEqual(found["pairs"], 4)

    def test_many_labels_have_no_table(self):
        config = self.make("label")
        lines = [(f"w{i} w{i}", f"label {i}") for i in range(30)]
        for name in ("train", "valid", "test"):
            support.write_pairs(self.folder / f"{name}.tsv", lines)
        self.passes("train", config, "--set", "training.steps=2")
        shown = self.passes("score", self.folder / "run").stdout
        self.assertIn("too many for a table", shown)
        self.assertIn("the largest confusions:", shown)
        counts = self.summary()["confusion"]["counts"]
        self.assertEqual(sum(map(sum, counts)), 30)


class Tags(LabelTest):
    def test_every_form_is_the_same_data(self):
        self.passes("train", self.make("tag", "span_f1"))
        self.assertIn("valid_span_f1", self.metrics()[-1])
        tests = [pairs_of("tag", words) for words in sentences(40, 3)]
        found = self.summary()
        self.assertEqual(found, self.summary(ranks=2))
        self.assertGreater(found["span_f1"], 50)
        self.assertGreater(found["accuracy"], 80)
        source = self.write("in", "".join(f"{words}\n" for words, _ in tests))
        target = self.write("out", "".join(f"{tags}\n" for _, tags in tests))
        files = ("--source", source, "--target", target)
        self.assertEqual(self.summary("--summary", *files), found)
        conll = self.write("conll", "\n\n".join(
            "\n".join(f"{word}\t{tag}" for word, tag in zip(words.split(), tags.split()))
            for words, tags in tests))
        self.assertEqual(self.summary("--summary", "--conll", conll), found)
        scores = [self.passes("score", self.folder / "run", *given).stdout
                  for given in (files, ("--conll", conll), ("--pairs", self.folder / "test.tsv"))]
        self.assertEqual(scores[0], scores[1])
        self.assertEqual(scores[0], scores[2])
        self.assertEqual(len(scores[0].splitlines()), 40)

        # outputs by themselves, word by word
        outputs = self.passes("predict", self.folder / "run", stdin=source.read_text()).stdout
        same = [a == b for given, (_, tags) in zip(outputs.splitlines(), tests)
                for a, b in zip(given.split(), tags.split())]
        self.assertAlmostEqual(found["accuracy"], 100 * sum(same) / len(same), 5)

    def test_spans_are_whole(self):
        """In the data they are not, so that each word's likeliest tag is none of iob2's at times."""
        self.passes("train", self.make("tag"))
        source = "".join(f"{' '.join(words)}\n" for words in sentences(40, 3))
        given = {}
        for scheme in ("likeliest", "iob2"):
            options = ("--set", f"decode.tags={scheme}", "--format", "tsv")
            given[scheme] = self.passes("predict", self.folder / "run", *options, stdin=source).stdout
            self.assertEqual(given[scheme], self.passes("predict", self.folder / "run", *options,
                                                        stdin=source, ranks=2).stdout)
        found = self.passes("score", self.folder / "run", "--summary", "--set", "decode.tags=iob2")
        self.assertRegex(found.stdout + found.stderr, r"decode\.tags: iob2: the right tags of \d+ of "
                         r"40 pairs do not keep to it.*: I-X behind \S+ in pair \d+")
        broken = {scheme: sum(now == "I-X" and before not in ("B-X", "I-X")
                              for line in lines.splitlines()
                              for before, now in self.steps(line.split("\t")[1]))
                  for scheme, lines in given.items()}
        self.assertGreater(broken["likeliest"], 0)
        self.assertEqual(broken["iob2"], 0)
        self.scores_agree(given["iob2"])

    @staticmethod
    def steps(tags):
        tags = tags.split()
        return zip(["O"] + tags, tags)

    def scores_agree(self, lines):
        """What prediction says of its outputs is what scoring says of them."""
        rows = [line.split("\t") for line in lines.splitlines()]
        support.write_pairs(self.folder / "own.tsv", [row[:2] for row in rows])
        scored = self.passes("score", self.folder / "run", "--pairs", self.folder / "own.tsv").stdout
        for row, line in zip(rows, scored.splitlines(), strict=True):
            self.assertAlmostEqual(float(row[2]), float(line.split("\t")[0]),
                                   delta=1e-4 + 1e-5 * abs(float(row[2])))

    def test_training_from_conll_is_the_same(self):
        config = self.make("tag")
        self.passes("train", config)
        conll = self.write("train.conll", "".join(
            "".join(f"{word} X {TAGS[word]}\n" for word in words) + "\n"
            for words in sentences(300, 1)))
        self.passes("train", config, *support.settings(
            f"run.folder={self.folder}/other", "data.train.pairs=null",
            f"data.train.conll={conll}"), ranks=2)
        self.assertSameState(self.checkpoints()[-1], self.checkpoints("other")[-1])

    def test_counts_that_differ(self):
        config = self.make("tag")
        bad = self.write("bad.tsv", "a b\tB-X I-X\na b c\tO O\n")
        wrong = ["bad.tsv:2: the number of words, 3, is not that of tags, 2"]
        for split in ("train", "valid"):
            one = support.settings(f"data.{split}.pairs={bad}")
            self.fails(2, wrong + [f"data.{split}"], "prepare", config, *one)
            self.fails(2, wrong, "train", config, *one)
        self.fails(2, wrong, "train", config, *one, ranks=2)
        self.assertFalse((self.folder / "run/dataset.h5").exists())
        source, target = self.write("in", "a\nb c\n"), self.write("out", "O\nO\n")
        files = support.settings("data.train.pairs=null", f"data.train.source={source}",
                                 f"data.train.target={target}")
        self.fails(2, ["in:2 and ", "out:2: ", "words, 2,", "tags, 1;"], "prepare", config, *files)
        self.passes("train", config, "--set", "training.steps=2")
        for more in ((), ("--summary",)):
            self.fails(2, wrong, "score", self.folder / "run", "--pairs", bad, *more)
            self.fails(2, wrong, "score", self.folder / "run", "--pairs", bad, *more, ranks=2)

    def test_conll_that_is_none(self):
        config = self.make("tag")
        for text, words in (("a O\nb\n", ":2: one column"), ("a O\n\na N O\n", ":3: 3 columns"),
                            ("a O\nb\u00a0c O\n", ":2: 3 columns"), ("", "no tag"),
                            ("\n \n\n", "no tag"), ("a O\nb \udcff O", ":2: byte")):
            with self.subTest(text):
                path = self.folder / "bad.conll"
                path.write_bytes(text.encode("utf-8", "surrogateescape"))
                self.fails(2, words, "prepare", config, *support.settings(
                    "data.train.pairs=null", f"data.train.conll={path}"))
                self.assertFalse((self.folder / "run/dataset.h5").exists())


class Keys(LabelTest):
    def refuses(self, task, setting, *words):
        config = self.write_config(CONFIG % (task, "loss"))
        self.fails(2, words, "config", config, "--set", setting)

    def test_keys_that_make_no_sense(self):
        for task in ("label", "tag"):
            for key in ("data.target.vocabulary=words", "data.target.size=3",
                        "data.vocabulary=joint", "data.references=sources"):
                self.refuses(task, key, key.split("=")[0], "model.task is generate")
            for metric in ("bleu", "exact", "wer"):
                self.refuses(task, f"validation.metric={metric}", "goes with model.task generate")
        self.refuses("label", "data.train.conll=x", "applies only when model.task is tag")
        self.refuses("label", "validation.metric=span_f1", "goes with model.task tag, not label")
        self.refuses("tag", "validation.metric=macro_f1", "goes with model.task label, not tag")
        self.refuses("tag", "data.train.conll=x", "pairs together with conll")
        self.refuses("tag", "data.train={pairs: null, conll: x, source: y, target: z}", "conll together with")

    def test_conll_is_for_tags(self):
        self.passes("train", self.make("label"), "--set", "training.steps=2")
        self.fails(2, "does not tag", "score", self.folder / "run", "--conll", "x")
        self.fails(2, "or --conll f, or", "score", self.folder / "run", "--conll", "x",
                   "--pairs", "y")


if __name__ == "__main__":
    unittest.main()
