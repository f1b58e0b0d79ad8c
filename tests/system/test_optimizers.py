"""Every optimizer and schedule: the same bits on any number of ranks, also after a kill;
rates as documented."""
import math
import pathlib
import subprocess
import unittest

import support

CONFIG = """\
run: {{folder: {folder}/run, seed: 7}}
data:
  source: {{kind: text, vocabulary: words}}
  target: {{kind: text, vocabulary: words}}
  train: {{pairs: {folder}/train.tsv}}
  valid: {{pairs: {folder}/valid.tsv}}
  max_length: 32
model: {{width: 32, heads: 2, feed_forward: 64, encoder_layers: 1, decoder_layers: 1}}
batch: {{tokens: 256, grains: 5}}
training: {{steps: 12, report_every: 1, schedule: {{peak: 0.01}}}}
checkpoint: {{every: 6, keep: 3}}
distributed: {{bucket_bytes: 32768}}
"""
RANKS = (0, 2, 3, 4)
PEAK, WARMUP, STEPS = 0.01, 3, 12

# For each run the settings below training, the slots, and the rate t steps after the warm-up.
RUNS = {
    "adam, steps": (
        ["schedule.name=steps", "schedule.decay=0.5", "schedule.every=2"],
        ["exp_avg", "exp_avg_sq"], lambda t: PEAK * 0.5 ** (t // 2)),
    "adamw, cosine": (
        ["optimizer.name=adamw", "optimizer.weight_decay=0.2", "clip_norm=0",
         "clip_value=0.01", "schedule.name=cosine", "schedule.floor=0.001"],
        ["exp_avg", "exp_avg_sq"],
        lambda t: 0.001 + (PEAK - 0.001) * (1 + math.cos(math.pi * t / (STEPS - WARMUP))) / 2),
    "sgd, constant": (
        ["optimizer.name=sgd", "optimizer.momentum=0", "clip_norm=0", "clip_value=0.01",
         "schedule.name=constant"],
        ["momentum_buffer"], lambda t: PEAK),
    "sgd with momentum, inverse_sqrt": (
        ["optimizer.name=sgd"],
        ["momentum_buffer"], lambda t: PEAK * math.sqrt(WARMUP / (WARMUP + t))),
    "sgd with Nesterov's momentum, linear": (
        ["optimizer.name=sgd", "optimizer.nesterov=true", "optimizer.momentum=0.7",
         "schedule.name=linear", "schedule.until=9"],
        ["momentum_buffer"], lambda t: PEAK * max(0, 1 - t / (9 - WARMUP))),
    "rmsprop, exponential": (
        ["optimizer.name=rmsprop", "optimizer.epsilon=1e-6", "schedule.name=exponential",
         "schedule.decay=0.5", "schedule.every=4", "schedule.floor=0.004"],
        ["square_avg"], lambda t: max(0.004, PEAK * 0.5 ** (t / 4))),
}
NO_VALIDATION = ["validation.every=0"]
# So large a rate that validations go up and down.
PLATEAU = ["optimizer.name=sgd", "schedule.name=plateau", "schedule.peak=0.3", "clip_norm=0",
           "schedule.warmup=0", "schedule.patience=2", "schedule.decay=0.5",
           "schedule.floor=0.01"]
VALIDATION = ["validation.every=1", "validation.patience=0", "validation.free_running=false"]


class Optimizers(support.SystemTest):
    def setUp(self):
        super().setUp()
        self.config = self.make_toy(train=300, text=CONFIG)

    def words(self, run, settings, *more):
        sets = [f"run.folder={self.folder}/{run}", f"data.dataset={self.folder}/data.h5",
                *(f"training.{setting}" for setting in settings), *more]
        return ["train", self.config, *(word for text in sets for word in ("--set", text))]

    def same_on_all_ranks(self, settings, *more):
        """The folder's name, and the log, of the run without mpirun."""
        for ranks in RANKS:
            done = self.passes(*self.words(f"ranks-{ranks}", settings, *more), ranks=ranks)
            if ranks == 0:
                log, reference = done.stderr, self.checkpoints("ranks-0")[-1]
                self.assertIn(f"{STEPS}.h5", reference.name)
            else:
                with self.subTest(ranks=ranks):
                    self.assertSameState(reference, self.checkpoints(f"ranks-{ranks}")[-1])
                    self.assertEqual(self.told("ranks-0"), self.told(f"ranks-{ranks}"))
        return reference, log

    def told(self, run):
        keys = ("step", "loss", "gradient_norm", "learning_rate", "valid_loss")
        return [[line.get(key) for key in keys] for line in self.metrics(run)]

    def rates(self, run):
        return [line["learning_rate"] for line in self.metrics(run) if "learning_rate" in line]

    def slots(self, checkpoint):
        with support.h5py.File(checkpoint, "r") as file:
            return sorted(file["optimizer"])

    def compare(self, name):
        settings, slots, rate = RUNS[name]
        warmup = WARMUP if "constant" not in name else 0
        if warmup:
            settings = settings + [f"schedule.warmup={warmup}"]
        reference, _ = self.same_on_all_ranks(settings, *NO_VALIDATION)
        self.assertEqual(self.slots(reference), slots)
        rates = self.rates("ranks-0")
        self.assertEqual(len(rates), STEPS)
        for step, got in enumerate(rates, start=1):
            want = PEAK * step / warmup if step < warmup else rate(step - warmup)
            self.assertAlmostEqual(got, want, delta=1e-8, msg=f"step {step}")

    def expected_on_plateaus(self, run):
        """The rates that follow from the validations of a run, and the count at its end."""
        best, without, rates = math.inf, 0, [0.3]
        for line in self.metrics(run):
            if "valid_loss" in line:
                without = 0 if line["valid_loss"] < best else without + 1
                best = min(best, line["valid_loss"])
                rates.append(rates[-1])
                if without == 2:
                    rates[-1], without = max(0.01, rates[-1] / 2), 0
        return rates[:-1], without

    def assertPlateaus(self, run):
        want, without = self.expected_on_plateaus(run)
        self.assertLess(want[-1], 0.3, "no cut: nothing was tested")
        self.assertEqual(len(want), len(self.rates(run)))
        for step, (got, rate) in enumerate(zip(self.rates(run), want), start=1):
            self.assertAlmostEqual(got, rate, delta=1e-8, msg=f"step {step}")
        with support.h5py.File(self.checkpoints(run)[-1], "r") as file:
            self.assertEqual(file["progress/since_cut"][()], without)

    def test_plateau(self):
        _, log = self.same_on_all_ranks(PLATEAU, *VALIDATION)
        self.assertPlateaus("ranks-0")
        self.assertIn("learning rate cut, now 0.15: 2 validations without a better one", log)

    def kill_after(self, step, words):
        process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL, env=support.environment(),
                                   start_new_session=True)
        self.addCleanup(process.wait, 60)
        self.addCleanup(support.kill_tree, process.pid)
        support.wait_until(lambda: self.last_step("killed") >= step or process.poll() is not None,
                           what="a checkpoint")
        self.assertIsNone(process.poll(), "it ended by itself")
        ranks = support.children(process.pid)
        support.kill_tree(process.pid)
        process.wait(60)
        support.wait_until(lambda: not any(pathlib.Path(f"/proc/{pid}/exe").exists()
                                           for pid in ranks), what="the end of the ranks")

    def last_step(self, run):
        return max([0] + [int(path.stem.split("-")[1]) for path in self.checkpoints(run)])

    def test_plateau_after_a_kill(self):
        self.passes("prepare", *self.words("killed", PLATEAU, *VALIDATION)[1:])
        self.kill_after(12, support.command(
            self.words("killed", PLATEAU, *VALIDATION, "training.steps=100000"), 2))
        steps = f"training.steps={self.last_step('killed') + 12}"
        self.passes(*self.words("killed", PLATEAU, *VALIDATION, steps), ranks=3)
        self.passes(*self.words("whole", PLATEAU, *VALIDATION, steps))
        whole, killed = (self.checkpoints(run)[-1] for run in ("whole", "killed"))
        self.assertEqual(whole.name, killed.name)
        self.assertSameState(whole, killed)
        self.assertEqual(*(support.contents(path, "progress") for path in (whole, killed)))
        self.assertEqual(self.told("whole"), self.told("killed"))
        self.assertPlateaus("killed")

    def test_norms_and_biases_do_not_decay(self):
        for run, decay, ranks in (("plain", 0, 0), ("decayed", 1, 3)):
            self.passes(*self.words(run, ["optimizer.name=adamw", "schedule.warmup=0",
                                          f"optimizer.weight_decay={decay}"], *NO_VALIDATION,
                                    "training.steps=1"), ranks=ranks)
        with support.h5py.File(self.checkpoints("plain")[-1], "r") as plain, \
                support.h5py.File(self.checkpoints("decayed")[-1], "r") as decayed:
            for name, tensor in plain["parameters"].items():
                before, after = tensor[()], decayed["parameters"][name][()]
                if before.ndim == 1:
                    self.assertTrue((before == after).all(), name)
                else:
                    self.assertLess(abs(after).sum(), 0.997 * abs(before).sum(), name)

def add_test(name):
    words = "".join(letter if letter.isalnum() else " " for letter in name).split()
    setattr(Optimizers, "test_" + "_".join(words), lambda self: self.compare(name))


for run in RUNS:
    add_test(run)


if __name__ == "__main__":
    unittest.main()
