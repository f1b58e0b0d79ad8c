"""The folder of a scaling: scaling.json, what was asked, and scaling.csv, what was measured."""
import csv
import datetime
import fcntl
import json
import math
import os

from sweep import plan as plans

ASKED, TABLE = "scaling.json", "scaling.csv"
# Seconds are those of a step, means over its steps and ranks but for step_ and best_seconds.
WHAT = ("kind", "hosts", "ranks", "threads", "repeat")
PARTS = ("compute", "exposed", "input", "rest")
SECONDS = ("step_seconds", "best_seconds", "mean_seconds", *PARTS, "exposed_exchange",
           "in_flight")
RATES = ("tokens_per_second", "bytes", "messages", "utilisation", "processor_share")
SAID = ("peak_memory_bytes", "processor", "kernels", "on", "version", "when")
COLUMNS = (*WHAT, *SECONDS, *RATES, *SAID)
NUMBERS = (*SECONDS, *RATES)
# Parts of a step, as `lockstep bench --json` has them, that compute.
COMPUTING = ("embedding", "attention", "feed_forward", "output", "model_rest", "sampling",
             "update")


def key_of(row):
    """What a line of the table is about, (kind, hosts, ranks, threads)."""
    return (row["kind"], int(row["hosts"]), int(row["ranks"]), int(row["threads"]))


def parts_of(found):
    """Where the mean step went, {part: seconds}, of what bench found. A rank waits within
    other parts: for others' batches while it loads, and for gradients and parameters while it
    exchanges; what is left it waits while computing, above all for the norm."""
    seconds, waited = found["seconds"], found["waited_seconds"]
    loading = found["load_waited_seconds"]
    elsewhere = max(0.0, waited - loading - found.get("communication_waited_seconds", 0.0))
    parts = {"compute": sum(seconds[part] for part in COMPUTING) - elsewhere,
             "exposed": waited, "input": max(0.0, seconds["load"] - loading)}
    parts = {part: max(0.0, value) for part, value in parts.items()}
    parts["rest"] = max(0.0, found["mean_step_seconds"] - sum(parts.values()))
    return parts


def rows_of(point, repeat, found, on, version):
    """The lines of one measurement, {column: value}, one for each kind that it serves."""
    numbers = {"step_seconds": found["step_seconds"],
               "best_seconds": found["best_step_seconds"],
               "mean_seconds": found["mean_step_seconds"], **parts_of(found),
               "exposed_exchange": found.get("communication_waited_seconds", 0.0),
               "in_flight": found.get("communication_seconds", 0.0),
               "bytes": found.get("communication_bytes", 0.0),
               "messages": found.get("communication_messages", 0.0)}
    same = {name: f"{value:.7g}" for name, value in numbers.items()}
    same.update((name, found[name]) for name in (
        "tokens_per_second", "utilisation", "processor_share", "peak_memory_bytes", "processor",
        "kernels"))
    same.update(hosts=point.hosts, ranks=point.ranks, threads=point.threads, repeat=repeat,
                on=on, version=version, when=datetime.datetime.now().isoformat(" ", "seconds"))
    return [dict(same, kind=kind) for kind in point.kinds]


# ---- what was asked


def changed(then, now):
    """How the two differ, in words; None where they do not."""
    for name in ("steps", "vocabulary", "length"):
        if then[name] != now[name]:
            return f"--{name} {then[name] or 'not given'}, not {now[name] or 'not given'}"
    old, new = then["configuration"], now["configuration"]
    for key in sorted(set(old) | set(new)):
        if old.get(key) != new.get(key):
            return f"{key}: {old.get(key, 'not set')}, not {new.get(key, 'not set')}"
    return None


def load_asked(folder):
    path = os.path.join(folder, ASKED)
    try:
        with open(path, encoding="utf-8") as file:
            content = json.load(file)
        changed(content, content)
        return content
    except (FileNotFoundError, NotADirectoryError):
        raise ValueError(f"{folder}: holds no {ASKED}: it is not the folder of a scaling; "
                         "scripts/scaling.sh CONFIG FOLDER makes one") from None
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(f"{path}: is damaged: {error!r}") from None


def begin(folder, asked):
    """Write what is asked, or find that the folder holds the same."""
    names = os.listdir(folder) if os.path.isdir(folder) else []
    if ASKED in names:
        difference = changed(load_asked(folder), asked)
        if difference:
            raise ValueError(f"{folder}: was begun with {difference}: take another folder, or "
                             "remove this one")
        return
    if set(names) - {ASKED + ".part"}:
        raise ValueError(f"{folder}: is not empty, and holds no scaling; take another folder")
    os.makedirs(folder, exist_ok=True)
    plans.save(os.path.join(folder, ASKED), json.dumps(asked, indent=1) + "\n")


def lock(folder):
    """The file that is held, or an error where another process holds it."""
    file = open(os.path.join(folder, ASKED), "r+", encoding="utf-8")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        raise ValueError(f"{folder}: another scaling.sh measures there") from None
    return file


# ---- what was measured


def is_sound(row, columns):
    try:
        numbers = [float(row[name]) for name in columns if name in NUMBERS]
        counts = key_of(row)[1:]
    except (ValueError, TypeError):
        return False
    return (all(map(math.isfinite, numbers)) and min(counts) > 0
            and float(row["step_seconds"]) > 0)


def read_table(path, columns):
    """[{column: text}] of a file with these columns at least."""
    with open(path, encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        missing = [name for name in columns if name not in (reader.fieldnames or [])]
        if missing:
            raise ValueError(f"{path}: has no column {missing[0]}")
        rows = list(reader)
    for number, row in enumerate(rows, 2):
        if not is_sound(row, columns):
            raise ValueError(f"{path}: line {number} is no line of numbers; remove it")
    return rows


def read(folder):
    """What has been measured so far."""
    path = os.path.join(folder, TABLE)
    return read_table(path, COLUMNS) if os.path.exists(path) else []


def mend(path):
    """A line that a killed process left unfinished is none."""
    with open(path, "rb+") as file:
        text = file.read()
        file.truncate(text.rfind(b"\n") + 1)


class Table:
    """scaling.csv, which grows."""

    def __init__(self, folder):
        self.path = os.path.join(folder, TABLE)
        if os.path.exists(self.path):
            mend(self.path)
        if not os.path.exists(self.path) or os.path.getsize(self.path) == 0:
            self.append([dict(zip(COLUMNS, COLUMNS))])
        self.rows = read(folder)

    def append(self, rows):
        with open(self.path, "a", encoding="utf-8", newline="") as file:
            csv.DictWriter(file, COLUMNS, lineterminator="\n").writerows(rows)
            file.flush()
            os.fsync(file.fileno())

    def add(self, rows):
        self.append(rows)
        self.rows += rows

    def missing(self, points, repeats):
        """[(repeat, point)], a point with those of its kinds that are not measured; all points
        once, then again, so that a slow hour of the machine is no point's alone."""
        have = {(key_of(row), int(row["repeat"])) for row in self.rows}
        found = []
        for repeat in range(1, repeats + 1):
            for point in points:
                kinds = tuple(kind for kind in point.kinds
                              if ((kind, *point[1:]), repeat) not in have)
                if kinds:
                    found.append((repeat, point._replace(kinds=kinds)))
        return found
