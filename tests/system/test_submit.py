"""scripts/submit/: what batch systems are told, and when a job goes on, with stand-ins for them."""
import shlex
import shutil
import signal
import unittest

import submission
import support

ODD = ["my config.yaml", "--set", "data.train.pairs=it's \"here\".tsv", "--set", "run.seed=$(id)"]


class Words(submission.Submission):
    def test_a_dry_run_is_what_would_be_done(self):
        for system, command in submission.SYSTEMS.items():
            words = [self.script(system), "--ranks", "3", "-N", "a name", "--", *ODD]
            dry = self.do([words[0], "--dry-run", *words[1:]])
            self.assertEqual((dry.returncode, self.recorded(command)), (0, None), dry.stderr)
            self.assertEqual(self.do(words).returncode, 0)
            self.assertEqual(self.recorded(command), ["-N", "a name"])
            script = self.submitted(system)
            self.assertEqual(self.do(["bash", "-c", dry.stdout]).returncode, 0)
            self.assertEqual(self.submitted(system), script)
            options = [line for line in script.splitlines()
                       if line.startswith(("#SBATCH ", "#PBS ", "#$ "))]
            self.assertGreater(len(options), 4)
            self.assertEqual(script.splitlines()[1:1 + len(options)], options)
            (self.folder / f"{command}.words").unlink()

    def test_words_arrive_as_they_are(self):
        for system in submission.SYSTEMS:
            process = self.job(system, "--ranks", "3", "-N", "a name", "--", *ODD, RUN_CODE="0")
            self.assertEqual(process.wait(60), 0, self.log())
            self.assertEqual(self.recorded("run.sh"), ["-n", "3", "--retries", "10", *ODD])

    def test_the_program_goes_with_the_job(self):
        done = self.do([self.script("slurm"), "--dry-run", "x.yaml"], LOCKSTEP="/a program")
        self.assertIn("\nexport LOCKSTEP=/a\\ program\n", done.stdout)

    def assertRefused(self, words, said, **environment):
        done = self.do(words, **environment)
        self.assertEqual(done.returncode, 2, done.stderr)
        self.assertIn(said, done.stderr)
        self.assertEqual((self.recorded("sbatch"), self.recorded("qsub")), (None, None))

    def test_wrong_words(self):
        for words, said in (([], "usage: scripts/submit/slurm.sh "),
                            (["--nodes=2", "--"], "usage: scripts/submit/slurm.sh "),
                            (["--ranks", "0", "x"], "--ranks takes a number"),
                            (["--ranks"], "--ranks takes a number"),
                            (["--launcher", "ssh", "x"], "mpirun or srun"),
                            (["--early", "9", "x"], "Slurm has --signal"),
                            (["predict", "runs/x"], "for predict use scripts/run.sh"),
                            (["bench", "x"], "for bench use scripts/run.sh"),
                            (["sweep"], "one folder"), (["sweep", "a", "b"], "one folder"),
                            (["sweep", "none"], "none: no sweep.json")):
            for dry in ([], ["--dry-run"]):
                with self.subTest(words):
                    self.assertRefused([self.script("slurm"), *dry, *words], said)
        self.assertRefused([self.script("pbs"), "--launcher", "srun", "x"], "for Slurm")
        self.assertRefused([self.script("pbs"), "--early", "1h", "x"], "a number of seconds")

    def test_no_batch_system(self):
        tools = self.folder / "tools"
        tools.mkdir()
        for tool in ("bash", "readlink"):
            (tools / tool).symlink_to(shutil.which(tool))
        self.assertRefused([self.script("slurm"), "x"], "there is no sbatch here; --dry-run shows",
                           PATH=str(tools))

    def test_what_a_batch_system_refuses(self):
        done = self.do([self.script("pbs"), "x"], RECORDER_CODE="3")
        self.assertEqual(done.returncode, 3)


class Copies(submission.Submission):
    """sbatch and qsub take a file, but run a copy of it."""

    def copy(self, system, *words, **environment):
        spool = self.folder / "spool"
        spool.mkdir(exist_ok=True)
        shutil.copy(self.script(system), spool / "job00007")
        return self.do([spool / "job00007", *words], RUN_CODE="0", **environment)

    def test_it_finds_the_scripts(self):
        for system, place in (("slurm", {"SLURM_SUBMIT_DIR": str(self.root)}),
                              ("gridengine", {"SGE_O_WORKDIR": str(self.root)}),
                              ("slurm", {"LOCKSTEP_SCRIPTS": str(self.root / "scripts")})):
            done = self.copy(system, *ODD, **place)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertEqual(self.recorded("run.sh"), ["--retries", "10", *ODD])

    def test_it_says_where_it_looked(self):
        done = self.copy("slurm", *ODD, SLURM_SUBMIT_DIR="/")
        self.assertEqual(done.returncode, 2)
        self.assertIn("LOCKSTEP_SCRIPTS must name the folder", done.stderr)

    def test_options_that_come_too_late(self):
        done = self.copy("slurm", "--nodes=2", "--", "x", SLURM_SUBMIT_DIR=str(self.root))
        self.assertEqual(done.returncode, 2)
        self.assertIn("options of sbatch stand before the script: --nodes=2", done.stderr)


class TimeIsUp(submission.Submission):
    def test_slurm_requeues(self):
        self.assertEqual(self.stop(self.running_job("slurm", "x"), signal.SIGUSR1), 143)
        self.assertEqual(self.recorded("scontrol"), ["requeue", "7"], self.log())

    def test_slurm_requeues_one_of_an_array(self):
        process = self.running_job("slurm", "x", SLURM_ARRAY_JOB_ID="7", SLURM_ARRAY_TASK_ID="4")
        self.stop(process, signal.SIGUSR1)
        self.assertEqual(self.recorded("scontrol"), ["requeue", "7_4"], self.log())

    def test_slurm_does_not_requeue(self):
        self.stop(self.running_job("slurm", "x", RECORDER_CODE="1"), signal.SIGUSR1)
        self.assertIn("job 7 is not requeued: submit it again", self.log())

    def test_grid_engine_is_told_by_the_status(self):
        self.assertEqual(self.stop(self.running_job("gridengine", "x"), signal.SIGUSR1), 99)

    def check_that_the_same_is_submitted(self, system, options, directive, **environment):
        words = ["--ranks", "3", "-l", "a=3", *options, "--", *ODD]
        process = self.running_job(system, *words, **environment)
        self.assertEqual(self.stop(process, signal.SIGUSR1), 143)
        self.assertEqual(self.recorded("qsub"), ["-l", "a=3"], self.log())
        successor = self.submitted(system)
        self.assertIn("\nexport LOCKSTEP_TASK=4\n", successor)
        self.assertIn(f"\n{directive} -r y\n", successor)
        self.assertIn(f"\ncd {self.folder} || exit 1\n", successor)
        process = self.start_logged(["bash", "-c", successor], cwd="/",
                                    env=self.environment(RUN_CODE="0"))
        self.assertEqual(process.wait(60), 0, self.log())
        self.assertEqual(self.recorded("run.sh"), ["-n", "3", "--retries", "10", *ODD])

    def test_another_job_of_pbs_goes_on(self):
        self.check_that_the_same_is_submitted("pbs", ["-J", "1-4", "-J2-3"], "#PBS",
                                              PBS_ARRAY_INDEX="4")

    def test_another_job_of_grid_engine_goes_on_if_it_has_several_hosts(self):
        self.check_that_the_same_is_submitted("gridengine", ["-t", "1-4", "-tc", "2"], "#$",
                                              SGE_TASK_ID="4", NHOSTS="2")

    def test_a_host_that_may_not_submit(self):
        self.stop(self.running_job("pbs", "x", RECORDER_CODE="1"), signal.SIGUSR1)
        self.assertIn("submit the job again, it goes on", self.log())
        process = self.running_job("gridengine", "x", RECORDER_CODE="1", NHOSTS="2")
        self.assertEqual(self.stop(process, signal.SIGUSR1), 99)

    def test_limits_that_only_the_job_knows(self):
        for system, text, code in (
                ("pbs", "Job Id: 7\n    Resource_List.walltime = 00:01:04\n", 143),
                ("gridengine", "hard resource_list:         mem=1G,h_rt=64\n", 99)):
            self.limit(text)
            process = self.job(system, "--early", "60", "x")
            self.assertEqual(process.wait(60), code, self.log())
            self.assertIn("the time is up", self.log())

    def test_a_limit_that_is_too_short(self):
        self.limit("    Resource_List.walltime = 00:05:00\n")
        process = self.job("pbs", "x")
        self.assertEqual(process.wait(60), 2)
        self.assertIn("pbs.sh: a time of 00:05:00: it takes more than 300 s", self.log())
        self.assertIsNone(self.recorded("run.sh"))

    def test_no_limit(self):
        process = self.job("gridengine", "x", RUN_CODE="0")
        self.assertEqual(process.wait(60), 0, self.log())
        self.assertIn("no limit is known of this job's time", self.log())


class NotAgain(submission.Submission):
    def assertNotAgain(self, process, code, *numbers):
        self.assertEqual(self.stop(process, *numbers), code, self.log())
        again = (self.recorded("scontrol"), self.recorded("qsub"))
        self.assertEqual(again, (None, None), self.log())

    def test_what_someone_ends(self):
        for system, number in (("slurm", signal.SIGTERM), ("pbs", signal.SIGTERM),
                               ("gridengine", signal.SIGUSR2)):
            self.assertNotAgain(self.running_job(system, "x"), 143, number)

    def test_what_someone_ends_while_it_is_saved(self):
        for numbers in ((signal.SIGUSR1, signal.SIGTERM), (signal.SIGTERM, signal.SIGUSR1)):
            process = self.running_job("slurm", "x", RUN_SAVES="1")
            self.assertNotAgain(process, 143, *numbers)

    def test_what_ended_before_it_was_stopped(self):
        for code in (0, 1, 2):
            process = self.running_job("slurm", "x", RUN_END=str(code))
            self.assertNotAgain(process, code, signal.SIGUSR1)

    def test_what_ends_by_itself(self):
        for code in (0, 1, 2, 137, 143, 205):
            self.assertNotAgain(self.job("slurm", "x", RUN_CODE=str(code)), code)

    def test_what_stays_on_the_spot(self):
        for steps in ("20 20", ""):
            process = self.running_job("slurm", "x", RUN_STEPS=steps)
            self.assertNotAgain(process, 143, signal.SIGUSR1)
            self.assertIn("nothing new was saved in it", self.log())


class Sweeps(submission.Submission):
    def setUp(self):
        super().setUp()
        (self.folder / "my sweep").mkdir()
        (self.folder / "my sweep/sweep.json").write_text("{}")

    def test_each_task_has_its_run(self):
        nodes = self.folder / "nodes"
        nodes.write_text("a\na\nb\n")
        for system, ranks, environment in (
                ("slurm", 8, {"SLURM_ARRAY_TASK_ID": "5", "SLURM_NTASKS": "8"}),
                ("slurm", 7, {"SLURM_ARRAY_TASK_ID": "5", "SLURM_TASKS_PER_NODE": "2(x3),1"}),
                ("pbs", 3, {"PBS_ARRAY_INDEX": "5", "PBS_NODEFILE": str(nodes)}),
                ("gridengine", 6, {"SGE_TASK_ID": "5", "NSLOTS": "6", "PE_HOSTFILE": "file"}),
                ("gridengine", 1, {"SGE_TASK_ID": "5"})):
            process = self.job(system, "-t", "1-9", "--", "sweep", "my sweep", RUN_CODE="0",
                               **environment)
            self.assertEqual(process.wait(60), 0, self.log())
            self.assertEqual(self.recorded("sweep.py"),
                             ["my sweep", "--task", "5", "-n", str(ranks), "--retries", "10"])

    def test_a_job_that_is_no_array(self):
        for system, environment in (("slurm", {}), ("gridengine", {"SGE_TASK_ID": "undefined"})):
            process = self.job(system, "sweep", "my sweep", **environment)
            self.assertEqual(process.wait(60), 2, self.log())
            self.assertIn("a sweep is a job array", self.log())

    def test_not_over_a_file_of_hosts(self):
        done = self.do([self.script("hosts"), "-H", "a:2", "--", "sweep", "my sweep"])
        self.assertEqual(done.returncode, 2)
        self.assertIn("scripts/sweep.py my sweep", done.stderr)


class Hosts(submission.Submission):
    def test_ranks_are_the_slots(self):
        (self.folder / "hosts").write_text("# all of them\nn1 slots=4\nn2 slots=2\nn3\n")
        common = ["--drop-lost", "--hostfile", "hosts"]
        for words, run in (
                (ODD, ["-n", "7", "--retries", "100", *common, "--", *ODD]),
                (["--ranks", "5", "--bind-to", "none", "--", "--retries", "3", *ODD],
                 ["-n", "5", "--retries", "3", *common, "--bind-to", "none", "--", *ODD]),
                (["-H", "a:2,b:3", "--", "x"],
                 ["-n", "5", "--retries", "100", "--drop-lost", "-H", "a:2,b:3", "--", "x"])):
            dry = self.do([self.script("hosts"), "--dry-run", *words])
            run_script = str(self.root / "scripts/run.sh")
            self.assertEqual(shlex.split(dry.stdout), [run_script, *run])
            done = self.do([self.script("hosts"), *words], RUN_CODE="0")
            self.assertEqual((done.returncode, self.recorded("run.sh")), (0, run), done.stderr)

    def test_no_hosts(self):
        for words in (["x"], ["--hostfile", "none", "--", "x"]):
            done = self.do([self.script("hosts"), *words])
            self.assertEqual(done.returncode, 2)
            self.assertIn("no file of hosts, with lines like", done.stderr)


class RunScript(submission.Submission):
    """The real one, in a job."""

    def setUp(self):
        super().setUp()
        shutil.copy(support.ROOT / "scripts/run.sh", self.root / "scripts/run.sh")
        self.config = self.make_toy(train=200)

    def run_script(self, *words, **environment):
        return [self.root / "scripts/run.sh", *words], self.environment(
            LOCKSTEP=support.LOCKSTEP, **environment)

    def test_it_goes_where_the_job_is(self):
        nodes = self.folder / "nodes"
        nodes.write_text("a\na\nb\n")
        for environment, ranks, has, has_not in (
                ({"PBS_NODEFILE": str(nodes)}, "3", f"--hostfile {nodes}", "--oversubscribe"),
                ({"PE_HOSTFILE": "file", "NSLOTS": "5"}, "5", "", "--oversubscribe"),
                ({}, "1", "--oversubscribe", "--hostfile")):
            words, env = self.run_script(self.config, **environment)
            del env["SLURM_JOB_ID"]
            done = support.run(words, env=env)
            self.assertEqual(done.returncode, 0, done.stderr)
            said = " ".join(self.recorded("mpirun"))
            self.assertIn(f"-n {ranks} ", said)
            self.assertIn(has, said)
            self.assertNotIn(has_not, said)

    def test_srun_in_the_place_of_mpirun(self):
        report = self.folder / "report"
        words, env = self.run_script("--retries", "3", self.config, "--set",
                                     "training.steps=100000", LOCKSTEP_LAUNCHER="srun", SLURM_CPUS_PER_TASK="2",
                                     LOCKSTEP_PROGRESS=str(report))
        process = self.start_logged(words, env=env)
        support.wait_until(lambda: self.step() >= 20 or process.poll() is not None)
        self.assertEqual(self.stop(process, signal.SIGTERM), 143, self.log())
        self.assertEqual(self.recorded("srun")[:6], ["--mpi=pmix", "--kill-on-bad-exit=1",
                                                     "--cpus-per-task=2", "-n", "1",
                                                     support.LOCKSTEP])
        self.assertEqual(report.read_text().split(), ["0", str(self.step())])

    def test_a_launcher_that_is_none(self):
        for launcher, words in (("ssh", [self.config]), ("srun", ["predict", "x"]),
                                ("srun", ["bench", "x"])):
            words, env = self.run_script(*words, LOCKSTEP_LAUNCHER=launcher)
            done = support.run(words, env=env)
            self.assertEqual(done.returncode, 2, done.stderr)
            self.assertIn("LOCKSTEP_LAUNCHER is mpirun, or to train srun", done.stderr)


if __name__ == "__main__":
    unittest.main()
