"""A sweep as a job array of a batch system, through scripts/submit/."""
import os
import subprocess

from sweep import plan as plans
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


def words(plan, system, options, ranks, jobs, dry_run):
    """The command that submits what is not done; None where all is."""
    missing = [number for number, run in enumerate(plan.runs, 1)
               if not state.is_done(plan.run_folder(run), run["steps"])]
    if not missing:
        return None
    return [os.path.join(plans.SCRIPTS, f"submit/{system}.sh"),
            *(["--dry-run"] if dry_run else []), *(["--ranks", str(ranks)] if ranks else []),
            *options, *SYSTEMS[system](missing, jobs), "--", "sweep", plan.path()]


def submit(plan, *arguments):
    """The exit status of the script that submits."""
    command = words(plan, *arguments)
    if command is None:
        print(f"sweep.py: {plan.path()}: all {len(plan.runs)} runs are done.")
        return 0
    return subprocess.run(command, cwd=plan.directory, check=False).returncode
