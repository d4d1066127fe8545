//! What a design costs in a month: everything it holds by the hour, functions by invocation, and
//! what its workloads move by the meters on their ways.
//!
//! A [`Bill`] is exact: integers from the prices of the profile to the total, and every amount is the
//! sum of the terms that it shows. It prices a topology and a month of traffic; it simulates nothing.

mod bill;
mod capacity;
mod gigabyte;
mod hourly;
mod inventory;
mod lambda;
mod ledger;
mod meters;
mod traffic;
mod volume;

pub use bill::{Bill, HOURS_PER_MONTH, Item, Quantity, Section, Share, Term, Unit};
pub use gigabyte::{GigabytePart, GigabytePrice, price_of_gigabyte};
pub use traffic::{Invocations, Monthly, Traffic, Transport};

use indexmap::IndexMap;

use crate::profile::Prices;
use crate::scenario::Scenario;
use crate::topology::Topology;
use inventory::{Holding, Places};
use lambda::Invoked;
use ledger::Ledger;
use meters::{Line, Use};
use volume::FreeEgress;

/// What `topology`, resolved from `scenario`, costs in a month in which its workloads move `traffic`
/// and invoke functions so often.
#[must_use]
pub fn bill(
    scenario: &Scenario,
    topology: &Topology,
    traffic: &[Traffic],
    invocations: &[Invocations],
) -> Bill {
    compose(
        &topology.profile.price,
        Places(topology).home(),
        &inventory::holdings(scenario, topology),
        &lambda::invoked(topology, invocations),
        &meters::lines(topology, traffic),
    )
}

/// The bill of what is held, invoked and moved.
fn compose(
    prices: &Prices,
    home: &str,
    holdings: &[Holding],
    invoked: &[Invoked],
    lines: &IndexMap<Line, Vec<Use>>,
) -> Bill {
    let mut ledger = Ledger::new(prices);
    for holding in holdings {
        hourly::charge(&mut ledger, holding);
    }
    lambda::charge(&mut ledger, invoked);
    let mut free = FreeEgress::new(&ledger);
    for (line, uses) in lines {
        volume::charge(&mut ledger, line, uses, &mut free);
    }
    let (items, notes) = ledger.finish();
    Bill::new(home.to_owned(), items, notes)
}

#[cfg(test)]
mod tests;
