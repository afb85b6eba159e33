//! CEL's operators and standard functions (cel-go, `checker/cost.go`,
//! `functionCost`).

use super::{Called, Estimate};
use crate::validate::definition::cost::size::{PER_PATTERN_CHARACTER, Size};
use crate::validate::definition::cost::walk::{Seen, Walk};
use cel_frontend::Type;

impl<'t, 'e> Called<'_, 't, 'e> {
    pub(super) fn of_language(self, walk: &mut Walk<'t, 'e>) -> Option<Estimate> {
        Some(
            match (self.function, self.parts.target, self.parts.arguments) {
                ("format", Some(text), _) => Estimate::cost(text.size_or_unknown().text_cost()),
                ("bytes", None, [text]) if self.takes(&Type::String) => {
                    let Size { min, max } = text.size_or_unknown();
                    // A character takes four bytes at most; Go's product may wrap around.
                    let size = Size {
                        min,
                        max: max.wrapping_mul(4),
                    };
                    Estimate::sized(text.size_or_unknown().text_cost(), size)
                }
                ("string", None, [bytes]) if self.takes(&Type::Bytes) => {
                    let Size { min, max } = bytes.size_or_unknown();
                    let size = Size { min: min / 4, max };
                    Estimate::sized(bytes.size_or_unknown().text_cost(), size)
                }
                ("strings.quote", None, [text]) => quoted(text.size_or_unknown()),
                ("startsWith" | "endsWith", _, [part]) => {
                    Estimate::cost(part.size_or_unknown().text_cost())
                }
                ("@in", None, [_, list]) if self.looks_into_list() => {
                    Estimate::cost(list.size_or_unknown().cost(1.0))
                }
                ("matches", Some(text), [pattern]) | ("matches", None, [text, pattern]) => {
                    matched(text.size_or_unknown(), pattern.size_or_unknown())
                }
                ("contains", Some(text), [part]) => {
                    let texts = text.size_or_unknown().text_cost();
                    Estimate::cost(texts.saturating_mul(part.size_or_unknown().text_cost()))
                }
                ("_&&_" | "_||_", ..) => Estimate::cost(0),
                ("_?_:_", None, [_, yes, no]) => self.chosen(walk, yes, no),
                ("_+_", None, [a, b]) => return self.joined(walk, a, b),
                ("_==_" | "_!=_", None, [a, b]) => compared(a, b),
                ("_<_" | "_<=_" | "_>_" | "_>=_", None, [a, b])
                    if self.takes(&Type::String) || self.takes(&Type::Bytes) =>
                {
                    compared(a, b)
                }
                _ => return None,
            },
        )
    }

    /// Whether the first parameter has this type.
    fn takes(self, ty: &Type) -> bool {
        self.overload.first() == Some(ty)
    }

    fn looks_into_list(self) -> bool {
        matches!(self.overload, [_, Type::List(_)])
    }

    /// Which of both costs more is told where the arguments are counted.
    fn chosen(self, walk: &mut Walk<'t, 'e>, yes: &Seen<'t, 'e>, no: &Seen<'t, 'e>) -> Estimate {
        let entries = walk.entries(yes.node).zip(walk.entries(no.node));
        walk.set_entries(self.node, entries.map(|(yes, no)| yes.or(no)));
        Estimate::sized(0, yes.size_or_unknown().or(no.size_or_unknown()))
    }

    /// Two texts or two lists; numbers and times cost what any call does.
    fn joined(
        self,
        walk: &mut Walk<'t, 'e>,
        a: &Seen<'t, 'e>,
        b: &Seen<'t, 'e>,
    ) -> Option<Estimate> {
        let is_list = matches!(self.overload.first(), Some(Type::List(_)));
        if !is_list && !self.takes(&Type::String) && !self.takes(&Type::Bytes) {
            return None;
        }
        let size = a.size_or_unknown().plus(b.size_or_unknown());
        let entries = walk.entries(a.node).zip(walk.entries(b.node));
        walk.set_entries(self.node, entries.map(|(a, b)| a.or(b)));
        let cost = if is_list { 1 } else { size.text_cost() };
        Some(Estimate::sized(cost, size))
    }
}

/// Each character may be escaped, between quotes.
fn quoted(text: Size) -> Estimate {
    let size = Size {
        min: text.min.wrapping_add(2),
        max: text.max.wrapping_mul(2).wrapping_add(2),
    };
    Estimate::sized(text.text_cost(), size)
}

/// The pattern is tried at each character, and once at the end.
pub(super) fn matched(text: Size, pattern: Size) -> Estimate {
    let text = text.plus(Size::fixed(1)).text_cost();
    Estimate::cost(text.saturating_mul(pattern.cost(PER_PATTERN_CHARACTER)))
}

/// As far as the shorter of both goes.
fn compared(a: &Seen<'_, '_>, b: &Seen<'_, '_>) -> Estimate {
    let shorter = a.size_or_unknown().max.min(b.size_or_unknown().max);
    Estimate::cost(Size::up_to(shorter).text_cost())
}
