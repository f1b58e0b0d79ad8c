#!/bin/bash
# Grid Engine on the hosts of hosts.sh, for tests: sge_qmaster on head, an sge_execd on each host, and
# a parallel environment `mpi`. As root, with gridengine-master, -exec and -client.
#
#   gridengine.sh FOLDER up N         host1 ... hostN, which are up; FOLDER is theirs
#   gridengine.sh FOLDER on COMMAND...   on head, where qsub and the rest find this Grid Engine
#
# All ends with the hosts. FOLDER/gridengine has the configuration and what Grid Engine stores.
set -euo pipefail
PATH=$PATH:/usr/sbin:/sbin

[ $# -ge 2 ] || { echo "gridengine.sh: usage: FOLDER up|on ..." >&2; exit 2; }
folder=$(readlink -f "$1")
verb=$2
shift 2
hosts=$(dirname "$(readlink -f "$0")")/hosts.sh
place=$folder/gridengine
shared=/usr/share/gridengine
own=/usr/lib/gridengine
export SGE_ROOT=$place SGE_CELL=default SGE_QMASTER_PORT=6444 SGE_EXECD_PORT=6445

# mpirun is to find its way by Grid Engine alone.
alone=(env -u OMPI_MCA_plm_rsh_agent -u PRTE_MCA_plm_ssh_agent)

# on HOST COMMAND...
on() {
    "$hosts" "$folder" on "$1" "${alone[@]}" "${@:2}"
}

# daemon HOST NAME COMMAND...
daemon() {
    setsid "$hosts" "$folder" on "$1" "${alone[@]}" SGE_ND=1 "${@:3}" </dev/null >"$place/$2.out" 2>&1 &
}

wait_for() {
    local tries=0

    until "$@" &>/dev/null; do
        [ $((tries += 1)) -le 300 ] || { echo "gridengine.sh: in vain: $*" >&2; exit 1; }
        sleep 0.1
    done
}

make_cell() {
    local part

    mkdir -p "$place"/{default/common,spool/db,spool/execd,spool/qmaster/job_scripts}
    ln -s "$shared/util" "$place/util"
    for part in bin lib utilbin; do
        ln -s "/var/lib/gridengine/$part" "$place/$part"
    done
    echo head >"$place/default/common/act_qmaster"
    sed "s|/var/spool/gridengine/spooldb|$place/spool/db|; s|^admin_user.*|admin_user root|
         s|/var/spool/gridengine/qmaster|$place/spool/qmaster|" \
        "$shared/default-bootstrap" >"$place/default/common/bootstrap"
    sed "/^#/d; /^min_[ug]id/d; s|^execd_spool_dir.*|execd_spool_dir $place/spool/execd|
         s|^load_report_time.*|load_report_time 00:00:02|" \
        "$shared/default-configuration" >"$place/configuration"
    "$own/spoolinit" berkeleydb libspoolb "$place/spool/db" init
    "$own/spooldefaults" configuration "$place/configuration"
    "$own/spooldefaults" complexes "$shared/util/resources/centry"
    "$own/spooldefaults" usersets "$shared/util/resources/usersets"
    "$own/spooldefaults" managers root
}

write_environment() {
    cat <<END
pe_name            mpi
slots              99
user_lists         NONE
xuser_lists        NONE
start_proc_args    NONE
stop_proc_args     NONE
allocation_rule    1
control_slaves     TRUE
job_is_first_task  FALSE
urgency_slots      min
accounting_summary FALSE
qsort_args         NONE
END
}

# Jobs start at once, however busy the machine is.
configure() {
    on head qconf -ssconf | sed 's/^schedule_interval.*/schedule_interval 0:0:2/' >"$place/schedule"
    on head qconf -Msconf "$place/schedule"
    write_environment >"$place/environment"
    on head qconf -Ap "$place/environment"
    on head qconf -sq | sed "s/^qname.*/qname all.q/; s/^hostlist.*/hostlist $*/
        s/^pe_list.*/pe_list mpi/; s/^slots.*/slots 4/; s/^load_thresholds.*/load_thresholds NONE/
        s/^shell_start_mode.*/shell_start_mode unix_behavior/" >"$place/queue"
    on head qconf -Aq "$place/queue"
}

# A host that has not reported yet has no architecture.
all_report() {
    [ "$(on head qhost | grep -c "^host[0-9]* .*lx-")" -eq "$1" ]
}

do_up() {
    local names=()

    for ((i = 1; i <= $1; i++)); do
        names+=("host$i")
    done
    on head "$0" "$folder" cell
    daemon head qmaster sge_qmaster
    wait_for on head qconf -sh
    on head qconf -as head
    on head qconf -ah "$(IFS=,; echo "${names[*]}")"
    on head qconf -as "$(IFS=,; echo "${names[*]}")"
    for ((i = 1; i <= $1; i++)); do
        daemon "host$i" "host$i" sge_execd
    done
    wait_for all_report "$1"
    configure "${names[@]}"
}

case $verb in
up) do_up "$@" >/dev/null ;;
cell) make_cell ;;
on) on head "$@" ;;
*) echo "gridengine.sh: $verb: no such verb" >&2; exit 2 ;;
esac
