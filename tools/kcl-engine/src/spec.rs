//! The messages of KCL's service protocol (protobuf package `gpyrpc`, KCL's
//! `crates/api/spec.proto`), with the fields that are used here.

use prost::Message;

#[derive(Clone, PartialEq, Message)]
pub(crate) struct ExternalPackage {
    #[prost(string, tag = "1")]
    pub name: String,
    #[prost(string, tag = "2")]
    pub path: String,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct Argument {
    #[prost(string, tag = "1")]
    pub name: String,
    /// JSON; text that is no JSON counts as a string.
    #[prost(string, tag = "2")]
    pub value: String,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct ExecProgramArgs {
    #[prost(string, tag = "1")]
    pub work_dir: String,
    #[prost(string, repeated, tag = "2")]
    pub file_names: Vec<String>,
    #[prost(string, repeated, tag = "3")]
    pub codes: Vec<String>,
    #[prost(message, repeated, tag = "4")]
    pub arguments: Vec<Argument>,
    #[prost(string, repeated, tag = "5")]
    pub overrides: Vec<String>,
    #[prost(bool, tag = "8")]
    pub strict_range_check: bool,
    #[prost(bool, tag = "9")]
    pub disable_none: bool,
    #[prost(bool, tag = "12")]
    pub sort_keys: bool,
    #[prost(message, repeated, tag = "13")]
    pub external_packages: Vec<ExternalPackage>,
    #[prost(bool, tag = "15")]
    pub compile_only: bool,
    #[prost(bool, tag = "16")]
    pub show_hidden: bool,
    #[prost(string, repeated, tag = "17")]
    pub path_selector: Vec<String>,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct ExecProgramResult {
    #[prost(string, tag = "1")]
    pub json: String,
    #[prost(string, tag = "2")]
    pub yaml: String,
    #[prost(string, tag = "3")]
    pub log: String,
    #[prost(string, tag = "4")]
    pub error: String,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct ParseFileArgs {
    #[prost(string, tag = "1")]
    pub path: String,
    #[prost(string, tag = "2")]
    pub source: String,
    #[prost(message, repeated, tag = "3")]
    pub external_packages: Vec<ExternalPackage>,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct ParseFileResult {
    #[prost(string, tag = "1")]
    pub syntax_json: String,
    #[prost(message, repeated, tag = "3")]
    pub errors: Vec<ParseError>,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct ParseError {
    #[prost(string, tag = "1")]
    pub level: String,
    #[prost(string, tag = "2")]
    pub code: String,
    #[prost(message, repeated, tag = "3")]
    pub messages: Vec<ParseMessage>,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct ParseMessage {
    #[prost(string, tag = "1")]
    pub text: String,
    #[prost(message, optional, tag = "2")]
    pub position: Option<Position>,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct Position {
    #[prost(int64, tag = "1")]
    pub line: i64,
    #[prost(int64, tag = "2")]
    pub column: i64,
    #[prost(string, tag = "3")]
    pub file: String,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct FormatCodeArgs {
    #[prost(string, tag = "1")]
    pub source: String,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct FormatCodeResult {
    #[prost(bytes = "vec", tag = "1")]
    pub formatted: Vec<u8>,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct GetVersionResult {
    #[prost(string, tag = "1")]
    pub version: String,
}
