"""A tree with scripts/submit/, and stand-ins for the batch systems and for what a job runs."""
import os
import shlex
import shutil

import support

SYSTEMS = {"slurm": "sbatch", "pbs": "qsub", "gridengine": "qsub"}

# Writes down how it is called, and with which standard input.
RECORDER = """\
#!/bin/bash
printf '%s\\n' "$@" >{folder}/${{0##*/}}.words
cat >{folder}/${{0##*/}}.input
exit "${{RECORDER_CODE:-0}}"
"""
QSTAT = """\
#!/bin/bash
cat {folder}/limit
"""
# In the place of run.sh and of sweep.py: reports and ends as the environment says.
RUN = """\
#!/bin/bash
printf '%s\\n' "$@" >{folder}/${{0##*/}}.words
[ -z "${{RUN_CODE:-}}" ] || exit "$RUN_CODE"
end() {{
    echo "$RUN_STEPS" >"$LOCKSTEP_PROGRESS"
    touch {folder}/saving
    [ -z "${{RUN_SAVES:-}}" ] || sleep 2
    exit "${{RUN_END:-143}}"
}}
trap end TERM
touch {folder}/running
while :; do sleep 0.02; done
"""
# Starts one rank.
SRUN = """\
#!/bin/bash
printf '%s\\n' "$@" >{folder}/srun.words
while [ "$1" != -n ]; do shift; done
shift 2
exec "$@"
"""


class Submission(support.LoggedTest):
    def setUp(self):
        super().setUp()
        self.root = self.folder / "a tree"
        scripts = self.root / "scripts"
        shutil.copytree(support.ROOT / "scripts/submit", scripts / "submit")
        shutil.copytree(support.ROOT / "scripts/run", scripts / "run")
        self.bin = self.folder / "bin"
        self.bin.mkdir()
        for name in ("sbatch", "scontrol", "qsub", "mpirun"):
            self.stand_in(self.bin / name, RECORDER)
        self.stand_in(self.bin / "qstat", QSTAT)
        self.stand_in(self.bin / "srun", SRUN)
        for name in ("run.sh", "sweep.py"):
            self.stand_in(scripts / name, RUN)
        self.limit("")

    def stand_in(self, path, text):
        path.write_text(text.format(folder=shlex.quote(str(self.folder))))
        path.chmod(0o755)

    def limit(self, text):
        (self.folder / "limit").write_text(text)

    def script(self, system):
        return str(self.root / f"scripts/submit/{system}.sh")

    def environment(self, **more):
        return support.environment(**{
            "PATH": f"{self.bin}:{os.environ['PATH']}", "SLURM_JOB_ID": "7", "JOB_ID": "7",
            "PBS_JOBID": "7.server", "RUN_STEPS": "10 20", **more})

    def do(self, words, **environment):
        return support.run(words, env=self.environment(**environment), cwd=self.folder)

    def recorded(self, name):
        """The words that a stand-in was called with; nothing if it was not."""
        path = self.folder / f"{name}.words"
        return path.read_text().splitlines() if path.exists() else None

    def submitted(self, system):
        return (self.folder / f"{SYSTEMS[system]}.input").read_text()

    def job(self, system, *words, **environment):
        """Of these words, started as the batch system would; output in self.log()."""
        done = self.do([self.script(system), *words])
        self.assertEqual(done.returncode, 0, done.stderr)
        path = self.folder / "job script"
        path.write_text(self.submitted(system))
        for name in ("running", "saving", "run.sh.words", "sweep.py.words", "scontrol.words", "qsub.words"):
            (self.folder / name).unlink(missing_ok=True)
        return self.start_logged(["bash", path], env=self.environment(**environment), cwd="/")

    def running_job(self, *words, **environment):
        process = self.job(*words, **environment)
        running = self.folder / "running"
        support.wait_until(lambda: running.exists() or process.poll() is not None)
        self.assertIsNone(process.poll(), self.log())
        return process

    def stop(self, process, *numbers):
        saving = self.folder / "saving"
        for number in numbers:
            process.send_signal(number)
            support.wait_until(lambda: saving.exists() or process.poll() is not None)
        return process.wait(60)
