"""What `lockstep plan` expects of the points, out of recordings made here: recordings.jsonl and
forecast.csv of the folder."""
import csv
import io
import json
import os
import subprocess

from scaling import measuring
from scaling import points as at
from sweep import plan as plans
from sweep import state

RECORDINGS, TABLE = "recordings.jsonl", "forecast.csv"
# Columns of forecast.csv, and what plan calls them. `ranks` are those of a host.
FROM_PLAN = {"step_seconds": "step_seconds", "tokens_per_second": "tokens_per_second",
             "compute": "computing_seconds", "messages": "message_seconds",
             "waiting": "waiting_seconds", "agreeing": "agreeing_seconds",
             "slowest": "slowest_seconds", "cable": "cable_seconds", "exchange": "exchange",
             "limited_by": "limited_by", "scaled": "scaled"}
COLUMNS = ("kind", "hosts", "ranks", "threads", *FROM_PLAN)


def doublings(most):
    """The numbers of hosts that plan looks at."""
    found = []
    while not found or 2 * found[-1] < most:
        found.append(2 * found[-1] if found else 1)
    return found + ([most] if most > 1 else [])


# ---- recordings


def load_recordings(path):
    """[(ranks, threads, grains, line)]; a line that was cut short is none."""
    found = []
    if not os.path.exists(path):
        return found
    with open(path, encoding="utf-8") as file:
        for line in file:
            try:
                content = json.loads(line)
            except ValueError:
                continue
            found.append((content["ranks"], content["threads"], content["grains"], line))
    return found


def shares(batch, ranks, hosts, kinds):
    """The grains of a rank that the forecasts want."""
    numbers = doublings(hosts) if "strong" in kinds else [1]
    return {-(-batch.grains // (count * ranks)) for count in numbers}


def record(runner, batch, combination, hosts, kinds):
    """Have the ranks of one host go through steps, with as many grains as they would have on
    more hosts; unless that is done."""
    ranks, threads = combination
    path = os.path.join(runner.folder, RECORDINGS)
    have = load_recordings(path)
    mine = {grains for *pair, grains, _ in have if pair == [ranks, threads]}
    if shares(batch, ranks, hosts, kinds) <= mine:
        return
    measuring.say(f"scaling.sh: recording {at.counted(ranks, 'rank')} x "
                  f"{at.counted(threads, 'thread')} for the forecast")
    part = path + ".part"
    if os.path.exists(part):
        os.remove(part)
    runner.run(runner.words("plan", 1, ranks, [f"run.threads={threads}"], "--hosts", str(hosts),
                            "--record", part, *([] if "strong" in kinds else ["--weak"])))
    with open(part, encoding="utf-8") as file:
        added = file.read()
    kept = [line for *pair, _, line in have if pair != [ranks, threads]]
    plans.save(path, "".join(kept) + added)


# ---- forecasts


def ask(runner, kind, hosts, network):
    """The rows of plan."""
    words = [runner.environment["LOCKSTEP"], "plan", runner.config, "--json",
             "--hosts", str(hosts), "--network", network,
             "--recording", os.path.join(runner.folder, RECORDINGS),
             *(["--weak"] if kind == "weak" else []), *plans.settings_words(runner.settings)]
    done = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          universal_newlines=True, check=False)
    if done.returncode != 0:
        raise ValueError(f"{state.error_line(done.stderr.splitlines())} (lockstep plan)")
    return json.loads(done.stdout)["rows"]


def line_of(kind, row):
    return {"kind": kind, "hosts": row["hosts"], "ranks": row["ranks"] // row["hosts"],
            "threads": row["threads"],
            **{name: row[theirs] for name, theirs in FROM_PLAN.items()}}


def forecast_kind(runner, kind, hosts, network):
    """The lines of one kind, for these numbers of hosts and the doublings up to the last."""
    most = max(hosts)
    lines = [line_of(kind, row) for row in ask(runner, kind, most, network)]
    for count in sorted(set(hosts) - set(doublings(most))):
        lines += [line_of(kind, row) for row in ask(runner, kind, count, network)
                  if row["hosts"] == count]
    return lines


def forecast_all(runner, batch, points, most, network):
    """Write forecast.csv, for up to `most` hosts."""
    kinds = sorted({kind for point in points for kind in point.kinds})
    hosts = {point.hosts for point in points} | {most}
    combinations = {(point.ranks, point.threads) for point in points}
    for combination in sorted(combinations):
        record(runner, batch, combination, max(hosts), kinds)
    lines = [line for kind in kinds for line in forecast_kind(runner, kind, hosts, network)
             if (line["ranks"], line["threads"]) in combinations]
    lines.sort(key=lambda line: [line[name] for name in COLUMNS[:4]])
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(lines)
    plans.save(os.path.join(runner.folder, TABLE), text.getvalue())
