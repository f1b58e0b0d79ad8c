#!/bin/bash
# Measure how training steps scale over ranks, threads and hosts, and draw it.
#
#   scripts/scaling.sh [OPTION...] CONFIG FOLDER [-- MPIRUN-OPTION...]
#
#   scripts/scaling.sh --ranks 1,2,4,8 configs/mine.yaml scaling/mine
#   scripts/scaling.sh --hosts 1,2,4 --ranks 8 --kind strong,weak --hostfile hosts \
#       --vocabulary 32000 --length 20 configs/mine.yaml scaling/hosts
#   sbatch --nodes=4 --ntasks-per-node=8 --exclusive --wrap \
#       'scripts/scaling.sh --hosts 1,2,4 --ranks 1,8 configs/mine.yaml scaling/mine'
#
#   --ranks 1,2        on each host (1)
#   --threads 1,2      of each rank (run.threads of CONFIG)
#   --hosts 1,2,4      the first so many of -H, of --hostfile or of the batch system's job (1)
#   -H a:8,b:8, --hostfile FILE    hosts, as of mpirun
#   --kind strong,weak strong: the batch is that of CONFIG; weak: that is one host's, and
#                      batch.tokens and batch.grains grow with the hosts (strong)
#   --repeats N        of every point (3)
#   --steps K          that are measured after two to warm up (20)
#   --vocabulary V --length L      random sentences in place of data, as of lockstep bench
#   --set KEY=VALUE    override a key of the configuration; may be repeated
#   --crowded          measure also what has more threads than this host has cores
#   --network FILE     forecast the points too, as lockstep plan does with this network
#   --forecast-hosts N up to so many hosts (the most of --hosts)
#   --simulated FILE   draw these as well: a CSV of kind, hosts, ranks, threads, step_seconds
#   --no-pictures      where Matplotlib is not: scripts/plot_scaling.py FOLDER draws later
#   --dry-run          check everything and print the commands; write and start nothing
#
# Points are all combinations. Each is measured by scripts/run.sh and lockstep bench, all of
# them once, then again. FOLDER gets scaling.csv, a line as soon as it is measured;
# scaling.json, what was asked; scaling.log, what the ranks said; scaling.svg and .png, which
# scripts/plot_scaling.py draws; with --network recordings.jsonl and forecast.csv. The same
# command again measures what is missing, and more values, kinds and repeats are added to a
# folder; another configuration, --steps or sentences are refused. A signal ends it after a
# step. Columns of scaling.csv:
#
#   kind hosts ranks threads repeat            the point; ranks on each host, threads of each
#   step_seconds best_seconds mean_seconds     of a step: the median, the fastest, the mean
#   compute exposed input rest                 seconds, which add up to the mean: the model, the
#       norm and the update; waiting for other ranks, for what they send or because they are
#       slower; loading batches; all else, above all the processor's work for messages
#   exposed_exchange                           of exposed, for gradients and parameters
#   in_flight                                  seconds in which some of these were on their way
#   tokens_per_second                          of the target, the median
#   bytes messages                             that a rank sends in a step
#   utilisation processor_share peak_memory_bytes processor kernels     as of bench --json
#   on version when                            host names, the program's version, local time
#
# Those are means over ranks. Columns of forecast.csv are those of lockstep plan --json, of
# hosts like this one. The exit status is 0 when all is measured and drawn, 1 when a point
# failed or Matplotlib is missing, 2 for wrong usage, 128+n when signal n stopped it.
set -u

root=$(cd "$(dirname "$0")/.." && pwd)
help() {
    sed -n '2,/^[^#]/ { s|^#   \(scripts/scaling.sh \[.*\)|usage: \1|p; s/^# \{0,1\}//p; }' "$0"
}

case ${1:-} in
"")
    help >&2
    exit 2
    ;;
--help)
    help
    exit
    ;;
esac
exec /usr/bin/python3 "$root/scripts/scaling" "$@"
