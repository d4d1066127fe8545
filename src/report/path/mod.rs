//! A path told hop by hop, for people and for programs.

mod matrix;
mod story;
mod text;

pub use matrix::{GroupReport, MatrixReport, ReachReport, matrix_text};
pub use text::path_text;

use serde::Serialize;

use crate::cost;
use crate::path::{Direction, Endpoint, Note, Path, Query, Resolution, Resource, Side};
use crate::sim::{FlowState, IdleLatency, Quantiles, idle_latency};
use crate::topology::Topology;

/// A path, or why there is none.
#[derive(Debug, Clone, Serialize)]
pub struct PathReport {
    /// The sender, as `kind.name`.
    pub from: String,
    /// The receiver.
    pub to: String,
    /// `tcp`, `udp` or `icmp`.
    pub protocol: String,
    /// The server's port; null where the protocol has none.
    pub port: Option<u16>,
    /// Whether packets get there and answers back.
    pub reachable: bool,
    /// How the receiver's name was resolved.
    pub resolution: Option<String>,
    /// The way there; as far as it is known, where it is refused.
    pub forward: LegReport,
    /// The way back; empty if nothing gets there.
    pub back: LegReport,
    /// There and back, without load: the first packet of a connection.
    pub round_trip_new_s: Option<QuantilesReport>,
    /// There and back, without load: a later packet of a connection.
    pub round_trip_s: Option<QuantilesReport>,
    /// Largest IP packet that passes.
    pub mtu_bytes: u64,
    /// Bytes that the overlay adds to a packet between cards.
    pub encapsulation_bytes: u64,
    /// Everything that refuses it.
    pub refusals: Vec<RefusalReport>,
    /// What else a reader should know.
    pub notes: Vec<String>,
}

/// One direction.
#[derive(Debug, Clone, Default, Serialize)]
pub struct LegReport {
    /// The places that the packet passes.
    pub hops: Vec<HopReport>,
    /// What a gigabyte this way costs in USD, exactly.
    pub usd_per_gb: String,
    /// What it consists of.
    pub charges: Vec<ChargeReport>,
}

/// A part of the price of a gigabyte.
#[derive(Debug, Clone, Serialize)]
pub struct ChargeReport {
    /// What is charged.
    pub what: String,
    /// USD for a gigabyte, exactly.
    pub usd_per_gb: String,
}

/// A place that a packet passes.
#[derive(Debug, Clone, Default, Serialize)]
pub struct HopReport {
    /// The resource, as `kind.name`.
    pub resource: String,
    /// Its address on this path, if it has one.
    pub address: Option<String>,
    /// The Availability Zone where it handles the packet, if it is in one.
    pub availability_zone: Option<String>,
    /// The rack, from 1.
    pub rack: Option<u32>,
    /// How the packet gets here from the hop before.
    pub crossing: Option<String>,
    /// What is decided here, in order.
    pub decisions: Vec<Decision>,
    /// Time here and on the way here, without load.
    pub latency_s: Option<QuantilesReport>,
}

/// Something that is decided at a hop.
#[derive(Debug, Clone, Serialize)]
pub struct Decision {
    /// `security_group`, `network_acl`, `route`, `translation`, `mtu` or `refusal`.
    pub kind: &'static str,
    /// The resource that decides, as `kind.name`.
    pub resource: String,
    /// The rule that decides.
    pub rule: String,
    /// In words.
    pub text: String,
}

/// A median and a 99th percentile in seconds.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct QuantilesReport {
    /// Half take less.
    pub p50: f64,
    /// All but one in a hundred take less.
    pub p99: f64,
}

impl From<Quantiles> for QuantilesReport {
    fn from(quantiles: Quantiles) -> Self {
        Self {
            p50: quantiles.p50.as_secs_f64(),
            p99: quantiles.p99.as_secs_f64(),
        }
    }
}

/// Something that refuses a path.
#[derive(Debug, Clone, Serialize)]
pub struct RefusalReport {
    /// `forward` or `return`.
    pub direction: &'static str,
    /// The explanation code of AWS Reachability Analyzer; null if it has none for the cause.
    pub code: Option<&'static str>,
    /// The resource that refuses.
    pub at: String,
    /// The rule that decides, or what is missing.
    pub rule: String,
    /// Why.
    pub reason: String,
    /// The smallest change that would allow it.
    pub remedy: String,
}

impl PathReport {
    /// Tells a path that answers a query.
    #[must_use]
    pub fn new(
        topology: &Topology,
        query: &Query<'_>,
        (from, to): (&str, &str),
        path: &Path,
    ) -> Self {
        let (mut forward, groups_there) = story::tell(topology, path, Direction::Forward);
        let (mut back, groups_back) = story::tell(topology, path, Direction::Return);
        let measured = |leg, groups: &[usize], count, state, purpose| {
            idle_latency(topology, leg, groups, count, state, purpose)
        };
        let there = |state| {
            measured(
                &path.forward,
                &groups_there,
                forward.len(),
                state,
                "forward",
            )
        };
        let home = |state| measured(&path.back, &groups_back, back.len(), state, "return");
        let (mut first, mut later) = (None, None);
        if path.is_reachable() {
            let [a, b] = [there(FlowState::Established), home(FlowState::Established)];
            first = Some(
                there(FlowState::New)
                    .round_trip(&home(FlowState::New))
                    .into(),
            );
            later = Some(a.round_trip(&b).into());
            note_latencies(&mut forward, &a);
            note_latencies(&mut back, &b);
        }
        let leg = |hops, meters| {
            let price = cost::price_of_gigabyte(topology, meters);
            LegReport {
                hops,
                usd_per_gb: price.total.plain(),
                charges: price
                    .parts
                    .iter()
                    .map(|part| ChargeReport {
                        what: part.what.clone(),
                        usd_per_gb: part.price.plain(),
                    })
                    .collect(),
            }
        };
        Self {
            from: from.to_owned(),
            to: to.to_owned(),
            protocol: query.flow.protocol.to_string(),
            port: (query.flow.port > 0).then_some(query.flow.port),
            reachable: path.is_reachable(),
            resolution: path.resolution.map(|how| resolution(topology, how, path)),
            forward: leg(forward, &path.forward.meters),
            back: leg(back, &path.back.meters),
            round_trip_new_s: first,
            round_trip_s: later,
            mtu_bytes: path.mtu.get(),
            encapsulation_bytes: topology.profile.nitro.encapsulation.value.get(),
            refusals: refusals(topology, path),
            notes: path
                .notes
                .iter()
                .map(|note| in_words(topology, *note))
                .collect(),
        }
    }

    /// What was asked, in words.
    #[must_use]
    pub fn flow(&self) -> String {
        match self.port {
            Some(port) => format!("{}/{port}", self.protocol),
            None => self.protocol.clone(),
        }
    }
}

/// Where a path begins or ends, as a reader names it.
#[must_use]
pub fn end_name(topology: &Topology, end: Endpoint) -> String {
    match end {
        Endpoint::Interface(id) => topology.resource_name(Resource::NetworkInterface(id)),
        Endpoint::Function(id) => format!("function.{}", topology.functions.name(id)),
        Endpoint::LoadBalancer(id) => topology.resource_name(Resource::LoadBalancer(id)),
        Endpoint::Service(id) => topology.resource_name(Resource::Service(id)),
        Endpoint::VpcEndpoint(id) => topology.resource_name(Resource::VpcEndpoint(id)),
        Endpoint::Site(id) => topology.resource_name(Resource::CustomerGateway(id)),
        Endpoint::Internet => "internet".to_owned(),
        Endpoint::LinkLocal(service) => service.name().to_owned(),
        Endpoint::Address(address) => address.to_string(),
        Endpoint::Host(host) => topology.resource_name(Resource::Host(host)),
    }
}

fn note_latencies(hops: &mut [HopReport], latency: &IdleLatency) {
    for (hop, quantiles) in hops.iter_mut().zip(&latency.groups) {
        hop.latency_s = Some((*quantiles).into());
    }
}

fn refusals(topology: &Topology, path: &Path) -> Vec<RefusalReport> {
    let explained = path.refusals.iter().map(|refusal| {
        let words = refusal.explain(topology);
        RefusalReport {
            direction: match words.direction {
                Direction::Forward => "forward",
                Direction::Return => "return",
            },
            code: words.code.map(crate::path::ReasonCode::as_str),
            at: words.at,
            rule: words.rule,
            reason: words.reason,
            remedy: words.remedy,
        }
    });
    explained.collect()
}

fn resolution(topology: &Topology, how: Resolution, path: &Path) -> String {
    let address = path
        .header
        .map(|header| header.destination.address.to_string())
        .unwrap_or_default();
    match how {
        Resolution::PrivateDns(id) => format!(
            "the service's name resolves to {address}, by private DNS of vpc_endpoint.{}",
            topology.vpc_endpoints.name(id)
        ),
        Resolution::PublicDns(id) => format!(
            "the name of service.{} resolves to {address}, its public address",
            topology.services.name(id)
        ),
        Resolution::EndpointName(id) => format!(
            "the name of vpc_endpoint.{} resolves to {address}",
            topology.vpc_endpoints.name(id)
        ),
        Resolution::LoadBalancer(id) => format!(
            "the name of load_balancer.{} resolves to {address}",
            topology.load_balancers.name(id)
        ),
    }
}

fn in_words(topology: &Topology, note: Note) -> String {
    let name = |resource| topology.resource_name(resource);
    match note {
        Note::PartOfThePorts {
            acl,
            rule_number,
            ports,
        } => format!(
            "{} lets only client ports {ports} through (rule {rule_number}); clients use others, too, so some of their connections fail",
            name(Resource::NetworkAcl(acl))
        ),
        Note::Unattached(id) => format!(
            "{} is attached to no instance; it is taken to be in use",
            name(Resource::NetworkInterface(id))
        ),
        Note::AssumedMasquerade(id) => format!(
            "{} is taken to put its own address in place of the sender's, as a NAT instance does; set `masquerade` to say so, or not",
            name(Resource::NetworkInterface(id))
        ),
        Note::OneDirectionOnly { by, transit } => {
            let help = if transit {
                "; appliance_mode_support on its attachment would keep both directions in one zone"
            } else {
                ""
            };
            format!(
                "{} sees the connection in one direction only, which a stateful appliance drops{help}",
                name(by)
            )
        }
        Note::ApplianceDecides(id) => format!(
            "whether the appliances behind {} let it through is theirs to decide; here they do",
            name(Resource::LoadBalancer(id))
        ),
        Note::PartlyRefused {
            refused,
            variants,
            first,
        } => format!(
            "{refused} of {variants} variants of the path, by what flows are hashed to, are refused, the first by {}",
            first.explain(topology)
        ),
        Note::LinkLocal(service) => format!(
            "the host itself answers for {}; security groups and network ACLs do not filter it, and an interface may send {} packets/s to link-local services",
            service.name(),
            topology.profile.limit.link_local.packets_per_second.value
        ),
        Note::FailsOpen(id) => format!(
            "no target of target_group.{} is healthy, so the load balancer sends to all of them",
            topology.target_groups.name(id)
        ),
    }
}

/// Into or out of, as a rule names it.
const fn side_name(side: Side) -> &'static str {
    match side {
        Side::Egress => "egress",
        Side::Ingress => "ingress",
    }
}
