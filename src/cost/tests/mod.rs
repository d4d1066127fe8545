//! Bills to the cent.

mod sums;

use indexmap::IndexMap;

use super::inventory::{Holding, HoldingKind};
use super::lambda::Invoked;
use super::meters::{CapacityKind, Line, LineMeter, Use};
use super::*;
use crate::profile::Profile;
use crate::scenario::{Architecture, LoadBalancerType};
use crate::topology::Id;
use crate::units::{Duration, Memory, Usd};

const TB: u128 = 1_000_000_000_000;
const GB: u128 = 1_000_000_000;
const HOME: &str = "us-east-1";

fn held(region: &str, kind: HoldingKind) -> Holding {
    Holding {
        region: region.to_owned(),
        name: "kind.name".to_owned(),
        kind,
    }
}

fn line(region: &str, meter: LineMeter) -> Line {
    Line {
        region: region.to_owned(),
        meter,
    }
}

fn moved(workload: &str, bytes: u128) -> Use {
    through(workload, "kind.name", bytes)
}

fn through(workload: &str, through: &str, bytes: u128) -> Use {
    Use {
        workload: workload.to_owned(),
        through: through.to_owned(),
        bytes,
        new_connections_per_second: 0.0,
        active_connections: 0.0,
    }
}

fn invoked(workload: &str, count: u64, mb: u32, mean_duration: Duration) -> Invoked {
    Invoked {
        region: HOME.to_owned(),
        function: "function.api".to_owned(),
        invocations: Invocations {
            workload: workload.to_owned(),
            function: Id::FIRST,
            memory: Memory::from_mb(mb),
            architecture: Architecture::X86_64,
            count,
            mean_duration,
            provisioned: None,
            by_api: false,
        },
    }
}

fn of(holdings: &[Holding], invoked: &[Invoked], lines: Vec<(Line, Vec<Use>)>) -> Bill {
    let lines: IndexMap<Line, Vec<Use>> = lines.into_iter().collect();
    compose(&Profile::default().price, HOME, holdings, invoked, &lines)
}

fn hourly(kind: HoldingKind) -> Bill {
    of(&[held(HOME, kind)], &[], Vec::new())
}

fn volume(meter: LineMeter, bytes: u128) -> Bill {
    of(
        &[],
        &[],
        vec![(line(HOME, meter), vec![moved("load", bytes)])],
    )
}

fn nat() -> LineMeter {
    LineMeter::NatGateway("nat_gateway.a".to_owned())
}

fn cents(cents: i64) -> Usd {
    Usd::from_cents(cents)
}

/// What, arithmetic and amount of every item.
fn shown(bill: &Bill) -> Vec<[String; 3]> {
    let row = |item: &Item| {
        [
            item.what.clone(),
            item.arithmetic(),
            item.amount
                .map_or_else(String::new, |amount| amount.to_string()),
        ]
    };
    bill.items.iter().map(row).collect()
}

#[test]
fn nat_gateways_process_at_a_price_per_gigabyte() {
    let bill = volume(nat(), 5 * TB);
    assert_eq!(
        shown(&bill),
        [["data processed", "5,000 GB × $0.045", "$225.00"]]
    );
    assert_eq!(bill.total, cents(22_500));
    assert_eq!(volume(nat(), 10 * TB).total, cents(45_000));
    // The same through a gateway endpoint passes no meter.
    assert_eq!(of(&[], &[], Vec::new()).total, Usd::ZERO);
    assert_eq!(hourly(HoldingKind::GatewayEndpoint).total, Usd::ZERO);
}

#[test]
fn everything_that_is_held_is_charged_by_the_hour() {
    let total = |kind| hourly(kind).total;
    let balancer = |kind, zones| HoldingKind::LoadBalancer { kind, zones };
    assert_eq!(total(HoldingKind::NatGateway), cents(3_285));
    assert_eq!(
        total(HoldingKind::InterfaceEndpoint { zones: 2 }),
        cents(1_460)
    );
    assert_eq!(total(HoldingKind::GatewayLoadBalancerEndpoint), cents(730));
    assert_eq!(total(HoldingKind::TransitGatewayAttachment), cents(3_650));
    assert_eq!(total(HoldingKind::VpcPeeringConnection), Usd::ZERO);
    assert_eq!(
        total(HoldingKind::PublicIpv4Addresses { count: 3 }),
        cents(1_095)
    );
    // The connection, and an address for each of its two tunnels.
    assert_eq!(total(HoldingKind::VpnConnection), cents(3_650 + 730));
    assert_eq!(
        total(balancer(LoadBalancerType::Application, 3)).to_string(),
        "$16.425"
    );
    assert_eq!(
        total(balancer(LoadBalancerType::Network, 3)).to_string(),
        "$16.425"
    );
    assert_eq!(total(balancer(LoadBalancerType::Gateway, 2)), cents(1_825));
    let endpoint = hourly(HoldingKind::InterfaceEndpoint { zones: 2 });
    assert_eq!(
        shown(&endpoint),
        [["hours in each zone", "2 × 730 h × $0.01", "$14.60"]]
    );
}

#[test]
fn instances_are_charged_by_type_and_never_for_nothing() {
    let instance = |instance_type: &str| {
        let known = Profile::default().instance_type[instance_type];
        HoldingKind::Instance {
            instance_type: instance_type.to_owned(),
            usd_per_hour: known.usd_per_hour,
        }
    };
    let bill = of(
        &[
            held(HOME, instance("m5.xlarge")),
            held(HOME, instance("hpc6a.48xlarge")),
        ],
        &[],
        Vec::new(),
    );
    assert_eq!(bill.total, cents(14_016));
    assert_eq!(bill.items[1].amount, None);
    let note = "the price of hpc6a.48xlarge is not known: the total is without it";
    assert!(
        bill.notes.iter().any(|known| known == note),
        "{:?}",
        bill.notes
    );
}

#[test]
fn traffic_to_the_internet_falls_by_tiers_after_what_is_free() {
    let bill = volume(LineMeter::InternetEgress, 12_000 * GB);
    let arithmetic = "100 GB × $0.00 + 10,240 GB × $0.09 + 1,660 GB × $0.085";
    assert_eq!(shown(&bill), [["transfer out", arithmetic, "$1,062.70"]]);
    let every_tier = volume(LineMeter::InternetEgress, 200_100 * GB);
    // 921.60 + 3,481.60 + 7,168.00 + 2,320.00
    assert_eq!(every_tier.total, cents(1_389_120));
    assert_eq!(volume(LineMeter::InternetEgress, 60 * GB).total, Usd::ZERO);
    assert_eq!(volume(LineMeter::InternetEgress, 0).total, Usd::ZERO);
}

#[test]
fn what_is_free_is_free_once_over_all_regions() {
    let egress = |region| {
        (
            line(region, LineMeter::InternetEgress),
            vec![moved("load", 80 * GB)],
        )
    };
    let bill = of(
        &[],
        &[],
        vec![egress("us-east-1"), egress("ap-northeast-1")],
    );
    assert_eq!(bill.items[0].arithmetic(), "80 GB × $0.00");
    assert_eq!(bill.items[1].arithmetic(), "20 GB × $0.00 + 60 GB × $0.114");
}

#[test]
fn interface_endpoints_of_a_region_share_their_tiers() {
    let uses = vec![
        through("a", "vpc_endpoint.logs", 1_000_000 * GB),
        through("b", "vpc_endpoint.s3", 100_000 * GB),
    ];
    let bill = of(
        &[],
        &[],
        vec![(line(HOME, LineMeter::InterfaceEndpoints), uses)],
    );
    let item = &bill.items[0];
    assert_eq!(item.resource, "interface endpoints");
    assert_eq!(
        item.arithmetic(),
        "1,048,576 GB × $0.01 + 51,424 GB × $0.006"
    );
    let shares: Usd = item.shares.iter().map(|share| share.amount).sum();
    assert_eq!(Some(shares), item.amount);
    assert_eq!(item.shares[1].through, "vpc_endpoint.s3");
}

#[test]
fn both_sides_pay_for_a_byte_between_zones() {
    let [from, to] = ["us-east-1a", "us-east-1b"].map(str::to_owned);
    let bill = volume(LineMeter::CrossZone { from, to }, 100 * GB);
    let what = "transfer between zones, out and in";
    assert_eq!(shown(&bill), [[what, "2 × 100 GB × $0.01", "$2.00"]]);
}

#[test]
fn transfer_to_a_region_has_the_price_of_the_pair() {
    let to = |from, to: &str| {
        let meter = LineMeter::CrossRegion { to: to.to_owned() };
        of(
            &[],
            &[],
            vec![(line(from, meter), vec![moved("load", 100 * GB)])],
        )
        .total
    };
    assert_eq!(to("us-east-1", "us-east-2"), cents(100));
    assert_eq!(to("us-east-1", "eu-west-1"), cents(200));
    assert_eq!(to("eu-west-1", "us-east-2"), cents(200));
    assert_eq!(to("ap-northeast-1", "us-east-1"), cents(900));
}

#[test]
fn the_largest_dimension_of_a_load_balancer_is_charged() {
    let charge = |kind, bytes, new, active| {
        let meter = LineMeter::LoadBalancer {
            name: "load_balancer.web".to_owned(),
            kind,
        };
        let mut one = moved("load", bytes);
        one.new_connections_per_second = new;
        one.active_connections = active;
        let bill = of(&[], &[], vec![(line(HOME, meter), vec![one])]);
        let [what, arithmetic, _] = shown(&bill).remove(0);
        format!("{what}: {arithmetic}")
    };
    let instances = CapacityKind::Application { functions: false };
    let functions = CapacityKind::Application { functions: true };
    assert_eq!(
        charge(instances, 5 * TB, 1.0, 1.0),
        "capacity units, by processed bytes: 5,000 LCU-h × $0.008"
    );
    assert_eq!(
        charge(functions, 5 * TB, 1.0, 1.0),
        "capacity units, by processed bytes: 12,500 LCU-h × $0.008"
    );
    // 50 a second are two units, for 730 hours.
    assert_eq!(
        charge(instances, GB, 50.0, 1.0),
        "capacity units, by new connections: 1,460 LCU-h × $0.008"
    );
    assert_eq!(
        charge(instances, GB, 1.0, 4_500.0),
        "capacity units, by active connections: 1,095 LCU-h × $0.008"
    );
    assert_eq!(
        charge(CapacityKind::Network(Transport::Tls), GB, 50.0, 1.0),
        "capacity units of TLS, by new connections: 730 NLCU-h × $0.006"
    );
    assert_eq!(
        charge(CapacityKind::Network(Transport::Tcp), GB, 80.0, 1.0),
        "capacity units of TCP, by new connections: 73 NLCU-h × $0.006"
    );
    assert_eq!(
        charge(CapacityKind::Gateway, TB, 1.0, 1.0),
        "capacity units, by processed bytes: 1,000 GLCU-h × $0.004"
    );
}

#[test]
fn functions_are_charged_by_request_and_gigabyte_second() {
    let bill = of(
        &[],
        &[invoked("load", 10_000_000, 512, Duration::from_us(119_200))],
        Vec::new(),
    );
    let expected = [
        ["requests", "10,000,000 requests × $0.0000002", "$2.00"],
        [
            "512 MB for 120 ms each",
            "600,000 GB-s × $0.0000166667",
            "$10.00002",
        ],
        [
            "free tier of the account",
            "1,000,000 requests × -$0.0000002",
            "-$0.20",
        ],
        [
            "free tier of the account",
            "400,000 GB-s × -$0.0000166667",
            "-$6.66668",
        ],
    ];
    assert_eq!(shown(&bill), expected);
    assert_eq!(bill.total.to_string(), "$5.13334");
}

#[test]
fn functions_on_arm_have_prices_of_their_own() {
    let mut one = invoked("load", 1_000, 512, Duration::from_us(120_000));
    one.invocations.architecture = Architecture::Arm64;
    one.invocations.provisioned = Some(0.75);
    let held = held(
        HOME,
        HoldingKind::ProvisionedConcurrency {
            count: 3,
            memory: Memory::from_mb(512),
            architecture: Architecture::Arm64,
        },
    );
    let mut by_demand = one.clone();
    by_demand.invocations.provisioned = None;
    let free = [
        [
            "free tier of the account",
            "1,000 requests × -$0.0000002",
            "-$0.0002",
        ],
        [
            "free tier of the account",
            "60 GB-s × -$0.0000133334",
            "-$0.000800004",
        ],
    ];
    let bill = of(&[held], &[one], Vec::new());
    let expected = [
        [
            "512 MB of each provisioned environment",
            "3 × 1,314,000 GB-s × $0.0000033334",
            "$13.1402628",
        ],
        ["requests", "1,000 requests × $0.0000002", "$0.0002"],
        [
            "512 MB of ARM for 120 ms each, 75.0 % on provisioned environments, by Erlang's B formula \
             for Poisson arrivals",
            "45 GB-s × $0.0000077778",
            "$0.000350001",
        ],
        [
            "512 MB of ARM for 120 ms each, on others",
            "15 GB-s × $0.0000133334",
            "$0.000200001",
        ],
    ];
    assert_eq!(shown(&bill), expected);
    let bill = of(&[], &[by_demand], Vec::new());
    assert_eq!(
        shown(&bill)[1..],
        [
            [
                "512 MB of ARM for 120 ms each",
                "60 GB-s × $0.0000133334",
                "$0.000800004"
            ],
            free[0],
            free[1]
        ]
    );
}

#[test]
fn the_free_tier_is_no_more_than_what_is_used() {
    let bill = of(
        &[],
        &[invoked("load", 10, 128, Duration::from_us(10))],
        Vec::new(),
    );
    assert_eq!(bill.total, Usd::ZERO);
}

#[test]
fn shares_say_who_moved_how_much() {
    let uses = vec![moved("checkout", 3 * TB), moved("reports", TB)];
    let bill = of(&[], &[], vec![(line(HOME, nat()), uses)]);
    let shares: Vec<String> = bill.items[0]
        .shares
        .iter()
        .map(|share| format!("{} {} {}", share.workload, share.quantity, share.amount))
        .collect();
    assert_eq!(
        shares,
        ["checkout 3,000 GB $135.00", "reports 1,000 GB $45.00"]
    );
    let workloads: Vec<(&str, Usd)> = bill.workloads().into_iter().collect();
    assert_eq!(
        workloads,
        [("checkout", cents(13_500)), ("reports", cents(4_500))]
    );
}

#[test]
fn a_region_without_prices_says_whose_stand_in() {
    let bill = of(
        &[
            held("eu-central-1", HoldingKind::NatGateway),
            held("mars-1", HoldingKind::NatGateway),
        ],
        &[],
        vec![(line("mars-1", nat()), vec![moved("load", GB)])],
    );
    let notes: Vec<&String> = bill
        .notes
        .iter()
        .filter(|note| note.contains("stand in"))
        .collect();
    let expected = "no prices of mars-1 are known for price.nat_gateway.gb, \
                    price.nat_gateway.hour: those of us-east-1 stand in";
    assert_eq!(notes, [expected]);
    assert_eq!(bill.items[0].amount.unwrap().to_string(), "$37.96");
}
