#!/bin/bash
# Fail, and say where, if a C or C++ file is not as clang-format leaves it, or has a
# line that is too long: clang-format does not wrap comments.
# To mend all but long lines: scripts/check_format.sh --fix
set -euo pipefail
cd "$(dirname "$0")/.."

mode=(--dry-run -Werror)
[ "${1:-}" != --fix ] || mode=(-i)
mapfile -t files < <(find include src tests -name '*.[ch]' -o -name '*.cc' | sort)
clang-format --style=file "${mode[@]}" "${files[@]}"

columns=$(sed -n 's/^ColumnLimit: *//p' .clang-format)
if LC_ALL=C.UTF-8 grep -nHE ".{$((columns + 1))}" "${files[@]}"; then
    echo "Format: the lines above have more than $columns columns: wrap them" >&2
    exit 1
fi
echo "Format: ${#files[@]} files."
