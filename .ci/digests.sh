#!/usr/bin/env bash
# Prints the digest of every output of the checkout it is called in, by target: each default output,
# and the parts of models.
set -euo pipefail

built() { ./buck2 build "$@" --show-output 2>/dev/null; }

all=$(built //...)
# A target with several outputs is shown without a path; its parts are asked for by name.
mapfile -t models < <(awk 'NF == 1 && $1 ~ /models$/ { print $1 "[kcl]"; print $1 "[python]"; print $1 "[jsonschema]" }' <<<"$all")
{
    awk 'NF == 2' <<<"$all"
    built "${models[@]}"
} | LC_ALL=C sort | while read -r target path; do
    if [ -d "$path" ]; then
        digest=$(cd "$path" &&
            find . -type f -exec sha256sum {} + | LC_ALL=C sort -k2 | sha256sum)
    else
        digest=$(sha256sum <"$path")
    fi
    printf '%s %s\n' "$(printf '%s' "$digest" | sha256sum | cut -d' ' -f1)" "$target"
done
