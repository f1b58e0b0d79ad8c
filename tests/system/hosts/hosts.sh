#!/bin/bash
# Hosts on one machine, for tests: Linux namespaces (net, uts, pid, ipc, mount), each with a cable
# to one bridge. As root, with iproute2 and util-linux.
#
#   hosts.sh FOLDER up N                 host1 ... hostN, and head, where mpirun is started; says
#                                        "up" and lasts until its standard input ends
#   hosts.sh FOLDER on HOST COMMAND...   run it there; mpirun finds its way to the others
#   hosts.sh FOLDER cable HOST out|in
#   hosts.sh FOLDER rate RATE|off        what a cable carries each way, as tc has it: 1gbit
#   hosts.sh FOLDER crash HOST           the power fails: no cable any more, then no processes
#   hosts.sh FOLDER boot HOST            after a crash
#
# The end of the input is the end of whoever holds it, killed or not; then the first process ends,
# and with it the kernel ends all others and takes their namespaces, interfaces and mounts away.
# FOLDER holds what is known of the hosts, and each one's temporary files. They share the file
# system, the cores, and a network of 10.89.0.0/24 that leads nowhere else. head is the
# namespaces that all hosts are within, so that it alone can start something on the others.
set -euo pipefail
PATH=$PATH:/usr/sbin:/sbin

self=$(readlink -f "$0")
network=10.89.0
apart=(unshare --net --uts --ipc --mount --pid --fork --kill-child --mount-proc)

fail() {
    echo "hosts.sh: $*" >&2
    exit 2
}

[ $# -ge 2 ] || fail "usage: FOLDER up|on|cable|rate|crash|boot ..."
folder=$(readlink -m "$1")
verb=$2
shift 2

# Where the namespaces of a host are: those of the `unshare` that made them, whose child is the
# first process. A host's number is valid on head, head's own outside.
place_of() {
    cat "$folder/$1/pid" 2>/dev/null || fail "$1: no such host"
}

# within HOST COMMAND...
within() {
    local place

    place=$(place_of "$1")
    export TMPDIR=$folder/$1/tmp
    shift
    exec nsenter --target "$place" --net --uts --ipc --mount --root \
        --pid="/proc/$place/ns/pid_for_children" --wdns="$PWD" -- "$@"
}

# on_head VERB ...: this script once more, where hosts are seen.
on_head() {
    (within head "$self" "$folder" "$@")
}

plug() {
    ip link add "$1" type veth peer name eth0 netns "$(place_of "$1")"
    ip link set "$1" master bridge up
    (within "$1" ip link set eth0 up)
    (within "$1" ip address add "$network.${1#host}/24" dev eth0)
}

# ---- what runs on head ----

do_boot() {
    local tries=0

    mkdir -p "$folder/$1/tmp"
    rm -f "$folder/$1/ready"
    setsid "${apart[@]}" "$self" "$folder" live "$1" </dev/null >"$folder/$1/log" 2>&1 &
    echo $! >"$folder/$1/pid"
    disown # whose end is no news
    until [ -e "$folder/$1/ready" ]; do
        [ $((tries += 1)) -le 500 ] || fail "$1 does not start: $(cat "$folder/$1/log")"
        sleep 0.02
    done
    plug "$1"
}

do_live() {
    hostname "$1"
    mount --bind "$folder/hosts" /etc/hosts
    mount -t tmpfs tmpfs /dev/shm
    ip link set lo up
    touch "$folder/$1/ready"
    # A shell that waits also takes leave of what others left behind.
    trap : TERM INT HUP
    sleep infinity &
    while :; do wait || true; done
}

do_head() {
    hostname head
    mount --bind "$folder/hosts" /etc/hosts
    ip link set lo up
    ip link add bridge type bridge
    ip address add "$network.254/24" dev bridge
    ip link set bridge up
    for ((i = 1; i <= $1; i++)); do
        do_boot "host$i"
    done
    echo up
    while read -r _; do :; done
}

do_crash() {
    ip link set "$1" down
    kill -KILL "$(place_of "$1")"
    # Its end of the cable goes with the namespace, a moment later.
    ip link delete "$1" 2>/dev/null || true
}

do_rate() {
    local host

    for host in "$folder"/host[0-9]*/; do
        host=$(basename "$host")
        limit "$1" "$host"
        (within "$host" "$self" "$folder" limit "$1" eth0)
    done
}

limit() {
    if [ "$1" = off ]; then
        tc qdisc delete dev "$2" root 2>/dev/null || true
    else
        tc qdisc replace dev "$2" root tbf rate "$1" burst 256kb latency 50ms
    fi
}

# ---- verbs ----

case $verb in
up)
    mkdir -p "$folder/head/tmp"
    {
        echo 127.0.0.1 localhost
        echo "$network.254 head"
        for ((i = 1; i <= $1; i++)); do echo "$network.$i host$i"; done
    } >"$folder/hosts"
    echo $$ >"$folder/head/pid"
    exec "${apart[@]}" "$self" "$folder" head "$1"
    ;;
on)
    # Open MPI 4, and what Open MPI 5 starts with.
    export OMPI_MCA_plm_rsh_agent="$self $folder agent" PRTE_MCA_plm_ssh_agent="$self $folder agent"
    host=$1
    shift
    if [ "$host" = head ]; then
        within head "$@"
    else
        within head "$self" "$folder" enter "$host" "$@"
    fi
    ;;
enter) within "$@" ;;
agent)
    # As ssh is called: options, the host, words for a shell.
    while [ "${1#-}" != "$1" ]; do shift; done
    host=$1
    shift
    code=0
    exec 3>&2 2>/dev/null # "Killed" is no word of ssh
    (within "$host" /bin/sh -c "$*" 2>&3 3>&-) || code=$?
    # How it ended does not come through a cable that is out.
    until ip link show "$host" up 2>/dev/null | grep -q LOWER_UP; do sleep 0.1; done
    exit "$code"
    ;;
cable)
    case $2 in out) on_head link "$1" down ;; in) on_head link "$1" up ;; *) fail "cable HOST out|in" ;; esac
    ;;
link) ip link set "$1" "$2" ;;
limit) limit "$@" ;;
head | live) "do_$verb" "$@" ;;
rate | crash | boot) on_head "do_$verb" "$@" ;;
do_rate | do_crash | do_boot) "$verb" "$@" ;;
*) fail "$verb: no such verb" ;;
esac
