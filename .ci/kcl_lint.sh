#!/usr/bin/env bash
# Checks the layout of our KCL files and lints them, with the packages that they import.
set -euo pipefail

built() { ./buck2 build "$1" --show-full-output 2>/dev/null | cut -d' ' -f2; }

libkcl=$(built toolchains//:libkcl)
kcl_lint=$(built //tools:kcl-lint)
"$kcl_lint" --libkcl "$libkcl" \
    --package "compositions=compositions/lib" \
    --package "frp_gateway=compositions/frp_gateway/lib" \
    --package "frp_gateway_kcl=$(built '//compositions/frp_gateway:models[kcl]')" \
    --package "digitalocean_kcl=$(built '//crds/digitalocean:models[kcl]')" \
    --package "k8s=$(built '//crds/k8s:k8s[kcl]')" \
    --package "contract=crds/contract" \
    --package "frp=$(built '//platform/frp:frp[kcl]')" \
    --package "frp_tunnel=platform/frp/lib" \
    --package "frp_edge=platform/frp/edge" \
    --package "frpc_kcl=platform/frp/compat/frpc_kcl" \
    --package "frps_kcl=platform/frp/compat/frps_kcl" \
    compositions crds platform
