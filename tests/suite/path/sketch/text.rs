//! A sketch as the text of a scenario.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::{Balancer, Block, Destination, Entry, Peer, Route, Rule, Sketch, Table, Target};

/// What a sketch's load balancer is called.
pub(crate) const BALANCER: &str = "load_balancer.lb";

impl Sketch {
    pub(crate) fn text(&self) -> String {
        self.sections().concat()
    }

    /// The names of all that may send and receive.
    pub(crate) fn ends(&self) -> Vec<String> {
        let instances = (0..self.instances.len()).map(|index| format!("instance.i{index}"));
        let others = [
            ("internet", true),
            ("customer_gateway.site", self.site),
            ("service.s3", self.endpoints),
            ("service.sqs", self.endpoints),
            (BALANCER, self.balanced().is_some()),
        ];
        let others = others.into_iter().filter(|(_, there)| *there);
        instances
            .chain(others.map(|(name, _)| name.to_owned()))
            .collect()
    }

    /// The tables of the scenario, which may stand in any order.
    pub(crate) fn sections(&self) -> Vec<String> {
        let mut all = vec![
            "[region]\nname = \"us-east-1\"\n\
             availability_zones = [\"us-east-1a\", \"us-east-1b\", \"us-east-1c\"]\n"
                .to_owned(),
        ];
        for vpc in 0..self.vpcs {
            all.push(format!("[vpc.v{vpc}]\ncidr_block = \"10.{vpc}.0.0/16\"\n"));
            if self.internet[vpc] {
                all.push(format!("[internet_gateway.v{vpc}]\nvpc = \"v{vpc}\"\n"));
            }
        }
        self.write_inside(&mut all);
        self.write_between(&mut all);
        self.write_services(&mut all);
        all
    }

    fn write_inside(&self, all: &mut Vec<String>) {
        for (index, subnet) in self.subnets.iter().enumerate() {
            let (vpc, zone) = (self.vpc_of_subnet(index), ["a", "b", "c"][subnet.zone]);
            let mut text = format!(
                "[subnet.s{index}]\nvpc = \"v{vpc}\"\navailability_zone = \"us-east-1{zone}\"\n\
                 cidr_block = \"{}\"\n",
                self.subnet_block(index)
            );
            if let Some(acl) = subnet
                .acl
                .and_then(|n| self.of_vpc(vpc, n, self.acls.len()))
            {
                let _ = writeln!(text, "network_acl = \"a{acl}\"");
            }
            if let Some(table) = subnet
                .table
                .and_then(|n| self.of_vpc(vpc, n, self.tables.len()))
            {
                let _ = writeln!(text, "route_table = \"t{table}\"");
            }
            all.push(text);
        }
        for (index, group) in self.groups.iter().enumerate() {
            let vpc = index % self.vpcs;
            let mut text = format!("[security_group.g{index}]\nvpc = \"v{vpc}\"\n");
            let _ = writeln!(
                text,
                "ingress = {}",
                self.rules(vpc, &group.ingress, "source")
            );
            if let Some(egress) = &group.egress {
                let _ = writeln!(text, "egress = {}", self.rules(vpc, egress, "destination"));
            }
            all.push(text);
        }
        for (index, acl) in self.acls.iter().enumerate() {
            all.push(format!(
                "[network_acl.a{index}]\nvpc = \"v{}\"\ningress = {}\negress = {}\n",
                index % self.vpcs,
                self.entries(&acl.ingress),
                self.entries(&acl.egress)
            ));
        }
        for (index, table) in self.tables.iter().enumerate() {
            all.push(self.table(index, table));
        }
        for (index, instance) in self.instances.iter().enumerate() {
            let subnet = instance.subnet % self.subnets.len();
            all.push(format!(
                "[instance.i{index}]\ninstance_type = \"m5.large\"\nsubnet = \"s{subnet}\"\n\
                 private_ip = \"{}\"\nsecurity_groups = {}\nassociate_public_ip_address = {}\n\
                 source_dest_check = {}\n",
                self.address(index),
                self.groups_of(index),
                instance.public,
                !instance.router
            ));
        }
    }

    fn write_between(&self, all: &mut Vec<String>) {
        for (index, (subnet, private)) in self.nats.iter().enumerate() {
            let subnet = subnet % self.subnets.len();
            let kind = if *private { "private" } else { "public" };
            all.push(format!(
                "[nat_gateway.n{index}]\nsubnet = \"s{subnet}\"\nconnectivity_type = \"{kind}\"\n\
                 private_ip = \"10.{}.{subnet}.{}\"\n",
                self.vpc_of_subnet(subnet),
                200 + index
            ));
        }
        for (index, accepted) in self.peerings.iter().enumerate() {
            if let (Some(accepted), Some((a, b))) = (accepted, self.peered(index)) {
                all.push(format!(
                    "[vpc_peering_connection.p{index}]\nvpc = \"v{a}\"\npeer_vpc = \"v{b}\"\n\
                     accepted = {accepted}\n"
                ));
            }
        }
        let attached: Vec<usize> = (0..self.vpcs)
            .filter(|&vpc| self.attached[vpc].is_some())
            .collect();
        if !attached.is_empty() {
            all.push("[transit_gateway.hub]\n".to_owned());
            let name = |vpc: &usize| format!("\"transit_gateway_vpc_attachment.v{vpc}\"");
            let propagating = attached
                .iter()
                .filter(|&&vpc| self.attached[vpc] == Some(true));
            all.push(format!(
                "[transit_gateway_route_table.hub]\ntransit_gateway = \"hub\"\n\
                 associations = [{}]\npropagations = [{}]\n",
                attached.iter().map(name).collect::<Vec<_>>().join(", "),
                propagating.map(name).collect::<Vec<_>>().join(", "),
            ));
        }
        for vpc in attached {
            all.push(format!(
                "[transit_gateway_vpc_attachment.v{vpc}]\ntransit_gateway = \"hub\"\n\
                 vpc = \"v{vpc}\"\nsubnets = [{}]\n",
                self.one_per_zone(vpc).join(", ")
            ));
        }
        if self.site {
            all.push("[vpn_gateway.v0]\nvpc = \"v0\"\n".to_owned());
            all.push("[customer_gateway.site]\ncidr_blocks = [\"192.168.0.0/16\"]\n".to_owned());
            all.push(
                "[vpn_connection.site]\ncustomer_gateway = \"site\"\nvpn_gateway = \"v0\"\n"
                    .to_owned(),
            );
        }
    }

    fn write_services(&self, all: &mut Vec<String>) {
        if self.endpoints {
            let own = (0..self.tables.len()).filter(|index| index % self.vpcs == 0);
            let tables: Vec<String> = own.map(|index| format!("\"t{index}\"")).collect();
            all.push(format!(
                "[vpc_endpoint.s3]\nvpc = \"v0\"\nservice = \"s3\"\n\
                 vpc_endpoint_type = \"gateway\"\nroute_tables = [{}]\n",
                tables.join(", ")
            ));
            all.push(format!(
                "[vpc_endpoint.sqs]\nvpc = \"v0\"\nservice = \"sqs\"\n\
                 vpc_endpoint_type = \"interface\"\nsubnets = [{}]\nsecurity_groups = [\"g0\"]\n",
                self.one_per_zone(0).join(", ")
            ));
        }
        let Some((balancer, vpc, targets)) = self.balanced() else {
            return;
        };
        let subnets = self.one_per_zone(vpc);
        let application = balancer.application && subnets.len() > 1;
        let (kind, protocol) = if application {
            ("application", "HTTP")
        } else {
            ("network", "TCP")
        };
        let group = self.of_vpc(vpc, balancer.group, self.groups.len());
        let mut text = format!(
            "[load_balancer.lb]\nload_balancer_type = \"{kind}\"\ninternal = {}\nsubnets = [{}]\n\
             security_groups = [\"g{}\"]\n\
             listeners = [{{ port = 80, protocol = \"{protocol}\", target_group = \"lb\" }}]\n",
            balancer.internal || !self.internet[vpc],
            subnets.join(", "),
            group.unwrap()
        );
        if let Some(cross_zone) = balancer.cross_zone.filter(|_| !application) {
            let _ = writeln!(text, "enable_cross_zone_load_balancing = {cross_zone}");
        }
        all.push(text);
        let mut text = format!(
            "[target_group.lb]\nvpc = \"v{vpc}\"\nport = 2000\ntargets = [{}]\n",
            targets.join(", ")
        );
        if let Some(preserve) = balancer.preserve.filter(|_| !application) {
            let _ = writeln!(text, "preserve_client_ip = {preserve}");
        }
        all.push(text);
    }

    /// The load balancer, its VPC and its targets, if there are any.
    fn balanced(&self) -> Option<(&Balancer, usize, Vec<String>)> {
        let balancer = self.balancer.as_ref()?;
        let vpc = balancer.vpc % self.vpcs;
        let own = |index: &usize| self.vpc_of_subnet(self.subnet_of(*index)) == vpc;
        let all: Vec<usize> = (0..self.instances.len()).filter(own).collect();
        let chosen = balancer.targets.iter();
        let chosen: BTreeSet<usize> = chosen
            .filter_map(|number| all.get(number % all.len().max(1)).copied())
            .collect();
        let targets: Vec<String> = chosen
            .into_iter()
            .map(|index| format!("\"instance.i{index}\""))
            .collect();
        (!targets.is_empty()).then_some((balancer, vpc, targets))
    }

    /// A subnet of a VPC in each zone that it has one in.
    fn one_per_zone(&self, vpc: usize) -> Vec<String> {
        let mut zones = BTreeSet::new();
        let own = (0..self.subnets.len()).filter(|&index| self.vpc_of_subnet(index) == vpc);
        let one_each = own.filter(|&index| zones.insert(self.subnets[index].zone));
        one_each.map(|index| format!("\"s{index}\"")).collect()
    }

    fn vpc_of_subnet(&self, subnet: usize) -> usize {
        subnet % self.vpcs
    }

    fn subnet_of(&self, instance: usize) -> usize {
        self.instances[instance].subnet % self.subnets.len()
    }

    fn subnet_block(&self, subnet: usize) -> String {
        format!("10.{}.{subnet}.0/24", self.vpc_of_subnet(subnet))
    }

    fn address(&self, instance: usize) -> String {
        let subnet = self.subnet_of(instance);
        format!(
            "10.{}.{subnet}.{}",
            self.vpc_of_subnet(subnet),
            10 + instance
        )
    }

    /// The one of `count` that a number means among those that belong to a VPC.
    fn of_vpc(&self, vpc: usize, number: usize, count: usize) -> Option<usize> {
        let own: Vec<usize> = (0..count)
            .filter(|index| index % self.vpcs == vpc)
            .collect();
        (!own.is_empty()).then(|| own[number % own.len()])
    }

    /// The VPCs that a peering connection joins.
    fn peered(&self, index: usize) -> Option<(usize, usize)> {
        let (a, b) = (index, (index + 1) % 3);
        // Of two VPCs, 0 and 1 are joined once.
        (a < self.vpcs && b < self.vpcs && a != b).then_some((a, b))
    }

    fn groups_of(&self, instance: usize) -> String {
        let vpc = self.vpc_of_subnet(self.subnet_of(instance));
        let mut names: Vec<String> = Vec::new();
        for &number in &self.instances[instance].groups {
            let group = self.of_vpc(vpc, number, self.groups.len()).unwrap();
            let name = format!("\"g{group}\"");
            if !names.contains(&name) {
                names.push(name);
            }
        }
        format!("[{}]", names.join(", "))
    }

    fn block(&self, block: &Block) -> String {
        match *block {
            Block::Everyone => "0.0.0.0/0".to_owned(),
            Block::Vpc(vpc) => format!("10.{}.0.0/16", vpc % self.vpcs),
            Block::Subnet(subnet) => self.subnet_block(subnet % self.subnets.len()),
            Block::Instance(index) => format!("{}/32", self.address(index % self.instances.len())),
        }
    }

    fn rules(&self, vpc: usize, rules: &[Rule], key: &str) -> String {
        let one = |rule: &Rule| {
            let peer = match &rule.peer {
                Peer::Block(block) => self.block(block),
                Peer::Own => "self".to_owned(),
                Peer::Group(number) => {
                    let group = self.of_vpc(vpc, *number, self.groups.len()).unwrap();
                    format!("security_group.g{group}")
                }
            };
            format!("{{ {}, {key} = \"{peer}\" }}", rule.what)
        };
        format!("[{}]", rules.iter().map(one).collect::<Vec<_>>().join(", "))
    }

    fn entries(&self, entries: &BTreeMap<u16, Entry>) -> String {
        let one = |(number, entry): (&u16, &Entry)| {
            let action = if entry.allow { "allow" } else { "deny" };
            format!(
                "{{ rule_number = {number}, action = \"{action}\", {}, cidr_block = \"{}\" }}",
                entry.what,
                self.block(&entry.block)
            )
        };
        format!(
            "[{}]",
            entries.iter().map(one).collect::<Vec<_>>().join(", ")
        )
    }

    fn table(&self, index: usize, table: &Table) -> String {
        let vpc = index % self.vpcs;
        let mut written: BTreeMap<String, String> = BTreeMap::new();
        let whole = if table.whole {
            self.whole(vpc, table.nat)
        } else {
            Vec::new()
        };
        for route in table.routes.iter().chain(&whole) {
            let (block, inside) = match route.to {
                Destination::Everything => ("0.0.0.0/0".to_owned(), false),
                Destination::Site => ("192.168.0.0/16".to_owned(), false),
                Destination::Vpc(other) => {
                    let other = other % self.vpcs;
                    (format!("10.{other}.0.0/16"), other == vpc)
                }
                Destination::Subnet(subnet) => {
                    let subnet = subnet % self.subnets.len();
                    (self.subnet_block(subnet), self.vpc_of_subnet(subnet) == vpc)
                }
            };
            if let Some(target) = self.target(vpc, &route.target, inside) {
                written.entry(block).or_insert(target);
            }
        }
        let routes: Vec<String> = written
            .iter()
            .map(|(block, target)| {
                format!("{{ destination_cidr_block = \"{block}\", target = \"{target}\" }}")
            })
            .collect();
        let propagating = if self.site && vpc == 0 { "\"v0\"" } else { "" };
        format!(
            "[route_table.t{index}]\nvpc = \"v{vpc}\"\nroutes = [{}]\n\
             propagating_vgws = [{propagating}]\n",
            routes.join(", ")
        )
    }

    /// Routes of a VPC to whatever it is joined to.
    fn whole(&self, vpc: usize, nat: bool) -> Vec<Route> {
        let to = |to, target| Route { to, target };
        let others = (0..self.vpcs).filter(|&other| other != vpc);
        let mut routes: Vec<Route> = others
            .flat_map(|other| {
                let peerings = (0..3).filter(move |&index| {
                    let joined = self.peered(index);
                    joined == Some((vpc, other)) || joined == Some((other, vpc))
                });
                let targets = peerings.map(Target::Peering).chain([Target::Hub]);
                targets.map(move |target| to(Destination::Vpc(other), target))
            })
            .collect();
        if nat {
            routes.push(to(Destination::Everything, Target::NatGateway(0)));
        }
        routes.push(to(Destination::Everything, Target::InternetGateway));
        routes
    }

    /// The target of a route in a table of a VPC, if there is such a one; inside the VPC fewer may be.
    fn target(&self, vpc: usize, target: &Target, inside: bool) -> Option<String> {
        match *target {
            Target::Blackhole => Some("blackhole".to_owned()),
            Target::InternetGateway => {
                (!inside && self.internet[vpc]).then(|| format!("internet_gateway.v{vpc}"))
            }
            Target::NatGateway(number) => {
                let own = |index: &usize| {
                    self.vpc_of_subnet(self.nats[*index].0 % self.subnets.len()) == vpc
                };
                let all: Vec<usize> = (0..self.nats.len()).filter(own).collect();
                (!all.is_empty()).then(|| format!("nat_gateway.n{}", all[number % all.len()]))
            }
            Target::Peering(index) => {
                let (a, b) = self.peered(index).filter(|_| !inside)?;
                let there = self.peerings[index].is_some() && (a == vpc || b == vpc);
                there.then(|| format!("vpc_peering_connection.p{index}"))
            }
            Target::Hub => {
                let there = !inside && self.attached[vpc].is_some();
                there.then(|| "transit_gateway.hub".to_owned())
            }
            Target::Instance(number) => {
                let own = |index: &usize| self.vpc_of_subnet(self.subnet_of(*index)) == vpc;
                let all: Vec<usize> = (0..self.instances.len()).filter(own).collect();
                (!all.is_empty()).then(|| format!("instance.i{}", all[number % all.len()]))
            }
            Target::VpnGateway => {
                (!inside && self.site && vpc == 0).then(|| "vpn_gateway.v0".to_owned())
            }
        }
    }
}
