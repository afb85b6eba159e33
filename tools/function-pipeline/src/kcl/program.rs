//! The program of a step, and the options that it reads.

use serde_json::Value;

use super::input::{Config, Input};
use crate::{
    base64,
    go::{self, Object},
    protocol::{Details, Ready, Request, Resource},
};

/// A KCL program as function-kcl runs one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KclProgram {
    /// The program's text, or where it is: `oci://…`, `git::…`, a URL, a path.
    pub source: String,
    /// Dependencies as `[dependencies]` of a kcl.mod lists them.
    pub dependencies: String,
    /// How to evaluate it.
    pub config: Config,
    /// What `option(name)` gives: JSON, or text that is no JSON.
    pub options: Vec<(String, String)>,
}

impl KclProgram {
    /// Whether `source` says where the program is and is not the program
    /// (krm-kcl's `SourceToTempEntry`).
    pub fn is_elsewhere(&self) -> bool {
        let schemes = ["oci://", "http://", "https://", "git::"];
        let hosts = ["github.com", "gitlab.com/", "bitbucket.org/"];
        let paths = ["/", "."];
        schemes
            .iter()
            .chain(&hosts)
            .chain(&paths)
            .any(|start| self.source.starts_with(start))
    }
}

/// The program of a request. `desired` is its desired XR.
pub(super) fn of(input: &Input, request: &Request, desired: &Object) -> KclProgram {
    let params = params(input, request, desired);
    let options = [
        ("resource_list", resource_list(input, &params)),
        ("items", "[]".to_owned()),
        ("params", params),
        // Upstream gives its own process's environment; here there is none.
        ("PATH", String::new()),
        ("env", "{}".to_owned()),
    ];
    KclProgram {
        source: input.spec.source.clone(),
        dependencies: input.spec.dependencies.clone(),
        config: input.spec.config.clone(),
        options: options
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value))
            .collect(),
    }
}

/// `option("params")`: the user's, overridden by what the function brings.
fn params(input: &Input, request: &Request, desired: &Object) -> String {
    let composite = request.observed.composite.as_ref();
    let oxr = composite.map(|composite| go::object_to_json(&composite.object));
    let brought = [
        ("oxr", oxr.unwrap_or_else(|| "{}".to_owned())),
        ("dxr", go::object_to_json(desired)),
        ("dcds", map(&request.desired.resources, desired_resource)),
        ("ocds", map(&request.observed.resources, observed_resource)),
        ("ctx", context(request)),
        ("extraResources", map(&request.extra_resources, listed)),
        (
            "requiredResources",
            map(&request.required_resources, listed),
        ),
    ];
    let mut params: std::collections::BTreeMap<&str, String> = input
        .spec
        .params
        .iter()
        .map(|(name, value)| (name.as_str(), user_param(value)))
        .collect();
    params.extend(brought);
    map(&params, String::clone)
}

/// A null is `{}` to the program.
fn user_param(value: &Value) -> String {
    match value {
        Value::Null => "{}".to_owned(),
        value => go::to_json(value),
    }
}

fn context(request: &Request) -> String {
    let context = request.context.as_ref();
    context.map_or_else(|| "{}".to_owned(), go::object_to_json)
}

/// Go writes a struct's fields in their own order, a map's by key.
fn observed_resource(resource: &Resource) -> String {
    let object = go::object_to_json(&resource.object);
    let details = details(&resource.connection_details);
    format!("{{\"Resource\":{object},\"ConnectionDetails\":{details}}}")
}

fn details(details: &Details) -> String {
    map(details, |bytes| go::quoted(&base64::encode(bytes)))
}

fn desired_resource(resource: &Resource) -> String {
    let object = go::object_to_json(&resource.object);
    let ready = match resource.ready {
        Ready::Unspecified => "Unspecified",
        Ready::True => "True",
        Ready::False => "False",
    };
    format!("{{\"Resource\":{object},\"Ready\":\"{ready}\"}}")
}

/// What was not found is an empty list.
fn listed(resources: &Option<Vec<Object>>) -> String {
    let resources = resources.iter().flatten();
    let items = resources.map(|object| format!("{{\"Resource\":{}}}", go::object_to_json(object)));
    format!("[{}]", items.collect::<Vec<_>>().join(","))
}

fn map<K: AsRef<str>, V>(
    entries: &std::collections::BTreeMap<K, V>,
    json: impl Fn(&V) -> String,
) -> String {
    let entries = entries
        .iter()
        .map(|(key, value)| format!("{}:{}", go::quoted(key.as_ref()), json(value)));
    format!("{{{}}}", entries.collect::<Vec<_>>().join(","))
}

/// `option("resource_list")`: the whole input as the function's config.
fn resource_list(input: &Input, params: &str) -> String {
    let spec = &input.spec;
    let mut fields = vec![
        ("source", go::quoted(&spec.source)),
        ("config", config(&spec.config)),
        ("credentials", credentials(input)),
    ];
    if !spec.dependencies.is_empty() {
        fields.push(("dependencies", go::quoted(&spec.dependencies)));
    }
    fields.push(("params", params.to_owned()));
    if !spec.resources.is_empty() {
        fields.push(("resources", resources(input)));
    }
    fields.push(("target", go::quoted(input.target().name())));
    let config = object(&[
        ("kind", go::quoted("KCLRun")),
        ("apiVersion", go::quoted("krm.kcl.dev/v1alpha1")),
        ("metadata", go::object_to_json(&input.metadata)),
        ("spec", object(&fields)),
    ]);
    object(&[
        ("apiVersion", go::quoted("config.kubernetes.io/v1")),
        ("kind", go::quoted("ResourceList")),
        ("items", "[]".to_owned()),
        ("functionConfig", config),
    ])
}

fn object(fields: &[(&str, String)]) -> String {
    let fields = fields.iter().map(|(key, json)| format!("\"{key}\":{json}"));
    format!("{{{}}}", fields.collect::<Vec<_>>().join(","))
}

fn config(config: &Config) -> String {
    let lists = [
        ("arguments", &config.arguments),
        ("settings", &config.settings),
        ("overrides", &config.overrides),
        ("pathSelectors", &config.path_selectors),
    ];
    let flags = [
        ("vendor", config.vendor),
        ("sortKeys", config.sort_keys),
        ("showHidden", config.show_hidden),
        ("disableNone", config.disable_none),
        ("debug", config.debug),
        ("strictRangeCheck", config.strict_range_check),
    ];
    let lists = lists.into_iter().filter(|(_, list)| !list.is_empty());
    let lists = lists.map(|(name, list)| (name, go::to_json(&Value::from(list.clone()))));
    let flags = flags.into_iter().filter(|(_, flag)| *flag);
    let flags = flags.map(|(name, _)| (name, "true".to_owned()));
    object(&lists.chain(flags).collect::<Vec<_>>())
}

fn credentials(input: &Input) -> String {
    let given = &input.spec.credentials;
    let mut fields = Vec::new();
    if !given.url.is_empty() {
        fields.push(("url", go::quoted(&given.url)));
    }
    fields.push(("username", go::quoted(&given.username)));
    fields.push(("password", go::quoted(&given.password)));
    object(&fields)
}

fn resources(input: &Input) -> String {
    let entries = input.spec.resources.iter().map(|resource| {
        let base = resource
            .base
            .as_ref()
            .map(|base| ("base", go::to_json(base)));
        let name = ("name", go::quoted(&resource.name));
        object(&std::iter::once(name).chain(base).collect::<Vec<_>>())
    });
    format!("[{}]", entries.collect::<Vec<_>>().join(","))
}
