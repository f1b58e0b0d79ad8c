"""Settings of a run: what follows from them, what a resume keeps, and advice that can be
followed."""
import unittest

import support

RUN = ("training.schedule.name=linear", "training.schedule.warmup=5",
       "training.schedule.floor=0.0005", "training.report_every=1", "validation.every=10",
       "checkpoint.every=10", "batch.tokens=128")


class Settings(support.SystemTest):
    def setUp(self):
        super().setUp()
        self.config = self.make_toy(train=100)

    def words(self, run, *settings):
        return ["train", self.config, *support.settings(
            f"run.folder={self.folder}/{run}", f"data.dataset={self.folder}/data.h5", *RUN,
            *settings)]

    def test_a_schedule_that_follows_the_steps_stays_when_they_change(self):
        kept = "training.schedule.until stays 20"
        self.assertNotIn(kept, self.passes(*self.words("run", "training.steps=20")).stderr)
        done = self.passes(*self.words("run", "training.steps=30"), ranks=2)
        self.assertEqual(done.stderr.count(f"{kept}, the steps with which the run began: the rate "
                                           "stays at its floor"), 1, done.stderr)
        self.passes(*self.words("given", "training.steps=30", "training.schedule.until=20"))
        self.assertSameState(*(self.checkpoints(run)[-1] for run in ("run", "given")))
        rates = {line["step"]: line["learning_rate"] for line in self.metrics()
                 if "learning_rate" in line}
        self.assertEqual([rates[step] for step in (20, 21, 30)], [0.0005] * 3)
        with support.h5py.File(self.checkpoints()[-1]) as file:
            self.assertIn("until: 20\n", file.attrs["config"])
        self.assertIn("until: 20\n", (self.folder / "run/config.yaml").read_text())
        self.passes("train", self.folder / "run/config.yaml", "--set", "training.steps=40")
        self.fails(2, ["training.schedule.until", "20", "50"],
                   *self.words("run", "training.steps=50", "training.schedule.until=50"), ranks=2)
        done = self.passes(*self.words("run", "training.steps=15"))
        self.assertIn("has taken 40 steps, more than training.steps (15)", done.stderr)
        self.assertNotIn("40 of 15", done.stderr)
        self.assertIn("will not have come down", done.stderr)


if __name__ == "__main__":
    unittest.main()
