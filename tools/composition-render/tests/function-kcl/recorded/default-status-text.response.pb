

default-status-text<ìåcannot process xr and state with the pipeline output in *v1.RunFunctionResponse: cannot get templated composite status: cannot unmarshal value from JSON: json: cannot unmarshal string into Go value of type map[string]interface {} 