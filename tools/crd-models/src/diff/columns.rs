//! Printer columns: what `kubectl get` shows. They are for people, yet scripts
//! cut the table up, so only their descriptions are mere text.

use super::change::{Findings, Values, compatible, docs};
use kube_schema::{ColumnType, PrinterColumn};
use serde_json::{Map, Value as Json, json};

const COLUMNS: &str = "additionalPrinterColumns";
const ANOTHER_TABLE: &str = "kubectl get shows another table; no object changes";

pub(super) fn compare(old: &[PrinterColumn], new: &[PrinterColumn], out: &mut Findings<'_>) {
    for before in old {
        let after = new.iter().find(|column| column.name == before.name);
        match after {
            None => {
                let values = Values::removed(json(before));
                out.add(COLUMNS, values, compatible(ANOTHER_TABLE));
            }
            Some(after) if before != after => changed(before, after, out),
            Some(_) => {}
        }
    }
    for after in new {
        if !old.iter().any(|column| column.name == after.name) {
            let values = Values::added(json(after));
            out.add(COLUMNS, values, compatible(ANOTHER_TABLE));
        }
    }
    order(old, new, out);
}

fn changed(old: &PrinterColumn, new: &PrinterColumn, out: &mut Findings<'_>) {
    let reworded = PrinterColumn {
        description: new.description.clone(),
        ..old.clone()
    };
    let verdict = if reworded == *new {
        docs()
    } else {
        compatible(ANOTHER_TABLE)
    };
    out.add(COLUMNS, Values::both(json(old), json(new)), verdict);
}

/// The same columns in another order.
fn order(old: &[PrinterColumn], new: &[PrinterColumn], out: &mut Findings<'_>) {
    let names = |columns: &[PrinterColumn]| -> Vec<String> {
        columns.iter().map(|column| column.name.clone()).collect()
    };
    let sorted = |mut names: Vec<String>| {
        names.sort();
        names
    };
    let (before, after) = (names(old), names(new));
    if before != after && sorted(before.clone()) == sorted(after.clone()) {
        let values = Values::both(before, after);
        out.add(COLUMNS, values, compatible(ANOTHER_TABLE));
    }
}

/// As a definition writes it, without what it leaves out.
fn json(column: &PrinterColumn) -> Json {
    let mut out = Map::new();
    out.insert("name".to_owned(), json!(column.name));
    out.insert("type".to_owned(), json!(type_name(column.value_type)));
    out.insert("jsonPath".to_owned(), json!(column.json_path));
    if let Some(format) = &column.format {
        out.insert("format".to_owned(), json!(format));
    }
    if column.priority != 0 {
        out.insert("priority".to_owned(), json!(column.priority));
    }
    if !column.description.is_empty() {
        out.insert("description".to_owned(), json!(column.description));
    }
    Json::Object(out)
}

fn type_name(value_type: ColumnType) -> &'static str {
    match value_type {
        ColumnType::Boolean => "boolean",
        ColumnType::Date => "date",
        ColumnType::Integer => "integer",
        ColumnType::Number => "number",
        ColumnType::String => "string",
    }
}
