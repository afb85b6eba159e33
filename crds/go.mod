// The modules whose zips carry the CRDs and the Go types of this folder. Data only: nothing here is compiled.
module hermetic.dev/crds

go 1.26

require (
	github.com/cert-manager/cert-manager v1.21.2
	github.com/crossplane-contrib/function-kcl v0.10.10
	github.com/crossplane/crossplane/v2 v2.4.0
	github.com/fluxcd/helm-controller v1.6.0
	github.com/fluxcd/kustomize-controller v1.9.3
	github.com/fluxcd/source-controller v1.9.3
	github.com/traefik/traefik/v3 v3.7.13
	k8s.io/api v0.37.2
	k8s.io/apimachinery v0.37.2
)
