//! Addresses: a block gives them out by the names of those that get them.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, Ipv6Addr};

use super::{Id, Resolver, Subnet, Topology};
use crate::scenario::{KeyPath, Problem, Reference};

/// The addresses of a block, with those that have one.
#[derive(Debug, Clone)]
pub(super) struct Pool {
    first: u32,
    count: u32,
    taken: BTreeMap<Ipv4Addr, String>,
    /// Runs of free addresses: where each starts, and how long it is.
    free: BTreeMap<u32, u32>,
}

impl Pool {
    /// All of `count` addresses from `first` are free.
    pub(super) fn new(first: Ipv4Addr, count: u32) -> Self {
        Self {
            first: u32::from(first),
            count,
            taken: BTreeMap::new(),
            free: BTreeMap::from([(0, count)]),
        }
    }

    /// How many addresses there are to give out.
    pub(super) const fn count(&self) -> u32 {
        self.count
    }

    /// How many of them are free.
    pub(super) fn free(&self) -> u32 {
        self.free.values().sum()
    }

    /// Gives `owner` this address, be it of the block or not; otherwise says who has it.
    pub(super) fn reserve(&mut self, address: Ipv4Addr, owner: &str) -> Result<(), &str> {
        if self.taken.contains_key(&address) {
            return Err(&self.taken[&address]);
        }
        self.taken.insert(address, owner.to_owned());
        let offset = u32::from(address).wrapping_sub(self.first);
        if let Some((&start, &length)) = self.free.range(..=offset).next_back()
            && offset - start < length
        {
            self.free.remove(&start);
            if offset > start {
                self.free.insert(start, offset - start);
            }
            let after = length - (offset - start) - 1;
            if after > 0 {
                self.free.insert(offset + 1, after);
            }
        }
        Ok(())
    }

    /// Gives `owner` a free address: one chosen by the owner's name, or the next free one, so that a
    /// new resource takes no address from another.
    pub(super) fn allocate(
        &mut self,
        resolver: &Resolver<'_>,
        owner: &str,
        purpose: &str,
    ) -> Option<Ipv4Addr> {
        let wanted = resolver.choose(owner, purpose, self.count);
        let around = self.free.range(..=wanted).next_back();
        let is_free = around.is_some_and(|(&start, &length)| wanted - start < length);
        let offset = if is_free {
            wanted
        } else {
            // The next run, or from the start of the block again.
            let mut after = self.free.range(wanted..).chain(self.free.iter());
            *after.next()?.0
        };
        let address = Ipv4Addr::from(self.first + offset);
        self.reserve(address, owner).ok()?;
        Some(address)
    }
}

/// Addresses that a resource has by what is written.
struct Fixed<'a> {
    subnet: &'a Reference,
    primary: Option<Ipv4Addr>,
    secondary: &'a [Ipv4Addr],
    ipv6: &'a [Ipv6Addr],
}

/// Reserves all written addresses, before any other is given out.
pub(super) fn resolve(resolver: &mut Resolver<'_>, topology: &mut Topology) {
    let scenario = resolver.scenario;
    for (name, written) in &scenario.instance {
        let fixed = Fixed {
            subnet: &written.subnet,
            primary: written.private_ip,
            secondary: &written.secondary_private_ips,
            ipv6: &written.ipv6_addresses,
        };
        reserve(resolver, topology, "instance", name, &fixed);
    }
    for (name, written) in &scenario.network_interface {
        let fixed = Fixed {
            subnet: &written.subnet,
            primary: written.private_ip,
            secondary: &written.secondary_private_ips,
            ipv6: &written.ipv6_addresses,
        };
        reserve(resolver, topology, "network_interface", name, &fixed);
    }
    for (name, written) in &scenario.nat_gateway {
        let fixed = Fixed {
            subnet: &written.subnet,
            primary: written.private_ip,
            secondary: &[],
            ipv6: &[],
        };
        reserve(resolver, topology, "nat_gateway", name, &fixed);
    }
}

fn reserve(
    resolver: &mut Resolver<'_>,
    topology: &mut Topology,
    kind: &str,
    name: &str,
    fixed: &Fixed<'_>,
) {
    if fixed.primary.is_none() && fixed.secondary.is_empty() && fixed.ipv6.is_empty() {
        return;
    }
    let Some(subnet) = topology.subnets.find(fixed.subnet.parts().1) else {
        return;
    };
    let subnet = &mut topology.subnets[subnet];
    let (path, owner) = (KeyPath::of([kind, name]), format!("{kind}.{name}"));
    let primary = fixed
        .primary
        .map(|address| (address, path.key("private_ip")));
    let secondary = fixed.secondary.iter().enumerate().map(|(index, &address)| {
        let path = path.key("secondary_private_ips").index(index);
        (address, path)
    });
    for (address, path) in primary.into_iter().chain(secondary) {
        if let Err(message) = subnet.reserve(address, &owner) {
            resolver.error(path, message);
        }
    }
    for (index, &address) in fixed.ipv6.iter().enumerate() {
        if let Err(message) = subnet.reserve_ipv6(address, &owner) {
            resolver.error(path.key("ipv6_addresses").index(index), message);
        }
    }
}

impl Topology {
    /// Gives `owner` a free address of a subnet, or reports at `path` that there is none.
    pub(super) fn allocate(
        &mut self,
        resolver: &mut Resolver<'_>,
        subnet: Id<Subnet>,
        owner: &str,
        path: &KeyPath,
    ) -> Option<Ipv4Addr> {
        let address = self.subnets[subnet].allocate(resolver, owner);
        if address.is_none() {
            let block = self.subnets[subnet].cidr_block;
            let usable = self.subnets[subnet].usable_addresses();
            let message = format!(
                "the subnet's {block} has no address left for {owner}: {usable} of {usable} usable \
                 addresses are taken"
            );
            resolver.report(
                Problem::error(path.clone(), message)
                    .help("AWS reserves five addresses of every subnet; choose a larger block"),
            );
        }
        address
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{many, right, wrong};
    use super::*;
    use crate::scenario::Scenario;
    use std::net::IpAddr;

    const SMALL: &str = "[subnet.small]\nvpc = \"main\"\navailability_zone = \"us-east-1a\"\n\
                         cidr_block = \"10.0.2.0/28\"\n";

    const RIGHT: &str = r#"
        [instance.one]
        instance_type = "m5.large"
        subnet = "a"
        private_ip = "10.0.0.9"
        secondary_private_ips = ["10.0.0.10"]
    "#;

    #[test]
    fn an_address_is_the_next_free_one_after_the_one_that_its_owners_name_chooses() {
        let scenario = Scenario::default();
        let resolver = Resolver::new(&scenario);
        let first = Ipv4Addr::new(10, 0, 0, 4);
        let mut pool = Pool::new(first, 100);
        let mut taken = [false; 100];
        for owner in (0..100).map(|number| format!("instance.i{number}")) {
            let wanted = resolver.choose(&owner, "private_ip", 100);
            let offset = (wanted..wanted + 100).map(|at| at % 100);
            let offset = { offset }.find(|&at| !taken[at as usize]).unwrap();
            taken[offset as usize] = true;
            let address = pool.allocate(&resolver, &owner, "private_ip");
            assert_eq!(address, Some(Ipv4Addr::from(u32::from(first) + offset)));
        }
        assert_eq!(pool.free(), 0);
        assert_eq!(
            pool.allocate(&resolver, "instance.i100", "private_ip"),
            None
        );
    }

    #[test]
    fn a_new_resource_takes_no_address_from_another() {
        let instance = |name: &str| {
            format!("[instance.{name}]\ninstance_type = \"m5.large\"\nsubnet = \"a\"\n")
        };
        let before = right(&(instance("one") + &instance("two")));
        let after = right(&(instance("zero") + &instance("one") + &instance("two")));
        for name in ["instance.one", "instance.two"] {
            let address = |topology: &Topology| {
                let id = topology.network_interfaces.find(name).unwrap();
                topology.network_interfaces[id].private_ip()
            };
            assert_eq!(address(&before), address(&after), "{name}");
        }
    }

    #[test]
    fn written_addresses_are_reserved_before_any_is_given_out() {
        // A /28 has room for eleven: one with a written address at the end, ten without before it.
        let text = many(10, |number| {
            format!("[instance.i{number}]\ninstance_type = \"m5.large\"\nsubnet = \"small\"\n")
        });
        let topology = right(&format!(
            "{SMALL}{text}[network_interface.last]\nsubnet = \"small\"\nprivate_ip = \"10.0.2.14\""
        ));
        assert_eq!(topology.addresses.len(), 11);
        let last = topology.network_interfaces.find("network_interface.last");
        let vpc = topology.vpcs.find("main").unwrap();
        let address = IpAddr::V4(Ipv4Addr::new(10, 0, 2, 14));
        assert_eq!(topology.addresses.get(&(vpc, address)).copied(), last);
        let small = topology.subnets.find("small").unwrap();
        assert_eq!(topology.subnets[small].free_addresses(), 0);
    }

    #[test]
    fn a_full_subnet_says_for_whom_there_is_no_address() {
        let text = many(12, |number| {
            format!("[instance.i{number}]\ninstance_type = \"m5.large\"\nsubnet = \"small\"\n")
        });
        assert_eq!(
            wrong(&format!("{SMALL}{text}")),
            "instance.i11.subnet: the subnet's 10.0.2.0/28 has no address left for instance.i11: 11 of \
             11 usable addresses are taken (AWS reserves five addresses of every subnet; choose a \
             larger block)\n"
        );
    }

    #[test]
    fn an_address_has_one_owner() {
        assert_eq!(
            wrong(&format!(
                "{RIGHT}[nat_gateway.a]\nsubnet = \"a\"\nprivate_ip = \"10.0.0.10\""
            )),
            "nat_gateway.a.private_ip: 10.0.0.10 belongs to instance.one\n"
        );
        right(RIGHT);
    }

    #[test]
    fn a_subnet_reserves_five_addresses() {
        for address in ["10.0.0.0", "10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.255"] {
            let text = RIGHT.replace("10.0.0.9", address);
            assert_eq!(
                wrong(&text),
                format!(
                    "instance.one.private_ip: {address} is reserved by AWS: the first four addresses of \
                     a subnet and the last\n"
                )
            );
        }
        let text = RIGHT.replace("10.0.0.10", "10.0.1.10");
        assert_eq!(
            wrong(&text),
            "instance.one.secondary_private_ips[0]: 10.0.1.10 is not in the subnet's block 10.0.0.0/24\n"
        );
    }

    #[test]
    fn ipv6_addresses_are_inside_the_subnet_and_have_one_owner() {
        let text = r#"
            [vpc.six]
            cidr_block = "10.6.0.0/16"
            ipv6_cidr_block = "2600:1f18:1234:5600::/56"
            [subnet.six]
            vpc = "six"
            availability_zone = "us-east-1a"
            cidr_block = "10.6.0.0/24"
            ipv6_cidr_block = "2600:1f18:1234:5601::/64"
            [network_interface.one]
            subnet = "six"
            ipv6_addresses = ["2600:1f18:1234:5601::10"]
            [network_interface.two]
            subnet = "six"
            ipv6_addresses = ["2600:1f18:1234:5601::20"]
        "#;
        let topology = right(text);
        let vpc = topology.vpcs.find("six").unwrap();
        let address: IpAddr = "2600:1f18:1234:5601::20".parse().unwrap();
        let two = topology.network_interfaces.find("network_interface.two");
        assert_eq!(topology.addresses.get(&(vpc, address)).copied(), two);
        let told = |address| wrong(&text.replace("2600:1f18:1234:5601::10", address));
        assert_eq!(
            told("2600:1f18:1234:5601::20"),
            "network_interface.two.ipv6_addresses[0]: 2600:1f18:1234:5601::20 belongs to \
             network_interface.one\n"
        );
        assert_eq!(
            told("2600:1f18:1234:5602::10"),
            "network_interface.one.ipv6_addresses[0]: 2600:1f18:1234:5602::10 is not in the subnet's \
             block 2600:1f18:1234:5601::/64\n"
        );
        assert_eq!(
            told("2600:1f18:1234:5601::3"),
            "network_interface.one.ipv6_addresses[0]: 2600:1f18:1234:5601::3 is reserved by AWS: the \
             first four addresses of a subnet and the last\n"
        );
        assert_eq!(
            wrong("[network_interface.x]\nsubnet = \"a\"\nipv6_addresses = [\"2600::10\"]"),
            "network_interface.x.ipv6_addresses[0]: the subnet has no IPv6 block\n"
        );
    }
}
