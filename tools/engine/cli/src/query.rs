//! `uquery`: asks the graph, before `select()` is decided.

mod evaluate;
mod graph;
mod syntax;

use build_graph::TargetLabel;
use regex::Regex;
use serde_json::{Map, Value as Json};

use crate::arguments::{Common, OutputFormat, Uquery};
use crate::exit::Exit;
use crate::session;
use evaluate::{Evaluator, Failure, Found, distinct};

/// Runs `uquery`.
pub fn uquery(common: &Common, options: &Uquery) -> Result<(), Exit> {
    let (project, here) = session::open(common)?;
    let evaluator = Evaluator {
        project: &project,
        graph: graph::Graph::new(&project),
        here,
    };
    let mut found = None;
    for text in texts(options)? {
        let next = evaluate_one(&evaluator, &text)?;
        found = Some(match (found, next) {
            (None, next) => next,
            (Some(Found::Targets(mut known)), Found::Targets(next)) => {
                known.extend(next);
                Found::Targets(distinct(known))
            }
            (Some(Found::Files(mut known)), Found::Files(next)) => {
                known.extend(next);
                Found::Files(distinct(known))
            }
            _ => {
                return Err(Exit::user(
                    "the query gives targets for one argument and files for another",
                ));
            }
        });
    }
    match found {
        None => Ok(()),
        Some(Found::Files(files)) => print_lines(&files, options),
        Some(Found::Targets(targets)) => print_targets(&evaluator, &targets, options),
    }
}

/// The query, once for each argument where `%s` stands, or with all of them for `%Ss`.
fn texts(options: &Uquery) -> Result<Vec<String>, Exit> {
    let Uquery {
        query, arguments, ..
    } = options;
    if query.contains("%Ss") {
        return Ok(vec![
            query.replace("%Ss", &format!("set({})", arguments.join(" "))),
        ]);
    }
    if query.contains("%s") {
        if arguments.is_empty() {
            return Err(Exit::user(format!(
                "`{query}` has a `%s`, so it takes arguments after it"
            )));
        }
        return Ok(arguments
            .iter()
            .map(|argument| query.replace("%s", argument))
            .collect());
    }
    match arguments.first() {
        Some(argument) => Err(Exit::user(format!(
            "`{query}` has no `%s` for the argument `{argument}`"
        ))),
        None => Ok(vec![query.clone()]),
    }
}

fn evaluate_one(evaluator: &Evaluator<'_>, text: &str) -> Result<Found, Exit> {
    let parsed = syntax::parse(text).map_err(|error| {
        let place = (error.at, error.at + 1);
        at_fault(
            text,
            &Failure {
                reason: format!("expected {}", error.expected),
                span: place,
            },
        )
    })?;
    evaluator
        .evaluate(&parsed)
        .map_err(|failure| at_fault(text, &failure))
}

/// The query with a line below the part that is at fault.
fn at_fault(text: &str, failure: &Failure) -> Exit {
    let (start, end) = failure.span;
    let before = text.get(..start).unwrap_or(text).chars().count();
    let length = text
        .get(start..end)
        .map_or(1, |part| part.chars().count().max(1));
    Exit::user(format!(
        "{}\n  --> query:1:{}\n    {text}\n    {}{}",
        failure.reason,
        before + 1,
        " ".repeat(before),
        "^".repeat(length)
    ))
}

fn print_lines(lines: &[String], options: &Uquery) -> Result<(), Exit> {
    match (options.format(), options.shown.attributes.is_empty()) {
        (OutputFormat::Dot, _) | (_, false) => Err(Exit::user(
            "the query gives files; they have no attributes and no graph",
        )),
        (OutputFormat::Json, true) => {
            println!("{:#}", Json::from(lines));
            Ok(())
        }
        (OutputFormat::Text, true) => {
            lines.iter().for_each(|line| println!("{line}"));
            Ok(())
        }
    }
}

fn print_targets(
    evaluator: &Evaluator<'_>,
    targets: &[TargetLabel],
    options: &Uquery,
) -> Result<(), Exit> {
    if let OutputFormat::Dot = options.format() {
        return print_dot(evaluator, targets);
    }
    let all = options.all_attributes.then(|| ".".to_owned());
    let texts: Vec<String> = options
        .shown
        .attributes
        .iter()
        .cloned()
        .chain(all)
        .collect();
    let wanted = Wanted::new(&texts)?;
    if wanted.is_empty() {
        let lines: Vec<String> = targets.iter().map(ToString::to_string).collect();
        return print_lines(&lines, options);
    }
    let mut all = Map::new();
    for target in targets {
        let attributes = wanted.of(evaluator.project.attributes(target)?);
        all.insert(target.to_string(), Json::Object(attributes));
    }
    println!("{:#}", Json::Object(all));
    Ok(())
}

/// The attributes that `--output-attribute` asks for.
pub struct Wanted(Vec<Regex>);

impl Wanted {
    pub fn new(texts: &[String]) -> Result<Wanted, Exit> {
        let compile = |text: &String| {
            Regex::new(text)
                .map_err(|error| Exit::user(format!("--output-attribute {text}: {error}")))
        };
        texts
            .iter()
            .map(compile)
            .collect::<Result<_, _>>()
            .map(Wanted)
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn of(&self, attributes: Vec<(String, Json)>) -> Map<String, Json> {
        let is_wanted = |name: &str| self.0.iter().any(|pattern| pattern.is_match(name));
        let wanted = attributes.into_iter().filter(|(name, _)| is_wanted(name));
        wanted.collect()
    }
}

/// A graph for Graphviz, with the edges among the targets that were found.
fn print_dot(evaluator: &Evaluator<'_>, targets: &[TargetLabel]) -> Result<(), Exit> {
    println!("digraph result_graph {{");
    for target in targets {
        println!("  \"{target}\" [style=filled,color=\"#DFECDF\"];");
        for dep in &evaluator.graph.node(target)?.deps {
            if targets.contains(dep) {
                println!("  \"{target}\" -> \"{dep}\";");
            }
        }
    }
    println!("}}");
    Ok(())
}
