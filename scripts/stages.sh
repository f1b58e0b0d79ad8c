# shellcheck shell=bash
# Sourced by test.sh and nightly.sh: stages that go on after a failure, so that one run
# shows them all, and a summary. Logs are in build/logs.

logs=build/logs
rm -rf "$logs" && mkdir -p "$logs"
results=()
failed=0

# run NAME COMMAND...: one stage, its output also in build/logs/NAME.log. A command that
# ends with 77 could not work here; its last line says why.
run() {
    local name=$1 code start=$SECONDS
    shift
    echo
    echo "== $name"
    "$@" 2>&1 | tee "$logs/$name.log"
    code=${PIPESTATUS[0]}
    if [ "$code" -eq 0 ]; then
        results+=("passed  $name ($((SECONDS - start)) s)")
    elif [ "$code" -eq 77 ]; then
        results+=("skipped $name: $(tail -n 1 "$logs/$name.log")")
    else
        results+=("FAILED  $name ($((SECONDS - start)) s), see $logs/$name.log")
        failed=1
    fi
    return "$code"
}

# tests PRESET [CTEST-OPTION...], and what was left out, and why
tests() {
    local code=0
    ctest --preset "$1" -j "$(nproc)" --timeout 600 --no-tests=error "${@:2}" || code=$?
    grep -Eho "(virtual (hosts|Slurm|Grid Engine)|simulation) left out: [a-z][^']*" "build/$1/Testing/Temporary/LastTest.log" | sort -u
    return "$code"
}

# summarize STAGE...: all results, the counts of those stages of tests, and the exit.
summarize() {
    local stage
    echo
    echo "== summary"
    printf '%s\n' "${results[@]}"
    for stage in "$@"; do
        [ -f "$logs/$stage.log" ] && grep -E '^[0-9]+% tests passed|^Total Test time' "$logs/$stage.log"
    done
    exit "$failed"
}
