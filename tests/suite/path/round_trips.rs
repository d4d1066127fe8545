//! What holds of every path: answers find back, translations are undone, and a packet never jumps.

use netsim::path::{self, Endpoint, Header, Hop, Leg, Link, Path, Server, Step};
use netsim::topology::{HostId, Location, Topology};
use proptest::prelude::*;
use toml::{Table, Value};

use super::network::{Network, whole};
use super::properties::{config, questions, reachable};
use super::sketch::{BALANCER, sketch};

proptest! {
    #![proptest_config(config(48))]

    #[test]
    fn the_answer_ends_where_the_packet_started(sketch in sketch()) {
        each_path(&whole(&sketch.text()), &sketch.ends(), |_, from, path| {
            let last = path.back.steps.iter().rev().find_map(|step| match step {
                Step::Enters(interface) => Some(Endpoint::Interface(*interface)),
                Step::Through(path::Resource::Internet) => Some(Endpoint::Internet),
                Step::Through(path::Resource::CustomerGateway(site)) => Some(Endpoint::Site(*site)),
                _ => None,
            });
            prop_assert_eq!(last, Some(from));
            Ok(())
        })?;
    }

    #[test]
    fn the_answer_carries_what_the_packet_carried_the_other_way_round(sketch in sketch()) {
        each_path(&whole(&sketch.text()), &sketch.ends(), |_, _, path| {
            let sent = path.header.unwrap();
            let received = carried(sent, &path.forward)?;
            let answered = carried(received.reversed(), &path.back)?;
            prop_assert!(same(answered, sent.reversed()), "{} answers {}", answered, sent);
            Ok(())
        })?;
    }

    #[test]
    fn every_translation_is_undone_by_whoever_made_it(sketch in sketch()) {
        each_path(&whole(&sketch.text()), &sketch.ends(), |_, _, path| {
            let there = translations(&path.forward);
            let mut back = translations(&path.back);
            back.reverse();
            prop_assert_eq!(there.len(), back.len());
            for ((by, before, after), (undone_by, from, to)) in there.into_iter().zip(back) {
                prop_assert_eq!(by, undone_by);
                prop_assert!(same(from, after.reversed()) && same(to, before.reversed()));
            }
            Ok(())
        })?;
    }

    #[test]
    fn a_packet_moves_over_links_only(sketch in sketch()) {
        each_path(&whole(&sketch.text()), &sketch.ends(), |topology, _, path| {
            moves(topology, &path.forward)?;
            moves(topology, &path.back)
        })?;
    }

    #[test]
    fn who_answers_is_where_the_packet_was_sent_last(sketch in sketch()) {
        each_path(&whole(&sketch.text()), &sketch.ends(), |topology, _, path| {
            if let Some(Server::Interface(server)) = path.server {
                let received = carried(path.header.unwrap(), &path.forward)?;
                let own = &topology.network_interfaces[server];
                prop_assert!(own.has_address(received.destination.address));
            }
            Ok(())
        })?;
    }

    #[test]
    fn rules_for_what_comes_in_do_not_matter_to_who_asks(sketch in sketch(), client in 0..8_usize) {
        let client = client % sketch.instances.len();
        let with = |ingress: &str| {
            let (text, ends) = (alone(&sketch.text(), client, ingress), sketch.ends());
            let mut answers = reachable(&text, &ends);
            let mut questions = questions(&ends).into_iter();
            let client = format!("instance.i{client}");
            // A load balancer may send back to its client.
            answers.retain(|_| {
                let (from, to, _) = questions.next().unwrap();
                from == client && to != BALANCER
            });
            answers
        };
        let open = with("[{ protocol = \"all\", source = \"0.0.0.0/0\" }]");
        prop_assert_eq!(open, with("[]"));
    }
}

/// Asks everything, and checks each path that there is.
fn each_path(
    network: &Network,
    ends: &[String],
    check: impl Fn(&Topology, Endpoint, &Path) -> Result<(), TestCaseError>,
) -> Result<(), TestCaseError> {
    for (from, to, flow) in questions(ends) {
        let query = network.query(from, to, flow);
        for path in path::resolve(&network.topology, &query)
            .into_iter()
            .flatten()
        {
            check(&network.topology, query.from, &path).map_err(|error| {
                TestCaseError::fail(format!("{from} to {to} by {flow}: {error}"))
            })?;
        }
    }
    Ok(())
}

/// An instance with one group of its own, which lets everything out.
fn alone(text: &str, instance: usize, ingress: &str) -> String {
    let mut table: Table = text.parse().unwrap();
    let own = table["instance"][&format!("i{instance}")]
        .as_table_mut()
        .unwrap();
    own.insert(
        "security_groups".to_owned(),
        Value::Array(vec!["alone".into()]),
    );
    let subnet = own["subnet"].as_str().unwrap().to_owned();
    let vpc = table["subnet"][&subnet]["vpc"].clone();
    let group = format!("vpc = {vpc}\ningress = {ingress}\n")
        .parse()
        .unwrap();
    let groups = table["security_group"].as_table_mut().unwrap();
    groups.insert("alone".to_owned(), Value::Table(group));
    table.to_string()
}

/// Whether two headers may be those of one packet: where any of several ports is meant, they have one
/// in common.
fn same(a: Header, b: Header) -> bool {
    let meet = |a: path::Socket, b: path::Socket| {
        a.address == b.address && a.ports.from.max(b.ports.from) <= a.ports.to.min(b.ports.to)
    };
    a.protocol == b.protocol
        && a.reply == b.reply
        && meet(a.source, b.source)
        && meet(a.destination, b.destination)
}

fn translations(leg: &Leg) -> Vec<(path::Resource, Header, Header)> {
    let steps = leg.steps.iter();
    steps
        .filter_map(|step| match *step {
            Step::Translates { by, before, after } => Some((by, before, after)),
            _ => None,
        })
        .collect()
}

/// The header at the end of a leg.
fn carried(mut header: Header, leg: &Leg) -> Result<Header, TestCaseError> {
    for (_, before, after) in translations(leg) {
        prop_assert!(same(before, header), "{} was {} before", before, header);
        header = after;
    }
    Ok(header)
}

/// Follows a packet from host to host.
fn moves(topology: &Topology, leg: &Leg) -> Result<(), TestCaseError> {
    /// At a host, or on the way between two.
    #[derive(Debug, PartialEq)]
    enum At {
        Anywhere,
        Host(HostId),
        /// At the leaf of a rack, or in front of its spines.
        Rack(netsim::topology::Id<netsim::topology::Fabric>, u32),
        Spine(netsim::topology::Id<netsim::topology::Fabric>),
    }
    let substrate = &topology.substrate;
    let rack_of = |host: HostId| {
        let fabric = substrate.fabric_of(host);
        At::Rack(fabric, substrate.fabrics[fabric].rack_of(host))
    };
    let host_of = |interface, node: u32| match &topology.network_interfaces[interface].location {
        Location::Host(host) => *host,
        Location::Fleet(nodes) => nodes[node as usize],
    };
    let mut at = At::Anywhere;
    for hop in leg.hops() {
        let (needs, next) = match hop {
            Hop::Link(Link::HostUp(host)) => (At::Host(host), rack_of(host)),
            Hop::Link(Link::HostDown(host)) => (rack_of(host), At::Host(host)),
            Hop::Link(Link::LeafUp(fabric, rack)) => (At::Rack(fabric, rack), At::Spine(fabric)),
            Hop::Link(Link::LeafDown(fabric, rack)) => (At::Spine(fabric), At::Rack(fabric, rack)),
            Hop::Link(Link::Zone(a, b)) => (At::Spine(a), At::Spine(b)),
            Hop::NitroEgress(id) | Hop::NitroIngress(id) | Hop::NitroTurnaround(id, _) => {
                (At::Host(host_of(id, 0)), At::Host(host_of(id, 0)))
            }
            Hop::LinkLocal(id, _) => (At::Host(host_of(id, 0)), At::Host(host_of(id, 0))),
            Hop::Fleet(id, node) => (At::Host(host_of(id, node)), At::Host(host_of(id, node))),
            Hop::InternetGateway | Hop::GatewayEndpoint | Hop::VpnGateway => {
                let edge = topology.edges.iter().find(|&&edge| at == At::Host(edge));
                prop_assert!(
                    edge.is_some() || at == At::Anywhere,
                    "{:?} at {:?}",
                    hop,
                    at
                );
                continue;
            }
            Hop::Internet | Hop::Site(_) => {
                at = At::Anywhere;
                continue;
            }
            // Where the card is, which tells.
            Hop::GuestSend | Hop::GuestReceive => continue,
        };
        prop_assert!(at == needs || at == At::Anywhere, "{:?} at {:?}", hop, at);
        at = next;
    }
    prop_assert!(matches!(at, At::Anywhere | At::Host(_)), "ends at {:?}", at);
    Ok(())
}
