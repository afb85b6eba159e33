//! A package of types that refer to one another: a file for each type, or, if it
//! shall be lean, one for each folder without texts for people. Folders are
//! imported whole, and that takes KCL half the time.

use super::layout::{Imports, Layout, Place, Site};
use super::names::SchemaNames;
use super::print::Header;
use super::{Package, helpers, k8s, kcl_mod, print, unions};
use crate::analysis::{Library, NamedType, Shape};
use crate::output::Files;
use crate::report::Report;
use std::collections::{BTreeMap, BTreeSet};

/// What a package of types is called, and how it is laid out.
#[derive(Debug, Clone, Copy)]
pub struct LibraryOptions<'a> {
    /// The package's name.
    pub package: &'a str,
    /// The beginning of the types' names that stands for the package's root.
    pub root: &'a str,
    /// The package that has Kubernetes' own types; without one they are part of
    /// this package.
    pub k8s_package: Option<&'a str>,
    /// Whether what costs time in every render, and is for people only, is left out.
    pub lean: bool,
}

/// The types of one file.
type Group<'l> = Vec<(&'l NamedType, &'l Place)>;

/// The package with these types.
pub fn library(library: &Library, options: &LibraryOptions<'_>) -> Package {
    let layout = Layout::new(library, options.root, options.k8s_package);
    let mut printer = Printer {
        layout: &layout,
        lean: options.lean,
        names: BTreeMap::new(),
        report: Report::default(),
    };
    for (_, place) in layout.own() {
        let names = printer.names.entry(place.folder()).or_default();
        names.take(place.schema.clone());
    }
    let mut files = Files::new();
    let mut groups: BTreeMap<String, Group<'_>> = BTreeMap::new();
    let mut checked = k8s::inside("", None);
    for (named, place) in layout.own() {
        let path = path(place, &place.file);
        if let Some(text) = checked.remove(&path) {
            files.insert(path, text);
        } else if options.lean {
            groups
                .entry(folder_path(place))
                .or_default()
                .push((named, place));
        } else {
            groups.entry(path).or_default().push((named, place));
        }
    }
    for (path, group) in groups {
        files.insert(path, printer.file(&group));
    }
    let called = files.values().flat_map(|text| helpers::called(text));
    let called: BTreeSet<String> = called.map(str::to_owned).collect();
    if let Some(helpers) = helpers::file(&called) {
        files.insert("checks.k".to_owned(), helpers);
    }
    files.insert("kcl.mod".to_owned(), kcl_mod(options.package));
    files.insert("report.json".to_owned(), printer.report.json());
    Package {
        files,
        report: printer.report,
    }
}

struct Printer<'l> {
    layout: &'l Layout<'l>,
    lean: bool,
    /// The names of each folder.
    names: BTreeMap<String, SchemaNames>,
    report: Report,
}

impl<'l> Printer<'l> {
    fn file(&mut self, group: &Group<'l>) -> String {
        let imports = Imports::default();
        let bodies: Vec<String> = group
            .iter()
            .map(|(named, place)| {
                self.body(&Site {
                    named,
                    place,
                    layout: self.layout,
                    imports: &imports,
                    lean: self.lean,
                })
            })
            .collect();
        let body = bodies.join("\n");
        format!("{}{body}", header(group, &imports, &body))
    }

    fn body(&mut self, site: &Site<'_>) -> String {
        if let Shape::Union(union) = &site.named.value.shape {
            return unions::text(site, union);
        }
        let names = self.names.entry(site.place.folder()).or_default();
        let printed = print::object(site, names);
        self.report.rules.extend(printed.rules);
        self.report.not_checked.extend(printed.gaps);
        printed.body
    }
}

fn header(group: &Group<'_>, imports: &Imports, body: &str) -> String {
    let Some((first, place)) = group.first() else {
        return String::new();
    };
    let imports = imports.borrow();
    let imports = imports.iter();
    let header = Header {
        title: match (group.len(), first.package()) {
            (1, "") => first.short_name().to_owned(),
            (1, package) => format!("{} of {package}", first.short_name()),
            (_, "") => "Types".to_owned(),
            (_, package) => format!("Types of {package}"),
        },
        source: match group.len() {
            1 => "its definition",
            _ => "their definitions",
        },
        imports: imports
            .map(|(path, alias)| format!("{path} as {alias}"))
            .collect(),
        above: &place.above(),
    };
    header.text(body)
}

/// A file in the folder of a type.
fn path(place: &Place, file: &str) -> String {
    match place.folder().as_str() {
        "" => format!("{file}.k"),
        folder => format!("{folder}/{file}.k"),
    }
}

/// The file that has all types of a folder: `api/core/v1/v1.k`.
fn folder_path(place: &Place) -> String {
    let file = place.folders.last().map_or("types", String::as_str);
    path(place, file)
}
