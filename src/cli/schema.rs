//! `netsim schema`: the scenario language for editors and readers.

use clap::{Args, ValueEnum};

use super::{Failure, Status, print};
use crate::scenario::{json_schema, markdown_reference};

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Form of the schema
    #[arg(long, value_enum, default_value = "json")]
    format: SchemaFormat,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum SchemaFormat {
    /// JSON Schema, for editors
    Json,
    /// The reference page of the documentation
    Markdown,
}

pub(super) fn run(arguments: &Arguments) -> Result<Status, Failure> {
    let text = match arguments.format {
        SchemaFormat::Json => format!("{:#}\n", json_schema()),
        SchemaFormat::Markdown => markdown_reference(),
    };
    print(&text)?;
    Ok(Status::Success)
}
