
%
required-resources-label-number<‰cannot process xr and state with the pipeline output in *v1.RunFunctionResponse: cannot get required resources requirements: cannot unmarshal value from JSON: json: cannot unmarshal number into Go struct field RequiredResourcesRequirement.matchLabels of type string 