"""scripts/submit/slurm.sh on a real Slurm of virtual hosts: a job goes on when its time is up and
when a node is lost, saves when it is cancelled, and comes to the bits of an undisturbed run."""
import csv
import unittest

import support
import virtual_clusters

STEPS = 150


class Slurm(virtual_clusters.JobsTest):
    """Jobs of two nodes of three."""
    KIND, HOSTS = virtual_clusters.Slurm, 3

    def hosts_of(self, job):
        nodes = self.cluster.job(job)["NodeList"]
        return self.cluster.do("on", "scontrol", "show", "hostnames", nodes).split()

    def assertCompletes(self, job, restarts):
        self.assertEndsAsUndisturbed(job, STEPS, restarts)
        state = self.cluster.job(job)
        self.assertEqual((state["JobState"], state["Restarts"]), ("COMPLETED", str(restarts)))

    def test_the_time_is_up_twice(self):
        job = self.submit(steps=STEPS)
        for restarts in (1, 2):
            self.stop_in_time(job)
            self.assertEqual(self.count(f"Slurm starts job {job} again"), restarts, self.log())
        self.assertCompletes(job, 2)

    def test_srun_comes_to_the_same_bits(self):
        if "pmix" not in self.cluster.do("on", "sh", "-c", "srun --mpi=list 2>&1"):
            self.skipTest("this Slurm has no PMIx")
        job = self.submit("--launcher", "srun", steps=STEPS)
        self.stop_in_time(job)
        self.assertCompletes(job, 1)
        self.assertEqual(self.count("mpirun"), 0, self.log())

    def test_a_node_crashes(self):
        """One that is not the job's first: mpirun notices it before Slurm does."""
        job = self.submit(steps=STEPS)
        self.wait_for_checkpoint(job)
        second = self.hosts_of(job)[1]
        self.hosts.do("crash", second)
        self.addCleanup(self.cluster.do, "boot", second)
        self.addCleanup(self.hosts.do, "boot", second)
        self.assertCompletes(job, 1)
        self.assertNotIn(second, self.hosts_of(job))

    def test_what_is_cancelled_is_saved(self):
        """As the script says; and does not begin anew."""
        for launcher in ("mpirun", "srun"):
            before = self.step()
            job = self.submit("--launcher", launcher, steps=100000)
            self.wait_for_checkpoint(job, before)
            self.cluster.signal(job, "TERM")
            self.wait_for_end(job)
            state = self.cluster.job(job)
            self.assertEqual((state["JobState"], state["ExitCode"], state["Restarts"]),
                             ("FAILED", "143:0", "0"), self.log())
        self.assertEqual(self.count("the state is saved"), 2, self.log())
        self.assertSameState(self.checkpoints()[-1], self.undisturbed(self.step()))

    def test_scaling_over_the_nodes_of_a_job(self):
        words = (f"{support.ROOT}/scripts/scaling.sh --hosts 1,2 --ranks 2 --repeats 1 "
                 "--steps 2 --vocabulary 50 --length 6 --no-pictures "
                 f"{self.config} {self.folder}/out -- --bind-to none")
        job = self.cluster.do(
            "on", "sbatch", "--parsable", "--nodes=2", "--ntasks-per-node=2", "--wrap", words,
            f"--output={self.folder}/log", env=support.environment(LOCKSTEP=support.LOCKSTEP)
        ).strip()
        self.addCleanup(lambda: self.cluster.is_over(job) or
                        self.cluster.do("on", *self.cluster.cancel))
        self.wait_for_end(job)
        self.assertEqual(self.cluster.job(job)["JobState"], "COMPLETED", self.log())
        one, two = self.hosts_of(job)
        with open(self.folder / "out/scaling.csv", encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        self.assertEqual([(row["hosts"], row["ranks"], row["on"]) for row in rows],
                         [("1", "2", one), ("2", "2", f"{one} {two}")])


if __name__ == "__main__":
    unittest.main()
