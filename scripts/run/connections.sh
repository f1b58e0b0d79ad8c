# shellcheck shell=bash disable=SC2154 # run.sh, which sources this, shares its variables
# connections.sh - how mpirun comes to know of a host that is gone, and this script of it, and of
# an mpirun that stands still.
#
# The ranks' own connections try again for a quarter of an hour. Those between mpirun and its
# daemons can ask while nothing is sent (keepalive); what is sent and not acknowledged is looked
# after here. Either way a host is given up 6 to 8 seconds after its last sign of life.

# What is set already stays, in the environment or in a file of Open MPI 4 or 5.
set_keepalive() {
    local setting name

    ! grep -qs '^[[:space:]]*oob_tcp_keepalive' {~/.openmpi,~/.prte}/mca-params.conf \
        /etc/openmpi/openmpi-mca-params.conf /etc/prte-mca-params.conf || return
    for setting in time=2 intvl=1 probes=6; do
        for name in {OMPI,PRTE}_MCA_oob_tcp_keepalive_${setting%=*}; do
            [ -n "${!name+set}" ] || export "$name=${setting#*=}"
        done
    done
}

# The other end of a connection of mpirun's, in hexadecimal, where what was sent last has been
# sent five times again (after 6 s), as /proc/net/tcp has it: state, timer, tries, inode.
silent_end() {
    local sockets

    sockets=$(readlink "/proc/$mpirun"/fd/* | sed -n 's/^socket:\[\(.*\)\]$/\1/p' | tr '\n' ' ')
    awk -v sockets=" $sockets" '
        $4 == "01" && $6 ~ /^01:/ && $7 >= "00000005" && index(sockets, " " $10 " ") {
            print $3
            exit
        }' "/proc/$mpirun"/net/tcp{,6}
}

address_of() {
    local name=${1%:*}

    name=${name: -8}
    printf '%d.%d.%d.%d' "0x${name:6:2}" "0x${name:4:2}" "0x${name:2:2}" "0x${name:0:2}"
}

# mpirun has children, and all of them have ended: it has but to say so.
has_no_ranks() {
    local child children states=

    read -rd '' -a children < <(cat "/proc/$mpirun"/task/*/children)
    for child in "${children[@]}"; do
        states+=$(sed -n 's/^State:[[:space:]]*\(.\).*/\1/p' "/proc/$child/status")
    done
    [[ $states =~ ^Z+$ ]]
}

# A rank that is killed while it starts can make mpirun 4 stand still for ever.
guard() {
    local end never over=0

    exec {never}<> <(:) 3>&2 </dev/null >/dev/null 2>&1
    [ "$said" -eq 2 ] || exec {said}>&-
    while
        read -rt 2 -u "$never" # no `sleep`, which would outlive this
        kill -0 "$mpirun"
    do
        end=
        [ -n "$here" ] || end=$(silent_end)
        over=$(has_no_ranks && echo $((over + 1)) || echo 0)
        if [ -n "$end" ]; then
            echo "run.sh: the host at $(address_of "$end") acknowledges nothing that mpirun sends" \
                "it: the job is ended." >&3
        elif [ "$over" -ge 5 ]; then
            echo "run.sh: all ranks have ended, but mpirun has not: it is ended." >&3
        else
            continue
        fi
        kill -KILL "$mpirun"
    done
}

# mpirun of Open MPI 5 ends with 0 when it has lost a daemon: only what it says tells.
heed() {
    trap '' TERM INT HUP QUIT XCPU USR1 USR2
    # shellcheck disable=SC2261 # it writes where standard error goes, and says nothing itself
    tee --output-error=warn >(
        grep -qam 1 "lost communication with a remote daemon" && echo >&"$lost"
        exec cat >/dev/null
    ) >&2 2>/dev/null
}

# Sets where mpirun writes its standard error.
listen() {
    said=2
    command -v prterun >/dev/null || return
    exec {lost}<> <(:) {said}> >(heed)
    heeder=$!
}

# Waits until all is out that mpirun said; makes a loss of a 0 that was none.
hear_out() {
    [ "$said" -ne 2 ] || return
    exec {said}>&-
    for ((i = 0; i < 40; i++)); do
        if read -rt 0 -u "$lost"; then
            [ "$code" -ne 0 ] || code=205 # as Open MPI 4
            break
        fi
        kill -0 "$heeder" 2>/dev/null || break
        sleep 0.05
    done
    exec {lost}>&-
}
