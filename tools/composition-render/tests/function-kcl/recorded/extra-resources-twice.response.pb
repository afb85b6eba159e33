

extra-resources-twice<wqcannot process xr and state with the pipeline output in *v1.RunFunctionResponse: duplicate extra resource key "a" 