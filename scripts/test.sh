#!/bin/bash
# Everything a change must pass: packages, layering, format, sizes, scripts, a build without
# warnings by gcc and by clang, all tests, the unit tests under AddressSanitizer and UBSan,
# and a build with its shorter tests in a Debian 13 folder, where one can be made (as root).
# scripts/nightly.sh has what takes longer.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1
source scripts/stages.sh

run install scripts/install.sh build data scripts tests
run layers scripts/check_layers.py
run format scripts/check_format.sh
run size scripts/check_size.py
run scripts scripts/check_scripts.sh
run build scripts/build.sh release -DLOCKSTEP_WERROR=ON -DBUILD_TESTING=ON &&
    run tests tests release
run build-clang scripts/build.sh clang -DLOCKSTEP_WERROR=ON -DBUILD_TESTING=ON
export UBSAN_OPTIONS="print_stacktrace=1"
run build-asan scripts/build.sh asan -DLOCKSTEP_WERROR=ON -DBUILD_TESTING=ON --target unit_tests &&
    run tests-asan tests asan -L '^unit$'
run debian13 scripts/debian13.sh brief
summarize tests-asan tests debian13
