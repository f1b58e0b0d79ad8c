#!/bin/bash
# Build for aarch64 and run the unit and golden tests under emulation.
#
#   scripts/aarch64.sh [-d FOLDER] [CTEST-OPTION...]      as root, on Debian 12, x86-64
#
# The cross compiler builds, in build/aarch64, against an arm64 Debian that debootstrap makes
# in FOLDER (default: /tmp/lockstep-aarch64, 1 GB; used again when it is there); there qemu
# runs the tests. DEBIAN_MIRROR names another mirror than debootstrap's own.
set -euo pipefail
cd "$(dirname "$0")/.."

# In namespaces of its own: nothing stays mounted or running, however this ends.
if [ -z "${LOCKSTEP_APART:-}" ]; then
    [ "$(id -u)" -eq 0 ] || { echo "aarch64.sh: needs root" >&2; exit 1; }
    scripts/install.sh aarch64
    LOCKSTEP_APART=1 exec unshare --mount --propagation private --pid --fork --kill-child \
        --mount-proc "$0" "$@"
fi

PATH=$PATH:/usr/sbin:/sbin # debootstrap's place
folder=/tmp/lockstep-aarch64
if [ "${1:-}" = -d ]; then
    folder=$(readlink -m "${2:?-d needs a folder}")
    shift 2
fi
triple=aarch64-linux-gnu

# The kernel hands programs of arm64 to qemu.
formats=/proc/sys/fs/binfmt_misc
[ -e $formats/register ] || mount -t binfmt_misc none $formats
if [ ! -e $formats/qemu-aarch64 ]; then
    cat /usr/lib/binfmt.d/qemu-aarch64.conf >$formats/register
    trap 'echo -1 >$formats/qemu-aarch64' EXIT
fi

# Absolute links lead out of the folder when they are seen from here.
turn_links() {
    local link target
    find "$folder/etc/alternatives" "$folder/usr" -type l -lname '/*' -printf '%p\t%l\n' |
        while IFS=$'\t' read -r link target; do
            ln -sfn "$(realpath -sm --relative-to "$(dirname "$link")" "$folder$target")" "$link"
        done
}

# This tree is seen in the folder under the same path.
mount_folder() {
    mkdir -p "$folder$PWD"
    mount -t proc proc "$folder/proc"
    mount --rbind /sys "$folder/sys"
    mount --rbind /dev "$folder/dev"
    mount -t tmpfs tmpfs "$folder/dev/shm"
    mount --bind . "$folder$PWD"
}

make_folder() {
    rm -rf --one-file-system "$folder.part"
    echo "aarch64: making $folder ..."
    debootstrap --arch=arm64 --variant=minbase bookworm "$folder.part" \
        ${DEBIAN_MIRROR:+"$DEBIAN_MIRROR"} >"$folder.log" 2>&1 || {
        tail -n 5 "$folder.log"
        exit 1
    }
    umount "$folder.part/proc" 2>/dev/null || true
    mv -T "$folder.part" "$folder"
}

# Its apt works slowly, under emulation.
install_packages() {
    local packages
    packages=$(scripts/install.sh --list build scripts |
        grep -vxE 'build-essential|cmake|ninja-build|pkg-config|protobuf-c-compiler')
    cp -L /etc/resolv.conf /etc/hosts "$folder/etc/"
    apt-config dump | { grep -E '^Acquire::(https?::|Check-)' || true; } \
        >"$folder/etc/apt/apt.conf.d/99host"
    chroot "$folder" apt-get -q update
    # shellcheck disable=SC2086 # a word for each package
    DEBIAN_FRONTEND=noninteractive chroot "$folder" \
        apt-get -q install -y --no-install-recommends $packages libgomp1
    turn_links
    touch "$folder/.complete"
}

build() {
    local lib=$folder/usr/lib/$triple
    PKG_CONFIG_SYSROOT_DIR=$folder \
        PKG_CONFIG_LIBDIR=$lib/pkgconfig:$folder/usr/share/pkgconfig \
        cmake --preset release -B build/aarch64 -G Ninja --log-level=WARNING \
        -DLOCKSTEP_WERROR=ON -DBUILD_TESTING=ON \
        -DCMAKE_SYSTEM_NAME=Linux -DCMAKE_SYSTEM_PROCESSOR=aarch64 \
        -DCMAKE_C_COMPILER=$triple-gcc -DCMAKE_CXX_COMPILER=$triple-g++ \
        -DCMAKE_SYSROOT="$folder" -DCMAKE_LIBRARY_ARCHITECTURE=$triple \
        -DCMAKE_FIND_ROOT_PATH_MODE_PROGRAM=NEVER \
        -DCMAKE_CROSSCOMPILING_EMULATOR="chroot;$folder;env;-C;$PWD/tests/golden" \
        -DMPI_SKIP_COMPILER_WRAPPER=ON -DMPI_C_LIB_NAMES=mpi \
        -DMPI_C_HEADER_DIR="$lib/openmpi/include" \
        -DMPI_mpi_LIBRARY="$lib/openmpi/lib/libmpi.so" \
        -DHDF5_C_COMPILER_EXECUTABLE=HDF5_C_COMPILER_EXECUTABLE-NOTFOUND \
        -DHDF5_NO_FIND_PACKAGE_CONFIG_FILE=ON -DHDF5_ROOT="$lib/hdf5/serial" >/dev/null
    cmake --build build/aarch64 -j "${LOCKSTEP_JOBS:-$(nproc)}" \
        --target lockstep unit_tests golden_test_filterbank golden_test_optimizers \
        golden_test_transformer
}

# NEON where the same source gives AVX elsewhere. Products alone are written with multiply-adds; what
# else there is multiplies and adds.
check_vectors() {
    local kernel operation count
    while read -r kernel operation; do
        count=$($triple-objdump -d \
            "build/aarch64/CMakeFiles/lockstep_kernels_native.dir/src/tensor/kernels/$kernel.c.o" |
            grep -c "$operation.*\.4s" || true)
        echo "aarch64: $kernel has $count of $operation by vectors."
        [ "$count" -gt 0 ] || return 1
    done <<'END'
activation fmul
norm fmul
softmax fmul
softmax_block fmul
attend fmla
block fmla
END
}

[ -d "$folder" ] || make_folder
mount_folder
[ -e "$folder/.complete" ] || install_packages
build
check_vectors
ctest --test-dir build/aarch64 -L '^(unit|golden)$' -j "$(nproc)" \
    --no-tests=error --output-on-failure "$@"
