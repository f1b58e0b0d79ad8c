#!/bin/bash
# Fail, and say where, if shellcheck finds fault with a script.
set -euo pipefail
cd "$(dirname "$0")/.."

scripts=(scripts/*.sh scripts/run/*.sh scripts/submit/*.sh scripts/packaging/*.sh
         tests/system/*/*.sh .ci/run)
shellcheck --external-sources "${scripts[@]}"
echo "Scripts: ${#scripts[@]} files."
