//! What CEL rules mention: values that they may ask for, and the fields that
//! they look at.

use crate::path::{Step, schema_below};
use crate::pattern::Pattern;
use crate::random::Random;
use cel_frontend::{Call, Expr, Kind, Literal};
use kube_schema::Schema;
use serde_json::Value;
use std::collections::BTreeSet;

/// What the rules of a schema mention.
#[derive(Debug, Clone, Default)]
pub struct Hints {
    /// Literals, and what the functions named take.
    pub strings: BTreeSet<String>,
    /// Literals.
    pub integers: BTreeSet<i64>,
    /// Literals.
    pub floats: Vec<f64>,
    /// Lists of literals.
    pub lists: Vec<Value>,
    /// What strings are asked to begin with.
    pub prefixes: BTreeSet<String>,
    /// What strings are asked to end with.
    pub suffixes: BTreeSet<String>,
    /// Names of fields, functions and variables.
    pub names: BTreeSet<String>,
    /// Fields from the value on that the rules judge: `["spec", "name"]`.
    pub paths: BTreeSet<Vec<String>>,
}

impl Hints {
    /// Of the schema's own rules.
    pub fn of(schema: &Schema) -> Self {
        let mut hints = Self::default();
        for rule in &schema.rules {
            hints.add(&rule.rule);
        }
        hints
    }

    /// Of the rules on the way to a place, and there.
    pub fn of_all(root: &Schema, place: &[Step]) -> Self {
        let mut hints = Self::default();
        let mut schema = Some(root);
        let mut steps = place.iter();
        while let Some(here) = schema {
            here.rules.iter().for_each(|rule| hints.add(&rule.rule));
            schema = steps.next().and_then(|step| schema_below(here, step));
        }
        hints
    }

    /// Of one rule.
    pub fn of_rule(rule: &str) -> Self {
        let mut hints = Self::default();
        hints.add(rule);
        hints
    }

    fn add(&mut self, rule: &str) {
        if let Ok(tree) = cel_frontend::parse(rule) {
            self.visit(&tree);
        }
    }

    fn visit(&mut self, expr: &Expr) {
        if let Some(path) = field_path(expr).filter(|path| !path.is_empty()) {
            self.paths.insert(path);
        }
        match &expr.kind {
            Kind::Literal(literal) => self.literal(literal),
            Kind::Name(name) => self.name(name),
            Kind::Select(select) => {
                self.names.insert(unescaped(&select.field));
                self.visit(&select.of);
            }
            Kind::Index(index) => {
                self.visit(&index.of);
                self.visit(&index.key);
            }
            Kind::Call(call) => {
                self.call(call);
                let parts = call.target.as_deref().into_iter().chain(&call.arguments);
                parts.for_each(|part| self.visit(part));
            }
            Kind::List(elements) => {
                let items: Option<Vec<Value>> =
                    elements.iter().map(|e| constant(&e.value)).collect();
                self.lists.extend(items.map(Value::from));
                elements.iter().for_each(|e| self.visit(&e.value));
            }
            Kind::Map(entries) => {
                for entry in entries {
                    self.visit(&entry.key);
                    self.visit(&entry.value);
                }
            }
            Kind::Loop(bound) => {
                let parts = [&bound.range, &bound.body].into_iter();
                parts.chain(&bound.filter).for_each(|part| self.visit(part));
            }
        }
    }

    fn call(&mut self, call: &Call) {
        self.name(&call.function);
        let ends = match call.function.as_str() {
            "startsWith" => &mut self.prefixes,
            "endsWith" => &mut self.suffixes,
            _ => return,
        };
        if let [argument] = &call.arguments[..]
            && let Kind::Literal(Literal::String(text)) = &argument.kind
        {
            ends.insert(text.clone());
        }
    }

    fn literal(&mut self, literal: &Literal) {
        match literal {
            Literal::String(text) => drop(self.strings.insert(text.clone())),
            Literal::Int(number) => drop(self.integers.insert(*number)),
            Literal::Uint(number) => self.integers.extend(i64::try_from(*number)),
            Literal::Double(number) => self.floats.push(*number),
            _ => {}
        }
    }

    fn name(&mut self, name: &str) {
        let known = well_known(name).iter().map(|text| (*text).to_owned());
        self.strings.extend(known);
        self.names.insert(unescaped(name));
    }

    /// A string that a rule may ask for: a literal, several of them with
    /// something between, a match of one, or a number's text.
    pub fn string_for(&self, random: &mut Random) -> Option<String> {
        let has_ends = !self.prefixes.is_empty() || !self.suffixes.is_empty();
        if has_ends && random.percent(40) {
            return Some(self.with_ends(random));
        }
        let strings: Vec<&String> = self.strings.iter().collect();
        let integers: Vec<i64> = self.integers.iter().copied().collect();
        match random.below(8) {
            0..3 => random.pick(&strings).map(|text| (*text).clone()),
            3 => {
                let mut text = filler(random);
                for _ in 0..=random.below(2) {
                    text += random.pick(&strings)?;
                    text += &filler(random);
                }
                Some(text)
            }
            4 => {
                let literal = random.pick(&strings)?;
                let length = random.below(12);
                Some(Pattern::new(literal)?.string(length, random))
            }
            5 if !self.floats.is_empty() && random.percent(50) => {
                Some(self.float_for(random)?.to_string())
            }
            5 => {
                let number = *random.pick(&integers)?;
                Some(match random.below(4) {
                    0 => format!("{number:x}"),
                    1 => format!("{number:b}"),
                    _ => (number + [-1, 0, 1][random.below(3)]).to_string(),
                })
            }
            6 => {
                let length = usize::try_from(*random.pick(&integers)?).ok()?;
                let length = (length + random.below(3)).saturating_sub(1).min(300);
                Some("abcdefghij".chars().cycle().take(length).collect())
            }
            _ => {
                let text: Vec<char> = random.pick(&strings)?.chars().collect();
                let end = random.below(text.len() + 1);
                Some(text[..end].iter().collect())
            }
        }
    }

    /// A string between a beginning and an end that a rule asks for.
    fn with_ends(&self, random: &mut Random) -> String {
        let prefixes: Vec<&String> = self.prefixes.iter().collect();
        let suffixes: Vec<&String> = self.suffixes.iter().collect();
        let mut text = String::new();
        for (i, ends) in [prefixes, suffixes].into_iter().enumerate() {
            if random.percent(80)
                && let Some(end) = random.pick(&ends)
            {
                text += end;
            }
            if i == 0 {
                text += &filler(random);
            }
        }
        text
    }

    /// A list that a rule may ask for.
    pub fn list_for(&self, random: &mut Random) -> Option<Value> {
        random.pick(&self.lists).cloned()
    }

    /// A float that a rule may ask for, or one next to it.
    pub fn float_for(&self, random: &mut Random) -> Option<f64> {
        let number = *random.pick(&self.floats)?;
        Some(number + [0.0, 0.0, 0.25, -0.25, 1.0, -1.0][random.below(6)])
    }

    /// An integer that a rule may ask for.
    pub fn integer_for(&self, random: &mut Random) -> Option<i64> {
        let integers: Vec<i64> = self.integers.iter().copied().collect();
        let number = *random.pick(&integers)?;
        Some(match random.below(8) {
            0 => number.wrapping_neg(),
            1 => number.wrapping_add(1),
            2 => number.wrapping_sub(1),
            3 => number.wrapping_mul(2),
            _ => number,
        })
    }
}

/// `self.a.b`, `self.?a['b']`: fields only.
fn field_path(expr: &Expr) -> Option<Vec<String>> {
    let (of, name) = match &expr.kind {
        Kind::Name(name) => return (name == "self").then(Vec::new),
        Kind::Select(select) => (&select.of, unescaped(&select.field)),
        Kind::Index(index) => match &index.key.kind {
            Kind::Literal(Literal::String(key)) => (&index.of, key.clone()),
            _ => return None,
        },
        _ => return None,
    };
    let mut path = field_path(of)?;
    path.push(name);
    Some(path)
}

/// A literal as JSON.
fn constant(expr: &Expr) -> Option<Value> {
    let Kind::Literal(literal) = &expr.kind else {
        return None;
    };
    Some(match literal {
        Literal::Null => Value::Null,
        Literal::Bool(value) => (*value).into(),
        Literal::Int(value) => (*value).into(),
        Literal::Uint(value) => (*value).into(),
        Literal::Double(value) => (*value).into(),
        Literal::String(value) => value.as_str().into(),
        Literal::Bytes(_) => return None,
    })
}

/// A few characters, or none.
fn filler(random: &mut Random) -> String {
    let length = random.below(4);
    (0..length)
        .filter_map(|_| random.pick(&['a', 'b', 'x', '1', '-']))
        .collect()
}

/// A field's name without CEL's escapes (apiserver, `pkg/cel/escaping.go`).
fn unescaped(name: &str) -> String {
    let inner = name.strip_prefix("__").and_then(|n| n.strip_suffix("__"));
    if let Some(word) = inner.filter(|word| !word.contains("__")) {
        return word.to_owned();
    }
    name.replace("__underscores__", "__")
        .replace("__dot__", ".")
        .replace("__dash__", "-")
        .replace("__slash__", "/")
}

/// What a function or a format of that name takes.
fn well_known(name: &str) -> &'static [&'static str] {
    match name {
        "url" | "isURL" => &[
            "https://example.org:8080/a%20b?k=v&k=w",
            "http://example.org/",
            "https://example.org:80",
            "/path",
            "https://[::1]:80/",
        ],
        "ip" | "isIP" => &[
            "10.0.0.1",
            "127.0.0.1",
            "::1",
            "fe80::1",
            "0.0.0.0",
            "2001:db8::1",
            "::ffff:1.2.3.4",
            "224.0.0.1",
        ],
        "cidr" | "isCIDR" => &[
            "10.0.0.0/8",
            "10.0.0.7/16",
            "10.0.0.0/24",
            "::/0",
            "2001:db8::/32",
            "192.168.0.0/30",
        ],
        "quantity" | "isQuantity" => &[
            "1", "500m", "1Gi", "1k", "1000", "2.5", "0", "-1", "1Ki", "100M", "12E", "0.5",
        ],
        "semver" | "isSemver" => &[
            "1.2.3",
            "1.0.0",
            "2.0.0",
            "1.2.4-rc.1",
            "2.0.0-alpha",
            "0.0.1",
            "v1.2",
            "1.0.0+build",
        ],
        "duration" | "getSeconds" => &["1h", "90s", "1m30s", "0s", "2h"],
        "timestamp" => &[
            "2026-01-01T08:00:00Z",
            "2019-01-01T00:00:00Z",
            "2026-06-01T13:00:00Z",
        ],
        "dns1123Label" | "dns1123LabelPrefix" | "dns1035Label" | "named" => {
            &["abc", "a-b", "1a", "a.b", "A", "a-"]
        }
        "dns1123Subdomain" | "qualifiedName" | "labelValue" => {
            &["a.b", "example.org/name", "A_b", "a..b", "-a"]
        }
        "uuid" => &["123e4567-e89b-12d3-a456-426614174000", "123"],
        "uri" => &["https://example.org/a", "a b"],
        "byte" => &["YWI=", "YWJjZA==", "YQ"],
        "date" | "datetime" => &["2026-01-01", "2026-01-01T00:00:00Z", "2026-02-30"],
        _ => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::Hints;

    #[test]
    fn literals_names_and_fields_are_found() {
        let hints = Hints::of_rule(
            r#"!has(self.x__dash__y) || self.kind in ['a', "it's"] && size(self) > 0x10"#,
        );
        assert!(hints.strings.contains("a") && hints.strings.contains("it's"));
        assert!(hints.integers.contains(&16));
        assert!(hints.names.contains("x-y") && hints.names.contains("kind"));
        assert!(hints.paths.contains(&vec!["x-y".to_owned()]));
    }
}
