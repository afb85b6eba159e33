// Kubernetes' own source, for the OpenAPI document in it. Data only: nothing of it is compiled.
module hermetic/judges/go_types/kubernetes

go 1.26

require k8s.io/kubernetes v1.37.2
