//! Bills as people and programs read them.

use super::text::{WIDTH, cents};
use super::*;
use crate::cost::{Section, Share, Term};
use crate::scenario::Point;

fn usd(text: &str) -> Usd {
    serde_json::from_value(Value::from(format!("{text} USD"))).unwrap()
}

fn term(count: u64, billionths: u128, unit: Unit, price: &str) -> Term {
    let quantity = Quantity { billionths, unit };
    Term {
        count,
        quantity,
        price: usd(price),
    }
}

fn item(section: Section, resource: &str, what: &str, terms: Vec<Term>) -> Item {
    Item {
        section,
        region: "us-east-1".to_owned(),
        resource: resource.to_owned(),
        what: what.to_owned(),
        amount: Some(terms.iter().map(Term::amount).sum()),
        terms,
        shares: Vec::new(),
    }
}

fn bill() -> Bill {
    const GB: u128 = 1_000_000_000;
    let hours = |count, price| vec![term(count, 730 * GB, Unit::Hours, price)];
    let mut nat = item(
        Section::Traffic,
        "nat_gateway.a",
        "data processed",
        vec![term(1, 5_000 * GB, Unit::Gigabytes, "0.045")],
    );
    nat.shares.push(Share {
        workload: "backup".to_owned(),
        through: "nat_gateway.a".to_owned(),
        quantity: nat.terms[0].quantity,
        amount: usd("225"),
    });
    let mut far = item(
        Section::Hourly,
        "nat_gateway.far",
        "hours",
        hours(1, "0.048"),
    );
    far.region = "eu-west-1".to_owned();
    let mut unknown = item(
        Section::Compute,
        "instance.hpc",
        "hpc6a.48xlarge",
        Vec::new(),
    );
    unknown.amount = None;
    let tiers = vec![
        term(1, 100 * GB, Unit::Gigabytes, "0"),
        term(1, 10_240 * GB, Unit::Gigabytes, "0.09"),
        term(1, 1, Unit::Gigabytes, "0.085"),
    ];
    let items = vec![
        item(
            Section::Hourly,
            "vpc_endpoint.secrets",
            "hours in each zone",
            hours(2, "0.01"),
        ),
        far,
        unknown,
        nat,
        item(
            Section::Traffic,
            "us-east-1 → internet",
            "transfer out",
            tiers,
        ),
        item(
            Section::Traffic,
            "transit_gateway_vpc_attachment.a-name-of-some-length",
            "data sent into the transit gateway",
            vec![term(1, 1_234_567_890_123, Unit::Gigabytes, "0.02")],
        ),
    ];
    Bill {
        region: "us-east-1".to_owned(),
        total: items.iter().filter_map(|item| item.amount).sum(),
        items,
        notes: vec!["what a reader must know ".repeat(8).trim_end().to_owned()],
    }
}

fn billed() -> Vec<PointBill> {
    vec![PointBill {
        point: Point::default(),
        bill: bill(),
    }]
}

#[test]
fn a_bill_shows_its_arithmetic_in_columns() {
    let text = bill_text("nat", &billed());
    let expected = "\
nat: a month in us-east-1

By the hour                                                                        $49.64
  vpc_endpoint.secrets, hours in each zone              2 × 730 h × $0.01          $14.60
  nat_gateway.far (eu-west-1), hours                        730 h × $0.048         $35.04

Instances and functions                                                             $0.00
  instance.hpc, hpc6a.48xlarge                                              price unknown
";
    let widest = text.lines().map(|line| line.chars().count()).max();
    assert!(widest <= Some(WIDTH), "{widest:?}");
    assert!(!text.lines().any(|line| line.ends_with(' ')), "{text}");
    let words = |text: &str| -> Vec<Vec<String>> {
        let line = |line: &str| line.split_whitespace().map(str::to_owned).collect();
        text.lines().map(line).collect()
    };
    let (shown, expected) = (words(&text), words(expected));
    assert_eq!(shown[..expected.len()], expected, "{text}");
    for line in [
        "nat_gateway.a, data processed 5,000 GB × $0.045 $225.00",
        "us-east-1 → internet, transfer out 100 GB × $0.00",
        "10,240 GB × $0.09",
        "0.000000001 GB × $0.085 $921.60",
        "Total $1,220.93",
        "backup nat_gateway.a, data processed 5,000 GB $225.00",
    ] {
        let wanted: Vec<String> = line.split(' ').map(str::to_owned).collect();
        assert!(shown.contains(&wanted), "{line} in\n{text}");
    }
}

#[test]
fn points_are_told_apart() {
    let mut bills = billed();
    bills[0].point.parameters = vec![("a.volume".to_owned(), "5 TB/month".into())];
    assert!(bill_text("nat", &bills).starts_with("nat, volume=5 TB/month: a month"));
    let json: Value = serde_json::from_str(&bills_json("nat", &bills)).unwrap();
    assert_eq!(json["points"][0]["parameters"]["a.volume"], "5 TB/month");
}

#[test]
fn programs_get_numbers_and_exact_decimals() {
    let json: Value = serde_json::from_str(&bills_json("nat", &billed())).unwrap();
    assert_eq!(json["scenario"], "nat");
    let cost = &json["points"][0]["cost"];
    assert_eq!(cost["exact_total_usd"], bill().total.plain());
    let nat = &cost["items"][3];
    assert_eq!(nat["amount_usd"], 225.0);
    assert_eq!(nat["exact_amount_usd"], "225.00");
    assert_eq!(nat["arithmetic"], "5,000 GB × $0.045");
    assert_eq!(nat["terms"][0]["exact_price_usd"], "0.045");
    assert_eq!(nat["workloads"][0]["volume_bytes"], 5_000_000_000_000_u64);
    assert_eq!(cost["items"][2]["amount_usd"], Value::Null);
}

#[test]
fn small_amounts_are_not_nothing() {
    assert_eq!(cents(usd("0.004")), "<$0.01");
    assert_eq!(cents(usd("0.005")), "$0.01");
    assert_eq!(cents(-usd("0.004")), "-<$0.01");
    assert_eq!(cents(Usd::ZERO), "$0.00");
}
