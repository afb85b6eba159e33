//! FRP's configuration as KCL schemas, to judge configurations by.

use kcl_engine::{Argument, Engine, EngineError, Package, Program, Source};
use serde_json::Value as Json;
use std::path::PathBuf;

/// KCL packages, and an engine to evaluate with.
#[derive(Debug)]
pub struct Schemas {
    engine: Engine,
    packages: Vec<Package>,
    /// Where the programs would be, if they were files.
    folder: tempfile::TempDir,
}

/// Why there is no verdict.
#[derive(Debug, thiserror::Error)]
pub enum SchemasError {
    /// A schema has no package in front of its name.
    #[error("{0:?} names no schema: write PACKAGE.MODULE.SCHEMA, such as frp.v1.ClientConfig")]
    NoSchema(String),
    /// There is no place for a program.
    #[error("a temporary folder cannot be made: {0}")]
    Folder(#[from] std::io::Error),
    /// KCL fails in another way than by refusing.
    #[error(transparent)]
    Engine(EngineError),
}

impl Schemas {
    /// The schemas of packages.
    ///
    /// # Errors
    /// If there is no temporary folder.
    pub fn new(engine: Engine, packages: Vec<Package>) -> Result<Self, SchemasError> {
        let folder = tempfile::tempdir()?;
        Ok(Self {
            engine,
            packages,
            folder,
        })
    }

    /// What KCL says against `values` as an instance of `schema`; nothing if it
    /// takes them.
    ///
    /// # Errors
    /// If KCL gives no verdict.
    pub fn refusal(&self, schema: &str, values: &Json) -> Result<Option<String>, SchemasError> {
        let program = self.program(schema, values)?;
        match self.engine.run(&program) {
            Ok(_) => Ok(None),
            Err(EngineError::Program(error)) => Ok(Some(error.to_string())),
            Err(other) => Err(SchemasError::Engine(other)),
        }
    }

    fn program(&self, schema: &str, values: &Json) -> Result<Program, SchemasError> {
        let (module, name) = schema
            .rsplit_once('.')
            .ok_or_else(|| SchemasError::NoSchema(schema.to_owned()))?;
        let text = format!(
            "import {module} as schemas\n\nconfig = schemas.{name} {{**option(\"config\")}}\n"
        );
        let mut program = Program::new(self.folder.path(), Vec::<PathBuf>::new());
        program.sources = vec![Source {
            path: PathBuf::from("main.k"),
            text: Some(text),
        }];
        program.packages.clone_from(&self.packages);
        program.arguments = vec![Argument {
            name: "config".to_owned(),
            value: values.to_string(),
        }];
        Ok(program)
    }
}
