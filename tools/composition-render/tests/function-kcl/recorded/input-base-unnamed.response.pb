

input-base-unnamed<ZTinvalid function input: spec.Resources[0].name: Required value: name cannot be empty 