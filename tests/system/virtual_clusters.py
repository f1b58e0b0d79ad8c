"""Slurm and Grid Engine on virtual hosts (hosts/slurm.sh, hosts/gridengine.sh), and tests of jobs."""
import os
import signal
import subprocess
import unittest

import support
import virtual_hosts


class Cluster:
    """On all of the hosts; ends with them. `name` is that of its scripts."""
    name, title, tools = "", "", ()

    def __init__(self, hosts):
        self.hosts = hosts
        self.do("up", str(len(hosts.names)))

    @classmethod
    def require(cls):
        missing = virtual_hosts.first_missing(*cls.tools)
        if missing:
            raise unittest.SkipTest(f"virtual {cls.title} left out: there is no {missing}: "
                                    f"scripts/install.sh {cls.name}")

    def do(self, *words, env=None):
        """on COMMAND, boot HOST; its output."""
        script = virtual_hosts.SCRIPT.with_name(f"{self.name}.sh")
        return subprocess.run([script, self.hosts.folder, *words], stdin=subprocess.DEVNULL,
                              text=True, stdout=subprocess.PIPE, env=env, check=True,
                              timeout=2 * virtual_hosts.SECONDS).stdout


class Slurm(Cluster):
    name, title, tools = "slurm", "Slurm", ("slurmctld", "slurmd", "sbatch", "munged")
    options = ("--parsable", "--nodes=2", "--ntasks-per-node=1")
    output = "--output={}"
    cancel = ("scancel", "--state=PENDING,RUNNING", "--me")

    def job(self, number):
        """What Slurm knows of a job: JobState, Restarts, NodeList, ExitCode, ..."""
        words = self.do("on", "scontrol", "--oneliner", "show", "job", number).split()
        return dict(word.split("=", 1) for word in words if "=" in word)

    def is_over(self, number):
        return self.job(number)["JobState"] not in ("PENDING", "CONFIGURING", "RUNNING",
                                                    "COMPLETING", "REQUEUED")

    def signal(self, number, name):
        """To the job's script alone, as slurmctld does before the time is up."""
        self.do("on", "scancel", "--batch", f"--signal={name}", number)


class GridEngine(Cluster):
    name, title, tools = "gridengine", "Grid Engine", ("sge_qmaster", "sge_execd", "qsub", "qmod")
    options = ("-terse",)
    output = "-o {}"
    cancel = ("qdel", "-u", "*")

    def is_over(self, _):
        """And no other job goes on for it."""
        return not self.do("on", "qstat")

    def signal(self, _, name):
        """To the script of the one job that there is, as its own alarm does."""
        for host in self.hosts.names:
            for pid in self.hosts.processes(host, "gridengine.sh"):
                os.kill(pid, signal.Signals[f"SIG{name}"])


class JobsTest(virtual_hosts.HostsTest):
    """Jobs of two ranks on two hosts, in `self.cluster`."""
    KIND, HOSTS = None, 2

    @classmethod
    def setUpClass(cls):
        cls.KIND.require()
        super().setUpClass()
        cls.cluster = cls.KIND(cls.hosts)

    def submit(self, *options, steps):
        """Gives the job's number; its output goes to self.log()."""
        cluster = self.cluster
        script = support.ROOT / f"scripts/submit/{cluster.name}.sh"
        output = cluster.output.format(self.folder / "log").split(" ", 1)
        words = [script, *options, *cluster.options, *output, "--",
                 *self.words(steps, self.folder / "run")]
        job = cluster.do("on", *words, env=support.environment(LOCKSTEP=support.LOCKSTEP)).strip()
        self.addCleanup(lambda: cluster.is_over(job) or cluster.do("on", *cluster.cancel))
        return job

    def count(self, words):
        """How often they stand in the log, which comes with the job."""
        return self.log().count(words) if (self.folder / "log").exists() else 0

    def wait_for_checkpoint(self, job, after=0):
        support.wait_until(lambda: self.step() > after or self.cluster.is_over(job), pause=0.2,
                           what="a checkpoint")
        self.assertGreater(self.step(), after, self.log())

    def wait_for_end(self, job):
        support.wait_until(lambda: self.cluster.is_over(job), what="the end of the job", pause=0.5)

    def stop_in_time(self, job):
        """As if its time were up; it goes on."""
        resumed = self.count("resumed:")
        self.wait_for_checkpoint(job, self.step())
        self.cluster.signal(job, "USR1")
        support.wait_until(lambda: self.count("resumed:") > resumed or self.cluster.is_over(job),
                           what="going on", pause=0.2)

    def assertEndsAsUndisturbed(self, job, steps, restarts):
        self.wait_for_end(job)
        self.assertEqual((self.count(f"done: {steps} steps"), self.count("resumed:")),
                         (1, restarts), self.log())
        self.assertSameState(self.checkpoints()[-1], self.undisturbed(steps))
