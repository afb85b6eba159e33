#!/usr/bin/env bash
# Takes one prerequisite after the other off PATH: the launcher has to name it in one line and exit with 2.
set -uo pipefail

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
failed=0
for missing in git cc rustc cargo go python3; do
    mkdir -p "$scratch/$missing"
    for tool in sh uname readlink dirname printf git cc rustc cargo go python3; do
        path=$(command -v "$tool" 2>/dev/null) || continue
        [ "$tool" = "$missing" ] || [ ! -x "$path" ] || ln -sf "$path" "$scratch/$missing/$tool"
    done
    said=$(PATH=$scratch/$missing HERMETIC_CACHE=$scratch/cache ./buck2 build //... 2>&1)
    status=$?
    if [ "$status" -ne 2 ] || [[ $said != "buck2: $missing is missing: "* ]] || [ "$(wc -l <<<"$said")" -ne 1 ]; then
        printf 'without %s: exit %s, "%s"\n' "$missing" "$status" "$said"
        failed=1
    fi
done
exit "$failed"
