#!/bin/bash
# Train here and now on the hosts of a file, without a batch system:
#
#   scripts/submit/hosts.sh [OPTION...] [MPIRUN-OPTION... --] CONFIG [--set KEY=VALUE ...]
#
#   scripts/submit/hosts.sh --hostfile hosts -- configs/mine.yaml
#
#   --dry-run          print what would be run, and run nothing
#   --ranks N          in the place of as many as there are slots
#
# CONFIG may have before it what run.sh takes after -n (`-- --retries 3 CONFIG`). What is lost is
# started again, without the hosts that do not answer. Unless MPIRUN-OPTIONs name others, the hosts
# are those of `hosts`, a file with lines like "node1 slots=8"; ranks are as many as it has slots,
# where a host without a number counts as one.

set -u

# shellcheck disable=SC2034 # job.sh reads these
{
    hosts=hosts
    retries=100
    name=hosts.sh
    directive=
    submitter=()
    early=
    task=
}
self=$(readlink -f "$0")
root=${self%/scripts/submit/*}

source "$root/scripts/submit/job.sh" || exit
source "$root/scripts/run/hosts.sh"

# Of all hosts that the options name.
count_slots() {
    local i entry

    for ((i = 0; i + 1 < ${#batch_options[@]}; i++)); do
        names_hosts "${batch_options[i]}" || continue
        [[ ${batch_options[i]} =~ ^(-H|--?host)$ || -r ${batch_options[i + 1]} ]] ||
            job_fail "${batch_options[i + 1]}: no file of hosts, with lines like \"node1 slots=8\""
        while read -r entry; do
            slots_all=$((slots_all + $(slots_of "$entry")))
        done < <(entries_of "${batch_options[i]}" "${batch_options[i + 1]}")
    done
}

job_parse "$@"
[ "${words[0]}" != sweep ] || job_fail "a sweep is not one run: scripts/sweep.py ${words[1]}"
if [ "${words[0]}" = --retries ]; then
    retries=${words[1]:-}
    words=("${words[@]:2}")
fi
[[ " ${batch_options[*]-} " =~ \ (-H|--?host|--?hostfile|--?machinefile)\  ]] ||
    batch_options=(--hostfile "$hosts" "${batch_options[@]}")
count_slots
[ "$slots_all" -gt 0 ] || job_fail "${batch_options[*]}: no hosts there"
command=("$root/scripts/run.sh" -n "${ranks:-$slots_all}" --retries "$retries" --drop-lost
    "${batch_options[@]}" -- "${words[@]}")
if [ -n "$dry_run" ]; then
    job_show "${command[@]}"
    exit
fi
exec "${command[@]}"
