//! Items in the making, and which prices stood in for unknown ones.

use std::collections::{BTreeMap, BTreeSet};

use super::bill::{Item, Section, Share, Term};
use crate::profile::{Figure, PriceList, Prices};
use crate::units::Usd;

/// A price of a Region by its path in a `PriceList`, which is also the name by which a scenario
/// overrides it.
macro_rules! price {
    ($ledger:expr, $region:expr, $first:ident $(. $rest:ident)*) => {
        $ledger.price(
            $region,
            concat!(stringify!($first) $(, ".", stringify!($rest))*),
            |list| &list.$first $(. $rest)*,
        )
    };
}
pub(super) use price;

/// Collects the items of a bill and what must be said about their prices.
#[derive(Debug)]
pub(super) struct Ledger<'a> {
    prices: &'a Prices,
    items: Vec<Item>,
    /// By Region: the figures that are the base's for want of its own.
    stand_ins: BTreeMap<String, BTreeSet<String>>,
    notes: BTreeSet<String>,
}

impl<'a> Ledger<'a> {
    pub(super) fn new(prices: &'a Prices) -> Self {
        Self {
            prices,
            items: Vec::new(),
            stand_ins: BTreeMap::new(),
            notes: BTreeSet::new(),
        }
    }

    /// The figure that `pick` picks from the prices of a Region, and that a scenario overrides as
    /// `price.NAME`.
    pub(super) fn price<T: PartialEq>(
        &mut self,
        region: &str,
        name: &str,
        pick: impl Fn(&PriceList) -> &Figure<T>,
    ) -> &'a T {
        if self.prices.is_stand_in(region, &pick) {
            self.stand_in(region, &format!("price.{name}"));
        }
        &pick(self.prices.of(region)).value
    }

    /// The prices of a Region.
    pub(super) fn prices_of(&self, region: &str) -> &'a PriceList {
        self.prices.of(region)
    }

    /// Notes that a figure of the base is used for `region`.
    pub(super) fn stand_in(&mut self, region: &str, name: &str) {
        let names = self.stand_ins.entry(region.to_owned()).or_default();
        names.insert(name.to_owned());
    }

    /// Adds a note, once.
    pub(super) fn note(&mut self, note: impl Into<String>) {
        self.notes.insert(note.into());
    }

    /// Adds an item that no workload is the cause of.
    pub(super) fn charge(
        &mut self,
        section: Section,
        region: &str,
        resource: impl Into<String>,
        what: impl Into<String>,
        terms: Vec<Term>,
    ) {
        let amount = terms.iter().map(Term::amount).sum();
        self.items.push(Item {
            section,
            region: region.to_owned(),
            resource: resource.into(),
            what: what.into(),
            terms,
            amount: Some(amount),
            shares: Vec::new(),
        });
    }

    /// Divides the amount of the item that was added last by the weight of each share.
    pub(super) fn divide(&mut self, shares: Vec<Share>, weights: &[u128]) {
        let Some(item) = self.items.last_mut() else {
            return;
        };
        let amounts = item.amount.unwrap_or(Usd::ZERO).split(weights);
        item.shares = shares;
        for (share, amount) in item.shares.iter_mut().zip(amounts) {
            share.amount = amount;
        }
    }

    /// Adds an item without a price.
    pub(super) fn unknown(&mut self, section: Section, region: &str, resource: &str, what: &str) {
        self.items.push(Item {
            section,
            region: region.to_owned(),
            resource: resource.to_owned(),
            what: what.to_owned(),
            terms: Vec::new(),
            amount: None,
            shares: Vec::new(),
        });
    }

    /// The items, and all notes.
    pub(super) fn finish(self) -> (Vec<Item>, Vec<String>) {
        let list_prices = "list prices on demand in USD without taxes, for a month of 730 hours";
        let stand_ins = self.stand_ins.into_iter().map(|(region, names)| {
            let names: Vec<String> = names.into_iter().collect();
            format!(
                "no prices of {region} are known for {}: those of {} stand in",
                names.join(", "),
                Prices::BASE
            )
        });
        let notes = std::iter::once(list_prices.to_owned())
            .chain(stand_ins)
            .chain(self.notes);
        (self.items, notes.collect())
    }
}
