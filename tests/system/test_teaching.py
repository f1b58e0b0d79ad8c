"""The recipes of configs/teaching and the script that makes a table of them."""
import json
import pathlib
import re
import unittest

import support

SCRIPT = support.ROOT / "scripts/teaching.sh"
RECIPES = sorted((support.ROOT / "configs/teaching").glob("*.yaml"))


class Teaching(support.SystemTest):
    def teaching(self, *words, code=0):
        options = []
        for option in ("training.steps=6", "training.schedule.warmup=2", "validation.every=6",
                       "model.width=16", "batch.tokens=256",
                       *(f"data.{name}.pairs={self.folder}/{name}.tsv"
                         for name in ("train", "valid", "test"))):
            options += ["--set", option]
        done = support.run([SCRIPT, "-o", self.folder / "runs", *words, "--", *options],
                           env=support.environment(LOCKSTEP=support.LOCKSTEP))
        self.assertEqual(done.returncode, code, f"{done.stdout}\n{done.stderr}")
        return done

    def test_rows_are_trained_once_and_make_a_table(self):
        self.make_toy(train=200)
        first = self.teaching("-s", "1 3", "cmudict-layer", "cmudict-b*")
        self.assertEqual(first.stderr.count("done: 6 steps"), 4)
        head, _, layer, batch = [line.strip("| ").split(" | ") for line in first.stdout.splitlines()]
        self.assertEqual(head[3:6], ["seed 1", "seed 3", "mean"])
        self.assertEqual([layer[0], batch[0]], ["cmudict-layer", "cmudict-batch"])
        scores = [json.loads((self.folder / f"runs/cmudict-layer-seed{seed}/test.json").read_text())
                  for seed in (1, 3)]
        self.assertEqual(layer[2:5], ["WER"] + [f"{100 - score['exact']:.2f}" for score in scores])
        for place, key in ((6, "accuracy"), (7, "free_accuracy"), (8, "free_edit_accuracy"),
                           (9, "exposure_gap")):
            self.assertEqual(layer[place], f"{sum(score[key] for score in scores) / 2:.4f}")
        again = self.teaching("-s", "1 3", "cmudict-layer", "cmudict-b*")
        self.assertEqual(again.stdout, first.stdout)
        self.assertNotIn("steps", again.stderr)
        # What is not done is left open in the table, and done by the next call.
        (self.folder / "runs/cmudict-batch-seed3/test.json").unlink()
        self.assertIn(f"| {batch[3]} | – | {batch[3]} |",
                      self.teaching("-t", "-s", "1 3", "cmudict-batch").stdout)
        self.assertEqual(self.teaching("-s", "1 3", "cmudict-layer", "cmudict-b*").stdout, first.stdout)

    def test_a_row_that_does_not_exist(self):
        for words in (["cmudict-layer", "nonsense"], ["-s", "one"], ["-n", "0"]):
            self.assertTrue(self.teaching(*words, code=2).stderr)

    def test_every_recipe_is_a_row(self):
        listed = self.teaching("nonsense", code=2).stderr.split("there are: ")[1].split()
        self.assertEqual(sorted(listed), [path.stem for path in RECIPES])

    def test_rows_of_a_task_differ_in_how_they_are_taught_alone(self):
        taught = re.compile(r"^ *(encoder_norm|decoder_norm|gather_pairs):.*\n|"
                            r"^  (scheduled_sampling|teacher_noise):\n(    .*\n)*|"
                            r"^run:\n(  .*\n)*", re.MULTILINE)
        for task in ("cmudict", "multi30k"):
            rest = {taught.sub("", self.passes("config", path).stdout)
                    for path in RECIPES if path.stem.startswith(task)}
            self.assertEqual(len(rest), 1)

    def test_sampling_reaches_one_half_at_the_end(self):
        # The floor of 0.5 is met in the last steps, not long before.
        for path in RECIPES:
            text = pathlib.Path(path).read_text()
            if "scheduled_sampling" not in text:
                continue
            number = lambda key: float(re.search(rf"\b{key}: ([\d.]+)", text)[1])
            steps = number("steps") - number("start")
            self.assertAlmostEqual(number("start") / number("steps"), 1 / 3, delta=0.01)
            if "schedule: linear\n" in text:
                e = number("value") - number("decay") * steps
            elif "schedule: exponential\n" in text:
                e = number("decay") ** steps
            else:
                e = number("k") / (number("k") + 2.718281828 ** (steps / number("k")))
            self.assertAlmostEqual(e, 0.5, delta=0.002, msg=path.name)


if __name__ == "__main__":
    unittest.main()
