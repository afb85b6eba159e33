//! Any RE2 expression in Rust's syntax compiles, or is none.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let _ = crd_models::pattern::to_rust(text);
});
