//! An expression with its macros written out as the folds that the server makes
//! of them (cel-go, `parser/macro.go`, `ext/comprehensions.go`, `ext/lists.go`,
//! `cel/library.go`).

use cel_frontend::{
    Access, Call, Expr, Index, Kind, Literal, Loop, LoopKind, Overload, Select, Type, overloads,
};
use std::borrow::Cow;

/// The variable in which a fold gathers its result.
const GATHERED: &str = "@result";
/// How large a tree may get: `optMap` stands twice for what it is called on, so
/// that a chain of them doubles with each, and no server would come to its end.
const MOST_NODES: usize = 1 << 20;
/// The list that `sortBy` sorts.
const SORTED: &str = "@__sortBy_input__";

/// A node, numbered from 0.
#[derive(Debug)]
pub(super) struct Node<'e> {
    pub id: usize,
    pub ty: Type,
    pub form: Form<'e>,
}

/// What a node is.
#[derive(Debug)]
pub(super) enum Form<'e> {
    Literal(Cow<'e, Literal>),
    Name(&'e str),
    Select {
        of: Box<Node<'e>>,
        field: &'e str,
        is_test: bool,
    },
    Call(Calling<'e>),
    List(Vec<Node<'e>>),
    Map(Vec<(Node<'e>, Node<'e>)>),
    Fold(Box<Fold<'e>>),
    Bind(Box<Bind<'e>>),
}

/// A call of a function or an operator.
#[derive(Debug)]
pub(super) struct Calling<'e> {
    pub function: &'e str,
    pub target: Option<Box<Node<'e>>>,
    pub arguments: Vec<Node<'e>>,
    /// The types of the parameters, for each way to call it that fits.
    pub overloads: Vec<&'static [Type]>,
}

/// A loop over a list or a map.
#[derive(Debug)]
pub(super) struct Fold<'e> {
    pub range: Node<'e>,
    pub variables: &'e [String],
    pub gathered: &'e str,
    pub start: Node<'e>,
    pub condition: Node<'e>,
    pub step: Node<'e>,
    pub result: Node<'e>,
}

/// A value with a name: a fold over an empty list to the server.
#[derive(Debug)]
pub(super) struct Bind<'e> {
    pub nothing: Node<'e>,
    pub variable: &'e str,
    pub value: Node<'e>,
    pub result: Node<'e>,
}

/// The whole expression.
#[derive(Debug)]
pub(super) struct Tree<'e> {
    pub root: Node<'e>,
    /// How many nodes it has.
    pub size: usize,
}

/// None if it were too large.
pub(super) fn expand(expr: &Expr<Type>) -> Option<Tree<'_>> {
    let mut expansion = Expansion { next: 0 };
    let root = expansion.expr(expr);
    let size = expansion.next;
    (size < MOST_NODES).then_some(Tree { root, size })
}

struct Expansion {
    next: usize,
}

impl Expansion {
    fn node<'e>(&mut self, ty: &Type, form: Form<'e>) -> Node<'e> {
        let id = self.next;
        self.next += 1;
        Node {
            id,
            ty: ty.clone(),
            form,
        }
    }

    fn expr<'e>(&mut self, expr: &'e Expr<Type>) -> Node<'e> {
        let form = match &expr.kind {
            _ if self.next >= MOST_NODES => Form::List(Vec::new()),
            Kind::Literal(literal) => Form::Literal(Cow::Borrowed(literal)),
            Kind::Name(name) => Form::Name(name),
            Kind::Select(select) => self.select(select),
            Kind::Index(index) => self.index(index),
            Kind::Call(call) => self.call(call),
            Kind::List(elements) => {
                Form::List(elements.iter().map(|e| self.expr(&e.value)).collect())
            }
            Kind::Map(entries) => {
                let entry = |entry: &'e cel_frontend::Entry<Type>| {
                    (self.expr(&entry.key), self.expr(&entry.value))
                };
                Form::Map(entries.iter().map(entry).collect())
            }
            Kind::Loop(bound) => self.bound(bound, &expr.ty),
        };
        self.node(&expr.ty, form)
    }

    fn select<'e>(&mut self, select: &'e Select<Type>) -> Form<'e> {
        let of = self.expr(&select.of);
        let field = select.field.as_str();
        match select.access {
            Access::Optional => {
                let name = self.literal(&Type::String, Literal::String(field.to_owned()));
                simple_call("_?._", vec![of, name])
            }
            access => Form::Select {
                of: Box::new(of),
                field,
                is_test: access == Access::Presence,
            },
        }
    }

    fn index<'e>(&mut self, index: &'e Index<Type>) -> Form<'e> {
        Form::Call(Calling {
            function: if index.optional { "_[?_]" } else { "_[_]" },
            target: None,
            arguments: vec![self.expr(&index.of), self.expr(&index.key)],
            overloads: parameters_of(&index.overloads),
        })
    }

    fn call<'e>(&mut self, call: &'e Call<Type>) -> Form<'e> {
        Form::Call(Calling {
            function: &call.function,
            target: call.target.as_deref().map(|of| Box::new(self.expr(of))),
            arguments: call.arguments.iter().map(|one| self.expr(one)).collect(),
            overloads: parameters_of(&call.overloads),
        })
    }

    fn literal<'e>(&mut self, ty: &Type, literal: Literal) -> Node<'e> {
        self.node(ty, Form::Literal(Cow::Owned(literal)))
    }

    fn name<'e>(&mut self, ty: &Type, name: &'e str) -> Node<'e> {
        self.node(ty, Form::Name(name))
    }

    /// A call that costs by nothing but its name and its arguments.
    fn calling<'e>(&mut self, ty: &Type, function: &'e str, arguments: Vec<Node<'e>>) -> Node<'e> {
        self.node(ty, simple_call(function, arguments))
    }

    fn method<'e>(&mut self, ty: &Type, target: Node<'e>, function: &'e str) -> Node<'e> {
        let call = Calling {
            function,
            target: Some(Box::new(target)),
            arguments: Vec::new(),
            overloads: vec![&[]],
        };
        self.node(ty, Form::Call(call))
    }

    fn bound<'e>(&mut self, bound: &'e Loop<Type>, ty: &Type) -> Form<'e> {
        match bound.kind {
            LoopKind::OptMap | LoopKind::OptFlatMap => self.optional_map(bound, ty),
            LoopKind::SortBy => self.sort_by(bound, ty),
            LoopKind::All => self.decided(bound, true),
            LoopKind::Exists => self.decided(bound, false),
            LoopKind::ExistsOne => self.exists_one(bound),
            LoopKind::Filter | LoopKind::Map | LoopKind::TransformList => self.collected(bound, ty),
            LoopKind::TransformMap | LoopKind::TransformMapEntry => self.collected_map(bound, ty),
        }
    }

    /// `all`: `gathered && body`, while that is not false; `exists`: `gathered || body`.
    fn decided<'e>(&mut self, bound: &'e Loop<Type>, is_all: bool) -> Form<'e> {
        let bool = &Type::Bool;
        let gathered = self.name(bool, GATHERED);
        let open = match is_all {
            true => gathered,
            false => self.calling(bool, "!_", vec![gathered]),
        };
        let operator = if is_all { "_&&_" } else { "_||_" };
        let arguments = vec![self.name(bool, GATHERED), self.expr(&bound.body)];
        let fold = Fold {
            range: self.expr(&bound.range),
            variables: &bound.variables,
            gathered: GATHERED,
            start: self.literal(bool, Literal::Bool(is_all)),
            condition: self.calling(bool, "@not_strictly_false", vec![open]),
            step: self.calling(bool, operator, arguments),
            result: self.name(bool, GATHERED),
        };
        Form::Fold(Box::new(fold))
    }

    /// `body ? gathered + 1 : gathered`, which is 1 in the end.
    fn exists_one<'e>(&mut self, bound: &'e Loop<Type>) -> Form<'e> {
        let int = &Type::Int;
        let one = self.literal(int, Literal::Int(1));
        let sum = vec![self.name(int, GATHERED), one];
        let more = self.calling(int, "_+_", sum);
        let step = vec![self.expr(&bound.body), more, self.name(int, GATHERED)];
        let one = self.literal(int, Literal::Int(1));
        let result = vec![self.name(int, GATHERED), one];
        let fold = Fold {
            range: self.expr(&bound.range),
            variables: &bound.variables,
            gathered: GATHERED,
            start: self.literal(int, Literal::Int(0)),
            condition: self.literal(&Type::Bool, Literal::Bool(true)),
            step: self.calling(int, "_?_:_", step),
            result: self.calling(&Type::Bool, "_==_", result),
        };
        Form::Fold(Box::new(fold))
    }

    /// `filter ? gathered + [body] : gathered`; of `filter` itself the variable is added.
    fn collected<'e>(&mut self, bound: &'e Loop<Type>, ty: &Type) -> Form<'e> {
        let (item, filter) = match (bound.kind, &bound.variables[..]) {
            (LoopKind::Filter, [variable, ..]) => {
                let item = self.name(&element_of(ty), variable);
                (item, Some(&bound.body))
            }
            _ => (self.expr(&bound.body), bound.filter.as_ref()),
        };
        let range = self.expr(&bound.range);
        let start = self.node(ty, Form::List(Vec::new()));
        let more = self.appended(ty, item);
        self.gather(range, bound, start, filter, more)
    }

    /// `gathered + [item]`.
    fn appended<'e>(&mut self, ty: &Type, item: Node<'e>) -> Node<'e> {
        let item = self.node(ty, Form::List(vec![item]));
        let sum = Calling {
            function: "_+_",
            target: None,
            arguments: vec![self.name(ty, GATHERED), item],
            overloads: declared("_+_", |first| matches!(first, Type::List(_))),
        };
        self.node(ty, Form::Call(sum))
    }

    /// `filter ? insert(gathered, key, body) : gathered`.
    fn collected_map<'e>(&mut self, bound: &'e Loop<Type>, ty: &Type) -> Form<'e> {
        let mut entry = vec![self.name(ty, GATHERED)];
        if let (LoopKind::TransformMap, [key, ..]) = (bound.kind, &bound.variables[..]) {
            entry.push(self.name(&key_of(ty), key));
        }
        entry.push(self.expr(&bound.body));
        let more = self.calling(ty, "cel.@mapInsert", entry);
        let range = self.expr(&bound.range);
        let start = self.node(ty, Form::Map(Vec::new()));
        self.gather(range, bound, start, bound.filter.as_ref(), more)
    }

    /// A fold whose result is what it gathers, a list or a map.
    fn gather<'e>(
        &mut self,
        range: Node<'e>,
        bound: &'e Loop<Type>,
        start: Node<'e>,
        filter: Option<&'e Expr<Type>>,
        more: Node<'e>,
    ) -> Form<'e> {
        let ty = &start.ty.clone();
        let step = match filter {
            None => more,
            Some(filter) => {
                let choice = vec![self.expr(filter), more, self.name(ty, GATHERED)];
                self.calling(ty, "_?_:_", choice)
            }
        };
        let fold = Fold {
            range,
            variables: &bound.variables,
            gathered: GATHERED,
            start,
            condition: self.literal(&Type::Bool, Literal::Bool(true)),
            step,
            result: self.name(ty, GATHERED),
        };
        Form::Fold(Box::new(fold))
    }

    /// The list gets a name and is sorted by the list that mapping it gives.
    fn sort_by<'e>(&mut self, bound: &'e Loop<Type>, ty: &Type) -> Form<'e> {
        let list = &bound.range.ty;
        let keys = Type::list(bound.body.ty.clone());
        let (value, range) = (self.expr(&bound.range), self.name(list, SORTED));
        let start = self.node(&keys, Form::List(Vec::new()));
        let key = self.expr(&bound.body);
        let more = self.appended(&keys, key);
        let mapped = self.gather(range, bound, start, None, more);
        let sort = Calling {
            function: "@sortByAssociatedKeys",
            target: Some(Box::new(self.name(list, SORTED))),
            arguments: vec![self.node(&keys, mapped)],
            overloads: declared("sort", |list| fits(&keys, list)),
        };
        let result = self.node(ty, Form::Call(sort));
        self.bind(SORTED, value, result)
    }

    /// `optional.hasValue() ? optional.of(body) : optional.none()`, with a name for
    /// the value; `optFlatMap` has the body itself.
    fn optional_map<'e>(&mut self, bound: &'e Loop<Type>, ty: &Type) -> Form<'e> {
        let target = self.expr(&bound.range);
        let has_value = self.method(&Type::Bool, target, "hasValue");
        let target = self.expr(&bound.range);
        let value = self.method(&value_of(&bound.range.ty), target, "value");
        let body = self.expr(&bound.body);
        let variable = bound.variables.first().map_or("", String::as_str);
        let form = self.bind(variable, value, body);
        let mapped = self.node(&bound.body.ty, form);
        let mapped = match bound.kind {
            LoopKind::OptMap => self.calling(ty, "optional.of", vec![mapped]),
            _ => mapped,
        };
        let none = self.calling(ty, "optional.none", Vec::new());
        simple_call("_?_:_", vec![has_value, mapped, none])
    }

    fn bind<'e>(&mut self, variable: &'e str, value: Node<'e>, result: Node<'e>) -> Form<'e> {
        let nothing = self.node(&Type::list(Type::Dyn), Form::List(Vec::new()));
        Form::Bind(Box::new(Bind {
            nothing,
            variable,
            value,
            result,
        }))
    }
}

fn simple_call<'e>(function: &'e str, arguments: Vec<Node<'e>>) -> Form<'e> {
    Form::Call(Calling {
        function,
        target: None,
        arguments,
        overloads: vec![&[]],
    })
}

fn parameters_of(overloads: &[&'static Overload]) -> Vec<&'static [Type]> {
    overloads.iter().map(|one| &one.parameters[..]).collect()
}

/// The ways to call a function whose first parameter is as asked.
fn declared(function: &str, is_asked: impl Fn(&Type) -> bool) -> Vec<&'static [Type]> {
    let all = overloads(function).unwrap_or_default().iter();
    let parameters = all.map(|one| &one.parameters[..]);
    parameters
        .filter(|all| all.first().is_some_and(&is_asked))
        .collect()
}

/// Whether a list may be one of these.
fn fits(list: &Type, wanted: &Type) -> bool {
    element_of(list) == Type::Dyn || list == wanted
}

fn element_of(list: &Type) -> Type {
    match list {
        Type::List(element) => element.as_ref().clone(),
        _ => Type::Dyn,
    }
}

fn key_of(map: &Type) -> Type {
    match map {
        Type::Map(key, _) => key.as_ref().clone(),
        _ => Type::Dyn,
    }
}

fn value_of(optional: &Type) -> Type {
    match optional {
        Type::Optional(value) => value.as_ref().clone(),
        _ => Type::Dyn,
    }
}
