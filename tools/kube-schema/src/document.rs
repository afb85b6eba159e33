use crate::crd::{PrinterColumn, Subresources, WebhookClient};
use crate::schema::{MarkedSchema, Present};
use crate::{Error, Spot};
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
    pub status: Option<Status>,
    pub items: Option<Vec<Spanned<Document>>>,
}

impl Document {
    /// `List`, or `CustomResourceDefinitionList` and its like.
    pub fn is_list(&self) -> bool {
        self.kind
            .as_deref()
            .is_some_and(|kind| kind.ends_with("List"))
    }
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
    pub conversion: Option<ConversionDocument>,
    pub preserve_unknown_fields: Option<bool>,
    pub claim_names: Option<NamesDocument>,
    pub default_composition_update_policy: Option<String>,
    pub default_composite_delete_policy: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Status {
    pub stored_versions: Option<Vec<String>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct NamesDocument {
    pub kind: Option<String>,
    pub plural: Option<String>,
    pub singular: Option<String>,
    pub list_kind: Option<String>,
    pub short_names: Option<Vec<String>>,
    pub categories: Option<Vec<String>>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct ConversionDocument {
    pub strategy: Strategy,
    pub webhook: Option<WebhookDocument>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub(crate) enum Strategy {
    None,
    Webhook,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct WebhookDocument {
    pub client_config: Option<ClientDocument>,
    pub conversion_review_versions: Option<Vec<String>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct ClientDocument {
    pub url: Option<String>,
    pub service: Option<ServiceDocument>,
    pub ca_bundle: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct ServiceDocument {
    pub namespace: String,
    pub name: String,
    pub path: Option<String>,
    pub port: Option<i64>,
}

impl ClientDocument {
    /// A Service before a URL; the API server refuses both together.
    pub fn place(self) -> Option<WebhookClient> {
        let service = self.service.map(|service| WebhookClient::Service {
            namespace: service.namespace,
            name: service.name,
            path: service.path,
            port: service.port.unwrap_or(443),
        });
        service.or(self.url.map(WebhookClient::Url))
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Version {
    pub name: Option<String>,
    pub served: Option<bool>,
    pub storage: Option<bool>,
    pub referenceable: Option<bool>,
    pub deprecated: Option<bool>,
    pub deprecation_warning: Option<String>,
    pub subresources: Option<Subresources>,
    pub additional_printer_columns: Option<Vec<PrinterColumn>>,
    pub selectable_fields: Option<Vec<SelectableField>>,
    pub schema: Option<SchemaDocument>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SelectableField {
    pub json_path: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct SchemaDocument {
    #[serde(rename = "openAPIV3Schema")]
    pub open_api: Option<MarkedSchema>,
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
    on_deep_stack(|| {
        serde_saphyr::from_multiple_with_options(text, limits())
            .map_err(|error| explain(file, text, &error))
    })
}

/// A schema as deep as is allowed needs more stack than a thread usually has.
fn on_deep_stack<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    const STACK: usize = 64 << 20;
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(STACK);
        match thread.spawn_scoped(scope, work).map(|thread| thread.join()) {
            Ok(Ok(done)) => done,
            Ok(Err(panic)) => std::panic::resume_unwind(panic),
            Err(error) => panic!("no thread can be started: {error}"),
        }
    })
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
            max_depth: 256,
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
    if let Some(limit) = text.find("budget breached: ").map(|at| &text[at + 17..]) {
        return past_limit(limit).to_owned();
    }
    if text.contains("recursive references") {
        return "an alias stands inside what it stands for".to_owned();
    }
    if text.contains("recursion limit exceeded") {
        return past_limit("Depth").to_owned();
    }
    let line = text.lines().next().unwrap_or_default();
    let line = line
        .split(", set DuplicateKeyPolicy")
        .next()
        .unwrap_or(line);
    let line = match line.rfind(" at line ") {
        Some(end) => &line[..end],
        None => line,
    };
    line.trim_end_matches(':').to_owned()
}

/// The parser's limits in our words.
fn past_limit(limit: &str) -> &'static str {
    if limit.starts_with("Depth") {
        "it is nested deeper than 256 levels"
    } else if limit.contains("nchor") || limit.contains("lias") {
        "its aliases stand for more than a definition can hold"
    } else {
        "it is larger than a definition can be"
    }
}
