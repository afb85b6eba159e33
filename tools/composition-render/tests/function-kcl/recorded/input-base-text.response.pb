

input-base-text<£œcannot parse data resources from the pipeline output in *v1.RunFunctionResponse: json: cannot unmarshal string into Go value of type map[string]interface {} 