//! The macros that bind variables (cel-go, `parser/macro.go` and
//! `ext/comprehensions.go`). An error in one turn matters only if no other turn
//! decides.

use super::cost;
use super::evaluate::{Evaluator, Scope};
use super::operators;
use super::value::{Cel, Evaluated, Failure, Key};
use cel_frontend::{Expr, Loop, LoopKind};
use std::collections::BTreeMap;
use std::rc::Rc;

/// What the variables are in one turn: an element or a key; or its index or key,
/// and the value.
struct Turn {
    first: Cel,
    second: Option<Cel>,
}

impl Evaluator<'_> {
    pub(super) fn bound(&self, bound: &Loop, scope: &Scope<'_>) -> Evaluated {
        let range = self.eval(&bound.range, scope)?;
        match bound.kind {
            LoopKind::All => self.decided(bound, &range, false, scope),
            LoopKind::Exists => self.decided(bound, &range, true, scope),
            LoopKind::ExistsOne => self.exists_one(bound, &range, scope),
            LoopKind::Filter | LoopKind::Map | LoopKind::TransformList => {
                self.collected(bound, &range, scope)
            }
            LoopKind::TransformMap | LoopKind::TransformMapEntry => {
                self.collected_map(bound, &range, scope)
            }
            LoopKind::SortBy => self.sort_by(bound, &range, scope),
            LoopKind::OptMap | LoopKind::OptFlatMap => self.optional_map(bound, range, scope),
        }
    }

    /// `all` and `exists`: whichever turn decides.
    fn decided(&self, bound: &Loop, range: &Cel, decides: bool, scope: &Scope<'_>) -> Evaluated {
        let mut failed: Option<Failure> = None;
        for turn in turns(bound, range)? {
            match self.holds(&bound.body, bound, &turn, scope) {
                Ok(value) if value == decides => return Ok(Cel::Bool(decides)),
                Ok(_) => {}
                Err(failure) => {
                    failed = Some(match failed {
                        Some(first) => first.or(failure),
                        None => failure,
                    });
                }
            }
        }
        match failed {
            Some(failure) => Err(failure),
            None => Ok(Cel::Bool(!decides)),
        }
    }

    fn exists_one(&self, bound: &Loop, range: &Cel, scope: &Scope<'_>) -> Evaluated {
        let mut count = Ok(0);
        for turn in turns(bound, range)? {
            match self.holds(&bound.body, bound, &turn, scope) {
                Ok(holds) => count = count.map(|count| count + usize::from(holds)),
                Err(failure) => count = Err(failure),
            }
        }
        count.map(|count| Cel::Bool(count == 1))
    }

    /// A list of what each turn gives; of `filter`, of the elements themselves.
    fn collected(&self, bound: &Loop, range: &Cel, scope: &Scope<'_>) -> Evaluated {
        let element = match (bound.kind, &bound.variables[..]) {
            (LoopKind::Filter, [variable]) => Some(variable),
            _ => None,
        };
        let filter = match element {
            Some(_) => Some(&bound.body),
            None => bound.filter.as_ref(),
        };
        let mut items = Ok(Vec::new());
        for turn in turns(bound, range)? {
            match filter.map(|filter| self.holds(filter, bound, &turn, scope)) {
                Some(Ok(false)) => continue,
                Some(Err(failure)) => items = Err(failure),
                Some(Ok(true)) | None => {}
            }
            if let Ok(list) = &mut items {
                let item = match element {
                    Some(_) => turn.first.checked(),
                    None => self.turned(&bound.body, bound, &turn, scope),
                };
                match item {
                    Ok(item) => list.push(item),
                    Err(failure) => items = Err(failure),
                }
            }
        }
        items.map(Cel::from)
    }

    fn collected_map(&self, bound: &Loop, range: &Cel, scope: &Scope<'_>) -> Evaluated {
        let mut map = BTreeMap::new();
        for turn in turns(bound, range)? {
            if let Some(filter) = &bound.filter
                && !self.holds(filter, bound, &turn, scope)?
            {
                continue;
            }
            let value = self.turned(&bound.body, bound, &turn, scope)?;
            match (bound.kind, value) {
                (LoopKind::TransformMap, value) => drop(map.insert(Key::of(&turn.first)?, value)),
                (_, Cel::Map(entries)) => {
                    for (key, value) in entries.iter() {
                        if map.insert(key.clone(), value.clone()).is_some() {
                            let text = format!("insert failed: key {key} already exists");
                            return Err(Failure::Error(text));
                        }
                    }
                }
                _ => return Err(Failure::no_overload()),
            }
        }
        Ok(Cel::Map(Rc::new(map)))
    }

    fn sort_by(&self, bound: &Loop, range: &Cel, scope: &Scope<'_>) -> Evaluated {
        let Cel::List(list) = range else {
            return Err(Failure::no_overload());
        };
        let turns = turns(bound, range)?;
        let keys = turns
            .iter()
            .map(|turn| self.turned(&bound.body, bound, turn, scope));
        operators::sorted(&list.items, &keys.collect::<Result<Vec<_>, _>>()?)
    }

    fn optional_map(&self, bound: &Loop, range: Cel, scope: &Scope<'_>) -> Evaluated {
        let Cel::Optional(value) = range else {
            return Err(Failure::no_overload());
        };
        let Some(value) = value else {
            return Ok(Cel::Optional(None));
        };
        let turn = Turn {
            first: value.as_ref().clone(),
            second: None,
        };
        let mapped = self.turned(&bound.body, bound, &turn, scope)?;
        Ok(match bound.kind {
            LoopKind::OptMap => Cel::Optional(Some(Rc::new(mapped))),
            _ => mapped,
        })
    }

    fn holds(
        &self,
        expr: &Expr,
        bound: &Loop,
        turn: &Turn,
        scope: &Scope<'_>,
    ) -> Result<bool, Failure> {
        match self.turned(expr, bound, turn, scope)? {
            Cel::Bool(value) => Ok(value),
            _ => Err(Failure::no_overload()),
        }
    }

    /// The expression in one turn.
    fn turned(&self, expr: &Expr, bound: &Loop, turn: &Turn, scope: &Scope<'_>) -> Evaluated {
        self.cost.spend(cost::of_turn(bound.kind))?;
        let mut variables = bound.variables.iter();
        let Some(first) = variables.next() else {
            return self.eval(expr, scope);
        };
        let outer = scope.with(first, turn.first.clone().checked());
        match (variables.next(), &turn.second) {
            (Some(second), Some(value)) => {
                self.eval(expr, &outer.with(second, value.clone().checked()))
            }
            _ => self.eval(expr, &outer),
        }
    }
}

/// What a loop runs over, by how many variables it has.
fn turns(bound: &Loop, range: &Cel) -> Result<Vec<Turn>, Failure> {
    let is_pair = bound.variables.len() > 1;
    let turn = |key: Cel, value: &Cel, is_list: bool| match is_pair {
        true => Turn {
            first: key,
            second: Some(value.clone()),
        },
        false => Turn {
            first: if is_list { value.clone() } else { key },
            second: None,
        },
    };
    match range {
        Cel::List(list) => {
            let indexed = (0..).map(Cel::Int).zip(list.items.iter());
            Ok(indexed
                .map(|(index, item)| turn(index, item, true))
                .collect())
        }
        Cel::Map(map) => Ok(map
            .iter()
            .map(|(key, value)| turn(key.value(), value, false))
            .collect()),
        _ => Err(Failure::no_overload()),
    }
}
