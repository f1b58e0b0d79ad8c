"""How far a run is, as its folder tells."""
import fcntl
import json
import math
import os
import re
import socket

LOG = "sweep.log"
LOWER_IS_BETTER = ("loss", "wer", "per", "cer")
TAIL = 65536
# What the sweep itself writes there, before and after a run.
BEGINS, ENDED = "sweep.py: begins", "sweep.py: ended with "
# Of a run that was stopped with its state saved: by those signals that run.sh and ranks heed.
STOPPED = (129, 130, 131, 138, 140, 143, 152)
LOCKED = re.compile(r"is locked by another job \((.*?)\)")


def read_tail(path):
    """The lines at a file's end; none of one that is not there."""
    try:
        with open(path, "rb") as file:
            file.seek(max(0, os.path.getsize(path) - TAIL))
            return file.read().decode("utf-8", "replace").splitlines()
    except OSError:
        return []


def records(folder):
    """Of metrics.jsonl; a line that a killed process left unfinished is none."""
    try:
        with open(os.path.join(folder, "metrics.jsonl"), encoding="utf-8") as file:
            for line in file:
                try:
                    yield json.loads(line)
                except ValueError:
                    pass
    except OSError:
        pass


def saved_step(folder):
    """Of the newest checkpoint; 0 without one."""
    try:
        names = os.listdir(os.path.join(folder, "checkpoints"))
    except OSError:
        return 0
    steps = [re.fullmatch(r"step-(\d+)\.h5", name) for name in names]
    return max((int(step[1]) for step in steps if step), default=0)


def is_done(folder, steps):
    """The last thing that it said is that it has ended, and no older checkpoint is the newest;
    who has removed all of them does not want them made again."""
    last = (read_tail(os.path.join(folder, "train.log")) or [""])[-1]
    end = re.match(r"(done:|stopped early at step) (\d+)\b", last)
    if not end or (end[1] == "done:" and int(end[2]) < steps):
        return False
    return saved_step(folder) in (0, int(end[2]))


def holder(folder):
    """Who holds the lock of a run's folder: "process 12 on host", or "". One that was killed
    leaves its words behind, so the lock itself is asked, but only where somebody may have it: a
    run that just begins must find it free."""
    try:
        with open(os.path.join(folder, "lock"), encoding="utf-8") as file:
            owner = file.readline().strip()
            known = re.fullmatch(r"process (\d+) on (.*)", owner)
            if not known or (known[2] == socket.gethostname()
                             and not os.path.exists(f"/proc/{known[1]}")):
                return ""
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            return ""
    except BlockingIOError:
        return owner
    except OSError:
        return ""


def last_attempt(folder):
    """(exit status or None, lines) of the run's last start by a sweep."""
    lines = read_tail(os.path.join(folder, LOG))
    begins = [at for at, line in enumerate(lines) if line.startswith(BEGINS)]
    lines = lines[begins[-1]:] if begins else lines
    ends = [line for line in lines if line.startswith(ENDED)]
    return int(ends[-1][len(ENDED):].split()[0]) if ends else None, lines


def error_line(lines):
    """The line that says best why a start failed."""
    lines = [line.strip() for line in lines if not line.startswith("sweep.py:") and line.strip()]
    for mark in ("lockstep: error:", "run.sh:"):
        for line in lines:
            if mark in line:
                return line
    return lines[-1] if lines else "it said nothing"


def best_of(folder, metric):
    """(value, loss, step) of the best validation, as training judges; None without one."""
    best = None
    sign = 1 if metric in LOWER_IS_BETTER else -1
    for record in records(folder):
        value, loss = record.get(f"valid_{metric}"), record.get("valid_loss")
        if value is None:
            continue
        found = (sign * value, math.inf if loss is None else loss)
        if best is None or found < best[0]:
            best = (found, (value, loss, record["step"]))
    return best and best[1]


def word_of(folder, steps):
    """(state, what else is to say)."""
    owner = holder(folder)
    if owner:
        return "running", owner
    if is_done(folder, steps):
        return "done", ""
    log = read_tail(os.path.join(folder, "train.log"))
    status, lines = last_attempt(folder)
    stopped = status in STOPPED and log and log[-1].startswith("stopped by a signal")
    if status not in (None, 0) and not stopped:
        return "failed", f"{error_line(lines)} ({status})"
    return ("stopped" if log or lines else "not begun"), ""


def look(plan, run):
    """A row of the table."""
    folder = plan.run_folder(run)
    state, note = word_of(folder, run["steps"])
    best = best_of(folder, plan.metric) if plan.metric else None
    value, loss, best_step = best or (None, None, None)
    reported = max((record.get("step", 0) for record in records(folder)), default=0)
    return {"number": plan.runs.index(run) + 1, "run": plan.path(run["name"]),
            "values": run["values"], "state": state, "note": note,
            "step": max(reported, saved_step(folder)), "steps": run["steps"],
            "metric": plan.metric, "best": value, "best_loss": loss, "best_step": best_step}
