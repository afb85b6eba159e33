//! cel-go's `ext/lists.go` and `ext/sets.go`.

use super::{Called, Estimate, size, written_int};
use crate::validate::cel::cost::LIST;
use crate::validate::definition::cost::size::{PER_CHARACTER, Size, scaled};
use crate::validate::definition::cost::walk::{Seen, Walk};
use cel_frontend::Type;

const CALL: u64 = 1;

impl<'t, 'e> Called<'_, 't, 'e> {
    pub(super) fn of_lists(self, walk: &Walk<'t, 'e>) -> Option<Estimate> {
        Some(
            match (self.function, self.parts.target, self.parts.arguments) {
                ("sets.contains" | "sets.intersects", None, [a, b]) => compared(walk, a, b, 1.0),
                ("sets.equivalent", None, [a, b]) => compared(walk, a, b, 2.0),
                ("slice", Some(list), [start, end]) => {
                    let end = number_or(end, size(walk, list).max);
                    made(1.0, Size::fixed(end.wrapping_sub(number_or(start, 0))))
                }
                ("lists.range", None, [length]) => {
                    made(1.0, Size::fixed(number_or(length, u64::MAX)))
                }
                ("reverse", Some(list), []) => made(1.0, size(walk, list)),
                ("flatten", Some(list), []) => made(1.0, size(walk, list)),
                ("flatten", Some(list), [depth]) => {
                    made(number_or(depth, u64::MAX) as f64, size(walk, list))
                }
                ("distinct", Some(list), []) => made(2.0, squared(size(walk, list))),
                ("sort", Some(list), []) => self.sorted(size(walk, list)),
                ("@sortByAssociatedKeys", Some(_), [keys]) => self.sorted(size(walk, keys)),
                _ => return None,
            },
        )
    }

    /// Every two elements are compared.
    fn sorted(self, keys: Size) -> Estimate {
        let is_text = match self.overload {
            [Type::List(element), ..] => matches!(**element, Type::String | Type::Bytes),
            _ => false,
        };
        let factor = if is_text { 2.0 + PER_CHARACTER } else { 2.0 };
        made(factor, squared(keys))
    }
}

/// Each element of one with each of the other.
fn compared(walk: &Walk<'_, '_>, a: &Seen<'_, '_>, b: &Seen<'_, '_>, factor: f64) -> Estimate {
    let pairs = size(walk, a).times(size(walk, b));
    Estimate::cost(pairs.cost(factor).saturating_add(CALL))
}

/// A new list.
fn made(factor: f64, list: Size) -> Estimate {
    let cost = scaled(list.max, factor).saturating_add(CALL + LIST);
    Estimate::sized(cost, list)
}

fn squared(size: Size) -> Size {
    size.times(size)
}

/// What is less than nothing is nothing.
fn number_or(seen: &Seen<'_, '_>, otherwise: u64) -> u64 {
    written_int(seen).map_or(otherwise, |value| value.max(0) as u64)
}
