//! `netsim path`: whether and how a packet gets from here to there, without simulating it.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::scenario::{Format, Settings, color, topology};
use super::{Failure, Status, complain, print};
use crate::path::{self, Endpoint, Flow, Query, UnknownEnd};
use crate::report::{MatrixReport, PathReport, end_name, matrix_text, path_text};
use crate::scenario::Protocol;
use crate::topology::Topology;

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Scenario file
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Who sends: a resource such as instance.app, an address, or internet
    #[arg(value_name = "FROM", required_unless_present_any = ["matrix", "all"])]
    from: Option<String>,
    /// To whom: a resource such as service.s3, an address, a DNS name, or internet
    #[arg(value_name = "TO", required_unless_present_any = ["matrix", "all"])]
    to: Option<String>,
    /// Protocol of the packet
    #[arg(long, value_enum, default_value = "tcp")]
    protocol: PathProtocol,
    /// Port of the server, for TCP and UDP
    #[arg(long, value_name = "N", default_value_t = 443)]
    port: u16,
    /// Port of the client [default: any from 1024 on]
    #[arg(long, value_name = "N")]
    source_port: Option<u16>,
    /// By IPv6, where the destination leaves that open
    #[arg(long)]
    ipv6: bool,
    /// For endpoint policies: the action, such as s3:GetObject [default: any]
    #[arg(long, value_name = "ACTION")]
    action: Option<String>,
    /// For endpoint policies: the ARN of the resource [default: any]
    #[arg(long, value_name = "ARN")]
    resource: Option<String>,
    /// What the answer should be; another one ends with exit status 1
    #[arg(long, value_enum, conflicts_with_all = ["matrix", "all"])]
    expect: Option<Expected>,
    /// Everyone whom these senders reach, and on which ports
    #[arg(long, value_name = "FROM", num_args = 1.., conflicts_with_all = ["from", "to", "matrix"])]
    all: Vec<String>,
    /// Who reaches whom, and on which ports
    #[arg(long, conflicts_with_all = ["from", "to"])]
    matrix: bool,
    #[command(flatten)]
    settings: Settings,
    /// Form of the answer
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum PathProtocol {
    Tcp,
    Udp,
    Icmp,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Expected {
    Reachable,
    Unreachable,
}

pub(super) fn run(arguments: &Arguments) -> Result<Status, Failure> {
    let (topology, warnings) = topology(&arguments.file, &arguments.settings)?;
    complain(&warnings.render(color()));
    match (&arguments.from, &arguments.to) {
        (Some(from), Some(to)) => one(arguments, &topology, from, to),
        _ => several(arguments, &topology),
    }
}

fn one(
    arguments: &Arguments,
    topology: &Topology,
    from: &str,
    to: &str,
) -> Result<Status, Failure> {
    let sender = end(topology, from, None)?;
    let receiver = end(topology, to, Some(sender))?;
    let (protocol, port) = match arguments.protocol {
        PathProtocol::Tcp => (Protocol::Tcp, arguments.port),
        PathProtocol::Udp => (Protocol::Udp, arguments.port),
        PathProtocol::Icmp => (Protocol::Icmp, 0),
    };
    let flow = if let Endpoint::LinkLocal(service) = receiver {
        // What is named is asked for what it does.
        service.flow()
    } else {
        Flow { protocol, port }
    };
    let query = Query {
        ipv6: arguments.ipv6,
        source_port: arguments.source_port,
        action: arguments.action.as_deref(),
        resource: arguments.resource.as_deref(),
        ..Query::new(sender, receiver, flow)
    };
    let path = match path::resolve(topology, &query) {
        Ok(paths) => paths.into_iter().next().expect("what resolves has a path"),
        Err(refused) => *refused,
    };
    let names = (end_name(topology, sender), to.to_owned());
    let report = PathReport::new(topology, &query, (&names.0, &names.1), &path);
    print(&match arguments.format {
        Format::Text => path_text(&report),
        Format::Json => json(&report)?,
    })?;
    let expected = arguments.expect.unwrap_or(Expected::Reachable) == Expected::Reachable;
    Ok(if report.reachable == expected {
        Status::Success
    } else {
        Status::No
    })
}

fn several(arguments: &Arguments, topology: &Topology) -> Result<Status, Failure> {
    let everyone = path::all_ends(topology);
    let senders = if arguments.matrix {
        everyone.clone()
    } else {
        let named = arguments.all.iter().map(|from| end(topology, from, None));
        named.collect::<Result<_, _>>()?
    };
    let matrix = path::matrix(topology, &senders, &everyone);
    let report = MatrixReport::new(topology, &matrix);
    print(&match arguments.format {
        Format::Text => matrix_text(&report),
        Format::Json => json(&report)?,
    })?;
    Ok(Status::Success)
}

fn end(topology: &Topology, text: &str, from: Option<Endpoint>) -> Result<Endpoint, Failure> {
    Endpoint::parse(topology, text, from).map_err(|UnknownEnd { message, help }| {
        let help = help.map(|help| format!("\n  help: {help}"));
        Failure::input(format!("error: {message}{}\n", help.unwrap_or_default()))
    })
}

fn json(report: &impl serde::Serialize) -> Result<String, Failure> {
    serde_json::to_string_pretty(report)
        .map(|text| text + "\n")
        .map_err(|error| Failure::internal(format!("error: {error}\n")))
}
