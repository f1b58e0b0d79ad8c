"""Averages of parameters: the moving one that training keeps, the mean of checkpoints, and
the best checkpoints, which are kept for it."""
import json
import re
import shutil
import signal
import subprocess
import unittest

import h5py
import numpy

import support

STEPS = 20
DECAY = 0.6  # from the fifth step on, before it is min's other side


def tensors(path, group):
    """{name: array} of everything below a group of a checkpoint."""
    found = {}

    def collect(name, node):
        if isinstance(node, h5py.Dataset):
            found[name] = node[()]

    with h5py.File(path, "r") as file:
        file[group].visititems(collect)
    return found


def groups(path):
    with h5py.File(path, "r") as file:
        return set(file)


def mean(paths, group):
    """In double, in the order of the paths, then as floats."""
    parts = [tensors(path, group) for path in paths]
    return {name: (sum(part[name].astype(numpy.float64) for part in parts) / len(parts))
                  .astype(numpy.float32) for name in parts[0]}


class AverageTest(support.SystemTest):
    def assertEqualTensors(self, one, other):
        self.assertEqual(one.keys(), other.keys())
        self.assertGreater(len(one), 10)
        different = [name for name in one if one[name].tobytes() != other[name].tobytes()]
        self.assertEqual(different, [])


class Moving(AverageTest):
    """A run that begins from known parameters and saves every step of it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.open_home()
        cls.config = cls.home.make_toy()
        cls.train(cls.home, "first", "training.steps=2", "training.average_decay=0")
        cls.train(cls.home, "run")

    def train(self, run, *settings, ranks=0, start=None):
        """With checkpoints of every step; gives what is to be run where `start` is set."""
        home = self.home.folder
        every = [f"run.folder={home}/{run}", f"data.dataset={home}/data.h5",
                 f"training.steps={STEPS}", f"training.average_decay={DECAY}",
                 "validation.every=5", "checkpoint.every=1", "checkpoint.keep=100"]
        if run != "first":
            every.append(f"training.initialize_from={home}/first")
        words = ["train", self.config]
        for setting in every + list(settings):
            words += ["--set", setting]
        return words if start else self.passes(*words, ranks=ranks)

    def last(self, run):
        return self.home.checkpoints(run)[-1]

    def assertSameEnd(self, run):
        one, other = (support.contents(self.last(name), "parameters", "average", "optimizer",
                                       "progress") for name in ("run", run))
        self.assertEqual(one.keys(), other.keys())
        self.assertEqual([name for name in one if one[name] != other[name]], [])

    def test_it_is_the_formula(self):
        paths = self.home.checkpoints("run")
        self.assertEqual(len(paths), STEPS)
        average = tensors(self.last("first"), "parameters")
        for step, path in enumerate(paths, 1):
            d = min(DECAY, (1 + step) / (10 + step))
            values = tensors(path, "parameters")
            for name, value in values.items():
                average[name] += numpy.float32(1 - d) * (value - average[name])
            self.assertEqualTensors(average, tensors(path, "average"))
        plain = {name: numpy.float64(value) for name, value
                 in tensors(self.last("first"), "parameters").items()}
        for step, path in enumerate(paths, 1):
            d = min(DECAY, (1 + step) / (10 + step))
            for name, value in tensors(path, "parameters").items():
                plain[name] = d * plain[name] + (1 - d) * value
        for name, value in plain.items():
            numpy.testing.assert_allclose(average[name], value, rtol=1e-5, atol=1e-7)

    def test_the_same_bits_on_any_number_of_ranks(self):
        for ranks in (2, 3, 4):
            self.train(f"{ranks}-ranks", "checkpoint.every=10", ranks=ranks)
            self.assertSameEnd(f"{ranks}-ranks")

    def test_killed_and_resumed(self):
        words = self.train("killed", "training.steps=100000", start=True)
        process = subprocess.Popen(support.command(words), stdin=subprocess.DEVNULL,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                   start_new_session=True, env=support.environment())
        self.addCleanup(support.kill_tree, process.pid)
        support.wait_until(lambda: len(self.home.checkpoints("killed")) > 6, what="a checkpoint")
        support.kill_tree(process.pid, signal.SIGKILL)
        process.wait(60)
        for path in self.home.checkpoints("killed")[8:]:  # however far it came
            path.unlink()
        self.train("killed", "training.steps=13", ranks=3)
        self.train("killed", ranks=2)
        self.assertSameEnd("killed")

    def test_training_goes_on_from_the_raw_parameters(self):
        """The average and what is done with it change no bit of the training."""
        self.train("raw", "training.average_decay=0")
        self.assertEqualTensors(*(tensors(self.last(run), "parameters") for run in ("run", "raw")))
        self.assertNotIn("average", groups(self.last("raw")))
        losses = [{line["step"]: line["valid_loss"] for line in self.home.metrics(run)
                   if "valid_loss" in line} for run in ("run", "raw")]
        self.assertEqual(losses[0].keys(), losses[1].keys())
        for step, loss in losses[0].items():
            self.assertNotEqual(loss, losses[1][step])

    def test_validation_and_score_use_it(self):
        validated = [line for line in self.home.metrics("run") if "valid_loss" in line]
        self.assertEqual([line["step"] for line in validated], [5, 10, 15, 20])
        scored = json.loads(self.passes("score", self.last("run"), "--summary", "--split", "valid",
                                        "--json").stdout)
        self.assertAlmostEqual(scored["loss"], validated[-1]["valid_loss"], places=7)

    def test_inspect_shows_it(self):
        shown = json.loads(self.passes("inspect", self.last("run"), "--json").stdout)
        self.assertEqual(shown["moving_average"], shown["parameters"])
        self.assertIn("/average/generator.bias", [entry["name"] for entry in shown["tensors"]])
        shown = json.loads(self.passes("inspect", self.last("first"), "--json").stdout)
        self.assertNotIn("moving_average", shown)

    def test_starting_from_it(self):
        """What comes after is one step from the average, and so is its own average."""
        self.train("second", "training.steps=1",
                   f"training.initialize_from={self.last('run')}")
        average = tensors(self.last("run"), "average")
        for name, value in tensors(self.last("second"), "parameters").items():
            average[name] += numpy.float32(1 - 2 / 11) * (value - average[name])
        self.assertEqualTensors(average, tensors(self.last("second"), "average"))

    def test_the_mean_is_that_of_averages(self):
        path = self.folder / "mean.h5"
        self.passes("average", self.home.folder / "run", "--last", "4", "--output", path)
        self.assertEqualTensors(tensors(path, "parameters"),
                                mean(self.home.checkpoints("run")[-4:], "average"))
        self.assertNotIn("average", groups(path))


class Mean(AverageTest):
    """A small run, every step saved, every second one validated, too fast to get better all
    the time."""

    SETTINGS = ["training.steps=12", "training.schedule={name: constant, peak: 0.3, warmup: null}",
                "validation.every=2", "checkpoint.every=1", "checkpoint.keep=100",
                "model.encoder_norm=batch"]

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.open_home()
        cls.config = cls.home.make_toy()
        cls.train(cls.home)
        cls.run_folder = cls.home.folder / "run"
        cls.paths = cls.home.checkpoints()

    def train(self, *settings, **options):
        words = ["train", self.config]
        dataset = f"data.dataset={self.home.folder}/data.h5"
        for setting in [dataset] + self.SETTINGS + list(settings):
            words += ["--set", setting]
        return self.passes(*words, **options)

    def copy(self, run="run"):
        """A copy of the run's folder to do harm to, with its last three checkpoints."""
        shutil.copytree(self.home.folder / run, self.folder / run)
        for path in self.checkpoints(run)[:-3]:
            path.unlink()
        return self.folder / run

    def best(self, count):
        """Steps of the best validations."""
        scored = sorted((line["valid_loss"], line["step"]) for line in self.home.metrics()
                        if "valid_loss" in line)
        return sorted(step for _, step in scored[:count])

    # ---- what it gives

    def test_of_the_last(self):
        done = self.passes("average", self.run_folder, "--last", "3")
        path = self.run_folder / "average-last-3.h5"
        self.assertEqual([int(step) for step in re.findall(r"(?m)^step (\d+)", done.stdout)],
                         [10, 11, 12])
        self.assertIn(str(path), done.stdout)
        for group in ("parameters", "buffers"):
            want = mean(self.paths[-3:], group)
            have = tensors(path, group)
            self.assertEqual(want.keys(), have.keys())
            self.assertEqual([name for name in want if want[name].tobytes() != have[name].tobytes()],
                             [])
        self.assertEqual(groups(path), groups(self.paths[-1]) - {"optimizer"})

    def test_of_five_when_nothing_is_said(self):
        self.passes("average", self.run_folder)
        self.assertEqualTensors(tensors(self.run_folder / "average-last-5.h5", "parameters"),
                                mean(self.paths[-5:], "parameters"))

    def test_of_the_best(self):
        self.assertNotEqual(self.best(3), [8, 10, 12], "the last ones must not be the best")
        done = self.passes("average", self.run_folder, "--best", "3")
        printed = re.findall(r"(?m)^step (\d+) +validation ([\d.]+)$", done.stdout)
        self.assertEqual([int(step) for step, _ in printed], self.best(3))
        losses = {line["step"]: line["valid_loss"] for line in self.home.metrics()
                  if "valid_loss" in line}
        for step, loss in printed:
            self.assertAlmostEqual(float(loss), losses[int(step)], places=4)
        self.assertEqualTensors(tensors(self.run_folder / "average-best-3.h5", "parameters"),
                                mean([self.paths[step - 1] for step in self.best(3)], "parameters"))

    def test_it_is_used_like_any_checkpoint(self):
        path = self.folder / "deep/mean.h5"
        self.passes("average", self.run_folder, "--output", path)
        shown = json.loads(self.passes("inspect", path, "--json").stdout)
        self.assertEqual((shown["step"], shown["mean_of"]), (12, 5))
        self.assertNotIn("best_step", shown)
        lines = self.passes("predict", path, stdin="a b\nc\n").stdout
        self.assertEqual(len(lines.splitlines()), 2)
        loss = json.loads(self.passes("score", path, "--summary", "--json").stdout)["loss"]
        self.assertGreater(loss, 0)
        self.train(f"run.folder={self.folder}/next", f"training.initialize_from={path}",
                   "training.steps=1", "training.schedule.peak=1e-30")
        last = self.checkpoints("next")[-1]
        self.assertEqualTensors(tensors(last, "parameters"), tensors(path, "parameters"))

    # ---- what it refuses

    def test_fewer_than_asked_for(self):
        self.fails(2, ["holds 12 checkpoints, not 13", "checkpoint.keep"],
                   "average", self.run_folder, "--last", "13")
        self.fails(2, ["6 of its 12 checkpoints", "not 7", "keep_best"],
                   "average", self.run_folder, "--best=7")

    def test_wrong_usage(self):
        for option in ("--last", "--best"):
            for count in ("0", "-1", "three", "2.5", ""):
                self.fails(2, [option, f"`{count}`"],
                           "average", self.run_folder, f"{option}={count}")
        self.fails(2, "give one of them", "average", self.run_folder, "--last", "2", "--best", "2")
        self.fails(2, "without mpirun", "average", self.run_folder, ranks=2)
        self.fails(2, "too few", "average")

    def test_what_is_no_run(self):
        self.fails(2, "not the folder of a run", "average", self.paths[0])
        self.fails(2, "no such file", "average", self.folder / "none")
        self.fails(2, "holds no checkpoints", "average", self.folder)

    def test_no_validation_yet(self):
        self.train(f"run.folder={self.folder}/unseen", "validation.every=100",
                   "training.steps=2")
        self.fails(2, "none of its 2 checkpoints was saved right after a validation",
                   "average", self.folder / "unseen", "--best", "2")

    def test_a_damaged_one(self):
        run = self.copy()
        path = self.checkpoints()[1]
        content = bytearray(path.read_bytes())
        content[len(content) // 2] ^= 1
        path.write_bytes(content)
        for options in (["--last", "3"], ["--best", "1"]):
            self.fails(2, [path.name, "damaged"], "average", run, *options)
        self.assertEqual(list(run.glob("average*")), [])
        self.passes("average", run, "--last", "1")

    def test_another_model_or_run(self):
        run = self.copy()
        for setting, word in (("model.width=32", "model.width"), ("model.heads=2", "model.heads")):
            other = f"run.folder={self.folder}/{setting}"
            false = self.checkpoints()[-2]
            self.train(other, setting, f"training.steps={int(false.stem[5:])}")
            shutil.copy(self.checkpoints(setting)[-1], false)
            self.fails(2, [self.checkpoints()[-2].name, "another run", word],
                       "average", run, "--last", "3")

    def test_a_place_that_cannot_be_written(self):
        self.fails(1, "/proc/none", "average", self.run_folder, "--output", "/proc/none/mean.h5")

    def test_no_run_goes_on_from_a_mean(self):
        run = self.copy()
        false = self.checkpoints()[-1]
        self.passes("average", run, "--last", "2")
        shutil.move(run / "average-last-2.h5", false)
        for ranks in (0, 2):
            self.fails(2, [false.name, "mean of 2 checkpoints", "training.initialize_from"],
                       *self.words_to_go_on(run), ranks=ranks)
        self.fails(2, [false.name, "mean"], "average", run, "--last", "2")
        false.unlink()
        self.passes(*self.words_to_go_on(run))

    def words_to_go_on(self, run):
        return ["train", run / "config.yaml", "--set", f"run.folder={run}", "--set",
                "training.steps=13"]


class Kept(AverageTest):
    """Few checkpoints stay: the newest, and the best."""

    SETTINGS = ["training.steps=40", "training.schedule={name: constant, peak: 0.03, warmup: null}",
                "validation.every=2", "checkpoint.every=7", "checkpoint.keep=1",
                "checkpoint.keep_best=3"]

    def words(self, run, *more):
        words = ["train", self.config]
        for setting in [f"run.folder={self.folder}/{run}", *self.SETTINGS, *more]:
            words += ["--set", setting]
        return words

    def steps(self, run):
        return [int(path.stem.split("-")[1]) for path in self.checkpoints(run)]

    def test_the_best_stay(self):
        self.config = self.make_toy()
        self.passes(*self.words("run"))
        losses = {line["step"]: line["valid_loss"] for line in self.metrics()
                  if "valid_loss" in line}
        best = sorted(losses, key=lambda step: (losses[step], step))[:3]
        self.assertLess(min(best), 30, "the last ones must not be the best")
        self.assertEqual(self.steps("run"), sorted({40, *best}))
        ranking = tensors(self.checkpoints()[-1], "progress/ranking")
        self.assertEqual(list(ranking["steps"][:3]), best)
        numpy.testing.assert_allclose(ranking["scores"], sorted(losses.values()), rtol=1e-8)
        # In pieces, on other ranks.
        for steps, ranks in ((11, 2), (26, 0), (40, 3)):
            self.passes(*self.words("pieces", f"training.steps={steps}"), ranks=ranks)
        self.assertEqual(self.steps("pieces"), self.steps("run"))
        for one, other in zip(self.checkpoints("run"), self.checkpoints("pieces")):
            self.assertSameState(one, other)
        shown = self.passes("inspect", self.folder / "run").stdout
        self.assertEqual(len(re.findall(r"verified, validation [\d.]+", shown)), 4)


if __name__ == "__main__":
    unittest.main()
