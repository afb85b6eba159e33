//! Where in the Composition's file a step's finding belongs.

use diagnostics::{Diagnostic, Position};
use resource_graph::yaml::Node;

use crate::files::Document;

/// A finding of a step, at the step or at the line of its program that the
/// message names.
pub(crate) fn in_step(composition: &Document, step: &str, diagnostic: Diagnostic) -> Diagnostic {
    let Some(node) = find(&composition.node, step) else {
        return composition.says(diagnostic);
    };
    let program = node
        .get("input")
        .and_then(|input| input.get("spec"))
        .and_then(|spec| spec.get("source"));
    let position = program
        .zip(named_line(&diagnostic.message))
        .and_then(|(program, (line, column))| in_block(composition, program, line, column));
    composition.file.at(diagnostic, position.unwrap_or(node.at))
}

fn find<'n>(composition: &'n Node, step: &str) -> Option<&'n Node> {
    let pipeline = composition.get("spec")?.get("pipeline")?;
    let is_named = |node: &&Node| node.get("step").and_then(Node::as_str) == Some(step);
    pipeline.items().iter().find(is_named)
}

/// The line and column in `prog.k:4:14` or `prog.k:4`.
fn named_line(message: &str) -> Option<(usize, usize)> {
    let (_, rest) = message.split_once("prog.k:")?;
    let mut numbers = rest
        .split(|c: char| !c.is_ascii_digit())
        .map_while(|number| number.parse::<usize>().ok());
    Some((numbers.next()?, numbers.next().unwrap_or(1)))
}

/// The place of a line of a program that is written as a block.
fn in_block(
    composition: &Document,
    program: &Node,
    line: usize,
    column: usize,
) -> Option<Position> {
    let lines: Vec<&str> = composition.file.text.lines().collect();
    let opening = lines.get(program.at.line.checked_sub(1)?)?;
    let indicator = opening.chars().nth(program.at.column.checked_sub(1)?)?;
    if indicator != '|' {
        return None;
    }
    let body = &lines[program.at.line..];
    let first = body.iter().find(|line| !line.trim().is_empty())?;
    let indent = first.chars().take_while(|c| *c == ' ').count();
    Some(Position::new(program.at.line + line, indent + column))
}
