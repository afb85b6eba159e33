//! The printer columns that Crossplane adds (`pkg/xcrd/schemas.go`).

use super::Layout;
use crate::crd::{ColumnType, PrinterColumn};

/// Those of a composite resource.
pub(super) fn composite(layout: Layout) -> Vec<PrinterColumn> {
    let machinery = match layout {
        Layout::Namespaced | Layout::Cluster => ".spec.crossplane",
        Layout::Legacy => ".spec",
    };
    let composition = format!("{machinery}.compositionRef.name");
    let revision = PrinterColumn {
        priority: 1,
        ..column(
            "COMPOSITIONREVISION",
            &format!("{machinery}.compositionRevisionRef.name"),
        )
    };
    vec![
        condition("SYNCED", "Synced"),
        condition("READY", "Ready"),
        column("COMPOSITION", &composition),
        revision,
        age(),
    ]
}

/// Those of a claim.
pub(super) fn claim() -> Vec<PrinterColumn> {
    vec![
        condition("SYNCED", "Synced"),
        condition("READY", "Ready"),
        column("CONNECTION-SECRET", ".spec.writeConnectionSecretToRef.name"),
        age(),
    ]
}

fn condition(name: &str, condition: &str) -> PrinterColumn {
    let path = format!(".status.conditions[?(@.type=='{condition}')].status");
    column(name, &path)
}

fn age() -> PrinterColumn {
    PrinterColumn {
        value_type: ColumnType::Date,
        ..column("AGE", ".metadata.creationTimestamp")
    }
}

fn column(name: &str, json_path: &str) -> PrinterColumn {
    PrinterColumn {
        name: name.to_owned(),
        value_type: ColumnType::String,
        format: None,
        description: String::new(),
        priority: 0,
        json_path: json_path.to_owned(),
    }
}
