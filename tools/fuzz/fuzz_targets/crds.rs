//! Any text as a file of CRDs: an error or CRDs, never a crash.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Err(error) = kube_schema::parse_crds("crds.yaml", text) {
        let _ = error.diagnostic(|_| Some(text.to_owned()));
    }
});
