//! The routes of route tables that are local or written.
//!
//! Rules are those of the VPC user guide, "Configure route tables", 2023.

use std::collections::BTreeSet;

use ipnet::IpNet;

use super::{
    Id, PrefixList, Resolver, Route, RouteOrigin, RouteTable, RouteTarget, Topology,
    TransitGateway, Vpc, prefix_list,
};
use crate::scenario::{self, KeyPath, Problem};

/// Routes of a table in one family, before and after a quota increase. (VPC user guide, "Amazon VPC
/// quotas", 2023.)
const ROUTES: u32 = 50;
const MAX_ROUTES: u32 = 1000;

pub(super) fn resolve(resolver: &mut Resolver<'_>, topology: &mut Topology) {
    let tables: Vec<Id<RouteTable>> = topology.route_tables.iter().map(|(id, _)| id).collect();
    for table in tables {
        let vpc = &topology.vpcs[topology.route_tables[table].vpc];
        let local = vpc.blocks().map(|destination| Route {
            destination,
            target: RouteTarget::Local,
            origin: RouteOrigin::Local,
        });
        topology.route_tables[table].routes = local.collect();
    }
    let context = Context::new(topology);
    for (name, written) in &resolver.scenario.route_table {
        let Some(id) = topology.route_tables.find(name) else {
            continue;
        };
        let path = KeyPath::of(["route_table", name]);
        let table = Table {
            context: &context,
            id,
            vpc: topology.route_tables[id].vpc,
            gateway: topology.route_tables[id].gateway.is_some(),
        };
        let routes = table.routes(resolver, topology, &written.routes, &path.key("routes"));
        topology.route_tables[id].routes = routes;
    }
}

/// What all tables need to know.
pub(super) struct Context {
    /// Whole blocks of subnets.
    pub(super) subnets: BTreeSet<(Id<Vpc>, IpNet)>,
    /// Which VPCs are attached to which transit gateways.
    pub(super) attached: BTreeSet<(Id<TransitGateway>, Id<Vpc>)>,
}

impl Context {
    fn new(topology: &Topology) -> Self {
        let subnets = topology.subnets.iter().flat_map(|(_, subnet)| {
            let ipv6 = subnet.ipv6_cidr_block.map(IpNet::V6);
            let blocks = std::iter::once(IpNet::V4(subnet.cidr_block)).chain(ipv6);
            blocks.map(|block| (subnet.vpc, block))
        });
        let attachments = topology.transit_gateway_attachments.iter();
        let attached = attachments
            .filter_map(|(_, attachment)| Some((attachment.transit_gateway, attachment.vpc()?)));
        Self {
            subnets: subnets.collect(),
            attached: attached.collect(),
        }
    }
}

/// What a route is for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Destination {
    Block(IpNet),
    List(Id<PrefixList>),
}

/// A table on its way.
pub(super) struct Table<'a> {
    pub(super) context: &'a Context,
    id: Id<RouteTable>,
    pub(super) vpc: Id<Vpc>,
    /// Whether it routes what comes in through a gateway.
    pub(super) gateway: bool,
}

impl Table<'_> {
    /// The local routes and those that are written.
    fn routes(
        &self,
        resolver: &mut Resolver<'_>,
        topology: &Topology,
        written: &[scenario::Route],
        path: &KeyPath,
    ) -> Vec<Route> {
        let mut routes = topology.route_tables[self.id].routes.clone();
        let mut seen: BTreeSet<Destination> = BTreeSet::new();
        for (index, route) in (0_u32..).zip(written) {
            let path = path.index(index as usize);
            let target = self.target(resolver, topology, &route.target, &path.key("target"));
            let Some((key, destination)) = destination(resolver, topology, route, &path) else {
                continue;
            };
            let path = path.key(key);
            if !seen.insert(destination) {
                let name = match destination {
                    Destination::Block(block) => block.to_string(),
                    Destination::List(list) => topology.prefix_lists.name(list).to_owned(),
                };
                resolver.error(path, format!("there is a route to {name} already"));
                continue;
            }
            let Some(target) = target else { continue };
            let entries = match destination {
                Destination::Block(destination) => {
                    let origin = RouteOrigin::Static { index };
                    vec![(destination, origin)]
                }
                Destination::List(list) => {
                    let origin = RouteOrigin::PrefixList {
                        list,
                        index: Some(index),
                    };
                    let blocks = topology.prefix_lists[list].entries.iter();
                    blocks.map(|&destination| (destination, origin)).collect()
                }
            };
            let added = entries.into_iter().try_for_each(|(destination, origin)| {
                let route = Route {
                    destination,
                    target,
                    origin,
                };
                self.add(topology, &mut routes, route, &path)
            });
            if let Err(problem) = added {
                resolver.report(problem);
            }
        }
        check_quota(resolver, topology, &seen, path);
        routes
    }

    /// Adds a route, in place of the local one to the same block.
    fn add(
        &self,
        topology: &Topology,
        routes: &mut Vec<Route>,
        route: Route,
        path: &KeyPath,
    ) -> Result<(), Problem> {
        let local = routes.iter().position(|other| {
            other.destination == route.destination && other.origin == RouteOrigin::Local
        });
        match (local, route.origin) {
            // The local route beats an entry of a list.
            (Some(_), RouteOrigin::PrefixList { .. }) => {}
            (Some(local), _) => {
                self.check(topology, route.destination, route.target, path)?;
                if route.target == RouteTarget::Local {
                    return Ok(());
                }
                routes.remove(local);
            }
            (None, _) => self.check(topology, route.destination, route.target, path)?,
        }
        routes.push(route);
        Ok(())
    }
}

/// Reports more routes than a table has, in each family. A prefix list counts as all its entries.
fn check_quota(
    resolver: &mut Resolver<'_>,
    topology: &Topology,
    destinations: &BTreeSet<Destination>,
    path: &KeyPath,
) {
    let mut counts = [0_u32; 2];
    for destination in destinations {
        let (ipv6, weight) = match *destination {
            Destination::Block(block) => (matches!(block, IpNet::V6(_)), 1),
            Destination::List(list) => {
                let list = &topology.prefix_lists[list];
                (list.is_ipv6(), list.weight)
            }
        };
        let count = &mut counts[usize::from(ipv6)];
        *count = count.saturating_add(weight);
    }
    for (family, count) in ["IPv4", "IPv6"].into_iter().zip(counts) {
        if count <= ROUTES {
            continue;
        }
        let message = format!("{count} {family} routes are more than the quota of {ROUTES}");
        let problem = if count > MAX_ROUTES {
            Problem::error(path.clone(), message)
        } else {
            Problem::warning(path.clone(), message)
        };
        resolver.report(problem.help(format!(
            "the quota can be raised to {MAX_ROUTES}; a prefix list counts as all its entries"
        )));
    }
}

/// What the route at `path` is for, with the key that says so.
fn destination(
    resolver: &mut Resolver<'_>,
    topology: &Topology,
    route: &scenario::Route,
    path: &KeyPath,
) -> Option<(&'static str, Destination)> {
    match (
        route.destination_cidr_block,
        route.destination_ipv6_cidr_block,
        &route.destination_prefix_list,
    ) {
        (Some(block), None, None) => Some((
            "destination_cidr_block",
            Destination::Block(IpNet::V4(block)),
        )),
        (None, Some(block), None) => Some((
            "destination_ipv6_cidr_block",
            Destination::Block(IpNet::V6(block)),
        )),
        (None, None, Some(reference)) => {
            let key = "destination_prefix_list";
            let list = prefix_list::find(resolver, topology, reference, &path.key(key))?;
            Some((key, Destination::List(list)))
        }
        (None, None, None) | (Some(_), ..) | (_, Some(_), _) => {
            report_destinations(resolver, route, path);
            None
        }
    }
}

/// Reports a route that has no destination, or several.
pub(super) fn report_destinations(
    resolver: &mut Resolver<'_>,
    route: &scenario::Route,
    path: &KeyPath,
) {
    let help = "give one of destination_cidr_block, destination_ipv6_cidr_block and \
                destination_prefix_list";
    let problem = |message| Problem::error(path.clone(), message).help(help);
    if route.destination_cidr_block.is_some()
        || route.destination_ipv6_cidr_block.is_some()
        || route.destination_prefix_list.is_some()
    {
        resolver.report(problem("the route has more than one destination"));
    } else {
        resolver.lacking(problem("the route has no destination"));
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{resolve, right, wrong};

    const TARGETS: &str = r#"
        [internet_gateway.igw]
        vpc = "main"
        [egress_only_internet_gateway.eigw]
        vpc = "main"
        [nat_gateway.nat]
        subnet = "a"
        [network_interface.eni]
        subnet = "a"
    "#;

    fn table(routes: &str) -> String {
        format!("{TARGETS}[route_table.x]\nvpc = \"main\"\nroutes = [{routes}]\n")
    }

    fn to(destination: &str, target: &str) -> String {
        let key = if destination.contains(':') {
            "destination_ipv6_cidr_block"
        } else {
            "destination_cidr_block"
        };
        format!("{{ {key} = \"{destination}\", target = \"{target}\" }},")
    }

    /// The routes of table `x`.
    fn routes(text: &str) -> Vec<String> {
        let topology = right(text);
        let table = topology.route_tables.find("x").unwrap();
        let routes = topology.route_tables[table].routes.iter();
        routes
            .map(|route| {
                format!(
                    "{} {:?} {:?}",
                    route.destination, route.target, route.origin
                )
            })
            .collect()
    }

    #[test]
    fn a_table_has_the_local_routes_of_its_vpc() {
        let text = "[vpc.six]\ncidr_block = \"10.6.0.0/16\"\nsecondary_cidr_blocks = [\"10.7.0.0/16\"]\n\
                    ipv6_cidr_block = \"2600:1f18::/56\"\n[route_table.x]\nvpc = \"six\"";
        assert_eq!(
            routes(text),
            [
                "10.6.0.0/16 Local Local",
                "10.7.0.0/16 Local Local",
                "2600:1f18::/56 Local Local"
            ]
        );
    }

    #[test]
    fn a_list_is_a_route_per_entry() {
        let list = "[prefix_list.l]\nentries = [\"172.16.0.0/12\", \"10.0.0.0/16\"]\n";
        let text = table(
            "{ destination_cidr_block = \"0.0.0.0/0\", target = \"blackhole\" },
             { destination_prefix_list = \"l\", target = \"nat_gateway.nat\" }",
        ) + list;
        let list = "PrefixList { list: #2, index: Some(1) }";
        assert_eq!(
            routes(&text),
            [
                "10.0.0.0/16 Local Local".to_owned(),
                "0.0.0.0/0 Blackhole Static { index: 0 }".to_owned(),
                format!("172.16.0.0/12 NatGateway(#0) {list}"),
                // The local route beats this one.
                format!("10.0.0.0/16 NatGateway(#0) {list}"),
            ]
        );
    }

    #[test]
    fn a_route_has_exactly_one_destination() {
        let help = "(give one of destination_cidr_block, destination_ipv6_cidr_block and \
                    destination_prefix_list)\n";
        assert_eq!(
            wrong(&table("{ target = \"nat_gateway.nat\" }")),
            format!("route_table.x.routes[0]: the route has no destination {help}")
        );
        assert_eq!(
            wrong(&table(
                "{ destination_cidr_block = \"0.0.0.0/0\", destination_prefix_list = \"s3\", target = \"nat_gateway.nat\" }"
            )),
            format!("route_table.x.routes[0]: the route has more than one destination {help}")
        );
    }

    #[test]
    fn a_destination_is_routed_once() {
        let twice = to("0.0.0.0/0", "nat_gateway.nat") + &to("0.0.0.0/0", "blackhole");
        assert_eq!(
            wrong(&table(&twice)),
            "route_table.x.routes[1].destination_cidr_block: there is a route to 0.0.0.0/0 already\n"
        );
        let list = "{ destination_prefix_list = \"s3\", target = \"nat_gateway.nat\" },";
        assert_eq!(
            wrong(&table(&list.repeat(2))),
            "route_table.x.routes[1].destination_prefix_list: there is a route to s3 already\n"
        );
    }

    #[test]
    fn more_routes_than_the_quota_are_warned_of_and_then_refused() {
        let many = |count: u32| -> String {
            let route = |n| {
                to(
                    &format!("172.16.{}.{}/32", n / 256, n % 256),
                    "nat_gateway.nat",
                )
            };
            table(&(0..count).map(route).collect::<String>())
        };
        assert!(resolve(&many(50)).1.is_empty());
        assert_eq!(
            wrong(&many(51)),
            "warning: route_table.x.routes: 51 IPv4 routes are more than the quota of 50 (the quota can \
             be raised to 1000; a prefix list counts as all its entries)\n"
        );
        assert!(wrong(&many(1001)).starts_with("route_table.x.routes: 1001 IPv4 routes"));
        let list = "[prefix_list.l]\nentries = [\"172.16.0.0/12\"]\nmax_entries = 60\n";
        let text =
            table("{ destination_prefix_list = \"l\", target = \"nat_gateway.nat\" }") + list;
        assert!(wrong(&text).contains("60 IPv4 routes are more than the quota"));
    }
}
