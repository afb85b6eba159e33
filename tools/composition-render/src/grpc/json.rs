//! Protobuf's JSON of the protocol's messages, as serde reads and writes it:
//! bytes are base64, enumerations are names, a Struct is an object.

use std::collections::BTreeMap;

use function_pipeline::{base64, go::Object};
use prost_types::{Duration, Struct};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

use super::{convert, messages as wire};

/// An enumeration whose names in JSON stand at their numbers.
pub(super) trait Named {
    const NAMES: &'static [&'static str];
}

impl Named for wire::Ready {
    const NAMES: &'static [&'static str] = &["READY_UNSPECIFIED", "READY_TRUE", "READY_FALSE"];
}

impl Named for wire::Capability {
    const NAMES: &'static [&'static str] = &[
        "CAPABILITY_UNSPECIFIED",
        "CAPABILITY_CAPABILITIES",
        "CAPABILITY_REQUIRED_RESOURCES",
        "CAPABILITY_CREDENTIALS",
        "CAPABILITY_CONDITIONS",
        "CAPABILITY_REQUIRED_SCHEMAS",
    ];
}

impl Named for wire::Severity {
    const NAMES: &'static [&'static str] = &[
        "SEVERITY_UNSPECIFIED",
        "SEVERITY_FATAL",
        "SEVERITY_WARNING",
        "SEVERITY_NORMAL",
    ];
}

impl Named for wire::Target {
    const NAMES: &'static [&'static str] = &[
        "TARGET_UNSPECIFIED",
        "TARGET_COMPOSITE",
        "TARGET_COMPOSITE_AND_CLAIM",
    ];
}

impl Named for wire::Status {
    const NAMES: &'static [&'static str] = &[
        "STATUS_CONDITION_UNSPECIFIED",
        "STATUS_CONDITION_UNKNOWN",
        "STATUS_CONDITION_TRUE",
        "STATUS_CONDITION_FALSE",
    ];
}

/// A value of an enumeration in JSON: its name, or the number of one that is not known.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Name<'n> {
    Known(&'n str),
    Owned(String),
    Number(i32),
}

fn name<E: Named>(number: i32) -> Name<'static> {
    let known = usize::try_from(number).ok().and_then(|n| E::NAMES.get(n));
    known.map_or(Name::Number(number), |name| Name::Known(name))
}

fn number<E: Named, D: Error>(name: &Name<'_>) -> Result<i32, D> {
    let text = match name {
        Name::Number(number) => return Ok(*number),
        Name::Known(text) => text,
        Name::Owned(text) => text.as_str(),
    };
    let found = E::NAMES.iter().position(|name| *name == text);
    found
        .and_then(|index| i32::try_from(index).ok())
        .ok_or_else(|| D::unknown_variant(text, E::NAMES))
}

pub(super) fn write_name<E: Named, S: Serializer>(value: &i32, to: S) -> Result<S::Ok, S::Error> {
    name::<E>(*value).serialize(to)
}

pub(super) fn write_some_name<E: Named, S: Serializer>(
    value: &Option<i32>,
    to: S,
) -> Result<S::Ok, S::Error> {
    value.map(name::<E>).serialize(to)
}

pub(super) fn write_names<E: Named, S: Serializer>(
    values: &[i32],
    to: S,
) -> Result<S::Ok, S::Error> {
    to.collect_seq(values.iter().map(|value| name::<E>(*value)))
}

pub(super) fn read_name<'de, E: Named, D: Deserializer<'de>>(from: D) -> Result<i32, D::Error> {
    number::<E, _>(&Name::deserialize(from)?)
}

pub(super) fn read_names<'de, E: Named, D: Deserializer<'de>>(
    from: D,
) -> Result<Vec<i32>, D::Error> {
    let names = Vec::<Name<'_>>::deserialize(from)?;
    names.iter().map(number::<E, _>).collect()
}

/// Whether an enumeration has its first value, which JSON leaves out.
pub(super) fn is_unspecified(value: &i32) -> bool {
    *value == 0
}

/// A Struct as an object.
pub(super) mod object {
    use super::*;

    pub(in crate::grpc) fn serialize<S: Serializer>(
        value: &Option<Struct>,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        value.clone().map(convert::from_struct).serialize(to)
    }

    pub(in crate::grpc) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Option<Struct>, D::Error> {
        let object = Option::<Object>::deserialize(from)?;
        Ok(object.as_ref().map(convert::to_struct))
    }
}

/// Bytes by name as base64.
pub(super) mod bytes {
    use super::*;

    pub(in crate::grpc) fn serialize<S: Serializer>(
        value: &BTreeMap<String, Vec<u8>>,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        let texts = value.iter();
        to.collect_map(texts.map(|(key, bytes)| (key, base64::encode(bytes))))
    }

    pub(in crate::grpc) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<BTreeMap<String, Vec<u8>>, D::Error> {
        let texts = BTreeMap::<String, String>::deserialize(from)?;
        let decoded = texts.into_iter().map(|(key, text)| {
            let bytes = base64::decode(&text)
                .map_err(|_| D::Error::custom(format!("{text:?} at {key:?} is no base64")))?;
            Ok((key, bytes))
        });
        decoded.collect()
    }
}

/// A duration as seconds: `60s`.
pub(super) fn write_seconds<S: Serializer>(
    value: &Option<Duration>,
    to: S,
) -> Result<S::Ok, S::Error> {
    let text = |duration: &Duration| match duration.nanos {
        0 => format!("{}s", duration.seconds),
        nanos => format!("{}.{nanos:09}s", duration.seconds),
    };
    value.as_ref().map(text).serialize(to)
}
