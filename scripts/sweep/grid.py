"""A grid: keys with their values, and a run for each combination of them."""
import itertools
import re

# What is quoted is one piece, and every other letter.
PIECES = re.compile(r'"(?:\\.|[^"\\])*"|\'[^\']*\'|.', re.DOTALL)
KEY = re.compile(r"[a-z0-9_]+(\.[a-z0-9_]+)*")
NAME_MOST = 120


def split_values(text):
    """At the commas that stand outside of brackets, braces and quotes."""
    values, depth = [""], 0
    for piece in PIECES.findall(text):
        depth += (piece in ("[", "{")) - (piece in ("]", "}"))
        if depth < 0:
            break
        if piece == "," and depth == 0:
            values.append("")
        else:
            values[-1] += piece
    if depth != 0:
        raise ValueError(f"{text}: brackets that do not match")
    return [value.strip() for value in values]


def parse(text):
    """(key, values) of KEY=V1,V2."""
    key, equals, rest = text.partition("=")
    if not equals or not KEY.fullmatch(key):
        raise ValueError(f"--grid {text}: is not KEY=VALUE,VALUE...")
    values = split_values(rest)
    if "" in values:
        raise ValueError(f"--grid {text}: a value is empty")
    twice = [value for value in values if values.count(value) > 1]
    if twice:
        raise ValueError(f"--grid {text}: {twice[0]} stands there twice")
    return key, values


def overlaps(one, other):
    """Do two keys set the same? One may be the section of the other."""
    return (one + ".").startswith(other + ".") or (other + ".").startswith(one + ".")


def check(grid, settings):
    """Of `grid`, [(key, values)], and `settings`, ["KEY=VALUE"]: nothing is said twice."""
    known = [(key, "--grid") for key, _ in grid]
    known += [(setting.partition("=")[0], "--set") for setting in settings]
    for number, (key, option) in enumerate(known):
        if overlaps(key, "run.folder"):
            raise ValueError(f"{option} {key}: a sweep gives each run a folder of its own, "
                             "below --folder")
        for other, before in known[:min(number, len(grid))]:
            if overlaps(key, other):
                raise ValueError(f"{option} {key} and {before} {other} set the same key")


def short_keys(keys):
    """{key: as few of its last words as tell it from the others}."""
    short = {}
    for key in keys:
        words = key.split(".")
        for count in range(1, len(words) + 1):
            short[key] = ".".join(words[-count:])
            if sum(("." + other).endswith("." + short[key]) for other in keys) == 1:
                break
    return short


def value_name(value):
    """The value as a part of a file's name."""
    return re.sub(r"[^A-Za-z0-9.+-]+", "-", value.strip(" []{}\"'")) or "none"


def combinations(grid):
    """[(name, {key: value})] in the order of the grid, the last key's values next to each other."""
    keys = [key for key, _ in grid]
    short = short_keys(keys)
    found, names = [], set()
    for number, values in enumerate(itertools.product(*(values for _, values in grid)), 1):
        name = ",".join(f"{short[key]}={value_name(value)}" for key, value in zip(keys, values))
        if name in names or len(name) > NAME_MOST:
            name = f"{name[:NAME_MOST]}~{number}"
        names.add(name)
        found.append((name, dict(zip(keys, values))))
    return found
