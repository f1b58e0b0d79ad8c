"""The hosts on which points are measured: those named, or those of a batch system's job."""
import collections
import os
import re
import subprocess

# `slots` None: nobody said how many ranks it takes.
Host = collections.namedtuple("Host", "name slots")

IN_OPTIONS = ("-H", "-host", "--host", "-hostfile", "--hostfile", "-machinefile",
              "--machinefile")


def merged(pairs):
    """Hosts of (name, slots), each once, where it stood first."""
    slots = {}
    for name, count in pairs:
        before = slots.get(name)
        slots[name] = count if name not in slots or before is None or count is None else (
            before + count)
    return [Host(name, count) for name, count in slots.items()]


def of_list(text):
    """As mpirun's -H has it: a:4,b:4."""
    found = []
    for part in text.split(","):
        name, colon, slots = part.partition(":")
        if not name or (colon and not re.fullmatch("[1-9][0-9]*", slots)):
            raise ValueError(f"-H {text}: is not NAME[:SLOTS],...")
        found.append((name, int(slots) if colon else None))
    return merged(found)


def of_file(path):
    """As mpirun's --hostfile has it: lines like "node1 slots=8"."""
    found = []
    with open(path, encoding="utf-8") as file:
        for line in file:
            words = line.partition("#")[0].split(None, 1)
            slots = re.search(r"\bslots\s*=\s*([0-9]+)", words[1]) if len(words) > 1 else None
            if words:
                found += [(host.name, int(slots[1]) if slots else host.slots)
                          for host in of_list(words[0])]
    if not found:
        raise ValueError(f"{path}: names no host; it wants lines like \"node1 slots=8\"")
    return merged(found)


def tasks_of(text):
    """[8, 8, 8, 4] of Slurm's "8(x3),4"."""
    found = []
    for count, times in re.findall(r"([0-9]+)(?:\(x([0-9]+)\))?", text):
        found += [int(count)] * int(times or 1)
    return found


def of_slurm(environment):
    nodes = environment["SLURM_JOB_NODELIST"]
    try:
        done = subprocess.run(["scontrol", "show", "hostnames", nodes], stdout=subprocess.PIPE,
                              universal_newlines=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        raise ValueError(f"scontrol does not tell the hosts of this job, {nodes}; name them "
                         "with -H") from None
    names = done.stdout.split()
    tasks = tasks_of(environment.get("SLURM_TASKS_PER_NODE", ""))
    return [Host(name, tasks[at] if at < len(tasks) else None) for at, name in enumerate(names)]


def of_lines(path, slots_of):
    """Of a batch system's file: the name first, how many ranks by what follows."""
    with open(path, encoding="utf-8") as file:
        lines = [line.split() for line in file if line.strip()]
    return merged([(words[0], slots_of(words)) for words in lines])


def find(listed, path, environment=os.environ):
    """[Host]; empty means this host alone, which mpirun need not be told."""
    if listed:
        return of_list(listed)
    if path:
        return of_file(path)
    if environment.get("SLURM_JOB_NODELIST"):
        return of_slurm(environment)
    if environment.get("PE_HOSTFILE"):
        return of_lines(environment["PE_HOSTFILE"], lambda words: int(words[1]))
    if environment.get("PBS_NODEFILE"):
        return of_lines(environment["PBS_NODEFILE"], lambda words: 1)  # a line for each rank
    return []


def words(hosts, count, ranks):
    """What tells mpirun to start so many ranks on each of the first `count`."""
    return ["-H", ",".join(f"{host.name}:{ranks}" for host in hosts[:count])] if hosts else []
