#!/bin/bash
# Fail, and say where, if a C or C++ file is not as clang-format leaves it, or has a
# line that is too long: clang-format does not wrap comments. Versions differ in what they
# make of the same style, so one judges (Debian 12's); where there is another, lengths alone.
# To mend all but long lines: scripts/check_format.sh --fix
set -euo pipefail
cd "$(dirname "$0")/.."

mode=(--dry-run -Werror)
[ "${1:-}" != --fix ] || mode=(-i)
judge=14
mapfile -t files < <(find include src tests -name '*.[ch]' -o -name '*.cc' | sort)
formatter=$(command -v clang-format-$judge || command -v clang-format)
version=$("$formatter" --version | sed -n 's/.*version \([0-9]*\).*/\1/p')
if [ "$version" = $judge ]; then
    "$formatter" --style=file "${mode[@]}" "${files[@]}"
else
    echo "Format: layout left out: clang-format $version is here, not $judge." >&2
fi

columns=$(sed -n 's/^ColumnLimit: *//p' .clang-format)
if LC_ALL=C.UTF-8 grep -nHE ".{$((columns + 1))}" "${files[@]}"; then
    echo "Format: the lines above have more than $columns columns: wrap them" >&2
    exit 1
fi
echo "Format: ${#files[@]} files."
