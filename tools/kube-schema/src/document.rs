use crate::crd::Subresources;
use crate::schema::Present;
use crate::{Error, Schema, Spot};
use serde::Deserialize;
use serde_saphyr::{Spanned, options};

/// One YAML document in the form that CRDs and XRDs share.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Document {
    pub api_version: Option<String>,
    pub kind: Option<String>,
    pub metadata: Option<Metadata>,
    pub spec: Option<Spec>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Metadata {
    pub name: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Spec {
    pub group: Option<String>,
    pub names: Option<NamesDocument>,
    pub scope: Option<String>,
    pub versions: Option<Vec<Spanned<Version>>>,
    pub claim_names: Option<NamesDocument>,
    pub default_composition_update_policy: Option<String>,
    pub default_composite_delete_policy: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct NamesDocument {
    pub kind: Option<String>,
    pub plural: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Version {
    pub name: Option<String>,
    pub served: Option<bool>,
    pub storage: Option<bool>,
    pub referenceable: Option<bool>,
    pub deprecated: Option<bool>,
    pub schema: Option<SchemaDocument>,
    pub subresources: Option<Subresources>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct SchemaDocument {
    #[serde(rename = "openAPIV3Schema")]
    pub open_api: Option<Schema>,
}

/// Just enough of any document to say what it is.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Header {
    api_version: Option<String>,
    kind: Option<String>,
    #[serde(rename = "metadata")]
    _metadata: Present,
}

/// What a document is, by apiVersion and kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Crd,
    OldCrd,
    XrdV1,
    XrdV2,
    Other,
}

impl Kind {
    pub fn of(api_version: Option<&str>, kind: Option<&str>) -> Kind {
        match (api_version.unwrap_or_default(), kind.unwrap_or_default()) {
            ("apiextensions.k8s.io/v1", "CustomResourceDefinition") => Kind::Crd,
            ("apiextensions.k8s.io/v1beta1", "CustomResourceDefinition") => Kind::OldCrd,
            ("apiextensions.crossplane.io/v1", "CompositeResourceDefinition") => Kind::XrdV1,
            ("apiextensions.crossplane.io/v2", "CompositeResourceDefinition") => Kind::XrdV2,
            _ => Kind::Other,
        }
    }
}

/// `found` of [`Error::NotACrd`].
pub(crate) fn describe(api_version: Option<&str>, kind: Option<&str>) -> String {
    match (kind, api_version) {
        (Some(kind), Some(api_version)) => format!("found kind {kind} of {api_version}"),
        (Some(kind), None) => format!("found kind {kind} without apiVersion"),
        (None, _) => "found a document without kind".to_owned(),
    }
}

/// All documents of a file; empty ones are skipped.
pub(crate) fn parse(file: &str, text: &str) -> Result<Vec<Spanned<Document>>, Error> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    serde_saphyr::from_multiple_with_options(text, limits())
        .map_err(|error| explain(file, text, &error))
}

/// Limits beyond any real bundle, yet limits; the defaults refuse big CRDs.
fn limits() -> serde_saphyr::Options {
    options! {
        with_snippet: false,
        emit_comments: false,
        // YAML 1.1, as the API server reads it.
        legacy_octal_numbers: true,
        budget: serde_saphyr::budget! {
            max_events: 60_000_000,
            max_nodes: 20_000_000,
            max_total_scalar_bytes: 1 << 30,
            max_documents: 100_000,
        },
    }
}

/// Not YAML at all is said first. A document that is no CRD need not have a
/// CRD's form, so its form is no error then: its kind is.
fn explain(file: &str, text: &str, error: &serde_saphyr::Error) -> Error {
    let syntax: Result<Vec<serde::de::IgnoredAny>, _> =
        serde_saphyr::from_multiple_with_options(text, limits());
    if let Err(error) = syntax {
        return malformed(file, "not YAML: ", &error);
    }
    let headers: Vec<Spanned<Header>> =
        serde_saphyr::from_multiple_with_options(text, limits()).unwrap_or_default();
    let stranger = headers.iter().find(|header| {
        let header = &header.value;
        Kind::of(header.api_version.as_deref(), header.kind.as_deref()) == Kind::Other
    });
    match stranger {
        Some(header) => Error::NotACrd {
            spot: Spot::new(file, header.referenced),
            found: describe(
                header.value.api_version.as_deref(),
                header.value.kind.as_deref(),
            ),
        },
        None => malformed(file, "not in the form of a CRD: ", error),
    }
}

fn malformed(file: &str, what: &str, error: &serde_saphyr::Error) -> Error {
    let unknown = Spot {
        file: file.to_owned(),
        ..Spot::default()
    };
    Error::Malformed {
        spot: error.location().map_or(unknown, |at| Spot::new(file, at)),
        message: format!("{what}{}", first_line(error)),
    }
}

/// The parser's sentence without the place, which we print ourselves.
fn first_line(error: &serde_saphyr::Error) -> String {
    let text = error.without_snippet().to_string();
    let line = text.lines().next().unwrap_or_default();
    let line = match line.rfind(" at line ") {
        Some(end) => &line[..end],
        None => line,
    };
    line.trim_end_matches(':').to_owned()
}
