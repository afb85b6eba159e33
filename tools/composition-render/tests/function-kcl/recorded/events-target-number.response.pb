

events-target-number<úócannot process xr and state with the pipeline output in *v1.RunFunctionResponse: cannot get event resources: cannot unmarshal value from JSON: json: cannot unmarshal number into Go struct field CreateEvent.target of type resource.BindingTarget 