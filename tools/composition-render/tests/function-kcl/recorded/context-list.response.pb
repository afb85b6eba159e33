

context-list<áÚcannot process xr and state with the pipeline output in *v1.RunFunctionResponse: cannot get context resource: cannot unmarshal value from JSON: json: cannot unmarshal array into Go value of type map[string]interface {} 