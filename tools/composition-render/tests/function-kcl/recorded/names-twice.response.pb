

names-twice<–cannot process xr and state with the pipeline output in *v1.RunFunctionResponse: multiple composed resources with name "a" returned: ConfigMap/a and Secret/a. Set different metadata.name or metadata.annotations."krm.kcl.dev/composition-resource-name" to distinguish them. 