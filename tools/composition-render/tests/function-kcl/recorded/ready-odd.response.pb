

	ready-odd<ÈÁcannot process xr and state with the pipeline output in *v1.RunFunctionResponse: invalid function input: invalid "krm.kcl.dev/ready" annotation value "true": must be True, False, or Unspecified 