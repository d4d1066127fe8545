//! What a user wrote: the scenario language, its mistakes with their places, and sweeps.
//!
//! A [`Document`] is the parsed text with the edits of `--set` and of a sweep point; a [`Scenario`]
//! is the typed reading of one. A [`Problem`] carries the path of a key; only rendering turns the
//! path into a place in the file or on the command line.

mod decode;
mod document;
mod fabric;
mod function;
mod overlay;
mod path;
mod problem;
mod reference;
mod sweep;
mod values;
mod workload;

pub(crate) use decode::plain;
pub use document::{Document, Edit};
pub use fabric::{Buffer, Ecmp, Fabric, Region, ZoneLink};
pub use function::{Function, VpcAttachment};
pub use overlay::{
    EndpointType, Instance, InternetGateway, NatGateway, Placement, Route, RouteTable,
    SecurityGroup, SecurityGroupRule, Service, Subnet, Vpc, VpcEndpoint,
};
pub use path::{KeyPath, Segment};
pub use problem::{Problem, Severity, nearest, render};
pub use reference::{json_schema, markdown_reference};
pub(crate) use sweep::command_line_axis;
pub use sweep::{Point, expand};
pub(crate) use sweep::{display_value, last_key};
pub(crate) use values::parse_ipv4_block;
pub use values::{OneOrMany, PortRange, Protocol, Reference};
pub use workload::{
    Arrivals, BurstArrivals, Connection, Datagram, Expectation, Interval, Invoke, Ping,
    PoissonArrivals, Request, Tls,
};

use std::collections::BTreeSet;

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::units::Duration;

/// Most replications of a point.
const MAX_REPLICATIONS: u32 = 100_000;

/// A scenario as written, before references are resolved.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Scenario {
    /// What the scenario shows, in one line; the title of its plots. Default: the name of the file.
    #[schemars(extend("example" = "\"Lambda in a VPC: three eras of cold start\""))]
    pub title: Option<String>,
    /// Seed of all random numbers. Default: 1.
    #[schemars(extend("example" = "7"))]
    pub seed: Option<u32>,
    /// Simulated time during which workloads send; what is under way then is finished. Required
    /// unless every workload has a `count`.
    #[schemars(extend("example" = "\"10 min\""))]
    pub duration: Option<Duration>,
    /// Simulated time at the start that is left out of the statistics. Default: nothing.
    #[schemars(extend("example" = "\"30 s\""))]
    pub warmup: Option<Duration>,
    /// Independent repetitions; intervals need at least two. Default: 5.
    #[schemars(extend("example" = "10"))]
    pub replications: Option<u32>,
    /// Largest number of events in one run; reaching it is an error. Default: 10 000 000 000.
    #[schemars(extend("example" = "1_000_000"))]
    pub max_events: Option<u64>,
    /// Run although a resource is offered more than it can carry and its queue is unlimited.
    /// Default: false.
    #[schemars(extend("example" = "true"))]
    pub allow_overload: bool,
    /// Figures of the calibration profile to override, by name.
    #[schemars(extend("example" = "{ \"fabric.link_latency\" = \"1 us\" }"))]
    #[schemars(with = "serde_json::Map<String, serde_json::Value>")]
    pub profile: toml::Table,
    /// The AWS Region and its Availability Zones.
    pub region: Option<Region>,
    /// A leaf–spine fabric. Called like an Availability Zone of the Region, it is that zone's;
    /// otherwise it stands alone, and its bare hosts are `"fabric.NAME"` in a datagram workload.
    pub fabric: IndexMap<String, Fabric>,
    /// The link between two Availability Zones.
    pub zone_link: IndexMap<String, ZoneLink>,
    /// A virtual private cloud.
    pub vpc: IndexMap<String, Vpc>,
    /// A subnet: a range of a VPC's addresses in one Availability Zone.
    pub subnet: IndexMap<String, Subnet>,
    /// A route table; the local route of the VPC is always there.
    pub route_table: IndexMap<String, RouteTable>,
    /// An internet gateway, attached to a VPC.
    pub internet_gateway: IndexMap<String, InternetGateway>,
    /// A NAT gateway in a public subnet.
    pub nat_gateway: IndexMap<String, NatGateway>,
    /// A VPC endpoint of an AWS service.
    pub vpc_endpoint: IndexMap<String, VpcEndpoint>,
    /// A security group: what may come in and go out of the network interfaces that have it.
    pub security_group: IndexMap<String, SecurityGroup>,
    /// An EC2 instance with its primary network interface.
    pub instance: IndexMap<String, Instance>,
    /// An AWS service; those of the profile (`s3`, `dynamodb`, `secretsmanager`, …) exist without a
    /// table.
    pub service: IndexMap<String, Service>,
    /// A Lambda function.
    pub function: IndexMap<String, Function>,
    /// Round-trip probes (ICMP echo).
    pub ping: IndexMap<String, Ping>,
    /// Requests and responses over TCP, open loop.
    pub request: IndexMap<String, Request>,
    /// One-way datagrams (UDP).
    pub datagram: IndexMap<String, Datagram>,
    /// Invocations of a Lambda function.
    pub invoke: IndexMap<String, Invoke>,
    /// Values to try: keys are paths in this file, values are lists or ranges; all combinations run.
    #[schemars(extend("example" = "{ \"function.api.memory\" = [\"128 MB\", \"1024 MB\"] }"))]
    #[schemars(with = "serde_json::Map<String, serde_json::Value>")]
    pub sweep: toml::Table,
    /// Tables that could not be read, or only in part, as `kind.name`: what follows from that is not
    /// a mistake of its own.
    #[serde(skip)]
    pub broken: BTreeSet<String>,
}

impl Scenario {
    /// Reads a document, collecting every mistake.
    ///
    /// What could not be read is left out, so that the rest can be checked as well; the scenario is
    /// usable only when there are no errors among the problems.
    #[must_use]
    pub fn read(document: &Document) -> (Self, Vec<Problem>) {
        let (mut scenario, broken, mut problems) = decode::decode::<Self>(document.table());
        scenario.broken = broken;
        scenario.check_names(&mut problems);
        (scenario, problems)
    }

    /// The names of the tables of a kind, be they readable or not.
    #[must_use]
    pub fn names(&self, kind: &str) -> Vec<&str> {
        fn keys<T>(table: &IndexMap<String, T>) -> Vec<&str> {
            table.keys().map(String::as_str).collect()
        }
        let mut names = match kind {
            "fabric" => keys(&self.fabric),
            "vpc" => keys(&self.vpc),
            "subnet" => keys(&self.subnet),
            "route_table" => keys(&self.route_table),
            "internet_gateway" => keys(&self.internet_gateway),
            "nat_gateway" => keys(&self.nat_gateway),
            "security_group" => keys(&self.security_group),
            "instance" => keys(&self.instance),
            "service" => keys(&self.service),
            "function" => keys(&self.function),
            _ => Vec::new(),
        };
        let prefix = format!("{kind}.");
        let broken = self
            .broken
            .iter()
            .filter_map(|name| name.strip_prefix(&prefix));
        names.extend(broken.filter(|name| !name.contains('.')));
        names
    }

    /// Seed of all random numbers.
    #[must_use]
    pub fn seed(&self) -> u64 {
        u64::from(self.seed.unwrap_or(1))
    }

    /// Independent repetitions, at least one.
    #[must_use]
    pub fn replications(&self) -> u32 {
        self.replications.unwrap_or(5).max(1)
    }

    /// The names of all workloads with their kinds, in the order of kinds and of the file.
    pub fn workload_names(&self) -> impl Iterator<Item = (&'static str, &String)> {
        let pings = self.ping.keys().map(|name| ("ping", name));
        let requests = self.request.keys().map(|name| ("request", name));
        let datagrams = self.datagram.keys().map(|name| ("datagram", name));
        let invokes = self.invoke.keys().map(|name| ("invoke", name));
        pings.chain(requests).chain(datagrams).chain(invokes)
    }

    /// Workload names are unique across kinds, so that a result has one name.
    fn check_names(&self, problems: &mut Vec<Problem>) {
        let mut seen: IndexMap<&String, &'static str> = IndexMap::new();
        for (kind, name) in self.workload_names() {
            if let Some(other) = seen.insert(name, kind) {
                problems.push(
                    Problem::error(
                        KeyPath::of([kind, name]),
                        format!("the workload name `{name}` is taken by `{other}.{name}`"),
                    )
                    .help("workload names are unique across kinds; rename one of them"),
                );
            }
        }
        if seen.is_empty() && self.broken.is_empty() {
            problems.push(
                Problem::error(KeyPath::root(), "the scenario has no workload")
                    .help("add a table such as [ping.probe], [request.api], [datagram.load] or [invoke.users]"),
            );
        }
        if self
            .replications
            .is_some_and(|n| !(1..=MAX_REPLICATIONS).contains(&n))
        {
            let message = format!("there are between 1 and {MAX_REPLICATIONS} replications");
            problems.push(Problem::error(KeyPath::of(["replications"]), message));
        }
    }
}
