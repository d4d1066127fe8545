//! Public IPv4 addresses: Elastic IP addresses, and those that AWS gives.

use std::net::{IpAddr, Ipv4Addr};

use super::address::Pool;
use super::{Id, NetworkInterface, PublicIp, Resolver, Topology, network_interface};
use crate::scenario::{self, ConnectivityType, KeyPath, Problem};

/// Public addresses come from 198.18.0.0/16, half of the block for benchmarks (RFC 2544), without its
/// first and last.
const FIRST: Ipv4Addr = Ipv4Addr::new(198, 18, 0, 1);
const COUNT: u32 = (1 << 16) - 2;
/// A host on the internet.
const INTERNET: Ipv4Addr = Ipv4Addr::new(203, 0, 113, 1);

pub(super) fn resolve(resolver: &mut Resolver<'_>, topology: &mut Topology) {
    let mut pool = Pool::new(FIRST, COUNT);
    let written = reserve(resolver, topology, &mut pool);
    for (name, written) in written {
        let path = KeyPath::of(["elastic_ip", name]);
        let owner = owner(resolver, topology, written, &path);
        let Some((interface, private)) = owner else {
            continue;
        };
        let owner = format!("elastic_ip.{name}");
        let public = written.public_ip;
        let public = public.or_else(|| pool.allocate(resolver, &owner, "public_ip"));
        assign(resolver, topology, (interface, private), public, &path);
    }
    for id in wanting(resolver, topology) {
        let interface = &topology.network_interfaces[id];
        let private = interface.private_ip();
        if interface.public_ip_of(private).is_none() {
            let name = topology.network_interfaces.name(id).to_owned();
            let public = pool.allocate(resolver, &name, "public_ip");
            let path = topology.table_of(id);
            assign(resolver, topology, (id, private), public, &path);
        }
    }
}

/// Reserves the written addresses. Returns the Elastic IP addresses without those whose address
/// cannot be.
fn reserve<'a>(
    resolver: &mut Resolver<'a>,
    topology: &Topology,
    pool: &mut Pool,
) -> Vec<(&'a String, &'a scenario::ElasticIp)> {
    for (id, service) in topology.services.iter() {
        let owner = format!("service.{}", topology.services.name(id));
        // An override may have given two services one address; that is no matter here.
        let _ = pool.reserve(service.public_ip, &owner);
    }
    let _ = pool.reserve(INTERNET, "the internet");
    let mut right = Vec::new();
    for (name, written) in &resolver.scenario.elastic_ip {
        let Some(address) = written.public_ip else {
            right.push((name, written));
            continue;
        };
        let path = KeyPath::of(["elastic_ip", name, "public_ip"]);
        let mut vpcs = topology.vpcs.iter();
        let message = if address.is_private() || address.is_link_local() || address.is_loopback() {
            Some(format!("{address} is not a public address"))
        } else if let Some((vpc, _)) = vpcs.find(|(_, vpc)| vpc.contains(IpAddr::V4(address))) {
            let vpc = topology.vpcs.name(vpc);
            Some(format!("{address} is a private address of vpc `{vpc}`"))
        } else {
            let reserved = pool.reserve(address, &format!("elastic_ip.{name}"));
            reserved
                .err()
                .map(|other| format!("{address} belongs to {other}"))
        };
        match message {
            Some(message) => resolver.error(path, message),
            None => right.push((name, written)),
        }
    }
    right
}

/// The interface and the private address that an Elastic IP address is for.
fn owner(
    resolver: &mut Resolver<'_>,
    topology: &Topology,
    written: &scenario::ElasticIp,
    path: &KeyPath,
) -> Option<(Id<NetworkInterface>, Ipv4Addr)> {
    let interface = match (
        &written.instance,
        &written.network_interface,
        &written.nat_gateway,
    ) {
        (Some(reference), None, None) => {
            let path = path.key("instance");
            let id = resolver.find(&topology.instances, "instance", reference, &path)?;
            topology.instances[id].network_interfaces[0]
        }
        (None, Some(reference), None) => {
            let path = path.key("network_interface");
            network_interface::find(resolver, topology, reference, &path)?
        }
        (None, None, Some(reference)) => {
            let path = path.key("nat_gateway");
            let id = resolver.find(&topology.nat_gateways, "nat_gateway", reference, &path)?;
            let gateway = topology.nat_gateways[id];
            if gateway.connectivity_type == ConnectivityType::Private {
                let name = topology.nat_gateways.name(id);
                let message = format!("nat gateway `{name}` is private");
                let help = "only a public NAT gateway has an Elastic IP address";
                resolver.report(Problem::error(path, message).help(help));
                return None;
            }
            gateway.network_interface
        }
        (None, None, None) => {
            resolver.lacking(
                Problem::warning(path.clone(), "nothing has this Elastic IP address")
                    .help("add instance = \"…\", network_interface = \"…\" or nat_gateway = \"…\""),
            );
            return None;
        }
        (Some(_), ..) | (_, Some(_), _) => {
            resolver.report(
                Problem::error(
                    path.clone(),
                    "the Elastic IP address belongs to more than one",
                )
                .help("give one of `instance`, `network_interface` and `nat_gateway`"),
            );
            return None;
        }
    };
    let of_interface = &topology.network_interfaces[interface];
    let private = written.private_ip.unwrap_or(of_interface.private_ip());
    if !of_interface.private_ips.contains(&private) {
        let known: Vec<String> = of_interface
            .private_ips
            .iter()
            .map(ToString::to_string)
            .collect();
        let name = topology.network_interfaces.name(interface);
        let message = format!("{private} is not a private address of {name}");
        resolver.report(
            Problem::error(path.key("private_ip"), message)
                .help(format!("it has {}", known.join(", "))),
        );
        return None;
    }
    Some((interface, private))
}

/// Gives a public address to a private one, which has at most one.
fn assign(
    resolver: &mut Resolver<'_>,
    topology: &mut Topology,
    (interface, private): (Id<NetworkInterface>, Ipv4Addr),
    public: Option<Ipv4Addr>,
    path: &KeyPath,
) {
    let Some(public) = public else {
        let message = format!("there are more than {COUNT} public addresses");
        resolver.error(path.clone(), message);
        return;
    };
    let name = topology.network_interfaces.name(interface);
    if let Some(other) = topology.network_interfaces[interface].public_ip_of(private) {
        let message = format!("{private} of {name} has the public address {other} already");
        resolver.report(
            Problem::error(path.clone(), message)
                .help("give `private_ip`, one of the interface's further addresses"),
        );
        return;
    }
    topology
        .public_addresses
        .insert(public, (interface, private));
    let pair = PublicIp { private, public };
    topology.network_interfaces[interface].public_ips.push(pair);
}

/// The interfaces whose primary address has a public one, be it an Elastic IP address or not.
fn wanting(resolver: &Resolver<'_>, topology: &Topology) -> Vec<Id<NetworkInterface>> {
    let scenario = resolver.scenario;
    let mut all = Vec::new();
    for (id, instance) in topology.instances.iter() {
        let primary = instance.network_interfaces[0];
        let written = &scenario.instance[topology.instances.name(id)];
        let by_subnet = topology.subnet_of(primary).map_public_ip_on_launch;
        if written.associate_public_ip_address.unwrap_or(by_subnet) {
            all.push(primary);
        }
    }
    for (_, gateway) in topology.nat_gateways.iter() {
        if gateway.connectivity_type == ConnectivityType::Public {
            all.push(gateway.network_interface);
        }
    }
    for (_, balancer) in topology
        .load_balancers
        .iter()
        .filter(|(_, lb)| lb.has_public_ips())
    {
        all.extend(&balancer.network_interfaces);
    }
    all
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{right, wrong};
    use super::*;

    const INSTANCE: &str = "[instance.app]\ninstance_type = \"m5.large\"\nsubnet = \"a\"\n\
                            private_ip = \"10.0.0.10\"\nsecondary_private_ips = [\"10.0.0.11\"]\n\
                            associate_public_ip_address = true\n";

    fn public_ips(topology: &Topology, name: &str) -> Vec<(String, String)> {
        let id = topology.network_interfaces.find(name).unwrap();
        let pairs = topology.network_interfaces[id].public_ips.iter();
        pairs
            .map(|pair| (pair.private.to_string(), pair.public.to_string()))
            .collect()
    }

    #[test]
    fn an_elastic_ip_address_replaces_the_automatic_one() {
        let topology = right(INSTANCE);
        let [(private, public)] = public_ips(&topology, "instance.app").try_into().unwrap();
        assert_eq!(private, "10.0.0.10");
        assert!(
            public.starts_with("198.18.") || public.starts_with("198.19."),
            "{public}"
        );
        let topology = right(&format!(
            "{INSTANCE}[elastic_ip.x]\ninstance = \"app\"\npublic_ip = \"198.51.100.7\""
        ));
        assert_eq!(
            public_ips(&topology, "instance.app"),
            [("10.0.0.10".to_owned(), "198.51.100.7".to_owned())]
        );
        let id = topology.network_interfaces.find("instance.app").unwrap();
        let private = Ipv4Addr::new(10, 0, 0, 10);
        let public = Ipv4Addr::new(198, 51, 100, 7);
        assert_eq!(topology.public_addresses.get(&public), Some(&(id, private)));
    }

    #[test]
    fn each_private_address_has_at_most_one_public_one() {
        let further = "[elastic_ip.x]\ninstance = \"app\"\nprivate_ip = \"10.0.0.11\"\n";
        let topology = right(&format!("{INSTANCE}{further}"));
        assert_eq!(public_ips(&topology, "instance.app").len(), 2);
        let twice = format!(
            "{INSTANCE}[elastic_ip.y]\ninstance = \"app\"\npublic_ip = \"198.51.100.7\"\n\
                             [elastic_ip.z]\ninstance = \"app\"\n"
        );
        assert_eq!(
            wrong(&twice),
            "elastic_ip.z: 10.0.0.10 of instance.app has the public address 198.51.100.7 already (give \
             `private_ip`, one of the interface's further addresses)\n"
        );
        assert_eq!(
            wrong(&format!("{INSTANCE}{}", further.replace("0.11", "0.12"))),
            "elastic_ip.x.private_ip: 10.0.0.12 is not a private address of instance.app (it has \
             10.0.0.10, 10.0.0.11)\n"
        );
    }

    #[test]
    fn an_elastic_ip_address_has_one_owner() {
        let nat = "[nat_gateway.a]\nsubnet = \"a\"\n";
        let topology = right(&format!(
            "{nat}[elastic_ip.x]\nnat_gateway = \"a\"\npublic_ip = \"198.51.100.7\""
        ));
        assert_eq!(public_ips(&topology, "nat_gateway.a")[0].1, "198.51.100.7");
        assert_eq!(
            wrong(&format!(
                "{INSTANCE}{nat}[elastic_ip.x]\nnat_gateway = \"a\"\ninstance = \"app\""
            )),
            "elastic_ip.x: the Elastic IP address belongs to more than one (give one of `instance`, \
             `network_interface` and `nat_gateway`)\n"
        );
        assert_eq!(
            wrong("[elastic_ip.x]"),
            "warning: elastic_ip.x: nothing has this Elastic IP address (add instance = \"…\", \
             network_interface = \"…\" or nat_gateway = \"…\")\n"
        );
        assert_eq!(
            wrong(&format!(
                "{nat}connectivity_type = \"private\"\n[elastic_ip.x]\nnat_gateway = \"a\""
            )),
            "elastic_ip.x.nat_gateway: nat gateway `a` is private (only a public NAT gateway has an \
             Elastic IP address)\n"
        );
    }

    #[test]
    fn public_addresses_are_public_and_unique() {
        let address = |address: &str| {
            format!("{INSTANCE}[elastic_ip.x]\ninstance = \"app\"\npublic_ip = \"{address}\"\n")
        };
        assert_eq!(
            wrong(&address("192.168.0.1")),
            "elastic_ip.x.public_ip: 192.168.0.1 is not a public address\n"
        );
        assert_eq!(
            wrong(&address("203.0.113.1")),
            "elastic_ip.x.public_ip: 203.0.113.1 belongs to the internet\n"
        );
        assert_eq!(
            wrong(&address("52.216.0.1")),
            "elastic_ip.x.public_ip: 52.216.0.1 belongs to service.s3\n"
        );
        assert_eq!(
            wrong(&format!(
                "{}[elastic_ip.y]\ninstance = \"app\"\nprivate_ip = \"10.0.0.11\"\npublic_ip = \"198.51.100.7\"",
                address("198.51.100.7")
            )),
            "elastic_ip.y.public_ip: 198.51.100.7 belongs to elastic_ip.x\n"
        );
    }

    #[test]
    fn a_subnet_may_give_its_instances_public_addresses() {
        let text = |own: &str| {
            format!(
                "[subnet.public]\nvpc = \"main\"\navailability_zone = \"us-east-1a\"\n\
                 cidr_block = \"10.0.9.0/24\"\nmap_public_ip_on_launch = true\n\
                 [instance.app]\ninstance_type = \"m5.large\"\nsubnet = \"public\"\n{own}"
            )
        };
        assert_eq!(public_ips(&right(&text("")), "instance.app").len(), 1);
        let own = "associate_public_ip_address = false";
        assert_eq!(public_ips(&right(&text(own)), "instance.app").len(), 0);
    }
}
