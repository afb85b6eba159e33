

input-base-missing<rlinvalid function input: spec.Resources: Required value: PatchResources target requires at least one resource 