

meta-unknown<ÐÉcannot process xr and state with the pipeline output in *v1.RunFunctionResponse: invalid kind "Weather" for apiVersion "meta.krm.kcl.dev/v1alpha1" - must be CompositeConnectionDetails or ExtraResources 