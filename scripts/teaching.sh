#!/bin/bash
# The table of README.md that compares ways to teach a model: trains every row of it with
# every seed, scores its test set and prints the table in Markdown.
#
#   scripts/teaching.sh [-n RANKS] [-s SEEDS] [-o FOLDER] [-t] [ROW...] [-- OPTION...]
#
#   scripts/teaching.sh                          every row, seeds 1 and 2, on 2 ranks: hours
#   scripts/teaching.sh -s "1 2 3" 'cmudict-*'   some of the rows
#   scripts/teaching.sh -t                       the table of what is done, without training
#   scripts/teaching.sh -- --set run.threads=2   options of `lockstep train` for all runs
#
# A row is a recipe of configs/teaching/ by its name, or a shell pattern; its runs are
# FOLDER/ROW-seedSEED (runs/teaching/...). Run again it leaves out what is done and goes on
# with what is not; a run whose configuration changed since is trained on, or refused by
# `lockstep train` with the reason. LOCKSTEP names another program.
set -euo pipefail

root=$(cd "$(dirname "$0")/.." && pwd)
lockstep=$(readlink -m "${LOCKSTEP:-$root/build/release/lockstep}")
rows=(cmudict-{layer,batch,linear,exponential,inverse-sigmoid,noise}
    multi30k-{layer,batch,sampling})
ranks=2 seeds="1 2" folder=runs/teaching only_table=

usage() {
    echo "usage: scripts/teaching.sh [-n RANKS] [-s SEEDS] [-o FOLDER] [-t] [ROW...] [-- OPTION...]" >&2
    exit 2
}

while getopts n:s:o:t option; do
    case $option in
    n) ranks=$OPTARG ;;
    s) seeds=$OPTARG ;;
    o) folder=$(readlink -m "$OPTARG") ;;
    t) only_table=1 ;;
    *) usage ;;
    esac
done
# getopts takes a `--` that follows the options away, so that no ROW is left before it.
first=$((OPTIND - 1))
[ "$first" -gt 0 ] && [ "${!first}" = -- ] && first=$((first - 1))
shift "$first"
patterns=()
while [ $# -gt 0 ] && [ "$1" != -- ]; do
    patterns+=("$1")
    shift
done
[ $# -eq 0 ] || shift
options=("$@")
[[ $ranks =~ ^[1-9][0-9]*$ && $seeds =~ ^[0-9]+(\ +[0-9]+)*$ ]] || usage
[ -x "$lockstep" ] || {
    echo "teaching.sh: no program at $lockstep: build it with scripts/build.sh" >&2
    exit 2
}

# The rows that were asked for, in the order of the table.
declare -A asked=()
for pattern in "${patterns[@]:-*}"; do
    found=
    for row in "${rows[@]}"; do
        # shellcheck disable=SC2053 # it is a pattern
        [[ $row != $pattern ]] || found=1 asked[$row]=1
    done
    [ -n "$found" ] || {
        echo "teaching.sh: no row is named $pattern; there are: ${rows[*]}" >&2
        exit 2
    }
done
chosen=()
for row in "${rows[@]}"; do
    [ -z "${asked[$row]-}" ] || chosen+=("$row")
done

# teach ROW SEED: train, unless that is done, and leave the scores in the run's test.json,
# which is newer than its config.yaml only when both are of the same training.
teach() {
    local run=$folder/$1-seed$2 config=configs/teaching/$1.yaml code products
    local set=(--set "run.folder=$run" --set "run.seed=$2" ${options[@]+"${options[@]}"})

    # Who multiplies is the run's choice, where none is asked for.
    products=$(grep -s '^  products: ' "$run/config.yaml" || true)
    "$lockstep" config "$config" "${set[@]}" |
        sed "s/^  products: auto\$/${products:-&}/" >"$scratch/config.yaml"
    if [ "$run/test.json" -nt "$run/config.yaml" ] &&
        cmp -s "$scratch/config.yaml" "$run/config.yaml"; then
        echo "== $1, seed $2: done" >&2
        return
    fi
    echo "== $1, seed $2" >&2
    LOCKSTEP=$lockstep scripts/run.sh -n "$ranks" "$config" "${set[@]}" >&2 || {
        code=$?
        echo "teaching.sh: ended at $1, seed $2; the same command goes on from there." >&2
        exit "$code"
    }
    "$lockstep" score "$run" --summary --json --set "run.threads=$threads" >"$run/test.json.part"
    mv "$run/test.json.part" "$run/test.json"
}

cd "$root"
threads=$(nproc)
[ "$threads" -le "$ranks" ] || threads=$ranks
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
if [ -z "$only_table" ]; then
    for row in "${chosen[@]}"; do
        for seed in $seeds; do
            teach "$row" "$seed"
        done
    done
fi
# shellcheck disable=SC2086 # a word for each seed
scripts/teaching_table.py --folder "$folder" --seeds $seeds --rows "${chosen[@]}" \
    --options "${options[*]-}"
