//! Markers: lines of comments that begin with `+` and say what Go's types cannot.
//!
//! - `+optional`, `+required`, `+default`, `+enum`, `+nullable`, `+listType`, `+listMapKey`,
//!   `+mapType`, `+structType`: kube-openapi's (pkg/generators)
//! - `+kubebuilder:…`: controller-gen's (book.kubebuilder.io/reference/markers)
//! - `+k8s:…`: those of declarative validation that a schema can state, also behind
//!   `+k8s:alpha(…)=` and `+k8s:beta(…)=`; rules about updates, other fields or feature
//!   gates are none of them

mod values;

use crate::error::{Error, Kind};
use crate::source::Site;
use crate::syntax::{CommentLine, Comments};
use serde_json::{Map, Value as Json, json};
pub(crate) use values::{arguments, list, loose};

/// What the markers of a type or a field say.
#[derive(Debug, Clone, Default)]
pub(crate) struct Said {
    /// Whether the field has to be there.
    pub required: Option<bool>,
    /// The same by kubebuilder's markers, which kube-openapi does not read: they count
    /// where the plain ones say nothing.
    pub required_by_kubebuilder: Option<bool>,
    /// The same by `+k8s:required` and `+k8s:optional`, which only count where nothing
    /// else says it.
    pub required_by_validation: Option<bool>,
    /// Whether the type's constants are all its values.
    pub is_enum: bool,
    /// Whether null is a value.
    pub is_nullable: bool,
    /// Whether fields that are not declared are kept.
    pub keeps_unknown: bool,
    /// Whether the schema says nothing about the value.
    pub is_schemaless: bool,
    /// The JSON type, in place of the one that follows from Go's.
    pub value_type: Option<String>,
    /// The default.
    pub default: Option<DefaultValue>,
    /// Keywords for the schema itself.
    pub keywords: Map<String, Json>,
    /// Keywords for the items of a list.
    pub items: Map<String, Json>,
    /// Whether the type is a kind of an API.
    pub is_kind: bool,
    /// What `+k8s:listType` and `+k8s:listMapKey` say about a list. Where the plain
    /// markers say how it is merged, these only say how it is checked.
    declared_list: Map<String, Json>,
}

/// A default.
#[derive(Debug, Clone)]
pub(crate) enum DefaultValue {
    /// A value.
    Value(Json),
    /// `ref(Name)` or `ref(import/path.Name)`: that constant's.
    Constant(Site, String),
}

struct Marker<'c> {
    site: &'c Site,
    name: &'c str,
    value: Option<&'c str>,
}

/// Reads the markers of a declaration.
pub(crate) fn read(comments: &Comments) -> Result<Said, Error> {
    let mut said = Said::default();
    for line in comments.above.iter().chain(&comments.doc) {
        if let Some(marker) = marker(line) {
            marker.say(&mut said)?;
        }
    }
    if !said.keywords.contains_key("x-kubernetes-list-type") {
        said.keywords.append(&mut said.declared_list);
    }
    Ok(said)
}

/// The marker on a line: `+name`, `+name=value`, `+name(…)=value`, `+name:=value`.
fn marker<'c>(line: &'c CommentLine) -> Option<Marker<'c>> {
    let text = line.text.trim().strip_prefix('+')?;
    text.starts_with(char::is_alphabetic).then_some(())?;
    let end = text.find(['=', '(', ' ']).unwrap_or(text.len());
    let name = &text[..end];
    let after = match text[end..].strip_prefix('(') {
        Some(_) => text[end..].split_once(')').map_or("", |(_, after)| after),
        None => &text[end..],
    };
    let value = after.strip_prefix('=');
    // gengo's own tags may end with a comment (v2/codetags).
    let without_comment = |value: &'c str| value.split(" #").next().unwrap_or(value);
    Some(Marker {
        site: &line.site,
        name: name.strip_suffix(':').unwrap_or(name),
        value: match name.starts_with("k8s:") {
            true => value.map(without_comment),
            false => value,
        },
    })
}

impl Marker<'_> {
    fn fault(&self, reason: impl std::fmt::Display) -> Error {
        let kind = Kind::Marker {
            marker: self.name.to_owned(),
            reason: reason.to_string(),
        };
        kind.at(self.site.clone())
    }

    fn value(&self) -> Result<&str, Error> {
        let value = self.value.map(str::trim).filter(|value| !value.is_empty());
        value.ok_or_else(|| self.fault("it has no value"))
    }

    fn say(&self, said: &mut Said) -> Result<(), Error> {
        if let Some(rule) = self
            .name
            .strip_prefix("kubebuilder:validation:XValidation:")
        {
            return self.rule(rule, &mut said.keywords);
        }
        if let Some(rule) = self
            .name
            .strip_prefix("kubebuilder:validation:items:XValidation:")
        {
            return self.rule(rule, &mut said.items);
        }
        match self.name.strip_prefix("kubebuilder:") {
            Some(local) => self.kubebuilder(local, said),
            None => match self.name.strip_prefix("k8s:") {
                Some(local) => self.declarative(local, said),
                None => self.plain(said),
            },
        }
    }

    fn plain(&self, said: &mut Said) -> Result<(), Error> {
        match self.name {
            "optional" => self.require(false, &mut said.required),
            "required" => self.require(true, &mut said.required),
            "enum" => {
                said.is_enum = true;
                Ok(())
            }
            "nullable" => {
                said.is_nullable = true;
                Ok(())
            }
            "default" => {
                said.default = Some(self.default()?);
                Ok(())
            }
            "listType" | "listMapKey" => self.list(&mut said.keywords),
            "mapType" | "structType" => {
                self.put("x-kubernetes-map-type", json!(self.value()?), said)
            }
            _ => Ok(()),
        }
    }

    fn require(&self, required: bool, said: &mut Option<bool>) -> Result<(), Error> {
        match said.replace(required) {
            Some(before) if before != required => {
                Err(self.fault("another marker says the opposite"))
            }
            _ => Ok(()),
        }
    }

    fn put(&self, keyword: &str, value: Json, said: &mut Said) -> Result<(), Error> {
        said.keywords.insert(keyword.to_owned(), value);
        Ok(())
    }

    /// How a list is merged, and by which keys.
    fn list(&self, keywords: &mut Map<String, Json>) -> Result<(), Error> {
        let value = json!(self.value()?.trim_matches('"'));
        if self.name == "listType" {
            keywords.insert("x-kubernetes-list-type".to_owned(), value);
            return Ok(());
        }
        let keys = keywords.entry("x-kubernetes-list-map-keys");
        if let Json::Array(keys) = keys.or_insert_with(|| json!([]))
            && !keys.contains(&value)
        {
            keys.push(value);
        }
        Ok(())
    }

    /// `+default=`: JSON, or a reference to a constant.
    fn default(&self) -> Result<DefaultValue, Error> {
        let value = self.value()?;
        if let Some(name) = value.strip_prefix("ref(").and_then(|v| v.strip_suffix(')')) {
            return Ok(DefaultValue::Constant(self.site.clone(), name.to_owned()));
        }
        let value = serde_json::from_str(value);
        value.map(DefaultValue::Value).map_err(|e| self.fault(e))
    }

    fn kubebuilder(&self, local: &str, said: &mut Said) -> Result<(), Error> {
        match local {
            "default" => {
                let value = loose(self.value()?).map_err(|e| self.fault(e))?;
                said.default = Some(DefaultValue::Value(value));
            }
            "example" => {
                let value = loose(self.value()?).map_err(|e| self.fault(e))?;
                said.keywords.insert("examples".to_owned(), json!([value]));
            }
            "title" => return self.put("title", json!(self.unquoted()?), said),
            "pruning:PreserveUnknownFields" | "validation:XPreserveUnknownFields" => {
                said.keeps_unknown = true;
            }
            "validation:EmbeddedResource" | "validation:XEmbeddedResource" => {
                return self.put("x-kubernetes-embedded-resource", json!(true), said);
            }
            "validation:XIntOrString" => {
                said.value_type = Some("int-or-string".to_owned());
            }
            "validation:Type" => said.value_type = Some(self.unquoted()?),
            "validation:Schemaless" => said.is_schemaless = true,
            "validation:Required" => {
                return self.require(true, &mut said.required_by_kubebuilder);
            }
            "validation:Optional" => {
                return self.require(false, &mut said.required_by_kubebuilder);
            }
            "object:root" => said.is_kind |= self.value == Some("true"),
            _ => {
                if let Some(name) = local.strip_prefix("validation:items:") {
                    return self.keyword(name, &mut said.items);
                }
                if let Some(name) = local.strip_prefix("validation:") {
                    return self.keyword(name, &mut said.keywords);
                }
            }
        }
        Ok(())
    }

    /// `+k8s:`: what a schema cannot say is left to the server.
    fn declarative(&self, local: &str, said: &mut Said) -> Result<(), Error> {
        match local {
            "deepcopy-gen:interfaces" => {
                said.is_kind |= self
                    .value
                    .is_some_and(|value| value.ends_with("/runtime.Object"));
                Ok(())
            }
            "alpha" | "beta" => self.nested(said, |marker, said| marker.say(said)),
            "eachVal" => self.nested(said, |marker, said| {
                let local = marker.name.strip_prefix("k8s:");
                local.map_or(Ok(()), |local| marker.keyword(local, &mut said.items))
            }),
            "required" => {
                said.required_by_validation = Some(true);
                Ok(())
            }
            "optional" => {
                said.required_by_validation = Some(false);
                Ok(())
            }
            "enum" => {
                said.is_enum = true;
                Ok(())
            }
            "listType" | "listMapKey" => {
                let plain = Marker {
                    name: local,
                    ..*self
                };
                plain.list(&mut said.declared_list)
            }
            _ => {
                let name = local.strip_prefix("validation:").unwrap_or(local);
                match name.contains(':') {
                    true => Ok(()),
                    false => self.keyword(name, &mut said.keywords),
                }
            }
        }
    }

    /// A marker that is the value of another one.
    fn nested(
        &self,
        said: &mut Said,
        say: impl Fn(&Marker<'_>, &mut Said) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let line = CommentLine {
            site: self.site.clone(),
            text: self.value.unwrap_or_default().to_owned(),
        };
        match marker(&line) {
            Some(inner) => say(&inner, said),
            None => Ok(()),
        }
    }

    /// A marker with the name of a JSON Schema keyword: `MaxLength` or `maxLength`.
    fn keyword(&self, name: &str, keywords: &mut Map<String, Json>) -> Result<(), Error> {
        let mut lower = name.to_owned();
        if let Some(first) = lower.get_mut(..1) {
            first.make_ascii_lowercase();
        }
        let value = match lower.as_str() {
            "maximum" | "minimum" | "multipleOf" | "maxLength" | "minLength" | "maxItems"
            | "minItems" | "maxProperties" | "minProperties" => self.number()?,
            "pattern" | "format" => json!(self.unquoted()?),
            "enum" if self.value.is_some() => {
                json!(list(self.value()?).map_err(|e| self.fault(e))?)
            }
            "uniqueItems" | "exclusiveMaximum" | "exclusiveMinimum" => {
                json!(self.value.is_none_or(|value| value.trim() == "true"))
            }
            "exactlyOneOf" | "atMostOneOf" | "atLeastOneOf" => {
                return self.one_of(&lower, keywords);
            }
            _ => return Ok(()),
        };
        keywords.insert(lower, value);
        Ok(())
    }

    fn number(&self) -> Result<Json, Error> {
        let number: Result<serde_json::Number, _> = serde_json::from_str(self.value()?);
        number.map(Json::Number).map_err(|e| self.fault(e))
    }

    fn unquoted(&self) -> Result<String, Error> {
        let value = self.value()?;
        Ok(crate::parse::unquote(value).unwrap_or_else(|| value.to_owned()))
    }

    /// `rule="…",message="…"`.
    fn rule(&self, first: &str, keywords: &mut Map<String, Json>) -> Result<(), Error> {
        let text = format!("{first}={}", self.value.unwrap_or_default());
        let rule = arguments(&text).map_err(|e| self.fault(e))?;
        if !rule.contains_key("rule") {
            return Err(self.fault("it has no rule"));
        }
        add_rule(keywords, Json::Object(rule));
        Ok(())
    }

    /// How many of some fields may be set, as the rule that controller-gen writes.
    fn one_of(&self, kind: &str, keywords: &mut Map<String, Json>) -> Result<(), Error> {
        let names: Vec<&str> = self.value()?.split(';').map(str::trim).collect();
        let (words, count) = match kind {
            "exactlyOneOf" => ("exactly one", "== 1"),
            "atMostOneOf" => ("at most one", "<= 1"),
            _ => ("at least one", ">= 1"),
        };
        let has: Vec<String> = names
            .iter()
            .map(|name| format!("has(self.{name})"))
            .collect();
        let rule = format!("[{}].filter(x,x==true).size() {count}", has.join(","));
        let message = format!("{words} of the fields in [{}] must be set", names.join(" "));
        add_rule(keywords, json!({"rule": rule, "message": message}));
        Ok(())
    }
}

fn add_rule(keywords: &mut Map<String, Json>, rule: Json) {
    let rules = keywords.entry("x-kubernetes-validations");
    if let Json::Array(rules) = rules.or_insert_with(|| json!([])) {
        rules.push(rule);
    }
}

#[cfg(test)]
mod tests;
