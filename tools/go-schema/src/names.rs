//! What types are called in the schema.

use crate::package::Program;
use crate::types::{Named, Type};

/// The name of a type: its package's, then its own, with dots between.
///
/// A package may name itself by the marker `+k8s:openapi-model-package` before its
/// `package` clause, as those of Kubernetes do. Else it is the import path as kube-openapi
/// writes it (`ToRESTFriendlyName`): the host's parts come in reverse, slashes are dots.
/// Beyond that, what is no identifier in KCL or Python becomes `_`, and a part that begins
/// with a digit gets one in front:
///
/// ```text
/// k8s.io/api/core/v1.Pod                            io.k8s.api.core.v1.Pod
/// github.com/fatedier/frp/pkg/config/v1.LogConfig   com.github.fatedier.frp.pkg.config.v1.LogConfig
/// sigs.k8s.io/cluster-api/api/v1.Cluster            io.k8s.sigs.cluster_api.api.v1.Cluster
/// ```
///
/// The arguments of a generic type follow its name: `Pair[string, []Item]` is
/// `Pair_string_listOfItem`.
pub(crate) fn definition_name(program: &Program, named: &Named) -> String {
    let package = program.package(&named.package).ok().flatten();
    let stated = package
        .as_ref()
        .and_then(|package| package.marker("k8s:openapi-model-package"));
    let prefix = stated.map_or_else(|| dotted(&named.package), str::to_owned);
    format!("{prefix}.{}", with_arguments(named))
}

fn dotted(path: &str) -> String {
    let mut parts = path.split('/');
    let host = parts.next().unwrap_or_default();
    let reversed = host.split('.').rev();
    let parts: Vec<String> = reversed
        .chain(parts.flat_map(|part| part.split('.')))
        .map(identifier)
        .collect();
    parts.join(".")
}

fn identifier(part: &str) -> String {
    let sign = |c: char| if c.is_ascii_alphanumeric() { c } else { '_' };
    let name: String = part.chars().map(sign).collect();
    match name.starts_with(|c: char| c.is_ascii_digit()) {
        true => format!("_{name}"),
        false => name,
    }
}

fn with_arguments(named: &Named) -> String {
    let mut name = named.name.to_string();
    for argument in &named.arguments {
        name.push('_');
        name.push_str(&argument_name(argument));
    }
    name
}

fn argument_name(argument: &Type) -> String {
    match argument {
        Type::Named(named) => with_arguments(named),
        Type::Foreign(name) => identifier(name.rsplit('.').next().unwrap_or(name)),
        Type::Basic(basic) => identifier(&basic.name()),
        Type::Pointer(to) => argument_name(to),
        Type::Slice(of) | Type::Array(_, of) => format!("listOf{}", argument_name(of)),
        Type::Map(_, of) => format!("mapOf{}", argument_name(of)),
        other => identifier(&other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_become_names_that_can_be_imported() {
        for (path, name) in [
            ("k8s.io/api/core/v1", "io.k8s.api.core.v1"),
            (
                "github.com/fatedier/frp/pkg/config/v1",
                "com.github.fatedier.frp.pkg.config.v1",
            ),
            (
                "sigs.k8s.io/cluster-api/api/v1",
                "io.k8s.sigs.cluster_api.api.v1",
            ),
            ("gopkg.in/inf.v0", "in.gopkg.inf.v0"),
            ("example.org/3d", "org.example._3d"),
        ] {
            assert_eq!(dotted(path), name);
        }
    }
}
