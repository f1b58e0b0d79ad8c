"""The runs of a sweep as a table, the best first."""
import json
import math
import re

from sweep import grid as grids
from sweep import state

NUMBER = re.compile(r"-|[-+]?[0-9.]+(e[-+]?[0-9]+)?")


def rank(row):
    """Those without a validation come last, in the order of the grid."""
    if row["best"] is None:
        return (1, 0, 0, row["number"])
    sign = 1 if row["metric"] in state.LOWER_IS_BETTER else -1
    loss = math.inf if row["best_loss"] is None else row["best_loss"]
    return (0, sign * row["best"], loss, row["number"])


def rows_of(plan):
    return sorted((state.look(plan, run) for run in plan.runs), key=rank)


def state_text(row):
    step = f"step {row['step']} of {row['steps']}"
    return {"running": f"running, {step} ({row['note']})",
            "failed": f"failed, {step}: {row['note']}",
            "stopped": step}.get(row["state"], row["state"])


def shown(value, metric):
    """As the log has it: losses and shares are small numbers, the others percentages."""
    digits = 4 if metric in ("loss", "accuracy") else 2
    return "-" if value is None else f"{value:.{digits}f}" if abs(value) < 1e6 else f"{value:.4g}"


def cells(plan, keys):
    """The heading and the rows, in words."""
    metric = plan.metric or "loss"
    losses = ["loss"] if metric != "loss" else []
    head = ["run", *keys, metric, *losses, "best step", "last step", "state"]
    table = []
    for row in rows_of(plan):
        loss = [shown(row["best_loss"], "loss")] if losses else []
        best = "-" if row["best_step"] is None else str(row["best_step"])
        table.append([str(row["number"]), *row["values"].values(), shown(row["best"], metric),
                      *loss, best, str(row["step"]), state_text(row)])
    return head, table


def aligned(head, table):
    """Numbers of a column end, and words begin, at one place."""
    columns = list(zip(head, *table))
    lines = [[] for _ in range(len(table) + 1)]
    for column in columns:
        width = max(map(len, column))
        right = all(NUMBER.fullmatch(cell) for cell in column[1:])
        for line, cell in zip(lines, column):
            line.append(cell.rjust(width) if right else cell.ljust(width))
    return ["  ".join(line).rstrip() for line in lines]


def as_text(plan):
    keys = [key for key, _ in plan.content["grid"]]
    short = grids.short_keys(keys)
    lines = aligned(*cells(plan, [short[key] for key in keys]))
    if plan.metric is None:
        lines.append("Nothing is validated (validation.every: 0): in the order of the grid.")
    return "\n".join(lines)


def as_tsv(plan):
    head, table = cells(plan, [key for key, _ in plan.content["grid"]])
    return "\n".join("\t".join(cell.replace("\t", " ") for cell in line)
                     for line in [head, *table])


def as_json(plan):
    return json.dumps(rows_of(plan), indent=1)
