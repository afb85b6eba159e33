//! The key under which an action's outputs are kept: a digest of all that could change them.

use build_graph::{Action, ActionKind, Artifact, OutputKind};
use store::{Content, Digest, Hasher};

use crate::privileges::Privileges;

/// Raised when the same action may give other outputs than before.
const VERSION: &str = "hermetic action 1";

/// The key of `action`, with `content` telling what each artifact it uses holds.
pub(crate) fn action_key(action: &Action, content: &dyn Fn(&Artifact) -> Content) -> Digest {
    let mut hasher = Hasher::default();
    hasher.text(VERSION.as_bytes());
    match &action.kind {
        ActionKind::Run(run) => {
            hasher.text(b"run");
            hasher.text(Privileges::of(&action.category).name().as_bytes());
            number(&mut hasher, run.argv.len());
            for word in &run.argv {
                hasher.text(word.as_bytes());
            }
            number(&mut hasher, run.env.len());
            for (name, value) in &run.env {
                hasher.text(name.as_bytes());
                hasher.text(value.as_bytes());
            }
            number(&mut hasher, action.inputs.len());
            for input in &action.inputs {
                add_content(&mut hasher, input.path(), content(input));
            }
        }
        ActionKind::Write {
            content,
            executable,
        } => {
            hasher.text(b"write");
            hasher.update(&[u8::from(*executable)]);
            hasher.text(content);
        }
        ActionKind::Copy(source) => {
            hasher.text(b"copy");
            add_content(&mut hasher, "", content(source));
        }
        ActionKind::CopiedDir(entries) => {
            hasher.text(b"copied dir");
            number(&mut hasher, entries.len());
            for (path, artifact) in entries {
                add_content(&mut hasher, path, content(artifact));
            }
        }
    }
    number(&mut hasher, action.outputs.len());
    for output in &action.outputs {
        hasher.text(output.path.as_bytes());
        hasher.update(&[u8::from(output.kind == OutputKind::Directory)]);
    }
    hasher.finish()
}

fn number(hasher: &mut Hasher, number: usize) {
    hasher.update(&(number as u64).to_le_bytes());
}

fn add_content(hasher: &mut Hasher, path: &str, content: Content) {
    hasher.text(path.as_bytes());
    let kind = match content {
        Content::File {
            executable: false, ..
        } => 0,
        Content::File {
            executable: true, ..
        } => 1,
        Content::Directory { .. } => 2,
    };
    hasher.update(&[kind]);
    hasher.update(&content.digest().hash);
}
