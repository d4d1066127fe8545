//! A small network for tests of single rules: a base scenario, a few lines more, and answers in words.

use std::fmt::Write as _;

use netsim::path::{
    self, Admission, Direction, Endpoint, Flow, Hop, Leg, Link, Meter, Path, Query, Resource, Side,
    Step, Tracking,
};
use netsim::scenario::{Document, Problem, Protocol, Scenario};
use netsim::topology::{HostId, RouteTarget, Topology};
use toml::{Table, Value};

/// Three VPCs that nothing joins. In `main`, two subnets in two zones, with instances that admit
/// everything.
const BASE: &str = r#"
[region]
name = "us-east-1"
availability_zones = ["us-east-1a", "us-east-1b", "us-east-1c"]

[vpc]
main = { cidr_block = "10.0.0.0/16" }
other = { cidr_block = "10.1.0.0/16" }
third = { cidr_block = "10.2.0.0/16" }

[subnet]
a = { vpc = "main", availability_zone = "us-east-1a", cidr_block = "10.0.0.0/24" }
b = { vpc = "main", availability_zone = "us-east-1b", cidr_block = "10.0.1.0/24" }
other = { vpc = "other", availability_zone = "us-east-1a", cidr_block = "10.1.0.0/24" }
third = { vpc = "third", availability_zone = "us-east-1a", cidr_block = "10.2.0.0/24" }

[security_group]
open = { vpc = "main", ingress = [{ protocol = "all", source = "0.0.0.0/0" }] }
other = { vpc = "other", ingress = [{ protocol = "all", source = "0.0.0.0/0" }] }
third = { vpc = "third", ingress = [{ protocol = "all", source = "0.0.0.0/0" }] }

[instance]
a = { instance_type = "m5.large", subnet = "a", security_groups = ["open"], private_ip = "10.0.0.10" }
near = { instance_type = "m5.large", subnet = "a", security_groups = ["open"], private_ip = "10.0.0.11" }
b = { instance_type = "m5.large", subnet = "b", security_groups = ["open"], private_ip = "10.0.1.10" }
other = { instance_type = "m5.large", subnet = "other", security_groups = ["other"], private_ip = "10.1.0.10" }
third = { instance_type = "m5.large", subnet = "third", security_groups = ["third"], private_ip = "10.2.0.10" }
"#;

/// Something that resolves.
#[derive(Debug)]
pub(crate) struct Network {
    pub(crate) topology: Topology,
}

/// The base with further keys and tables; each part replaces what is there under the same key.
#[track_caller]
pub(crate) fn network(parts: &[&str]) -> Network {
    whole(&merged(parts))
}

/// The network of a whole scenario; panics with what is wrong with it.
#[track_caller]
pub(crate) fn whole(text: &str) -> Network {
    let document = Document::parse("test.toml", text)
        .unwrap_or_else(|problems| panic!("{}", problems.render(false)));
    let (topology, mut problems) = resolve(&document);
    problems.retain(Problem::is_error);
    assert!(
        problems.is_empty(),
        "{}",
        netsim::scenario::render(&problems, &document, false)
    );
    Network { topology }
}

/// What is wrong with the base and further parts, a line each.
pub(crate) fn wrong(parts: &[&str]) -> String {
    let document = Document::parse("test.toml", merged(parts))
        .unwrap_or_else(|problems| panic!("{}", problems.render(false)));
    let mut text = String::new();
    for problem in resolve(&document).1 {
        let kind = if problem.is_error() { "" } else { "warning: " };
        let _ = writeln!(text, "{kind}{problem}");
    }
    text
}

fn resolve(document: &Document) -> (Topology, Vec<Problem>) {
    let (scenario, mut problems) = Scenario::read(document);
    let (topology, more) = Topology::resolve(&scenario);
    problems.extend(more);
    (topology, problems)
}

/// The base and further parts as one text: tables are merged, everything else is replaced.
fn merged(parts: &[&str]) -> String {
    fn merge(into: &mut Table, from: Table) {
        for (key, value) in from {
            match (into.get_mut(&key), value) {
                (Some(Value::Table(into)), Value::Table(from)) => merge(into, from),
                (_, value) => {
                    into.insert(key, value);
                }
            }
        }
    }
    let mut whole: Table = BASE.parse().unwrap();
    for part in parts {
        let part = part.parse();
        merge(&mut whole, part.unwrap_or_else(|error| panic!("{error}")));
    }
    whole.to_string()
}

impl Network {
    /// The end that `text` names, as `from` resolves it.
    #[track_caller]
    pub(crate) fn end(&self, text: &str, from: Option<Endpoint>) -> Endpoint {
        Endpoint::parse(&self.topology, text, from)
            .unwrap_or_else(|unknown| panic!("{}", unknown.message))
    }

    /// The question after `flow`, such as `tcp/443` or `icmp`.
    #[track_caller]
    pub(crate) fn query(&self, from: &str, to: &str, flow: &str) -> Query<'static> {
        let from = self.end(from, None);
        Query::new(from, self.end(to, Some(from)), parse_flow(flow))
    }

    /// How a packet gets from one end to another.
    #[track_caller]
    pub(crate) fn ask(&self, from: &str, to: &str, flow: &str) -> Answer<'_> {
        self.answer(&self.query(from, to, flow))
    }

    /// The same by IPv6.
    #[track_caller]
    pub(crate) fn ask_ipv6(&self, from: &str, to: &str, flow: &str) -> Answer<'_> {
        self.answer(&Query {
            ipv6: true,
            ..self.query(from, to, flow)
        })
    }

    pub(crate) fn answer(&self, query: &Query<'_>) -> Answer<'_> {
        let path = match path::resolve(&self.topology, query) {
            Ok(paths) => paths.into_iter().next().unwrap(),
            Err(refused) => *refused,
        };
        Answer {
            topology: &self.topology,
            path,
        }
    }
}

pub(crate) fn parse_flow(text: &str) -> Flow {
    let (protocol, port) = text.split_once('/').unwrap_or((text, "0"));
    let protocol = match protocol {
        "tcp" => Protocol::Tcp,
        "udp" => Protocol::Udp,
        "icmp" => Protocol::Icmp,
        other => panic!("{other} is not the protocol of a flow"),
    };
    Flow {
        protocol,
        port: port.parse().unwrap(),
    }
}

/// A path that can say what it is.
#[derive(Debug)]
pub(crate) struct Answer<'n> {
    topology: &'n Topology,
    pub(crate) path: Path,
}

impl Answer<'_> {
    /// Panics with what refuses the path, if something does.
    #[track_caller]
    pub(crate) fn is_reachable(self) -> Self {
        assert!(self.path.is_reachable(), "{:#?}", self.refusals());
        self
    }

    /// Panics unless exactly this refuses the path: direction, code, resource and rule.
    #[track_caller]
    pub(crate) fn is_refused(self, by: &[&str]) -> Self {
        assert_eq!(self.refusals(), by);
        self
    }

    /// Panics unless these steps are on the way there, in this order.
    #[track_caller]
    pub(crate) fn goes(self, steps: &[&str]) -> Self {
        in_order(&self.there(), steps);
        self
    }

    /// Panics unless these steps are on the way back, in this order.
    #[track_caller]
    pub(crate) fn returns(self, steps: &[&str]) -> Self {
        in_order(&self.back(), steps);
        self
    }

    /// Panics if a step there or back has these words.
    #[track_caller]
    pub(crate) fn avoids(self, words: &str) -> Self {
        let all = [self.there(), self.back()].concat();
        let words = format!(" {words} ");
        let has = |step: &String| {
            format!(" {step} ")
                .replace([':', ','], " ")
                .contains(&words)
        };
        assert!(!all.iter().any(has), "{all:#?}");
        self
    }

    /// What the packet meets on its way there, without what takes time.
    pub(crate) fn there(&self) -> Vec<String> {
        self.steps(&self.path.forward)
    }

    /// The same of the answer.
    pub(crate) fn back(&self) -> Vec<String> {
        self.steps(&self.path.back)
    }

    /// What takes time on the way there.
    pub(crate) fn hops(&self) -> Vec<String> {
        self.path.forward.hops().map(|hop| self.hop(hop)).collect()
    }

    /// What is charged by volume, there and back.
    pub(crate) fn meters(&self) -> [Vec<String>; 2] {
        [&self.path.forward, &self.path.back].map(|leg| {
            let meters = leg.meters.iter();
            meters.map(|&meter| self.meter(meter)).collect()
        })
    }

    /// Everything that refuses the path, a line each.
    pub(crate) fn refusals(&self) -> Vec<String> {
        let refusals = self.path.refusals.iter();
        refusals
            .map(|refusal| {
                let words = refusal.explain(self.topology);
                let direction = match words.direction {
                    Direction::Forward => "there",
                    Direction::Return => "back",
                };
                let code = words.code.map_or("-", path::ReasonCode::as_str);
                format!("{direction}: {code} {} {}", words.at, words.rule)
            })
            .collect()
    }

    fn name(&self, resource: Resource) -> String {
        self.topology.resource_name(resource)
    }

    fn steps(&self, leg: &Leg) -> Vec<String> {
        let steps = leg.steps.iter();
        steps.filter_map(|step| self.step(*step)).collect()
    }

    /// A step in words; none for what takes time.
    fn step(&self, step: Step) -> Option<String> {
        let t = self.topology;
        Some(match step {
            Step::Leaves(id) => format!("out of {}", t.owner_name(id)),
            Step::Enters(id) => format!("into {}", t.owner_name(id)),
            Step::SecurityGroup {
                interface,
                side,
                by,
            } => {
                let (owner, side) = (t.owner_name(interface), side_name(side));
                match by {
                    Admission::Reply => format!("{owner} {side}: reply"),
                    Admission::Rule {
                        group,
                        index,
                        tracking,
                    } => {
                        let group = t.security_groups.name(group);
                        let tracking = match tracking {
                            Tracking::Tracked => "tracked",
                            Tracking::Untracked => "untracked",
                        };
                        format!("{owner} {side}: {group}[{index}], {tracking}")
                    }
                }
            }
            Step::NetworkAcl {
                subnet,
                acl,
                side,
                rule_number,
            } => {
                let (subnet, acl) = (t.subnets.name(subnet), t.network_acls.name(acl));
                format!("{subnet} {}: {acl} {rule_number}", side_name(side))
            }
            Step::Route { table, route } => {
                let table = t.route_tables.name(table);
                let target = self.target(route.target);
                format!("{table}: {} → {target}", route.destination)
            }
            Step::TransitGatewayRoute { table, route } => {
                let table = t.transit_gateway_route_tables.name(table);
                let target = route
                    .target
                    .map_or("blackhole", |id| t.transit_gateway_attachments.name(id));
                format!("{table}: {} → {target}", route.destination)
            }
            Step::Through(resource) => format!("through {}", self.name(resource)),
            Step::Translates { by, before, after } => {
                format!("{}: {before} becomes {after}", self.name(by))
            }
            Step::LimitsMtu(mtu) => format!("mtu {}", mtu.get()),
            Step::Hop(_) => return None,
        })
    }

    fn target(&self, target: RouteTarget) -> String {
        self.name(match target {
            RouteTarget::Local => return "local".to_owned(),
            RouteTarget::Blackhole => return "blackhole".to_owned(),
            RouteTarget::InternetGateway(id) => Resource::InternetGateway(id),
            RouteTarget::EgressOnlyInternetGateway(id) => Resource::EgressOnlyInternetGateway(id),
            RouteTarget::NatGateway(id) => Resource::NatGateway(id),
            RouteTarget::NetworkInterface(id) => Resource::NetworkInterface(id),
            RouteTarget::VpcPeeringConnection(id) => Resource::VpcPeeringConnection(id),
            RouteTarget::TransitGateway(id) => Resource::TransitGateway(id),
            RouteTarget::VpnGateway(id) => Resource::VpnGateway(id),
            RouteTarget::GatewayEndpoint(id) | RouteTarget::GatewayLoadBalancerEndpoint(id) => {
                Resource::VpcEndpoint(id)
            }
        })
    }

    fn hop(&self, hop: Hop) -> String {
        let t = self.topology;
        match hop {
            Hop::GuestSend => "guest sends".to_owned(),
            Hop::GuestReceive => "guest receives".to_owned(),
            Hop::NitroEgress(id) => format!("card of {} sends", t.owner_name(id)),
            Hop::NitroIngress(id) => format!("card of {} receives", t.owner_name(id)),
            Hop::NitroTurnaround(id, _) => format!("card of {} turns round", t.owner_name(id)),
            Hop::Link(link) => self.link(link),
            Hop::Fleet(id, _) => format!("node of {}", t.owner_name(id)),
            Hop::LinkLocal(id, service) => {
                format!("{} for {}", service.name(), t.owner_name(id))
            }
            Hop::GatewayEndpoint => "edge of endpoints".to_owned(),
            Hop::InternetGateway => "edge to the internet".to_owned(),
            Hop::VpnGateway => "edge to a site".to_owned(),
            Hop::Site(id) => format!("to {}", self.name(Resource::CustomerGateway(id))),
            Hop::Internet => "over the internet".to_owned(),
        }
    }

    fn link(&self, link: Link) -> String {
        let zone = |id| self.topology.substrate.fabrics.name(id);
        match link {
            Link::HostUp(host) => format!("up from {}", self.host(host)),
            Link::HostDown(host) => format!("down to {}", self.host(host)),
            Link::LeafUp(fabric, rack) => format!("up from rack {} of {}", rack + 1, zone(fabric)),
            Link::LeafDown(fabric, rack) => {
                format!("down to rack {} of {}", rack + 1, zone(fabric))
            }
            Link::Zone(a, b) => format!("from {} to {}", zone(a), zone(b)),
        }
    }

    /// A host by rack and number, from 1.
    fn host(&self, host: HostId) -> String {
        let substrate = &self.topology.substrate;
        let fabric = &substrate.fabrics[substrate.fabric_of(host)];
        let number = fabric.hosts().position(|other| other == host).unwrap();
        let number = number % fabric.hosts_per_rack as usize + 1;
        format!("host {}/{number}", fabric.rack_of(host) + 1)
    }

    fn meter(&self, meter: Meter) -> String {
        let t = self.topology;
        let zone = |id| t.substrate.fabrics.name(id);
        match meter {
            Meter::NatGateway(id) => self.name(Resource::NatGateway(id)),
            Meter::GatewayEndpoint(id)
            | Meter::InterfaceEndpoint(id)
            | Meter::GatewayLoadBalancerEndpoint(id) => self.name(Resource::VpcEndpoint(id)),
            Meter::TransitGateway(id) => self.name(Resource::TransitGatewayAttachment(id)),
            Meter::LoadBalancer(id) => self.name(Resource::LoadBalancer(id)),
            Meter::CrossZone(a, b) => format!("{} to {}", zone(a), zone(b)),
            Meter::CrossRegion(a, b) => {
                format!("{} to {}", t.regions.name(a), t.regions.name(b))
            }
            Meter::InternetEgress(id) => format!("out of {}", t.regions.name(id)),
        }
    }
}

const fn side_name(side: Side) -> &'static str {
    match side {
        Side::Egress => "egress",
        Side::Ingress => "ingress",
    }
}

#[track_caller]
fn in_order(all: &[String], wanted: &[&str]) {
    let mut rest = all.iter();
    for step in wanted {
        assert!(
            rest.any(|other| other == step),
            "{step} is not where it should be among {all:#?}"
        );
    }
}
