//! What invocations of functions cost: a price per request, and one for memory times time.

use std::collections::BTreeMap;

use super::bill::{Quantity, Section, Share, Term, Unit};
use super::inventory::Places;
use super::ledger::{Ledger, price};
use super::traffic::Invocations;
use crate::profile::Prices;
use crate::topology::Topology;
use crate::units::Usd;

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

/// Charges invocations, and takes off what is free in a month.
pub(super) fn charge(ledger: &mut Ledger<'_>, invoked: &[Invoked]) {
    let (mut requests, mut seconds) = (BTreeMap::new(), BTreeMap::new());
    for one in invoked {
        let (region, invocations) = (one.region.as_str(), &one.invocations);
        let price = *price!(ledger, region, lambda.request);
        let quantity = Quantity::whole(invocations.count, Unit::Requests);
        *requests.entry((region, price)).or_insert(0) += quantity.billionths;
        line(ledger, one, "requests".to_owned(), quantity, price);

        let price = *price!(ledger, region, lambda.gb_second);
        let quantity = gigabyte_seconds(invocations);
        *seconds.entry((region, price)).or_insert(0) += quantity.billionths;
        let what = format!(
            "{} for {} ms each",
            invocations.memory,
            billed_ms(invocations)
        );
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

/// Memory in GB of 1,024 MB times the billed time of all invocations, rounded to the nearest
/// billionth.
fn gigabyte_seconds(invocations: &Invocations) -> Quantity {
    const PER_GIGABYTE_SECOND: u128 = 1_024 * 1_000;
    let mb_ms = u128::from(invocations.count)
        * u128::from(invocations.memory.as_mb())
        * u128::from(billed_ms(invocations));
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
