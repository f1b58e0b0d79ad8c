"""scripts/run.sh --retries: what is lost is started again, what fails is not."""
import os
import re
import signal
import time
import unittest

import support

RUN_SCRIPT = support.ROOT / "scripts/run.sh"
TRIES = re.compile(r"run\.sh: .*; try (\d+) of \d+ in \d+ s goes on from step (\d+)\.")

# In the place of the program: takes the lock of the run's folder and ends as it is told.
STAND_IN = """\
#!/bin/bash
[ "$1" != config ] || exec {program} "$@"
run={folder}/run
mkdir -p $run/checkpoints
[ -z "{locks}" ] || echo process $$ on a host >$run/lock
echo started >>{folder}/starts
{body}
"""

# Starts mpirun's daemon of a host: all of them are this one, but some are lost. Daemons that
# share a folder for what is temporary take it away from each other. Open MPI 5 does not bear
# several daemons on a host.
AGENT = """\
#!/bin/sh
host=$1
shift
[ ! -e {folder}/$host.lost ] || exit 255
echo $$ >{folder}/$host.pid
export OMPI_MCA_orte_tmpdir_base={folder}/$host OMPI_MCA_rtc_hwloc_vmhole=none
mkdir -p {folder}/$host
exec sh -c "$*"
"""

# In the place of mpirun: its ranks end, and it does not look.
STILL = """\
#!/usr/bin/env python3
import os, time
for _ in range(2):
    if os.fork() == 0:
        os._exit(1)
time.sleep(100)
"""

ONE_DAEMON = " 5." in support.run(["mpirun", "--version"]).stdout


class Runs(support.LoggedTest):
    # What else this host has may belong to others.
    ONE_CABLE = ("--mca", "btl_tcp_if_include", "lo")

    def agent(self):
        path = self.folder / "agent"
        path.write_text(AGENT.format(folder=self.folder))
        path.chmod(0o755)
        return str(path)

    def setUp(self):
        super().setUp()
        self.config = self.make_toy(text=support.CONFIG.replace("every: 20", "every: 10"))
        self.settings = support.settings("validation.every=1000000", "training.report_every=1",
                                         f"data.dataset={self.folder}/data.h5")

    def start(self, *words, **environment):
        return self.start_logged([RUN_SCRIPT, *words, self.config, *self.settings],
                                 env=support.environment(**environment))

    def wait_for_checkpoints(self, process, count):
        support.wait_until(lambda: len(self.checkpoints()) >= count or process.poll() is not None,
                           what="checkpoints")

    def assertTries(self, code, tries, *words):
        self.assertEqual(self.code, code, self.log())
        self.assertEqual([int(k) for k, _ in TRIES.findall(self.log())], tries, self.log())
        for word in words:
            self.assertEqual(self.log().count(word), 1, self.log())


class Program(Runs):
    def reference(self, steps):
        done = self.passes("train", self.config, *self.settings, *support.settings(
            f"training.steps={steps}", f"run.folder={self.folder}/whole"))
        self.assertNotIn("resumed", done.stderr)
        return self.checkpoints("whole")[-1]

    def assertEndsAsIfNothingHappened(self, steps):
        self.assertSameState(self.reference(steps), self.checkpoints()[-1])
        whole, pieces = ([(line["step"], line["loss"]) for line in self.metrics(name)]
                         for name in ("whole", "run"))
        self.assertEqual(whole, pieces)

    def test_a_killed_rank_and_a_killed_mpirun(self):
        self.settings += support.settings("training.steps=100", "checkpoint.every=5")
        process = self.start("--retries", "3", "-n", "2")
        ranks = self.wait_for_ranks(process, 1)
        os.kill(ranks[1], signal.SIGKILL)
        support.wait_until(lambda: ranks[1] not in support.children(process.pid), what="its end")
        ranks = self.wait_for_ranks(process, 4)
        mpirun, = (pid for pid in support.children(process.pid)
                   if set(ranks.values()) <= set(support.children(pid)))
        os.kill(mpirun, signal.SIGKILL)
        self.code = process.wait(60)
        self.assertTries(0, [1, 2], "done: 100 steps")
        self.assertEqual(self.log().count("a rank, or mpirun, was ended by SIGKILL after step"), 2)
        for _, step in TRIES.findall(self.log()):
            self.assertIn(f"resumed: step {step} of 100", self.log())
        self.assertEndsAsIfNothingHappened(100)

    def wait_for_ranks(self, process, count):
        """Two that train, with so many checkpoints in the folder."""
        support.wait_until(lambda: process.poll() is not None or
                           (len(self.checkpoints()) >= count and
                            len(support.ranks_of(process.pid)) == 2), what="ranks that train")
        self.assertIsNone(process.poll(), self.log())
        return support.ranks_of(process.pid)

    def test_a_rank_that_stands_still(self):
        self.settings += support.settings("training.steps=60", "distributed.stall_seconds=2")
        process = self.start("--retries", "3", "-n", "2")
        os.kill(self.wait_for_ranks(process, 1)[1], signal.SIGSTOP)
        self.code = process.wait(90)
        self.assertTries(0, [1], "error:", "a rank waited for another in vain", "done: 60 steps")

    def test_a_signal_to_the_script(self):
        self.settings += support.settings("training.steps=100000")
        process = self.start("--retries", "3", "-n", "2")
        self.wait_for_ranks(process, 1)
        process.send_signal(signal.SIGTERM)
        self.code = process.wait(60)
        self.assertTries(128 + signal.SIGTERM, [], "the state is saved")

    @unittest.skipIf(ONE_DAEMON, "Open MPI 5")
    def test_a_lost_host_is_left_out(self):
        agent = self.agent()
        hosts = self.folder / "hosts"
        hosts.write_text("# three\nalpha slots=1\n\n  beta slots=1 # lost\ngamma slots=1\n")
        self.settings += support.settings("training.steps=60")
        process = self.start("--drop-lost", "-n", "3", "--retries", "3", "--mca", "plm_rsh_agent",
                             agent, *self.ONE_CABLE, "--hostfile", str(hosts), "--")
        self.wait_for_checkpoints(process, 1)
        self.assertIsNone(process.poll(), self.log())
        (self.folder / "beta.lost").touch()
        support.kill_tree(int((self.folder / "beta.pid").read_text()))
        self.code = process.wait(100)
        self.assertTries(0, [1], "on: 3 ranks", "on: 2 ranks", "done: 60 steps", "run.sh: without "
                         "beta, which does not answer: 2 ranks of 3.")
        self.assertEndsAsIfNothingHappened(60)

    def test_a_failure_of_the_program(self):
        self.settings += support.settings("training.schedule.peak=1e38", "training.clip_norm=0")
        self.code = self.start("-n", "2", "--retries", "3").wait(60)
        self.assertTries(1, [], "error:", "not finite")
        self.assertNotIn("run.sh", self.log())

    def test_a_wrong_configuration(self):
        self.code = self.start("-n", "2", "--retries", "3", "--", "--set", "model.heads=5").wait(60)
        self.assertTries(2, [], "error:")
        self.code = self.start("-n", "9", "--retries", "3").wait(60)
        self.assertTries(2, [], "error:")

    def test_a_second_job(self):
        """Another one holds the folder: from the beginning, so it was not this one."""
        self.settings += support.settings("training.steps=100000")
        first = self.start("-n", "1")
        self.wait_for_checkpoints(first, 1)
        self.code = self.start("-n", "2", "--retries", "3").wait(60)
        self.assertTries(1, [], "error:", "is locked by another job")
        self.assertIsNone(first.poll())


class Decisions(Runs):
    """By a stand-in."""

    def stand_in(self, body, *words, locks="yes"):
        program = self.folder / "program"
        program.write_text(STAND_IN.format(folder=self.folder, program=support.LOCKSTEP, body=body,
                                           locks=locks))
        program.chmod(0o755)
        return self.start(*words, LOCKSTEP=str(program))

    def ends(self, body, *words, **options):
        self.code = self.stand_in(body, *words, **options).wait(100)

    def starts(self):
        return len((self.folder / "starts").read_text().splitlines())

    def test_what_repeats_at_the_same_step(self):
        self.ends("kill -KILL $$", "--retries", "9")
        self.assertTries(128 + 9, [1], "a rank, or mpirun, was ended by SIGKILL after step 0, as the time before: "
                         "what repeats is no loss; given up after 1 of 9 tries.")

    def test_what_repeats_before_the_run_begins(self):
        self.ends("exit 3", "--retries", "9", locks="")
        self.assertTries(3, [1], "a rank, or mpirun, ended with status 3 before the run began, as the time before")

    def test_steps_that_are_reported_are_progress(self):
        body = 'echo "{\\"step\\": $(wc -l <$run/../starts), \\"loss\\": 1}" >>$run/metrics.jsonl; exit 3'
        self.ends(body, "--retries", "2")
        self.assertTries(3, [1, 2], "a rank, or mpirun, ended with status 3 after step 3; given up after 2 of 2")

    def test_a_loss_is_none_while_checkpoints_are_written(self):
        """And the pauses grow only without them."""
        body = "touch $run/checkpoints/step-$(printf %010d $(wc -l <$run/../starts)).h5; kill -SEGV $$"
        self.ends(body, "--retries", "3")
        self.assertTries(128 + 11, [1, 2, 3], "SIGSEGV after step 4; given up after 3 of 3 tries.")
        self.assertEqual(self.log().count(" in 2 s "), 3)
        self.assertEqual([int(step) for _, step in TRIES.findall(self.log())], [1, 2, 3])

    def test_a_lock_that_the_lost_job_still_holds(self):
        body = "case $(wc -l <$run/../starts) in 1) kill -KILL $$ ;; 4) exit 0 ;; *) exit 71 ;; esac"
        begin = time.monotonic()
        self.ends(body.replace("1)", "1) echo process $$ >$run/lock;"), "--retries", "9", locks="")
        self.assertTries(0, [1, 2, 3])
        self.assertEqual(self.log().count("still holds the run's folder"), 2)
        self.assertGreater(time.monotonic() - begin, 2 + 4 + 8 - 1, "pauses that grow")

    def test_no_end_that_the_program_knows_of(self):
        """mpirun 5 ends with 0 when it has lost a host."""
        body = "[ $(wc -l <$run/../starts) -lt 2 ] || : >$run/lock; exit 0"
        self.ends(body, "--retries", "3")
        self.assertTries(0, [1], "a host was lost, or mpirun's daemon there after step 0")
        self.ends("exit 0")
        self.assertTries(205, [], "ended with 205: a rank or a host was lost")

    def test_what_a_signal_stopped(self):
        """Sent to a rank, which would have saved."""
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGUSR1):
            self.ends(f": >$run/lock; kill -{int(number)} $$; sleep 5", "--retries", "3")
            self.assertTries(128 + number, [])

    def test_what_mpirun_stopped(self):
        """As it does with those that are left when one is lost: they cannot save."""
        self.ends("kill -TERM $$; sleep 5", "--retries", "9")
        self.assertTries(143, [1], "ended by SIGTERM after step 0, as the time before")

    def test_a_signal_during_a_pause(self):
        process = self.stand_in("kill -KILL $$", "--retries", "9")
        support.wait_until(lambda: "; try 1 of" in self.log(), what="a pause")
        process.send_signal(signal.SIGTERM)
        begin = time.monotonic()
        self.code = process.wait(60)
        self.assertLess(time.monotonic() - begin, 1.9)
        self.assertTries(128 + signal.SIGTERM, [1], "run.sh: SIGTERM: not started again.",
                         "stopped between two tries; the same command goes on from step 0.")
        self.assertEqual(self.starts(), 1)

    @unittest.skipIf(ONE_DAEMON, "Open MPI 5")
    def test_hosts_that_come_back(self):
        body = f"""[ ! -e {self.folder}/again ] || {{ : >$run/lock; exit 0; }}
            sleep 1 # all ranks are there
            touch {self.folder}/alpha.lost {self.folder}/beta.lost
            kill -KILL $$"""
        process = self.stand_in(body, "-n", "3", "--retries", "5", "--drop-lost",
                                "--mca", "plm_rsh_agent", self.agent(), *self.ONE_CABLE,
                                "-H", "alpha:2,beta:4", "--")
        support.wait_until(lambda: "none of the hosts answers" in self.log(), what="a try in vain")
        before = self.starts()
        (self.folder / "again").touch()
        (self.folder / "alpha.lost").unlink()
        self.code = process.wait(60)
        self.assertTries(0, [1, 2], "none of the hosts answers", "without beta, which does not "
                         "answer: 2 ranks of 3")
        self.assertEqual(self.starts(), before + 2)

    def test_no_tries_without_the_option(self):
        self.ends("kill -KILL $$", "-n", "1")
        self.assertTries(128 + 9, [], "the same command resumes")
        self.assertEqual(self.starts(), 1)

    def test_an_mpirun_that_stands_still(self):
        """As mpirun 4 does now and then when a rank is killed that just starts."""
        mpirun = self.folder / "bin/mpirun"
        mpirun.parent.mkdir()
        mpirun.write_text(STILL)
        mpirun.chmod(0o755)
        began = time.monotonic()
        path = f"{mpirun.parent}:{os.environ['PATH']}"
        self.code = self.start("-n", "2", PATH=path).wait(60)
        self.assertTries(128 + 9, [], "all ranks have ended, but mpirun has not: it is ended")
        self.assertGreater(time.monotonic() - began, 8)

    def test_options_that_make_no_sense(self):
        for words in (["--retries", "-1"], ["--retries", "x"], ["--retries"],
                      ["--retries", "2", "predict"], ["--retries", "2", "--drop-lost"]):
            done = support.run([RUN_SCRIPT, *words, self.config])
            self.assertEqual(done.returncode, 2, done.stderr)
            self.assertIn("--drop-lost", done.stderr)


if __name__ == "__main__":
    unittest.main()
