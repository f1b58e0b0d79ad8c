#!/bin/bash
# Everything a change must pass: packages, layering, format, a build without
# warnings, all tests, and the unit tests under AddressSanitizer and UBSan.
# Goes on after a failure, so that one run shows them all.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1

logs=build/logs
rm -rf "$logs" && mkdir -p "$logs"
results=()
failed=0

# run NAME COMMAND...: one stage, its output also in build/logs/NAME.log
run() {
    local name=$1 code start=$SECONDS
    shift
    echo
    echo "== $name"
    "$@" 2>&1 | tee "$logs/$name.log"
    code=${PIPESTATUS[0]}
    if [ "$code" -eq 0 ]; then
        results+=("passed  $name ($((SECONDS - start)) s)")
    else
        results+=("FAILED  $name ($((SECONDS - start)) s), see $logs/$name.log")
        failed=1
    fi
    return "$code"
}

tests() {
    ctest --preset "$1" -j "$(nproc)" --timeout 600 --no-tests=error "${@:2}"
}

run install scripts/install.sh build data scripts tests
run layers scripts/check_layers.py
run format scripts/check_format.sh
run build scripts/build.sh release -DLOCKSTEP_WERROR=ON -DBUILD_TESTING=ON &&
    run tests tests release
export UBSAN_OPTIONS="print_stacktrace=1"
run build-asan scripts/build.sh asan -DLOCKSTEP_WERROR=ON -DBUILD_TESTING=ON --target unit_tests &&
    run tests-asan tests asan -L '^unit$'

echo
echo "== summary"
printf '%s\n' "${results[@]}"
for log in tests-asan tests; do
    [ -f "$logs/$log.log" ] && grep -E '^[0-9]+% tests passed|^Total Test time' "$logs/$log.log"
done
exit "$failed"
