"""What a sweep is: sweep.json in its folder, and sweep.yaml, the configuration as it began with."""
import json
import os
import re
import subprocess

from sweep import grid as grids

SCRIPTS = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
# What a prepared dataset depends on, besides the keys of `data`.
OF_DATASETS = ("data", "model.task", "model.decoder", "model.decoder_input", "model.copy")


def find_program():
    """As scripts/run.sh finds it."""
    root = os.path.dirname(SCRIPTS)
    built = os.path.join(root, "build/release/lockstep")
    installed = os.path.normpath(os.path.join(root, "../../bin/lockstep"))
    program = os.environ.get("LOCKSTEP") or (
        installed if not os.path.exists(built) and os.path.exists(installed) else built)
    if not os.access(program, os.X_OK):
        raise ValueError(f"no program at {program}: build it with scripts/build.sh")
    return os.path.abspath(program)


def settings_words(settings):
    return [word for setting in settings for word in ("--set", setting)]


def flat(text):
    """{"section.key": value} of what `lockstep config` prints."""
    found, path = {}, []
    for line in text.splitlines():
        indent = (len(line) - len(line.lstrip())) // 2
        key, _, value = line.strip().partition(":")
        path[indent:] = [key]
        found[".".join(path)] = value.strip()
    return found


def resolve(config, settings, directory):
    """The whole configuration, {key: value}; the program's own words for what is wrong."""
    done = subprocess.run([find_program(), "config", config, *settings_words(settings)],
                          cwd=directory, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          universal_newlines=True, check=False)
    if done.returncode != 0:
        said = done.stderr.strip() or f"lockstep config ended with {done.returncode}"
        raise ValueError(re.sub(r"^lockstep: error: ", "", said))
    return flat(done.stdout)


def quoted(path):
    return path if re.fullmatch(r"[\w./+,=~-]+", path) else json.dumps(path)


def save(path, text):
    """Whole or not at all."""
    part = f"{path}.part"
    with open(part, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    os.replace(part, path)


class Plan:
    """A sweep in `folder`. `runs` are {"name", "values": {key: value}, "steps",
    "threads"}; paths are relative to `directory`, where it was begun; `metric` is None where
    nothing is validated."""

    def __init__(self, folder, content, text):
        self.folder = os.path.abspath(folder)
        self.content = content
        self.text = text
        self.directory = content["directory"]
        self.runs = content["runs"]
        self.metric = content["metric"]

    def path(self, name=""):
        """As the user would write it, where the folder is below the directory."""
        whole = os.path.join(self.folder, name) if name else self.folder
        near = os.path.relpath(whole, self.directory)
        return whole if near.startswith("..") else near

    def run_folder(self, run):
        return os.path.join(self.folder, run["name"])

    def dataset(self):
        """The one that all runs share, or None."""
        return os.path.join(self.folder, "dataset.h5") if self.content["shared"] else None

    def settings(self, run):
        shared = [f"data.dataset={quoted(self.path('dataset.h5'))}"] if self.dataset() else []
        return (self.content["set"] + shared
                + [f"{key}={value}" for key, value in run["values"].items()]
                + [f"run.folder={quoted(self.path(run['name']))}"])

    def words(self, run):
        """What `lockstep train` and `lockstep config` take."""
        return [self.path("sweep.yaml"), *settings_words(self.settings(run))]


def shares(keys, resolved):
    """Have all runs the same data, and no dataset that the user named?"""
    return "data.dataset" not in resolved and not any(
        grids.overlaps(key, of_data) for key in keys for of_data in OF_DATASETS)


def make(folder, config, grid, settings):
    """A plan, checked in each of its runs; nothing is written."""
    grids.check(grid, settings)
    directory = os.getcwd()
    with open(config, encoding="utf-8") as file:
        text = file.read()
    content = {"config": config, "directory": directory, "set": settings, "metric": None,
               "grid": [[key, values] for key, values in grid], "shared": False,
               "runs": [{"name": name, "values": values}
                        for name, values in grids.combinations(grid)]}
    plan = Plan(folder, content, text)
    metrics = set()
    for run in plan.runs:
        found = resolve(config, plan.settings(run), directory)
        run["steps"] = int(found["training.steps"])
        run["threads"] = int(found["run.threads"])
        metrics.add(found.get("validation.metric") if int(found["validation.every"]) else None)
    if len(metrics) > 1:
        raise ValueError("runs that differ in validation.metric, or of which some are not "
                         "validated, cannot be compared")
    plan.metric = content["metric"] = metrics.pop()
    content["shared"] = shares([key for key, _ in grid], found)
    return plan


def load(folder):
    path = os.path.join(folder, "sweep.json")
    try:
        with open(path, encoding="utf-8") as file:
            content = json.load(file)
        with open(os.path.join(folder, "sweep.yaml"), encoding="utf-8") as file:
            return Plan(folder, content, file.read())
    except (FileNotFoundError, NotADirectoryError):
        raise ValueError(f"{folder}: is not the folder of a sweep; begin one with CONFIG --grid "
                         "KEY=V1,V2 --folder FOLDER") from None
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(f"{path}: is damaged: {error!r}") from None


def grid_text(grid):
    return " ".join(f"--grid '{key}={','.join(values)}'" for key, values in grid) or "no --grid"


def set_text(settings):
    return " ".join(f"--set '{setting}'" for setting in settings) or "no --set"


def changed_line(then, now):
    for number, (old, new) in enumerate(zip(then + [""], now + [""]), 1):
        if old != new:
            return f"line {number} was `{old.strip()}` and is `{new.strip()}`"
    return "it has other lines at its end"


def check_same(begun, asked):
    """The sweep that the folder holds is the one that is asked for."""
    then, now = begun.content, asked.content
    difference = None
    if then["grid"] != now["grid"]:
        difference = f"{grid_text(then['grid'])}, not {grid_text(now['grid'])}"
    elif then["set"] != now["set"]:
        difference = f"{set_text(then['set'])}, not {set_text(now['set'])}"
    elif begun.text != asked.text:
        difference = (f"another {now['config']} (its copy is {begun.path('sweep.yaml')}): "
                      + changed_line(begun.text.splitlines(), asked.text.splitlines()))
    elif then["directory"] != now["directory"]:
        difference = f"in {then['directory']}, and its paths are relative to there"
    if difference:
        raise ValueError(f"{asked.path()} holds a sweep that was begun with {difference}; take "
                         f"another --folder, or go on with that one: sweep.py {asked.path()}")


def begin(asked, write=True):
    """The plan as the folder has it, or the one asked for, which is written there."""
    names = os.listdir(asked.folder) if os.path.isdir(asked.folder) else []
    if "sweep.json" in names:
        begun = load(asked.folder)
        check_same(begun, asked)
        return begun
    if set(names) - {"sweep.yaml", "sweep.yaml.part", "sweep.json.part"}:
        raise ValueError(f"{asked.path()} is not empty, and holds no sweep; take another --folder")
    if write:
        os.makedirs(asked.folder, exist_ok=True)
        save(os.path.join(asked.folder, "sweep.yaml"), asked.text)
        save(os.path.join(asked.folder, "sweep.json"), json.dumps(asked.content, indent=1) + "\n")
    return asked
