//! The operators (cel-go, `common/types`).

use super::value::{Cel, Evaluated, Failure, Key, List, Timestamp, Topology, contains};
use std::cmp::Ordering;
use std::rc::Rc;

/// An operator by its name in the tree; none if it is no operator.
pub(super) fn apply(name: &str, arguments: &[Cel]) -> Option<Evaluated> {
    let done = match (name, arguments) {
        ("_==_", [a, b]) => a.equals(b).map(Cel::Bool),
        ("_!=_", [a, b]) => a.equals(b).map(|equal| Cel::Bool(!equal)),
        ("_<_", [a, b]) => a.compare(b).map(|o| Cel::Bool(o == Ordering::Less)),
        ("_<=_", [a, b]) => a.compare(b).map(|o| Cel::Bool(o != Ordering::Greater)),
        ("_>_", [a, b]) => a.compare(b).map(|o| Cel::Bool(o == Ordering::Greater)),
        ("_>=_", [a, b]) => a.compare(b).map(|o| Cel::Bool(o != Ordering::Less)),
        ("_+_", [a, b]) => add(a, b),
        ("_-_", [a, b]) => subtract(a, b),
        ("_*_", [a, b]) => multiply(a, b),
        ("_/_", [a, b]) => divide(a, b),
        ("_%_", [a, b]) => modulo(a, b),
        ("-_", [a]) => negate(a),
        ("!_", [Cel::Bool(value)]) => Ok(Cel::Bool(!value)),
        ("@in", [value, container]) => within(value, container).map(Cel::Bool),
        ("!_", [_]) => Err(Failure::no_overload()),
        _ => return None,
    };
    Some(done)
}

fn overflow() -> Failure {
    Failure::error("integer overflow")
}

fn add(a: &Cel, b: &Cel) -> Evaluated {
    match (a, b) {
        (Cel::Int(a), Cel::Int(b)) => a.checked_add(*b).map(Cel::Int).ok_or_else(overflow),
        (Cel::Uint(a), Cel::Uint(b)) => a.checked_add(*b).map(Cel::Uint).ok_or_else(overflow),
        (Cel::Double(a), Cel::Double(b)) => Ok(Cel::Double(a + b)),
        (Cel::Text(a), Cel::Text(b)) => Ok(format!("{a}{b}").into()),
        (Cel::Bytes(a), Cel::Bytes(b)) => Ok(Cel::Bytes([&**a, &**b].concat().into())),
        (Cel::List(a), Cel::List(b)) => joined(a, b),
        (Cel::Duration(a), Cel::Duration(b)) => {
            a.checked_add(*b).map(Cel::Duration).ok_or_else(overflow)
        }
        (Cel::Timestamp(at), Cel::Duration(by)) | (Cel::Duration(by), Cel::Timestamp(at)) => {
            moved(*at, i128::from(*by))
        }
        _ => Err(Failure::no_overload()),
    }
}

/// Two lists; of a set or a list with keys, what the second has takes the place
/// of what the first had.
fn joined(a: &List, b: &List) -> Evaluated {
    let mut items = a.items.to_vec();
    for item in b.items.iter() {
        let place = match &a.topology {
            Topology::Plain | Topology::Made => None,
            Topology::Set if contains(&items, item)? => continue,
            Topology::Set => None,
            Topology::Map(keys) => position(&items, item, keys)?,
        };
        match place {
            Some(place) => items[place] = item.clone(),
            None => items.push(item.clone()),
        }
    }
    Ok(match a.topology {
        Topology::Plain | Topology::Made => items.into(),
        Topology::Set | Topology::Map(_) => Cel::List(List {
            items: items.into(),
            topology: a.topology.clone(),
        }),
    })
}

fn position(items: &[Cel], item: &Cel, keys: &[String]) -> Result<Option<usize>, Failure> {
    for (i, other) in items.iter().enumerate() {
        let mut is_same = true;
        for key in keys {
            let key = Cel::from(key.as_str());
            let (a, b) = (optional_index(item, &key)?, optional_index(other, &key)?);
            is_same = is_same && a.equals(&b)?;
        }
        if is_same {
            return Ok(Some(i));
        }
    }
    Ok(None)
}

fn subtract(a: &Cel, b: &Cel) -> Evaluated {
    match (a, b) {
        (Cel::Int(a), Cel::Int(b)) => a.checked_sub(*b).map(Cel::Int).ok_or_else(overflow),
        (Cel::Uint(a), Cel::Uint(b)) => a.checked_sub(*b).map(Cel::Uint).ok_or_else(overflow),
        (Cel::Double(a), Cel::Double(b)) => Ok(Cel::Double(a - b)),
        (Cel::Duration(a), Cel::Duration(b)) => {
            a.checked_sub(*b).map(Cel::Duration).ok_or_else(overflow)
        }
        (Cel::Timestamp(at), Cel::Duration(by)) => moved(*at, -i128::from(*by)),
        (Cel::Timestamp(a), Cel::Timestamp(b)) => i64::try_from(a.total() - b.total())
            .map(Cel::Duration)
            .map_err(|_| overflow()),
        _ => Err(Failure::no_overload()),
    }
}

fn moved(at: Timestamp, by: i128) -> Evaluated {
    at.moved(by)
        .map(Cel::Timestamp)
        .ok_or_else(|| Failure::error("timestamp overflow"))
}

fn multiply(a: &Cel, b: &Cel) -> Evaluated {
    match (a, b) {
        (Cel::Int(a), Cel::Int(b)) => a.checked_mul(*b).map(Cel::Int).ok_or_else(overflow),
        (Cel::Uint(a), Cel::Uint(b)) => a.checked_mul(*b).map(Cel::Uint).ok_or_else(overflow),
        (Cel::Double(a), Cel::Double(b)) => Ok(Cel::Double(a * b)),
        _ => Err(Failure::no_overload()),
    }
}

fn divide(a: &Cel, b: &Cel) -> Evaluated {
    match (a, b) {
        (Cel::Int(_), Cel::Int(0)) | (Cel::Uint(_), Cel::Uint(0)) => {
            Err(Failure::error("division by zero"))
        }
        (Cel::Int(a), Cel::Int(b)) => a.checked_div(*b).map(Cel::Int).ok_or_else(overflow),
        (Cel::Uint(a), Cel::Uint(b)) => Ok(Cel::Uint(a / b)),
        (Cel::Double(a), Cel::Double(b)) => Ok(Cel::Double(a / b)),
        _ => Err(Failure::no_overload()),
    }
}

fn modulo(a: &Cel, b: &Cel) -> Evaluated {
    match (a, b) {
        (Cel::Int(_), Cel::Int(0)) | (Cel::Uint(_), Cel::Uint(0)) => {
            Err(Failure::error("modulus by zero"))
        }
        (Cel::Int(a), Cel::Int(b)) => a.checked_rem(*b).map(Cel::Int).ok_or_else(overflow),
        (Cel::Uint(a), Cel::Uint(b)) => Ok(Cel::Uint(a % b)),
        _ => Err(Failure::no_overload()),
    }
}

fn negate(value: &Cel) -> Evaluated {
    match value {
        Cel::Int(value) => value.checked_neg().map(Cel::Int).ok_or_else(overflow),
        Cel::Double(value) => Ok(Cel::Double(-value)),
        Cel::Duration(value) => value.checked_neg().map(Cel::Duration).ok_or_else(overflow),
        _ => Err(Failure::no_overload()),
    }
}

fn within(value: &Cel, container: &Cel) -> Result<bool, Failure> {
    match container {
        Cel::List(list) => contains(&list.items, value),
        Cel::Map(map) => Ok(map.contains_key(&Key::of(value)?)),
        _ => Err(Failure::no_overload()),
    }
}

/// `a[b]` and `a.b`.
pub(super) fn index(container: &Cel, key: &Cel) -> Evaluated {
    match (container, key) {
        (Cel::Map(map), key) => {
            let key = Key::of(key)?;
            match map.get(&key) {
                Some(value) => value.clone().checked(),
                None => Err(Failure::Error(format!("no such key: {key}"))),
            }
        }
        (Cel::List(list), Cel::Int(at)) => {
            let item = usize::try_from(*at).ok().and_then(|at| list.items.get(at));
            match item {
                Some(value) => value.clone().checked(),
                None => Err(Failure::Error(format!("index out of bounds: {at}"))),
            }
        }
        (Cel::List(_), _) => Err(Failure::error("unsupported index type")),
        _ => Err(Failure::no_overload()),
    }
}

/// `a[?b]` and `a.?b`: none where there is nothing.
pub(super) fn optional_index(container: &Cel, key: &Cel) -> Evaluated {
    let container = match container {
        Cel::Optional(None) => return Ok(Cel::Optional(None)),
        Cel::Optional(Some(container)) => container,
        container => container,
    };
    let is_there = match container {
        Cel::List(list) => match key {
            Cel::Int(at) => usize::try_from(*at).is_ok_and(|at| at < list.items.len()),
            _ => return Err(Failure::error("unsupported index type")),
        },
        container => present(container, key)?,
    };
    if !is_there {
        return Ok(Cel::Optional(None));
    }
    index(container, key).map(|value| Cel::Optional(Some(Rc::new(value))))
}

/// Whether a map has the key; of an optional value, whether there is one that has.
pub(super) fn present(container: &Cel, key: &Cel) -> Result<bool, Failure> {
    match container {
        Cel::Map(map) => match map.get(&Key::of(key)?) {
            Some(value) => value.clone().checked().map(|_| true),
            None => Ok(false),
        },
        Cel::Optional(None) => Ok(false),
        Cel::Optional(Some(inner)) => present(inner, key),
        _ => Err(Failure::no_overload()),
    }
}

/// The items in the order of their keys, which must be comparable with each other.
pub(super) fn sorted(items: &[Cel], keys: &[Cel]) -> Evaluated {
    if let Some(first) = keys.first() {
        first.clone().checked()?;
    }
    for (a, b) in keys.iter().zip(keys.iter().skip(1)) {
        a.compare(b)?;
    }
    // By insertion: that integers and doubles are compared as doubles is no total order.
    let mut order: Vec<usize> = Vec::with_capacity(items.len());
    for (at, key) in keys.iter().enumerate() {
        let place = order.partition_point(
            |&before| matches!(keys[before].compare(key), Ok(order) if order.is_le()),
        );
        order.insert(place, at);
    }
    let sorted = order.into_iter().map(|at| items[at].clone());
    Ok(sorted.collect::<Vec<_>>().into())
}
