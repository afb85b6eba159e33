//! Go source to [`crate::syntax`]. Only this module knows tree-sitter and the node
//! names of its Go grammar.

mod comments;
mod expressions;
mod literals;
mod registries;
mod types;

use crate::error::{Error, Kind};
use crate::scan;
use crate::source::{Site, Source};
use crate::syntax::{Constant, File, Import, Method, TypeDeclaration};
use comments::Comments;
pub(crate) use literals::unquote;
use std::sync::Arc;
use tree_sitter::{Node, Parser, Point, Range, Tree};

/// Parses one file.
///
/// # Errors
/// If it is not Go.
pub fn parse(source: &Arc<Source>) -> Result<File, Error> {
    let found = scan::declarations(&source.text).map_err(|fault| {
        Kind::NotGo(fault.message.to_owned()).at(Site::at_byte(source, fault.offset))
    })?;
    let lines = Lines::of(&source.text);
    let tree = tree(source, &found, &lines)?;
    let comments = Comments::of(source, &found.comments, &lines);
    let reader = Reader {
        source,
        lines: &lines,
        comments: &comments,
    };
    reader.refuse_faults(&tree)?;
    reader.file(tree.root_node())
}

fn tree(source: &Arc<Source>, found: &scan::Declarations, lines: &Lines) -> Result<Tree, Error> {
    let ranges: Vec<Range> = found
        .parts
        .iter()
        .map(|part| Range {
            start_byte: part.start,
            end_byte: part.end,
            start_point: lines.point(part.start),
            end_point: lines.point(part.end),
        })
        .collect();
    let unusable = || Kind::Parser.into_error();
    let mut parser = Parser::new();
    parser
        .set_language(&tree_sitter_go::LANGUAGE.into())
        .map_err(|_| unusable())?;
    parser
        .set_included_ranges(&ranges)
        .map_err(|_| unusable())?;
    parser.parse(&source.text, None).ok_or_else(unusable)
}

/// How deep declarations may be nested; no program that people write comes near.
const DEEPEST: u32 = 200;

/// Where each line begins.
struct Lines(Vec<usize>);

impl Lines {
    fn of(text: &str) -> Self {
        let after = |(at, byte): (usize, u8)| (byte == b'\n').then_some(at + 1);
        let rest = text.bytes().enumerate().filter_map(after);
        Self(std::iter::once(0).chain(rest).collect())
    }

    /// The line of a byte, from 0.
    fn row(&self, byte: usize) -> usize {
        self.0.partition_point(|start| *start <= byte) - 1
    }

    fn point(&self, byte: usize) -> Point {
        let row = self.row(byte);
        Point::new(row, byte - self.0[row])
    }
}

/// Reads the nodes of one file.
struct Reader<'f> {
    source: &'f Arc<Source>,
    lines: &'f Lines,
    comments: &'f Comments,
}

impl<'f> Reader<'f> {
    fn text(&self, node: Node<'_>) -> &'f str {
        self.source.text.get(node.byte_range()).unwrap_or_default()
    }

    fn site(&self, node: Node<'_>) -> Site {
        self.site_of(node.start_byte())
    }

    fn site_of(&self, byte: usize) -> Site {
        let row = self.lines.row(byte);
        let before = self.source.text.get(self.lines.0[row]..byte);
        let column = before.unwrap_or_default().chars().count() + 1;
        Site::new(self.source, row + 1, column)
    }

    /// Refuses what the grammar could make nothing of, at its first node, and what is
    /// nested so deep that reading it would exhaust the stack.
    fn refuse_faults(&self, tree: &Tree) -> Result<(), Error> {
        let mut cursor = tree.walk();
        // A long sum is a deep node too, yet is read in a loop.
        let levels = |node: Node<'_>| u32::from(node.kind() != "binary_expression");
        let mut depth = 0;
        loop {
            let node = cursor.node();
            if node.is_error() || node.is_missing() {
                return Err(self.not_go(node));
            }
            if depth > DEEPEST {
                let message = format!("nested more than {DEEPEST} levels deep");
                return Err(Kind::NotGo(message).at(self.site(node)));
            }
            if cursor.goto_first_child() {
                depth += levels(node);
                continue;
            }
            while !cursor.goto_next_sibling() {
                if !cursor.goto_parent() {
                    return Ok(());
                }
                depth -= levels(cursor.node());
            }
        }
    }

    /// Why a node is not Go: a missing sign, or one too many.
    fn not_go(&self, node: Node<'_>) -> Error {
        let message = if node.is_missing() {
            format!("expected {}", node.kind())
        } else {
            let word = self.text(node).split_whitespace().next();
            format!("unexpected {}", word.unwrap_or("end of the file"))
        };
        Kind::NotGo(message).at(self.site(node))
    }

    fn file(&self, root: Node<'_>) -> Result<File, Error> {
        let mut file = File {
            source: self.source.clone(),
            package: String::new(),
            site: self.site(root),
            heading: Vec::new(),
            imports: Vec::new(),
            types: Vec::new(),
            constants: Vec::new(),
            methods: Vec::new(),
            registries: Vec::new(),
        };
        for node in children(root) {
            match node.kind() {
                "package_clause" => self.package(node, &mut file),
                "import_declaration" => self.imports(node, &mut file.imports),
                "type_declaration" => self.type_declarations(node, &mut file.types)?,
                "const_declaration" => self.constants(node, &mut file.constants)?,
                "method_declaration" => file.methods.extend(self.method(node)?),
                "var_declaration" => self.registries(node, &file.imports, &mut file.registries),
                _ => {}
            }
        }
        if file.package.is_empty() {
            let message = "expected `package` and a name".to_owned();
            return Err(Kind::NotGo(message).at(self.site(root)));
        }
        Ok(file)
    }

    fn package(&self, node: Node<'_>, file: &mut File) {
        file.heading = self.comments.before(self.lines.row(node.start_byte()));
        if let Some(name) = children(node).next() {
            file.package = self.text(name).to_owned();
            file.site = self.site(name);
        }
    }

    fn imports(&self, node: Node<'_>, imports: &mut Vec<Import>) {
        for child in children(node) {
            match child.kind() {
                "import_spec_list" => self.imports(child, imports),
                "import_spec" => {
                    let Some(path) = child.child_by_field_name("path") else {
                        continue;
                    };
                    let alias = child.child_by_field_name("name");
                    imports.push(Import {
                        site: self.site(path),
                        path: unquote(self.text(path)).unwrap_or_default(),
                        alias: alias.map(|name| self.text(name).to_owned()),
                    });
                }
                _ => {}
            }
        }
    }

    fn type_declarations(
        &self,
        node: Node<'_>,
        types: &mut Vec<TypeDeclaration>,
    ) -> Result<(), Error> {
        for spec in children(node) {
            let (Some(name), Some(value)) = (
                spec.child_by_field_name("name"),
                spec.child_by_field_name("type"),
            ) else {
                continue;
            };
            types.push(TypeDeclaration {
                site: self.site(name),
                name: self.text(name).to_owned(),
                parameters: self.type_parameters(spec),
                is_alias: spec.kind() == "type_alias",
                value: self.type_expression(value)?,
                comments: self.comments.of_node(self.lines.row(spec.start_byte())),
            });
        }
        Ok(())
    }

    fn type_parameters(&self, spec: Node<'_>) -> Vec<String> {
        let list = spec.child_by_field_name("type_parameters");
        let declarations = list.into_iter().flat_map(children);
        declarations
            .flat_map(|declaration| named(declaration, "name"))
            .map(|name| self.text(name).to_owned())
            .collect()
    }

    /// The constants of one declaration. A line without expression repeats the one
    /// above it, with its own `iota` (go.dev/ref/spec#Constant_declarations).
    fn constants(&self, node: Node<'_>, constants: &mut Vec<Constant>) -> Result<(), Error> {
        let mut declared_type = None;
        let mut values = Vec::new();
        let specs = children(node).filter(|child| child.kind() == "const_spec");
        for (iota, spec) in specs.enumerate() {
            if let Some(list) = spec.child_by_field_name("value") {
                let expressions = children(list).map(|value| self.expression(value));
                values = expressions.collect::<Result<_, _>>()?;
                let written = spec.child_by_field_name("type");
                declared_type = written.map(|t| self.type_expression(t)).transpose()?;
            }
            for (index, name) in named(spec, "name").enumerate() {
                constants.push(Constant {
                    site: self.site(name),
                    name: self.text(name).to_owned(),
                    declared_type: declared_type.clone(),
                    value: values.get(index).cloned(),
                    iota: iota as i128,
                    comments: self.comments.of_node(self.lines.row(spec.start_byte())),
                });
            }
        }
        Ok(())
    }

    fn method(&self, node: Node<'_>) -> Result<Option<Method>, Error> {
        let receiver = node
            .child_by_field_name("receiver")
            .and_then(|list| children(list).next())
            .and_then(|parameter| parameter.child_by_field_name("type"));
        let (Some(receiver), Some(name)) = (receiver, node.child_by_field_name("name")) else {
            return Ok(None);
        };
        let Some((receiver, receiver_parameters)) = self.receiver(receiver) else {
            return Ok(None);
        };
        Ok(Some(Method {
            site: self.site(name),
            receiver,
            receiver_parameters,
            name: self.text(name).to_owned(),
            signature: self.signature(node)?,
        }))
    }

    /// `T`, `*T` or `*T[A, B]`: the name of the type, and of its parameters here.
    fn receiver(&self, node: Node<'_>) -> Option<(String, Vec<String>)> {
        match node.kind() {
            "type_identifier" => Some((self.text(node).to_owned(), Vec::new())),
            "generic_type" => {
                let name = self.text(node.child_by_field_name("type")?).to_owned();
                let arguments = children(node.child_by_field_name("type_arguments")?);
                let parameters = arguments.map(|argument| self.text(argument).to_owned());
                Some((name, parameters.collect()))
            }
            _ => children(node).find_map(|inner| self.receiver(inner)),
        }
    }
}

/// The named children of a node, without comments.
fn children(node: Node<'_>) -> impl Iterator<Item = Node<'_>> {
    let mut cursor = node.walk();
    let children: Vec<Node<'_>> = node.named_children(&mut cursor).collect();
    children
        .into_iter()
        .filter(|child| child.kind() != "comment")
}

/// The children that a node has under one name.
fn named<'n>(node: Node<'n>, field: &str) -> impl Iterator<Item = Node<'n>> {
    let mut cursor = node.walk();
    let children = node.children_by_field_name(field, &mut cursor);
    let children: Vec<Node<'n>> = children.filter(|child| child.is_named()).collect();
    children.into_iter()
}

#[cfg(test)]
mod tests;
