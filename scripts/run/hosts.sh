# shellcheck shell=bash disable=SC2034,SC2154 # run.sh, which sources this, shares its variables
# hosts.sh - which of the hosts of -H and --hostfile still answer, and a run on these alone.

declare -A answers # a host that answers has 1
slots_all=0
slots_left=0
scratch=
trap '[ -z "$scratch" ] || rm -rf "$scratch"' EXIT

# "host:4" is one of them, "host slots=4" another.
host_of() {
    local name=${1%%[[:space:]]*}

    echo "${name%%:*}"
}

slots_of() {
    local slots=1

    [[ ! $1 =~ ^[^[:space:]]*:([0-9]+) ]] || slots=${BASH_REMATCH[1]}
    [[ ! $1 =~ [[:space:]]slots[[:space:]]*=[[:space:]]*([0-9]+) ]] || slots=${BASH_REMATCH[1]}
    echo "$slots"
}

entries_of() {
    case $1 in
    -H | -host | --host) tr , '\n' <<<"$2" ;;
    *) sed 's/#.*//; s/^[[:space:]]*//; /^$/d' "$2" ;;
    esac
}

names_hosts() {
    [[ $1 =~ ^(-H|--?host|--?hostfile|--?machinefile)$ ]]
}

# What starts mpirun's daemons: of several, with colons between, the first that is there.
launch_agent() {
    local agent i list=${OMPI_MCA_plm_rsh_agent:-${PRTE_MCA_plm_ssh_agent:-ssh:rsh}}

    for ((i = 0; i + 1 < ${#given[@]}; i++)); do
        [[ ! ${given[i]} =~ ^plm_(rsh|ssh)_agent$ ]] || list=${given[i + 1]}
    done
    while read -r agent; do
        command -v "${agent%% *}" >/dev/null && break
    done < <(tr : '\n' <<<"$list")
    [ "${agent##*/}" != ssh ] || agent+=" -o BatchMode=yes -o ConnectTimeout=8"
    echo "$agent"
}

is_here() {
    local address

    [[ $1 != localhost && $1 != "$(hostname)" && $1 != "$(hostname -s)" ]] || return 0
    address=$(getent hosts "$1" | head -n 1)
    [[ -n $address && " 127.0.0.1 $(hostname -I)" == *" ${address%% *} "* ]]
}

does_answer() {
    # shellcheck disable=SC2086 # an agent may have options
    is_here "$1" || timeout -k 1 10 $agent "$1" true </dev/null &>/dev/null
}

# All at once.
ask_hosts() {
    local agent i entry name
    local -A asking=()

    agent=$(launch_agent)
    answers=()
    for ((i = 0; i + 1 < ${#given[@]}; i++)); do
        names_hosts "${given[i]}" || continue
        while read -r entry; do
            name=$(host_of "$entry")
            [ -z "${asking[$name]:-}" ] || continue
            does_answer "$name" &
            asking[$name]=$!
        done < <(entries_of "${given[i]}" "${given[i + 1]}")
    done
    for name in "${!asking[@]}"; do
        ! wait "${asking[$name]}" || answers[$name]=1
    done
}

# The entries whose hosts answer; adds up the slots of all and of these.
entries_left() {
    local entry

    left=()
    slots_all=0
    slots_left=0
    while read -r entry; do
        slots_all=$((slots_all + $(slots_of "$entry")))
        [ -n "${answers[$(host_of "$entry")]:-}" ] || continue
        slots_left=$((slots_left + $(slots_of "$entry")))
        left+=("$entry")
    done < <(entries_of "$1" "$2")
}

# Ranks stay as many as there are slots for, or at least their share of what there was: a host
# without a number of slots has as many as it has cores.
share_ranks() {
    local share=$((all_ranks * slots_left / slots_all)) room=$slots_left

    room=$((room > share ? room : share))
    ranks=$((all_ranks < room ? all_ranks : room))
}

# Of the options as given (`given`) make `options` and `ranks` for the hosts that answer; those
# that are back are among them. Fails when there are none.
leave_lost_hosts() {
    local i lost=() left name

    ask_hosts
    [ -z "$asked" ] || return 0
    options=("${given[@]}")
    for ((i = 0; i + 1 < ${#given[@]}; i++)); do
        names_hosts "${given[i]}" || continue
        entries_left "${given[i]}" "${given[i + 1]}"
        [ ${#left[@]} -gt 0 ] || return
        case ${given[i]} in
        -H | -host | --host) options[i + 1]=$(IFS=,; echo "${left[*]}") ;;
        *)
            [ -n "$scratch" ] || scratch=$(mktemp -d)
            options[i + 1]=$scratch/hosts.$i
            printf '%s\n' "${left[@]}" >"$scratch/hosts.$i"
            ;;
        esac
        while read -r name; do
            name=$(host_of "$name")
            [ -n "${answers[$name]:-}" ] || lost+=("$name")
        done < <(entries_of "${given[i]}" "${given[i + 1]}")
    done
    share_ranks
    [ ${#lost[@]} -eq 0 ] ||
        echo "run.sh: without ${lost[*]}, which do$([ ${#lost[@]} -gt 1 ] || echo es) not answer:" \
            "$ranks rank$([ "$ranks" -eq 1 ] || echo s) of $all_ranks." >&2
}
