#!/bin/bash
# Fail, and say where, if a C or C++ file is not as clang-format leaves it.
# To mend: scripts/check_format.sh --fix
set -euo pipefail
cd "$(dirname "$0")/.."

mode=(--dry-run -Werror)
[ "${1:-}" != --fix ] || mode=(-i)
mapfile -t files < <(find include src tests -name '*.[ch]' -o -name '*.cc' | sort)
clang-format --style=file "${mode[@]}" "${files[@]}"
echo "Format: ${#files[@]} files."
