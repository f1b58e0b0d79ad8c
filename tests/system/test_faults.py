"""One rank fails, in each of several ways (fault_stub.c): the job ends in time, one message names
the rank, nothing is left running, and the same command goes on to the same bits."""
import os
import re
import shutil
import signal
import subprocess
import time
import unittest

import support

STUB = os.environ.get("LOCKSTEP_FAULT_STUB",
                      str(support.ROOT / "build/release/tests/libfault_stub.so"))
RUN_SCRIPT = support.ROOT / "scripts/run.sh"
STALL = 2  # seconds
RANKS = 3
DIVERGED = 1  # STATUS_DIVERGED
LATE = 100  # reductions over all ranks: some twenty steps


@unittest.skipIf(support.SANITIZED, "a sanitizer wants to be loaded first")
class Faults(support.SystemTest):
    @classmethod
    def setUpClass(cls):
        cls.open_home()
        cls.config = cls.home.make_toy(text=support.CONFIG.replace("every: 20, keep", "every: 5, keep"))
        done = support.run(cls.words(cls.home.folder / "run"), env=cls.environment())
        assert done.returncode == 0, done.stderr
        cls.undisturbed = cls.home.checkpoints()[-1]

    @staticmethod
    def environment():
        return support.environment(LOCKSTEP=support.LOCKSTEP)

    @classmethod
    def words(cls, run, *more, options=()):
        return [RUN_SCRIPT, "-n", str(RANKS), *options, "--", cls.config,
                *support.settings(f"run.folder={run}", f"distributed.stall_seconds={STALL}",
                                  "run.products=openblas", "validation.every=1000"), *more]

    def left(self):
        """Processes that name this test's folder."""
        found = subprocess.run(["pgrep", "-f", "--", f"run.folder={self.folder}"], check=False,
                               stdout=subprocess.PIPE, text=True)
        return found.stdout.split()

    def fail_with(self, fault, *more):
        """(exit status, standard error, seconds from the last step on)"""
        (self.folder / "run").mkdir()
        shutil.copy(self.home.folder / "run/dataset.h5", self.folder / "run")
        words = self.words(self.folder / "run", *more, options=(
            "-x", f"LD_PRELOAD={STUB}", "-x", f"LOCKSTEP_FAULT={fault}"))
        done = support.run(words, env=self.environment(), seconds=60)
        wrote = (self.folder / "run/train.log").stat().st_mtime
        self.assertEqual(self.left(), [], done.stderr)
        return done.returncode, done.stderr, time.time() - wrote

    def check(self, fault, code, said, *more):
        """`said`: what our one line says."""
        status, text, seconds = self.fail_with(fault, *more)
        ours = [line for line in text.splitlines() if re.search(r"lockstep: error:|rank \d+ \(", line)]
        self.assertEqual((status, len(ours)), (code, 1 if said else 0), text)
        if said:
            self.assertRegex(ours[0], said)
        self.assertLess(seconds, STALL + 15, text)
        self.assertGreater(len(self.checkpoints()), 0, text)
        self.assertNotIn("step-0000000040.h5", text)
        done = support.run(self.words(self.folder / "run", *more), env=self.environment())
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("resumed: step", done.stderr)
        self.assertSameState(self.checkpoints()[-1], self.undisturbed)
        return text

    # ---- a rank that ends ----

    def test_exit(self):
        self.check(f"1:{LATE}:exit", 3,
                   r"rank 1 \(host .*\): ends with exit status 3 before the job is done$")

    def test_exit_without_a_word(self):
        """mpirun has the number."""
        text = self.check(f"2:{LATE}:_exit", 4, "")
        self.assertRegex(text, r"(?i)process name: \[.*,2\]")
        self.assertRegex(text, r"Exit code: +4")

    @unittest.skipIf(b"__tsan_init" in support.PROGRAM, "a sanitizer has a status of its own")
    def test_segmentation_fault(self):
        self.check(f"0:{LATE}:segfault", 128 + signal.SIGSEGV,
                   r"rank 0 \(host .*\): segmentation fault \(signal 11\)")

    def test_abort(self):
        self.check(f"1:{LATE}:abort", 128 + signal.SIGABRT,
                   r"rank 1 \(host .*\): aborted \(signal 6\)")

    def test_kill(self):
        """mpirun has words."""
        text = self.check(f"1:{LATE}:kill", 128 + signal.SIGKILL, "")
        self.assertRegex(text, r"process rank 1 with PID .* exited on\s+signal 9")

    def test_kill_in_the_end_of_mpi(self):
        """Where the others wait for it."""
        status, text, seconds = self.fail_with("1:1:kill:MPI_Finalize")
        self.assertEqual((status, text.count("lockstep: error:")), (128 + signal.SIGKILL, 0), text)
        self.assertRegex(text, r"process rank 1 with PID .* exited on\s+signal 9")
        self.assertLess(seconds, STALL + 15, text)
        self.assertSameState(self.checkpoints()[-1], self.undisturbed)

    # ---- a rank that is wrong ----

    def test_a_wrong_bit(self):
        self.check(f"1:{LATE}:bit", DIVERGED,
                   r"the parameters are no longer the same: rank 1 \(host .*\): \S+ differs from "
                   r"rank 0's after step", *support.settings("distributed.check_every=1"))

    # ---- a rank that stays away ----

    def test_a_loop_without_end(self):
        self.check(f"1:{LATE}:loop:cblas_sgemm", 1,
                   rf"rank [02] \(host .*\) has waited {STALL} s for a message .*; "
                   r"rank 1 \(host .*\) does not answer; distributed.stall_seconds")

    def test_a_call_into_mpi_that_does_not_come_back(self):
        self.check(f"2:{LATE}:sleep:MPI_Isend", 1,
                   rf"rank [01] \(host .*\) has waited {STALL} s .*; "
                   r"rank 2 \(host .*\) does not answer; distributed.stall_seconds")

    def test_all_in_calls_that_do_not_come_back(self):
        """The end of MPI waits for a rank that does not come to it."""
        status, text, seconds = self.fail_with("1:1:sleep:MPI_Finalize")
        self.assertEqual((status, text.count("lockstep: error:")), (1, 1), text)
        self.assertRegex(text, r"error: rank 0 \(host .*\) has waited \d+ s inside MPI_Finalize")
        self.assertLess(seconds, STALL + 15, text)
        self.assertSameState(self.checkpoints()[-1], self.undisturbed)


if __name__ == "__main__":
    unittest.main()
