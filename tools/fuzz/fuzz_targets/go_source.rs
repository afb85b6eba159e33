//! Any text as a Go file: an error or types, never a crash.
#![no_main]

use go_schema::{Module, Options, Program, document};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let files = [("a.go".to_owned(), text.to_owned())].into();
    let program = Program::new(vec![Module::of_texts("example.org/m", files)]);
    if let Err(error) = document(&program, &[".".to_owned()], &[], &Options::default()) {
        let _ = error.into_diagnostic();
    }
});
