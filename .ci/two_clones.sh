#!/usr/bin/env bash
# Builds a second clone in another folder with an empty cache and compares every output's digest.
set -euo pipefail

here=$PWD
scratch=$(mktemp -d)
trap 'chmod -R u+w "$scratch" 2>/dev/null; rm -rf "$scratch"' EXIT
git clone --quiet "$here" "$scratch/another/clone"
"$here/.ci/digests.sh" >"$scratch/first"
(cd "$scratch/another/clone" && HERMETIC_CACHE="$scratch/cache" "$here/.ci/digests.sh") >"$scratch/second"
diff "$scratch/first" "$scratch/second"
count=$(wc -l <"$scratch/first")
[ "$count" -gt 0 ]
echo "$count outputs are equal"
