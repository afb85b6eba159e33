#!/usr/bin/env bash
# Builds a clone with real Buck2, another with the embedded engine, and compares every output's digest,
# and all that a query says of every target.
set -euo pipefail

here=$PWD
real=${BUCK2:-$(command -v buck2)}
scratch=$(mktemp -d)
cleanup() {
    (cd "$scratch/real" 2>/dev/null && "$real" kill >/dev/null 2>&1) || true
    chmod -R u+w "$scratch" 2>/dev/null
    rm -rf "$scratch"
}
trap cleanup EXIT
git clone --quiet "$here" "$scratch/real"
git clone --quiet "$here" "$scratch/embedded"
without=$(printf '%s' "$PATH" | tr ':' '\n' | grep -vxF "$(dirname -- "$real")" | paste -sd:)
(cd "$scratch/embedded" && unset BUCK2 && PATH=$without "$here/.ci/digests.sh") >"$scratch/first"
(cd "$scratch/real" && BUCK2=$real "$here/.ci/digests.sh") >"$scratch/second"
diff "$scratch/first" "$scratch/second"
count=$(wc -l <"$scratch/first")
[ "$count" -gt 0 ]
echo "$count outputs are equal on both engines"

(cd "$scratch/embedded" && unset BUCK2 && PATH=$without ./buck2 uquery -A //...) >"$scratch/first" 2>/dev/null
(cd "$scratch/real" && BUCK2=$real ./buck2 uquery -A //...) >"$scratch/second" 2>/dev/null
diff "$scratch/first" "$scratch/second"
echo "$(wc -l <"$scratch/first") lines about targets are equal on both engines"
