//! What a bill shows adds up, whatever is in it.

use proptest::prelude::*;

use super::*;
use crate::profile::catalogue;

/// Everything there can be in a bill of a Region.
fn everything(region: &str, bytes: u128, count: u64) -> Bill {
    let balancer = |kind| HoldingKind::LoadBalancer { kind, zones: count };
    let kinds = [
        HoldingKind::NatGateway,
        HoldingKind::InterfaceEndpoint { zones: count },
        HoldingKind::GatewayLoadBalancerEndpoint,
        HoldingKind::GatewayEndpoint,
        HoldingKind::TransitGatewayAttachment,
        HoldingKind::VpcPeeringConnection,
        HoldingKind::VpnConnection,
        HoldingKind::PublicIpv4Addresses { count },
        HoldingKind::Instance {
            instance_type: "hpc6a.48xlarge".to_owned(),
            usd_per_hour: None,
        },
        HoldingKind::ProvisionedConcurrency {
            count: 3,
            memory: Memory::from_mb(1_769),
            architecture: Architecture::X86_64,
        },
        balancer(LoadBalancerType::Application),
        balancer(LoadBalancerType::Network),
        balancer(LoadBalancerType::Gateway),
    ];
    let name = || "kind.name".to_owned();
    let capacity = |kind| LineMeter::LoadBalancer { name: name(), kind };
    let meters = [
        nat(),
        LineMeter::InterfaceEndpoints,
        LineMeter::GatewayLoadBalancerEndpoint(name()),
        LineMeter::TransitGateway { attachment: name() },
        capacity(CapacityKind::Application { functions: true }),
        capacity(CapacityKind::Network(Transport::Udp)),
        capacity(CapacityKind::Gateway),
        LineMeter::CrossZone {
            from: name(),
            to: name(),
        },
        LineMeter::CrossRegion { to: name() },
        LineMeter::InternetEgress,
    ];
    let lines = meters.map(|meter| {
        let uses = vec![moved("a", bytes), moved("b", bytes / 3), moved("c", 0)];
        (line(region, meter), uses)
    });
    let holdings: Vec<Holding> = kinds.into_iter().map(|kind| held(region, kind)).collect();
    let mut functions = invoked("d", count, 1_769, Duration::from_us(1_234));
    functions.region = region.to_owned();
    functions.invocations.by_api = true;
    let mut provisioned = functions.clone();
    provisioned.invocations.provisioned = Some(0.3);
    of(&holdings, &[functions, provisioned], lines.into())
}

#[test]
fn stand_ins_are_figures_that_a_scenario_can_override() {
    let bill = everything("mars-1", TB, 7);
    let note = bill
        .notes
        .iter()
        .find(|note| note.contains("stand in"))
        .unwrap();
    let names = note
        .strip_prefix("no prices of mars-1 are known for ")
        .unwrap();
    let names = names.strip_suffix(": those of us-east-1 stand in").unwrap();
    let known: Vec<String> = catalogue().into_iter().map(|figure| figure.name).collect();
    let names: Vec<&str> = names.split(", ").collect();
    assert!(names.len() > 20, "{names:?}");
    for name in names {
        assert!(known.iter().any(|figure| figure == name), "{name}");
    }
}

/// An amount as shown, in units of 10⁻²¹ USD.
fn read(text: &str) -> i128 {
    let plain: String = text.chars().filter(|c| !"$,".contains(*c)).collect();
    let (whole, decimals) = plain.split_once('.').unwrap_or((&plain, ""));
    format!("{whole}{decimals:0<21}").parse().unwrap()
}

/// What the arithmetic of an item comes to, in units of 10⁻²¹ USD.
fn computed(arithmetic: &str) -> i128 {
    let term = |term: &str| {
        let (factors, price) = term.rsplit_once(" × ").unwrap();
        let factors = factors.split(" × ").map(|factor| {
            let number: String = factor
                .chars()
                .take_while(|c| *c != ' ')
                .filter(|c| *c != ',')
                .collect();
            let (whole, decimals) = number.split_once('.').unwrap_or((&number, ""));
            (
                format!("{whole}{decimals}").parse::<i128>().unwrap(),
                decimals.len(),
            )
        });
        let (product, decimals) =
            factors.fold((1, 0), |(n, d), (number, more)| (n * number, d + more));
        read(price) / 10_i128.pow(u32::try_from(decimals).unwrap()) * product
    };
    arithmetic.split(" + ").map(term).sum()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn what_a_bill_shows_adds_up(
        bytes in 0_u128..20_000_000_000_000_000,
        count in 0_u64..1_000_000_000,
        region in prop_oneof![Just("us-east-1"), Just("ap-northeast-1"), Just("mars-1")],
    ) {
        let bill = everything(region, bytes, count);
        let mut total = 0;
        for item in &bill.items {
            let Some(amount) = item.amount else { continue };
            let amount = read(&amount.to_string());
            prop_assert_eq!(computed(&item.arithmetic()), amount, "{:?}", item);
            total += amount;
            if !item.shares.is_empty() {
                let shares = item.shares.iter().map(|share| read(&share.amount.to_string()));
                prop_assert_eq!(shares.sum::<i128>(), amount);
            }
        }
        prop_assert_eq!(total, read(&bill.total.to_string()));
        let sections: Usd = Section::ALL.into_iter().map(|section| bill.section(section)).sum();
        prop_assert_eq!(sections, bill.total);
    }
}
