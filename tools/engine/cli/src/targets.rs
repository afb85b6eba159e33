//! `targets`: lists what there is.

use serde_json::json;

use crate::arguments::{Common, Targets};
use crate::exit::Exit;
use crate::session;

/// Runs `targets`.
pub fn targets(common: &Common, options: &Targets) -> Result<(), Exit> {
    let (project, here) = session::open(common)?;
    let requested = project.resolve(&options.patterns, &here)?;
    if !options.json {
        requested.iter().for_each(|target| println!("{target}"));
        return Ok(());
    }
    let mut listed = Vec::new();
    for target in &requested {
        listed.push(
            json!({ "target": target.to_string(), "rule": project.rule_name(target.target())? }),
        );
    }
    println!("{:#}", serde_json::Value::Array(listed));
    Ok(())
}
