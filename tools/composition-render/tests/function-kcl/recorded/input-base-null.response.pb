

input-base-null<ZTinvalid function input: spec.Resources[0].base: Required value: base cannot be empty 