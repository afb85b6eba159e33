

conditions-missing<‘Šcannot process xr and state with the pipeline output in *v1.RunFunctionResponse: cannot get condition resources: conditions: no such field 