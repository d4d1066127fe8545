//! EC2 instances and their network interfaces.

use std::net::Ipv4Addr;

use super::{HostId, Id, Resolver, SecurityGroup, Subnet, Topology, placement, security_group};
use crate::engine::Distribution;
use crate::profile::InstanceType;
use crate::scenario::{KeyPath, Problem};

/// An EC2 instance.
#[derive(Debug, Clone)]
pub struct Instance {
    /// Bandwidth and limits of its type.
    pub instance_type: InstanceType,
    /// The host it runs on.
    pub host: HostId,
    /// Its primary network interface.
    pub network_interface: NetworkInterface,
    /// Time its server process takes to answer a request.
    pub service_time: Distribution,
    /// Requests it serves at once; `None` is unlimited.
    pub servers: Option<u32>,
}

/// An elastic network interface (ENI), the atomic unit of a VPC.
#[derive(Debug, Clone)]
pub struct NetworkInterface {
    /// The subnet it is in.
    pub subnet: Id<Subnet>,
    /// Its primary private IPv4 address.
    pub private_ip: Ipv4Addr,
    /// Its hardware address, locally administered.
    pub mac_address: [u8; 6],
    /// Its security groups.
    pub security_groups: Vec<Id<SecurityGroup>>,
    /// Whether it has a public IPv4 address.
    pub has_public_ip: bool,
}

pub(super) fn resolve(resolver: &mut Resolver<'_>, topology: &mut Topology) {
    let zone_of = |instance: &crate::scenario::Instance| {
        let subnet = topology.subnets.find(instance.subnet.parts().1)?;
        Some(topology.subnets[subnet].zone)
    };
    let hosts = placement::place(resolver, topology, &zone_of);
    for ((name, written), host) in resolver.scenario.instance.iter().zip(hosts) {
        let path = KeyPath::of(["instance", name]);
        let instance_type = topology
            .profile
            .instance_type
            .get(&written.instance_type)
            .copied();
        if instance_type.is_none() {
            let known = topology.profile.instance_type.keys().map(String::as_str);
            let message = format!(
                "`{}` is not an instance type of the profile",
                written.instance_type
            );
            let near: Vec<&str> = crate::scenario::nearest(&written.instance_type, known)
                .into_iter()
                .collect();
            resolver.report(
                Problem::error(path.key("instance_type"), message)
                    .did_you_mean(&written.instance_type, near),
            );
        }
        if let Some(servers) = written.servers {
            resolver.check_range(path.key("servers"), servers, 1..=super::MAX_SERVERS);
        }
        let subnet_path = path.key("subnet");
        let subnet = resolver.find(&topology.subnets, "subnet", &written.subnet, &subnet_path);
        let Some(subnet) = subnet else { continue };
        let vpc = topology.subnets[subnet].vpc;
        let groups = &written.security_groups;
        let groups_path = path.key("security_groups");
        let security_groups = security_group::groups(resolver, topology, vpc, groups, &groups_path);
        let owner = format!("instance.{name}");
        let address = written
            .private_ip
            .or_else(|| topology.subnets[subnet].allocate(resolver, &owner));
        let Some(private_ip) = address else {
            let block = topology.subnets[subnet].cidr_block;
            resolver.report(
                Problem::error(
                    subnet_path,
                    format!("the subnet's {block} has no address left"),
                )
                .help("AWS reserves five addresses of every subnet; choose a larger block"),
            );
            continue;
        };
        let (Some(host), Some(instance_type)) = (host, instance_type) else {
            continue;
        };
        let default_time = &topology.profile.instance.service_time.value;
        let instance = Instance {
            instance_type,
            host,
            network_interface: NetworkInterface {
                subnet,
                private_ip,
                mac_address: mac_address(resolver, &owner),
                security_groups,
                has_public_ip: written.associate_public_ip_address,
            },
            service_time: written
                .service_time
                .clone()
                .unwrap_or_else(|| default_time.clone()),
            servers: written.servers,
        };
        topology.instances.add(name, instance);
    }
}

/// A locally administered unicast address.
fn mac_address(resolver: &Resolver<'_>, owner: &str) -> [u8; 6] {
    let [a, b, c, d] = resolver
        .choose(owner, "mac_address", u32::MAX)
        .to_be_bytes();
    [0x02, 0x00, a, b, c, d]
}
