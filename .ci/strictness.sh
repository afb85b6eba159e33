#!/usr/bin/env bash
# Judges the small repositories in tools/engine/cli/fixtures: what Buck2 refuses has to be refused, what
# it takes has to give the same outputs. The embedded engine is judged always, a real Buck2 if BUCK2 names
# one or one is on PATH. UPDATE_GOLDEN=1 writes down what the engines say.
set -euo pipefail

real=${BUCK2:-$(command -v buck2 || true)}
unset BUCK2
without=$PATH
if [ -n "$real" ]; then
    real=$(readlink -f -- "$real")
    without=$(printf '%s' "$PATH" | tr ':' '\n' | grep -vxF "$(dirname -- "$real")" | paste -sd:)
fi
output() { PATH=$without ./buck2 build "//tools:workspace$1" --show-simple-output; }
test=$PWD/$(output '[tests][buck2-embedded.strictness]')
binary=$PWD/$(output '[bin][buck2-embedded]')

said=$(mktemp)
trap 'rm -f "$said"' EXIT
status=0
(
    cd tools/engine/cli
    [ -z "$real" ] || export JUDGE_BUCK2=$real
    HERMETIC_BIN_DIR=$(dirname -- "$binary") "$test" --nocapture
) 2>&1 | tee "$said" || status=$?

# The lines `topic: N rejected, N accepted, …, N wrong, …`, added up.
awk -v real="${real:-}" '
    / wrong, (compared|without)/ {
        sub(/^[a-z_]+: /, "")
        parts = split($0, part, ", ")
        for (i = 1; i <= parts; i++)
            if (split(part[i], word, " ") == 2 && word[1] + 0 == word[1]) count[word[2]] += word[1]
    }
    END {
        printf "%d repositories rejected by both engines, %d by the embedded one alone, %d accepted, %d commands that print, %d runs of tests; %d differences\n",
            count["rejected"], count["stricter"], count["accepted"], count["prints"], count["tests"], count["wrong"]
        print real == "" ? "There is no real Buck2 (neither BUCK2 nor on PATH): only the embedded engine was judged." : "Compared with " real "."
    }' "$said"
exit "$status"
