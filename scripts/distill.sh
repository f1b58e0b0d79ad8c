#!/bin/bash
# Targets for sequence-level distillation (Kim and Rush 2016, arXiv 1606.07947): what a trained
# model, the teacher, makes of the sources of a training set. A parallel decoder learns more
# from them than from the targets that people wrote, since each source has one way to be said.
#
#   scripts/distill.sh [-n RANKS] TEACHER SOURCES TARGETS [OPTION...]
#
#   scripts/distill.sh -n 2 runs/multi30k-en-de data/multi30k/train.en \
#       data/multi30k/train.distilled.de
#   scripts/run.sh -n 2 configs/parallel/multi30k-mask.yaml
#
# TEACHER is a run's folder or a checkpoint, such as the mean that `lockstep average` writes.
# TARGETS, a line for each line of SOURCES, are its symbols with spaces between them, which
# `vocabulary: words` of the student reads as they are; it appears when all is done. Decoded by
# a beam of 5; OPTIONs go to `lockstep predict`: --format text for a student with another kind
# of vocabulary, --set decode.beam=8. It runs scripts/run.sh, whose signals
# and LOCKSTEP it has.
set -euo pipefail

ranks=1

usage() {
    echo "usage: scripts/distill.sh [-n RANKS] TEACHER SOURCES TARGETS [OPTION...]" >&2
    exit 2
}

if [ "${1:-}" = -n ]; then
    ranks=${2:-}
    shift 2 || usage
fi
[[ $ranks =~ ^[1-9][0-9]*$ && $# -ge 3 && $2 != -* && $3 != -* ]] || usage
teacher=$1 sources=$2 targets=$3
shift 3
format=(--format pieces)
[[ " $* " != *" --format"* ]] || format=()
exec "$(dirname "$0")/run.sh" -n "$ranks" predict "$teacher" --input "$sources" \
    --output "$targets" "${format[@]}" --set decode.search=beam "$@"
