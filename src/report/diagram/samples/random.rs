//! Models that nobody would write.

use super::{detailed, internet, subnet, thing, vpc};
use crate::report::diagram::model::{
    Flow, Kind, Link, LinkKind, Model, NodeId, Peering, Region, Tier, TransitGateway,
};

/// Numbers for made-up models: a linear congruential generator.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        usize::try_from(self.0 >> 33).expect("31 bits") % limit
    }

    fn pick<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len())]
    }
}

/// A model that nobody would write: anything anywhere, joined with anything.
pub(in crate::report::diagram) fn random(seed: u64, vpcs: usize, zones: usize) -> Model {
    const NAMES: [&str; 5] = [
        "a",
        "app",
        "a-name-that-is-longer-than-most",
        "db_main",
        "x.y",
    ];
    const TIERS: [Tier; 4] = [Tier::Public, Tier::Private, Tier::Isolated, Tier::Other];
    let kinds = [
        Kind::LoadBalancer,
        Kind::NatGateway,
        Kind::Instance,
        Kind::NetworkInterface,
        Kind::Function,
        Kind::Endpoint,
        Kind::Attachment,
    ];
    let borders = [
        Kind::InternetGateway,
        Kind::EgressOnlyInternetGateway,
        Kind::VpnGateway,
        Kind::GatewayEndpoint,
        Kind::EndpointService,
    ];
    let mut dice = Dice(seed);
    let mut nodes: Vec<NodeId> = Vec::new();
    let region = |name: &str| Region {
        name: name.to_owned(),
        ..Region::default()
    };
    let mut model = Model::default();
    model.regions.push(region("us-east-1"));
    if dice.below(3) == 0 {
        model.regions.push(region("ap-southeast-2"));
    }
    for number in 0..vpcs {
        let zones = 1 + dice.below(zones);
        let mut subnets = Vec::new();
        for own in 0..dice.below(3 * zones + 2) {
            let name = format!("{}-{number}-{own}", dice.pick(&NAMES));
            let routes = (0..dice.below(4)).map(|n| format!("10.{n}.0.0/16 → nat_gateway.{name}"));
            let mut made = subnet(&name, dice.below(zones), *dice.pick(&TIERS));
            made.routes = routes.collect();
            for resource in 0..dice.below(dice_limit(own)) {
                let name = format!("{}-{number}-{own}-{resource}", dice.pick(&NAMES));
                let mut resource = thing(*dice.pick(&kinds), &name);
                resource.detail = "10.0.0.1".to_owned();
                nodes.push(resource.id.clone());
                made.resources.push(resource);
            }
            nodes.push(made.id.clone());
            subnets.push(made);
        }
        let mut made = vpc(&format!("{}-{number}", dice.pick(&NAMES)), zones, subnets);
        for _ in 0..dice.below(5) {
            let gateway = thing(
                *dice.pick(&borders),
                &format!("{}-{number}", dice.pick(&NAMES)),
            );
            nodes.push(gateway.id.clone());
            made.gateways.push(gateway);
        }
        let region = dice.below(model.regions.len());
        model.regions[region].vpcs.push(made);
    }
    random_connections(&mut model, &mut dice, nodes);
    model
}

/// Some subnets are crowded.
const fn dice_limit(subnet: usize) -> usize {
    if subnet.is_multiple_of(4) { 41 } else { 6 }
}

fn random_connections(model: &mut Model, dice: &mut Dice, mut nodes: Vec<NodeId>) {
    let vpcs = model.regions.iter().flat_map(|region| &region.vpcs);
    let vpcs: Vec<NodeId> = vpcs.map(|vpc| vpc.id.clone()).collect();
    for region in &mut model.regions {
        for number in 0..dice.below(3) {
            let id = NodeId::new(format!("transit_gateway.{}-{number}", region.name));
            nodes.push(id.clone());
            region.transit_gateways.push(TransitGateway {
                id,
                name: format!("hub-{number}"),
                vpcs: vpcs
                    .iter()
                    .filter(|_| dice.below(2) == 0)
                    .cloned()
                    .collect(),
            });
        }
    }
    for number in 0..dice.below(5) {
        let ends = [dice.pick(&vpcs).clone(), dice.pick(&vpcs).clone()];
        if ends[0] != ends[1] {
            let id = NodeId::new(format!("vpc_peering_connection.{number}"));
            nodes.push(id.clone());
            model.peerings.push(Peering {
                id,
                name: format!("peering-{number}"),
                vpcs: ends,
            });
        }
    }
    for number in 0..dice.below(7) {
        let kind = *dice.pick(&[Kind::Site, Kind::Service, Kind::Function]);
        model.outside.push(detailed(
            kind,
            &format!("outside-{number}"),
            "172.16.0.0/12",
        ));
    }
    model.outside.push(internet());
    nodes.extend(model.outside.iter().map(|thing| thing.id.clone()));
    let some = |dice: &mut Dice, most: usize| -> Vec<NodeId> {
        let count = 1 + dice.below(most);
        (0..count).map(|_| dice.pick(&nodes).clone()).collect()
    };
    let kinds = [
        LinkKind::Route,
        LinkKind::Targets,
        LinkKind::PrivateLink,
        LinkKind::Vpn,
    ];
    for _ in 0..dice.below(16) {
        model.links.push(Link {
            kind: *dice.pick(&kinds),
            from: some(dice, 3),
            to: some(dice, 3),
        });
    }
    for number in 0..dice.below(12) {
        model.flows.push(Flow {
            name: format!("flow-{number}"),
            through: some(dice, 5),
        });
    }
}
