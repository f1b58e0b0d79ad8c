"""scripts/submit/slurm.sh on a real Slurm of virtual hosts: a job goes on when its time is up and
when a node is lost, saves when it is cancelled, and comes to the bits of an undisturbed run."""
import unittest

import support
import virtual_hosts

SUBMIT = support.ROOT / "scripts/submit/slurm.sh"
STEPS = 150
OVER = ("COMPLETED", "FAILED", "CANCELLED", "TIMEOUT", "NODE_FAIL", "OUT_OF_MEMORY")


class Slurm(virtual_hosts.HostsTest):
    """Jobs of two nodes of three."""
    HOSTS = 3

    @classmethod
    def setUpClass(cls):
        virtual_hosts.require_slurm()
        super().setUpClass()
        cls.slurm = virtual_hosts.VirtualSlurm(cls.hosts)

    def submit(self, *options, steps=STEPS):
        """Gives the job's number; its output goes to self.log()."""
        words = [SUBMIT, *options, "--parsable", "--nodes=2", "--ntasks-per-node=1",
                 f"--output={self.folder}/log", "--", *self.words(steps, self.folder / "run")]
        job = self.slurm.do("on", *words, env=support.environment(LOCKSTEP=support.LOCKSTEP))
        self.addCleanup(self.slurm.do, "on", "scancel", job.strip())
        return job.strip()

    def wait_for_state(self, job, *states):
        support.wait_until(lambda: self.slurm.job(job)["JobState"] in states, pause=0.5,
                           what=f"{states} of job {job}")
        return self.slurm.job(job)

    def wait_for_checkpoint(self, job, after=0):
        support.wait_until(lambda: self.step() > after or
                           self.slurm.job(job)["JobState"] in OVER, what="a checkpoint", pause=0.1)
        self.assertGreater(self.step(), after, self.log())

    def stop_in_time(self, job):
        """Once it has trained a while; gives the step that it is stopped at."""
        resumed = self.log().count("resumed:") if (self.folder / "log").exists() else 0
        self.slurm.signal(job, "USR1")
        support.wait_until(lambda: self.log().count("resumed:") > resumed or
                           self.slurm.job(job)["JobState"] in OVER, what="going on", pause=0.1)

    def assertEndsAsUndisturbed(self, job, restarts):
        state = self.wait_for_state(job, *OVER)
        self.assertEqual((state["JobState"], state["Restarts"]), ("COMPLETED", str(restarts)),
                         self.log())
        self.assertEqual(self.log().count("resumed:"), restarts, self.log())
        self.assertSameState(self.checkpoints()[-1], self.undisturbed(STEPS))
        return state

    def test_the_time_is_up_twice(self):
        job = self.submit()
        for restarts in (1, 2):
            self.wait_for_checkpoint(job, self.step())
            self.stop_in_time(job)
            self.assertEqual(self.log().count(f"Slurm starts job {job} again"), restarts,
                             self.log())
        self.assertEndsAsUndisturbed(job, 2)

    def test_srun_comes_to_the_same_bits(self):
        if "pmix" not in self.slurm.do("on", "srun", "--mpi=list"):
            self.skipTest("this Slurm has no PMIx")
        job = self.submit("--launcher", "srun")
        self.wait_for_checkpoint(job)
        self.stop_in_time(job)
        self.assertEndsAsUndisturbed(job, 1)
        self.assertNotIn("mpirun", self.log())

    def test_a_node_crashes(self):
        """One that is not the job's first: mpirun notices it before Slurm does."""
        job = self.submit()
        self.wait_for_checkpoint(job)
        self.assertEqual(self.slurm.job(job)["NodeList"], "host[1-2]")
        self.hosts.do("crash", "host2")
        self.addCleanup(self.slurm.do, "boot", "host2")
        self.addCleanup(self.hosts.do, "boot", "host2")
        state = self.assertEndsAsUndisturbed(job, 1)
        self.assertEqual(state["NodeList"], "host[1,3]")

    def test_what_is_cancelled_is_saved(self):
        """As the script says; and does not begin anew."""
        for launcher in ("mpirun", "srun"):
            before = self.step()
            job = self.submit("--launcher", launcher, steps=100000)
            self.wait_for_checkpoint(job, before)
            self.slurm.signal(job, "TERM")
            state = self.wait_for_state(job, *OVER)
            self.assertEqual((state["JobState"], state["ExitCode"], state["Restarts"]),
                             ("FAILED", "143:0", "0"), self.log())
        self.assertEqual(self.log().count("the state is saved"), 2, self.log())
        self.assertSameState(self.checkpoints()[-1], self.undisturbed(self.step()))


if __name__ == "__main__":
    unittest.main()
