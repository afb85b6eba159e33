//! `audit`: what the engine read of `.buckconfig`.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json};

use crate::arguments::{Audit, AuditCell, AuditConfig, Common, ConfigStyle};
use crate::exit::Exit;
use crate::session;

/// Runs `audit`.
pub fn audit(common: &Common, options: &Audit) -> Result<(), Exit> {
    let (project, _) = session::open(common)?;
    match options {
        Audit::Config(options) => config(project.cells(), options),
        Audit::Cell(options) => cell(project.cells(), options),
    }
}

fn config(cells: &build_lang::cells::Cells, options: &AuditConfig) -> Result<(), Exit> {
    let root = cells.root_cell();
    let name = cells.resolve(options.cell.as_deref().unwrap_or(root), root)?;
    let Some(cell) = cells.get(&name) else {
        return Err(Exit::user(format!("there is no cell `{name}`")));
    };
    let wanted = |section: &str, key: &str| {
        let is_wanted = |spec: &String| spec == section || *spec == format!("{section}.{key}");
        options.specs.is_empty() || options.specs.iter().any(is_wanted)
    };
    let mut found: BTreeMap<&str, BTreeMap<&str, String>> = BTreeMap::new();
    for section in cell.config.sections() {
        for (key, _) in cell.config.section(section) {
            if let (true, Some(value)) = (wanted(section, key), cell.config.get(section, key)) {
                found.entry(section).or_default().insert(key, value);
            }
        }
    }
    match options.style {
        ConfigStyle::Simple => {
            for (section, values) in &found {
                println!("[{section}]");
                values
                    .iter()
                    .for_each(|(key, value)| println!("    {key} = {value}"));
            }
        }
        ConfigStyle::Json => {
            let values = found.iter().flat_map(|(section, values)| {
                values.iter().map(move |(key, value)| {
                    (format!("{section}.{key}"), Json::from(value.as_str()))
                })
            });
            println!("{}", Json::Object(values.collect::<Map<_, _>>()));
        }
    }
    Ok(())
}

fn cell(cells: &build_lang::cells::Cells, options: &AuditCell) -> Result<(), Exit> {
    let mut found = Map::new();
    let names: Vec<String> = match options.names.is_empty() {
        true => cells.names().map(str::to_owned).collect(),
        false => options.names.clone(),
    };
    for name in names {
        let cell = cells.resolve(&name, cells.root_cell())?;
        let folder = cells.project_path(&cell, "");
        let path = match folder.is_empty() {
            true => cells.root.clone(),
            false => cells.root.join(folder),
        };
        found.insert(name, Json::from(path.display().to_string()));
    }
    if options.json {
        println!("{:#}", Json::Object(found));
        return Ok(());
    }
    for (name, path) in &found {
        println!("{name}: {}", path.as_str().unwrap_or_default());
    }
    Ok(())
}
