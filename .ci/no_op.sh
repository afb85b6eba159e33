#!/usr/bin/env bash
# A second build runs no action.
set -euo pipefail

out=$(./buck2 build //... 2>&1)
printf '%s\n' "$out" | tail -n 2
grep -q "executed: 0" <<<"$out"
