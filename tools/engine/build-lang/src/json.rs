//! Values as `write_json` writes them.

use serde_json::Value as Json;
use starlark::values::Value;
use starlark::values::dict::DictRef;
use starlark::values::list::ListRef;
use starlark::values::structs::StructRef;
use starlark::values::tuple::TupleRef;

use crate::artifact::{Artifact, OutputArtifact};
use crate::cmd_args::{Associated, CommandLine};
use crate::error::raise;
use crate::label::{Label, RawTarget};
use crate::provider::{BUILTIN, ProviderInstance};

/// A value as `write_json` writes it.
pub(crate) fn to_json(value: Value<'_>) -> starlark::Result<Json> {
    if value.is_none() {
        Ok(Json::Null)
    } else if let Some(bool) = value.unpack_bool() {
        Ok(Json::Bool(bool))
    } else if let Some(text) = value.unpack_str() {
        Ok(Json::String(text.to_owned()))
    } else if value.get_type() == "int" {
        match <i64 as starlark::values::UnpackValue>::unpack_value(value)? {
            Some(int) => Ok(Json::from(int)),
            None => raise(format!("write_json: {value} does not fit into 64 bits")),
        }
    } else if let Some(list) = ListRef::from_value(value) {
        list.iter()
            .map(to_json)
            .collect::<starlark::Result<_>>()
            .map(Json::Array)
    } else if let Some(tuple) = TupleRef::from_value(value) {
        tuple
            .iter()
            .map(to_json)
            .collect::<starlark::Result<_>>()
            .map(Json::Array)
    } else if let Some(dict) = DictRef::from_value(value) {
        let entries = dict
            .iter()
            .map(|(key, value)| Ok((json_key(key)?, to_json(value)?)));
        entries.collect::<starlark::Result<_>>().map(Json::Object)
    } else if let Some(fields) = StructRef::from_value(value) {
        let entries = fields
            .iter()
            .map(|(key, value)| Ok((key.as_str().to_owned(), to_json(value)?)));
        entries.collect::<starlark::Result<_>>().map(Json::Object)
    } else if let Some(label) = Label::from_value(value) {
        Ok(Json::String(label.to_string()))
    } else if let Some(target) = RawTarget::from_value(value) {
        Ok(Json::String(target.to_string()))
    } else if Artifact::from_value(value).is_some() || OutputArtifact::from_value(value).is_some() {
        Ok(Json::String(CommandLine::of(value)?.render()?.concat()))
    } else if let Some(instance) = ProviderInstance::from_value(value)
        && instance.definition.id != BUILTIN.run_info.0.id
    {
        let fields = instance.definition.fields.iter().zip(&instance.values);
        let entries = fields.map(|(field, value)| Ok((field.name.clone(), to_json(*value)?)));
        entries.collect::<starlark::Result<_>>().map(Json::Object)
    } else if matches!(value.get_type(), "enum" | "record") {
        let text = value
            .to_json()
            .or_else(|error| raise(format!("write_json: {error}")))?;
        serde_json::from_str(&text).or_else(|error| raise(format!("write_json: {error}")))
    } else if let Ok(line) = CommandLine::of(value) {
        let parts = line.render()?;
        Ok(match line.is_joined() {
            true => Json::String(parts.concat()),
            false => Json::Array(parts.into_iter().map(Json::String).collect()),
        })
    } else {
        raise(format!(
            "write_json: a `{}` can't be written (value was `{value}`)",
            value.get_type()
        ))
    }
}

fn json_key(key: Value<'_>) -> starlark::Result<String> {
    match key.unpack_str() {
        Some(key) => Ok(key.to_owned()),
        None if key.get_type() == "int" => Ok(key.to_string()),
        None => raise(format!("write_json: a key has to be a string, got `{key}`")),
    }
}

/// What the values in a JSON document name, for whoever reads it.
pub(crate) fn association(value: Value<'_>) -> starlark::Result<Associated> {
    let mut named = CommandLine::default();
    gather(value, &mut named);
    Ok(Associated::new(named))
}

fn gather(value: Value<'_>, into: &mut CommandLine) {
    let inner: Vec<Value<'_>> = if let Some(list) = ListRef::from_value(value) {
        list.content().to_vec()
    } else if let Some(tuple) = TupleRef::from_value(value) {
        tuple.content().to_vec()
    } else if let Some(dict) = DictRef::from_value(value) {
        dict.values().collect()
    } else if let Some(fields) = StructRef::from_value(value) {
        fields.iter().map(|(_, value)| value).collect()
    } else {
        into.hide(value);
        return;
    };
    inner.into_iter().for_each(|value| gather(value, into));
}
