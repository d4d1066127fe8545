//! EC2 instances and their primary network interfaces.

use super::attachment::check_address_count;
use super::network_interface::{self, mac_address};
use super::{
    HostId, Id, InterfaceOwner, Location, NetworkInterface, Resolver, Topology, placement,
    placement_group, security_group,
};
use crate::engine::Distribution;
use crate::profile::InstanceType;
use crate::scenario::{self, KeyPath, Problem};

/// An EC2 instance.
#[derive(Debug, Clone)]
pub struct Instance {
    /// Bandwidth and limits of its type.
    pub instance_type: InstanceType,
    /// Whether it is on the sixth version of the Nitro system, which forgets connections sooner.
    pub nitro_v6: bool,
    /// Whether it has ENA Express.
    pub ena_express: bool,
    /// The placement group it is in.
    pub placement_group: Option<Id<super::PlacementGroup>>,
    /// The host it runs on.
    pub host: HostId,
    /// Its network interfaces, the primary one first.
    pub network_interfaces: Vec<Id<NetworkInterface>>,
    /// Time its server process takes to answer a request.
    pub service_time: Distribution,
    /// Requests it serves at once; `None` is unlimited.
    pub servers: Option<u32>,
    /// Connections that it accepts at once; `None` is unlimited.
    pub max_connections: Option<u32>,
}

pub(super) fn resolve(resolver: &mut Resolver<'_>, topology: &mut Topology) {
    let zone_of = |instance: &scenario::Instance| {
        let subnet = topology.subnets.find(instance.subnet.parts().1)?;
        Some(topology.subnets[subnet].zone)
    };
    let hosts = placement::place(resolver, topology, &zone_of);
    for ((name, written), host) in resolver.scenario.instance.iter().zip(hosts) {
        let path = KeyPath::of(["instance", name]);
        let instance_type = find_type(resolver, topology, &written.instance_type, &path);
        if let Some(servers) = written.servers {
            resolver.check_range(path.key("servers"), servers, 1..=super::MAX_SERVERS);
        }
        network_interface::check_max_connections(resolver, written.max_connections, &path);
        let subnet_path = path.key("subnet");
        let subnet = resolver.find(&topology.subnets, "subnet", &written.subnet, &subnet_path);
        let Some(subnet) = subnet else { continue };
        let vpc = topology.subnets[subnet].vpc;
        let groups = &written.security_groups;
        let groups_path = path.key("security_groups");
        let security_groups = security_group::groups(resolver, topology, vpc, groups, &groups_path);
        let owner = format!("instance.{name}");
        let primary = written
            .private_ip
            .or_else(|| topology.allocate(resolver, subnet, &owner, &subnet_path));
        let (Some(primary), Some(host), Some(instance_type)) = (primary, host, instance_type)
        else {
            continue;
        };
        let secondary = written.secondary_private_ips.iter().copied();
        let private_ips: Vec<_> = std::iter::once(primary).chain(secondary).collect();
        let type_name = &written.instance_type;
        check_address_count(
            resolver,
            &instance_type,
            type_name,
            private_ips.len(),
            &path,
        );
        let tracking = written.connection_tracking;
        let connection_tracking = placement_group::check_tracking(resolver, tracking, &path);
        let interface = NetworkInterface {
            subnet,
            private_ips,
            ipv6_addresses: written.ipv6_addresses.clone(),
            public_ips: Vec::new(),
            mac_address: mac_address(resolver, &owner),
            security_groups,
            source_dest_check: written.source_dest_check,
            masquerade: written.masquerade,
            owner: InterfaceOwner::Instance {
                instance: topology.instances.next_id(),
                device_index: 0,
            },
            location: Location::Host(host),
            fleet_nodes: Vec::new(),
            connection_tracking,
            max_connections: None,
            description: None,
        };
        let default_time = &topology.profile.instance.service_time.value;
        let service_time = written
            .service_time
            .as_ref()
            .unwrap_or(default_time)
            .clone();
        let instance = Instance {
            instance_type,
            nitro_v6: is_nitro_v6(topology, type_name),
            ena_express: written.ena_express,
            placement_group: written
                .placement_group
                .as_ref()
                .and_then(|group| topology.placement_groups.find(group.parts().1)),
            host,
            network_interfaces: vec![topology.add_interface(owner, interface)],
            service_time,
            servers: written.servers,
            max_connections: written.max_connections,
        };
        topology.instances.add(name, instance);
    }
}

/// Whether the family of an instance type is on the sixth version of the Nitro system.
fn is_nitro_v6(topology: &Topology, name: &str) -> bool {
    let families = &topology.profile.limit.conntrack.nitro_v6_families.value;
    let family = name.split_once('.').map_or(name, |(family, _)| family);
    families.iter().any(|other| other == family)
}

/// The type of the instance at `path`.
fn find_type(
    resolver: &mut Resolver<'_>,
    topology: &Topology,
    name: &str,
    path: &KeyPath,
) -> Option<InstanceType> {
    let types = &topology.profile.instance_type;
    let found = types.get(name).copied();
    if found.is_none() {
        let message = format!("`{name}` is not an instance type of the profile");
        let near = scenario::nearest(name, types.keys().map(String::as_str));
        resolver
            .report(Problem::error(path.key("instance_type"), message).did_you_mean(name, near));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{right, wrong};

    #[test]
    fn an_unknown_type_names_the_nearest() {
        assert_eq!(
            wrong("[instance.app]\ninstance_type = \"m5.lagre\"\nsubnet = \"a\""),
            "instance.app.instance_type: `m5.lagre` is not an instance type of the profile (did you \
             mean `m5.large`?)\n"
        );
    }

    #[test]
    fn a_primary_interface_is_called_after_its_instance() {
        let topology = right(
            "[instance.nat]\ninstance_type = \"m5.large\"\nsubnet = \"a\"\n\
             source_dest_check = false\nmasquerade = true",
        );
        let id = topology.instances.find("nat").unwrap();
        let interface = topology.instances[id].network_interfaces[0];
        assert_eq!(topology.network_interfaces.name(interface), "instance.nat");
        let interface = &topology.network_interfaces[interface];
        assert_eq!(
            (interface.source_dest_check, interface.masquerade),
            (false, Some(true))
        );
        let vpc = topology.vpcs.find("main").unwrap();
        let default = topology.vpcs[vpc].default_security_group;
        assert_eq!(interface.security_groups, [default]);
    }
}
