//! Types that write their JSON by methods of their own, or that no given module
//! declares: what their JSON is.
//!
//! Those of Kubernetes are as its own generators publish them: kube-openapi calls
//! `OpenAPISchemaType` and `OpenAPIV3OneOfTypes` of each, controller-gen has a table
//! (pkg/crd/known_types.go), whose pattern for quantities is the one here. Those of Go's
//! standard library follow from their source.

use serde_json::{Value as Json, json};

/// A quantity: `apimachinery/pkg/api/resource`, as controller-gen states it.
const QUANTITY: &str = r"^(\+|-)?(([0-9]+(\.[0-9]*)?)|(\.[0-9]+))(([KMGTPE]i)|[numkMGTPE]|([eE](\+|-)?(([0-9]+(\.[0-9]*)?)|(\.[0-9]+))))?$";

/// The schema of a type that is known, by `import/path.Name`.
pub(crate) fn schema(name: &str) -> Option<Json> {
    if let Some(schema) = kubernetes(name) {
        return Some(schema);
    }
    let found = STANDARD.iter().find(|known| known.name == name)?;
    Some(match found.form {
        Form::Text => json!({"type": "string"}),
        Form::DateTime => json!({"type": "string", "format": "date-time"}),
        Form::Integer(format) => json!({"type": "integer", "format": format}),
        Form::Unsigned => json!({"type": "integer", "format": "int64", "minimum": 0}),
        Form::Number => json!({"type": "number"}),
        Form::WholeNumber => json!({"type": "integer"}),
        Form::Bytes => json!({"type": "string", "format": "byte", "contentEncoding": "base64"}),
        Form::Anything => json!({}),
        Form::TextLists => json!({
            "type": "object",
            "additionalProperties": {"type": "array", "items": {"type": "string"}}
        }),
        Form::Empty => json!({"type": "object", "additionalProperties": false}),
        Form::Url => url(),
        Form::IpNet => json!({
            "type": "object",
            "properties": {
                "IP": {"type": "string"},
                "Mask": {"type": "string", "format": "byte", "contentEncoding": "base64"}
            },
            "additionalProperties": false
        }),
    })
}

fn kubernetes(name: &str) -> Option<Json> {
    let (group, local) = name.strip_prefix("k8s.io/")?.rsplit_once('/')?;
    let any_object = || json!({"type": "object", "x-kubernetes-preserve-unknown-fields": true});
    Some(match (group, local) {
        ("apimachinery/pkg/apis/meta", "v1.Time" | "v1.MicroTime") => {
            json!({"type": "string", "format": "date-time"})
        }
        ("apimachinery/pkg/apis/meta", "v1.Duration") => json!({"type": "string"}),
        ("apimachinery/pkg/apis/meta", "v1.FieldsV1") => any_object(),
        ("apimachinery/pkg/apis/meta", "v1.GroupVersion") => json!({"type": "string"}),
        (
            "apimachinery/pkg/apis/meta/v1",
            "unstructured.Unstructured" | "unstructured.UnstructuredList",
        ) => any_object(),
        ("apimachinery/pkg/api", "resource.Quantity") => json!({
            "anyOf": [{"type": "number"}, {"type": "string"}],
            "pattern": QUANTITY
        }),
        ("apimachinery/pkg/util", "intstr.IntOrString") => json!({
            "anyOf": [{"type": "integer"}, {"type": "string"}],
            "x-kubernetes-int-or-string": true
        }),
        ("apimachinery/pkg", "runtime.RawExtension" | "runtime.Unknown") => any_object(),
        ("apiextensions-apiserver/pkg/apis/apiextensions", api) => apiextensions(api)?,
        _ => return None,
    })
}

/// What may be one of several things; the parts refer to the schema of a schema, which
/// kube-openapi leaves open too.
fn apiextensions(name: &str) -> Option<Json> {
    let (_, name) = name.split_once('.')?;
    Some(match name {
        "JSON"
        | "JSONSchemaPropsOrArray"
        | "JSONSchemaPropsOrBool"
        | "JSONSchemaPropsOrStringArray" => {
            json!({"x-kubernetes-preserve-unknown-fields": true})
        }
        _ => return None,
    })
}

/// A struct without marshaler: encoding/json writes its exported fields.
fn url() -> Json {
    let text = || json!({"type": "string"});
    json!({
        "type": "object",
        "properties": {
            "Scheme": text(),
            "Opaque": text(),
            "User": {"type": "object", "additionalProperties": false},
            "Host": text(),
            "Path": text(),
            "Fragment": text(),
            "RawQuery": text(),
            "RawPath": text(),
            "RawFragment": text(),
            "ForceQuery": {"type": "boolean"},
            "OmitHost": {"type": "boolean"}
        },
        "additionalProperties": false
    })
}

/// A type of the standard library.
struct Standard {
    name: &'static str,
    form: Form,
    /// The methods by which it writes and reads itself.
    methods: Methods,
    /// Whether it is a struct, which shows no field when it is embedded.
    is_struct: bool,
}

enum Form {
    Text,
    DateTime,
    Integer(&'static str),
    Unsigned,
    Number,
    WholeNumber,
    Bytes,
    Anything,
    TextLists,
    Empty,
    Url,
    IpNet,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Methods {
    None,
    Json,
    Text,
}

const fn plain(name: &'static str, form: Form) -> Standard {
    Standard {
        name,
        form,
        methods: Methods::None,
        is_struct: false,
    }
}

const fn structure(name: &'static str, form: Form, methods: Methods) -> Standard {
    Standard {
        name,
        form,
        methods,
        is_struct: true,
    }
}

const fn text(name: &'static str) -> Standard {
    Standard {
        name,
        form: Form::Text,
        methods: Methods::Text,
        is_struct: false,
    }
}

static STANDARD: [Standard; 35] = [
    structure("time.Time", Form::DateTime, Methods::Json),
    plain("time.Duration", Form::Integer("int64")),
    plain("time.Month", Form::Integer("int64")),
    plain("time.Weekday", Form::Integer("int64")),
    Standard {
        name: "encoding/json.RawMessage",
        form: Form::Anything,
        methods: Methods::Json,
        is_struct: false,
    },
    plain("encoding/json.Number", Form::Number),
    text("net.IP"),
    plain("net.IPMask", Form::Bytes),
    plain("net.HardwareAddr", Form::Bytes),
    structure("net.IPNet", Form::IpNet, Methods::None),
    structure("net/netip.Addr", Form::Text, Methods::Text),
    structure("net/netip.AddrPort", Form::Text, Methods::Text),
    structure("net/netip.Prefix", Form::Text, Methods::Text),
    structure("net/url.URL", Form::Url, Methods::None),
    plain("net/url.Values", Form::TextLists),
    plain("net/http.Header", Form::TextLists),
    structure("math/big.Int", Form::WholeNumber, Methods::Json),
    structure("math/big.Float", Form::Text, Methods::Text),
    structure("math/big.Rat", Form::Text, Methods::Text),
    structure("regexp.Regexp", Form::Text, Methods::Text),
    plain("html/template.HTML", Form::Text),
    plain("html/template.URL", Form::Text),
    plain("io/fs.FileMode", Form::Unsigned),
    plain("os.FileMode", Form::Unsigned),
    text("log/slog.Level"),
    structure("sync.Mutex", Form::Empty, Methods::None),
    structure("sync.RWMutex", Form::Empty, Methods::None),
    structure("sync.Once", Form::Empty, Methods::None),
    structure("sync.WaitGroup", Form::Empty, Methods::None),
    structure("sync.Map", Form::Empty, Methods::None),
    structure("sync/atomic.Bool", Form::Empty, Methods::None),
    structure("sync/atomic.Int32", Form::Empty, Methods::None),
    structure("sync/atomic.Int64", Form::Empty, Methods::None),
    structure("sync/atomic.Uint32", Form::Empty, Methods::None),
    structure("sync/atomic.Uint64", Form::Empty, Methods::None),
];

/// What a type of the standard library is to a struct that embeds it.
pub(crate) enum Embedded {
    /// A struct that has no field to show.
    Nothing,
    /// A field with the type's name.
    Property,
}

/// The same for a type by name; nothing if it is not known, or has fields to show.
pub(crate) fn embedded(name: &str) -> Option<Embedded> {
    let found = STANDARD.iter().find(|known| known.name == name)?;
    match (found.is_struct, &found.form) {
        (true, Form::Url | Form::IpNet) => None,
        (true, _) => Some(Embedded::Nothing),
        (false, _) => Some(Embedded::Property),
    }
}

/// Whether a type of the standard library has a method to write or read itself.
pub(crate) fn has_method(name: &str, method: &str) -> bool {
    let wanted = match method {
        "MarshalJSON" | "UnmarshalJSON" => Methods::Json,
        "MarshalText" | "UnmarshalText" => Methods::Text,
        _ => return false,
    };
    let mut known = STANDARD.iter();
    known.any(|known| known.name == name && known.methods == wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kubernetes_types_are_found_by_their_full_names() {
        let of = |name: &str| schema(name).map(|schema| schema.to_string());
        assert!(
            of("k8s.io/apimachinery/pkg/apis/meta/v1.Time")
                .is_some_and(|s| s.contains("date-time"))
        );
        assert!(of("k8s.io/apimachinery/pkg/api/resource.Quantity").is_some());
        assert!(of("k8s.io/apimachinery/pkg/util/intstr.IntOrString").is_some());
        assert!(of("k8s.io/apimachinery/pkg/runtime.RawExtension").is_some());
        assert!(of("k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1.JSON").is_some());
        assert!(of("k8s.io/api/core/v1.Pod").is_none());
        assert!(of("example.org/v1.Time").is_none());
    }
}
