#!/bin/bash
# Train on several ranks, so that a signal saves before it ends the run; or prepare, decode,
# score, or measure steps.
#
#   scripts/run.sh [-n RANKS] [--retries N [--drop-lost]] [MPIRUN-OPTION... --]
#                  [train] CONFIG [OPTION...]
#   scripts/run.sh [-n RANKS] [MPIRUN-OPTION... --] prepare|bench|plan CONFIG [OPTION...]
#   scripts/run.sh [-n RANKS] [MPIRUN-OPTION... --] predict|score RUN [OPTION...]
#
#   scripts/run.sh -n 2 configs/cmudict.yaml
#   scripts/run.sh -n 8 --retries 5 --drop-lost -H a:4,b:4 -- configs/cmudict.yaml
#   scripts/run.sh -n 64 --hostfile hosts -- configs/cmudict.yaml --set run.seed=2
#   scripts/run.sh -n 2 predict runs/cmudict --input words | head
#
# mpirun kills its ranks a second or two after its own SIGTERM, SIGINT or SIGHUP, too
# soon for a checkpoint; SIGUSR1 it hands on. So this script holds these and what
# terminals and batch systems send besides, SIGQUIT, SIGXCPU and SIGUSR2, and sends
# SIGUSR1: the ranks finish their step, save and end. The exit status is
# that of the run: 0 done, 1 failed, 2 wrong configuration or input, 128+n stopped
# by signal n with the state saved, and anything else, 205 among it, that a rank or a host was
# lost. In a job of Slurm, PBS or Grid Engine the ranks default to its
# tasks and go where it says (run/allocation.sh); LOCKSTEP_LAUNCHER=srun has Slurm start them in
# the place of mpirun. Where the reader of the output goes (`| head`) the ranks are
# told to end, and the status is 141, as of one process alone. The program is that of the tree
# or the prefix which this script stands in; LOCKSTEP names another.
#
# --retries N starts training again, up to N times, after a rank, a host or mpirun was lost
# (run/retry.sh says what counts), with pauses that grow; what repeats at the same step is given
# up. --drop-lost leaves out those hosts of -H or --hostfile that do not answer by then, and
# goes on with fewer ranks: the results are the same. Both look into the run's folder.
set -uo pipefail

root=$(cd "$(dirname "$0")/.." && pwd)
program=$root/build/release/lockstep
[ -x "$program" ] || [ ! -x "$root/../../bin/lockstep" ] || program=$root/../../bin/lockstep
program=${LOCKSTEP:-$program}
launcher=${LOCKSTEP_LAUNCHER:-mpirun}
retries=0
drop_lost=
source "$root/scripts/run/retry.sh"
source "$root/scripts/run/hosts.sh"
source "$root/scripts/run/connections.sh"
source "$root/scripts/run/allocation.sh"
ranks=$(allocated_ranks)

usage() {
    echo "usage: scripts/run.sh [-n RANKS] [--retries N [--drop-lost]] [MPIRUN-OPTION... --]" \
        "[train] CONFIG [OPTION...]" >&2
    echo "       scripts/run.sh [-n RANKS] [MPIRUN-OPTION... --] prepare|bench|plan CONFIG" \
        "[OPTION...]" >&2
    echo "       scripts/run.sh [-n RANKS] [MPIRUN-OPTION... --] predict|score RUN [OPTION...]" >&2
    exit 2
}

while :; do
    case ${1:-} in
    -n) ranks=${2:-} ;;
    --retries) retries=${2:-} ;;
    --drop-lost)
        drop_lost=1
        shift
        continue
        ;;
    *) break ;;
    esac
    shift 2 || usage
done
[[ $ranks =~ ^[1-9][0-9]*$ && $retries =~ ^(0|[1-9][0-9]{0,5})$ ]] || usage
options=()
for argument in "$@"; do
    if [ "$argument" = -- ]; then
        while [ "$1" != -- ]; do
            options+=("$1")
            shift
        done
        shift
        break
    fi
done
verb=train
case ${1:-} in
train | prepare | bench | plan | predict | score)
    verb=$1
    shift
    ;;
esac
[ $# -ge 1 ] || usage
[[ $retries -eq 0 || $verb = train ]] || usage
if [[ ! $launcher =~ ^(mpirun|srun)$ || $launcher$verb =~ ^srun(bench|plan|predict|score)$ ]]; then
    echo "run.sh: LOCKSTEP_LAUNCHER is mpirun, or to train srun; it says $launcher" >&2
    exit 2
fi
named_hosts=
[[ " ${options[*]-} " != *" -H "* && " ${options[*]-} " != *host* ]] || named_hosts=1
if [ -z "$named_hosts" ] && [ -r "${PBS_NODEFILE:-}" ]; then
    options+=(--hostfile "$PBS_NODEFILE")
    named_hosts=1
fi
if [[ -n $drop_lost && -z $named_hosts ]]; then
    echo "run.sh: --drop-lost needs to know the hosts: name them with -H or --hostfile" >&2
    exit 2
fi
if [ ! -x "$program" ]; then
    echo "run.sh: no program at $program: build it with scripts/build.sh" >&2
    exit 2
fi

# ---- signals ----

asked=
mpirun=
sender=

# What comes before mpirun has started its ranks is lost: the ranks heed one, and mpirun
# hands on as many as there are.
send() {
    for ((i = 0; i < 60; i++)); do
        kill -USR1 "$mpirun" 2>/dev/null || return
        sleep 1
    done
}

# shellcheck disable=SC2317 # reached through the traps
forward() {
    arrived=1
    [ -z "$asked" ] || return
    asked=$1
    if [ -n "$pausing" ]; then
        echo "run.sh: SIG$2: not started again." >&2
        return
    fi
    echo "run.sh: SIG$2: the ranks finish $([ "$verb" = train ] && echo "their step and save" || echo "what they are at")." >&2
    [ -n "$mpirun" ] || return
    send &>/dev/null &
    sender=$!
}

end_if_asked() {
    [ -n "$asked" ] || return 0
    echo "run.sh: stopped before any rank was started: nothing was trained." >&2
    exit $((128 + asked))
}

for name in TERM INT HUP QUIT XCPU USR1 USR2; do
    # shellcheck disable=SC2064 # the name is known now
    trap "forward $(kill -l "$name") $name" "$name"
done

# ---- what mpirun is told ----

# The configuration that an operand leads to: a run has one, and a checkpoint stands in a run.
config_of() {
    if [ -d "$1" ]; then
        echo "$1/config.yaml"
    elif [ "${1%.h5}" != "$1" ]; then
        echo "$(dirname "$1")/../config.yaml"
    else
        echo "$1"
    fi
}

# The configuration with its overrides, or nothing where it is wrong.
resolve() {
    local words=("$(config_of "$1")")
    while [ $# -gt 1 ]; do
        case $2 in
        --set) words+=(--set "${3:-}") ;;
        --set=*) words+=("$2") ;;
        esac
        shift
    done
    "$program" config "${words[@]}" 2>/dev/null
}

# The first value that a key has there, without quotes.
value_of() {
    sed -n "s/^ *$1: //p" <<<"$resolved" | head -n 1 | sed 's/^"\(.*\)"$/\1/; s/\\\(["\\]\)/\1/g'
}

# Is the shell inside the Slurm job that its environment names?
in_slurm_job() {
    command -v srun >/dev/null &&
        scontrol show job "${SLURM_JOB_ID:-${SLURM_JOBID:-}}" 2>/dev/null |
        grep -q 'JobState=RUNNING'
}

# A variable for all ranks; srun hands on the environment.
tell() {
    if [ "$launcher" = mpirun ]; then
        options+=(-x "$1=1")
    else
        export "$1=1"
    fi
}

starts() {
    "$@" mpirun -n "$ranks" "${options[@]}" true &>/dev/null </dev/null
}

# Variables of a Slurm job that is over (a shell of salloc, a terminal multiplexer that was
# started in it) make mpirun look for its hosts, and fail with words that name no cause.
refuse_leftovers() {
    local without=() name

    [[ -n ${SLURM_JOB_ID:-}${SLURM_JOBID:-} && $launcher = mpirun ]] || return 0
    in_slurm_job && return
    for name in "${!SLURM_@}"; do
        without+=(-u "$name")
    done
    if ! starts env && starts env "${without[@]}"; then
        echo "run.sh: the environment says that this shell is in Slurm job" \
            "${SLURM_JOB_ID:-${SLURM_JOBID:-}} on ${SLURM_JOB_NODELIST:-${SLURM_NODELIST:-no hosts}}," \
            "but there is no such job here, and mpirun does not start because of it. Leave the" \
            "job's variables behind and start again: unset \${!SLURM_@}" >&2
        exit 2
    fi
}

launch=(mpirun)
[ "$launcher" = mpirun ] || launch_by_srun
[[ $launcher = srun || $(id -u) -ne 0 ]] || options+=(--allow-run-as-root)
here=1
[[ -z ${SLURM_JOB_ID:-}${PE_HOSTFILE:-}$named_hosts && $launcher = mpirun ]] || here=
resolved=$(resolve "$@")
threads=$(value_of threads)
threads=${threads:-1}
folder=$(value_of folder)
crowded=
if [ -n "$here" ] && [ $((ranks * threads)) -gt "$(nproc)" ]; then
    crowded=1
    # Waiting ranks and threads give way, or more of them than cores are a hundred
    # times slower.
    export OMPI_MCA_mpi_yield_when_idle=1 OMP_WAIT_POLICY=passive
fi
# mpirun counts cores without hyperthreads as places for ranks.
[ -z "$here" ] || options+=(--oversubscribe)
# A rank bound to one core would keep all its threads there.
if [[ -n $crowded || $threads -gt 1 && $launcher = mpirun ]] &&
    [[ " ${options[*]-} " != *--bind-to* ]]; then
    options+=(--bind-to none)
fi
set_keepalive
# Ranks write to pipes; this tells rank 0 that a terminal is at the end.
[ ! -t 2 ] || tell LOCKSTEP_TERMINAL
[ "$retries" -eq 0 ] || tell LOCKSTEP_RETRIES

# ---- what ranks read and write ----

feeder=
relay=

# mpirun breaks when the reader of what it writes is gone, and leaves a terminal alone that is
# not its own. So both ends are ours: SIGUSR2, which ranks take for a closed pipe, ends them, and
# what they still write is thrown away.
relay() {
    local job

    trap '' TERM INT HUP QUIT XCPU USR1 USR2
    read -r job
    cat 2>/dev/null && return
    kill -USR2 "$job" 2>/dev/null
    cat >/dev/null
}

# In a session of its own a terminal's Ctrl-C does not reach mpirun.
start() {
    exec setsid "${launch[@]}" -n "$ranks" "${options[@]}" "$program" "$verb" "$@" 2>&"$said"
}

start_training() {
    start "$@" </dev/null &
    mpirun=$!
}

start_relayed() {
    local in out

    # Of its own, for what runs in the background has none.
    exec {in}<&0
    if [ -t 0 ]; then
        exec {in}< <(trap '' INT QUIT; exec cat)
        feeder=$!
    fi
    exec {out}> >(relay)
    relay=$!
    options+=(-x LOCKSTEP_RELAY=1)
    command -v prterun >/dev/null || options+=(--quiet) # which Open MPI 5 has no more
    (
        echo "$BASHPID" >&"$out"
        start "$@" <&"$in" >&"$out" {out}>&-
    ) &
    mpirun=$!
    exec {out}>&-
}

# ---- the run ----

# What is left of the session of an mpirun that has ended: ssh to a host that is gone waits for
# long, and holds the output open.
end_session() {
    local stat pid fields

    for stat in /proc/[0-9]*/stat; do
        read -r pid fields <"$stat" || continue
        # shellcheck disable=SC2086 # after the name: state, parent, group, session
        set -- ${fields##*) }
        [ "${4:-}" != "$mpirun" ] || kill -KILL "$pid"
    done 2>/dev/null
}

# Until mpirun has ended; sets `code`.
run_once() {
    listen
    if [ "$verb" = train ]; then
        start_training "$@"
    else
        start_relayed "$@"
    fi
    guard=
    if [ "$launcher" = mpirun ]; then # Slurm looks after its own
        guard &
        guard=$!
    fi
    # One may have come between the last look and this.
    [ -z "$asked" ] || { send &>/dev/null & sender=$!; }

    # A signal ends `wait` before mpirun ends.
    while
        arrived=
        wait "$mpirun" 2>/dev/null
        code=$?
        [ -n "$arrived" ]
    do :; done

    [ -z "$guard" ] || kill "$guard" 2>/dev/null
    hear_out
    # mpirun 5 may say 0 when it has lost a host; mpirun 4 says 205.
    [[ $code -ne 0 || $verb != train ]] || ! was_cut_off || code=205
    ! is_loss "$code" || end_session
    [ -z "$sender" ] || kill "$sender" 2>/dev/null
    [ -z "$feeder" ] || kill "$feeder" 2>/dev/null
    [ -z "$relay" ] || wait "$relay"
    mpirun=
    sender=
    feeder=
    relay=
}

refuse_leftovers
end_if_asked
given=("${options[@]}")
all_ranks=$ranks
saved_before=$(saved_step)
while
    note_start
    run_once "$@"
    [ "$retries" -gt 0 ] && start_again "$code"
do :; done

report_progress

# The ranks were stopped by SIGUSR1, this script by what it was asked with.
if [ -n "$asked" ] && [ "$code" -eq 138 ]; then
    [[ $verb != train || $launcher != mpirun ]] ||
        echo "run.sh: stopped; by \"job has been aborted\" or \"terminated\" mpirun means that" \
            "the ranks have ended." >&2
    code=$((128 + asked))
fi
case $code in
0 | 1 | 2 | 141) ;;
70 | 71) [ "$retries" -eq 0 ] || code=1 ;;
*)
    [[ -n $asked || $retries -gt 0 ]] ||
        echo "run.sh: ended with $code: a rank or a host was lost;" \
            "the same command $([ "$verb" = train ] && echo resumes || echo begins anew)." >&2
    ;;
esac
exit "$code"
