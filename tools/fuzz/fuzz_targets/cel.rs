//! Any text as a CEL rule: an error or a tree whose every node has a type.
#![no_main]

use cel_frontend::{Declarations, Type, check, parse};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    match parse(text) {
        Ok(tree) => {
            let declared = Declarations::default()
                .with("self", Type::map(Type::String, Type::Dyn))
                .with("oldSelf", Type::list(Type::Int));
            let _ = check(&tree, &declared);
        }
        Err(error) => {
            let _ = error.position(text);
        }
    }
});
