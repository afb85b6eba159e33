//! Pieces of an expression in a language with `and`, `or`, `not` and
//! `a if c else b`, which KCL and Python share, with no bracket too many.

use std::fmt;

/// How tightly the outermost operator binds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// `a if c else b`.
    Choice,
    /// `a or b`.
    Or,
    /// `a and b`.
    And,
    /// `not a`.
    Not,
    /// `a == b`, `a in b`, `a is b`.
    Comparison,
    /// `a + b`.
    Sum,
    /// `a * b`.
    Product,
    /// `-a`.
    Minus,
    /// Names, calls, constants, whatever needs no brackets.
    Atom,
}

/// An expression.
#[derive(Debug, Clone)]
pub struct Code {
    text: String,
    level: Level,
    /// What says the opposite, at the same level, if that is no `not` before it.
    opposite: Option<String>,
}

impl PartialEq for Code {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Code {}

impl Code {
    /// Text whose outermost operator is of this level.
    pub fn new(level: Level, text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            level,
            opposite: None,
        }
    }

    /// A condition and its opposite: `a in b`, `a not in b`.
    pub fn with_opposite(
        level: Level,
        text: impl Into<String>,
        opposite: impl Into<String>,
    ) -> Self {
        Self {
            opposite: Some(opposite.into()),
            ..Self::new(level, text)
        }
    }

    /// A name, a call, a constant.
    pub fn atom(text: impl Into<String>) -> Self {
        Self::new(Level::Atom, text)
    }

    /// `True` or `False`.
    pub fn bool(value: bool) -> Self {
        Self::atom(if value { "True" } else { "False" })
    }

    /// The text, in brackets if its operator binds less tightly than `level`.
    pub fn at(&self, level: Level) -> String {
        if self.level >= level {
            self.text.clone()
        } else {
            format!("({})", self.text)
        }
    }

    /// `left SIGN right`; comparisons do not chain, and `a - (b - c)` keeps its brackets.
    pub fn binary(level: Level, left: &Code, sign: &str, right: &Code) -> Self {
        let tighter = match level {
            Level::Comparison => Level::Sum,
            Level::Sum => Level::Product,
            _ => Level::Minus,
        };
        let left_level = if level == Level::Comparison {
            tighter
        } else {
            level
        };
        let (left, right) = (left.at(left_level), right.at(tighter));
        let with = |sign: &str| format!("{left} {sign} {right}");
        Self {
            opposite: opposite_sign(sign).map(with),
            ..Self::new(level, with(sign))
        }
    }

    /// `a and b and …`; without what is true anyway, and without repetitions.
    pub fn all(parts: impl IntoIterator<Item = Code>) -> Self {
        let is_false = |code: &Code| code.text == "False";
        Self::joined(parts, "True", is_false, Level::And, " and ")
    }

    /// `a or b or …`; without what is false anyway, and without repetitions.
    pub fn any(parts: impl IntoIterator<Item = Code>) -> Self {
        let is_true = |code: &Code| code.text == "True";
        Self::joined(parts, "False", is_true, Level::Or, " or ")
    }

    fn joined(
        parts: impl IntoIterator<Item = Code>,
        neutral: &str,
        decides: impl Fn(&Code) -> bool,
        level: Level,
        word: &str,
    ) -> Self {
        let mut kept: Vec<Code> = Vec::new();
        for part in parts {
            if decides(&part) {
                return part;
            }
            if part.text != neutral && !kept.contains(&part) {
                kept.push(part);
            }
        }
        match kept.as_slice() {
            [] => Code::atom(neutral),
            [only] => only.clone(),
            several => {
                let texts: Vec<String> = several.iter().map(|part| part.at(level)).collect();
                Code::new(level, texts.join(word))
            }
        }
    }

    /// `not a`. In KCL `not` binds more tightly than `==`, in Python less.
    pub fn negated(&self) -> Self {
        match (self.text.as_str(), &self.opposite) {
            ("True", _) => Code::bool(false),
            ("False", _) => Code::bool(true),
            (text, Some(opposite)) => Code::with_opposite(self.level, opposite, text),
            (text, None) => {
                let not = format!("not {}", self.at(Level::Atom));
                // What is denied twice is said.
                let opposite = (self.level >= Level::Not).then(|| text.to_owned());
                Self {
                    opposite,
                    ..Code::new(Level::Not, not)
                }
            }
        }
    }

    /// `then if condition else otherwise`.
    pub fn choice(condition: &Code, then: &Code, otherwise: &Code) -> Self {
        match condition.text.as_str() {
            "True" => then.clone(),
            "False" => otherwise.clone(),
            _ => Code::new(
                Level::Choice,
                format!(
                    "{} if {} else {}",
                    then.at(Level::Or),
                    condition.at(Level::Or),
                    otherwise.at(Level::Choice)
                ),
            ),
        }
    }
}

/// `<` has none: neither holds if a side is no number.
fn opposite_sign(sign: &str) -> Option<&'static str> {
    Some(match sign {
        "==" => "!=",
        "!=" => "==",
        "in" => "not in",
        "not in" => "in",
        "is" => "is not",
        "is not" => "is",
        _ => return None,
    })
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::{Code, Level};

    #[test]
    fn what_is_not_equal_is_different() {
        let (a, b) = (Code::atom("a"), Code::atom("b"));
        let equal = Code::binary(Level::Comparison, &a, "==", &b);
        assert_eq!(equal.negated().to_string(), "a != b");
        assert_eq!(equal.negated().negated(), equal);
        let part = Code::binary(Level::Comparison, &a, "in", &b);
        assert_eq!(part.negated().to_string(), "a not in b");
    }
}
