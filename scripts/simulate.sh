#!/bin/bash
# Simulate training steps on hosts that are not there: the exchange that trains, under SimGrid,
# with recorded computing in place of the model (src/simulation).
#
#   scripts/simulate.sh [OPTION...] CONFIG RECORDINGS
#
# RECORDINGS are those that `lockstep plan CONFIG --record` has made; what is asked is what
# `lockstep plan CONFIG --recording RECORDINGS` forecasts. For each number of hosts it prints a
# line of JSON: what a step takes, and what the forecast has it take.
#
#   --hosts 8,16      so many hosts, one number after another (8,16,32,64,128,256)
#   --ranks N         on each host (1): recordings of so many are used
#   --network FILE    what connects the hosts (configs/networks; 10 Gbit/s)
#   --weak            the batch is one host's: more hosts make it larger
#   --faster F        hosts that compute F times as fast as the recorded one (1)
#   --steps N         after a first one; their mean is printed (2)
#   --csv FILE        add the points to FILE, which scripts/plot_scaling.py --simulated draws
#   --set KEY=VALUE   override a key of CONFIG, as of lockstep
#
# Packages: scripts/install.sh simulation
set -euo pipefail
here=$(realpath "$(dirname "$0")/..")

hosts=8,16,32,64,128,256 ranks=1 network=- scaling=strong steps=2 faster=1 csv=''
overrides=()
usage() {
    sed -n '2,/^set/{/^set/d;s/^# \{0,1\}//;p}' "$0"
}
operands=()
while [ $# -gt 0 ]; do
    case $1 in
    --hosts) hosts=$2; shift ;;
    --ranks) ranks=$2; shift ;;
    --network) network=$2; shift ;;
    --steps) steps=$2; shift ;;
    --weak) scaling=weak ;;
    --faster) faster=$2; shift ;;
    --csv) csv=$(realpath "$2"); shift ;;
    --set) overrides+=("$2"); shift ;;
    -h | --help) usage; exit ;;
    -*) echo "simulate.sh: unknown option $1" >&2; usage >&2; exit 2 ;;
    *) operands+=("$1") ;;
    esac
    shift
done
if [ ${#operands[@]} -ne 2 ]; then
    usage >&2
    exit 2
fi
if ! command -v smpirun >/dev/null; then
    echo "simulate.sh: there is no smpirun: scripts/install.sh simulation" >&2
    exit 1
fi

build=$here/build/simulation
cmake -S "$here/src/simulation" -B "$build" -DCMAKE_BUILD_TYPE=Release \
    -DCMAKE_C_FLAGS_RELEASE="-O2 -g" --log-level=WARNING >/dev/null
cmake --build "$build" -j "${LOCKSTEP_JOBS:-$(nproc)}" >"$build/build.log" 2>&1 ||
    { cat "$build/build.log" >&2; exit 1; }

# smpirun takes no names with spaces.
work=$(mktemp -d "${TMPDIR:-/tmp}/simulate.XXXXXX")
trap 'rm -rf "$work"' EXIT
ln -s "$build/simulate" "$work/simulate"
link() {
    ln -s "$(realpath -e "$1")" "$work/$2"
}
link "${operands[0]}" config.yaml
link "${operands[1]}" recordings
if [ "$network" != - ]; then
    link "$network" network.yaml
    network=network.yaml
fi
cd "$work"

# Time passes when it is told to, and by messages, which take what the platform says: SimGrid's
# own factors are those of another network. Collectives are binomial trees, as those of Open MPI
# are that do not block; small ones go by the same number of messages.
settings=(smpi/simulate-computation:no smpi/test:0 smpi/iprobe:0 smpi/wtime:0
          smpi/bw-factor:0:1 smpi/lat-factor:0:1 network/crosstraffic:no network/TCP-gamma:0
          smpi/ois:0:0:0 smpi/or:0:0:0 surf/precision:1e-9
          smpi/allreduce:redbcast smpi/reduce:binomial smpi/bcast:binomial_tree
          smpi/barrier:ompi_bruck smpi/allgather:bruck)
simulate() { # RANKS PLATFORM HOSTFILE WORDS...
    smpirun -quiet -np "$1" -platform "$2" -hostfile "$3" -no-privatize \
        --log=root.thresh:error "${settings[@]/#/--cfg=}" ./simulate "${@:4}"
}

number() { # KEY, of the line
    sed -n "s/.*\"$1\": \([0-9.]*\).*/\1/p" <<<"$line"
}
add_point() {
    [ -s "$csv" ] || echo kind,hosts,ranks,threads,step_seconds >"$csv"
    echo "$scaling,$count,$ranks,$(number threads),$(number step_seconds)" >>"$csv"
}

cat >one.xml <<'END'
<?xml version="1.0"?>
<!DOCTYPE platform SYSTEM "https://simgrid.org/simgrid.dtd">
<platform version="4.1"><zone id="one" routing="None"><host id="host0" speed="1Gf"/></zone></platform>
END
echo host0 >one.hosts
for count in ${hosts//,/ }; do
    simulate 1 one.xml one.hosts platform "$count" "$network" >platform.xml
    for ((host = 0; host < count; host++)); do
        for ((rank = 0; rank < ranks; rank++)); do echo "host$host"; done
    done >hosts
    line=$(simulate $((count * ranks)) platform.xml hosts \
        run config.yaml recordings "$network" "$scaling" "$steps" "$faster" "${overrides[@]}")
    echo "$line"
    [ -z "$csv" ] || add_point
done
