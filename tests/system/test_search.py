"""Searches as a user meets them: the same outputs on any number of ranks and threads, whatever
search the checkpoint was trained with, and what beam search and sampling are good for."""
import json
import unittest

import support

BEAM = "decode={search: beam, beam: 5, length_penalty: 0}"
SAMPLE = "decode={search: sample, temperature: 1.2, top_k: 8, top_p: 0.95}"


class Search(support.SystemTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.open_home()
        config = cls.home.make_toy(train=2000)
        cls.home.passes("train", config, "--set", "training.steps=300",
                        "--set", "validation.every=300")
        cls.model = cls.home.folder / "run"
        cls.sources = [source for source, _ in support.toy_pairs(400, seed=5)]

    def predict(self, *settings, model=None, sources=None, **more):
        done = self.passes("predict", model or self.model, *support.settings(*settings),
                           stdin="".join(f"{line}\n" for line in sources or self.sources), **more)
        return done.stdout.splitlines()

    def scores(self, outputs):
        pairs = self.folder / "pairs.tsv"
        support.write_pairs(pairs, zip(self.sources, outputs))
        done = self.passes("score", self.model, "--pairs", pairs)
        return [float(line) for line in done.stdout.splitlines()]

    def test_the_same_on_any_number_of_ranks_and_threads(self):
        for search in (BEAM, SAMPLE):
            one = self.predict(search)
            summary = self.passes("score", self.model, "--summary", "--json", *support.settings(search))
            for ranks, threads in ((3, 1), (0, 2), (3, 2)):
                more = [search, f"run.threads={threads}"]
                self.assertEqual(self.predict(*more, ranks=ranks), one)
                self.assertEqual(
                    self.passes("score", self.model, "--summary", "--json",
                                *support.settings(*more), ranks=ranks).stdout, summary.stdout)
            self.assertEqual(self.predict(search, "decode.batch=7"), one)

    def test_beam_search_finds_what_is_likelier(self):
        greedy = self.predict()
        self.assertEqual(self.predict("decode={search: beam, beam: 1}"), greedy)
        beam = self.predict(BEAM)
        likelier, same, less = 0, 0, 0
        for one, other in zip(self.scores(beam), self.scores(greedy)):
            likelier += one > other + 1e-4
            less += one < other - 1e-4
            same += one == other
        self.assertLessEqual(less, 0.05 * len(beam))
        self.assertGreater(likelier, 0.1 * len(beam))
        self.assertGreater(same, 0.1 * len(beam))

    def test_n_best_lines_for_each_line(self):
        lines = self.predict(BEAM, "decode.n_best=3", sources=["a b c", "a " * 33, "", "d e f g"])
        best = self.predict(BEAM, sources=["a b c", "d e f g"])
        self.assertEqual(len(lines), 12)
        self.assertEqual([lines[0], lines[9]], best)
        self.assertEqual(lines[3:9], [""] * 6)  # of lines that are too long or empty
        self.assertEqual([len(set(lines[:3])), len(set(lines[9:]))], [3, 3])

    def test_draws_follow_seed_and_line(self):
        one = self.predict(SAMPLE)
        self.assertEqual(self.predict(SAMPLE), one)
        self.assertNotEqual(self.predict(SAMPLE, "decode.seed=2"), one)
        # A line has its draws, whatever stands in front of it.
        self.assertEqual(self.predict(SAMPLE, sources=[""] * 3 + self.sources[3:9])[3:], one[3:9])
        several = self.predict(SAMPLE, sources=["a b c d e f"] * 50)
        self.assertGreater(len(set(several)), 1)
        self.assertEqual(self.predict("decode={search: sample, top_k: 1}"), self.predict())

    def test_lengths_and_unknown_symbols(self):
        for search in ("greedy", "beam", "sample"):
            lines = self.predict(f"decode={{search: {search}, min_length: 5, unknown: false}}",
                                 sources=["a b", "z z z z z z z"])
            self.assertTrue(all(len(line.split()) >= 5 for line in lines), lines)
            self.assertNotIn("<unk>", " ".join(lines))

    def test_a_checkpoint_with_keys_of_another_search(self):
        other = f"run.folder={self.folder}/run"
        self.passes("train", self.home.folder / "toy.yaml", *support.settings(
            other, f"data.dataset={self.folder}/d.h5", "training.steps=10", "validation.every=5",
            "decode={search: beam, beam: 3, n_best: 2, length_penalty: 0.6}"))
        few = {"model": self.folder / "run", "sources": self.sources[:5]}
        self.assertEqual(len(self.predict(**few)), 10)
        self.assertEqual(self.predict("decode.search=greedy", **few), self.predict("decode={beam: 1, n_best: 1}", **few))
        self.assertEqual(len(self.predict("decode={search: sample, top_k: 3}", **few)), 5)
        summary = self.passes("score", self.folder / "run", "--summary", "--json",
                              *support.settings("decode.search=greedy"))
        self.assertIn("exact", json.loads(summary.stdout))
        self.fails(2, ["decode.beam would be ignored", "only when decode.search is beam"], "predict",
                   self.folder / "run", *support.settings("decode={search: greedy, beam: 2}"))

    def test_what_is_refused(self):
        for setting, words in (
                ("decode.beam=5", "only when decode.search is beam"),
                ("decode={search: beam, top_k: 5}", "only when decode.search is sample"),
                ("decode={search: beam, n_best: 6}", "decode.n_best (6) is above decode.beam (5)"),
                ("decode={search: beam, beam: 0}", "at least 1"),
                ("decode={search: sample, top_p: 0}", "above 0"),
                ("decode={search: sample, temperature: 0}", "above 0"),
                ("decode.min_length=40", "decode.min_length (40) is above decode.max_length (32)"),
                ("decode.search=best", "greedy | beam | sample")):
            self.fails(2, words, "predict", self.model, *support.settings(setting), stdin="")


if __name__ == "__main__":
    unittest.main()
