//! `targets`: lists what there is, in Buck2's forms.

use build_lang::Requested;
use serde_json::{Map, Value as Json};

use crate::arguments::{Common, Targets};
use crate::exit::Exit;
use crate::query::Wanted;
use crate::session;

/// Runs `targets`.
pub fn targets(common: &Common, options: &Targets) -> Result<(), Exit> {
    let (project, here) = session::open(common)?;
    let requested = project.resolve(&options.patterns, &here)?;
    if !options.json && !options.json_lines {
        requested.iter().for_each(|target| println!("{target}"));
        return Ok(());
    }
    let wanted = Wanted::new(&options.shown.attributes)?;
    let describe = |target: &Requested| -> Result<Map<String, Json>, Exit> {
        let all = project.description(target.target())?;
        Ok(match wanted.is_empty() {
            true => all.into_iter().collect(),
            false => wanted.of(all),
        })
    };
    let described = requested
        .iter()
        .map(describe)
        .collect::<Result<Vec<_>, Exit>>()?;
    if options.json_lines {
        for target in described {
            println!("{}", Json::Object(target));
        }
        return Ok(());
    }
    let shown: Vec<String> = described.iter().map(one_attribute_a_line).collect();
    match shown.is_empty() {
        true => println!("[]"),
        false => println!("[\n{}\n]", shown.join(",\n")),
    }
    Ok(())
}

fn one_attribute_a_line(target: &Map<String, Json>) -> String {
    let lines: Vec<String> = target
        .iter()
        .map(|(name, value)| format!("\n    {}:{value}", Json::from(name.as_str())))
        .collect();
    format!("  {{{}\n  }}", lines.join(","))
}
