"""A sweep as a job array of a batch system, through scripts/submit/."""
import os
import subprocess

from sweep import plan as plans
from sweep import runner
from sweep import state


def ranges(numbers):
    """[1, 2, 3, 5] as "1-3,5"."""
    found = []
    for number in numbers:
        if found and number == found[-1][1] + 1:
            found[-1][1] = number
        else:
            found.append([number, number])
    return ",".join(str(a) if a == b else f"{a}-{b}" for a, b in found)


def slurm(numbers, jobs):
    return ["--array=" + ranges(numbers) + (f"%{jobs}" if jobs else "")]


def pbs(numbers, jobs):
    """An array of PBS has more than one task."""
    if len(numbers) == 1:
        return []
    return ["-J", f"{numbers[0]}-{numbers[-1]}" + (f"%{jobs}" if jobs else "")]


def gridengine(numbers, jobs):
    return ["-t", f"{numbers[0]}-{numbers[-1]}", *(["-tc", str(jobs)] if jobs else [])]


SYSTEMS = {"slurm": slurm, "pbs": pbs, "gridengine": gridengine}


def missing_of(plan):
    """The numbers of the runs that are not done."""
    return [number for number, run in enumerate(plan.runs, 1)
            if not state.is_done(plan.run_folder(run), run["steps"])]


def words(plan, system, options, ranks, jobs, dry_run):
    """The command that submits what is not done; None where all is."""
    missing = missing_of(plan)
    if not missing:
        return None
    return [os.path.join(plans.SCRIPTS, f"submit/{system}.sh"),
            *(["--dry-run"] if dry_run else []), *(["--ranks", str(ranks)] if ranks else []),
            *options, *SYSTEMS[system](missing, jobs), "--", "sweep", plan.path()]


def environment(plan):
    """A single job has no number of its own, so it is told which run it has."""
    missing = missing_of(plan)
    return dict(os.environ, LOCKSTEP_TASK=str(missing[0])) if len(missing) == 1 else None


def submit(plan, *arguments):
    """The exit status of the script that submits. A sweep that is not there yet, in a dry run,
    cannot be submitted: the command is printed."""
    command = words(plan, *arguments)
    if command is None:
        print(f"sweep.py: {plan.path()}: all {len(plan.runs)} runs are done.")
        return 0
    if not os.path.exists(os.path.join(plan.folder, "sweep.json")):
        print(runner.words_text(command))
        return 0
    return subprocess.run(command, cwd=plan.directory, env=environment(plan),
                          check=False).returncode
