#!/usr/bin/env bash
# Prints the digest of every default output of every target of the checkout it is called in, by target.
set -euo pipefail

./buck2 build //... --show-output 2>/dev/null | LC_ALL=C sort | while read -r target path; do
    if [ -d "$path" ]; then
        digest=$(cd "$path" && find . -type f -exec sha256sum {} + | LC_ALL=C sort -k2 | sha256sum)
    elif [ -n "$path" ]; then
        digest=$(sha256sum <"$path")
    else
        digest='- (no single output)'
    fi
    printf '%s %s\n' "${digest%% *}" "$target"
done
