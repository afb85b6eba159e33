use super::Generator;
use crate::demand::Demand;
use crate::formats;
use crate::pattern::Pattern;
use serde_json::Value;

/// How many strings are tried.
const TRIES: usize = 60;
/// The longest string that is made where the schema sets no bound.
const LONG: usize = 24;
const WORDS: [&str; 12] = [
    "alpha",
    "b",
    "value",
    "x1",
    "my-name",
    "Some Text",
    "0",
    "true",
    "null",
    "a/b.c",
    "quote\"s'",
    "back\\slash",
];
/// Of one, two, three and four bytes, and one that is two code points to the eye.
const LETTERS: [char; 8] = ['a', 'é', 'ß', '日', '🙂', '\u{301}', 'Ω', ' '];

impl Generator<'_> {
    pub(super) fn text(&mut self, demand: &Demand<'_>, odd: bool) -> Option<Value> {
        let patterns: Vec<Pattern> = demand
            .parts
            .iter()
            .filter_map(|part| part.pattern.as_deref().filter(|p| !p.is_empty()))
            .filter_map(Pattern::new)
            .collect();
        let formats: Vec<&str> = demand
            .parts
            .iter()
            .filter_map(|part| part.format.as_deref())
            .collect();
        let lengths = Lengths::of(demand);
        for _ in 0..TRIES {
            let text = self.candidate(&patterns, &formats, &lengths, odd);
            let value = Value::from(text?);
            if self.fits(&value, demand) {
                return Some(value);
            }
        }
        None
    }

    fn candidate(
        &mut self,
        patterns: &[Pattern],
        formats: &[&str],
        lengths: &Lengths,
        odd: bool,
    ) -> Option<String> {
        if let Some(hints) = self.hint().filter(|_| self.random.percent(60))
            && let Some(text) = hints.string_for(&mut self.random)
        {
            return Some(text);
        }
        if (patterns.is_empty() || self.random.percent(50))
            && let Some(text) = self.formatted(formats)
        {
            return Some(text);
        }
        let length = lengths.draw(&mut self.random, odd);
        if let Some(pattern) = self.random.pick(patterns) {
            return Some(pattern.string(length, &mut self.random));
        }
        Some(match self.random.below(4) {
            0 if odd => self.odd_text(length),
            2 if odd => "ABCdefGHI".chars().cycle().take(length).collect(),
            1 if !lengths.is_bounded => WORDS[self.random.below(WORDS.len())].to_owned(),
            _ => "abcdefghijklmnopqrstuvwxyz"
                .chars()
                .cycle()
                .take(length)
                .collect(),
        })
    }

    /// A string of one of the formats, if the server knows it.
    fn formatted(&mut self, formats: &[&str]) -> Option<String> {
        let format = *self.random.pick(formats)?;
        if self.random.percent(50)
            && let Some(text) = formats::other(format, &mut self.random)
        {
            return Some(text);
        }
        let example = self.random.pick(formats::good(format))?;
        Some((*example).to_owned())
    }

    /// So many code points, of every size.
    pub fn odd_text(&mut self, length: usize) -> String {
        (0..length)
            .filter_map(|_| self.random.pick(&LETTERS).copied())
            .collect()
    }
}

/// The lengths to draw from, in code points.
struct Lengths {
    least: usize,
    most: usize,
    is_bounded: bool,
}

impl Lengths {
    fn of(demand: &Demand<'_>) -> Self {
        let size = |length: i64| usize::try_from(length).unwrap_or(0);
        let least = demand.most(|part| part.min_length).map_or(0, size);
        let most = demand.least(|part| part.max_length);
        Self {
            least,
            most: most.map_or(least.saturating_add(LONG), size),
            is_bounded: most.is_some() || least > 0,
        }
    }

    fn draw(&self, random: &mut crate::random::Random, odd: bool) -> usize {
        let most = self.most.min(self.least.saturating_add(1000));
        match random.below(4) {
            0 if odd => self.least,
            1 if odd => most,
            _ => {
                let room = most.saturating_sub(self.least).min(LONG / 2);
                self.least + random.below(room + 1)
            }
        }
    }
}
