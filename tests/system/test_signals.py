"""A run that is asked to stop, at whatever moment and by whatever signal, saves and ends; one
whose ranks or whose folder are gone says so."""
import contextlib
import fcntl
import os
import pathlib
import pty
import shutil
import signal
import termios
import time
import unittest

import support

# Besides those of test_resume.py.
SIGNALS = (signal.SIGHUP, signal.SIGQUIT, signal.SIGXCPU, signal.SIGUSR2)
RUN_SCRIPT = support.ROOT / "scripts/run.sh"


def hears(pid):
    """Does the process have a handler for SIGTERM?"""
    try:
        status = pathlib.Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False
    caught = int(status.split("SigCgt:")[1].split()[0], 16)
    return bool(caught >> (signal.SIGTERM - 1) & 1)


class Runs(support.LoggedTest):
    def setUp(self):
        super().setUp()
        self.config = self.make_toy(text=support.CONFIG.replace("every: 20", "every: 10"))
        self.settings = ["--set", "training.steps=100000"]

    def words(self, *more):
        return ["train", self.config, *self.settings, *more]

    def run_until_step(self, words, steps, **options):
        process = self.start_logged(words, **options)
        support.wait_until(lambda: self.step() >= steps or process.poll() is not None,
                           what="a checkpoint")
        return process

    def assertEnds(self, process, code, *words):
        self.assertEqual(process.wait(60), code, self.log())
        for word in words:
            self.assertEqual(self.log().count(word), 1, self.log())
        self.assertNotIn("error", self.log())


class Signals(Runs):
    def check_that_all_save(self, words, to_code=lambda number: 128 + number):
        for number in SIGNALS:
            before = self.step()
            process = self.run_until_step(words, before + 10)
            process.send_signal(number)
            self.assertEnds(process, to_code(number), "the state is saved")
            self.assertIn(f"step {self.step()};", self.log())
            self.assertGreater(self.step(), before)

    def test_all_save(self):
        self.check_that_all_save(support.command(self.words()))

    def test_all_save_under_the_run_script(self):
        self.check_that_all_save([RUN_SCRIPT, "-n", "2", *self.words()[1:]])

    def test_what_nohup_ignores_stays_ignored(self):
        process = self.run_until_step(support.command(self.words()), 10, preexec_fn=lambda:
                                      signal.signal(signal.SIGHUP, signal.SIG_IGN))
        process.send_signal(signal.SIGHUP)
        before = self.step()
        support.wait_until(lambda: self.step() > before or process.poll() is not None,
                           what="another checkpoint")
        process.send_signal(signal.SIGTERM)
        self.assertEnds(process, 128 + signal.SIGTERM, "the state is saved")

    def test_a_reader_that_went_first(self):
        """As in `lockstep train CONFIG 2>&1 | tee log`, Ctrl-C."""
        reading, writing = os.pipe()
        process = self.run_until_step(support.command(self.words()), 10, stderr=writing)
        os.close(writing)
        process.send_signal(signal.SIGSTOP)
        process.send_signal(signal.SIGINT)
        os.close(reading)
        process.send_signal(signal.SIGCONT)
        self.assertEqual(process.wait(60), 128 + signal.SIGINT)
        log = (self.folder / "run/train.log").read_text()
        self.assertIn(f"signal at step {self.step()};", log)

    def test_a_closed_terminal(self):
        terminal, end = pty.openpty()
        os.set_blocking(terminal, False)
        process = self.start_logged([RUN_SCRIPT, "-n", "2", *self.words()[1:]],
                             stdin=end, stdout=end, stderr=end,
                             preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0))
        os.close(end)

        def shown():
            """What nobody reads would stop the run."""
            try:
                os.read(terminal, 65536)
            except BlockingIOError:
                pass
            return self.step() >= 10

        support.wait_until(shown, what="a checkpoint")
        ranks = support.ranks_of(process.pid)
        self.assertEqual(len(ranks), 2)
        os.close(terminal)
        self.assertEqual(process.wait(60), 128 + signal.SIGHUP)
        support.wait_until(lambda: not any(hears(pid) for pid in ranks.values()),
                           what="the end of the ranks")
        log = (self.folder / "run/train.log").read_text()
        self.assertIn(f"signal at step {self.step()};", log)

    def test_a_folder_that_is_removed_is_not_made_again(self):
        """At the next report, or the next checkpoint."""
        run = self.folder / "run"
        for report, save in ((10, 1000000), (1000000, 40)):
            words = self.words("--set", f"training.report_every={report}",
                               "--set", f"checkpoint.every={save}",
                               "--set", "validation.every=1000000")
            process = self.start_logged(support.command(words, 2))
            support.wait_until(lambda: "begins at" in self.log() or process.poll() is not None, what="the beginning")
            self.assertIsNone(process.poll(), self.log())
            run.rename(self.folder / "moved")
            shutil.rmtree(self.folder / "moved")
            self.assertEqual(process.wait(60), 1, self.log())
            self.assertEqual(self.log().count("error:"), 1, self.log())
            self.assertIn(f"{run}: is no longer the folder", self.log())
            self.assertFalse(run.exists())


def reads(pid, path):
    """Has the process, or one of its children, opened the file?"""
    for each in [pid] + support.children(pid):
        with contextlib.suppress(OSError):
            if any(os.path.realpath(link) == str(path)
                   for link in pathlib.Path(f"/proc/{each}/fd").iterdir()):
                return True
    return False


class Start(Runs):
    """What comes before the first step."""

    def start_preparing(self, ranks):
        """On data for which it takes seconds."""
        train = self.folder / "train.tsv"
        train.write_text("".join(train.read_text().splitlines(True)[:1000]) * 3000)
        process = self.start_logged(support.command(self.words("--set", "distributed.stall_seconds=1"),
                                             ranks))
        support.wait_until(lambda: reads(process.pid, train), what="reading")
        return process

    def assertNothingTrained(self, process, code):
        self.assertEnds(process, code, "stopped by a signal before the first step: nothing was "
                                       "trained yet")
        self.assertEqual(self.step(), 0)

    def test_a_signal_while_mpi_starts(self):
        for ranks, number in ((0, signal.SIGTERM), (2, signal.SIGUSR1)):
            process = self.start_logged(support.command(self.words(), ranks))
            support.wait_until(lambda p=process, r=ranks: list(map(hears, support.ranks_of(p.pid).values()))
                               == [True] * r if r else hears(p.pid), what="the ranks' handlers")
            process.send_signal(number)
            self.assertNothingTrained(process, 128 + number)

    def test_a_signal_while_the_dataset_is_prepared(self):
        for ranks, number in ((0, signal.SIGHUP), (2, signal.SIGUSR2)):
            process = self.start_preparing(ranks)
            process.send_signal(number)
            self.assertNothingTrained(process, 128 + number)
            self.assertNotIn("begins", self.log())
            self.assertEqual(list((self.folder / "run").glob("dataset*")), [])
            shutil.rmtree(self.folder / "run")

    def test_a_signal_before_the_run_script_has_ranks(self):
        for seconds in (0.1, 0.2, 0.4):
            process = self.start_logged([RUN_SCRIPT, "-n", "2", *self.words()[1:]])
            time.sleep(seconds)
            process.send_signal(signal.SIGTERM)
            self.assertEnds(process, 128 + signal.SIGTERM, "run.sh: SIGTERM")

    def test_variables_that_a_slurm_job_left(self):
        """They are no error where mpirun starts with them."""
        slurm = {"SLURM_JOBID": "7", "SLURM_JOB_ID": "7", "SLURM_JOB_NODELIST": "node[1-2]",
                 "SLURM_NODELIST": "node[1-2]", "SLURM_TASKS_PER_NODE": "1(x2)"}
        for names in (["SLURM_JOB_ID"], ["SLURM_JOBID"], list(slurm)):
            env = support.environment(**{name: slurm[name] for name in names})
            works = support.run(support.command([], 1, "true"), env=env).returncode == 0
            done = support.run([RUN_SCRIPT, "-n", "1", self.folder / "none.yaml"], env=env)
            self.assertEqual(done.returncode, 2, done.stderr)
            self.assertEqual("none.yaml: No such file" in done.stderr, works, done.stderr)
            self.assertEqual("Slurm job 7" in done.stderr, not works, done.stderr)
            self.assertEqual("unset ${!SLURM_@}" in done.stderr, not works, done.stderr)
            self.assertNotIn("ORTE", done.stderr)

    def test_a_rank_that_is_stopped_while_mpi_starts(self):
        process = self.start_logged(support.command(
            self.words("--set", "distributed.stall_seconds=2"), 3),
            env=support.environment(LOCKSTEP_START_SECONDS="2"))
        support.wait_until(lambda: len(support.ranks_of(process.pid)) == 3, what="the ranks")
        os.kill(support.ranks_of(process.pid)[1], signal.SIGSTOP)
        self.assertEqual(process.wait(60), 1, self.log())
        self.assertRegex(self.log(), r"rank [02] \(host .* waited 2 s .*; rank 1 \("
                                     r"(process \d+ of this host\) is stopped"
                                     r"|host .*\) does not answer)")

    def test_making_the_dataset_is_no_stall(self):
        """It takes longer than a stall may."""
        process = self.start_preparing(3)
        begin = time.monotonic()
        support.wait_until(lambda: "begins" in self.log() or process.poll() is not None,
                           what="training")
        self.assertGreater(time.monotonic() - begin, 1.5, "too soon to show anything")
        process.send_signal(signal.SIGUSR1)
        self.assertEqual(process.wait(60), 128 + signal.SIGUSR1, self.log())
        self.assertNotIn("error", self.log())

    def test_a_rank_that_is_stopped_while_the_dataset_is_prepared(self):
        """The others wait for the lines that it has."""
        process = self.start_preparing(3)
        os.kill(support.ranks_of(process.pid)[1], signal.SIGSTOP)
        self.assertEqual(process.wait(60), 1, self.log())
        self.assertEqual(self.log().count("error:"), 1, self.log())
        self.assertRegex(self.log(), r"rank [02] \(host .* waited 1 s .*; rank 1 \(host .*\) does "
                                     "not answer; distributed.stall_seconds")
        self.assertFalse((self.folder / "run/dataset.h5").exists())


if __name__ == "__main__":
    unittest.main()
