//! `netsim init`: a scenario to start from.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use clap::Args;

use super::{Failure, Status, complain, print};
use crate::scenario::nearest;

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The template; --list shows them
    #[arg(value_name = "TEMPLATE", required_unless_present = "list")]
    template: Option<String>,
    /// Where to write it; `-` is standard output [default: TEMPLATE.toml]
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Overwrite a file that is there
    #[arg(long)]
    force: bool,
    /// Show the templates
    #[arg(long, conflicts_with_all = ["template", "output", "force"])]
    list: bool,
}

/// A scenario to start from.
struct Template {
    name: &'static str,
    about: &'static str,
    text: &'static str,
    /// What its text calls the file it is in.
    file: &'static str,
}

const TEMPLATES: [Template; 3] = [
    Template {
        name: "production-vpc",
        about: "three zones with public, private and isolated subnets, endpoints, three layers",
        text: include_str!("../../scenarios/production_vpc.toml"),
        file: "scenarios/production_vpc.toml",
    },
    Template {
        name: "minimal",
        about: "two instances in a subnet, a ping and a request",
        text: include_str!("templates/minimal.toml"),
        file: "minimal.toml",
    },
    Template {
        name: "lambda",
        about: "a function in a VPC, with a database and DynamoDB",
        text: include_str!("templates/lambda.toml"),
        file: "lambda.toml",
    },
];

pub(super) fn run(arguments: &Arguments) -> Result<Status, Failure> {
    let Some(name) = &arguments.template else {
        print(&listed(""))?;
        return Ok(Status::Success);
    };
    let template = find(name)?;
    let own = PathBuf::from(format!("{}.toml", template.name));
    match &arguments.output {
        Some(output) if output.as_os_str() == "-" => print(&called(template, &own))?,
        output => {
            let output = output.as_deref().unwrap_or(&own);
            write(template, output, arguments.force)?;
            complain(&format!(
                "wrote {0}; next: netsim check {0}\n",
                output.display()
            ));
        }
    }
    Ok(Status::Success)
}

fn find(name: &str) -> Result<&'static Template, Failure> {
    let found = TEMPLATES.iter().find(|template| template.name == name);
    found.ok_or_else(|| {
        let names = TEMPLATES.iter().map(|template| template.name);
        let near = nearest(name, names)
            .map(|near| format!("  help: did you mean `{near}`?\n"))
            .unwrap_or_default();
        Failure::input(format!(
            "error: there is no template `{name}`\n{near}  templates:\n{}",
            listed("    ")
        ))
    })
}

/// A line for each template.
fn listed(indent: &str) -> String {
    let names = TEMPLATES.iter().map(|template| template.name.len());
    let width = names.max().unwrap_or(0);
    let lines = TEMPLATES
        .iter()
        .map(|template| format!("{indent}{:width$}  {}\n", template.name, template.about));
    lines.collect()
}

/// The template's text, with commands that name the file it will be in.
fn called(template: &Template, file: &Path) -> String {
    template
        .text
        .replace(template.file, &file.display().to_string())
}

fn write(template: &Template, output: &Path, force: bool) -> Result<(), Failure> {
    let mut options = OpenOptions::new();
    options.write(true);
    if force {
        options.create(true).truncate(true);
    } else {
        options.create_new(true);
    }
    let written = options
        .open(output)
        .and_then(|mut file| file.write_all(called(template, output).as_bytes()));
    written.map_err(|error| {
        let file = output.display();
        if error.kind() == ErrorKind::AlreadyExists {
            Failure::input(format!(
                "error: {file} exists\n  help: write elsewhere with --output FILE, or overwrite it with --force\n"
            ))
        } else {
            Failure::internal(format!("error: cannot write {file}: {error}\n"))
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates_name_the_file_they_are_in() {
        for template in &TEMPLATES {
            let text = called(template, Path::new("designs/mine.toml"));
            assert!(!text.contains(template.file), "{}", template.name);
            assert!(
                text.contains("netsim run designs/mine.toml"),
                "{}",
                template.name
            );
        }
    }

    #[test]
    fn an_unknown_name_is_answered_with_the_nearest() {
        let message = find("production_vpc").err().map(|failure| failure.message);
        let message = message.unwrap();
        assert!(
            message.contains("did you mean `production-vpc`?"),
            "{message}"
        );
        assert!(message.contains("    minimal "), "{message}");
    }
}
