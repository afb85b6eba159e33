"""The public rules: `load("@hermetic//rules:defs.bzl", "kcl_render", …)`."""

load("//prelude_ext:fetch.bzl", _fetch_file = "fetch_file")
load("//prelude_ext:files.bzl", _alias = "alias", _export_file = "export_file", _filegroup = "filegroup")
load("//prelude_ext:go_module.bzl", _go_module_files = "go_module_files")
load("//prelude_ext:go_pins.bzl", _go_pins = "go_pins")
load("//prelude_ext:pin_module.bzl", _pin_module = "pin_module")
load(":composition.bzl", _composition = "composition", _composition_render = "composition_render")
load(":crd.bzl", _crd_bundle = "crd_bundle", _crd_models = "crd_models")
load(":crd_compat_test.bzl", _crd_compat_test = "crd_compat_test")
load(":crd_models_test.bzl", _crd_models_test = "crd_models_test")
load(":frp.bzl", _frp_verify_test = "frp_verify_test")
load(":go_types.bzl", _go_types = "go_types")
load(":golden_test.bzl", _golden_test = "golden_test")
load(":kcl.bzl", _kcl_library = "kcl_library", _kcl_lint_test = "kcl_lint_test", _kcl_render = "kcl_render", _kcl_test = "kcl_test")
load(":null_safety_test.bzl", _null_safety_test = "null_safety_test")
load(":pytest.bzl", _pytest = "pytest")
load(":resource_validate_test.bzl", _resource_validate_test = "resource_validate_test")
load(":rust.bzl", _rust_test = "rust_test", _rust_workspace = "rust_workspace")
load(":structural_test.bzl", _structural_test = "structural_test")
load(":type_models.bzl", _type_models = "type_models")

alias = _alias
composition = _composition
composition_render = _composition_render
crd_bundle = _crd_bundle
crd_compat_test = _crd_compat_test
crd_models = _crd_models
crd_models_test = _crd_models_test
export_file = _export_file
fetch_file = _fetch_file
filegroup = _filegroup
frp_verify_test = _frp_verify_test
go_module_files = _go_module_files
go_pins = _go_pins
go_types = _go_types
golden_test = _golden_test
kcl_library = _kcl_library
kcl_lint_test = _kcl_lint_test
kcl_render = _kcl_render
kcl_test = _kcl_test
null_safety_test = _null_safety_test
pin_module = _pin_module
pytest = _pytest
resource_validate_test = _resource_validate_test
rust_test = _rust_test
rust_workspace = _rust_workspace
structural_test = _structural_test
type_models = _type_models
