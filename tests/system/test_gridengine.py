"""scripts/submit/gridengine.sh on a real Grid Engine of virtual hosts: a job goes on when its time is
up, saves when it is deleted, and comes to the bits of an undisturbed run."""
import unittest

import virtual_clusters

STEPS = 100


class GridEngine(virtual_clusters.JobsTest):
    KIND = virtual_clusters.GridEngine

    def goes_on(self, *options):
        """Twice."""
        job = self.submit(*options, steps=STEPS)
        for restarts in (1, 2):
            self.stop_in_time(job)
            self.assertEqual(self.count("the job goes on from what is saved"), restarts, self.log())
        self.assertEndsAsUndisturbed(job, STEPS, 2)

    def test_the_time_is_up_on_one_host(self):
        self.goes_on()

    def test_the_time_is_up_on_several_hosts(self):
        self.goes_on("-pe", "mpi", "2")
        self.assertEqual(self.count("2 ranks x 1 thread, 2 hosts"), 3, self.log())

    def test_what_is_deleted_is_saved(self):
        job = self.submit("-pe", "mpi", "2", steps=100000)
        self.wait_for_checkpoint(job)
        self.cluster.do("on", "qdel", job)
        self.wait_for_end(job)
        self.assertEqual((self.count("the state is saved"), self.count("resumed:")), (1, 0),
                         self.log())
        self.assertSameState(self.checkpoints()[-1], self.undisturbed(self.step()))


if __name__ == "__main__":
    unittest.main()
