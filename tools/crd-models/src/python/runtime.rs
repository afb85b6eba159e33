//! The files that the models share, as they are.

macro_rules! files {
    ($($name:literal),* $(,)?) => {
        [$(($name, include_str!(concat!("runtime/", $name)))),*]
    };
}

/// By path below the package `_runtime`.
pub const FILES: [(&str, &str); 31] = files![
    "__init__.py",
    "addresses.py",
    "builders.py",
    "cel/__init__.py",
    "cel/conversions.py",
    "cel/dynamic.py",
    "cel/formatting.py",
    "cel/lists.py",
    "cel/named_formats.py",
    "cel/networks.py",
    "cel/quantities.py",
    "cel/texts.py",
    "cel/times.py",
    "cel/values.py",
    "cel/versions.py",
    "checks.py",
    "conditions.py",
    "errors.py",
    "fields.py",
    "formats.py",
    "late.py",
    "mail.py",
    "metadata.py",
    "metadata_rules.py",
    "model.py",
    "numeric.py",
    "patterns.py",
    "plain.py",
    "schema.py",
    "times.py",
    "urls.py",
];

/// What loads the parts of packages: `_lazy.py`.
pub const LAZY: &str = include_str!("lazy.py");
