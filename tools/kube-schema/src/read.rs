use crate::crd::{Crd, CrdVersion, Names, Origin, Scope};
use crate::document::{self, Document, Kind, NamesDocument, Spec, Version};
use crate::{Error, Spot, xrd};
use serde_saphyr::Spanned;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Reads every CRD and XRD in `paths`: files, or folders that are searched for
/// `.yaml`, `.yml` and `.json`. The result is sorted by group, kind and version,
/// so that it does not depend on the order of the arguments.
///
/// # Errors
/// The first thing that is wrong, by file name.
pub fn read_crds<P: AsRef<Path>>(paths: &[P]) -> Result<Vec<Crd>, Error> {
    let mut crds = Vec::new();
    for path in files(paths)? {
        let text = std::fs::read_to_string(&path).map_err(|source| unreadable(&path, source))?;
        crds.extend(parse_crds(&path.to_string_lossy(), &text)?);
    }
    if crds.is_empty() {
        let searched: Vec<_> = paths
            .iter()
            .map(|path| path.as_ref().display().to_string())
            .collect();
        return Err(Error::Nothing {
            paths: searched.join(", "),
        });
    }
    crds.sort_by(|a, b| (&a.group, &a.names.kind).cmp(&(&b.group, &b.names.kind)));
    reject_duplicates(&crds)?;
    Ok(crds)
}

/// Reads every CRD and XRD in the text of one file; `file` is for messages.
///
/// # Errors
/// The first thing that is wrong.
pub fn parse_crds(file: &str, text: &str) -> Result<Vec<Crd>, Error> {
    let mut crds = Vec::new();
    for document in document::parse(file, text)? {
        let spot = Spot::new(file, document.referenced);
        crds.extend(read_document(file, spot, document.value)?);
    }
    Ok(crds)
}

fn unreadable(path: &Path, source: std::io::Error) -> Error {
    Error::Unreadable {
        path: path.display().to_string(),
        source,
    }
}

/// The files to read, sorted, each once.
fn files<P: AsRef<Path>>(paths: &[P]) -> Result<Vec<PathBuf>, Error> {
    let mut found = Vec::new();
    for path in paths {
        let path = path.as_ref();
        let metadata = std::fs::metadata(path).map_err(|source| unreadable(path, source))?;
        if !metadata.is_dir() {
            found.push(path.to_owned());
            continue;
        }
        for entry in walkdir::WalkDir::new(path).follow_links(true) {
            let entry = entry.map_err(|error| unreadable(path, error.into()))?;
            if entry.file_type().is_file() && holds_yaml(entry.path()) {
                found.push(entry.into_path());
            }
        }
    }
    found.sort();
    found.dedup();
    Ok(found)
}

fn holds_yaml(path: &Path) -> bool {
    let extension = path.extension().and_then(|extension| extension.to_str());
    matches!(extension, Some("yaml" | "yml" | "json"))
}

fn read_document(file: &str, spot: Spot, document: Document) -> Result<Vec<Crd>, Error> {
    let kind = Kind::of(document.api_version.as_deref(), document.kind.as_deref());
    let named = document.metadata.and_then(|metadata| metadata.name);
    let name = named.unwrap_or_else(|| "the definition".to_owned());
    match kind {
        Kind::Other => {
            let found =
                document::describe(document.api_version.as_deref(), document.kind.as_deref());
            Err(Error::NotACrd { spot, found })
        }
        Kind::OldCrd => Err(Error::OldApi { spot, name }),
        Kind::Crd | Kind::XrdV1 | Kind::XrdV2 => Definition {
            file,
            spot,
            name,
            kind,
        }
        .read(document.spec.unwrap_or_default()),
    }
}

/// One definition while it is read.
struct Definition<'a> {
    file: &'a str,
    spot: Spot,
    name: String,
    kind: Kind,
}

impl Definition<'_> {
    fn read(self, mut spec: Spec) -> Result<Vec<Crd>, Error> {
        let group = spec
            .group
            .take()
            .ok_or_else(|| self.missing("spec.group"))?;
        let names = self.names(spec.names.take(), "spec.names.kind")?;
        let versions = self.versions(spec.versions.take())?;
        let crd = Crd {
            group,
            names,
            scope: scope(spec.scope.as_deref()),
            versions,
            origin: Origin::Crd,
            spot: self.spot.clone(),
        };
        if self.kind == Kind::Crd {
            return Ok(vec![crd]);
        }
        let claim = match spec.claim_names.take() {
            Some(names) => Some(self.names(Some(names), "spec.claimNames.kind")?),
            None => None,
        };
        let machinery = xrd::Machinery::of(self.kind, &spec);
        Ok(xrd::definitions(crd, claim, &machinery))
    }

    fn names(&self, names: Option<NamesDocument>, field: &'static str) -> Result<Names, Error> {
        let names = names.unwrap_or_default();
        let kind = names.kind.ok_or_else(|| self.missing(field))?;
        let plural = names
            .plural
            .unwrap_or_else(|| format!("{}s", kind.to_lowercase()));
        Ok(Names { kind, plural })
    }

    fn versions(&self, versions: Option<Vec<Spanned<Version>>>) -> Result<Vec<CrdVersion>, Error> {
        let versions = versions.unwrap_or_default();
        if versions.is_empty() {
            return Err(self.missing("spec.versions"));
        }
        versions
            .into_iter()
            .map(|version| self.version(version))
            .collect()
    }

    fn version(&self, version: Spanned<Version>) -> Result<CrdVersion, Error> {
        let spot = Spot::new(self.file, version.referenced);
        let version = version.value;
        let name = version
            .name
            .ok_or_else(|| self.missing("spec.versions[].name"))?;
        let schema = version.schema.and_then(|schema| schema.open_api);
        let schema = schema.ok_or_else(|| Error::NoSchema {
            spot: spot.clone(),
            name: self.name.clone(),
            version: name.clone(),
        })?;
        Ok(CrdVersion {
            name,
            served: version.served.unwrap_or(false),
            storage: version.storage.or(version.referenceable).unwrap_or(false),
            deprecated: version.deprecated.unwrap_or(false),
            subresources: version.subresources.unwrap_or_default(),
            schema,
            spot,
        })
    }

    fn missing(&self, field: &'static str) -> Error {
        Error::Missing {
            spot: self.spot.clone(),
            name: self.name.clone(),
            field,
        }
    }
}

fn scope(scope: Option<&str>) -> Scope {
    match scope {
        Some("Namespaced") => Scope::Namespaced,
        _ => Scope::Cluster,
    }
}

fn reject_duplicates(crds: &[Crd]) -> Result<(), Error> {
    let mut seen: BTreeMap<(&str, &str, &str), &Spot> = BTreeMap::new();
    for crd in crds {
        for version in &crd.versions {
            let key = (
                crd.group.as_str(),
                version.name.as_str(),
                crd.names.kind.as_str(),
            );
            if let Some(first) = seen.insert(key, &version.spot) {
                return Err(Error::Duplicate {
                    spot: version.spot.clone(),
                    kind: crd.names.kind.clone(),
                    api_version: format!("{}/{}", crd.group, version.name),
                    first: first.clone(),
                });
            }
        }
    }
    Ok(())
}
