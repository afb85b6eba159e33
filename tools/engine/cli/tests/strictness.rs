//! Small repositories that Buck2 refuses or takes, and what both engines say of them.
//!
//! Each file in `fixtures/` holds repositories of one topic: `=== name`, what has to come of it, the
//! commands (`run: …`, `build //:t` if there is none) and the files (`--- path`). Files before the
//! first repository belong to all of the topic, those of `base.txt` to all topics. What has to come
//! of it is one of
//!
//! - `rejected`: both engines refuse it; `expected` says with which message each,
//! - `stricter`: only the embedded engine refuses it; `docs/engines.md` says why,
//! - `accepted`: both build it, and `expected` is what they make,
//! - `prints`: both print `expected`, byte for byte,
//! - `tests`: both run the tests of `expected`, with these results.
//!
//! The embedded engine is judged always, a real Buck2 too if `$JUDGE_BUCK2` names one; then
//! `UPDATE_GOLDEN=1` writes down what it says. `.ci/strictness.sh` does that. `FIXTURE=word` judges
//! only those with the word in their name.
#![allow(clippy::unwrap_used, reason = "a test")]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{LazyLock, Mutex};

use regex::Regex;
use tempfile::TempDir;

/// The text of a file in a fixture, by its path.
type Files = Vec<(String, String)>;

/// One small repository.
struct Fixture {
    name: String,
    outcome: Outcome,
    runs: Vec<String>,
    files: Files,
    expected: String,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Outcome {
    Rejected,
    Stricter,
    Accepted,
    Prints,
    Tests,
}

/// The repositories of one topic.
struct Topic {
    name: &'static str,
    comment: String,
    shared: Files,
    fixtures: Vec<Fixture>,
}

fn path_of(topic: &str) -> PathBuf {
    PathBuf::from("fixtures").join(format!("{topic}.txt"))
}

fn outcome(word: &str) -> Option<Outcome> {
    Some(match word {
        "rejected" => Outcome::Rejected,
        "stricter" => Outcome::Stricter,
        "accepted" => Outcome::Accepted,
        "prints" => Outcome::Prints,
        "tests" => Outcome::Tests,
        _ => return None,
    })
}

fn read(name: &'static str) -> Topic {
    let text = fs::read_to_string(path_of(name)).unwrap();
    let mut topic = Topic {
        name,
        comment: String::new(),
        shared: Vec::new(),
        fixtures: Vec::new(),
    };
    let mut in_file = false;
    for line in text.split_inclusive('\n') {
        let word = line.trim_end();
        if let Some(name) = word.strip_prefix("=== ") {
            in_file = false;
            topic.fixtures.push(Fixture {
                name: name.to_owned(),
                outcome: Outcome::Rejected,
                runs: Vec::new(),
                files: Vec::new(),
                expected: String::new(),
            });
        } else if let Some(path) = word.strip_prefix("--- ") {
            in_file = true;
            files(&mut topic).push((path.to_owned(), String::new()));
        } else if in_file {
            files(&mut topic).last_mut().unwrap().1.push_str(line);
        } else if let Some(fixture) = topic.fixtures.last_mut() {
            match word.strip_prefix("run: ") {
                Some(run) => fixture.runs.push(run.to_owned()),
                None => {
                    fixture.outcome = outcome(word).unwrap_or_else(|| panic!("{name}: `{word}`"))
                }
            }
        } else {
            topic.comment.push_str(line);
        }
    }
    for fixture in &mut topic.fixtures {
        if fixture
            .files
            .last()
            .is_some_and(|(path, _)| path == "expected")
        {
            fixture.expected = fixture.files.pop().unwrap().1;
        }
    }
    topic
}

fn files(topic: &mut Topic) -> &mut Files {
    match topic.fixtures.last_mut() {
        Some(fixture) => &mut fixture.files,
        None => &mut topic.shared,
    }
}

fn write(topic: &Topic) {
    let mut text = topic.comment.clone();
    let put = |text: &mut String, files: &Files| {
        for (path, content) in files {
            write!(text, "--- {path}\n{content}").unwrap();
        }
    };
    put(&mut text, &topic.shared);
    for fixture in &topic.fixtures {
        let outcome = format!("{:?}", fixture.outcome).to_lowercase();
        write!(text, "=== {}\n{outcome}\n", fixture.name).unwrap();
        for run in &fixture.runs {
            writeln!(text, "run: {run}").unwrap();
        }
        put(&mut text, &fixture.files);
        let ends = if fixture.expected.ends_with('\n') {
            ""
        } else {
            "\n"
        };
        if !fixture.expected.is_empty() {
            write!(text, "--- expected\n{}{ends}", fixture.expected).unwrap();
        }
    }
    fs::write(path_of(topic.name), text).unwrap();
}

/// An engine and the folder that it works in.
struct Engine {
    program: PathBuf,
    is_real: bool,
    folder: TempDir,
    cache: TempDir,
}

/// What came of a command.
struct Said {
    code: i32,
    out: String,
    err: String,
}

impl Engine {
    fn embedded() -> Engine {
        Engine::new(test_report::testing::binary("buck2-embedded"), false)
    }

    /// The Buck2 that `$JUDGE_BUCK2` names.
    fn real() -> Option<Engine> {
        let program = std::env::var_os("JUDGE_BUCK2")?;
        Some(Engine::new(PathBuf::from(program), true))
    }

    fn new(program: PathBuf, is_real: bool) -> Engine {
        Engine {
            program,
            is_real,
            folder: tempfile::tempdir().unwrap(),
            cache: tempfile::tempdir().unwrap(),
        }
    }

    fn root(&self) -> PathBuf {
        self.folder.path().join("project")
    }

    /// Puts these files, and no others, into the project.
    fn fill(&self, files: &BTreeMap<String, String>) {
        let root = self.root();
        fs::create_dir_all(&root).unwrap();
        for entry in fs::read_dir(&root).unwrap().flatten() {
            let path = entry.path();
            if entry.file_name() == "buck-out" {
                continue;
            } else if path.is_dir() {
                fs::remove_dir_all(path).unwrap();
            } else {
                fs::remove_file(path).unwrap();
            }
        }
        // Temporary folders may lie in another project, whose root it would have.
        fs::write(root.join(".buckroot"), "").unwrap();
        for (path, text) in files {
            let file = root.join(path);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            // Files change faster than their time stamps: have Buck2 look at their content.
            let watcher = match path == ".buckconfig" && self.is_real {
                true => "\n[buck2]\n  file_watcher = fs_hash_crawler\n",
                false => "",
            };
            fs::write(file, format!("{text}{watcher}")).unwrap();
        }
    }

    fn run(&self, arguments: &[String]) -> Said {
        let mut command = Command::new(&self.program);
        command.args(arguments).current_dir(self.root());
        command
            .env("HERMETIC_CACHE", self.cache.path())
            .env_remove("BUCK2");
        let output = command.output().unwrap();
        Said {
            code: output.status.code().unwrap_or(-1),
            out: self.plain(&output.stdout),
            err: self.plain(&output.stderr),
        }
    }

    /// Without colours, times, the project's place and Buck2's hashes of configurations.
    fn plain(&self, bytes: &[u8]) -> String {
        let text = String::from_utf8_lossy(bytes);
        let text = replace(r"\x1b\[[0-9;]*m|\[\d{4}-\d\d-\d\dT[\d:.+]+\] ?", &text, "");
        let root = fs::canonicalize(self.root()).unwrap();
        let text = text.replace(&root.display().to_string(), "ROOT");
        let text = replace(
            r"(buck-out/v2/art/\w+)/[0-9a-f]{16}(-[0-9a-f]{16})?",
            &text,
            "$1",
        );
        let text = replace(r" declared at [\w.:/-]+( bound to)", &text, "$1");
        replace(
            r" \((<?[\w/:]+>?)(#[0-9a-f]{16})?\)( \(<?[\w/:]+>?(#[0-9a-f]{16})?\))?",
            &text,
            "",
        )
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        if self.is_real {
            let _ = Command::new(&self.program)
                .arg("kill")
                .current_dir(self.root())
                .output();
        }
    }
}

/// Each pattern is compiled once.
fn pattern(text: &'static str) -> Regex {
    static KNOWN: LazyLock<Mutex<BTreeMap<&'static str, Regex>>> = LazyLock::new(Mutex::default);
    let mut known = KNOWN.lock().unwrap();
    known
        .entry(text)
        .or_insert_with(|| Regex::new(text).unwrap())
        .clone()
}

fn replace(what: &'static str, text: &str, with: &str) -> String {
    pattern(what).replace_all(text, with).into_owned()
}

/// The words of a command, in which `'…'` and `"…"` are one word.
fn words(run: &str) -> Vec<String> {
    let word = pattern(r#"'([^']*)'|"([^"]*)"|(\S+)"#);
    let found = word.captures_iter(run);
    found
        .map(|one| {
            (1..4)
                .find_map(|group| one.get(group))
                .unwrap()
                .as_str()
                .to_owned()
        })
        .collect()
}

/// Every command of a fixture, with what it takes to see its outputs.
fn invocations(fixture: &Fixture) -> Vec<Vec<String>> {
    let runs = match fixture.runs.is_empty() {
        true => vec!["build //:t".to_owned()],
        false => fixture.runs.clone(),
    };
    let mut all: Vec<Vec<String>> = runs.iter().map(|run| words(run)).collect();
    if fixture.outcome == Outcome::Accepted {
        all.iter_mut()
            .for_each(|command| command.push("--show-output".to_owned()));
    }
    all
}

/// What an engine makes of a fixture, in the form of its `expected`; an error if it is nothing
/// like what has to come of it.
fn judge(engine: &Engine, fixture: &Fixture) -> Result<String, String> {
    let mut all = String::new();
    for command in invocations(fixture) {
        let said = engine.run(&command);
        let failed = |what: &str| {
            Err(format!(
                "{what} (exit {}):\n{}{}",
                said.code, said.out, said.err
            ))
        };
        match fixture.outcome {
            Outcome::Stricter if engine.is_real => match said.code {
                0 => all.push_str("it is taken\n"),
                _ => return failed("it is refused"),
            },
            Outcome::Rejected | Outcome::Stricter if said.code == 0 => {
                return failed("it is taken");
            }
            Outcome::Rejected | Outcome::Stricter => {
                if !engine.is_real && said.code != 3 && command[0] != "run" {
                    return failed("a mistake of the user ends with 3");
                }
                let message = if engine.is_real {
                    real_message(&said)
                } else {
                    embedded_message(&said)
                };
                writeln!(all, "{message}").unwrap();
            }
            Outcome::Accepted if said.code != 0 => return failed("it is refused"),
            Outcome::Accepted => all.push_str(&outputs(engine, &said.out)),
            Outcome::Prints if said.code != 0 => return failed("it is refused"),
            Outcome::Prints => write!(all, "$ {}\n{}", command.join(" "), said.out).unwrap(),
            Outcome::Tests => all.push_str(&verdicts(&said)),
        }
    }
    Ok(all)
}

/// Each output that `--show-output` names, with its content.
fn outputs(engine: &Engine, shown: &str) -> String {
    let mut text = String::new();
    let unhashed = pattern(r"buck-out/v2/art/\w+");
    for line in shown.lines() {
        let (target, path) = line.split_once(' ').unwrap_or((line, ""));
        writeln!(text, "{target}").unwrap();
        let wanted = unhashed.replace(path, "").into_owned();
        for file in files_at(engine, path, &wanted) {
            let content = engine.plain(&fs::read(engine.root().join(&file)).unwrap());
            let below = file.rsplit_once(&wanted).map_or("", |(_, below)| below);
            if !below.is_empty() {
                writeln!(text, "{}", below.trim_start_matches('/')).unwrap();
            }
            let ends = if content.ends_with('\n') {
                "(ends with a newline)\n"
            } else {
                "\n"
            };
            content
                .lines()
                .for_each(|line| writeln!(text, "| {line}").unwrap());
            if content.ends_with('\n') {
                text.push_str(ends);
            }
        }
    }
    text
}

/// The files of an output, sorted; `shown` lacks the hash of its configuration.
fn files_at(engine: &Engine, shown: &str, below: &str) -> Vec<String> {
    if shown.is_empty() {
        return Vec::new();
    }
    let cell = engine.root().join(&shown[..shown.len() - below.len()]);
    let mut candidates = vec![cell.join(below.trim_start_matches('/'))];
    candidates.extend(
        fs::read_dir(&cell)
            .unwrap()
            .flatten()
            .map(|hash| hash.path().join(below.trim_start_matches('/'))),
    );
    let newest = |path: &PathBuf| {
        fs::symlink_metadata(path)
            .and_then(|found| found.modified())
            .ok()
    };
    let Some(found) = candidates
        .into_iter()
        .filter(|path| path.exists())
        .max_by_key(newest)
    else {
        return Vec::new();
    };
    let mut files = Vec::new();
    walk(&found, &mut files);
    let root = engine.root();
    let mut files: Vec<String> = files
        .iter()
        .map(|file| file.strip_prefix(&root).unwrap().display().to_string())
        .collect();
    files.sort();
    files
}

fn walk(path: &Path, into: &mut Vec<PathBuf>) {
    if path.is_dir() {
        for entry in fs::read_dir(path).unwrap().flatten() {
            walk(&entry.path(), into);
        }
    } else {
        into.push(path.to_owned());
    }
}

/// The results of tests, sorted, and how the command ended.
fn verdicts(said: &Said) -> String {
    let line = pattern(r"(Pass|Fail|Timeout|Fatal): (\S+//\S+)");
    let both = format!("{}{}", said.out, said.err);
    let mut found: Vec<String> = line
        .captures_iter(&both)
        .map(|one| one[0].to_owned())
        .collect();
    found.sort();
    if both.contains("NO TESTS RAN") {
        found.push("NO TESTS RAN".to_owned());
    }
    format!("{}\nexit {}\n", found.join("\n"), said.code)
}

/// Place and message of the first error.
fn embedded_message(said: &Said) -> String {
    let mut errors = said
        .err
        .lines()
        .filter_map(|line| line.strip_prefix("error: "));
    let error = errors
        .next_back()
        .map(|error| replace(r"PATH \([^)]*\)", error, "PATH (…)"));
    let place =
        pattern(r"(?m)--> (\S+:\d+:\d+|query:\S+)|declared at (\S+:\d+:\d+)|^error: (\S+:\d+:\d+)");
    let place = place
        .captures(&said.err)
        .and_then(|found| (1..4).find_map(|group| found.get(group)));
    format!(
        "embedded: {} [{}]",
        error.unwrap_or_else(|| "no message".to_owned()),
        place.map_or("no place", |place| place.as_str())
    )
}

/// The innermost of the messages.
fn real_message(said: &Said) -> String {
    let numbered = pattern(r"^\s*(?:\d+: (?:error: )?|error: )(\S.*)$");
    let backtrace = |line: &&str| !line.contains("<unknown>");
    let lines: Vec<&str> = said.err.lines().filter(backtrace).collect();
    let failed = lines
        .iter()
        .position(|line| line.starts_with("Action failed: "));
    if let Some(at) = failed {
        return format!("real: {}; {}", lines[at], lines.get(at + 1).unwrap_or(&""));
    }
    let innermost = lines.iter().rev().find_map(|line| numbered.captures(line));
    let after = |word: &str| {
        let at = lines.iter().position(|line| line.trim() == word)?;
        lines.get(at + 1).map(|line| line.trim().to_owned())
    };
    let message = innermost
        .map(|found| found[1].to_owned())
        .or_else(|| after("Caused by:"))
        .or_else(|| after("Command failed:"));
    format!(
        "real: {}",
        message.unwrap_or_else(|| "no message".to_owned())
    )
}

/// The lines of `expected` that are an engine's.
fn expected_of(fixture: &Fixture, is_real: bool) -> String {
    let both = !matches!(fixture.outcome, Outcome::Rejected | Outcome::Stricter);
    let own = if is_real { "real: " } else { "embedded: " };
    let is_own = |line: &&str| both || line.starts_with(own);
    fixture
        .expected
        .lines()
        .filter(is_own)
        .map(|line| format!("{line}\n"))
        .collect()
}

/// Judges every repository of a topic, and says how many there are of each sort.
fn check(name: &'static str) {
    let mut topic = read(name);
    let base = read("base").shared;
    let embedded = Engine::embedded();
    let real = Engine::real();
    let update = std::env::var_os("UPDATE_GOLDEN").is_some();
    let mut counts: BTreeMap<Outcome, usize> = BTreeMap::new();
    let mut wrong = Vec::new();
    let shared = topic.shared.clone();
    let only = std::env::var("FIXTURE").unwrap_or_default();
    let chosen = |fixture: &&mut Fixture| fixture.name.contains(&only);
    for fixture in topic.fixtures.iter_mut().filter(chosen) {
        let files = [&base, &shared, &fixture.files]
            .into_iter()
            .flatten()
            .cloned()
            .collect();
        *counts.entry(fixture.outcome).or_default() += 1;
        let mut recorded = Vec::new();
        for engine in [Some(&embedded), real.as_ref()].into_iter().flatten() {
            engine.fill(&files);
            let who = if engine.is_real {
                "real Buck2"
            } else {
                "the embedded engine"
            };
            match judge(engine, fixture) {
                Err(said) => wrong.push(format!("{}: {who}: {said}", fixture.name)),
                Ok(said) => {
                    let expected = expected_of(fixture, engine.is_real);
                    let same = said.trim_end() == expected.trim_end()
                        || (engine.is_real && fixture.outcome == Outcome::Stricter);
                    if !same && !update {
                        wrong.push(format!(
                            "{}: {who}: expected\n{expected}but it was\n{said}",
                            fixture.name
                        ));
                    }
                    recorded.push((engine.is_real, said));
                }
            }
        }
        if update {
            record(fixture, &recorded, &mut wrong);
        }
    }
    if update {
        write(&topic);
    }
    let compared = if real.is_some() {
        "compared with real Buck2"
    } else {
        "without real Buck2: $JUDGE_BUCK2 is not set"
    };
    let counts: Vec<String> = counts
        .iter()
        .map(|(outcome, count)| format!("{count} {outcome:?}"))
        .collect();
    println!(
        "{name}: {}, {} wrong, {compared}",
        counts.join(", ").to_lowercase(),
        wrong.len()
    );
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

/// Puts down what the engines said; what both have to say is real Buck2's word.
fn record(fixture: &mut Fixture, said: &[(bool, String)], wrong: &mut Vec<String>) {
    if matches!(fixture.outcome, Outcome::Rejected | Outcome::Stricter) {
        let of = |real: bool| {
            let found = said
                .iter()
                .find(|(is_real, _)| *is_real == real)
                .map(|(_, said)| said.clone());
            found.unwrap_or_else(|| expected_of(fixture, real))
        };
        let of_real = if fixture.outcome == Outcome::Stricter {
            String::new()
        } else {
            of(true)
        };
        fixture.expected = of(false) + &of_real;
        return;
    }
    if let [(false, embedded), (true, real)] = said
        && embedded.trim_end() != real.trim_end()
    {
        wrong.push(format!(
            "{}: the embedded engine says\n{embedded}real Buck2 says\n{real}",
            fixture.name
        ));
    }
    if let Some((_, last)) = said.last() {
        fixture.expected = last.clone();
    }
}

macro_rules! topics {
    ($($topic:ident),*) => { $(#[test] fn $topic() { check(stringify!($topic)); })* };
}

topics!(
    actions,
    attributes,
    cmd_args,
    commands,
    configurations,
    language,
    packages,
    providers,
    rules
);
