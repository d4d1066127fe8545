//! A bill in a form that other programs may rely on: numbers beside their exact decimals.

mod text;

pub use text::bill_text;

use indexmap::IndexMap;
use serde::Serialize;
use serde_json::{Value, json};

use crate::cost::{Bill, HOURS_PER_MONTH, Item, Quantity, Unit};
use crate::experiment::PointBill;
use crate::units::Usd;

/// A bill, for programs. Amounts are in USD for a month.
#[derive(Debug, Clone, Serialize)]
pub struct BillSummary {
    /// The Region of the scenario.
    pub region: String,
    /// Hours of a month.
    pub hours: u64,
    /// The sum of all items whose price is known.
    pub total_usd: f64,
    /// The same, exactly.
    pub exact_total_usd: String,
    /// What is charged.
    pub items: Vec<ItemSummary>,
    /// What a reader must know.
    pub notes: Vec<String>,
}

/// A line of a bill.
#[derive(Debug, Clone, Serialize)]
pub struct ItemSummary {
    /// `hourly`, `compute` or `traffic`.
    pub section: &'static str,
    /// The Region that charges it.
    pub region: String,
    /// What is charged for, as `kind.name` where the scenario names it.
    pub resource: String,
    /// What of it.
    pub what: String,
    /// Quantities and prices, as text.
    pub arithmetic: String,
    /// What it comes to; null if its price is not known.
    pub amount_usd: Option<f64>,
    /// The same, exactly.
    pub exact_amount_usd: Option<String>,
    /// Quantities and prices. Their products sum to the amount.
    pub terms: Vec<TermSummary>,
    /// What each workload contributes; the amounts sum to that of the item.
    pub workloads: Vec<ShareSummary>,
}

/// A quantity at a price.
#[derive(Debug, Clone, Serialize)]
pub struct TermSummary {
    /// How many times the quantity.
    pub count: u64,
    /// How much.
    pub quantity: f64,
    /// Of what.
    pub unit: &'static str,
    /// For one, exactly.
    pub exact_price_usd: String,
}

/// What a workload contributes to an item.
#[derive(Debug, Clone, Serialize)]
pub struct ShareSummary {
    /// The workload.
    pub workload: String,
    /// What it went through.
    pub through: String,
    /// How much.
    pub quantity: f64,
    /// Of what.
    pub unit: &'static str,
    /// The quantity in bytes, if it is a volume.
    pub volume_bytes: Option<u64>,
    /// Its part of the amount.
    pub amount_usd: f64,
    /// The same, exactly.
    pub exact_amount_usd: String,
}

impl BillSummary {
    /// Summarises a bill.
    #[must_use]
    pub fn new(bill: &Bill) -> Self {
        Self {
            region: bill.region.clone(),
            hours: HOURS_PER_MONTH,
            total_usd: bill.total.as_f64(),
            exact_total_usd: bill.total.plain(),
            items: bill.items.iter().map(ItemSummary::new).collect(),
            notes: bill.notes.clone(),
        }
    }
}

impl ItemSummary {
    fn new(item: &Item) -> Self {
        let terms = item.terms.iter().map(|term| TermSummary {
            count: term.count,
            quantity: term.quantity.as_f64(),
            unit: term.quantity.unit.symbol(),
            exact_price_usd: term.price.plain(),
        });
        let workloads = item.shares.iter().map(|share| ShareSummary {
            workload: share.workload.clone(),
            through: share.through.clone(),
            quantity: share.quantity.as_f64(),
            unit: share.quantity.unit.symbol(),
            volume_bytes: bytes(share.quantity),
            amount_usd: share.amount.as_f64(),
            exact_amount_usd: share.amount.plain(),
        });
        Self {
            section: item.section.name(),
            region: item.region.clone(),
            resource: item.resource.clone(),
            what: item.what.clone(),
            arithmetic: item.arithmetic(),
            amount_usd: item.amount.map(Usd::as_f64),
            exact_amount_usd: item.amount.map(Usd::plain),
            terms: terms.collect(),
            workloads: workloads.collect(),
        }
    }
}

/// A volume in bytes; `None` for quantities of other kinds.
fn bytes(quantity: Quantity) -> Option<u64> {
    match quantity.unit {
        Unit::Gigabytes => Some(u64::try_from(quantity.billionths).unwrap_or(u64::MAX)),
        Unit::Hours
        | Unit::LcuHours
        | Unit::NlcuHours
        | Unit::GlcuHours
        | Unit::Requests
        | Unit::GigabyteSeconds => None,
    }
}

/// The bills of the points of a scenario as JSON, with their parameters.
#[must_use]
pub fn bills_json(name: &str, bills: &[PointBill]) -> String {
    let points: Vec<Value> = bills
        .iter()
        .map(|one| {
            let parameters: IndexMap<&str, Value> = one
                .point
                .parameters
                .iter()
                .map(|(path, value)| (path.as_str(), crate::report::summary::json_value(value)))
                .collect();
            json!({ "parameters": parameters, "cost": BillSummary::new(&one.bill) })
        })
        .collect();
    format!("{:#}\n", json!({ "scenario": name, "points": points }))
}

#[cfg(test)]
mod tests;
