#!/bin/bash
# From a bare Debian 12 or 13 to a model that pronounces English words: installs, builds,
# makes the data, trains on 2 ranks, decodes a few words and prints the test's
# errors. Run again it goes on where it was; all done, it only shows the result.
set -euo pipefail
cd "$(dirname "$0")/.."
started=$SECONDS

config=configs/cmudict-quick.yaml
words=(lockstep transformer gradient debian orchestra thoughtful rhythm)

step() {
    echo
    echo "== $*"
}

step "1/5 packages"
scripts/install.sh build data

step "2/5 building the program"
scripts/build.sh release --target lockstep
lockstep=build/release/lockstep

step "3/5 data: English spelling to phonemes, from Debian's pocketsphinx-en-us"
if [ -s data/cmudict-quick/test.tsv ]; then
    wc -l data/cmudict-quick/*.tsv
else
    scripts/cmudict.py data/cmudict-quick
fi

step "4/5 training on 2 ranks (Ctrl-C saves; run this again to go on)"
scripts/run.sh -n 2 "$config" || {
    code=$?
    [ "$code" -le 128 ] || echo "Stopped with the state saved: run scripts/quickstart.sh again to go on."
    exit "$code"
}

step "5/5 what it learned"
run=$($lockstep config "$config" | sed -n 's/^ *folder: *//p' | head -n 1 | tr -d \"\')
printf '%s\n' "${words[@]}" | $lockstep predict "$run" | paste <(printf '%s\n' "${words[@]}") - |
    while IFS=$'\t' read -r word phonemes; do printf '  %-14s %s\n' "$word" "$phonemes"; done
echo
echo "Scoring the test words, none of which it has seen ..."
score=$($lockstep score "$run" --summary --json)
share() { sed -n "s/.*\"$1\": \([0-9.]*\).*/\1/p" <<<"$score"; }
awk -v per="$(share per)" -v exact="$(share exact)" -v words="$(share sources)" 'BEGIN {
    printf "  test PER %.1f%%, WER %.1f%%\n", per, 100 - exact
    printf "  (phoneme errors against the nearest pronunciation, and words of %d with any)\n", words
}'
echo
echo "Quick start: done in $(((SECONDS - started) / 60)) min $(((SECONDS - started) % 60)) s." \
    "The run is in $run; try: echo hello | $lockstep predict $run"
