// The modules whose types and documents are compared. Data only: nothing of them is compiled.
module hermetic/judges/go_types/modules

go 1.26

require (
	github.com/cert-manager/cert-manager v1.21.2
	k8s.io/api v0.37.2
	k8s.io/apiextensions-apiserver v0.37.2
	k8s.io/apimachinery v0.37.2
	k8s.io/kubernetes v1.37.2
	sigs.k8s.io/gateway-api v1.6.0
)
