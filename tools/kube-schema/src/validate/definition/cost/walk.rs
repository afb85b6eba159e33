//! Cost and size of each node (cel-go, `checker/cost.go`, `coster`).

use super::calls::{Called, Parts};
use super::path::Path;
use super::size::Size;
use super::tree::{Bind, Calling, Fold, Form, Node, Tree};
use crate::declared::Declared;
use crate::validate::cel::cost::{LIST, MAP};
use cel_frontend::{Literal, Type};
use std::collections::HashMap;

/// What a variable costs, and a field.
const NAME: u64 = 1;

/// The sizes of what a list or a map holds.
#[derive(Debug, Clone, Copy)]
pub(super) struct Entries {
    is_list: bool,
    /// Of keys, or of indices.
    key: Size,
    pub value: Size,
}

impl Entries {
    /// Those of a value that may be either.
    pub fn or(self, other: Self) -> Self {
        Self {
            is_list: self.is_list,
            key: self.key.or(other.key),
            value: self.value.or(other.value),
        }
    }
}

/// A variable that a macro binds.
#[derive(Debug, Clone)]
struct Local<'e> {
    path: Path<'e>,
    size: Option<Size>,
    entries: Option<Entries>,
}

/// A node as it was when its own cost had been found.
#[derive(Debug)]
pub(super) struct Seen<'t, 'e> {
    pub node: &'t Node<'e>,
    pub path: Path<'e>,
    pub size: Option<Size>,
}

impl Seen<'_, '_> {
    pub fn size_or_unknown(&self) -> Size {
        self.size.unwrap_or(Size::UNKNOWN)
    }
}

/// What is known of the nodes so far, by their numbers.
#[derive(Debug)]
pub(super) struct Walk<'t, 'e> {
    root: &'t Node<'e>,
    this: &'t Declared,
    paths: Vec<Path<'e>>,
    sizes: Vec<Option<Size>>,
    entries: Vec<Option<Entries>>,
    locals: HashMap<&'e str, Vec<Local<'e>>>,
}

impl<'t, 'e> Walk<'t, 'e> {
    pub fn new(tree: &'t Tree<'e>, this: &'t Declared) -> Self {
        Self {
            root: &tree.root,
            this,
            paths: vec![Path::default(); tree.size],
            sizes: vec![None; tree.size],
            entries: vec![None; tree.size],
            locals: HashMap::new(),
        }
    }

    pub fn cost(mut self) -> u64 {
        self.node(self.root)
    }

    fn node(&mut self, node: &'t Node<'e>) -> u64 {
        match &node.form {
            Form::Literal(_) => 0,
            Form::Name(name) => self.name(node, name),
            Form::Select { of, field, is_test } => self.select(node, of, field, *is_test),
            Form::Call(call) => self.call(node, call),
            Form::List(elements) => self.list(node, elements),
            Form::Map(entries) => self.map(node, entries),
            Form::Fold(fold) => self.fold(node, fold),
            Form::Bind(bind) => self.bind(node, bind),
        }
    }

    fn name(&mut self, node: &Node<'e>, name: &'e str) -> u64 {
        self.paths[node.id] = match self.local(name) {
            Some(local) => local.path.clone(),
            None => Path::of(name),
        };
        NAME
    }

    fn local(&self, name: &str) -> Option<&Local<'e>> {
        self.locals.get(name)?.last()
    }

    fn select(&mut self, node: &Node<'e>, of: &'t Node<'e>, field: &'e str, is_test: bool) -> u64 {
        let cost = self.node(of);
        if is_test {
            return cost;
        }
        self.paths[node.id] = self.path(of).below(field);
        let is_read = matches!(of.ty, Type::Map(..) | Type::Object(_));
        cost.saturating_add(if is_read { NAME } else { 0 })
    }

    fn list(&mut self, node: &Node<'e>, elements: &'t [Node<'e>]) -> u64 {
        let mut cost = LIST;
        let mut sizes = Vec::new();
        for element in elements {
            cost = cost.saturating_add(self.node(element));
            sizes.push(self.size_or_unknown(element));
        }
        self.entries[node.id] = Some(Entries {
            is_list: true,
            key: Size::fixed(1),
            value: all_of(sizes),
        });
        cost
    }

    fn map(&mut self, node: &Node<'e>, entries: &'t [(Node<'e>, Node<'e>)]) -> u64 {
        let mut cost = MAP;
        let (mut keys, mut values) = (Vec::new(), Vec::new());
        for (key, value) in entries {
            cost = cost.saturating_add(self.node(key));
            cost = cost.saturating_add(self.node(value));
            keys.push(self.size_or_unknown(key));
            values.push(self.size_or_unknown(value));
        }
        self.entries[node.id] = Some(Entries {
            is_list: false,
            key: all_of(keys),
            value: all_of(values),
        });
        cost
    }

    fn fold(&mut self, node: &Node<'e>, fold: &'t Fold<'e>) -> u64 {
        let range = self.node(&fold.range);
        let start = self.node(&fold.start);
        self.bind_value(fold.gathered, &fold.start);
        self.bind_variables(fold);
        let condition = self.node(&fold.condition);
        let turn = self.node(&fold.step).saturating_add(condition);
        for variable in fold.variables {
            self.unbind(variable);
        }
        let result = self.node(&fold.result);
        self.unbind(fold.gathered);
        let turns = self.size_or_unknown(&fold.range);
        match &fold.start.form {
            Form::Literal(_) => self.sizes[node.id] = self.size(&fold.start),
            _ => {
                self.sizes[node.id] = Some(turns);
                self.entries[node.id] = self.entries(&fold.step);
            }
        }
        let loops = turns.max.saturating_mul(turn);
        [start, result, loops]
            .into_iter()
            .fold(range, u64::saturating_add)
    }

    /// What the variables of a loop stand for: an element or a key, or index or
    /// key and value.
    fn bind_variables(&mut self, fold: &'t Fold<'e>) {
        let entries = self.entries(&fold.range);
        let is_list = match entries {
            Some(entries) => entries.is_list,
            None => matches!(fold.range.ty, Type::List(_)),
        };
        let (key, value) = match is_list {
            true => ("@indices", "@items"),
            false => ("@keys", "@values"),
        };
        let key = (key, entries.map(|entries| entries.key));
        let value = (value, entries.map(|entries| entries.value));
        let meant = match fold.variables.len() {
            1 if is_list => [value, value],
            _ => [key, value],
        };
        for (variable, (step, size)) in fold.variables.iter().zip(meant) {
            let local = Local {
                path: self.path(&fold.range).below(step),
                size,
                entries: None,
            };
            self.locals.entry(variable).or_default().push(local);
        }
    }

    fn bind(&mut self, node: &Node<'e>, bind: &'t Bind<'e>) -> u64 {
        let nothing = self.node(&bind.nothing);
        let value = self.node(&bind.value);
        self.bind_value(bind.variable, &bind.value);
        let result = self.node(&bind.result);
        self.unbind(bind.variable);
        self.copy_sizes(node, &bind.result);
        nothing.saturating_add(value).saturating_add(result)
    }

    fn bind_value(&mut self, name: &'e str, value: &'t Node<'e>) {
        let local = Local {
            path: self.path(value),
            size: self.size(value),
            entries: self.entries(value),
        };
        self.locals.entry(name).or_default().push(local);
    }

    fn unbind(&mut self, name: &str) {
        if let Some(stack) = self.locals.get_mut(name) {
            stack.pop();
        }
    }

    fn copy_sizes(&mut self, to: &Node<'e>, from: &Node<'e>) {
        if let Some(size) = self.size(from) {
            self.sizes[to.id] = Some(size);
        }
        if let Some(entries) = self.entries(from) {
            self.entries[to.id] = Some(entries);
        }
    }

    fn call(&mut self, node: &'t Node<'e>, call: &'t Calling<'e>) -> u64 {
        if let ("dyn", [argument]) = (call.function, &call.arguments[..]) {
            let cost = self.node(argument);
            self.copy_sizes(node, argument);
            return cost.saturating_add(1);
        }
        let mut costs = Vec::new();
        let mut arguments = Vec::new();
        for argument in &call.arguments {
            costs.push(self.node(argument));
            arguments.push(self.seen(argument));
        }
        let mut before = 0;
        let mut target = None;
        if let Some(of) = call.target.as_deref() {
            before = self.node(of);
            target = Some(self.seen(of));
        }
        let parts = Parts {
            target: target.as_ref(),
            arguments: &arguments,
            costs: &costs,
        };
        before.saturating_add(self.dearest(node, call, parts))
    }

    /// The most that any way to make this call costs.
    fn dearest(
        &mut self,
        node: &'t Node<'e>,
        call: &'t Calling<'e>,
        parts: Parts<'_, 't, 'e>,
    ) -> u64 {
        let (mut most, mut size) = (0, None);
        for overload in &call.overloads {
            let function = call.function;
            let called = Called {
                node,
                function,
                overload,
                parts,
            };
            let (cost, made) = called.estimate(self);
            most = most.max(cost);
            size = union(size, made);
            if let ("_[_]", Some(of)) = (function, call.arguments.first()) {
                size = self.indexed(node, of, overload, size);
            }
            if size.is_none() {
                size = self.size(node);
            }
        }
        if size.is_some() {
            self.sizes[node.id] = size;
        }
        most
    }

    /// The size of an element that is asked for by index or key, and its path.
    fn indexed(
        &mut self,
        node: &Node<'e>,
        of: &Node<'e>,
        overload: &[Type],
        size: Option<Size>,
    ) -> Option<Size> {
        let step = match overload.first() {
            Some(Type::List(_)) => "@items",
            Some(Type::Map(..)) => "@values",
            _ => return size,
        };
        self.paths[node.id] = self.path(of).below(step);
        self.entries(of).map(|entries| entries.value)
    }

    fn seen(&mut self, node: &'t Node<'e>) -> Seen<'t, 'e> {
        Seen {
            path: self.path(node),
            size: self.size(node),
            node,
        }
    }

    fn path(&self, node: &Node<'e>) -> Path<'e> {
        let local = match node.form {
            Form::Name(name) => self.local(name),
            _ => None,
        };
        local.map_or_else(|| self.paths[node.id].clone(), |local| local.path.clone())
    }

    pub fn entries(&self, node: &Node<'e>) -> Option<Entries> {
        let of_local = || match node.form {
            Form::Name(name) => self.local(name)?.entries,
            _ => None,
        };
        self.entries[node.id].or_else(of_local)
    }

    pub fn set_entries(&mut self, node: &Node<'e>, entries: Option<Entries>) {
        if entries.is_some() {
            self.entries[node.id] = entries;
        }
    }

    fn size_or_unknown(&mut self, node: &Node<'e>) -> Size {
        self.size(node).unwrap_or(Size::UNKNOWN)
    }

    /// The size of a value: as it was found, as it is written, as its schema says,
    /// as its type says, or as it is known of the variable.
    fn size(&mut self, node: &Node<'e>) -> Option<Size> {
        if let Some(size) = self.sizes[node.id].or_else(|| written(node)) {
            return Some(size);
        }
        if let Some(size) = self.declared(&self.path(node)) {
            self.sizes[node.id] = Some(size);
            return Some(size);
        }
        if is_scalar(&node.ty) {
            return Some(Size::fixed(1));
        }
        match node.form {
            Form::Name(name) => self.local(name)?.size,
            _ => None,
        }
    }

    /// By the schema of the value that stands there (apiextensions-apiserver,
    /// `sizeEstimator`). The first step is taken for `self`, whatever it is.
    pub fn declared(&self, path: &Path<'_>) -> Option<Size> {
        if path.is_empty() {
            return None;
        }
        let steps = path.steps();
        let mut at = self.this;
        for (i, step) in steps.iter().enumerate().skip(1) {
            at = match *step {
                "@items" | "@values" => at.element()?,
                // The server knows no length of a key, and nothing below it.
                "@keys" => return (at.has_keys() && i + 1 == steps.len()).then(|| Size::up_to(0)),
                field => at.field(field)?,
            };
        }
        Some(Size::up_to(at.most_elements as u64))
    }
}

fn all_of(sizes: Vec<Size>) -> Size {
    let all = sizes.into_iter().reduce(Size::or);
    all.unwrap_or(Size::fixed(0))
}

fn union(before: Option<Size>, made: Option<Size>) -> Option<Size> {
    match (before, made) {
        (Some(before), Some(made)) => Some(before.or(made)),
        (before, made) => before.or(made),
    }
}

/// The size of what the expression itself writes down.
fn written(node: &Node<'_>) -> Option<Size> {
    let size = match &node.form {
        Form::Literal(literal) => match literal.as_ref() {
            Literal::String(text) => text.chars().count(),
            Literal::Bytes(bytes) => bytes.len(),
            _ => 1,
        },
        Form::List(elements) => elements.len(),
        Form::Map(entries) => entries.len(),
        _ => return None,
    };
    Some(Size::fixed(size as u64))
}

fn is_scalar(ty: &Type) -> bool {
    match ty {
        Type::Bool | Type::Double | Type::Duration | Type::Int | Type::Timestamp | Type::Uint => {
            true
        }
        Type::Optional(value) => is_scalar(value),
        _ => false,
    }
}
