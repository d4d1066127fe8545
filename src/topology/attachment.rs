//! Attaching network interfaces to instances.

use std::collections::BTreeMap;

use super::{Id, Instance, InterfaceOwner, NetworkInterface, Resolver, Subnet, Topology};
use crate::profile::InstanceType;
use crate::scenario::{self, KeyPath, Problem};

/// The interfaces of each instance beside its primary one, by device.
pub(super) type Devices = BTreeMap<Id<Instance>, BTreeMap<u32, Id<NetworkInterface>>>;

/// The attachment of an interface with `addresses` in `subnet`.
pub(super) struct Attachment<'a> {
    pub(super) written: &'a scenario::Attachment,
    pub(super) addresses: usize,
    pub(super) subnet: Id<Subnet>,
}

impl Attachment<'_> {
    pub(super) fn resolve(
        &self,
        resolver: &mut Resolver<'_>,
        topology: &Topology,
        devices: &mut Devices,
        id: Id<NetworkInterface>,
        path: &KeyPath,
    ) -> Option<InterfaceOwner> {
        let attachment_path = path.key("attachment");
        let instance_path = attachment_path.key("instance");
        let reference = &self.written.instance;
        let found = resolver.find(&topology.instances, "instance", reference, &instance_path);
        let instance = found?;
        if let Err(problem) = self.check_place(topology, instance, &instance_path) {
            resolver.report(problem);
            return None;
        }
        let name = topology.instances.name(instance);
        let device_index = self.written.device_index;
        let index_path = attachment_path.key("device_index");
        let kind = &topology.instances[instance].instance_type;
        let type_name = &resolver.scenario.instance[name].instance_type;
        let most = kind.max_network_interfaces;
        if device_index == 0 {
            resolver.report(
                Problem::error(
                    index_path,
                    format!("device 0 of instance `{name}` is its primary network interface"),
                )
                .help("it comes with the instance and cannot be attached; count from 1"),
            );
            return None;
        }
        let of_instance = devices.entry(instance).or_default();
        if let Some(&other) = of_instance.get(&device_index) {
            let other = topology.network_interfaces.name(other);
            let message =
                format!("device {device_index} of instance `{name}` is `{other}` already");
            resolver.error(index_path, message);
            return None;
        }
        if device_index >= most || of_instance.len() + 2 > most as usize {
            let message = format!(
                "instance `{name}` is of type {type_name}, which has at most {most} network \
                 interfaces, the primary one included"
            );
            resolver.report(Problem::error(index_path, message).help(format!(
                "devices of type {type_name} are 0 to {}",
                most.saturating_sub(1)
            )));
            return None;
        }
        check_address_count(resolver, kind, type_name, self.addresses, path);
        of_instance.insert(device_index, id);
        Some(InterfaceOwner::Instance {
            instance,
            device_index,
        })
    }

    /// The interface and the instance are in one zone and in one VPC.
    fn check_place(
        &self,
        topology: &Topology,
        instance: Id<Instance>,
        path: &KeyPath,
    ) -> Result<(), Problem> {
        let primary = topology.instances[instance].network_interfaces[0];
        let (own, theirs) = (&topology.subnets[self.subnet], topology.subnet_of(primary));
        let name = topology.instances.name(instance);
        if own.vpc != theirs.vpc {
            let vpc = |id| topology.vpcs.name(id);
            let message = format!(
                "instance `{name}` is in vpc `{}`, the interface in vpc `{}`",
                vpc(theirs.vpc),
                vpc(own.vpc)
            );
            return Err(Problem::error(path.clone(), message));
        }
        if own.zone != theirs.zone {
            let zone = |id| topology.substrate.fabrics.name(id);
            let message = format!(
                "instance `{name}` is in {}, the interface in {}",
                zone(theirs.zone),
                zone(own.zone)
            );
            return Err(Problem::error(path.clone(), message).help(
                "an interface is attached to an instance of its own Availability Zone; its subnet \
                 may be another one",
            ));
        }
        Ok(())
    }
}

/// An interface has as many addresses as the type of its instance allows.
pub(super) fn check_address_count(
    resolver: &mut Resolver<'_>,
    kind: &InstanceType,
    type_name: &str,
    addresses: usize,
    path: &KeyPath,
) {
    let most = kind.ipv4_per_network_interface;
    if addresses > most as usize {
        let message = format!(
            "{addresses} private IPv4 addresses are more than the {most} of a network interface on \
             type {type_name}"
        );
        resolver.error(path.key("secondary_private_ips"), message);
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::wrong;

    const INSTANCE: &str = "[instance.app]\ninstance_type = \"m5.large\"\nsubnet = \"a\"\n";

    fn attached(name: &str, index: u32) -> String {
        format!(
            "[network_interface.{name}]\nsubnet = \"a\"\n\
             attachment = {{ instance = \"app\", device_index = {index} }}\n"
        )
    }

    #[test]
    fn attaching_device_index_zero_is_refused() {
        assert_eq!(
            wrong(&format!("{INSTANCE}{}", attached("x", 0))),
            "network_interface.x.attachment.device_index: device 0 of instance `app` is its primary \
             network interface (it comes with the instance and cannot be attached; count from 1)\n"
        );
    }

    #[test]
    fn a_device_index_is_used_once_and_is_one_of_the_types() {
        assert_eq!(
            wrong(&format!(
                "{INSTANCE}{}{}",
                attached("x", 1),
                attached("y", 1)
            )),
            "network_interface.y.attachment.device_index: device 1 of instance `app` is \
             `network_interface.x` already\n"
        );
        assert_eq!(
            wrong(&format!("{INSTANCE}{}", attached("x", 3))),
            "network_interface.x.attachment.device_index: instance `app` is of type m5.large, which has \
             at most 3 network interfaces, the primary one included (devices of type m5.large are 0 to 2)\n"
        );
    }

    #[test]
    fn an_interface_is_attached_in_its_own_zone_and_vpc() {
        let other_zone = attached("x", 1).replace("subnet = \"a\"", "subnet = \"b\"");
        assert_eq!(
            wrong(&format!("{INSTANCE}{other_zone}")),
            "network_interface.x.attachment.instance: instance `app` is in us-east-1a, the interface in \
             us-east-1b (an interface is attached to an instance of its own Availability Zone; its \
             subnet may be another one)\n"
        );
        let other_vpc = attached("x", 1).replace("subnet = \"a\"", "subnet = \"c\"");
        let vpc = "[vpc.other]\ncidr_block = \"10.9.0.0/16\"\n[subnet.c]\nvpc = \"other\"\n\
                   availability_zone = \"us-east-1a\"\ncidr_block = \"10.9.0.0/24\"\n";
        assert_eq!(
            wrong(&format!("{INSTANCE}{other_vpc}{vpc}")),
            "network_interface.x.attachment.instance: instance `app` is in vpc `main`, the interface in \
             vpc `other`\n"
        );
    }

    #[test]
    fn an_interface_has_as_many_addresses_as_its_type_allows() {
        let addresses: Vec<String> = (10..20).map(|n| format!("\"10.0.0.{n}\"")).collect();
        let secondary = format!("secondary_private_ips = [{}]\n", addresses.join(", "));
        let message = "secondary_private_ips: 11 private IPv4 addresses are more than the 10 of a \
                       network interface on type m5.large\n";
        assert_eq!(
            wrong(&format!("{INSTANCE}{secondary}")),
            format!("instance.app.{message}")
        );
        assert_eq!(
            wrong(&format!("{INSTANCE}{}{secondary}", attached("x", 1))),
            format!("network_interface.x.{message}")
        );
    }
}
