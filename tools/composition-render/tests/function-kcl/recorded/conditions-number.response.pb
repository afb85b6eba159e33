

conditions-number<÷ðcannot process xr and state with the pipeline output in *v1.RunFunctionResponse: cannot get condition resources: cannot unmarshal value from JSON: json: cannot unmarshal number into Go struct field Condition.condition.message of type string 