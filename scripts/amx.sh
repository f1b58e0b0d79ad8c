#!/bin/bash
# Unit tests of the kernels for AMX on a processor that Bochs emulates, for those who have none:
# it does what a Xeon "Sapphire Rapids" does; how long it takes says nothing.
#
#   scripts/debian13.sh amx     in a Debian 13 folder of its own (as root)
#   scripts/amx.sh              where this is Debian 13
#
# Some 5 minutes. Linux starts from a CD image and runs the tests by the kernels called amx alone;
# tests/system/amx has what is needed for that.
set -euo pipefail
cd "$(dirname "$0")/.."

tests=(bfloat16_product weight_rounded weight kernels)
place=build/amx
patience=1800 # seconds

version_id=$(sed -n 's/^VERSION_ID="*\([0-9]*\).*/\1/p' /etc/os-release)
if [ "${version_id:-0}" -lt 13 ]; then
    echo "AMX: left out: needs Bochs 3, which Debian 13 has: scripts/debian13.sh amx"
    exit 77
fi
scripts/install.sh build amx
rm -rf "$place/disk" "$place/module" "$place/root"
mkdir -p "$place"/{disk/isolinux,module,root/{lib,lib64,bin,proc,dev,tmp,tests}}

echo "== the tests"
cmake --preset release -B "$place/release" -DBUILD_TESTING=ON \
    -DCMAKE_C_FLAGS="-include $PWD/tests/system/amx/bochs.h" >"$place/build.log"
cmake --build "$place/release" --target "${tests[@]/#/test_tensor_}" >>"$place/build.log"
gcc -shared -fPIC -O1 -o "$place/root/lib/granted.so" tests/system/amx/granted.c
for test in "${tests[@]}"; do
    strip -o "$place/root/tests/$test" "$place/release/tests/test_tensor_$test"
    ldd "$place/root/tests/$test" | awk '$3 ~ /^\// {print $3}' | xargs cp -Lt "$place/root/lib"
done
cp -L /lib64/ld-linux-x86-64.so.2 "$place/root/lib64/"

echo "== Linux"
headers=$(apt-cache depends linux-headers-amd64 | sed -n 's/^ *Depends: \(linux-headers-[0-9].*\)/\1/p')
version=${headers#linux-headers-}
if [ ! -e "$place/image/boot/vmlinuz-$version" ]; then
    rm -rf "$place"/image "$place"/linux-image-*.deb
    (cd "$place" && apt-get -qq download "linux-image-$version")
    dpkg-deb -x "$place"/linux-image-*.deb "$place/image"
fi
cp tests/system/amx/tiles.c "$place/module/"
echo "obj-m := tiles.o" >"$place/module/Makefile"
make -s -C "/usr/src/$headers" M="$PWD/$place/module" modules
cp "$place/module/tiles.ko" tests/system/amx/init "$place/root/"
cp /usr/bin/busybox "$place/root/bin/"
(cd "$place/root" && find . | busybox cpio -o -H newc 2>/dev/null | gzip -1) >"$place/disk/initrd"
cp "$place/image/boot/vmlinuz-$version" "$place/disk/linux"
cp /usr/lib/ISOLINUX/isolinux.bin /usr/lib/syslinux/modules/bios/ldlinux.c32 "$place/disk/isolinux/"
# Without ACPI: Bochs fails at the one system management interrupt that Linux asks for.
cat >"$place/disk/isolinux/isolinux.cfg" <<END
default lockstep
prompt 0
label lockstep
 kernel /linux
 append initrd=/initrd console=ttyS0 quiet nokaslr mitigations=off acpi=off clearcpuid=amx_tile
END
(cd "$place" && xorriso -as mkisofs -quiet -o disk.iso -b isolinux/isolinux.bin \
    -c isolinux/boot.cat -no-emul-boot -boot-load-size 4 -boot-info-table disk)

echo "== Bochs"
cat >"$place/bochsrc" <<END
cpu: model=sapphire_rapids, ips=50000000
memory: guest=1024, host=1024
romimage: file=/usr/share/bochs/BIOS-bochs-latest
vgaromimage: file=/usr/share/bochs/VGABIOS-lgpl-latest
ata0-master: type=cdrom, path=$place/disk.iso, status=inserted
boot: cdrom
display_library: rfb, options="timeout=0"
com1: enabled=1, mode=file, dev=$place/serial.txt
clock: sync=none
log: $place/bochs.log
panic: action=fatal
END
: >"$place/serial.txt"
bochs -q -f "$place/bochsrc" >"$place/bochs.txt" 2>&1 </dev/null &
bochs=$!
trap 'kill $bochs 2>/dev/null || true' EXIT
while kill -0 $bochs 2>/dev/null && [ $SECONDS -lt $patience ]; do
    grep -aq "^THE END" "$place/serial.txt" && break
    sleep 2
done
grep -av '^\[' "$place/serial.txt" | tr -d '\r' || true
passed=$(grep -ac '^STATUS 0 ' "$place/serial.txt") || true
if [ "$passed" -ne ${#tests[@]} ]; then
    echo "AMX: $passed of ${#tests[@]} tests passed: $place/serial.txt, $place/bochs.log" >&2
    exit 1
fi
echo "AMX: ${#tests[@]} tests passed, emulated."
