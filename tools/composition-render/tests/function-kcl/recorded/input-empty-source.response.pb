

input-empty-source<UOinvalid function input: spec.source: Required value: kcl source cannot be empty 