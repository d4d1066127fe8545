//! A bill: items with their arithmetic, exact to the last digit.

use std::fmt;

use indexmap::IndexMap;

use crate::units::{Usd, grouped};

/// Hours of a month, as AWS counts them in its own calculations.
pub const HOURS_PER_MONTH: u64 = 730;

/// What a design costs in a month of [`HOURS_PER_MONTH`] hours.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Bill {
    /// The Region of the scenario.
    pub region: String,
    /// What is charged, by section.
    pub items: Vec<Item>,
    /// The sum of all amounts that are known.
    pub total: Usd,
    /// What the reader must know: assumptions, stand-ins, and what is missing. Sentences without a
    /// full stop.
    pub notes: Vec<String>,
}

/// A line of a bill.
#[derive(Debug, Clone, PartialEq)]
pub struct Item {
    /// Why it is charged.
    pub section: Section,
    /// The Region that charges it.
    pub region: String,
    /// What is charged for, as `kind.name` where the scenario names it.
    pub resource: String,
    /// What of it.
    pub what: String,
    /// The arithmetic, a term per price. Empty if there is no price.
    pub terms: Vec<Term>,
    /// The sum of the terms; `None` if there is no price.
    pub amount: Option<Usd>,
    /// Whose doing it is; the amounts sum to that of the item. Empty for what is charged whatever
    /// the workloads do.
    pub shares: Vec<Share>,
}

/// The parts of a bill.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Section {
    /// By the hour, whatever happens.
    Hourly,
    /// Instances and functions.
    Compute,
    /// By what workloads move.
    Traffic,
}

/// A quantity at a price.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Term {
    /// How many times the quantity: gateways, zones, addresses.
    pub count: u64,
    /// Of what.
    pub quantity: Quantity,
    /// For one.
    pub price: Usd,
}

/// How much of what is charged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quantity {
    /// In billionths of the unit.
    pub billionths: u128,
    /// The unit.
    pub unit: Unit,
}

/// What a price is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Hours.
    Hours,
    /// Gigabytes of 10⁹ bytes.
    Gigabytes,
    /// Hours of a capacity unit of an Application Load Balancer.
    LcuHours,
    /// Hours of a capacity unit of a Network Load Balancer.
    NlcuHours,
    /// Hours of a capacity unit of a Gateway Load Balancer.
    GlcuHours,
    /// Invocations of functions.
    Requests,
    /// Gigabytes of memory times seconds.
    GigabyteSeconds,
}

/// What one workload contributes to an item.
#[derive(Debug, Clone, PartialEq)]
pub struct Share {
    /// The workload.
    pub workload: String,
    /// What it went through, as `kind.name` where the scenario names it.
    pub through: String,
    /// How much.
    pub quantity: Quantity,
    /// Its part of the item's amount.
    pub amount: Usd,
}

impl Bill {
    /// A bill of `items`.
    pub(super) fn new(region: String, mut items: Vec<Item>, notes: Vec<String>) -> Self {
        items.sort_by_key(|item| item.section);
        let total = items.iter().filter_map(|item| item.amount).sum();
        Self {
            region,
            items,
            total,
            notes,
        }
    }

    /// The sum of a section.
    #[must_use]
    pub fn section(&self, section: Section) -> Usd {
        let items = self.items.iter().filter(|item| item.section == section);
        items.filter_map(|item| item.amount).sum()
    }

    /// What each workload contributes, in the order in which they first appear.
    #[must_use]
    pub fn workloads(&self) -> IndexMap<&str, Usd> {
        let mut sums = IndexMap::new();
        for share in self.items.iter().flat_map(|item| &item.shares) {
            *sums.entry(share.workload.as_str()).or_insert(Usd::ZERO) += share.amount;
        }
        sums
    }
}

impl Item {
    /// The arithmetic as text: `10,240 GB × $0.09 + 1,660 GB × $0.085`.
    #[must_use]
    pub fn arithmetic(&self) -> String {
        let terms: Vec<String> = self.terms.iter().map(ToString::to_string).collect();
        terms.join(" + ")
    }
}

impl Section {
    /// All sections, in the order of a bill.
    pub const ALL: [Self; 3] = [Self::Hourly, Self::Compute, Self::Traffic];

    /// Its name for programs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Hourly => "hourly",
            Self::Compute => "compute",
            Self::Traffic => "traffic",
        }
    }
}

impl Term {
    /// So many hours of a month, all of it, `count` times.
    pub(super) const fn month(count: u64, price: Usd) -> Self {
        Self {
            count,
            quantity: Quantity::whole(HOURS_PER_MONTH, Unit::Hours),
            price,
        }
    }

    /// A quantity, once.
    pub(super) const fn of(quantity: Quantity, price: Usd) -> Self {
        Self {
            count: 1,
            quantity,
            price,
        }
    }

    /// What it comes to.
    #[must_use]
    pub fn amount(&self) -> Usd {
        self.price.for_billionths(self.quantity.billionths) * self.count
    }
}

impl fmt::Display for Term {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.count != 1 {
            write!(f, "{} × ", grouped(&self.count.to_string()))?;
        }
        write!(f, "{} × {}", self.quantity, self.price)
    }
}

impl Quantity {
    /// `n` of a unit.
    pub(super) const fn whole(n: u64, unit: Unit) -> Self {
        Self {
            billionths: n as u128 * 1_000_000_000,
            unit,
        }
    }

    /// `bytes` as gigabytes.
    pub(super) const fn bytes(bytes: u128) -> Self {
        Self {
            billionths: bytes,
            unit: Unit::Gigabytes,
        }
    }

    /// The quantity as the nearest floating-point number, for reports.
    #[must_use]
    pub fn as_f64(self) -> f64 {
        self.billionths as f64 / 1e9
    }
}

impl fmt::Display for Quantity {
    /// All its digits, and the unit.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let whole = (self.billionths / 1_000_000_000).to_string();
        let decimals = format!("{:09}", self.billionths % 1_000_000_000);
        let decimals = decimals.trim_end_matches('0');
        let point = if decimals.is_empty() { "" } else { "." };
        f.pad(&format!(
            "{}{point}{decimals} {}",
            grouped(&whole),
            self.unit.symbol()
        ))
    }
}

impl Unit {
    /// How it is written behind a number.
    #[must_use]
    pub const fn symbol(self) -> &'static str {
        match self {
            Self::Hours => "h",
            Self::Gigabytes => "GB",
            Self::LcuHours => "LCU-h",
            Self::NlcuHours => "NLCU-h",
            Self::GlcuHours => "GLCU-h",
            Self::Requests => "requests",
            Self::GigabyteSeconds => "GB-s",
        }
    }
}
