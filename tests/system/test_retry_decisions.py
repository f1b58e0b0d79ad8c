"""scripts/run.sh --retries decides by how a stand-in for the program ends."""
import os
import signal
import time
import unittest

import support
from retry_runs import ONE_DAEMON, RUN_SCRIPT, TRIES, Runs

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

# In the place of mpirun: its ranks end, and it does not look.
STILL = """\
#!/usr/bin/env python3
import os, time
for _ in range(2):
    if os.fork() == 0:
        os._exit(1)
time.sleep(100)
"""


class Decisions(Runs):
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
