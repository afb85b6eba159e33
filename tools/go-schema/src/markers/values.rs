//! The values of markers, as controller-gen's scanner reads them (pkg/markers/parse.go).

use crate::parse::unquote;
use serde_json::{Map, Value as Json};

/// A value in loose notation: `{a: 1, b: "x"}`, `{1, 2}`, `"text"`, `text`, `5`, `true`.
pub(crate) fn loose(text: &str) -> Result<Json, String> {
    if let Ok(json) = serde_json::from_str(text) {
        return Ok(json);
    }
    let mut cursor = Cursor { rest: text.trim() };
    let value = cursor.value("")?;
    match cursor.rest.is_empty() {
        true => Ok(value),
        // What is no notation at all is text.
        false => Ok(Json::from(text)),
    }
}

/// A list of values: `a;b;c` or `{a, b, c}`.
pub(crate) fn list(text: &str) -> Result<Vec<Json>, String> {
    let mut cursor = Cursor { rest: text.trim() };
    if cursor.rest.starts_with('{') {
        return match cursor.value("")? {
            Json::Array(values) => Ok(values),
            _ => Err(format!("{text} is no list")),
        };
    }
    let mut values = Vec::new();
    loop {
        values.push(cursor.value(";")?);
        if !cursor.take(';') {
            break;
        }
    }
    match cursor.rest.is_empty() {
        true => Ok(values),
        false => Err(format!("unexpected {}", cursor.rest)),
    }
}

/// Arguments by name: `rule="self.a < 5",message="too large"`.
pub(crate) fn arguments(text: &str) -> Result<Map<String, Json>, String> {
    let mut cursor = Cursor { rest: text.trim() };
    let mut arguments = Map::new();
    while !cursor.rest.is_empty() {
        let Some((name, rest)) = cursor.rest.split_once('=') else {
            return Err(format!("{} has no value", cursor.rest));
        };
        cursor.rest = rest.trim_start();
        arguments.insert(name.trim().to_owned(), cursor.value(",")?);
        cursor.take(',');
    }
    Ok(arguments)
}

struct Cursor<'t> {
    rest: &'t str,
}

impl Cursor<'_> {
    fn take(&mut self, sign: char) -> bool {
        match self.rest.trim_start().strip_prefix(sign) {
            Some(rest) => {
                self.rest = rest.trim_start();
                true
            }
            None => false,
        }
    }

    /// One value; text without quotes ends at one of these signs.
    fn value(&mut self, ends: &str) -> Result<Json, String> {
        self.rest = self.rest.trim_start();
        match self.rest.chars().next() {
            Some('{') => self.braces(),
            Some('[') => self.brackets(),
            Some(quote @ ('"' | '`' | '\'')) => self.quoted(quote),
            _ => {
                let end = self
                    .rest
                    .find(|c| ends.contains(c))
                    .unwrap_or(self.rest.len());
                let (word, rest) = self.rest.split_at(end);
                self.rest = rest;
                Ok(scalar(word.trim()))
            }
        }
    }

    fn quoted(&mut self, quote: char) -> Result<Json, String> {
        let mut escaped = false;
        let inner = self.rest.char_indices().skip(1);
        for (at, c) in inner {
            match c {
                _ if escaped => escaped = false,
                '\\' if quote != '`' => escaped = true,
                c if c == quote => {
                    let (literal, rest) = self.rest.split_at(at + c.len_utf8());
                    self.rest = rest.trim_start();
                    let text = match quote {
                        '\'' => Some(literal[1..literal.len() - 1].to_owned()),
                        _ => unquote(literal),
                    };
                    return text
                        .map(Json::from)
                        .ok_or_else(|| format!("{literal} is no string"));
                }
                _ => {}
            }
        }
        Err(format!("{} never ends", self.rest))
    }

    /// `{a: 1}` or `{1, 2}`.
    fn braces(&mut self) -> Result<Json, String> {
        self.take('{');
        let mut object = Map::new();
        let mut values = Vec::new();
        while !self.take('}') {
            let value = self.value(":,}")?;
            if self.take(':') {
                let name = value
                    .as_str()
                    .map_or_else(|| value.to_string(), str::to_owned);
                object.insert(name, self.value(",}")?);
            } else {
                values.push(value);
            }
            if !self.take(',') && !self.rest.starts_with('}') {
                return Err("a brace is never closed".to_owned());
            }
        }
        match values.is_empty() {
            true => Ok(Json::Object(object)),
            false => Ok(Json::Array(values)),
        }
    }

    fn brackets(&mut self) -> Result<Json, String> {
        self.take('[');
        let mut values = Vec::new();
        while !self.take(']') {
            values.push(self.value(",]")?);
            if !self.take(',') && !self.rest.starts_with(']') {
                return Err("a bracket is never closed".to_owned());
            }
        }
        Ok(Json::Array(values))
    }
}

/// A number, true, false, null, or text.
fn scalar(word: &str) -> Json {
    match serde_json::from_str::<Json>(word) {
        Ok(value) if !value.is_string() => value,
        _ => Json::from(word),
    }
}
