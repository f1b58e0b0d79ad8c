#!/bin/bash
# Slurm on the hosts of hosts.sh, for tests: slurmctld and munged on head, a slurmd on each host.
# As root, with slurm-wlm and munge.
#
#   slurm.sh FOLDER up N         host1 ... hostN, which are up; FOLDER is theirs
#   slurm.sh FOLDER boot HOST    its slurmd again, after a crash
#   slurm.sh FOLDER on COMMAND...   on head, where sbatch and the rest find this Slurm
#
# All ends with the hosts. FOLDER/slurm has the configuration, the logs and what Slurm stores. One
# munged is enough for all, for its socket lies in the file system that they share; but each
# host's files of PMIx have to be its own.
set -euo pipefail
PATH=$PATH:/usr/sbin:/sbin

[ $# -ge 2 ] || { echo "slurm.sh: usage: FOLDER up|boot|on ..." >&2; exit 2; }
folder=$(readlink -f "$1")
verb=$2
shift 2
hosts=$(dirname "$(readlink -f "$0")")/hosts.sh
place=$folder/slurm
export SLURM_CONF=$place/slurm.conf

# A node that does not answer for 10 s is down; a requeued job waits until its old credential
# is no longer valid.
write_configuration() {
    cat <<END
ClusterName=test
SlurmctldHost=head(10.89.0.254)
SlurmUser=root
AuthInfo=socket=$place/munge/socket,cred_expire=5
StateSaveLocation=$place/state
SlurmdSpoolDir=$place/spool/%n
SlurmctldLogFile=$place/slurmctld.log
SlurmdLogFile=$place/%n.log
SlurmctldPidFile=$place/slurmctld.pid
SlurmdPidFile=$place/%n.pid
TmpFS=$folder/%n/tmp
ProctrackType=proctrack/linuxproc
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SchedulerParameters=bf_interval=2,sched_interval=2
ReturnToService=2
SlurmdTimeout=10
BatchStartTimeout=20
MessageTimeout=20
SlurmdParameters=config_overrides
END
    for ((i = 1; i <= $1; i++)); do
        echo "NodeName=host$i NodeAddr=10.89.0.$i CPUs=4 RealMemory=1000 State=UNKNOWN"
    done
    echo "PartitionName=main Nodes=ALL Default=YES MaxTime=INFINITE State=UP"
}

# daemon HOST NAME COMMAND...
daemon() {
    setsid "$hosts" "$folder" on "$1" "${@:3}" </dev/null >"$place/$2.out" 2>&1 &
}

wait_for() {
    local tries=0

    until "$@" &>/dev/null; do
        [ $((tries += 1)) -le 300 ] || { echo "slurm.sh: in vain: $*" >&2; exit 1; }
        sleep 0.1
    done
}

do_up() {
    mkdir -p "$place"/{state,spool,munge}
    chmod 700 "$place/munge"
    head -c 1024 /dev/urandom >"$place/munge/key"
    chmod 400 "$place/munge/key"
    write_configuration "$1" >"$SLURM_CONF"
    daemon head munged munged --force --foreground --key-file "$place/munge/key" \
        --socket "$place/munge/socket" --pid-file "$place/munge/pid" \
        --seed-file "$place/munge/seed" --log-file "$place/munge/log"
    wait_for test -S "$place/munge/socket"
    chmod 711 "$place/munge"
    daemon head slurmctld slurmctld -D -c
    for ((i = 1; i <= $1; i++)); do
        do_boot "host$i"
    done
    wait_for all_idle "$1"
}

all_idle() {
    [ "$(do_on sinfo --noheader --Node --states=idle --format=%N | wc -l)" -eq "$1" ]
}

do_boot() {
    mkdir -p "$place/spool/$1"
    daemon "$1" "$1" slurmd -D -N "$1"
}

do_on() {
    "$hosts" "$folder" on head "$@"
}

case $verb in
up | boot | on) "do_$verb" "$@" ;;
*) echo "slurm.sh: $verb: no such verb" >&2; exit 2 ;;
esac
