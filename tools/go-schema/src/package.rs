//! Packages, and the program that they are parts of: loaded when a type needs them.

use crate::constants::Value;
use crate::error::{Error, Kind};
use crate::module::Module;
use crate::parse::parse;
use crate::source::Site;
use crate::syntax::{Constant, File, Method, Registry, TypeDeclaration};
use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

/// A package: its files, and what they declare by name.
#[derive(Debug)]
pub struct Package {
    /// The import path.
    pub path: String,
    /// The name that its files give it.
    pub name: String,
    /// Its files, by name.
    pub files: Vec<File>,
    types: BTreeMap<String, Position>,
    constants: HashMap<String, Position>,
    methods: HashMap<String, Vec<Position>>,
}

/// A declaration: the file, and its number there.
type Position = (usize, usize);

impl Package {
    fn new(path: &str, files: Vec<File>) -> Result<Self, Error> {
        let name = files.first().map(|f| f.package.clone()).unwrap_or_default();
        if let Some(other) = files.iter().find(|file| file.package != name) {
            let kind = Kind::TwoPackages {
                found: other.package.clone(),
                expected: name,
            };
            return Err(kind.at(other.site.clone()));
        }
        let mut package = Self {
            path: path.to_owned(),
            name,
            types: BTreeMap::new(),
            constants: HashMap::new(),
            methods: HashMap::new(),
            files: Vec::new(),
        };
        for (index, file) in files.iter().enumerate() {
            package.index(index, file);
        }
        package.files = files;
        Ok(package)
    }

    fn index(&mut self, file_index: usize, file: &File) {
        for (index, declaration) in file.types.iter().enumerate() {
            self.types
                .insert(declaration.name.clone(), (file_index, index));
        }
        for (index, constant) in file.constants.iter().enumerate() {
            self.constants
                .insert(constant.name.clone(), (file_index, index));
        }
        for (index, method) in file.methods.iter().enumerate() {
            let methods = self.methods.entry(method.receiver.clone()).or_default();
            methods.push((file_index, index));
        }
    }

    /// A type and the file that declares it.
    pub fn declaration(&self, name: &str) -> Option<(usize, &TypeDeclaration)> {
        let (file, index) = *self.types.get(name)?;
        Some((file, &self.files[file].types[index]))
    }

    /// The names of its types, sorted.
    pub fn type_names(&self) -> impl Iterator<Item = &str> {
        self.types.keys().map(String::as_str)
    }

    /// A constant and the file that declares it.
    pub fn constant(&self, name: &str) -> Option<(usize, &Constant)> {
        let (file, index) = *self.constants.get(name)?;
        Some((file, &self.files[file].constants[index]))
    }

    /// Every constant, with its file, in the order of the source.
    pub fn constants(&self) -> impl Iterator<Item = (usize, &Constant)> {
        let files = self.files.iter().enumerate();
        files.flat_map(|(index, file)| file.constants.iter().map(move |c| (index, c)))
    }

    /// The methods that are declared for a type, with their files.
    pub fn methods(&self, receiver: &str) -> impl Iterator<Item = (usize, &Method)> {
        let found = self.methods.get(receiver).into_iter().flatten();
        found.map(|(file, index)| (*file, &self.files[*file].methods[*index]))
    }

    /// Its registries of types, with their files.
    pub fn registries(&self) -> impl Iterator<Item = (usize, &Registry)> {
        let files = self.files.iter().enumerate();
        files.flat_map(|(index, file)| file.registries.iter().map(move |r| (index, r)))
    }

    /// What a marker in the comments before `package` says: `+name=value`, or nothing
    /// for `+name`.
    pub fn marker(&self, name: &str) -> Option<&str> {
        let mut lines = self.files.iter().flat_map(|file| &file.heading);
        lines.find_map(|line| {
            let text = line.text.trim().strip_prefix('+')?;
            match text.strip_prefix(name)? {
                "" => Some(""),
                rest => rest.strip_prefix('=').map(str::trim),
            }
        })
    }
}

/// The modules that are given, and the packages of them that were needed so far.
#[derive(Debug)]
pub struct Program {
    modules: Vec<Module>,
    packages: RefCell<BTreeMap<String, Rc<Package>>>,
    /// The constants that were evaluated so far, by package and name.
    pub(crate) values: RefCell<HashMap<(String, String), Value>>,
}

impl Program {
    /// A program of these modules.
    pub fn new(modules: Vec<Module>) -> Self {
        Self {
            modules,
            packages: RefCell::default(),
            values: RefCell::default(),
        }
    }

    /// The module that a package is in: of several, the one with the longest path.
    pub fn module_of(&self, package: &str) -> Option<&Module> {
        let holds = |module: &&Module| module.folder_of(package).is_some();
        let modules = self.modules.iter().filter(holds);
        modules.max_by_key(|module| module.path.len())
    }

    /// A package of the modules that are given, or nothing if it is in none of them.
    ///
    /// # Errors
    /// If its module lacks it, or its source is wrong.
    pub fn package(&self, path: &str) -> Result<Option<Rc<Package>>, Error> {
        if let Some(package) = self.packages.borrow().get(path) {
            return Ok(Some(package.clone()));
        }
        let Some(module) = self.module_of(path) else {
            return Ok(None);
        };
        let sources = module.sources(module.folder_of(path).unwrap_or_default())?;
        if sources.is_empty() {
            return Err(module.no_package(path).into_error());
        }
        let files = sources.iter().map(parse).collect::<Result<_, _>>()?;
        let package = Rc::new(Package::new(path, files)?);
        let mut packages = self.packages.borrow_mut();
        packages.insert(path.to_owned(), package.clone());
        Ok(Some(package))
    }

    /// The same, for a package that has to be there.
    ///
    /// # Errors
    /// Also if it is in no module that is given.
    pub fn needed_package(&self, path: &str, site: Option<&Site>) -> Result<Rc<Package>, Error> {
        let package = self.package(path).map_err(|error| error.or_at(site))?;
        package.ok_or_else(|| {
            let kind = Kind::UnpinnedPackage {
                package: path.to_owned(),
                module: self.required_for(path),
            };
            kind.at_some(site)
        })
    }

    /// The module and version that a go.mod of the given modules requires for a package.
    pub fn required_for(&self, package: &str) -> Option<(String, String)> {
        let mut required = self.modules.iter().map(|m| m.required_for(package));
        required.find_map(|found| found)
    }

    /// The import paths that a pattern stands for: `./pkg/config/v1` and `./...` below the
    /// first module, or a full import path, also with `/...`.
    ///
    /// # Errors
    /// If the pattern matches nothing.
    pub fn packages_of(&self, pattern: &str) -> Result<Vec<String>, Error> {
        let path = match (pattern.strip_prefix("."), self.modules.first()) {
            (Some(below), Some(main)) => format!("{}{}", main.path, below.trim_end_matches('/')),
            _ => pattern.to_owned(),
        };
        let Some(above) = path.strip_suffix("/...") else {
            self.needed_package(&path, None)?;
            return Ok(vec![path]);
        };
        let module = self.module_of(above).ok_or_else(|| {
            let kind = Kind::UnpinnedPackage {
                package: above.to_owned(),
                module: self.required_for(above),
            };
            kind.into_error()
        })?;
        let is_below = |found: &String| {
            let rest = found.strip_prefix(above);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        let paths = module.folders().into_iter().map(|f| module.import_path(&f));
        let found: Vec<String> = paths.filter(is_below).collect();
        if found.is_empty() {
            return Err(module.no_package(above).into_error());
        }
        Ok(found)
    }

    /// Refuses packages that import one another, among those that were needed.
    ///
    /// # Errors
    /// If there is a cycle.
    pub fn refuse_import_cycles(&self) -> Result<(), Error> {
        let packages = self.packages.borrow();
        let mut finished = BTreeMap::new();
        for path in packages.keys() {
            visit(path, &packages, &mut Vec::new(), &mut finished)?;
        }
        Ok(())
    }
}

/// Walks the imports of a package, depth first. `open` are those on the way to it.
fn visit<'p>(
    path: &'p str,
    packages: &'p BTreeMap<String, Rc<Package>>,
    open: &mut Vec<&'p str>,
    finished: &mut BTreeMap<&'p str, ()>,
) -> Result<(), Error> {
    let Some(package) = packages.get(path) else {
        return Ok(());
    };
    if finished.contains_key(path) {
        return Ok(());
    }
    open.push(path);
    for import in package.files.iter().flat_map(|file| &file.imports) {
        if let Some(start) = open.iter().position(|other| *other == import.path) {
            let cycle = open[start..].iter().chain([&open[start]]);
            let cycle = cycle.map(|path| (*path).to_owned()).collect();
            return Err(Kind::ImportCycle(cycle).at(import.site.clone()));
        }
        visit(&import.path, packages, open, finished)?;
    }
    open.pop();
    finished.insert(path, ());
    Ok(())
}
