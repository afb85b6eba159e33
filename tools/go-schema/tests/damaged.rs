//! Source that was damaged: it is refused, or read, and never crashes the reader.

#![allow(clippy::unwrap_used)]

use diagnostics::render_text;
use go_schema::{Enums, Module, Options, Program, document};
use std::collections::BTreeMap;
use std::path::Path;

type Files = BTreeMap<String, String>;

fn files(root: &str) -> Files {
    let root = Path::new("tests/fixtures").join(root);
    let entries = walkdir::WalkDir::new(&root).sort_by_file_name();
    let files = entries
        .into_iter()
        .flatten()
        .filter(|e| e.path().extension().is_some_and(|ext| ext == "go"));
    files
        .map(|entry| {
            let name = entry.path().strip_prefix(&root).unwrap();
            let text = std::fs::read_to_string(entry.path()).unwrap();
            (name.to_string_lossy().into_owned(), text)
        })
        .collect()
}

/// Numbers that are the same each time (Knuth's linear congruential generator).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % limit.max(1)
    }
}

/// Cuts a piece out, writes one twice, or puts a sign somewhere.
fn damage(text: &str, numbers: &mut Numbers) -> String {
    let boundary = |at: usize| {
        (at..=text.len())
            .find(|at| text.is_char_boundary(*at))
            .unwrap()
    };
    let from = boundary(numbers.below(text.len()));
    let to = boundary((from + numbers.below(40)).min(text.len()));
    let signs = [
        "{",
        "}",
        "(",
        "[",
        "*",
        "`",
        "\"",
        "/*",
        "\n",
        "type ",
        "=",
        ".",
        "interface{",
        "func",
    ];
    let piece = match numbers.below(3) {
        0 => String::new(),
        1 => text[from..to].repeat(2),
        _ => signs[numbers.below(signs.len())].to_owned() + &text[from..to],
    };
    format!("{}{piece}{}", &text[..from], &text[to..])
}

#[test]
fn damaged_source_is_refused_or_read() {
    let mut numbers = Numbers(1);
    let mut refused = 0;
    let mut read = 0;
    for (root, path) in [
        ("shapes", "example.org/shapes"),
        ("unions", "example.org/unions"),
    ] {
        let whole = files(root);
        for _ in 0..300 {
            let mut damaged = whole.clone();
            let name = damaged
                .keys()
                .nth(numbers.below(damaged.len()))
                .unwrap()
                .clone();
            let text = damage(&damaged[&name], &mut numbers);
            damaged.insert(name, text);
            let program = Program::new(vec![Module::of_texts(path, damaged)]);
            let options = Options {
                enums: Enums::Constants,
                ..Options::default()
            };
            match document(&program, &["./...".to_owned()], &[], &options) {
                Ok(_) => read += 1,
                Err(error) => {
                    assert!(!render_text(&error.into_diagnostic()).is_empty());
                    refused += 1;
                }
            }
        }
    }
    assert!(refused > 150 && read > 50, "{refused} refused, {read} read");
}
