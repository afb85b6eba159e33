//! What actions of certain categories may see beyond their inputs. Nothing of it is part of a key.
//!
//! | category     | network      | files                                   | variables                    |
//! |--------------|--------------|-----------------------------------------|------------------------------|
//! | `fetch_…`    | the host's   | HOME; the files the variables name      | HOME and the clients' below  |
//! | `cargo_build`| loopback     | `<cache>/cargo`, writable, at its path  | HERMETIC_CACHE               |
//! | `go_build`   | loopback     | `<cache>/go`, writable, at its path     | HERMETIC_CACHE               |
//! | any other    | loopback     | none                                    | none                         |
//!
//! A `fetch_` action checks a pinned hash, so what it saw on its way cannot change its output. Cargo's
//! target folder and Go's build cache make a build faster and never different.

/// The class of an action, by its category; the class (not the category) is part of its key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Privileges {
    /// Inputs only.
    None,
    /// The network, HOME and the clients' variables.
    Fetch,
    /// A compiler's folder in the cache, by its name there.
    Compiler(&'static str),
}

impl Privileges {
    /// The class of actions of this category.
    pub(crate) fn of(category: &str) -> Privileges {
        match category {
            "cargo_build" => Privileges::Compiler("cargo"),
            "go_build" => Privileges::Compiler("go"),
            _ if category.starts_with("fetch_") => Privileges::Fetch,
            _ => Privileges::None,
        }
    }

    /// The class's name in a key.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Privileges::None => "none",
            Privileges::Fetch => "fetch",
            Privileges::Compiler(folder) => folder,
        }
    }
}

/// Whether a `fetch_` action sees this variable of the user's environment.
pub(crate) fn is_client_variable(name: &str) -> bool {
    const NAMES: &[&str] = &[
        "ALL_PROXY",
        "CARGO_HOME",
        "CURL_CA_BUNDLE",
        "GIT_SSL_CAINFO",
        "GOAUTH",
        "GOFLAGS",
        "GOINSECURE",
        "GONOPROXY",
        "GONOSUMCHECK",
        "GONOSUMDB",
        "GOPRIVATE",
        "GOPROXY",
        "GOSUMDB",
        "HOME",
        "HTTPS_PROXY",
        "HTTP_PROXY",
        "NETRC",
        "NODE_EXTRA_CA_CERTS",
        "NO_PROXY",
        "REQUESTS_CA_BUNDLE",
        "RUSTUP_HOME",
        "SSL_CERT_DIR",
        "SSL_CERT_FILE",
        "all_proxy",
        "http_proxy",
        "https_proxy",
        "no_proxy",
    ];
    const PREFIXES: &[&str] = &[
        "CARGO_HTTP_",
        "CARGO_NET_",
        "CARGO_REGISTRIES_",
        "CARGO_REGISTRY_",
        "CARGO_SOURCE_",
        "PIP_",
    ];
    NAMES.contains(&name) || PREFIXES.iter().any(|prefix| name.starts_with(prefix))
}

/// Whether the folder that a client's variable names may be written; others may only be read.
pub(crate) fn names_writable_folder(name: &str) -> bool {
    matches!(
        name,
        "HOME" | "CARGO_HOME" | "RUSTUP_HOME" | "PIP_CACHE_DIR"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_named_categories_have_privileges() {
        for (category, expected) in [
            ("fetch_url", Privileges::Fetch),
            ("fetch_crates", Privileges::Fetch),
            ("cargo_build", Privileges::Compiler("cargo")),
            ("go_build", Privileges::Compiler("go")),
            ("cargo_builder", Privileges::None),
            ("fetch", Privileges::None),
            ("prefetch_url", Privileges::None),
            ("kcl_render", Privileges::None),
        ] {
            assert_eq!(Privileges::of(category), expected, "{category}");
        }
    }

    #[test]
    fn only_clients_variables_pass() {
        for name in ["HOME", "https_proxy", "PIP_INDEX_URL", "CARGO_NET_OFFLINE"] {
            assert!(is_client_variable(name), "{name}");
        }
        for name in [
            "PATH",
            "USER",
            "AWS_SECRET_ACCESS_KEY",
            "CARGO",
            "RUSTFLAGS",
        ] {
            assert!(!is_client_variable(name), "{name}");
        }
    }
}
