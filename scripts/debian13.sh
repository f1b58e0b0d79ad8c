#!/bin/bash
# The README's two commands in a bare Debian 13, which debootstrap makes in a folder.
#
#   scripts/debian13.sh [-d FOLDER] [brief | test | quickstart | amx]...     default: test quickstart
#
#   brief        build without warnings; unit and golden tests, and those of mpi on two ranks:
#                what fits into test.sh
#   test         scripts/test.sh
#   quickstart   scripts/quickstart.sh
#   amx          scripts/amx.sh: the kernels for AMX on a processor that is emulated
#
# A FOLDER (default: /tmp/lockstep-debian13, 2 GB) that is there is used again with all that
# was installed and built in it; only the sources are copied anew. The mirror and the proxy
# are those of this machine's apt; DEBIAN_MIRROR names another mirror. Where it cannot work
# it says why in one line and ends with 77.
set -euo pipefail
cd "$(dirname "$0")/.."
PATH=$PATH:/usr/sbin:/sbin # debootstrap's place

release=trixie
folder=/tmp/lockstep-debian13
tasks=()
while [ $# -gt 0 ]; do
    case $1 in
    -d) folder=$(readlink -m "${2:?-d needs a folder}"); shift ;;
    brief | test | quickstart | amx) tasks+=("$1") ;;
    *) echo "usage: scripts/debian13.sh [-d FOLDER] [brief | test | quickstart | amx]..." >&2
       exit 2 ;;
    esac
    shift
done
[ ${#tasks[@]} -gt 0 ] || tasks=(test quickstart)

cannot() {
    echo "Debian 13: left out: $*"
    exit 77
}

# In namespaces of its own: nothing stays mounted or running, however this ends.
apart=(unshare --mount --propagation private --pid --fork --kill-child)
here=$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)
[ "$here" != $release ] || cannot "this is Debian 13"
[ "$(id -u)" -eq 0 ] || cannot "needs root"
command -v debootstrap >/dev/null || cannot "debootstrap is missing: scripts/install.sh tests"
"${apart[@]}" true 2>/dev/null || cannot "namespaces (unshare --mount --pid) are not permitted"
exec 9>"$folder.lock"
flock -n 9 || cannot "another one is at work in $folder"

make_folder() {
    local mirror
    # shellcheck disable=SC2016 # apt-get replaces it
    mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' |
        grep -m 1 '/debian/*$') || mirror=http://deb.debian.org/debian
    rm -rf --one-file-system "$folder.part"
    echo "Debian 13: making $folder ..."
    "${apart[@]}" debootstrap --variant=minbase $release "$folder.part" \
        "${DEBIAN_MIRROR:-$mirror}" >"$folder.log" 2>&1 || {
        tail -n 3 "$folder.log"
        cannot "debootstrap failed: $folder.log"
    }
    mv -T "$folder.part" "$folder"
}

# What apt needs to know of the network, then the sources.
fill_folder() {
    cp -L /etc/resolv.conf /etc/hosts "$folder/etc/"
    apt-config dump | { grep -E '^Acquire::(https?::|Check-)' || true; } \
        >"$folder/etc/apt/apt.conf.d/99host"
    mkdir -p "$folder/root/lockstep"
    find "$folder/root/lockstep" -mindepth 1 -maxdepth 1 ! -name build ! -name data ! -name runs \
        -exec rm -rf {} +
    tar -c --exclude=./build --exclude=./data --exclude=./runs --exclude=./.git . |
        tar -x -C "$folder/root/lockstep"
}

# inside COMMAND...: run it in the folder, in the copy of this tree.
# shellcheck disable=SC2016 # the inner shells expand these
inside() {
    "${apart[@]}" bash -euc 'mount --bind "$1" "$1" # for namespaces within
        cd "$1" && shift
        mount -t proc proc proc
        mount --rbind /sys sys
        mount --rbind /dev dev
        mount -t tmpfs tmpfs dev/shm
        exec chroot . env -i HOME=/root LANG=C.UTF-8 TERM="${TERM:-dumb}" \
            PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
            bash -c "cd /root/lockstep && exec \"\$@\"" - "$@"' - "$folder" "$@"
}

brief() {
    inside scripts/install.sh build scripts &&
        inside scripts/build.sh release -DLOCKSTEP_WERROR=ON -DBUILD_TESTING=ON &&
        inside ctest --preset release -j "$(nproc)" -L '^(unit|golden|mpi)$' \
            -E '^mpi/.*/[1346]$' --timeout 600 --no-tests=error
}

[ -d "$folder" ] || make_folder
[ -x "$folder/usr/bin/apt-get" ] || { echo "debian13.sh: $folder is no Debian" >&2; exit 2; }
fill_folder
failed=0
for task in "${tasks[@]}"; do
    started=$SECONDS code=0
    echo "== Debian 13: $task"
    case $task in
    brief) brief || code=$? ;;
    *) inside "scripts/$task.sh" || code=$? ;;
    esac
    echo "Debian 13: $task ended with $code after $((SECONDS - started)) s."
    [ "$code" -eq 0 ] || failed=1
done
exit $failed
