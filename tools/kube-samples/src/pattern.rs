//! Strings that a regular expression matches, out of the expression itself.

use crate::random::Random;
use kube_schema::validate::pattern_to_rust;
use regex_syntax::hir::{Class, Hir, HirKind};

/// An expression to make strings of.
#[derive(Debug, Clone)]
pub struct Pattern(Hir);

impl Pattern {
    /// Reads Go's syntax; none if it cannot be read.
    pub fn new(pattern: &str) -> Option<Self> {
        regex_syntax::parse(&pattern_to_rust(pattern))
            .ok()
            .map(Self)
    }

    /// A string that is likely to match: anchors are not looked at, so check it.
    /// Repetitions go on for about `length` characters in all.
    pub fn string(&self, length: usize, random: &mut Random) -> String {
        let least = self.0.properties().minimum_len().unwrap_or(0);
        let mut writer = Writer {
            text: String::new(),
            spare: length.saturating_sub(least),
            random,
        };
        writer.write(&self.0);
        writer.text
    }
}

struct Writer<'r> {
    text: String,
    /// How many characters may be written beyond the fewest.
    spare: usize,
    random: &'r mut Random,
}

impl Writer<'_> {
    fn write(&mut self, hir: &Hir) {
        match hir.kind() {
            HirKind::Empty | HirKind::Look(_) => {}
            HirKind::Literal(literal) => self.text += &String::from_utf8_lossy(&literal.0),
            HirKind::Class(class) => {
                let c = self.character(class);
                self.text.extend(c);
            }
            HirKind::Capture(capture) => self.write(&capture.sub),
            HirKind::Concat(parts) => parts.iter().for_each(|part| self.write(part)),
            HirKind::Alternation(branches) => {
                if let Some(branch) = self.random.pick(branches) {
                    self.write(branch);
                }
            }
            HirKind::Repetition(repetition) => {
                let times = self.times(repetition.min, repetition.max, &repetition.sub);
                for _ in 0..times {
                    self.write(&repetition.sub);
                }
            }
        }
    }

    /// The fewest, or as many more as there is room for, or something between.
    fn times(&mut self, min: u32, max: Option<u32>, sub: &Hir) -> usize {
        let min = usize::try_from(min).unwrap_or(0);
        let size = sub.properties().minimum_len().unwrap_or(1).max(1);
        let room = self.spare / size;
        let most = max.map_or(room, |max| {
            usize::try_from(max)
                .unwrap_or(room)
                .saturating_sub(min)
                .min(room)
        });
        let more = match self.random.below(4) {
            0 => 0,
            1 => most,
            _ => self.random.below(most + 1),
        };
        self.spare -= more * size;
        min + more
    }

    fn character(&mut self, class: &Class) -> Option<char> {
        let ranges: Vec<(char, char)> = match class {
            Class::Unicode(class) => class.iter().map(|r| (r.start(), r.end())).collect(),
            Class::Bytes(class) => class
                .iter()
                .map(|r| (char::from(r.start()), char::from(r.end())))
                .collect(),
        };
        let plain: Vec<(char, char)> = ranges
            .iter()
            .map(|(start, end)| ((*start).max(' '), (*end).min('~')))
            .filter(|(start, end)| start <= end)
            .collect();
        let ranges = if plain.is_empty() || self.random.percent(5) {
            &ranges
        } else {
            &plain
        };
        let (start, end) = *self.random.pick(ranges)?;
        let (start, end) = (u32::from(start), u32::from(end));
        let offset = self
            .random
            .below(usize::try_from(end - start).unwrap_or(0) + 1);
        let code = start + u32::try_from(offset).unwrap_or(0);
        // What is no character lies between two that are.
        char::from_u32(code).or(char::from_u32(end))
    }
}

#[cfg(test)]
mod tests {
    use super::Pattern;
    use crate::random::Random;

    #[test]
    fn strings_match_the_pattern_that_they_are_made_of() {
        let mut random = Random::new(0, "");
        for pattern in [
            "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$",
            r"^\d{3}-\d{4}$",
            "^(|auto|[0-9]+)$",
            r"^\p{Greek}+$",
            r"^\Qa.b\E$",
        ] {
            let made = Pattern::new(pattern).expect(pattern);
            let rust = kube_schema::validate::pattern_to_rust(pattern);
            for length in [0, 5, 40] {
                let text = made.string(length, &mut random);
                let tree = regex_syntax::parse(&format!("^(?:{rust})$"));
                assert!(tree.is_ok(), "{pattern}: {text}");
                assert!(text.chars().count() <= length.max(12), "{pattern}: {text}");
            }
        }
        assert!(Pattern::new("(").is_none());
    }
}
