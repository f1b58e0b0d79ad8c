#!/bin/bash
# Install the packages of Debian 12 or 13 that are missing, and nothing else.
#
#   scripts/install.sh [--list] [GROUP...]     default: build data scripts tests
#
# Works as root, else through sudo; without either it says what to ask for. Nothing
# is fetched, and no network is needed, when everything is there.
set -euo pipefail

# The one list of what the project uses.
declare -A packages=(
    [build]="build-essential cmake ninja-build pkg-config
             openmpi-bin libopenmpi-dev libopenblas-dev libhdf5-dev libfyaml-dev
             libsentencepiece-dev libprotobuf-dev libprotobuf-c-dev protobuf-c-compiler
             libutf8proc-dev libxxhash-dev zlib1g-dev
             libsndfile1-dev libsoxr-dev libfftw3-dev check"
    [data]="python3 pocketsphinx-en-us
            libsword-utils sword-text-web sword-text-sparv"
    [speech]="python3 espeak-ng sox"       # scripts/spoken_words.py
    [sentiment]="python3 python3-pip"       # scripts/sentiment.py
    [scripts]="python3 python3-h5py"
    [plots]="python3 python3-h5py python3-matplotlib fonts-wqy-microhei" # scripts/plot_*.py
    [tests]="python3 python3-h5py python3-matplotlib fonts-wqy-microhei
             espeak-ng sox iproute2 clang-format libopenblas0-openmp mandoc shellcheck clang libomp-dev debootstrap"
    [slurm]="slurm-wlm munge"               # tests/system/test_slurm.py
    [gridengine]="gridengine-master gridengine-exec gridengine-client" # test_gridengine.py
    [simulation]="build-essential cmake pkg-config libfyaml-dev libsimgrid-dev" # scripts/simulate.sh
    [aarch64]="cmake ninja-build pkg-config protobuf-c-compiler python3 debootstrap qemu-user-static
               gcc-aarch64-linux-gnu g++-aarch64-linux-gnu" # scripts/aarch64.sh
    [amx]="build-essential cmake ninja-build bochs bochsbios vgabios isolinux syslinux-common xorriso
           busybox-static linux-headers-amd64" # scripts/amx.sh, of Debian 13
    [torch]="python3 python3-h5py python3-scipy python3-torch" # 1 GB: only to compare and to remake golden files
)

usage() {
    echo "usage: scripts/install.sh [--list] [GROUP...]"
    echo "groups: ${!packages[*]}"
}

list_only=
groups=()
for argument in "$@"; do
    case $argument in
    --list) list_only=1 ;;
    -h | --help) usage; exit 0 ;;
    *)
        if [ -z "${packages[$argument]:-}" ]; then
            echo "install.sh: unknown group '$argument'" >&2
            usage >&2
            exit 2
        fi
        groups+=("$argument")
        ;;
    esac
done
[ ${#groups[@]} -gt 0 ] || groups=(build data scripts tests)

# shellcheck disable=SC2086 # the lists are meant to be split
wanted=$(for group in "${groups[@]}"; do printf '%s\n' ${packages[$group]}; done | sort -u)
if [ -n "$list_only" ]; then
    echo "$wanted"
    exit 0
fi
if ! command -v dpkg-query >/dev/null; then
    echo "install.sh: this is not Debian; install what corresponds to:" >&2
    echo "$wanted" >&2
    exit 1
fi

missing=()
for package in $wanted; do
    state=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)
    [ "$state" = installed ] || missing+=("$package")
done
if [ ${#missing[@]} -eq 0 ]; then
    echo "Packages (${groups[*]}): all installed."
    exit 0
fi

as_root=()
if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo >/dev/null; then
        echo "install.sh: neither root nor sudo; ask for: apt-get install ${missing[*]}" >&2
        exit 1
    fi
    as_root=(sudo)
fi
echo "Packages (${groups[*]}): installing ${missing[*]}"
apt() {
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q \
        -o DPkg::Lock::Timeout=300 "$@"
}
apt update
apt install -y --no-install-recommends "${missing[@]}"
