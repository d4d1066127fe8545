//! What holds in every overlay, tried on random ones.

use netsim::path::{self, Endpoint, Query};
use netsim::topology::Topology;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::RngSeed;

use super::network::{Answer, Network, parse_flow, whole};
use super::sketch::{Acl, Rule, Sketch, acl, entry, rule, sketch};

/// Everything that is asked of a pair of ends.
const FLOWS: [&str; 4] = ["tcp/80", "tcp/2000", "udp/53", "icmp"];

pub(crate) fn config(cases: u32) -> ProptestConfig {
    ProptestConfig {
        cases,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(1),
        ..ProptestConfig::default()
    }
}

/// All questions about some ends.
pub(crate) fn questions(ends: &[String]) -> Vec<(&str, &str, &'static str)> {
    let mut all = Vec::new();
    for from in ends {
        for to in ends.iter().filter(|to| *to != from) {
            all.extend(FLOWS.map(|flow| (from.as_str(), to.as_str(), flow)));
        }
    }
    all
}

/// Which of the questions are answered by a path.
pub(crate) fn reachable(text: &str, ends: &[String]) -> Vec<bool> {
    let network = whole(text);
    let ask =
        |(from, to, flow)| path::is_reachable(&network.topology, &network.query(from, to, flow));
    questions(ends).into_iter().map(ask).collect()
}

/// A path in words: everything that is met, and everything that refuses.
fn told(answer: &Answer<'_>) -> [Vec<String>; 4] {
    [
        answer.there(),
        answer.back(),
        answer.hops(),
        answer.refusals(),
    ]
}

fn all_told(text: &str, ends: &[String]) -> Vec<[Vec<String>; 4]> {
    let network = whole(text);
    let ask = |(from, to, flow)| told(&network.ask(from, to, flow));
    questions(ends).into_iter().map(ask).collect()
}

proptest! {
    #![proptest_config(config(48))]

    #[test]
    fn a_further_rule_of_a_group_never_refuses(
        before in sketch(), group in 0..8_usize, out in any::<bool>(), rule in rule()
    ) {
        let mut after = before.clone();
        add_rule(&mut after, group, out, rule);
        never_less(&before, &after)?;
    }

    #[test]
    fn a_last_entry_of_an_acl_that_allows_never_refuses(
        before in sketch(), acl in 0..4_usize, out in any::<bool>(), entry in entry()
    ) {
        prop_assume!(!before.acls.is_empty());
        let mut after = before.clone();
        let acl_count = after.acls.len();
        let acl = &mut after.acls[acl % acl_count];
        let side = if out { &mut acl.egress } else { &mut acl.ingress };
        side.insert(200, entry.allowing());
        never_less(&before, &after)?;
    }

    #[test]
    fn rules_and_groups_are_sets(
        (before, after) in sketch().prop_flat_map(|sketch| (Just(sketch.clone()), shuffled(sketch)))
    ) {
        let ends = before.ends();
        prop_assert_eq!(reachable(&before.text(), &ends), reachable(&after.text(), &ends));
    }

    #[test]
    fn tables_of_a_scenario_may_stand_in_any_order(
        (sketch, shuffled) in sketch()
            .prop_flat_map(|sketch| (Just(sketch.clone()), Just(sketch.sections()).prop_shuffle()))
    ) {
        let ends = sketch.ends();
        prop_assert_eq!(all_told(&sketch.text(), &ends), all_told(&shuffled.concat(), &ends));
    }

    #[test]
    fn what_has_nothing_to_do_with_a_path_changes_nothing_of_it(sketch in sketch()) {
        let more = sketch.text() + UNRELATED;
        let ends = sketch.ends();
        prop_assert_eq!(all_told(&sketch.text(), &ends), all_told(&more, &ends));
    }

    #[test]
    fn whether_there_is_a_path_and_which_one_is_the_same_question(sketch in sketch()) {
        let network = whole(&sketch.text());
        for (from, to, flow) in questions(&sketch.ends()) {
            let query = network.query(from, to, flow);
            let found = path::resolve(&network.topology, &query);
            prop_assert_eq!(
                found.is_ok(),
                path::is_reachable(&network.topology, &query),
                "{} to {} by {}", from, to, flow
            );
            // And each path that is found has nothing against it.
            prop_assert!(found.into_iter().flatten().all(|path| path.refusals.is_empty()));
        }
    }

    #[test]
    fn a_refused_path_says_why_and_ends(sketch in sketch()) {
        let network = whole(&sketch.text());
        for (from, to, flow) in questions(&sketch.ends()) {
            let path = path::trace(&network.topology, &network.query(from, to, flow), 7);
            prop_assert!(path.forward.steps.len() + path.back.steps.len() < 2000);
            for refusal in &path.refusals {
                let words = refusal.explain(&network.topology);
                prop_assert!(!words.at.is_empty() && !words.reason.is_empty());
                prop_assert!(!words.remedy.is_empty() && !words.rule.is_empty());
            }
        }
    }

    #[test]
    fn the_matrix_is_what_each_pair_and_port_answers(sketch in sketch()) {
        matrix_agrees(&whole(&sketch.text()).topology)?;
    }
}

/// A VPC of its own, and in the first one what nothing uses.
const UNRELATED: &str = r#"
[vpc.own]
cidr_block = "10.99.0.0/16"
[internet_gateway.own]
vpc = "own"
[subnet.own]
vpc = "own"
availability_zone = "us-east-1a"
cidr_block = "10.99.0.0/24"
[instance.own]
instance_type = "m5.large"
subnet = "own"
associate_public_ip_address = true
[instance.further]
instance_type = "m5.large"
subnet = "s0"
security_groups = ["further"]
[security_group.further]
vpc = "v0"
ingress = [{ protocol = "all", source = "0.0.0.0/0" }]
[network_acl.further]
vpc = "v0"
[route_table.further]
vpc = "v0"
routes = [{ destination_cidr_block = "0.0.0.0/0", target = "blackhole" }]
[hosted_zone.own]
name = "corp.internal"
vpcs = ["v0"]
records = { further = "instance.further" }
"#;

fn add_rule(sketch: &mut Sketch, group: usize, out: bool, rule: Rule) {
    let count = sketch.groups.len();
    let group = &mut sketch.groups[group % count];
    match (&mut group.egress, out) {
        (Some(egress), true) => egress.push(rule),
        // It lets everything out already.
        (None, true) => {}
        (_, false) => group.ingress.push(rule),
    }
}

/// What was reachable is so afterwards.
fn never_less(before: &Sketch, after: &Sketch) -> Result<(), TestCaseError> {
    let ends = before.ends();
    let [before, after] = [before, after].map(|sketch| reachable(&sketch.text(), &ends));
    for ((question, before), after) in questions(&ends).into_iter().zip(before).zip(after) {
        prop_assert!(!before || after, "{:?} is refused", question);
    }
    Ok(())
}

/// The same with rules and groups in other orders.
fn shuffled(sketch: Sketch) -> impl Strategy<Value = Sketch> {
    let groups: Vec<_> = sketch
        .groups
        .iter()
        .map(|group| {
            let egress = Just(group.egress.clone().unwrap_or_default()).prop_shuffle();
            (Just(group.ingress.clone()).prop_shuffle(), egress)
        })
        .collect();
    let of_instances: Vec<_> = sketch
        .instances
        .iter()
        .map(|instance| Just(instance.groups.clone()).prop_shuffle())
        .collect();
    (groups, of_instances).prop_map(move |(groups, of_instances)| {
        let mut sketch = sketch.clone();
        for (group, (ingress, egress)) in sketch.groups.iter_mut().zip(groups) {
            group.ingress = ingress;
            group.egress = group.egress.as_ref().map(|_| egress);
        }
        for (instance, groups) in sketch.instances.iter_mut().zip(of_instances) {
            instance.groups = groups;
        }
        sketch
    })
}

/// The matrix of all ends says of each pair and port what asking says.
fn matrix_agrees(topology: &Topology) -> Result<(), TestCaseError> {
    const PORTS: [u16; 8] = [1, 53, 79, 80, 443, 444, 1024, 65535];
    let flows = ["tcp", "udp"]
        .into_iter()
        .flat_map(|protocol| PORTS.map(|port| parse_flow(&format!("{protocol}/{port}"))))
        .chain([parse_flow("icmp")]);
    let flows: Vec<_> = flows.collect();
    let ends = path::all_ends(topology);
    let matrix = path::matrix(topology, &ends, &ends);
    let group = |end: Endpoint| matrix.groups.iter().position(|group| group.contains(&end));
    for &from in &ends {
        for &to in ends.iter().filter(|&&to| to != from) {
            let (sender, receiver) = (group(from).unwrap(), group(to).unwrap());
            let mut reaches = matrix.reaches.iter();
            let reach = reaches.find(|reach| (reach.from, reach.to) == (sender, receiver));
            for &flow in &flows {
                let told = reach.is_some_and(|reach| {
                    let mut ranges = reach.ports.0.iter();
                    ranges.any(|(protocol, ports)| {
                        *protocol == flow.protocol && ports.contains(flow.port)
                    })
                });
                let asked = path::is_reachable(topology, &Query::new(from, to, flow));
                prop_assert_eq!(told, asked, "{:?} to {:?} by {}", from, to, flow);
            }
        }
    }
    Ok(())
}

/// Numbers of an ACL the other way round.
fn reversed(acl: &Acl) -> Acl {
    let side = |entries: &std::collections::BTreeMap<u16, _>| {
        entries
            .iter()
            .map(|(number, entry): (&u16, &super::sketch::Entry)| (100 - number, entry.clone()))
            .collect()
    };
    Acl {
        ingress: side(&acl.ingress),
        egress: side(&acl.egress),
    }
}

/// The order of an ACL's entries decides, unlike that of a group's rules: among random ACLs some let
/// through by one order what they deny by the other.
#[test]
fn entries_of_an_acl_are_no_set() {
    let strategy = (sketch(), acl());
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let mut differing = 0;
    for _ in 0..40 {
        let (mut sketch, acl) = strategy.new_tree(&mut runner).unwrap().current();
        let ends = sketch.ends();
        let mut with = |acl: Acl| {
            sketch.acls = vec![acl.clone(), acl.clone(), acl];
            reachable(&sketch.text(), &ends)
        };
        differing += u32::from(with(acl.clone()) != with(reversed(&acl)));
    }
    assert!(differing >= 5, "{differing} of 40");
}

/// The overlays above are no deserts: of what is asked, a good part is reachable and a good part not.
#[test]
fn random_overlays_have_paths_and_refusals() {
    let strategy = sketch();
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let (mut open, mut asked, mut met) = (0, 0, std::collections::BTreeSet::new());
    for _ in 0..80 {
        let sketch = strategy.new_tree(&mut runner).unwrap().current();
        let network: Network = whole(&sketch.text());
        for (from, to, flow) in questions(&sketch.ends()) {
            let answer = network.ask(from, to, flow);
            asked += 1;
            if answer.path.is_reachable() {
                open += 1;
                let through = answer.there();
                let kind = |step: &String| {
                    let rest = step.strip_prefix("through ")?;
                    Some(rest.split('.').next()?.to_owned())
                };
                met.extend(through.iter().filter_map(kind));
            }
        }
    }
    assert!(open * 20 > asked && open * 2 < asked, "{open} of {asked}");
    for kind in [
        "internet_gateway",
        "nat_gateway",
        "vpc_peering_connection",
        "transit_gateway",
        "vpn_gateway",
        "vpc_endpoint",
        "load_balancer",
        "instance",
    ] {
        assert!(met.contains(kind), "no path passes a {kind}: {met:?}");
    }
}
