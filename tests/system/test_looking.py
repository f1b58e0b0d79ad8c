"""A run looked at: inspect, scripts/plot_run.py, files for TensorBoard and Prometheus."""
import contextlib
import io
import json
import math
import re
import shutil
import signal
import sys
import unittest
import unittest.mock
import xml.etree.ElementTree

import event_files
import support

sys.path.insert(0, str(support.ROOT / "scripts"))
import plot_run  # noqa: E402 (after the path)

try:  # the real readers, where they are installed
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
except ImportError:
    EventAccumulator = None
try:
    from prometheus_client.parser import text_string_to_metric_families
except ImportError:
    text_string_to_metric_families = None

SMALL = ("model.width=8", "model.feed_forward=8", "model.heads=2", "training.report_every=2",
         "validation.every=4", "validation.metric=chrf", "checkpoint.every=8")


# ---- text of Prometheus

LINE = re.compile(r'(\w+)\{run="((?:[^"\\]|\\.)*)"(?:,metric="(\w+)")?\} (\S+)')


def samples(text):
    """{name or (name, metric): value}, every line checked."""
    found, heads = {}, {}
    for line in text.splitlines():
        if line.startswith("#"):
            _, kind, name, rest = line.split(" ", 3)
            assert kind not in heads.setdefault(name, {}), line
            heads[name][kind] = rest
            continue
        name, _, metric, value = LINE.fullmatch(line).groups()
        assert set(heads[name]) == {"HELP", "TYPE"}, line
        assert (heads[name]["TYPE"] == "counter") == name.endswith("_total"), line
        found[(name, metric) if metric else name] = float(value)
    return found


class Looking(support.SystemTest):
    """A run of two starts: the second goes back from step 20 to 16, and on to 60."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.open_home()
        cls.config = cls.home.make_toy(train=200)
        cls.run_folder = cls.home.folder / "run"
        cls.exposition = cls.home.folder / "toy.prom"
        cls.more = support.settings(*SMALL, "run.tensorboard=true",
                                    f"run.prometheus={cls.exposition}")
        cls.home.passes("train", cls.config, *cls.more, "--set", "training.steps=20", ranks=2,
                        env=support.environment(SLURM_JOB_ID="17"))
        cls.home.checkpoints()[-1].unlink()
        cls.home.passes("train", cls.config, *cls.more, "--set", "training.steps=60")

    def inspect(self, run):
        return support.read_json(self.passes("inspect", run, "--json").stdout)

    def best(self, shown):
        """The step of the best checkpoint."""
        return [one["step"] for one in shown["checkpoints"] if one["best"]][0]

    def course(self, run):
        """The lines of the table, without its head."""
        said = self.passes("inspect", run).stdout
        return said.split("course:\n")[1].split("\n\n")[0].splitlines()[1:]

    def copy(self):
        shutil.copytree(self.run_folder, self.folder / "run")
        return self.folder / "run"

    # ---- inspect

    def test_what_inspect_shows(self):
        said = self.passes("inspect", self.run_folder).stdout
        for words in ("done", "60 of 60", "resumed 1 time", "tokens/s", "job 17",
                      "2 ranks x 1 thread on", "training.steps: 60, before 20",
                      f"train {self.config} --set model.width=8", "the best by validation"):
            self.assertIn(words, said)
        best = [line for line in self.course(self.run_folder) if "the best" in line]
        self.assertEqual(len(best), 1)
        shown = self.inspect(self.run_folder)
        self.assertEqual(shown["records"], self.home.metrics())
        self.assertEqual([shown[key] for key in ("state", "step", "steps", "resumed")],
                         ["done", 60, 60, 1])
        self.assertEqual(int(best[0].split()[0]), self.best(shown))
        first, second = shown["starts"]
        self.assertEqual((first["step"], first["ranks"], first["job"]), (0, 2, "17"))
        self.assertEqual((second["step"], second["ranks"], second["threads"]), (16, 1, 1))
        self.assertEqual(sum(host["ranks"] for host in first["hosts"]), 2)
        self.assertEqual(first["command"][-1], "training.steps=20")
        self.assertEqual(first["changed"], [])
        self.assertEqual(second["changed"],
                         [{"key": "training.steps", "before": "20", "now": "60"}])
        self.assertNotIn("job", second)
        last = [record["seconds"] for record in self.home.metrics() if "seconds" in record]
        self.assertAlmostEqual(shown["seconds"], last[7] + last[-1], places=5)  # of steps 16 and 60

    def test_its_configuration(self):
        said = self.passes("inspect", self.run_folder, "--config").stdout
        self.assertIn((self.run_folder / "config.yaml").read_text(), said)

    def test_a_long_run_is_short(self):
        run = self.copy()
        path = run / "metrics.jsonl"
        lines = [json.dumps({"step": step, "epoch": 0, "loss": None, "tokens_per_second": 1})
                 for step in range(61, 5000)]
        lines += [json.dumps({"step": step, "epoch": 0, "valid_loss": 1})
                  for step in range(61, 5000, 2)]
        lines.sort(key=lambda line: json.loads(line)["step"])
        lines = [path.read_text()] + [f"{line}\n" for line in lines] + ['{"step": 5000, "lo']
        path.write_text("".join(lines))
        best = self.best(self.inspect(run))
        steps = [int(line.split()[0]) for line in self.course(run)]
        self.assertLessEqual(len(steps), 12)
        self.assertEqual((steps[0], steps[-1]), (4, 4999))
        self.assertIn(best, steps)
        gaps = [b - a for a, b in zip(steps, steps[1:]) if a > best]
        self.assertLess(max(gaps) - min(gaps), 10)
        self.assertLess(len(self.passes("inspect", run).stdout.splitlines()), 60)

    def test_a_run_of_an_older_version(self):
        run = self.copy()
        (run / "starts.jsonl").unlink()
        records = self.home.metrics()
        for record in records:
            record.pop("seconds", None)
        (run / "metrics.jsonl").write_text("".join(json.dumps(one) + "\n" for one in records))
        said = self.passes("inspect", run).stdout
        for words in ("starts", "the last one", "resumed", "time"):
            self.assertNotIn(words, said)
        shown = self.inspect(run)
        self.assertEqual(shown["starts"], [])
        self.assertFalse({"resumed", "seconds"} & set(shown))

    def test_a_damaged_checkpoint_is_told_after_the_rest(self):
        run = self.copy()
        path = self.checkpoints()[-1]
        path.write_bytes(path.read_bytes()[:-100])
        done = self.fails(2, "1 of", "inspect", run)
        for words in ("course:", "starts (2)", "damaged"):
            self.assertIn(words, done.stdout)
        self.fails(2, "is it the folder of a run", "inspect", self.folder)

    def test_starts_are_never_cut_back(self):
        run = self.copy()
        path = run / "starts.jsonl"
        path.write_text(path.read_text()[:-20])
        words = ["train", self.config, *self.more, *support.settings(
            f"run.folder={run}", f"run.prometheus={self.folder}/toy.prom", "run.tensorboard=false")]
        self.passes(*words, "--set", "training.steps=61")
        self.passes(*words, "--set", "training.steps=61")  # nothing is left to train
        self.assertEqual([start["step"] for start in self.inspect(run)["starts"]], [0, 60])
        self.assertEqual(len(path.read_text().splitlines()), 3)
        path.unlink()
        path.symlink_to("/dev/full")
        done = self.passes(*words, "--set", "training.steps=62")
        self.assertEqual(done.stderr.count("starts.jsonl: cannot write: No space left"), 1)

    # ---- TensorBoard

    def expected(self):
        """{tag: [(step, value)]}"""
        found = {}
        for record in self.home.metrics():
            group = "validation" if "valid_loss" in record else "train"
            for key, value in record.items():
                tag = f"{group}/{key.removeprefix('valid_')}"
                if key not in ("step", "epoch"):
                    found.setdefault(tag, []).append((record["step"], value))
        return found

    def check_scalars(self, found):
        expected = self.expected()
        self.assertEqual(found.keys(), expected.keys())
        self.assertLess({"train/loss", "train/perplexity", "train/learning_rate",
                         "train/tokens_per_second", "train/gradient_norm",
                         "train/teacher_forcing", "validation/loss", "validation/chrf"},
                        found.keys())
        for tag, series in expected.items():
            self.assertEqual([step for step, _ in found[tag]], [step for step, _ in series], tag)
            close = 1e-3 if "communication" in tag else 1e-5  # metrics.jsonl has four digits of it
            for (_, a), (_, b) in zip(found[tag], series):
                self.assertTrue(math.isclose(a, b, rel_tol=close, abs_tol=1e-9), f"{tag}: {a} {b}")

    def test_event_files(self):
        paths = sorted((self.run_folder / "tensorboard").iterdir())
        self.assertEqual(len(paths), 2)
        for path, step in zip(paths, (0, 17)):
            self.assertRegex(path.name, r"^events\.out\.tfevents\.\d{10}\.\d{6}\.lockstep$")
            head, start = event_files.events(path)[:2]
            self.assertEqual((head[3], start.get(2, 0)), (b"brain.Event:2", step))
        self.check_scalars(event_files.scalars(self.run_folder / "tensorboard"))

    @unittest.skipUnless(EventAccumulator, "tensorboard is not installed")
    def test_event_files_by_tensorboard(self):
        reader = EventAccumulator(str(self.run_folder / "tensorboard"), {"scalars": 0})
        reader.Reload()
        self.check_scalars({tag: [(one.step, one.value) for one in reader.Scalars(tag)]
                            for tag in reader.Tags()["scalars"]})

    def test_what_cannot_be_written_does_not_end_the_run(self):
        run = self.folder / "run"
        run.mkdir()
        (run / "tensorboard").write_text("")
        done = self.passes("train", self.config, *support.settings(
            *SMALL, "training.steps=4", "run.tensorboard=true", f"run.folder={run}"))
        self.assertEqual(done.stderr.count("TensorBoard sees nothing of this start"), 1)
        self.assertTrue(self.checkpoints())

    # ---- Prometheus

    def test_exposition(self):
        found = samples(self.exposition.read_text())
        reports = [record for record in self.home.metrics() if "loss" in record]
        validation = self.home.metrics()[-1]
        saved = self.home.checkpoints()[-1].stat().st_mtime
        for name, value in (("running", 0), ("step", 60), ("step_target", 60),
                            ("restarts_total", 1), ("teacher_forcing_ratio", 1),
                            ("checkpoint_step", 60), ("validation_step", 60)):
            self.assertEqual(found[f"lockstep_{name}"], value, name)
        for name in ("loss", "learning_rate", "tokens_per_second"):
            self.assertEqual(found[f"lockstep_{name}"], reports[-1][name], name)
        self.assertEqual(found["lockstep_validation", "chrf"], validation["valid_chrf"])
        self.assertEqual(found["lockstep_validation", "loss"], validation["valid_loss"])
        self.assertAlmostEqual(found["lockstep_checkpoint_timestamp_seconds"], saved, places=2)
        written = self.exposition.stat().st_mtime
        self.assertLess(abs(found["lockstep_report_timestamp_seconds"] - written), 60)

    @unittest.skipUnless(text_string_to_metric_families, "prometheus-client is not installed")
    def test_exposition_by_its_client(self):
        text, found = self.exposition.read_text(), {}
        for family in text_string_to_metric_families(text):
            for sample in family.samples:
                self.assertEqual(sample.labels["run"], str(self.run_folder))
                metric = sample.labels.get("metric")
                found[(sample.name, metric) if metric else sample.name] = sample.value
        self.assertEqual(found, samples(text))

    def test_a_file_that_cannot_be_is_refused_at_once(self):
        run = self.folder / "run"
        (self.folder / "folder.prom").mkdir()
        for path, said in (("nowhere/a.prom", "No such file or directory"),
                           ("folder.prom", "Is a directory"), ("a.txt", "does not end in .prom")):
            self.fails(2, ["run.prometheus", said], "train", self.config, *support.settings(
                *SMALL, f"run.folder={run}", f"run.prometheus={self.folder}/{path}"))
        self.assertEqual(self.checkpoints(), [])

    # ---- pictures

    def plot(self, *words):
        """The pictures' paths, or what is wrong."""
        argv = ["plot_run.py", *map(str, words), "--output", str(self.folder / "p")]
        said = io.StringIO()
        with unittest.mock.patch("sys.argv", argv), contextlib.redirect_stdout(said):
            try:
                plot_run.main()
            except SystemExit as end:
                return str(end)
        return said.getvalue().split()

    def test_a_picture_of_two_runs(self):
        other = self.copy().rename(self.folder / "另一个")
        (other / "starts.jsonl").unlink()
        names = [str(self.folder / "p.png"), str(self.folder / "p.svg")]
        self.assertEqual(self.plot(self.run_folder, other), names)
        self.assertEqual((self.folder / "p.png").read_bytes()[:8], b"\x89PNG\r\n\x1a\n")
        tree = xml.etree.ElementTree.parse(names[1])
        groups = [node.get("id", "") for node in tree.iter("{http://www.w3.org/2000/svg}g")]
        self.assertEqual(sum(name.startswith("axes_") for name in groups), 6)  # chrf is one
        before = (self.folder / "p.svg").read_bytes()
        self.plot(self.run_folder, other)
        self.assertEqual((self.folder / "p.svg").read_bytes(), before)
        self.assertEqual(self.plot(self.run_folder, "--hours"), names)

    def test_what_a_picture_is_made_of(self):
        run = plot_run.Run(str(self.run_folder))
        self.assertEqual(run.resumed, [16])
        steps, losses = run.series("valid_loss", False)
        self.assertEqual((steps[:2], len(losses)), ([4, 8], 15))
        hours, _ = run.series("loss", True)
        self.assertEqual(hours, sorted(hours))
        self.assertAlmostEqual(hours[-1] * 3600, self.inspect(self.run_folder)["seconds"], places=4)
        self.assertEqual(plot_run.names_of(["a/x/run", "a/y/run"]), ["x/run", "y/run"])

    def test_wrong_questions(self):
        run = self.copy()
        for words, said in (((self.folder,), "is it the folder of a run?"),
                            ((run, run), "given twice")):
            self.assertIn(said, self.plot(*words))
        (run / "metrics.jsonl").write_text('{"step": 1, "loss": 2}\n{"step": 2, "lo')
        self.assertIn("leave out --hours", self.plot(run, "--hours"))
        (run / "metrics.jsonl").write_text("")
        self.assertIn("no records yet", self.plot(run))


class Now(support.LoggedTest):
    def test_whether_it_trains(self):
        config = self.make_toy(train=200)
        run = self.folder / "run"
        process = self.start_logged(support.command(
            ["train", config, *support.settings(*SMALL, "training.steps=1000000")]))
        support.wait_until(lambda: self.step() > 0, what="a checkpoint")
        shown = support.read_json(self.passes("inspect", run, "--json").stdout)
        self.assertEqual(shown["state"], "training")
        self.assertIn(f"process {process.pid} on ", shown["holder"])
        self.assertIn("trains now (process", self.passes("inspect", run).stdout)
        process.send_signal(signal.SIGKILL)
        process.wait()
        self.assertIn("was killed; the same command goes on", self.passes("inspect", run).stdout)
        self.passes("train", config, *support.settings(*SMALL, f"training.steps={self.step() + 1}"))
        self.assertIn("done", self.passes("inspect", run).stdout)


if __name__ == "__main__":
    unittest.main()
