//! What a user wrote: the scenario language, its mistakes with their places, and sweeps.
//!
//! A [`Document`] is the parsed text with the edits of `--set` and of a sweep point; a [`Scenario`]
//! is the typed reading of one. A [`Problem`] carries the path of a key; only rendering turns the
//! path into a place in the file or on the command line.

mod arrivals;
mod called;
mod connectivity;
mod decode;
mod document;
mod endpoint;
mod fabric;
mod function;
mod instance;
mod invoke;
mod limits;
mod load_balancer;
mod path;
mod problem;
mod reference;
mod request;
mod route_table;
mod security;
mod sweep;
mod trace;
mod trace_file;
mod values;
mod vpc;
mod workload;
mod workload_stream;

pub use arrivals::{
    Arrivals, BurstArrivals, ClosedArrivals, DiurnalArrivals, Interval, OnOffArrivals,
    PoissonArrivals, Process, RenewalArrivals, ScheduledRate, StepArrivals,
};
pub use called::Called;
pub use connectivity::{
    CustomerGateway, TransitGateway, TransitGatewayPeeringAttachment, TransitGatewayRouteTable,
    TransitGatewayVpcAttachment, VpcPeeringConnection, VpnConnection, VpnGateway,
};
pub(crate) use decode::plain;
pub use document::{Document, Edit};
pub use endpoint::{
    Effect, EndpointType, PolicyStatement, Service, VpcEndpoint, VpcEndpointService,
};
pub use fabric::{Buffer, Ecmp, Fabric, OtherRegion, Region, SpineFailure, ZoneLink};
pub use function::{
    Architecture, Function, HandlerStep, Lambda, PackageType, Scaling, VpcAttachment,
};
pub use instance::{Attachment, ElasticIp, Instance, NetworkInterface, Placement};
pub use invoke::{EventSource, FrontEnd, InvocationType, Invoke};
pub use limits::{ConnectionTracking, PlacementGroup, PlacementStrategy};
pub use load_balancer::{
    Listener, ListenerProtocol, LoadBalancer, LoadBalancerType, TargetGroup, TargetType,
};
pub use path::{KeyPath, Segment};
pub use problem::{Problem, Severity, nearest, render};
pub use reference::{json_schema, markdown_reference};
pub use request::{
    CongestionControl, Connection, ConnectionPool, Jitter, Request, RequestProtocol, Retry, Tcp,
    Tls,
};
pub use route_table::{
    ConnectivityType, EgressOnlyInternetGateway, InternetGateway, NatGateway, Route, RouteTable,
};
pub use security::{AclAction, NetworkAcl, NetworkAclEntry, SecurityGroup, SecurityGroupRule};
pub(crate) use sweep::command_line_axis;
pub use sweep::{Point, expand};
pub(crate) use sweep::{display_value, last_key};
pub use trace::{Recorded, Recording, TraceArrivals, TraceFault, TraceFormat, Traces};
pub(crate) use values::parse_block;
pub use values::{OneOrMany, PortRange, Protocol, Reference, Tags};
pub use vpc::{HostedZone, PrefixList, Subnet, Vpc};
pub use workload::{Datagram, Expectation, Ping};
pub use workload_stream::{Granularity, Pattern, Sizes, Stream};

use std::collections::BTreeSet;

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::units::Duration;

/// The default of a key that is on unless it is switched off.
const fn yes() -> bool {
    true
}

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
    /// A spine switch that fails, and perhaps comes back.
    pub spine_failure: IndexMap<String, SpineFailure>,
    /// The link between two Availability Zones.
    pub zone_link: IndexMap<String, ZoneLink>,
    /// Another Region, with zones of its own.
    pub other_region: IndexMap<String, OtherRegion>,
    /// A virtual private cloud.
    pub vpc: IndexMap<String, Vpc>,
    /// A subnet: a range of a VPC's addresses in one Availability Zone.
    pub subnet: IndexMap<String, Subnet>,
    /// A customer-managed prefix list.
    pub prefix_list: IndexMap<String, PrefixList>,
    /// A route table; the local route of the VPC is always there.
    pub route_table: IndexMap<String, RouteTable>,
    /// An internet gateway, attached to a VPC.
    pub internet_gateway: IndexMap<String, InternetGateway>,
    /// An egress-only internet gateway, for IPv6.
    pub egress_only_internet_gateway: IndexMap<String, EgressOnlyInternetGateway>,
    /// A NAT gateway.
    pub nat_gateway: IndexMap<String, NatGateway>,
    /// A network ACL: what may cross the boundary of a subnet.
    pub network_acl: IndexMap<String, NetworkAcl>,
    /// A security group: what may come in and go out of the network interfaces that have it.
    pub security_group: IndexMap<String, SecurityGroup>,
    /// A placement group: where its instances run relative to each other.
    pub placement_group: IndexMap<String, PlacementGroup>,
    /// An EC2 instance with its primary network interface.
    pub instance: IndexMap<String, Instance>,
    /// A network interface beside the primary ones of instances.
    pub network_interface: IndexMap<String, NetworkInterface>,
    /// An Elastic IP address.
    pub elastic_ip: IndexMap<String, ElasticIp>,
    /// A load balancer.
    pub load_balancer: IndexMap<String, LoadBalancer>,
    /// The targets of load balancers.
    pub target_group: IndexMap<String, TargetGroup>,
    /// A VPC endpoint of an AWS service or of an endpoint service.
    pub vpc_endpoint: IndexMap<String, VpcEndpoint>,
    /// An endpoint service: a load balancer offered to other VPCs.
    pub vpc_endpoint_service: IndexMap<String, VpcEndpointService>,
    /// A peering connection between two VPCs.
    pub vpc_peering_connection: IndexMap<String, VpcPeeringConnection>,
    /// A transit gateway.
    pub transit_gateway: IndexMap<String, TransitGateway>,
    /// The attachment of a VPC to a transit gateway.
    pub transit_gateway_vpc_attachment: IndexMap<String, TransitGatewayVpcAttachment>,
    /// The attachment of a transit gateway to another one.
    pub transit_gateway_peering_attachment: IndexMap<String, TransitGatewayPeeringAttachment>,
    /// A route table of a transit gateway.
    pub transit_gateway_route_table: IndexMap<String, TransitGatewayRouteTable>,
    /// A virtual private gateway.
    pub vpn_gateway: IndexMap<String, VpnGateway>,
    /// A site at the other end of VPN connections.
    pub customer_gateway: IndexMap<String, CustomerGateway>,
    /// A Site-to-Site VPN connection.
    pub vpn_connection: IndexMap<String, VpnConnection>,
    /// A private hosted zone of Route 53.
    pub hosted_zone: IndexMap<String, HostedZone>,
    /// An AWS service; those of the profile (`s3`, `dynamodb`, `secretsmanager`, …) exist without a
    /// table.
    pub service: IndexMap<String, Service>,
    /// Lambda in the account and Region, for all functions together.
    pub lambda: Lambda,
    /// A Lambda function.
    pub function: IndexMap<String, Function>,
    /// TCP of all ends.
    pub tcp: Tcp,
    /// Round-trip probes (ICMP echo).
    pub ping: IndexMap<String, Ping>,
    /// Requests and responses over TCP or UDP.
    pub request: IndexMap<String, Request>,
    /// One-way datagrams (UDP).
    pub datagram: IndexMap<String, Datagram>,
    /// Bulk transfers over TCP.
    pub stream: IndexMap<String, Stream>,
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
    /// Recorded arrivals that workloads replay.
    #[serde(skip)]
    pub traces: Traces,
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
        scenario.traces = document.traces().clone();
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
            "other_region" => keys(&self.other_region),
            "vpc" => keys(&self.vpc),
            "subnet" => keys(&self.subnet),
            "prefix_list" => keys(&self.prefix_list),
            "route_table" => keys(&self.route_table),
            "internet_gateway" => keys(&self.internet_gateway),
            "egress_only_internet_gateway" => keys(&self.egress_only_internet_gateway),
            "nat_gateway" => keys(&self.nat_gateway),
            "network_acl" => keys(&self.network_acl),
            "security_group" => keys(&self.security_group),
            "placement_group" => keys(&self.placement_group),
            "instance" => keys(&self.instance),
            "network_interface" => keys(&self.network_interface),
            "elastic_ip" => keys(&self.elastic_ip),
            "load_balancer" => keys(&self.load_balancer),
            "target_group" => keys(&self.target_group),
            "vpc_endpoint" => keys(&self.vpc_endpoint),
            "vpc_endpoint_service" => keys(&self.vpc_endpoint_service),
            "vpc_peering_connection" => keys(&self.vpc_peering_connection),
            "transit_gateway" => keys(&self.transit_gateway),
            "transit_gateway_vpc_attachment" => keys(&self.transit_gateway_vpc_attachment),
            "transit_gateway_peering_attachment" => keys(&self.transit_gateway_peering_attachment),
            "transit_gateway_route_table" => keys(&self.transit_gateway_route_table),
            "vpn_gateway" => keys(&self.vpn_gateway),
            "customer_gateway" => keys(&self.customer_gateway),
            "vpn_connection" => keys(&self.vpn_connection),
            "hosted_zone" => keys(&self.hosted_zone),
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
        let streams = self.stream.keys().map(|name| ("stream", name));
        let invokes = self.invoke.keys().map(|name| ("invoke", name));
        let packets = pings.chain(requests).chain(datagrams);
        packets.chain(streams).chain(invokes)
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
        if self
            .replications
            .is_some_and(|n| !(1..=MAX_REPLICATIONS).contains(&n))
        {
            let message = format!("there are between 1 and {MAX_REPLICATIONS} replications");
            problems.push(Problem::error(KeyPath::of(["replications"]), message));
        }
    }
}
