//! Descriptions out of comments.

use crate::syntax::CommentLine;

/// What a comment tells people, laid out as kube-openapi does (`generateDescription`):
/// lines are joined to paragraphs, indented ones stay lines, markers and lines that begin
/// with TODO are left out, and so is everything below `---`.
pub(super) fn description(lines: &[CommentLine]) -> String {
    let mut text = String::new();
    for line in lines.iter().map(|line| line.text.as_str()) {
        if line == "---" {
            break;
        }
        let is_indented = line.starts_with([' ', '\t']);
        let inner = line.trim_start_matches(' ');
        if line.is_empty() {
            text.pop();
            text.push_str("\n\n");
        } else if inner.starts_with("TODO") || inner.starts_with('+') {
        } else if is_indented {
            text.pop();
            text.push('\n');
            text.push_str(line);
            text.push('\n');
        } else {
            text.push_str(line);
            text.push(' ');
        }
    }
    text.trim().to_owned()
}

/// The line about one value of an enum, as kube-openapi writes it: what the comment says
/// beyond the constant's name.
pub(super) fn enum_value(value: &serde_json::Value, name: &str, lines: &[CommentLine]) -> String {
    let texts = lines.iter().map(|line| line.text.as_str());
    let texts = texts.filter(|text| !text.trim_start().starts_with('+'));
    let text = texts.collect::<Vec<_>>().join(" ");
    let text = text.trim();
    let text = text.strip_prefix(name).unwrap_or(text);
    let words: Vec<&str> = text.split_whitespace().collect();
    format!(" - `{value}` {}", words.join(" "))
        .trim_end()
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{Site, Source};
    use pretty_assertions::assert_eq;
    use std::sync::Arc;

    fn lines(text: &str) -> Vec<CommentLine> {
        let source = Arc::new(Source {
            name: String::new(),
            text: String::new(),
        });
        let line = |text: &str| CommentLine {
            site: Site::new(&source, 1, 1),
            text: text.to_owned(),
        };
        text.lines().map(line).collect()
    }

    #[test]
    fn paragraphs_are_joined_and_notes_left_out() {
        let text = "A is\na thing.\n\nExample:\n\ta: 1\nMore.\nTODO: x\n+optional\n---\nInternal.";
        assert_eq!(
            description(&lines(text)),
            "A is a thing.\n\nExample:\n\ta: 1\nMore."
        );
    }

    #[test]
    fn a_value_is_described_without_the_constants_name() {
        let value = serde_json::json!("Always");
        assert_eq!(
            enum_value(
                &value,
                "PullAlways",
                &lines("PullAlways means that\n kubelet pulls.\n+x")
            ),
            " - `\"Always\"` means that kubelet pulls."
        );
        assert_eq!(enum_value(&value, "PullAlways", &[]), " - `\"Always\"`");
    }
}
