# shellcheck shell=bash disable=SC2154 # the scripts that source this set what is not set here
# job.sh - what the scripts beside it have in common: what a job is told, what it runs, how it is
# stopped and goes on.
#
# Outside of a job such a script gives a short one to the batch system: its own directives, and its
# own command line once more. Inside a job, where LOCKSTEP_JOB is set or a copy of the script
# runs, it starts run.sh, or a run of a sweep. A script that sources this sets
#
#   name        for messages
#   self        its path, or that of its copy
#   root        the folder of scripts/, with run.sh and this
#   directive   what its options for the batch system begin with: #SBATCH
#   submitter   the words that take a job's script on their standard input
#   task        the number of this job in its array, or nothing
#   retries     how often run.sh starts again within the job what was lost
#   early       how many seconds before its time is up the run is to save, or nothing where the
#               batch system says when
#
# and has functions
#
#   job_begin   in a job, before the run
#   job_again   the time is up, and something new is saved: have the job go on
#
# SIGUSR1 says that the time is up; SIGTERM, and SIGUSR2 which Grid Engine sends before it kills,
# that someone wants the job to end. Either way the run saves its state.

inside= # a job, or "copy" where that is one of this script
dry_run=
ranks=
batch_options=()
words=()
run=
stopped=
alarm=
report=
source "$root/scripts/run/allocation.sh"

job_fail() {
    echo "$name: $*" >&2
    exit 2
}

# The lines of the script's own comment that show how it is called.
job_usage() {
    sed -n "2,/^$/ { s|^#   \(scripts/submit/$name [[].*\)|usage: \1|p; s/^#   --/  --/p }" \
        "$self" >&2
    exit 2
}

job_read_options() {
    while :; do
        case ${1:-} in
        --dry-run)
            dry_run=1
            shift
            continue
            ;;
        --ranks)
            ranks=${2:-}
            [[ $ranks =~ ^[1-9][0-9]*$ ]] || job_fail "--ranks takes a number from 1"
            ;;
        --early)
            [ -n "$early" ] || job_fail "--early: Slurm has --signal=B:USR1@SECONDS for it"
            early=${2:-}
            [[ $early =~ ^[1-9][0-9]*$ ]] || job_fail "--early takes a number of seconds"
            ;;
        --launcher)
            [[ ${2:-} =~ ^(mpirun|srun)$ ]] || job_fail "--launcher is mpirun or srun"
            [[ $2 = mpirun || $name = slurm.sh ]] || job_fail "--launcher srun is for Slurm"
            export LOCKSTEP_LAUNCHER=$2
            ;;
        *) break ;;
        esac
        shift 2
    done
    words=("$@")
}

# Those before the first "--" are the batch system's.
job_split_words() {
    local i

    for ((i = 0; i < ${#words[@]}; i++)); do
        [ "${words[i]}" = -- ] || continue
        batch_options=("${words[@]:0:i}")
        words=("${words[@]:i+1}")
        return
    done
}

job_check_words() {
    case ${words[0]:-} in
    "") job_usage ;;
    bench | plan | predict | score) job_fail "a job trains: for ${words[0]} use scripts/run.sh" ;;
    sweep)
        [ ${#words[@]} -eq 2 ] || job_fail "sweep FOLDER: one folder, and nothing after it"
        [ -f "${words[1]}/sweep.json" ] ||
            job_fail "${words[1]}: no sweep.json there; scripts/sweep.py CONFIG --grid ... makes it"
        ;;
    esac
}

# Sets `dry_run`, `ranks`, `batch_options` and `words`.
job_parse() {
    job_read_options "$@"
    job_split_words
    job_check_words
}

# As a shell would read it.
job_show() {
    printf '%q' "$1"
    shift
    [ $# -eq 0 ] || printf ' %q' "$@"
    echo
}

# ---- outside of a job ----

job_script() {
    local own

    echo '#!/bin/bash'
    grep "^$directive " "$self"
    printf 'cd %q || exit 1\n' "$PWD"
    [ -z "${LOCKSTEP:-}" ] || printf 'export LOCKSTEP=%q\n' "$LOCKSTEP"
    [ -z "${LOCKSTEP_TASK:-}" ] || printf 'export LOCKSTEP_TASK=%q\n' "$LOCKSTEP_TASK"
    own=("$self" ${ranks:+--ranks "$ranks"} ${early:+--early "$early"}
        ${LOCKSTEP_LAUNCHER:+--launcher "$LOCKSTEP_LAUNCHER"})
    echo "LOCKSTEP_JOB=1 exec $(job_show "${own[@]}" "${batch_options[@]}" -- "${words[@]}")"
}

job_submit() {
    local command=("${submitter[@]}" "${batch_options[@]}")

    if [ -n "$dry_run" ]; then
        echo "$(job_show "${command[@]}") <<'END'"
        job_script
        echo END
        return
    fi
    command -v "${command[0]}" >/dev/null ||
        job_fail "there is no ${command[0]} here; --dry-run shows what it would be told"
    job_script | "${command[@]}"
}

# In a job: another one goes on with what this one does. `$@` are the options that make an array, each
# with one value; a task of an array is none any more, and its number goes with it.
job_submit_again() {
    local i options=()

    for ((i = 0; i < ${#batch_options[@]}; i++)); do
        if [[ " $* " == *" ${batch_options[i]} "* ]]; then
            i=$((i + 1))
        elif [[ ! ${batch_options[i]} =~ ^-J. ]]; then
            options+=("${batch_options[i]}")
        fi
    done
    batch_options=("${options[@]}")
    export LOCKSTEP_TASK=$task
    job_submit >&2
}

# ---- inside a job ----

# Sets `command`.
job_command() {
    if [ "${words[0]}" = sweep ]; then
        [ -n "$task" ] || job_fail "a sweep is a job array, one task for each of its runs"
        command=("$root/scripts/sweep.py" "${words[1]}" --task "$task"
            -n "${ranks:-$(allocated_ranks)}" --retries "$retries")
    else
        command=("$root/scripts/run.sh" ${ranks:+-n "$ranks"} --retries "$retries" "${words[@]}")
    fi
}

# shellcheck disable=SC2317 # reached through the traps
job_stop() {
    arrived=1
    # Who is both out of time and not wanted any more is not wanted any more.
    [ "$stopped" = TERM ] || stopped=$1
    [ -z "$run" ] || kill -TERM "$run" 2>/dev/null
}

# Of "04:00:00", "30:00" or "90".
job_seconds() {
    local part sum=0

    for part in ${1//:/ }; do
        sum=$((sum * 60 + 10#$part))
    done
    echo "$sum"
}

# The batch system does not say itself that the time is up: this does, `early` seconds before the
# limit that it has told, or nothing where it told none.
job_stop_before() {
    local never seconds

    if [ -z "$1" ]; then
        echo "$name: no limit is known of this job's time, before which it would save." >&2
        return
    fi
    seconds=$(($(job_seconds "$1") - early))
    [ "$seconds" -gt 0 ] || job_fail "a time of $1: it takes more than $early s (--early)"
    (
        trap - TERM USR1 USR2
        exec {never}<> <(:)
        read -rt "$seconds" -u "$never" # no `sleep`, which would outlive this
        kill -USR1 "$$"
    ) </dev/null &>/dev/null &
    alarm=$!
}

# Whether the newest checkpoint is not that from before the job, as run.sh reported.
job_made_progress() {
    local before=0 after=0

    read -r before after <"$report"
    [ "${after:-0}" -ne "${before:-0}" ]
}

# The run ended with this status: go on in another job, or end.
job_end() {
    case $stopped:$1 in
    USR1:[012]) ;;
    USR1:*)
        if job_made_progress; then
            job_again
        else
            echo "$name: the time is up, but nothing new was saved in it, and so it would be the" \
                "next time: the job needs more time." >&2
        fi
        ;;
    esac
    exit "$1"
}

job_run() {
    local command code arrived

    job_command
    if [ -n "$dry_run" ]; then
        job_show "${command[@]}"
        return
    fi
    report=$(mktemp) || exit
    trap 'rm -f "$report"' EXIT
    trap 'job_stop USR1' USR1
    trap 'job_stop TERM' TERM USR2
    job_begin
    LOCKSTEP_PROGRESS=$report "${command[@]}" &
    run=$!
    # One may have come between the traps and this.
    [ -z "$stopped" ] || kill -TERM "$run"
    # A signal ends `wait` before the run ends.
    while
        arrived=
        wait "$run"
        code=$?
        [ -n "$arrived" ]
    do :; done
    [ -z "$alarm" ] || kill "$alarm" 2>/dev/null
    job_end "$code"
}

job_main() {
    inside=${LOCKSTEP_JOB:-}
    unset LOCKSTEP_JOB
    [ "${self%/*}" = "$root/scripts/submit" ] || inside=copy
    job_parse "$@"
    if [ -z "$inside" ]; then
        job_submit
        return
    fi
    [[ $inside != copy || ${#batch_options[@]} -eq 0 ]] ||
        job_fail "options of ${submitter[0]} stand before the script: ${batch_options[*]}"
    job_run
}
