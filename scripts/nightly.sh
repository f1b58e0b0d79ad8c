#!/bin/bash
# What takes too long for every change: all tests under AddressSanitizer and UBSan, the unit
# and mpi tests under ThreadSanitizer, files changed at random under the first, kills and restarts
# by the hundred, both of the README's commands in Debian 13, and the kernels for AMX there,
# emulated.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1
echo "Nightly tests: about 105 min on two busy cores."
source scripts/stages.sh

run install scripts/install.sh build data scripts tests slurm gridengine simulation
export UBSAN_OPTIONS="print_stacktrace=1"
run build-asan scripts/build.sh asan -DLOCKSTEP_WERROR=ON -DBUILD_TESTING=ON &&
    run tests-asan tests asan &&
    run mutations env LOCKSTEP="$PWD/build/asan/lockstep" \
        LOCKSTEP_READ_FILES="$PWD/build/asan/tests/read_files" \
        /usr/bin/python3 tests/system/mutations.py 4000 "$(date +%Y%m%d)"
run build-tsan scripts/build.sh tsan -DLOCKSTEP_WERROR=ON -DBUILD_TESTING=ON &&
    run tests-tsan tests tsan -L '^(unit|mpi)$'
run build-release scripts/build.sh release --target lockstep &&
    run soak /usr/bin/python3 tests/system/soak.py 300
run debian13 scripts/debian13.sh
run amx scripts/debian13.sh amx
summarize tests-asan mutations tests-tsan
