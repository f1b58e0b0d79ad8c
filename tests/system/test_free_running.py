"""Exposure bias, measured: accuracy when fed the truth beside that when fed itself."""
import json
import unittest

import support

FIELDS = ("valid_free_accuracy", "valid_free_edit_accuracy", "exposure_gap")


class FreeRunning(support.SystemTest):
    """One run whose metric needs no decoding, on one rank and on three."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.open_home()
        cls.config = cls.home.make_toy(train=2000)
        # A source twice in the set, with a target it cannot have both times.
        pairs = support.toy_pairs(40, seed=2)
        support.write_pairs(cls.home.folder / "valid.tsv", pairs + [(pairs[0][0], "a b c")])
        for ranks in (0, 3):
            cls.train(cls.home, f"{ranks}", ranks=ranks)

    def train(self, name, *more, ranks=0):
        words = ["training.steps=300", "validation.every=150", "checkpoint.every=150",
                 f"run.folder={self.home.folder}/{name}"] + list(more)
        sets = [word for option in words for word in ("--set", option)]
        return self.passes("train", self.config, *sets, ranks=ranks)

    def validations(self, name):
        return [record for record in self.home.metrics(name) if "valid_loss" in record]

    def test_the_records_have_the_gap(self):
        records = self.validations("0")
        self.assertEqual([record["step"] for record in records], [150, 300])
        for record in records:
            told, itself = record["valid_accuracy"], record["valid_free_accuracy"]
            self.assertAlmostEqual(record["exposure_gap"], told - itself, places=8)
            self.assertLess(itself, told)
            self.assertLess(itself, record["valid_free_edit_accuracy"])
            # Whole symbols of all 41 pairs, their ends included.
            lines = (self.home.folder / "valid.tsv").read_text().splitlines()
            symbols = sum(len(line.split("\t")[1].split()) + 1 for line in lines)
            for key in ("valid_accuracy",) + FIELDS[:2]:
                self.assertAlmostEqual(record[key] * symbols, round(record[key] * symbols), places=4)
        self.assertGreater(records[1]["valid_free_accuracy"], records[0]["valid_free_accuracy"])

    def test_the_same_on_any_number_of_ranks(self):
        self.assertEqual(self.validations("0"), self.validations("3"))

    def test_the_log_says_it(self):
        record = self.validations("0")[-1]
        self.assertIn("accuracy {:.4f} fed the truth, {:.4f} fed itself ({:.4f} by edits)".format(
            record["valid_accuracy"], *(record[key] for key in FIELDS[:2])),
            (self.home.folder / "0/train.log").read_text())

    def test_it_may_be_left_out(self):
        self.train("without", "training.steps=20", "validation.every=10",
                   "validation.free_running=false", ranks=2)
        records = self.validations("without")
        self.assertEqual(len(records), 2)
        for record in records:
            self.assertTrue(set(record).isdisjoint(FIELDS), record)
        self.assertNotIn("fed itself", (self.home.folder / "without/train.log").read_text())

    def test_a_metric_of_outputs_goes_with_or_without_it(self):
        options = ["training.steps=20", "validation.every=20", "validation.metric=exact"]
        self.train("both", *options)
        self.train("metric", *options, "validation.free_running=false")
        self.train("gap", *options[:2])
        both, metric, gap = (self.validations(name)[0] for name in ("both", "metric", "gap"))
        self.assertEqual({key: both[key] for key in both if key not in FIELDS}, metric)
        self.assertEqual({key: both[key] for key in both if key != "valid_exact"}, gap)

    def test_score_says_the_same_of_a_set(self):
        record = self.validations("0")[-1]
        last = self.home.checkpoints("0")[-1]
        words = ["score", last, "--pairs", self.home.folder / "valid.tsv", "--summary"]
        for ranks in (0, 2):
            score = json.loads(self.passes(*words, "--json", ranks=ranks).stdout)
            self.assertGreater(score["pairs"], score["sources"])
            self.assertEqual([record[key] for key in ("valid_accuracy",) + FIELDS],
                             [score[key] for key in ("accuracy", "free_accuracy",
                                                     "free_edit_accuracy", "exposure_gap")])
        self.assertIn("fed the truth, {:.4f} fed itself".format(record["valid_free_accuracy"]),
                      self.passes(*words).stdout)


if __name__ == "__main__":
    unittest.main()
