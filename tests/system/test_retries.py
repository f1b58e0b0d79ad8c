"""scripts/run.sh --retries: what is lost is started again, what fails is not."""
import os
import signal
import unittest

import support
from retry_runs import ONE_DAEMON, TRIES, Runs


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


if __name__ == "__main__":
    unittest.main()
