# shellcheck shell=bash disable=SC2034,SC2154 # run.sh, which sources this, shares its variables
# retry.sh - whether a run that ended is started again, and when.
#
# Started again is what was lost: a rank killed, a host or its daemon gone, a rank that another
# one waited for in vain, mpirun's own failures. Not what the program reports itself (with
# LOCKSTEP_RETRIES it ends with 70, for mpirun too says 1), not a wrong configuration (2), and
# not what a signal stopped, be it sent to this script or to a rank. What fails at the same step
# as the time before, with nothing new in the run's folder, is no loss either, whatever mpirun
# says.

tries=0
quiet=0   # failures since a start that brought a new checkpoint, that one included
before=   # where the run stood when it failed last, in words
saved=0   # the newest checkpoint's step
held=     # what was known of the lock of the run's folder before this start
began=    # it did, in some start
pausing=  # no ranks are there

saved_step() {
    local path step=0

    for path in "$folder"/checkpoints/step-*.h5; do
        [ -e "$path" ] || continue
        path=${path##*/step-}
        step=$((10#${path%.h5}))
    done
    echo "$step"
}

# Of the last whole line of the metrics.
reported_step() {
    tail -n 2 "$folder/metrics.jsonl" 2>/dev/null |
        sed -n 's/^{"step": *\([0-9][0-9]*\),.*}$/\1/p' | tail -n 1
}

# Who holds the lock of the run's folder, or was killed with it, and since when. That the file is
# opened makes NFS look what is new.
lock_owner() {
    cat "$folder/lock" 2>/dev/null
    stat -c %y "$folder/lock" 2>/dev/null
}

# The program took the lock in this start, and did not give it back.
was_cut_off() {
    local owner

    owner=$(lock_owner)
    [[ $owner != "$held" && $owner == process* ]]
}

note_start() {
    held=$(lock_owner)
    saved=$(saved_step)
}

# Where it failed. The step itself is not known, but the last one that was reported is.
where() {
    local reported step=$1

    if [ "$held" = "$(lock_owner)" ]; then
        echo "before the run began"
        return
    fi
    reported=$(reported_step)
    [ "${reported:-0}" -le "$step" ] || step=$reported
    echo "after step $step"
}

is_loss() {
    case $1 in
    0 | 2 | 70 | 141) return 1 ;;
    # Signals that the ranks heed: they have ended by themselves, or else mpirun ended them.
    129 | 130 | 131 | 138 | 140 | 143 | 152) was_cut_off ;;
    71) [ -n "$began" ] ;; # the lost ranks may not know yet that they are lost
    esac
}

what_happened() {
    case $1 in
    1) echo "$launcher has lost a host, or a rank waited for another in vain" ;;
    71) echo "a rank of the lost job still holds the run's folder" ;;
    205 | 255) echo "a host was lost, or $launcher's daemon there" ;;
    129 | 1[3-8]? | 19[0-2]) echo "a rank, or $launcher, was ended by SIG$(kill -l $(($1 - 128)))" ;;
    *) echo "a rank, or $launcher, ended with status $1" ;;
    esac
}

# In short sleeps, since a signal waits for the end of one.
pause() {
    local i

    for ((i = 0; i < $1; i++)); do
        [ -z "$asked" ] || break
        sleep 1
    done
}

# To the batch job in which this runs, for it must not go on for ever with what stays on the spot.
report_progress() {
    [ -z "${LOCKSTEP_PROGRESS:-}" ] || echo "$saved_before $(saved_step)" >"$LOCKSTEP_PROGRESS"
}

end_between_tries() {
    [ -n "$asked" ] || return 0
    report_progress
    echo "run.sh: stopped between two tries; the same command goes on from step $saved." >&2
    exit $((128 + asked))
}

# The run ended with status $1: wait, and say 0 when it is to be started again.
start_again() {
    local what here step seconds

    is_loss "$1" && [ -z "$asked" ] || return
    what=$(what_happened "$1")
    step=$(saved_step)
    here=$(where "$step")
    [ "$here" = "before the run began" ] || began=1
    quiet=$((step > saved ? 1 : quiet + 1))
    saved=$step
    # A host that starts anew takes a while, and until then nothing begins.
    if [ "$here" = "$before" ] && [ "$quiet" -gt 1 ] && [[ -z $began || $here == after* ]]; then
        echo "run.sh: $what $here, as the time before: what repeats is no loss; given up after" \
            "$tries of $retries tries." >&2
        return 1
    fi
    before=$here
    pausing=1
    while
        if [ "$tries" -eq "$retries" ]; then
            echo "run.sh: $what $here; given up after $tries of $retries tries." >&2
            return 1
        fi
        tries=$((tries + 1))
        seconds=$((quiet < 9 ? 1 << quiet : 300))
        echo "run.sh: $what $here; try $tries of $retries in $seconds s goes on from step $step." >&2
        pause "$seconds"
        end_between_tries
        [ -n "$drop_lost" ] && ! leave_lost_hosts
    do
        end_between_tries
        what="none of the hosts answers,"
        quiet=$((quiet + 1))
    done
    end_between_tries
    pausing=
}
