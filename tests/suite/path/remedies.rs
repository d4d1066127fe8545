//! What a refusal recommends helps: done to the scenario, it is refused no more.

use netsim::path::{self, Cause, Refusal};
use netsim::topology::Topology;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use toml::{Table, Value};

use super::network::whole;
use super::properties::{config, questions};
use super::sketch::sketch;

/// A scenario with what a remedy says added to it, such as
/// `add to security_group.g: ingress = [{ … }]`; none if it is for a table that is not written.
fn remedied(text: &str, remedy: &str) -> Option<String> {
    let (at, keys) = remedy.strip_prefix("add to ")?.split_once(": ")?;
    let (kind, name) = at.split_once('.')?;
    let mut table: Table = text.parse().unwrap();
    let own = table.get_mut(kind)?.get_mut(name)?.as_table_mut()?;
    let keys: Table = keys
        .parse()
        .unwrap_or_else(|error| panic!("{remedy}: {error}"));
    for (key, value) in keys {
        let list = own.entry(key).or_insert_with(|| Value::Array(Vec::new()));
        list.as_array_mut()?
            .extend(value.as_array()?.iter().cloned());
    }
    Some(table.to_string())
}

/// Whether two refusals are of one packet by the rules of one resource.
fn is_same(a: &Refusal, b: &Refusal) -> bool {
    let rules = |refusal: &Refusal| match refusal.cause {
        // Whichever entry decides.
        Cause::NetworkAcl {
            acl, subnet, side, ..
        } => Cause::NetworkAcl {
            acl,
            subnet,
            side,
            rule_number: 0,
        },
        other => other,
    };
    let addresses = |refusal: &Refusal| {
        let header = refusal.header;
        (header.source.address, header.destination.address)
    };
    (a.direction, addresses(a), rules(a)) == (b.direction, addresses(b), rules(b))
}

/// The refusals of a group's or an ACL's rules, with the question.
fn refusals<'e>(
    topology: &Topology,
    query: impl Fn(&'e str, &'e str, &'static str) -> path::Query<'static>,
    ends: &'e [String],
) -> Vec<(&'e str, &'e str, &'static str, Refusal)> {
    let mut all: Vec<(&str, &str, &'static str, Refusal)> = Vec::new();
    for (from, to, flow) in questions(ends) {
        for refusal in path::trace(topology, &query(from, to, flow), 0).refusals {
            let by_rules = matches!(
                refusal.cause,
                Cause::SecurityGroup { .. } | Cause::NetworkAcl { .. }
            );
            // Each once is enough.
            if by_rules && !all.iter().any(|(.., other)| is_same(other, &refusal)) {
                all.push((from, to, flow, refusal));
            }
        }
    }
    all
}

/// How many remedies help; fails with the first that does not.
fn helped(text: &str, ends: &[String]) -> Result<u32, TestCaseError> {
    let network = whole(text);
    let query = |from, to, flow| network.query(from, to, flow);
    let mut count = 0;
    for (from, to, flow, refusal) in refusals(&network.topology, query, ends) {
        let remedy = refusal.explain(&network.topology).remedy;
        let Some(text) = remedied(text, &remedy) else {
            continue;
        };
        let after = whole(&text);
        let path = path::trace(&after.topology, &after.query(from, to, flow), 0);
        // The same ids: nothing but a rule has been added.
        prop_assert!(
            !path.refusals.iter().any(|other| is_same(other, &refusal)),
            "{from} to {to} by {flow}: {remedy}"
        );
        count += 1;
    }
    Ok(count)
}

proptest! {
    #![proptest_config(config(16))]

    #[test]
    fn what_a_group_or_an_acl_refuses_it_admits_with_the_rule_that_is_recommended(
        sketch in sketch()
    ) {
        helped(&sketch.text(), &sketch.ends())?;
    }
}

#[test]
fn there_are_remedies_to_try() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let strategy = sketch();
    let mut tried = 0;
    for _ in 0..12 {
        let sketch = strategy.new_tree(&mut runner).unwrap().current();
        tried += helped(&sketch.text(), &sketch.ends()).unwrap();
    }
    assert!(tried >= 15, "{tried}");
}
