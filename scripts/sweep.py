#!/usr/bin/python3
"""Train a grid of settings, one run for each combination, and compare them.

  scripts/sweep.py CONFIG --grid KEY=V1,V2 [--grid ...] --folder FOLDER [--set KEY=VALUE ...]
  scripts/sweep.py FOLDER                    go on with a sweep that was begun
  scripts/sweep.py FOLDER --task K           the K-th run alone, from 1: a task of a job array
  scripts/sweep.py FOLDER --table            what came of it, the best first; --tsv, --json
  scripts/sweep.py ... --submit slurm|pbs|gridengine [BATCH-OPTION...]       as a job array

Values are as for --set, between commas; a comma within brackets, braces or quotes belongs to
the value:

  scripts/sweep.py configs/mine.yaml --folder runs/sweep -n 2 --jobs 4 \\
      --grid training.schedule.peak=0.001,0.002 --grid 'training.optimizer={name: adam},{name: sgd}'

FOLDER gets sweep.json, sweep.yaml (the configuration as it was) and the folder of each run. The
same command again leaves alone what is done and goes on with the rest. A signal lets all runs
save. The exit status is 0 when all are done, 1 when some are not, 2 for wrong usage or settings,
128+n when signal n stopped them; of --task that of scripts/run.sh, which --submit's jobs heed.
"""
import argparse
import os
import signal
import sys

from sweep import array, grid, plan, runner, table


def positive(text):
    if not text.isdigit() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"{text} is not a number above 0")
    return int(text)


def parse(words):
    parser = argparse.ArgumentParser(
        prog="sweep.py", description=__doc__, allow_abbrev=False,
        usage="sweep.py CONFIG|FOLDER [OPTION...] [-- MPIRUN-OPTION...]",
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("operand", metavar="CONFIG|FOLDER")
    parser.add_argument("--grid", action="append", default=[], metavar="KEY=V1,V2")
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE",
                        help="for all runs")
    parser.add_argument("--folder", help="of a sweep that begins")
    parser.add_argument("-n", "--ranks", type=positive, help="of each run")
    parser.add_argument("--retries", type=positive, metavar="N", help="as of scripts/run.sh")
    parser.add_argument("--jobs", type=positive, help="runs at once; 1 without it")
    parser.add_argument("--task", type=positive, metavar="K")
    parser.add_argument("--table", action="store_true")
    parser.add_argument("--tsv", action="store_true")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--dry-run", action="store_true",
                        help="check all settings and print the commands; write and start nothing")
    parser.add_argument("--submit", nargs=argparse.REMAINDER, metavar="",
                        help="SYSTEM [BATCH-OPTION...], to the end of the line")
    # What follows a lone -- is mpirun's.
    end = words.index("--") if "--" in words else len(words)
    options = parser.parse_args(words[:end])
    options.mpirun = words[end + 1:]
    complaint = nonsense(options)
    if complaint:
        parser.error(complaint)
    return options


def nonsense(options):
    """Why the options do not go together; None where they do."""
    shows = options.table or options.tsv or options.json
    runs = (options.ranks or options.retries or options.jobs or options.dry_run
            or options.mpirun)
    if options.submit is not None and options.submit[:1] not in [[name] for name in array.SYSTEMS]:
        return f"--submit: wants one of {', '.join(array.SYSTEMS)} first"
    if bool(options.grid) != (options.folder is not None):
        return "a sweep that begins has --grid and --folder; one that goes on is its FOLDER alone"
    if options.set and not options.grid:
        return "--set: a sweep that goes on keeps the settings that it began with"
    if options.tsv and options.json:
        return "--tsv and --json: choose one"
    if shows and (options.grid or runs or options.task or options.submit):
        return "--table only shows: it takes FOLDER and --tsv or --json"
    if options.task and (options.grid or options.jobs or options.submit or options.dry_run):
        return "--task runs one run of a FOLDER, with -n, --retries and mpirun's options alone"
    if options.submit and (options.mpirun or options.retries):
        return ("--submit: jobs try again by themselves, and what follows is the batch system's, "
                "to the end of the line")
    return None


def find(options):
    """The plan; one that begins is checked in each of its runs."""
    if not options.grid:
        return plan.load(options.operand)
    asked = plan.make(options.folder, options.operand,
                      [grid.parse(text) for text in options.grid], options.set)
    return plan.begin(asked, not options.dry_run)


def show(sweep, options):
    print(table.as_json(sweep) if options.json else
          table.as_tsv(sweep) if options.tsv else table.as_text(sweep))
    return 0


def run(sweep, options):
    started = runner.Runner(sweep, options.ranks, options.retries, options.jobs or 1,
                            options.mpirun)
    if options.task:
        if options.task > len(sweep.runs):
            raise ValueError(f"--task {options.task}: the sweep has {len(sweep.runs)} runs")
        return started.run_one(sweep.runs[options.task - 1])
    if options.dry_run:
        for each in sweep.runs:
            print(runner.words_text(started.words(each)))
        return 0
    return started.run_all()


def main():
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # until there are runs to be told
    options = parse(sys.argv[1:])
    try:
        sweep = find(options)
        if options.table or options.tsv or options.json:
            return show(sweep, options)
        if options.submit:
            return array.submit(sweep, options.submit[0], options.submit[1:], options.ranks,
                                options.jobs, options.dry_run)
        return run(sweep, options)
    except (ValueError, OSError) as error:
        print(f"sweep.py: error: {error}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    try:
        sys.exit(main())
    except BrokenPipeError:  # `--table | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
