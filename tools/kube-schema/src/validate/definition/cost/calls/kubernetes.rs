//! Kubernetes' `pkg/cel/library/cost.go`, `EstimateCallCost`, of the functions
//! that a CRD's rules may call.

use super::language::matched;
use super::{Called, Estimate, size, written_int};
use crate::validate::cel::cost::LIST;
use crate::validate::definition::cost::size::{PER_CHARACTER, PER_PATTERN_CHARACTER, Size, scaled};
use crate::validate::definition::cost::walk::{Seen, Walk};
use cel_frontend::Type;

/// The longest pattern of a named format, and the longest name of one (`pkg/cel/limits.go`).
const FORMAT_PATTERN: f64 = 128.0;
const FORMAT: u64 = 64;

/// What asking for an authorization costs.
const AUTHORIZATION: u64 = 350_000;

/// The bytes of an IP address.
const ADDRESS: Size = Size { min: 4, max: 16 };

impl<'t, 'e> Called<'_, 't, 'e> {
    pub(super) fn of_kubernetes(self, walk: &Walk<'t, 'e>) -> Option<Estimate> {
        let of = |seen: &Seen<'_, '_>| size(walk, seen);
        Some(
            match (self.function, self.parts.target, self.parts.arguments) {
                ("isSorted" | "sum" | "max" | "min" | "indexOf" | "lastIndexOf", Some(list), _) => {
                    searched(walk, list)
                }
                ("url", None, [text]) => Estimate::sized(of(text).text_cost(), of(text)),
                ("lowerAscii" | "upperAscii" | "substring" | "trim", Some(text), _) => {
                    Estimate::sized(of(text).text_cost(), of(text))
                }
                ("replace", Some(text), [old, new, ..]) => replaced(of(text), of(old), of(new)),
                ("split", Some(text), [_, rest @ ..]) => {
                    let most = rest.first().and_then(written_int).map(|most| most as u64);
                    let parts = Size::up_to(most.unwrap_or(of(text).max));
                    Estimate::sized(of(text).cost(2.0 * PER_CHARACTER), parts)
                }
                ("join", Some(list), separator) => joined(walk, list, separator.first()),
                ("find" | "findAll", Some(text), [pattern, ..]) => {
                    let found = Size::up_to(of(text).max);
                    Estimate::sized(matched(of(text), of(pattern)).cost, found)
                }
                ("ip", Some(_), _) => Estimate::cost(1),
                ("cidr" | "ip" | "isIP" | "isCIDR", _, [text, ..])
                | ("quantity" | "isQuantity" | "semver" | "isSemver", _, [text, ..]) => {
                    Estimate::cost(of(text).text_cost())
                }
                ("ip.isCanonical", _, [text, ..]) => {
                    Estimate::cost(of(text).cost(2.0 * PER_CHARACTER))
                }
                ("containsIP", _, [other, ..]) => {
                    let compared = ADDRESS.plus(ADDRESS).text_cost();
                    Estimate::cost(compared.saturating_add(self.parsed(of(other))))
                }
                ("containsCIDR", _, [other, ..]) => {
                    let masked = ADDRESS.text_cost() + 1;
                    let compared = ADDRESS.plus(ADDRESS).text_cost() + masked;
                    Estimate::cost(compared.saturating_add(self.parsed(of(other))))
                }
                ("validate", _, [text, ..]) => {
                    let pattern = FORMAT_PATTERN * PER_PATTERN_CHARACTER;
                    Estimate::cost(scaled(of(text).text_cost(), pattern))
                }
                ("check", Some(_), _) => Estimate::cost(AUTHORIZATION),
                ("fieldSelector" | "labelSelector", Some(_), [selector]) => selected(of(selector)),
                ("_==_", None, [a, b]) if a.node.ty == b.node.ty => return equal(&a.node.ty, b),
                _ => return None,
            },
        )
    }

    /// What reading an address costs that is given as a text.
    fn parsed(self, text: Size) -> u64 {
        match self.overload {
            [_, Type::String] => text.text_cost(),
            _ => 0,
        }
    }
}

/// A requirement, which is a list and an object, takes two characters at least.
fn selected(selector: Size) -> Estimate {
    const REQUIREMENT: f64 = 50.0;
    let requirements = scaled(selector.cost(0.5), REQUIREMENT);
    let parsed = selector.text_cost().saturating_add(LIST);
    Estimate::cost(parsed.saturating_add(requirements))
}

/// Each element once, texts to their ends.
fn searched(walk: &Walk<'_, '_>, list: &Seen<'_, '_>) -> Estimate {
    let size = size(walk, list);
    let Some(element) = element_of(&list.node.ty) else {
        return Estimate::cost(size.text_cost());
    };
    let each = match element {
        Type::String | Type::Bytes => element_size(walk, list).text_cost().saturating_add(1),
        _ => 1,
    };
    Estimate::cost(size.max.saturating_mul(each))
}

/// The first parameter of the type, as the server looks at it.
fn element_of(ty: &Type) -> Option<&Type> {
    match ty {
        Type::List(first) | Type::Map(first, _) | Type::Optional(first) => Some(first),
        _ => None,
    }
}

fn element_size(walk: &Walk<'_, '_>, list: &Seen<'_, '_>) -> Size {
    let known = match list.path.is_empty() {
        true => None,
        false => walk.declared(&list.path.copied_below("@items")),
    };
    known.unwrap_or(Size::UNKNOWN)
}

/// The longest is what the largest texts make of the most places.
fn replaced(text: Size, old: Size, new: Size) -> Estimate {
    let most = if old.min == 0 {
        // Before each character and at the end.
        let places = text.max.saturating_add(1);
        places.saturating_mul(new.max).saturating_add(text.max)
    } else if new.max <= old.min {
        text.max
    } else {
        places(text.max, old.min).saturating_mul(new.max)
    };
    let least = if old.max == 0 {
        let places = text.min.saturating_add(1);
        places.saturating_mul(new.min).saturating_add(text.min)
    } else if old.max <= new.min {
        text.min
    } else {
        places(text.min, old.max).saturating_mul(new.min)
    };
    let size = Size {
        min: least,
        max: most,
    };
    Estimate::sized(text.cost(2.0 * PER_CHARACTER), size)
}

/// How often one fits into the other, in floats as on the server.
fn places(text: u64, part: u64) -> u64 {
    (text as f64 / part as f64).ceil() as u64
}

fn joined(walk: &Walk<'_, '_>, list: &Seen<'_, '_>, separator: Option<&Seen<'_, '_>>) -> Estimate {
    let count = size(walk, list);
    let mut text = Size::fixed(0);
    if element_of(&list.node.ty).is_some() {
        text = count.times(element_size(walk, list));
    }
    if let Some(separator) = separator {
        let gaps = Size {
            min: count.min.saturating_sub(1),
            max: count.max.saturating_sub(1),
        };
        text = text.plus(size(walk, separator).times(gaps));
    }
    Estimate::sized(text.text_cost(), text)
}

/// Two values of one of Kubernetes' own types.
fn equal(ty: &Type, other: &Seen<'_, '_>) -> Option<Estimate> {
    let Type::Opaque(name) = ty else { return None };
    Some(Estimate::cost(match *name {
        "net.IP" | "net.CIDR" | "kubernetes.Quantity" | "kubernetes.Semver" => 1,
        "kubernetes.NamedFormat" => scaled(FORMAT, PER_CHARACTER),
        // The server takes the other one's size for that of both.
        "kubernetes.URL" => other.size.unwrap_or(Size::fixed(1)).text_cost(),
        name if name.starts_with("kubernetes.authorization.") => 1,
        _ => return None,
    }))
}
