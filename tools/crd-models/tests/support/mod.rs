//! Generated KCL packages, and an engine to try them with.

use crd_models::output::{Files, Staged};
use kcl_engine::{Engine, EngineError, Package, Program, Source};
use std::path::PathBuf;
use test_report::testing::{binary, libkcl};

pub struct Trial {
    pub folder: tempfile::TempDir,
    engine: Engine,
}

impl Trial {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("app")).unwrap();
        let engine = Engine::new(libkcl()).unwrap();
        Self {
            folder,
            engine: engine.with_worker(binary("kcl-worker")),
        }
    }

    /// Writes a package.
    pub fn add(&self, below: &str, files: &Files) {
        let path = self.folder.path().join(below);
        Staged::with(&path, files.clone()).unwrap().put().unwrap();
    }

    /// Runs a program with packages, each with the place where it was written.
    pub fn run(&self, text: &str, packages: &[(&str, &str)]) -> Result<String, EngineError> {
        let mut program = Program::new(self.folder.path().join("app"), Vec::<PathBuf>::new());
        program.sources = vec![Source {
            path: PathBuf::from("main.k"),
            text: Some(text.to_owned()),
        }];
        let package = |(name, below): &(&str, &str)| Package {
            name: (*name).to_owned(),
            path: self.folder.path().join(below),
        };
        program.packages = packages.iter().map(package).collect();
        self.engine.run(&program).map(|output| output.json)
    }
}
