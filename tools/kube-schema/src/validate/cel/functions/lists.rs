//! The list libraries (cel-go, `ext/{lists,sets}.go`; apiserver,
//! `pkg/cel/library/lists.go`).

use super::{int, unknown};
use crate::validate::cel::operators::{self, sorted};
use crate::validate::cel::value::{Cel, Evaluated, Failure, List, contains};
use std::cmp::Ordering;
use std::rc::Rc;

pub(super) fn method(name: &str, list: &List, arguments: &[Cel]) -> Evaluated {
    let items = &list.items;
    match (name, arguments) {
        ("isSorted", []) => is_sorted(items),
        ("sum", []) => sum(items),
        ("min", []) => extreme(items, Ordering::Less, "min"),
        ("max", []) => extreme(items, Ordering::Greater, "max"),
        ("indexOf", [value]) => Ok(position(items, value, false)?),
        ("lastIndexOf", [value]) => Ok(position(items, value, true)?),
        ("join", []) => join(items, ""),
        ("join", [Cel::Text(separator)]) => join(items, separator),
        ("slice", [Cel::Int(from), Cel::Int(to)]) => slice(items, *from, *to),
        ("flatten", []) => flatten(items, 1).map(Cel::from),
        ("flatten", [Cel::Int(depth)]) if *depth < 0 => {
            Err(Failure::error("level must be non-negative"))
        }
        ("flatten", [Cel::Int(depth)]) => flatten(items, *depth).map(Cel::from),
        ("sort", []) => sorted(items, items),
        ("reverse", []) => Ok(items.iter().rev().cloned().collect::<Vec<_>>().into()),
        ("distinct", []) => distinct(items),
        ("first", []) => Ok(optional(items.first())),
        ("last", []) => Ok(optional(items.last())),
        ("unwrapOpt", []) => Ok(unwrapped(list)),
        _ => Err(unknown(name)),
    }
}

fn optional(item: Option<&Cel>) -> Cel {
    Cel::Optional(item.map(|item| Rc::new(item.clone())))
}

fn is_sorted(items: &[Cel]) -> Evaluated {
    if let Some(first) = items.first() {
        first.clone().checked()?;
    }
    for (a, b) in items.iter().zip(items.iter().skip(1)) {
        if a.compare(b)? == Ordering::Greater {
            return Ok(Cel::Bool(false));
        }
    }
    Ok(Cel::Bool(true))
}

fn sum(items: &[Cel]) -> Evaluated {
    let mut items = items.iter().cloned();
    let first = items.next().unwrap_or(Cel::Int(0)).checked()?;
    items.try_fold(first, |sum, item| {
        operators::apply("_+_", &[sum, item]).unwrap_or_else(|| Err(Failure::no_overload()))
    })
}

fn extreme(items: &[Cel], order: Ordering, name: &str) -> Evaluated {
    let mut items = items.iter();
    let Some(first) = items.next() else {
        return Err(Failure::Error(format!("{name} called on empty list")));
    };
    let mut found = first.clone().checked()?;
    for item in items {
        if item.compare(&found)? == order {
            found = item.clone();
        }
    }
    Ok(found)
}

fn position(items: &[Cel], value: &Cel, from_end: bool) -> Evaluated {
    let mut found = Cel::Int(-1);
    for (i, item) in items.iter().enumerate() {
        // An item that is no value is another.
        if item.equals(value) == Ok(true) {
            found = int(i);
            if !from_end {
                break;
            }
        }
    }
    Ok(found)
}

fn join(items: &[Cel], separator: &str) -> Evaluated {
    let mut texts = Vec::with_capacity(items.len());
    for item in items {
        match item {
            Cel::Text(text) => texts.push(&**text),
            _ => return Err(Failure::error("join: invalid input")),
        }
    }
    Ok(texts.join(separator).into())
}

fn slice(items: &[Cel], from: i64, to: i64) -> Evaluated {
    let range = usize::try_from(from).ok().zip(usize::try_from(to).ok());
    let found = range.and_then(|(from, to)| items.get(from..to));
    match found {
        Some(items) => Ok(items.to_vec().into()),
        None => Err(Failure::Error(format!(
            "cannot slice({from}, {to}), list is length {}",
            items.len()
        ))),
    }
}

fn flatten(items: &[Cel], depth: i64) -> Result<Vec<Cel>, Failure> {
    let mut flat = Vec::new();
    for item in items {
        match item {
            Cel::List(inner) if depth > 0 => flat.extend(flatten(&inner.items, depth - 1)?),
            other => flat.push(other.clone()),
        }
    }
    Ok(flat)
}

/// An error of a comparison counts as a difference.
fn distinct(items: &[Cel]) -> Evaluated {
    let mut found: Vec<Cel> = Vec::new();
    for item in items {
        if !found.iter().any(|other| item.equals(other) == Ok(true)) {
            found.push(item.clone());
        }
    }
    Ok(found.into())
}

/// What the optional values in it hold.
pub(super) fn unwrapped(list: &List) -> Cel {
    let inner = |item: &Cel| match item {
        Cel::Optional(value) => value.as_ref().map(|value| value.as_ref().clone()),
        other => Some(other.clone()),
    };
    list.items
        .iter()
        .filter_map(inner)
        .collect::<Vec<_>>()
        .into()
}

pub(super) fn range(count: i64) -> Evaluated {
    const MOST: i64 = 1_000_000;
    if !(0..=MOST).contains(&count) {
        return Err(Failure::Error(format!("lists.range: size {count}")));
    }
    Ok((0..count).map(Cel::Int).collect::<Vec<_>>().into())
}

/// `sets.contains`, `sets.equivalent`, `sets.intersects`.
pub(super) fn sets(name: &str, a: &Cel, b: &Cel) -> Evaluated {
    let (Cel::List(a), Cel::List(b)) = (a, b) else {
        return Err(Failure::no_overload());
    };
    let holds = match name {
        "sets.contains" => contains_all(&a.items, &b.items)?,
        "sets.equivalent" => contains_all(&a.items, &b.items)? && contains_all(&b.items, &a.items)?,
        "sets.intersects" => {
            // An item that is no value is in no list.
            let mut any = false;
            for item in a.items.iter() {
                any = any
                    || match contains(&b.items, item) {
                        Err(Failure::Error(_)) => false,
                        found => found?,
                    };
            }
            any
        }
        _ => return Err(unknown(name)),
    };
    Ok(Cel::Bool(holds))
}

fn contains_all(items: &[Cel], parts: &[Cel]) -> Result<bool, Failure> {
    for part in parts {
        if !contains(items, part)? {
            return Ok(false);
        }
    }
    Ok(true)
}
