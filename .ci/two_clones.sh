#!/usr/bin/env bash
# Builds a second clone in another folder, without the results of the first, and compares every output's digest.
# What cargo and Go have compiled is kept, as that takes a quarter of an hour; with --cold it is not. Nothing else
# may use the cache meanwhile: its results are put aside.
set -euo pipefail

here=$PWD
cache=${HERMETIC_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/hermetic}
scratch=$(mktemp -d)
restore() {
    if [ -d "$cache/v1.aside" ]; then
        chmod -R u+w "$cache/v1"
        rm -rf "$cache/v1"
        mv "$cache/v1.aside" "$cache/v1"
    fi
    chmod -R u+w "$scratch" 2>/dev/null
    rm -rf "$scratch"
}
trap restore EXIT
git clone --quiet "$here" "$scratch/another/clone"
"$here/.ci/digests.sh" >"$scratch/first"
if [ "${1:-}" = --cold ]; then
    cache=$scratch/cache
else
    mv "$cache/v1" "$cache/v1.aside"
fi
(cd "$scratch/another/clone" && HERMETIC_CACHE=$cache "$here/.ci/digests.sh") >"$scratch/second"
diff "$scratch/first" "$scratch/second"
count=$(wc -l <"$scratch/first")
[ "$count" -gt 0 ]
echo "$count outputs are equal"
