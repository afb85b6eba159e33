#!/usr/bin/env bash
# Makes one mistake after the other in a clone: each has to be refused, with its place and a remedy.
# The engine is the launcher's choice.
set -uo pipefail

here=$PWD
scratch=$(mktemp -d)
clone=$scratch/clone
cleanup() {
    (cd "$clone" && ./buck2 kill >/dev/null 2>&1)
    chmod -R u+w "$scratch" 2>/dev/null
    rm -rf "$scratch"
}
trap cleanup EXIT
git clone --quiet "$here" "$clone"
cd "$clone" || exit 2
mkdir mistake
failed=0 count=0

# refused NAME TARGET PATTERN…: the build of TARGET fails, and every extended regular expression matches
# what it says. Then the clone is as it was.
refused() {
    local name=$1 target=$2 said status pattern wrong=()
    shift 2
    said=$(./buck2 build "$target" 2>&1 | sed 's/\x1b\[[0-9;]*m//g')
    status=${PIPESTATUS[0]}
    [ "$status" -ne 0 ] || wrong+=('it was built')
    for pattern in "$@"; do
        grep -qE -- "$pattern" <<<"$said" || wrong+=("it does not say: $pattern")
    done
    count=$((count + 1))
    if [ "${#wrong[@]}" -gt 0 ]; then
        failed=$((failed + 1))
        printf 'FAILED: %s\n' "$name"
        printf '  %s\n' "${wrong[@]}"
        printf '%s\n' "$said" | tail -n 40 | sed 's/^/    /'
    fi
    git checkout --quiet . && git clean --quiet -fd -e buck-out && mkdir mistake
}

# A bundle and its models; the CRD comes on stdin.
models() {
    cat >mistake/crd.yaml
    cat >mistake/BUCK <<'END'
load("//rules:defs.bzl", "crd_bundle", "crd_models")

crd_bundle(name = "crds", srcs = ["crd.yaml"])
crd_models(name = "models", crds = ":crds", package = "mistake_kcl")
END
}

# ---- CRDs

models <<'END'
apiVersion: apiextensions.k8s.io/v1
kind: [CustomResourceDefinition
END
refused 'a CRD that is not YAML' //mistake:models 'crd\.yaml:[23]:[0-9]+' 'not YAML'

models <<'END'
apiVersion: v1
kind: ConfigMap
metadata: {name: settings}
END
refused 'a file that is no CRD' //mistake:models 'crd\.yaml:1:1' 'not a CRD: found kind ConfigMap of v1' 'narrow what the bundle includes'

models <<'END'
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgets.example.org}
spec:
  group: example.org
  scope: Namespaced
  names: {kind: Widget, plural: widgets}
  versions:
  - {name: v1, served: true, storage: true}
END
refused 'a CRD without a schema' //mistake:models 'crd\.yaml:9:[0-9]+' 'version v1 has no schema' 'schema\.openAPIV3Schema'

# ---- BUCK files

cat >mistake/BUCK <<'END'
load("//rules:defs.bzl", "kcl_library")

kcl_library(name = "twice", srcs = [])
kcl_library(name = "twice", srcs = [])
END
refused 'a duplicate target' //mistake:twice 'mistake/BUCK' 'twice'

cat >mistake/a.bzl <<'END'
load(":b.bzl", "b")
a = b
END
cat >mistake/b.bzl <<'END'
load(":a.bzl", "a")
b = a
END
echo 'load(":a.bzl", "a")' >mistake/BUCK
refused 'a load cycle' //mistake: '[Cc]ycle' 'a\.bzl' 'b\.bzl'

cat >mistake/BUCK <<'END'
load("//rules:defs.bzl", "kcl_library")

kcl_library(name = "hen", srcs = [], deps = [":egg"])
kcl_library(name = "egg", srcs = [], deps = [":hen"])
END
refused 'a dependency cycle' //mistake:hen '[Cc]ycl' 'mistake:hen' 'mistake:egg'

cat >mistake/BUCK <<'END'
load("//rules:defs.bzl", "kcl_library")

kcl_library(name = "lib", srcs = ["absent.k"])
END
refused 'a missing file' //mistake:lib 'mistake/BUCK|mistake:lib|//mistake' 'absent\.k'

# ---- pins

digit() { tr 0-9a-f 1-9a-f0; }

line=$(grep -n '^checksum = ' tools/Cargo.lock | head -n 1 | cut -d: -f1)
sed -i "${line}s/checksum = \"\(.\)/checksum = \"$(sed -n "${line}s/checksum = \"\(.\).*/\1/p" tools/Cargo.lock | digit)/" tools/Cargo.lock
refused 'a wrong hash of a crate' //tools:crates 'Cargo\.lock' 'restore'

sed -i "${line}d" tools/Cargo.lock
refused 'a missing hash of a crate' //tools:crates 'Cargo\.lock' 'checksum'

for pin in kcl-lib requirements; do
    target=$([ "$pin" = kcl-lib ] && echo toolchains//:libkcl || echo toolchains//:python_packages)
    sed -i 's/sha256:[0-9a-f]\{8\}/sha256:00000000/' "toolchains/pins/$pin.txt"
    refused "a wrong hash in $pin.txt" "$target" "$pin\.txt" '[Hh]ash'
    sed -i '/--hash/d; s/ *\\$//' "toolchains/pins/$pin.txt"
    refused "missing hashes in $pin.txt" "$target" "$pin\.txt|--require-hashes" '[Hh]ash'
done

sed -i 's/\(cert-manager v[0-9.]* h1:\)..../\1AAAA/' crds/go.sum
refused 'a wrong hash of a module' //crds/cert_manager:crds 'crds/go\.sum' 'is not the pinned one' 'find out which hash is right'

sed -i '/cert-manager v[0-9.]* h1:/d' crds/go.sum
refused 'a missing hash of a module' //crds/cert_manager:crds 'go\.sum' 'cert-manager'

cat >mistake/BUCK <<'END'
load("//rules:defs.bzl", "crd_bundle")

crd_bundle(name = "crds", url = "https://example.org/crds.yaml")
END
refused 'a missing hash of a URL' //mistake:crds 'mistake' 'sha256'

# ---- KCL

cat >mistake/main.k <<'END'
replicas = 3
items = [{kind = "Widget", spec.replicas = replicas}
END
cat >mistake/BUCK <<'END'
load("//rules:defs.bzl", "kcl_render")

kcl_render(name = "render", srcs = ["main.k"])
END
refused 'a KCL syntax error' //mistake:render 'mistake/main\.k:[23]:[0-9]+' 'items = \['

printf '%d mistakes, %d not refused as they should be\n' "$count" "$failed"
[ "$failed" -eq 0 ]
