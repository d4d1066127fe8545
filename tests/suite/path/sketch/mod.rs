//! Random overlays, as structures that a test can change before they become a scenario.

mod text;

pub(crate) use text::BALANCER;

use std::collections::BTreeMap;

use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

/// An overlay. Numbers that stand for something are taken modulo how many there are, so that any
/// combination is one: of VPCs, subnets, groups, ACLs and tables the `i`th belongs to the VPC `i`.
#[derive(Debug, Clone)]
pub(crate) struct Sketch {
    pub(crate) vpcs: usize,
    pub(crate) subnets: Vec<Subnet>,
    pub(crate) groups: Vec<Group>,
    pub(crate) acls: Vec<Acl>,
    pub(crate) tables: Vec<Table>,
    pub(crate) instances: Vec<Instance>,
    /// By VPC.
    pub(crate) internet: Vec<bool>,
    /// The subnets of NAT gateways, and whether they are private.
    pub(crate) nats: Vec<(usize, bool)>,
    /// Peering connections of VPCs 0 and 1, 1 and 2, 2 and 0, and whether they are accepted.
    pub(crate) peerings: Vec<Option<bool>>,
    /// Which VPCs are attached to a transit gateway, and propagate their routes.
    pub(crate) attached: Vec<Option<bool>>,
    /// Whether a site is joined to VPC 0.
    pub(crate) site: bool,
    /// Whether VPC 0 has endpoints: of S3 by routes, of SQS by interfaces.
    pub(crate) endpoints: bool,
    pub(crate) balancer: Option<Balancer>,
}

/// A load balancer with an instance or more of its VPC as targets.
#[derive(Debug, Clone)]
pub(crate) struct Balancer {
    vpc: usize,
    application: bool,
    internal: bool,
    cross_zone: Option<bool>,
    preserve: Option<bool>,
    group: usize,
    targets: Vec<usize>,
}

#[derive(Debug, Clone)]
pub(crate) struct Subnet {
    zone: usize,
    acl: Option<usize>,
    table: Option<usize>,
}

#[derive(Debug, Clone)]
pub(crate) struct Group {
    pub(crate) ingress: Vec<Rule>,
    /// `None`: everything.
    pub(crate) egress: Option<Vec<Rule>>,
}

/// Protocol and ports, and the other side.
#[derive(Debug, Clone)]
pub(crate) struct Rule {
    what: &'static str,
    peer: Peer,
}

#[derive(Debug, Clone)]
enum Peer {
    Block(Block),
    Group(usize),
    Own,
}

#[derive(Debug, Clone)]
enum Block {
    Everyone,
    Vpc(usize),
    Subnet(usize),
    Instance(usize),
}

#[derive(Debug, Clone)]
pub(crate) struct Acl {
    pub(crate) ingress: BTreeMap<u16, Entry>,
    pub(crate) egress: BTreeMap<u16, Entry>,
}

#[derive(Debug, Clone)]
pub(crate) struct Entry {
    allow: bool,
    what: &'static str,
    block: Block,
}

#[derive(Debug, Clone)]
pub(crate) struct Table {
    routes: Vec<Route>,
    /// Whether it has routes to everything else that its VPC is joined to, too.
    whole: bool,
    /// Whether its default route is to a NAT gateway.
    nat: bool,
}

#[derive(Debug, Clone)]
pub(crate) struct Route {
    to: Destination,
    target: Target,
}

#[derive(Debug, Clone)]
enum Destination {
    Everything,
    Site,
    Vpc(usize),
    Subnet(usize),
}

#[derive(Debug, Clone)]
enum Target {
    Blackhole,
    InternetGateway,
    NatGateway(usize),
    Peering(usize),
    Hub,
    Instance(usize),
    VpnGateway,
}

#[derive(Debug, Clone)]
pub(crate) struct Instance {
    subnet: usize,
    pub(crate) groups: Vec<usize>,
    public: bool,
    router: bool,
}

const WHATS: [&str; 8] = [
    "protocol = \"all\"",
    "protocol = \"tcp\"",
    "protocol = \"tcp\", ports = 80",
    "protocol = \"tcp\", ports = \"80-443\"",
    "protocol = \"tcp\", ports = \"1024-65535\"",
    "protocol = \"udp\", ports = 53",
    "protocol = \"udp\"",
    "protocol = \"icmp\"",
];

fn what() -> impl Strategy<Value = &'static str> {
    prop_oneof![Just(WHATS[0]), select(&WHATS[..])]
}

fn block() -> impl Strategy<Value = Block> {
    prop_oneof![
        4 => Just(Block::Everyone),
        2 => (0..3_usize).prop_map(Block::Vpc),
        2 => (0..8_usize).prop_map(Block::Subnet),
        1 => (0..8_usize).prop_map(Block::Instance),
    ]
}

pub(crate) fn rule() -> impl Strategy<Value = Rule> {
    let peer = prop_oneof![
        5 => block().prop_map(Peer::Block),
        2 => (0..8_usize).prop_map(Peer::Group),
        1 => Just(Peer::Own),
    ];
    (what(), peer).prop_map(|(what, peer)| Rule { what, peer })
}

pub(crate) fn entry() -> impl Strategy<Value = Entry> {
    (prop::bool::weighted(0.7), what(), block()).prop_map(|(allow, what, block)| Entry {
        allow,
        what,
        block,
    })
}

pub(crate) fn acl() -> impl Strategy<Value = Acl> {
    let entries = || btree_map(1..100_u16, entry(), 2..7);
    (entries(), entries()).prop_map(|(ingress, egress)| Acl { ingress, egress })
}

fn route() -> impl Strategy<Value = Route> {
    let to = prop_oneof![
        3 => Just(Destination::Everything),
        1 => Just(Destination::Site),
        4 => (0..3_usize).prop_map(Destination::Vpc),
        3 => (0..8_usize).prop_map(Destination::Subnet),
    ];
    let target = prop_oneof![
        1 => Just(Target::Blackhole),
        4 => Just(Target::InternetGateway),
        4 => (0..3_usize).prop_map(Target::NatGateway),
        6 => (0..3_usize).prop_map(Target::Peering),
        4 => Just(Target::Hub),
        5 => (0..8_usize).prop_map(Target::Instance),
        1 => Just(Target::VpnGateway),
    ];
    (to, target).prop_map(|(to, target)| Route { to, target })
}

fn table() -> impl Strategy<Value = Table> {
    let whole = prop::bool::weighted(0.8);
    (vec(route(), 0..4), whole, any::<bool>()).prop_map(|(routes, whole, nat)| Table {
        routes,
        whole,
        nat,
    })
}

fn subnet() -> impl Strategy<Value = Subnet> {
    let acl = option::weighted(0.3, 0..8_usize);
    let table = option::weighted(0.9, 0..8_usize);
    (0..3_usize, acl, table).prop_map(|(zone, acl, table)| Subnet { zone, acl, table })
}

fn group() -> impl Strategy<Value = Group> {
    (vec(rule(), 1..6), option::weighted(0.3, vec(rule(), 0..5)))
        .prop_map(|(ingress, egress)| Group { ingress, egress })
}

fn instance() -> impl Strategy<Value = Instance> {
    let groups = vec(0..8_usize, 1..4);
    let router = prop::bool::weighted(0.6);
    (0..8_usize, groups, any::<bool>(), router).prop_map(|(subnet, groups, public, router)| {
        Instance {
            subnet,
            groups,
            public,
            router,
        }
    })
}

fn balancer() -> impl Strategy<Value = Balancer> {
    let flags = (
        any::<bool>(),
        any::<bool>(),
        any::<Option<bool>>(),
        any::<Option<bool>>(),
    );
    (0..3_usize, flags, 0..8_usize, vec(0..8_usize, 1..4)).prop_map(
        |(vpc, (application, internal, cross_zone, preserve), group, targets)| Balancer {
            vpc,
            application,
            internal,
            cross_zone,
            preserve,
            group,
            targets,
        },
    )
}

pub(crate) fn sketch() -> impl Strategy<Value = Sketch> {
    let inside = (
        1..4_usize,
        vec(subnet(), 3..9),
        vec(group(), 3..7),
        vec(acl(), 0..4),
        vec(table(), 3..7),
        vec(instance(), 2..9),
    );
    let between = (
        vec(prop::bool::weighted(0.8), 3),
        vec((0..8_usize, prop::bool::weighted(0.2)), 0..4),
        vec(option::weighted(0.7, prop::bool::weighted(0.9)), 3),
        vec(option::weighted(0.6, prop::bool::weighted(0.9)), 3),
        any::<bool>(),
        any::<bool>(),
        option::of(balancer()),
    );
    (inside, between).prop_map(|(inside, between)| {
        let (vpcs, subnets, groups, acls, tables, instances) = inside;
        let (internet, nats, peerings, attached, site, endpoints, balancer) = between;
        Sketch {
            vpcs,
            subnets,
            groups,
            acls,
            tables,
            instances,
            internet,
            nats,
            peerings,
            attached,
            site,
            endpoints,
            balancer,
        }
    })
}

impl Entry {
    /// The same, allowing.
    pub(crate) fn allowing(self) -> Self {
        Self {
            allow: true,
            ..self
        }
    }
}
