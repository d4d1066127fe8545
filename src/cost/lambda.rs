//! What functions cost: a price per request, one for memory times time, and one for environments that
//! are provisioned.

use std::collections::BTreeMap;

use super::bill::{HOURS_PER_MONTH, Quantity, Section, Share, Term, Unit};
use super::inventory::{Holding, Places};
use super::ledger::{Ledger, price};
use super::traffic::Invocations;
use crate::profile::Prices;
use crate::scenario::Architecture;
use crate::topology::Topology;
use crate::units::{Memory, Usd};

const PS_PER_MS: u64 = 1_000_000_000;

/// Invocations with the names of their function and its Region.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Invoked {
    pub(super) region: String,
    /// As `kind.name`.
    pub(super) function: String,
    pub(super) invocations: Invocations,
}

/// Looks the names up.
pub(super) fn invoked(topology: &Topology, invocations: &[Invocations]) -> Vec<Invoked> {
    let places = Places(topology);
    let named = invocations.iter().map(|one| Invoked {
        region: places.of_function(one.function).to_owned(),
        function: format!("function.{}", topology.functions.name(one.function)),
        invocations: one.clone(),
    });
    named.collect()
}

/// Charges environments that are provisioned for all of the month, used or not.
pub(super) fn provisioned(
    ledger: &mut Ledger<'_>,
    holding: &Holding,
    count: u32,
    (memory, architecture): (Memory, Architecture),
) {
    let region = holding.region.as_str();
    let price = match architecture {
        Architecture::X86_64 => price!(ledger, region, lambda.provisioned_gb_second),
        Architecture::Arm64 => price!(ledger, region, lambda.provisioned_gb_second_arm64),
    };
    let term = Term {
        count: count.into(),
        quantity: gigabyte_seconds(memory, u128::from(HOURS_PER_MONTH) * 3_600 * 1_000),
        price: *price,
    };
    let what = format!("{memory} of each provisioned environment");
    ledger.charge(Section::Compute, region, &holding.name, what, vec![term]);
}

/// Charges invocations, and takes off what is free in a month: nothing for functions with provisioned
/// concurrency.
pub(super) fn charge(ledger: &mut Ledger<'_>, invoked: &[Invoked]) {
    let (mut requests, mut seconds) = (BTreeMap::new(), BTreeMap::new());
    for one in invoked {
        let (region, invocations) = (one.region.as_str(), &one.invocations);
        if invocations.by_api {
            let price = *price!(ledger, region, api_gateway.http_request);
            let quantity = Quantity::whole(invocations.count, Unit::Requests);
            let what = "requests of an HTTP API of Amazon API Gateway";
            line(ledger, one, what.to_owned(), quantity, price);
        }
        let price = *price!(ledger, region, lambda.request);
        let quantity = Quantity::whole(invocations.count, Unit::Requests);
        if invocations.provisioned.is_none() {
            *requests.entry((region, price)).or_insert(0) += quantity.billionths;
        }
        line(ledger, one, "requests".to_owned(), quantity, price);

        let on_provisioned = on_provisioned(invocations);
        if let Some(share) = invocations.provisioned {
            let price = match invocations.architecture {
                Architecture::X86_64 => price!(ledger, region, lambda.provisioned_use_gb_second),
                Architecture::Arm64 => {
                    price!(ledger, region, lambda.provisioned_use_gb_second_arm64)
                }
            };
            let what = format!(
                "{}, {:.1} % on provisioned environments, by Erlang's B formula for Poisson arrivals",
                each(invocations),
                share * 100.0
            );
            line(
                ledger,
                one,
                what,
                duration(invocations, on_provisioned),
                *price,
            );
        }
        let others = invocations.count - on_provisioned;
        if others == 0 && invocations.provisioned.is_some() {
            continue;
        }
        let price = *match invocations.architecture {
            Architecture::X86_64 => price!(ledger, region, lambda.gb_second),
            Architecture::Arm64 => price!(ledger, region, lambda.gb_second_arm64),
        };
        let quantity = duration(invocations, others);
        let what = if invocations.provisioned.is_some() {
            format!("{}, on others", each(invocations))
        } else {
            *seconds.entry((region, price)).or_insert(0) += quantity.billionths;
            each(invocations)
        };
        line(ledger, one, what, quantity, price);
    }
    let free = ledger.prices_of(Prices::BASE).lambda.free_requests.value;
    take_off(ledger, &requests, Quantity::whole(free, Unit::Requests));
    let free = ledger.prices_of(Prices::BASE).lambda.free_gb_seconds.value;
    take_off(
        ledger,
        &seconds,
        Quantity::whole(free, Unit::GigabyteSeconds),
    );
}

/// How many invocations provisioned environments serve, rounded to the nearest.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // `as` saturates
fn on_provisioned(invocations: &Invocations) -> u64 {
    let share = invocations.provisioned.unwrap_or(0.0);
    let served = (invocations.count as f64 * share).round() as u64;
    served.min(invocations.count)
}

/// What each invocation is billed for.
fn each(invocations: &Invocations) -> String {
    let ms = billed_ms(invocations);
    let arm64 = match invocations.architecture {
        Architecture::X86_64 => "",
        Architecture::Arm64 => " of ARM",
    };
    format!("{}{arm64} for {ms} ms each", invocations.memory)
}

/// What so many of the invocations are billed for.
fn duration(invocations: &Invocations, count: u64) -> Quantity {
    let ms = u128::from(count) * u128::from(billed_ms(invocations));
    gigabyte_seconds(invocations.memory, ms)
}

/// An item of one workload.
fn line(ledger: &mut Ledger<'_>, one: &Invoked, what: String, quantity: Quantity, price: Usd) {
    let terms = vec![Term::of(quantity, price)];
    ledger.charge(Section::Compute, &one.region, &one.function, what, terms);
    let share = Share {
        workload: one.invocations.workload.clone(),
        through: one.function.clone(),
        quantity,
        amount: Usd::ZERO,
    };
    ledger.divide(vec![share], &[1]);
}

/// Takes off what of `used`, by Region and price, is free.
fn take_off(ledger: &mut Ledger<'_>, used: &BTreeMap<(&str, Usd), u128>, free: Quantity) {
    let mut left = free.billionths;
    for (&(region, price), &billionths) in used {
        let gratis = Quantity {
            billionths: billionths.min(left),
            unit: free.unit,
        };
        left -= gratis.billionths;
        if gratis.billionths > 0 {
            let terms = vec![Term::of(gratis, -price)];
            ledger.charge(
                Section::Compute,
                region,
                "AWS Lambda",
                "free tier of the account",
                terms,
            );
        }
    }
}

/// Memory in GB of 1,024 MB times so many milliseconds, rounded to the nearest billionth.
fn gigabyte_seconds(memory: Memory, ms: u128) -> Quantity {
    const PER_GIGABYTE_SECOND: u128 = 1_024 * 1_000;
    let mb_ms = ms.saturating_mul(memory.as_mb().into());
    let billionths = mb_ms.saturating_mul(1_000_000_000) + PER_GIGABYTE_SECOND / 2;
    Quantity {
        billionths: billionths / PER_GIGABYTE_SECOND,
        unit: Unit::GigabyteSeconds,
    }
}

/// Whole milliseconds of an invocation, rounded up, as they are billed.
fn billed_ms(invocations: &Invocations) -> u64 {
    invocations.mean_duration.as_ps().div_ceil(PS_PER_MS).max(1)
}
