use crate::{Diagnostic, Severity};
use std::fmt::Write;

/// For people:
///
/// ```text
/// error: unknown field `knd`
///   --> spec.yaml:2:1
///    |
///  2 | knd: Pod
///    | ^
///   hint: did you mean `kind`?
/// ```
pub fn render_text(diagnostic: &Diagnostic) -> String {
    let mut out = String::new();
    let severity = match diagnostic.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    };
    let mut lines = diagnostic.message.lines();
    let _ = writeln!(out, "{severity}: {}", lines.next().unwrap_or_default());
    for line in lines {
        let _ = writeln!(out, "  {line}");
    }
    if let Some(place) = &diagnostic.place {
        let _ = writeln!(out, "  --> {place}");
    }
    render_line(diagnostic, &mut out);
    if let Some(hint) = &diagnostic.hint {
        let _ = writeln!(out, "  hint: {hint}");
    }
    out
}

fn render_line(diagnostic: &Diagnostic, out: &mut String) {
    let position = diagnostic.place.as_ref().and_then(|place| place.position);
    let (Some(position), Some(line)) = (position, &diagnostic.offending_line) else {
        return;
    };
    let number = position.line.to_string();
    let margin = " ".repeat(number.len());
    let (line, column) = window(line, position.column.saturating_sub(1));
    // Tabs stay tabs beneath the line, so that the caret stands where the eye expects it.
    let indent: String = line
        .chars()
        .take(column)
        .map(|c| if c == '\t' { '\t' } else { ' ' })
        .collect();
    let _ = writeln!(out, " {margin} |");
    let _ = writeln!(out, " {number} | {line}");
    let _ = writeln!(out, " {margin} | {indent}^");
}

/// The part of a long line around a column, and the column in it.
fn window(line: &str, column: usize) -> (String, usize) {
    const BEFORE: usize = 60;
    const LONGEST: usize = 160;
    let length = line.chars().count();
    if length <= LONGEST {
        return (line.to_owned(), column);
    }
    let start = column.saturating_sub(BEFORE).min(length - LONGEST);
    let shown: String = line.chars().skip(start).take(LONGEST).collect();
    let before = if start > 0 { "…" } else { "" };
    let after = if start + LONGEST < length { "…" } else { "" };
    let column = column - start + before.chars().count();
    (format!("{before}{shown}{after}"), column)
}

/// For machines: `{"schema":"hermetic.dev/diagnostics/v1","diagnostics":[…]}`, one line.
pub fn render_json(diagnostics: &[Diagnostic]) -> String {
    let document = serde_json::json!({
        "schema": "hermetic.dev/diagnostics/v1",
        "diagnostics": diagnostics,
    });
    format!("{document}\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Place, Position};
    use pretty_assertions::assert_eq;

    #[test]
    fn text_shows_place_line_caret_and_hint() {
        let text = "a: 1\n\tknd: Pod\n";
        let diagnostic = Diagnostic::error("unknown field `knd`\nsecond line")
            .at(Place::at("spec.yaml", Position::new(2, 2)))
            .in_text(text)
            .hint("did you mean `kind`?");
        assert_eq!(
            render_text(&diagnostic),
            "error: unknown field `knd`\n  second line\n  --> spec.yaml:2:2\n   |\n 2 | \tknd: Pod\n   | \t^\n  hint: did you mean `kind`?\n"
        );
    }

    #[test]
    fn of_a_long_line_only_the_neighbourhood_is_shown() {
        let text = format!("{}!{}", "a".repeat(1000), "b".repeat(1000));
        let diagnostic = Diagnostic::error("x")
            .at(Place::at("f", Position::new(1, 1001)))
            .in_text(&text);
        let shown = render_text(&diagnostic);
        let lines: Vec<&str> = shown.lines().collect();
        assert_eq!(
            lines[3],
            format!(" 1 | …{}!{}…", "a".repeat(60), "b".repeat(99))
        );
        let caret = lines[4].chars().position(|c| c == '^');
        assert_eq!(caret, lines[3].chars().position(|c| c == '!'));
    }

    #[test]
    fn of_a_line_that_is_a_whole_file_only_the_place_is_shown() {
        let diagnostic = Diagnostic::error("x")
            .at(Place::at("f", Position::new(1, 7)))
            .in_text(&"a".repeat(1_000_000));
        assert_eq!(render_text(&diagnostic), "error: x\n  --> f:1:7\n");
    }

    #[test]
    fn text_without_place_is_one_line() {
        assert_eq!(render_text(&Diagnostic::warning("hm")), "warning: hm\n");
    }

    #[test]
    fn a_position_past_the_end_shows_no_line() {
        let diagnostic = Diagnostic::error("x")
            .at(Place::at("f", Position::new(9, 1)))
            .in_text("one\n");
        assert_eq!(render_text(&diagnostic), "error: x\n  --> f:9:1\n");
    }

    #[test]
    fn json_keeps_every_part_and_reads_back() {
        let diagnostic = Diagnostic::error("x")
            .at(Place::at("f", Position::new(1, 3)))
            .in_text("abc")
            .hint("h");
        let json = render_json(std::slice::from_ref(&diagnostic));
        assert_eq!(
            json,
            "{\"schema\":\"hermetic.dev/diagnostics/v1\",\"diagnostics\":[{\"severity\":\"error\",\"message\":\"x\",\"file\":\"f\",\"line\":1,\"column\":3,\"offendingLine\":\"abc\",\"hint\":\"h\"}]}\n"
        );
        let value: serde_json::Value = serde_json::from_str(&json).unwrap();
        let back: Diagnostic = serde_json::from_value(value["diagnostics"][0].clone()).unwrap();
        assert_eq!(back, diagnostic);
    }
}
