#!/usr/bin/env bash
# Mounts this repository as a cell of another one, and builds and tests there with its rules: with CRDs
# and a composition of its own. The engine is the launcher's choice.
#
# The other repository is rules/tests/second_repository; its BUCK files and its .buckconfig have other
# names there, since they mean nothing in this one.
set -euo pipefail

here=$(git rev-parse --show-toplevel)
second=$(mktemp -d)
cleanup() {
    # Real Buck2 leaves a daemon behind; the embedded engine has none.
    third_party/hermetic/buck2 kill >/dev/null 2>&1 || true
    chmod -R u+w "$second" 2>/dev/null
    rm -rf "$second"
}
trap cleanup EXIT
cp -r "$here/rules/tests/second_repository/." "$second"
mkdir "$second/third_party"
git clone --quiet "$here" "$second/third_party/hermetic"
cd "$second"
touch .buckroot
mv buckconfig .buckconfig
for folder in service store; do mv "$folder/BUCK.txt" "$folder/BUCK"; done

third_party/hermetic/buck2 build //...
third_party/hermetic/buck2 test //...
third_party/hermetic/buck2 build //store:asked --out asked.yaml
cat asked.yaml
grep -q '^kind: Bucket$' asked.yaml
