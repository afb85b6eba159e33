use crate::{Case, Counts, Status};
use std::collections::BTreeMap;

/// What a test binary printed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Output {
    /// The cases, sorted by name: the order of parallel tests is chance.
    pub cases: Vec<Case>,
    /// The counts of the `test result:` line; none if the binary died before it.
    pub summary: Option<Counts>,
}

/// Reads the standard output of a test binary.
pub fn parse(stdout: &str) -> Output {
    let mut output = Output::default();
    let mut sections: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    let mut reader = Reader::default();
    for line in stdout.lines() {
        if let Some(counts) = summary(line) {
            output.summary = Some(counts);
            reader.section = None;
        } else if let Some(name) = section_start(line, &output.cases) {
            sections.entry(name.clone()).or_default();
            reader.section = Some(name);
        } else if let Some(name) = &reader.section {
            if line == "failures:" {
                reader.section = None;
            } else if let Some(lines) = sections.get_mut(name) {
                lines.push(line);
            }
        } else if let Some(case) = reader.case(line) {
            output.cases.push(case);
        }
    }
    for case in output
        .cases
        .iter_mut()
        .filter(|case| case.status == Status::Failed)
    {
        if let Some(lines) = sections.get(&case.name) {
            describe(case, lines);
        }
    }
    output.cases.sort_by(|a, b| a.name.cmp(&b.name));
    output
}

/// What is known while reading line by line.
#[derive(Default)]
struct Reader {
    /// The test whose captured output is being read.
    section: Option<String>,
    /// A test whose line began and was torn by output that escaped the capture.
    torn: Option<String>,
}

impl Reader {
    fn case(&mut self, line: &str) -> Option<Case> {
        if let Some(case) = whole_case(line) {
            self.torn = None;
            return Some(case);
        }
        if let Some((name, _)) = line
            .strip_prefix("test ")
            .and_then(|rest| rest.split_once(" ... "))
        {
            self.torn = Some(plain_name(name).to_owned());
            return None;
        }
        let name = self.torn.as_ref()?;
        let word = ["FAILED", "ok"]
            .into_iter()
            .find(|word| line.ends_with(word))?;
        let case = verdict(name, word);
        self.torn = None;
        case
    }
}

/// `test NAME ... VERDICT`, also behind output without a line end.
fn whole_case(line: &str) -> Option<Case> {
    let (before, word) = line
        .rsplit_once(" ... ")
        .filter(|(_, word)| is_verdict(word))
        .or_else(|| {
            // A reason may itself hold " ... ".
            line.split_once(" ... ")
                .filter(|(_, word)| is_verdict(word))
        })?;
    let start = if before.starts_with("test ") {
        0
    } else {
        before.rfind("test ")?
    };
    verdict(plain_name(&before[start + "test ".len()..]), word)
}

fn is_verdict(word: &str) -> bool {
    word == "ok" || word == "FAILED" || word == "ignored" || word.starts_with("ignored, ")
}

fn plain_name(name: &str) -> &str {
    name.strip_suffix(" - should panic").unwrap_or(name)
}

fn verdict(name: &str, word: &str) -> Option<Case> {
    match word {
        "ok" => Some(Case::passed(name)),
        "FAILED" => Some(Case::failed(name, "failed, and printed nothing")),
        "ignored" => Some(Case::skipped(name, "ignored")),
        _ => word
            .strip_prefix("ignored, ")
            .map(|reason| Case::skipped(name, reason)),
    }
}

/// `---- NAME stdout ----`, where NAME did fail.
fn section_start(line: &str, cases: &[Case]) -> Option<String> {
    let name = line.strip_prefix("---- ")?.strip_suffix(" stdout ----")?;
    let name = plain_name(name);
    let failed = |case: &Case| case.status == Status::Failed && case.name == name;
    cases.iter().any(failed).then(|| name.to_owned())
}

/// `test result: FAILED. 1 passed; 1 failed; 1 ignored; 0 measured; …`
fn summary(line: &str) -> Option<Counts> {
    let (_, rest) = line.split_once("test result: ")?;
    let (_, numbers) = rest.split_once(". ")?;
    let count = |what: &str| {
        let part = numbers
            .split("; ")
            .find_map(|part| part.strip_suffix(what))?;
        part.trim().parse().ok()
    };
    Some(Counts {
        passed: count("passed")?,
        failed: count("failed")?,
        skipped: count("ignored")?,
    })
}

/// Puts the captured output of a failed test into its case.
fn describe(case: &mut Case, lines: &[&str]) {
    let kept: Vec<String> = lines
        .iter()
        .filter(|line| !line.starts_with("note: run with `RUST_BACKTRACE="))
        .map(|line| without_thread_id(line))
        .collect();
    let message = kept.join("\n").trim().to_owned();
    case.location = kept.iter().find_map(|line| location(line));
    if !message.is_empty() {
        case.message = Some(message);
    }
}

/// `thread 'x' (1234) panicked at` without the number, which is chance.
fn without_thread_id(line: &str) -> String {
    let parts = || {
        let rest = line.strip_prefix("thread '")?;
        let (name, rest) = rest.split_once("' (")?;
        let (id, rest) = rest.split_once(") panicked at ")?;
        id.bytes()
            .all(|b| b.is_ascii_digit())
            .then_some((name, rest))
    };
    match parts() {
        Some((name, rest)) => format!("thread '{name}' panicked at {rest}"),
        None => line.to_owned(),
    }
}

/// `file:line` of `thread 'x' panicked at file:line:column:`, or of the note
/// about a test that did not panic.
fn location(line: &str) -> Option<String> {
    let place = match line.strip_prefix("thread '") {
        Some(rest) => rest.split_once("' panicked at ")?.1.strip_suffix(':')?,
        None => line.strip_prefix("note: test did not panic as expected at ")?,
    };
    let (file_and_line, column) = place.rsplit_once(':')?;
    let (file, number) = file_and_line.rsplit_once(':')?;
    let are_numbers = column.parse::<u32>().is_ok() && number.parse::<u32>().is_ok();
    (are_numbers && !file.starts_with('/')).then(|| file_and_line.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use pretty_assertions::assert_eq;

    #[test]
    fn every_kind_of_verdict_is_read() {
        let output = parse(
            "\nrunning 5 tests\ntest z ... ok\ntest m::p - should panic ... ok\ntest i ... ignored\ntest j ... ignored, slow ... really\ntest src/lib.rs - f (line 3) ... ok\n\ntest result: ok. 3 passed; 0 failed; 2 ignored; 0 measured; 0 filtered out; finished in 0.01s\n\n",
        );
        assert_eq!(
            output.cases,
            [
                Case::skipped("i", "ignored"),
                Case::skipped("j", "slow ... really"),
                Case::passed("m::p"),
                Case::passed("src/lib.rs - f (line 3)"),
                Case::passed("z"),
            ]
        );
        assert_eq!(
            output.summary,
            Some(Counts {
                passed: 3,
                failed: 0,
                skipped: 2
            })
        );
    }

    #[test]
    fn a_failure_carries_its_output_and_place_without_the_thread_id() {
        let output = parse(
            "running 2 tests\ntest a ... FAILED\ntest b - should panic ... FAILED\n\nfailures:\n\n---- a stdout ----\nhello\n---- not a section stdout ----\n\nthread 'a' (4711) panicked at crate/src/lib.rs:5:9:\nassertion failed: x\nnote: run with `RUST_BACKTRACE=1` environment variable to display a backtrace\n\n---- b stdout ----\nnote: test did not panic as expected at src/lib.rs:10:4\n\nfailures:\n    a\n    b\n\ntest result: FAILED. 0 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s\n",
        );
        assert_eq!(
            output.cases,
            [
                Case::failed(
                    "a",
                    "hello\n---- not a section stdout ----\n\nthread 'a' panicked at crate/src/lib.rs:5:9:\nassertion failed: x"
                )
                .at("crate/src/lib.rs:5"),
                Case::failed("b", "note: test did not panic as expected at src/lib.rs:10:4")
                    .at("src/lib.rs:10"),
            ]
        );
    }

    #[test]
    fn output_that_escaped_the_capture_does_not_hide_a_verdict() {
        let output = parse("noisetest a ... ok\ntest b ... child says hi\nok\n");
        assert_eq!(output.cases, [Case::passed("a"), Case::passed("b")]);
    }

    #[test]
    fn no_tests_is_a_summary_without_cases() {
        let output = parse(
            "\nrunning 0 tests\n\ntest result: ok. 0 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s\n",
        );
        assert_eq!(
            output,
            Output {
                cases: vec![],
                summary: Some(Counts::default())
            }
        );
    }

    #[test]
    fn a_binary_that_died_has_no_summary() {
        assert_eq!(parse("running 2 tests\ntest a ... ok\n").summary, None);
    }
}
