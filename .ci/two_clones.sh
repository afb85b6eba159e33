#!/usr/bin/env bash
# Builds a second clone in another folder, without the results of the first, and compares every output's digest.
# What cargo and Go have compiled is shared, as both take half an hour on two cores; with --cold it is not.
set -euo pipefail

here=$PWD
cache=${HERMETIC_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/hermetic}
scratch=$(mktemp -d)
trap 'chmod -R u+w "$scratch" 2>/dev/null; rm -rf "$scratch"' EXIT
git clone --quiet "$here" "$scratch/another/clone"
mkdir "$scratch/cache"
if [ "${1:-}" != --cold ]; then
    ln -s "$cache/cargo" "$cache/go" "$scratch/cache/"
fi
"$here/.ci/digests.sh" >"$scratch/first"
(cd "$scratch/another/clone" && HERMETIC_CACHE="$scratch/cache" "$here/.ci/digests.sh") >"$scratch/second"
diff "$scratch/first" "$scratch/second"
count=$(wc -l <"$scratch/first")
[ "$count" -gt 0 ]
echo "$count outputs are equal"
