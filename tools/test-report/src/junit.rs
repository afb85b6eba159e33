//! JUnit XML as CI systems read it, without times.

use crate::{Case, Report, Status};
use std::fmt::Write;

pub(crate) fn render(report: &Report) -> String {
    let counts = report.counts();
    let totals = format!(
        "tests=\"{}\" failures=\"{}\" errors=\"0\" skipped=\"{}\"",
        counts.total(),
        counts.failed,
        counts.skipped
    );
    let suite = attribute(&report.suite);
    let mut out = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites {totals}>\n  <testsuite name=\"{suite}\" {totals}>\n"
    );
    for case in &report.cases {
        render_case(&suite, case, &mut out);
    }
    out + "  </testsuite>\n</testsuites>\n"
}

fn render_case(suite: &str, case: &Case, out: &mut String) {
    let _ = write!(
        out,
        "    <testcase classname=\"{suite}\" name=\"{}\"",
        attribute(&case.name)
    );
    if let Some((file, line)) = case.location.as_deref().and_then(file_and_line) {
        let _ = write!(out, " file=\"{}\" line=\"{line}\"", attribute(file));
    }
    let message = case.message.as_deref().unwrap_or_default();
    let first = attribute(message.lines().next().unwrap_or_default());
    let _ = match case.status {
        Status::Passed => writeln!(out, "/>"),
        Status::Skipped => {
            writeln!(
                out,
                ">\n      <skipped message=\"{}\"/>\n    </testcase>",
                attribute(message)
            )
        }
        Status::Failed => writeln!(
            out,
            ">\n      <failure message=\"{first}\">{}</failure>\n    </testcase>",
            text(message)
        ),
    };
}

fn file_and_line(location: &str) -> Option<(&str, u32)> {
    let (file, line) = location.rsplit_once(':')?;
    Some((file, line.parse().ok()?))
}

/// XML text; a character that XML 1.0 cannot hold, not even escaped, is
/// written out as `\u{1b}`.
fn text(raw: &str) -> String {
    let mut out = String::with_capacity(raw.len());
    for c in raw.chars() {
        match c {
            '&' => out += "&amp;",
            '<' => out += "&lt;",
            '>' => out += "&gt;",
            '\r' => out += "&#13;",
            '\n' | '\t' => out.push(c),
            '\0'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => {
                let _ = write!(out, "\\u{{{:x}}}", u32::from(c));
            }
            _ => out.push(c),
        }
    }
    out
}

/// XML attribute text, between double quotes; line ends and tabs survive.
fn attribute(raw: &str) -> String {
    text(raw)
        .replace('"', "&quot;")
        .replace('\n', "&#10;")
        .replace('\t', "&#9;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use pretty_assertions::assert_eq;

    #[test]
    fn every_status_has_its_element() {
        let mut report = Report::new("a <suite>");
        report.cases.push(Case::passed("one"));
        report
            .cases
            .push(Case::failed("two", "1 < 2\nmore").at("src/x.rs:7"));
        report.cases.push(Case::skipped("three", "not \"now\""));
        assert_eq!(
            render(&report),
            r#"<?xml version="1.0" encoding="UTF-8"?>
<testsuites tests="3" failures="1" errors="0" skipped="1">
  <testsuite name="a &lt;suite&gt;" tests="3" failures="1" errors="0" skipped="1">
    <testcase classname="a &lt;suite&gt;" name="one"/>
    <testcase classname="a &lt;suite&gt;" name="two" file="src/x.rs" line="7">
      <failure message="1 &lt; 2">1 &lt; 2
more</failure>
    </testcase>
    <testcase classname="a &lt;suite&gt;" name="three">
      <skipped message="not &quot;now&quot;"/>
    </testcase>
  </testsuite>
</testsuites>
"#
        );
    }

    #[test]
    fn characters_that_xml_cannot_hold_are_written_out() {
        assert_eq!(
            text("\u{1b}[31m\0\u{ffff}é\t\r\n"),
            "\\u{1b}[31m\\u{0}\\u{ffff}é\t&#13;\n"
        );
        assert_eq!(
            attribute("a\nb\t\"c\" ]]>"),
            "a&#10;b&#9;&quot;c&quot; ]]&gt;"
        );
    }
}
