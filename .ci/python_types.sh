#!/usr/bin/env bash
# Checks the Python models of every group with basedpyright in strict mode and with ruff; the argument is the
# folder of a virtual environment that has both and what the models import.
set -euo pipefail

venv=$1
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
mapfile -t targets < <(./buck2 targets //crds/... //compositions/... 2>/dev/null | grep -E ':(\w+_)?models$')
[ "${#targets[@]}" -gt 0 ]
for target in "${targets[@]}"; do
    models=$(./buck2 build "${target}[python]" --show-full-output 2>/dev/null | cut -d' ' -f2)
    cp -rL "$models"/. "$scratch"
done
cat >"$scratch/pyrightconfig.json" <<END
{"typeCheckingMode": "strict", "pythonVersion": "3.11", "venvPath": "$(dirname "$venv")", "venv": "$(basename "$venv")"}
END
"$venv/bin/basedpyright" --project "$scratch"
"$venv/bin/ruff" check --config ruff.toml "$scratch"
