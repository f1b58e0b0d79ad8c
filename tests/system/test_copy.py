"""Copying (model.copy): names that training never saw."""
import random
import sys
import unittest

import h5py

import support

CONFIG = support.CONFIG.replace("vocabulary: words", "vocabulary: words, minimum_count: 5") \
    .replace("  tie: target", "  tie: target\n  copy: true").replace("_layers: 2", "_layers: 1")
PHRASES = [("i am {}", "hello {} !"), ("my name is {} .", "nice to meet you , {} !"),
           ("{} and {} are here", "welcome {} and {} !")]
TRAINED = 300


def make_pairs(count, seed, letters):
    """What is said, and the answer; names are of these letters."""
    numbers = random.Random(seed)
    pairs = []
    for _ in range(count):
        names = ["".join(numbers.choices(letters, k=6)) for _ in range(2)]
        pairs.append(tuple(text.format(*names) for text in numbers.choice(PHRASES)))
    return pairs


class Copy(support.SystemTest):
    def make_chat(self, text=CONFIG):
        for name, count, seed, letters in (("train", 2000, 1, "abcdefgh"), ("valid", 60, 2, "abcdefgh"),
                                           ("test", 100, 3, "ijklmnop")):
            support.write_pairs(self.folder / f"{name}.tsv", make_pairs(count, seed, letters))
        return self.write_config(text)

    def train(self, config, run="run", steps=TRAINED, more=(), ranks=0):
        sets = support.settings(f"run.folder={self.folder}/{run}", f"training.steps={steps}",
                                "training.report_every=1", *more)
        return self.passes("train", config, *sets, ranks=ranks)

    def summary(self, run="run"):
        done = self.passes("score", self.folder / run, "--split", "test", "--json")
        return support.read_json(done.stdout)


class Chat(Copy):
    @classmethod
    def setUpClass(cls):
        cls.open_home()
        cls.home.train(cls.home.make_chat())

    def setUp(self):
        super().setUp()
        self.run_folder = self.home.folder / "run"
        self.pairs = make_pairs(40, 4, "xyz")

    def predict(self, *words, ranks=0):
        text = "".join(source + "\n" for source, _ in self.pairs)
        return self.passes("predict", self.run_folder, *words, stdin=text, ranks=ranks).stdout

    def test_names_that_training_never_saw(self):
        self.assertGreaterEqual(self.home.summary()["exact"], 97)
        self.assertEqual(self.predict().splitlines(), [target for _, target in self.pairs])

    def test_the_share_that_is_generated_is_a_metric(self):
        self.assertTrue(0.1 < self.home.summary()["gate"] < 0.9)
        lines = self.home.metrics()
        self.assertTrue(all(0 < line["gate"] < 1 for line in lines if "loss" in line))
        self.assertTrue(all(0 < line["valid_gate"] < 1 for line in lines if "valid_loss" in line))

    def test_every_search_says_what_score_says_on_any_number_of_ranks(self):
        for search in (["greedy"], ["beam", "decode.beam=4", "decode.n_best=3"], ["sample"]):
            with self.subTest(search[0]):
                options = support.settings(f"decode.search={search[0]}", *search[1:])
                out = self.predict("--format", "tsv", *options)
                self.assertEqual(out, self.predict("--format", "tsv", *options, ranks=3))
                self.assertEqual(out, self.predict("--format", "tsv", *options, "--set",
                                                   "decode.batch=1", "--set", "run.threads=2"))
                rows = [line.split("\t") for line in out.splitlines() if not line.endswith("nan")]
                support.write_pairs(self.folder / "out.tsv", [row[:2] for row in rows])
                scores = self.passes("score", self.run_folder, "--pairs", self.folder / "out.tsv")
                for row, score in zip(rows, scores.stdout.split()):
                    self.assertAlmostEqual(float(row[2]), float(score), delta=1e-4, msg=row)

    def test_what_is_written_in_the_source_comes_out(self):
        self.pairs = [("i am <end>", ""), ("i am <unk>", ""), ("i am O'Brien-Łukasz", "")]
        self.assertEqual(self.predict().splitlines(),
                         ["hello <end> !", "hello <unk> !", "hello O'Brien-Łukasz !"])
        self.assertEqual(self.predict("--format", "pieces"), self.predict())

    def test_pictures_of_the_pointer(self):
        self.pairs = self.pairs[:2]
        self.predict("--attention", self.folder / "a.h5")
        support.run([sys.executable, str(support.ROOT / "scripts/plot_attention.py"),
                     str(self.folder / "a.h5"), "--output", str(self.folder / "p")])
        names = {path.name for path in self.folder.glob("p*")}
        self.assertEqual(names, {"p.svg"} | {f"p-{kind}.png" for kind in
                                             ("encoder", "decoder", "cross", "copy")})
        self.assertIn("pointer, to the source: copied", (self.folder / "p.svg").read_text())

    def test_attention_shows_the_place_and_the_gate(self):
        self.predict("--attention", self.folder / "a.h5")
        with h5py.File(self.folder / "a.h5") as file:
            for number, (source, target) in enumerate(self.pairs, start=1):
                line = file[f"lines/{number}"]
                words, fed = (list(line[name].asstr()) for name in ("source", "fed"))
                self.assertEqual(words, source.split() + ["<end>"])
                self.assertEqual(list(line["target"].asstr()), target.split() + ["<end>"])
                self.assertEqual(line["copy"].shape, (len(fed), len(words)))
                self.assertEqual(line["gate"].shape, (len(fed),))
                name = next(word for word in target.split() if set(word) <= set("xyz"))
                place = target.split().index(name)
                self.assertEqual(words[line["copy"][place].argmax()], name)
                self.assertLess(line["gate"][place], 0.1)
                self.assertAlmostEqual(line["copy"][place].sum(), 1, delta=1e-4)


class Training(Copy):
    def test_without_copying_no_name_is_right(self):
        config = self.make_chat(CONFIG.replace("copy: true", "copy: false"))
        self.train(config)
        self.assertLess(self.summary()["exact"], 3)

    def test_characters_that_training_never_saw(self):
        config = self.make_chat(CONFIG.replace("vocabulary: words, minimum_count: 5",
                                               "vocabulary: characters").replace("32", "60"))
        pairs = [(f"{a}{b}=", f"{b}{a}!") for a, b in
                 (random.Random(s).choices("abcdefghijklmnop", k=2) for s in range(1500))]
        support.write_pairs(self.folder / "train.tsv", pairs)
        support.write_pairs(self.folder / "valid.tsv", pairs[:20])
        more = ["data.source.minimum_count=200", "data.target.minimum_count=200"]
        self.train(config, steps=400, more=more)
        done = self.passes("predict", self.folder / "run", stdin="你好=\nñß=\n")
        self.assertEqual(done.stdout, "好你!\nßñ!\n")

    def test_codes_tell_unknown_words_apart(self):
        """What the second word says of the one that is asked for."""
        def pairs(count, seed, letters):
            numbers = random.Random(seed)
            for _ in range(count):
                names = ["".join(numbers.choices(letters, k=6)) for _ in range(2)]
                colours = numbers.sample(["red", "blue", "green", "white"], 2)
                asked = numbers.randrange(2)
                yield f"{names[asked]} ? {names[0]} {colours[0]} {names[1]} {colours[1]}", colours[asked]

        config = self.make_chat()
        for name, count, seed, letters in (("train", 3000, 1, "abcdefgh"), ("valid", 50, 2, "abcdefgh"),
                                           ("test", 100, 3, "ijklmnop")):
            support.write_pairs(self.folder / f"{name}.tsv", pairs(count, seed, letters))
        exact = {}
        for codes in ("true", "false"):
            self.train(config, codes, 300, [f"model.copy_codes={codes}", "model.encoder_layers=2"])
            exact[codes] = self.summary(codes)["exact"]
        self.assertGreaterEqual(exact["true"], 95)
        self.assertLess(exact["false"], 70)

    def test_a_run_that_goes_on_and_one_that_never_stopped(self):
        config = self.make_chat()
        more = ["training.scheduled_sampling.schedule=constant",
                "training.scheduled_sampling.value=0.5",
                "training.scheduled_sampling.prediction=sample",
                f"data.dataset={self.folder}/data.h5"]
        self.train(config, "whole", 60, more)
        self.train(config, "pieces", 20, more, ranks=2)
        self.train(config, "pieces", 60, more, ranks=3)
        self.assertSameState(*(self.checkpoints(run)[-1] for run in ("whole", "pieces")))

    def test_a_dataset_of_another_kind_of_model_is_made_anew(self):
        config = self.make_chat()
        shared = [f"data.dataset={self.folder}/data.h5"]
        self.train(config, "one", 2, shared)
        self.train(config, "two", 2, [*shared, "model.copy=false"])
        self.train(config, "three", 2, shared)

    def test_what_makes_no_sense_is_refused(self):
        config = self.make_chat()
        self.fails(2, ["model.copy", "words"], "train", config, "--set",
                   "data.source.vocabulary=characters", "--set", "data.source.minimum_count=1")
        self.fails(2, ["model.copy", "autoregressive"], "train", config, "--set",
                   "model.decoder=parallel", "--set", "validation.metric=loss")

    def test_bench_measures_it(self):
        config = self.make_chat()
        done = self.passes("bench", config, "--json", "--steps", "2")
        self.assertGreater(support.read_json(done.stdout)["step_gflops"], 0)
        self.passes("bench", config, "--json", "--steps", "2", "--vocabulary", "50", "--length", "9")


if __name__ == "__main__":
    unittest.main()
