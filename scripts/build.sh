#!/bin/bash
# Configure and build a preset: build/PRESET/lockstep and its tests.
#
#   scripts/build.sh [PRESET] [-DKEY=VALUE...] [--target NAME]     default: release
set -euo pipefail
cd "$(dirname "$0")/.."

preset=release
case ${1:-} in
debug | release | asan | tsan | clang) preset=$1; shift ;;
esac
settings=()
targets=()
while [ $# -gt 0 ]; do
    case $1 in
    -D*) settings+=("$1") ;;
    --target) targets+=(--target "$2"); shift ;;
    *) echo "usage: scripts/build.sh [debug|release|asan|tsan|clang] [-DKEY=VALUE...] [--target NAME]" >&2
       exit 2 ;;
    esac
    shift
done

# A folder keeps the generator it was made with.
generator=()
if [ ! -f "build/$preset/CMakeCache.txt" ] && command -v ninja >/dev/null; then
    generator=(-G Ninja)
fi
echo "Building build/$preset ..."
cmake --preset "$preset" "${generator[@]}" "${settings[@]}" --log-level=WARNING >/dev/null
cmake --build --preset "$preset" -j "${LOCKSTEP_JOBS:-$(nproc)}" "${targets[@]}"
