"""scripts/scaling.sh: points that are measured, gone on with, refused, compared and drawn."""
import csv
import os
import shutil
import signal
import sys
import unittest
import xml.etree.ElementTree

import support
import virtual_hosts

sys.path.insert(0, str(support.ROOT / "scripts"))
from scaling import forecasts, hosts, points, results, summary  # noqa: E402 (beside the script)

SCRIPTS = support.ROOT / "scripts"
TOY = support.CONFIG
for old, new in (("width: 64", "width: 16"), ("feed_forward: 128", "feed_forward: 32"),
                 ("encoder_layers: 2", "encoder_layers: 1"), ("tokens: 512", "tokens: 128"),
                 ("decoder_layers: 2", "decoder_layers: 1"), ("heads: 4", "heads: 2"),
                 ("grains: 8", "grains: 4")):
    assert old in TOY
    TOY = TOY.replace(old, new)
RANDOM = ("--vocabulary", "50", "--length", "6")

# In the place of run.sh: a step takes 12 ms over ranks and threads, and 1 ms more for each host
# but the first; notes its words; may fail or wait on so many ranks.
STAND_IN = '''\
#!/usr/bin/python3
import json, os, sys, time
words = sys.argv[1:]
with open(os.environ["WORDS"], "a") as file:
    print(*words, file=file)
ranks = int(words[words.index("-n") + 1])
if "plan" in words:
    with open(words[words.index("--record") + 1], "a") as file:
        for grains in (4, 2, 1):
            print(json.dumps({"ranks": ranks, "threads": 1, "grains": grains}), file=file)
    sys.exit()
if str(ranks) == os.environ.get("FAILS"):
    print("lockstep: error: rank 0: the moon is full", file=sys.stderr)
    sys.exit(1)
if str(ranks) == os.environ.get("WAITS"):
    time.sleep(600)
hosts = words[words.index("-H") + 1].count(",") + 1 if "-H" in words else 1
set = dict(word.split("=") for word in words if "=" in word)
grown = int(set.get("batch.grains", 4)) / 4
step = 0.012 * grown / ranks / int(set["run.threads"]) + 0.001 * (hosts - 1)
names = "embedding attention feed_forward output model_rest sampling gather"
parts = dict.fromkeys(names.split(), 0.1 * step)
parts.update(load=0.1 * step, exchange=0.1 * step, update=0.09 * step, rest=0.01 * step)
found = {"step_seconds": step, "best_step_seconds": step, "mean_step_seconds": step,
         "tokens_per_second": 100 * grown / step, "utilisation": 0.5, "processor_share": 1.0,
         "peak_memory_bytes": 1, "processor": "a, b", "kernels": "v3", "seconds": parts,
         "waited_seconds": 0.12 * step, "load_waited_seconds": 0.02 * step}
if ranks > 1:
    found.update(communication_seconds=step, communication_waited_seconds=0.06 * step,
                 communication_bytes=10, communication_messages=3.0)
print("a word of mpirun's")
print(json.dumps(found))
'''


class Scaling(support.LoggedTest):
    def setUp(self):
        super().setUp()
        self.config = self.write_config(TOY)
        self.out = self.folder / "out"
        self.script = SCRIPTS / "scaling.sh"
        self.stand_in = {}

    def put_stand_in(self):
        """Measure nothing: a tree of scripts with another run.sh."""
        tree = self.folder / "tree/scripts"
        tree.mkdir(parents=True)
        for name in ("scaling", "sweep"):
            shutil.copytree(SCRIPTS / name, tree / name)
        for name in ("scaling.sh", "plot_scaling.py", "plots.py"):
            shutil.copy(SCRIPTS / name, tree)
        (tree / "run.sh").write_text(STAND_IN)
        (tree / "run.sh").chmod(0o755)
        self.script = tree / "scaling.sh"
        self.stand_in = {"WORDS": str(self.folder / "words")}

    def environment(self, **more):
        return support.environment(**{"LOCKSTEP": support.LOCKSTEP, **self.stand_in, **more})

    def words(self, *more):
        return [str(self.script), *map(str, more), str(self.config), str(self.out)]

    def ends(self, code, *more, env=(), after=()):
        done = support.run([*self.words(*more), *after], env=self.environment(**dict(env)))
        self.assertEqual(done.returncode, code, f"{done.args}\n{done.stdout}\n{done.stderr}")
        return done

    def refuses(self, *words, says):
        done = self.ends(2, *words)
        self.assertEqual(done.stderr.count("error:"), 1, done.stderr)
        self.assertIn(says, done.stderr)

    def rows(self, name="scaling.csv"):
        with open(self.out / name, encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    def started(self):
        """The words of each start of run.sh since this was last asked."""
        path = self.folder / "words"
        lines = path.read_text().splitlines() if path.exists() else []
        path.write_text("")
        return lines


class StandIn(Scaling):
    """Points, without the time that they take."""

    def setUp(self):
        super().setUp()
        self.put_stand_in()

    def test_strong_and_weak(self):
        done = self.ends(0, "-H", "a:2,b:2,c:2,d:2", "--hosts", "1,2,4", "--kind",
                         "weak,strong", "--repeats", 2, *RANDOM)
        rows = self.rows()
        self.assertEqual([row["repeat"] for row in rows], ["1"] * 6 + ["2"] * 6)
        self.assertEqual([(row["kind"], row["hosts"]) for row in rows[:6]],
                         [("strong", "1"), ("weak", "1"), ("strong", "2"), ("weak", "2"),
                          ("strong", "4"), ("weak", "4")])
        self.assertEqual({row["on"] for row in rows}, {"a", "a b", "a b c d"})
        started = self.started()
        self.assertEqual(len(started), 10, "on one host weak is strong")
        self.assertIn("-n 2 -H a:1,b:1 -- bench", started[1])
        self.assertNotIn("batch.", started[1])
        self.assertIn("--set run.threads=1 --set batch.tokens=256 --set batch.grains=8",
                      started[2])
        # 12 ms alone; 7 ms and 13 ms on two hosts.
        lines = [line.split() for line in done.stdout.splitlines() if line.startswith(
            ("strong ", "weak "))]
        self.assertEqual(lines[1][:11], ["strong", "2", "1", "1", "2", "7.0", "7.0", "7.0",
                                         "14286", "1.71", "85.7"])
        self.assertEqual(lines[4][8:11], ["15385", "1.85", "92.3"])
        # 3% of the step are waited for in what computes.
        self.assertEqual(lines[1][11:], ["65.0", "12.0", "8.0", "15.0"])
        for name in ("scaling.svg", "scaling.png"):
            self.assertGreater((self.out / name).stat().st_size, 1000)
        xml.etree.ElementTree.parse(self.out / "scaling.svg")

    def test_it_goes_on(self):
        words = ("--ranks", "1,2", "--threads", "1,2", "--crowded", "--repeats", 2,
                 "--no-pictures")
        self.ends(0, *words)
        self.assertEqual(len(self.started()), 8)
        table = self.out / "scaling.csv"
        whole = table.read_text()
        # As a process that was killed leaves it.
        table.write_text("".join(whole.splitlines(True)[:4]) + "strong,1,2,")
        done = self.ends(0, *words)
        self.assertIn("8 measurements, 3 of them in ", done.stdout)
        self.assertEqual(len(self.started()), 5)
        self.assertEqual([results.key_of(row) for row in self.rows()],
                         2 * [("strong", 1, ranks, threads) for ranks in (1, 2)
                              for threads in (1, 2)])
        self.ends(0, *words)
        self.assertEqual(self.started(), [])
        self.ends(0, "--ranks", 4, "--crowded", "--repeats", 1, "--no-pictures")
        self.assertEqual(len(self.rows()), 9)

    def test_another_one_in_the_same_folder(self):
        self.ends(0, *RANDOM, "--repeats", 1, "--no-pictures")
        begun = "was begun with "
        self.refuses(*RANDOM, "--steps", 3, says=begun + "--steps 20, not 3")
        self.refuses(says=begun + "--vocabulary 50, not not given")
        self.refuses(*RANDOM, "--set", "model.width=32", says=begun + "model.width: 16, not 32")
        self.out = self.folder
        self.refuses(says="is not empty, and holds no scaling")

    def test_a_point_that_fails(self):
        words = ("--ranks", "1,2", "--crowded", "--repeats", 2, "--no-pictures")
        done = self.ends(1, *words, env={"FAILS": "2"})
        self.assertIn("failed, and left out: lockstep: error: rank 0: the moon is full (1)",
                      done.stdout)
        self.assertEqual(len(self.started()), 3)
        self.assertEqual(len(self.rows()), 2)
        self.ends(0, *words)
        self.assertEqual(len(self.started()), 2)

    def test_a_signal(self):
        words = self.words("--ranks", "1,2", "--crowded", "--repeats", 2)
        process = self.start_logged(words, env=self.environment(WAITS="2"))
        support.wait_until(lambda: process.poll() is not None or "[1/4]" in self.log() and
                           len((self.folder / "words").read_text().splitlines()) == 2)
        self.refuses(says="another scaling.sh measures there")
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(support.SECONDS), 128 + signal.SIGINT, self.log())
        self.assertIn("stopped; the same command goes on after the 1 line of ", self.log())
        self.assertEqual(len(self.rows()), 1)

    def test_forecasts_and_simulations(self):
        simulated = self.folder / "simulated.csv"
        simulated.write_text("kind,hosts,ranks,threads,step_seconds\nstrong,2,1,1,0.0077\n"
                             "strong,64,1,1,0.004\n")
        program = self.folder / "program"
        program.write_text(f'''\
#!/bin/bash
[ "$1" = plan ] || exec {support.LOCKSTEP} "$@"
echo "$@" >>{self.folder}/plans
exec cat {self.folder}/plan.json
''')
        program.chmod(0o755)
        rows = ", ".join(
            "{" + ", ".join(f'"{name}": {value}' for name, value in {
                **dict.fromkeys(forecasts.FROM_PLAN.values(), 0), "hosts": count,
                "ranks": count, "threads": 1, "step_seconds": 0.0126 / count}.items()) + "}"
            for count in (1, 2, 4))
        (self.folder / "plan.json").write_text(f'{{"rows": [{rows}]}}\n')
        (self.folder / "network.yaml").write_text("bandwidth: 1e9\n")
        words = ("-H", "a,b", "--hosts", "1,2", "--repeats", 1, "--network",
                 self.folder / "network.yaml", "--forecast-hosts", 4, "--simulated", simulated)
        self.stand_in["LOCKSTEP"] = str(program)
        done = self.ends(0, *words)
        lines = [line.split() for line in done.stdout.splitlines() if line.startswith("strong")]
        self.assertEqual([line[-4:] for line in lines],
                         [["12.6", "+5.0", "-", "-"], ["6.3", "-10.0", "7.7", "+10.0"]])
        self.assertEqual([row["hosts"] for row in self.rows("forecast.csv")], ["1", "2", "4"])
        self.assertIn("-n 1 -H a:1 -- plan", self.started()[-1])
        self.assertIn("--hosts 4 --network", (self.folder / "plans").read_text())
        self.ends(0, *words, "--no-pictures")
        self.assertEqual(self.started(), [], "recordings are there")
        simulated.write_text("kind,hosts,ranks,threads,step_seconds\nstrong,2,1,1,0\n")
        self.refuses("--simulated", simulated, says="line 2 is no line of numbers")


class Refused(Scaling):
    """Before anything is started."""

    def test_what_cannot_be_measured(self):
        for words, says in (
                (["--ranks", "8", "--crowded"], "8 ranks are more than the 4 grains"),
                (["--ranks", "1,3", "--hosts", "2", "-H", "a:4,b:4"], "6 ranks are more than"),
                (["--hosts", "1,2"], "there is only 1 host: name hosts"),
                (["--hosts", "4", "-H", "a,b"], "there are only 2 hosts"),
                (["--ranks", "1,2", "--hosts", "2", "-H", "a:2,b:1"], "b takes 1 rank: "),
                (["--threads", "4096"], "more threads than this host has cores"),
                (["--ranks", "1,1"], "1 stands there twice"),
                (["--ranks", "1,x"], "x is not a number above 0"),
                (["--kind", "strong,bold"], "bold is neither strong nor weak"),
                (["--length", "4"], "--vocabulary and --length go together"),
                (["--threads", "1", "--set", "run.threads=2"], "choose one"),
                (["--forecast-hosts", "8"], "goes with --network"),
                (["--network", "none.yaml"], "No such file"),
                (["--set", "model.heads=3"], "heads"),
                (["--set", "model.hats=3"], "unknown key `model.hats`")):
            with self.subTest(words):
                self.refuses(*words, says=says)
                self.assertFalse(self.out.exists())
        done = self.ends(2, after=["--", "-H", "a"])
        self.assertIn("-H stands before --", done.stderr)
        self.assertEqual(support.run([self.script]).returncode, 2)

    def test_words_alone(self):
        done = self.ends(0, "--dry-run", "--kind", "weak", "--hosts", "2", "--ranks", 2, "-H",
                         "a:2,b:2,c:2", after=["--", "--bind-to", "none"])
        self.assertEqual(done.stdout.count("run.sh"), 1)
        self.assertIn("run.sh -n 4 -H a:2,b:2 --bind-to none -- bench ", done.stdout)
        self.assertFalse(self.out.exists())
        done = support.run(["/usr/bin/python3", SCRIPTS / "plot_scaling.py", self.folder])
        self.assertIn("no scaling.csv with measurements", done.stderr)
        self.assertEqual(done.returncode, 1)


class Parts(support.SystemTest):
    def test_hosts(self):
        path = self.folder / "hosts"
        path.write_text("a slots=2 # fast\n\n# none\nb:3\nc max_slots=4\n")
        self.assertEqual(hosts.find(None, path), [("a", 2), ("b", 3), ("c", None)])
        path.write_text("a\na\nb\n")
        self.assertEqual(hosts.find(None, None, {"PBS_NODEFILE": path}), [("a", 2), ("b", 1)])
        path.write_text("a 4 all.q@a UNDEFINED\nb 2 all.q@b UNDEFINED\n")
        self.assertEqual(hosts.find(None, None, {"PE_HOSTFILE": path}), [("a", 4), ("b", 2)])
        self.assertEqual(hosts.find(None, None, {}), [])
        scontrol = self.folder / "scontrol"
        scontrol.write_text("#!/bin/sh\necho n1; echo n2; echo n3\n")
        scontrol.chmod(0o755)
        path = os.environ["PATH"]
        self.addCleanup(os.environ.update, PATH=path)
        os.environ["PATH"] = f"{self.folder}:{path}"
        self.assertEqual(hosts.find(None, None, {"SLURM_JOB_NODELIST": "n[1-3]",
                                                 "SLURM_TASKS_PER_NODE": "8(x2),4"}),
                         [("n1", 8), ("n2", 8), ("n3", 4)])

    def test_doublings(self):
        self.assertEqual([forecasts.doublings(most) for most in (1, 2, 3, 8)],
                         [[1], [1, 2], [1, 2, 3], [1, 2, 4, 8]])

    def test_spreads(self):
        def row(kind, count, step):
            return {"kind": kind, "hosts": count, "ranks": 1, "threads": 1,
                    "step_seconds": step, "tokens_per_second": 1, "processor_share": 1}

        measured = summary.measured_points([row("weak", 1, step) for step in (2, 4, 3)] +
                                           [row("weak", 4, step) for step in (4, 6)])
        kind, = summary.kinds_of(measured)
        self.assertEqual(kind.speed_up_of(kind.points[0]), (1.0, 0.75, 1.5))
        self.assertEqual(kind.speed_up_of(kind.points[1]), (2.4, 2.0, 3.0))
        self.assertEqual(kind.efficiency_of(kind.points[1]), (0.6, 0.5, 0.75))

    def test_crowded(self):
        every = points.make(["strong"], [1], [1, 2], [1, 2])
        fitting, others = points.without_crowded(every, 2)
        self.assertEqual([point[1:] for point in others], [(1, 2, 2)])
        self.assertEqual(len(fitting), 3)


class Measured(Scaling):
    """By the program itself."""

    def check(self, *pairs):
        rows = self.rows()
        self.assertEqual([(int(row["hosts"]), int(row["ranks"])) for row in rows], list(pairs))
        for row in rows:
            parts = [float(row[part]) for part in results.PARTS]
            self.assertGreaterEqual(min(parts), 0)
            self.assertAlmostEqual(sum(parts) / float(row["mean_seconds"]), 1, delta=0.02)
            alone = row["hosts"] == row["ranks"] == "1"
            self.assertEqual(float(row["bytes"]) > 0, not alone)
            self.assertTrue(row["version"] and row["processor"])

    def test_two_ranks(self):
        self.ends(0, *RANDOM, "--ranks", "1,2", "--crowded", "--repeats", 2, "--steps", 2)
        self.check((1, 1), (1, 2), (1, 1), (1, 2))
        self.assertTrue((self.out / "scaling.svg").exists())

    def test_two_hosts(self):
        virtual_hosts.require()
        two = virtual_hosts.VirtualHosts(self.folder / "hosts", 2)
        self.addCleanup(two.close)
        (self.folder / "list").write_text("host1 slots=1\nhost2 slots=1\n")
        (self.folder / "network.yaml").write_text("bandwidth: 1e9\n")
        words = two.command("head", self.words(
            *RANDOM, "--hostfile", self.folder / "list", "--hosts", "2", "--kind", "weak",
            "--repeats", 1, "--steps", 2, "--network", self.folder / "network.yaml"))
        done = support.run([*words, "--", "--bind-to", "none"], env=self.environment())
        self.assertEqual(done.returncode, 0, f"{done.stdout}\n{done.stderr}")
        self.check((2, 1))
        self.assertEqual(self.rows()[0]["on"], "host1 host2")
        self.assertEqual([(row["kind"], row["hosts"]) for row in self.rows("forecast.csv")],
                         [("weak", "1"), ("weak", "2")])


if __name__ == "__main__":
    unittest.main()
