"""Scheduled sampling and teacher noise: the same bits everywhere, and e(step) as asked."""
import math
import os
import signal
import subprocess
import unittest

import support

STEPS = 12

# What the decoder may be fed; every schedule, both predictions, more than one pass.
FEEDS = {
    "argmax": ["scheduled_sampling.schedule=linear", "scheduled_sampling.decay=0.05",
               "scheduled_sampling.floor=0.2"],
    "sample": ["scheduled_sampling.schedule=constant", "scheduled_sampling.value=0.3",
               "scheduled_sampling.prediction=sample", "scheduled_sampling.temperature=0.8",
               "scheduled_sampling.passes=2"],
    "noise": ["teacher_noise.replace=0.1", "teacher_noise.drop=0.1", "teacher_noise.swap=0.2",
              "teacher_noise.start=3"],
    "both": ["scheduled_sampling.schedule=exponential", "scheduled_sampling.decay=0.9",
             "scheduled_sampling.start=2", "teacher_noise.replace=0.2",
             "teacher_noise.schedule=inverse_sigmoid", "teacher_noise.k=4"],
}
# Where what is fed meets other parts of a step.
MORE = {
    "sample": ["model.encoder_norm=batch", "model.decoder_norm=batch"],
    "both": ["batch.accumulate=2"],
}
# ranks, further settings
WORLDS = [(2, []), (3, []), (4, []), (0, ["run.threads=2"])]


class Feeding(support.SystemTest):
    def setUp(self):
        super().setUp()
        text = support.CONFIG.replace("grains: 8", "grains: 5")
        text = text.replace("{{every: 20, metric: loss, patience: 0}}", "{{every: 0}}")
        self.config = self.make_toy(text=text)

    def words(self, run, feed, *more):
        settings = [f"run.folder={self.folder}/{run}", f"data.dataset={self.folder}/data.h5",
                    f"training.steps={STEPS}", "training.report_every=1",
                    *(f"training.{setting}" for setting in feed), *more]
        return ["train", self.config, *(word for one in settings for word in ("--set", one))]

    def train(self, run, feed, *more, ranks=0):
        """Path of the last checkpoint, and what each step's record says of its outcome."""
        self.passes(*self.words(run, feed, *more), ranks=ranks)
        return self.checkpoints(run)[-1], self.outcome(run)

    def outcome(self, run):
        keys = ("step", "loss", "accuracy", "gradient_norm", "teacher_forcing")
        return [tuple(line[key] for key in keys) for line in self.metrics(run)]

    def forcing(self, run):
        """{step: e}"""
        return {line["step"]: line["teacher_forcing"] for line in self.metrics(run)}

    def same_on_any_world(self, name):
        feed = FEEDS[name]
        more = MORE.get(name, [])
        reference, outcome = self.train(name, feed, *more)
        for number, (ranks, settings) in enumerate(WORLDS):
            with self.subTest(ranks=ranks, settings=settings):
                run = f"{name}-{number}"
                checkpoint, other = self.train(run, feed, *more, *settings, ranks=ranks)
                self.assertSameState(reference, checkpoint)
                self.assertEqual(outcome, other)
        plain, unfed = self.train(f"{name}-plain", [], *more)
        self.assertNotEqual(*(support.contents(path, "parameters") for path in (reference, plain)))
        self.assertNotEqual(outcome, unfed)

    def test_the_likeliest(self):
        self.same_on_any_world("argmax")

    def test_draws_in_two_passes_with_batch_norm(self):
        self.same_on_any_world("sample")

    def test_noise(self):
        self.same_on_any_world("noise")

    def test_sampling_and_noise_with_accumulated_batches(self):
        self.same_on_any_world("both")

    def test_e_of_1_is_plain_teacher_forcing(self):
        plain, outcome = self.train("plain", [])
        for name, feed in {
            "late": ["scheduled_sampling.schedule=constant", "scheduled_sampling.value=0.5",
                     f"scheduled_sampling.start={STEPS}", "teacher_noise.drop=0.5",
                     f"teacher_noise.start={STEPS}"],
            # A fall begins with 1.
            "first": ["scheduled_sampling.schedule=exponential",
                      "scheduled_sampling.decay=0.5",
                      f"scheduled_sampling.start={STEPS - 1}"],
        }.items():
            self.train(name, feed, f"checkpoint.every={STEPS}", f"training.steps={STEPS + 1}")
            self.assertSameState(plain, self.checkpoints(name)[0])
            self.assertEqual(self.outcome(name)[:STEPS], outcome)
            self.assertEqual(self.forcing(name)[STEPS + 1], 0.5)

    def test_the_record_has_e(self):
        said = self.passes(*self.words("argmax", FEEDS["argmax"])).stderr
        self.assertIn("teacher forcing 0.950", said)
        for step, e in self.forcing("argmax").items():
            self.assertAlmostEqual(e, max(0.2, 1 - 0.05 * (step - 1)), places=8)
        self.train("sigmoid", ["scheduled_sampling.schedule=inverse_sigmoid",
                               "scheduled_sampling.k=3", "scheduled_sampling.start=4",
                               "scheduled_sampling.floor=0.3"])
        for step, e in self.forcing("sigmoid").items():
            i = step - 5
            self.assertAlmostEqual(e, 1.0 if i < 0 else max(0.3, 3 / (3 + math.exp(i / 3))),
                                   places=8)
        said = self.passes(*self.words("plain", [])).stderr
        self.assertNotIn("teacher forcing", said)
        self.assertEqual(set(self.forcing("plain").values()), {1.0})

    def test_killed_and_resumed(self):
        more = ["training.steps=200", "checkpoint.every=10"]
        feed = FEEDS["argmax"][:1] + ["scheduled_sampling.decay=0.004"] + FEEDS["noise"]
        whole, outcome = self.train("whole", feed, *more)
        process = subprocess.Popen(support.command(self.words("killed", feed, *more)),
                                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL, start_new_session=True,
                                   env=support.environment())
        self.addCleanup(process.wait, 60)
        self.addCleanup(support.kill_tree, process.pid)
        support.wait_until(lambda: self.checkpoints("killed") or process.poll() is not None,
                           what="a checkpoint")
        os.kill(process.pid, signal.SIGKILL)
        process.wait(60)
        self.assertNotEqual(self.checkpoints("killed")[-1].name, whole.name, "too late")
        again, other = self.train("killed", feed, *more, ranks=2)
        self.assertSameState(whole, again)
        self.assertEqual(outcome, other)


if __name__ == "__main__":
    unittest.main()
