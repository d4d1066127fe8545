//! The calibration profile: every figure of the modelled world, with its source beside it.
//!
//! The figures are data (`figures/*.toml`), embedded in the binary. A scenario overrides any of
//! them by name: `[profile] "fabric.link_latency" = "1 us"`.

mod figures;
mod lambda;
mod limits;
mod prices;

use figures::OF_SCENARIO;
pub use figures::{
    EndpointFigures, Evidence, FabricFigures, Figure, FleetFigures, FlowSizeFigures, GuestFigures,
    InstanceFigures, InstanceType, NitroFigures, Profile, RegionFigures, ServiceFigures,
    ShareAtSize, StreamFigures, TlsFigures,
};
pub use lambda::{
    AsynchronousFigures, LambdaFigures, ScalingFigures, ShareAtMemory, SlowdownAtBoots,
    VpcAttachFigures,
};
pub use limits::{
    CardFigures, ConntrackFigures, EnaExpressFigures, GatewayLoadBalancerLimits, GrowthFigures,
    HyperplaneFigures, InterfaceEndpointLimits, LambdaInterfaceLimits, LimitFigures,
    LinkLocalFigures, NatGatewayLimits, NetworkLoadBalancerLimits,
};
pub use prices::{
    ApplicationLoadBalancerPrices, CapacityUnit, CrossRegionPrices, CrossZonePrice,
    GatewayLoadBalancerEndpointPrices, GatewayLoadBalancerPrices, GatewayPrices, HourPrice,
    InterfaceEndpointPrices, InternetEgressPrices, LambdaPrices, NetworkLoadBalancerPrices,
    PriceList, Prices, Tier, Tiers, TransitGatewayPrices, VpnConnectionPrices,
};

use serde::Deserialize;
use toml::{Table, Value};

/// Files with several top-level groups, and files that are one group or a part of one.
const FILES: [(Option<&str>, &str); 11] = [
    (None, include_str!("figures/host.toml")),
    (None, include_str!("figures/hyperplane.toml")),
    (None, include_str!("figures/services.toml")),
    (Some("limit"), include_str!("figures/limits.toml")),
    (Some("fabric"), include_str!("figures/fabric.toml")),
    (Some("region"), include_str!("figures/regions.toml")),
    (Some("lambda"), include_str!("figures/lambda.toml")),
    (Some("lambda"), include_str!("figures/lambda_runtimes.toml")),
    (Some("stream"), include_str!("figures/stream.toml")),
    (
        Some("instance_type"),
        include_str!("figures/instance_types.toml"),
    ),
    (Some("price"), include_str!("figures/prices.toml")),
];

/// Why an override of a figure is not accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OverrideError {
    /// The figure as the scenario names it.
    pub figure: String,
    /// What is wrong.
    pub message: String,
    /// The names of all figures, if this one does not exist.
    pub candidates: Vec<String>,
}

impl Profile {
    /// The figures as embedded, with `overrides` by figure name.
    ///
    /// # Errors
    /// One error per override that names no figure or has a value of the wrong kind.
    pub fn new<'a>(
        overrides: impl IntoIterator<Item = (&'a str, &'a Value)>,
    ) -> Result<Self, Vec<OverrideError>> {
        let mut figures = embedded();
        let mut errors = Vec::new();
        for (name, value) in overrides {
            match find(&mut figures, name) {
                Some(figure) => {
                    let new = if figure.is_table() {
                        overridden(value)
                    } else {
                        value.clone()
                    };
                    let before = std::mem::replace(figure, new);
                    if let Err(message) = read(&figures) {
                        errors.push(OverrideError {
                            figure: name.to_owned(),
                            message,
                            candidates: Vec::new(),
                        });
                        if let Some(figure) = find(&mut figures, name) {
                            *figure = before;
                        }
                    }
                }
                None => errors.push(OverrideError {
                    figure: name.to_owned(),
                    message: format!("the profile has no figure `{name}`"),
                    candidates: names(&figures),
                }),
            }
        }
        if errors.is_empty() {
            Ok(read(&figures).expect("the embedded profile is tested, each override was read"))
        } else {
            Err(errors)
        }
    }
}

impl Default for Profile {
    /// The figures as embedded.
    fn default() -> Self {
        Self::new([]).expect("without overrides there is nothing to refuse")
    }
}

/// A figure as embedded, for readers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CatalogueEntry {
    /// The name by which a scenario overrides it.
    pub name: String,
    /// Its value, as a scenario would write it.
    pub value: String,
    /// How well it is known: measured, documented, derived or assumed.
    pub kind: String,
    /// Who published it, and when.
    pub source: String,
}

/// All figures as embedded, instance types apart.
#[must_use]
pub fn catalogue() -> Vec<CatalogueEntry> {
    let mut figures = embedded();
    let entries = names(&figures).into_iter().map(|name| {
        let figure = find(&mut figures, &name);
        let text = |key: &str| {
            let value = figure.as_ref().and_then(|figure| figure.get(key));
            value.and_then(Value::as_str).unwrap_or_default().to_owned()
        };
        let value = figure.as_ref().and_then(|figure| figure.get("value"));
        CatalogueEntry {
            value: value.map(ToString::to_string).unwrap_or_default(),
            kind: text("kind"),
            source: format!("{} ({})", text("source"), text("date")),
            name,
        }
    });
    entries.collect()
}

fn embedded() -> Table {
    let mut all = Table::new();
    for (group, text) in FILES {
        let table: Table = text.parse().expect("the embedded figures are tested");
        match group {
            Some(name) => match all.get_mut(name).and_then(Value::as_table_mut) {
                Some(group) => group.extend(table),
                None => {
                    all.insert(name.to_owned(), Value::Table(table));
                }
            },
            None => all.extend(table),
        }
    }
    all
}

fn read(figures: &Table) -> Result<Profile, String> {
    Profile::deserialize(figures.clone()).map_err(|error| error.message().to_owned())
}

/// The table of the figure called `name`, a dotted path, or the value of an instance type's key.
fn find<'a>(figures: &'a mut Table, name: &str) -> Option<&'a mut Value> {
    // The names of runtimes and instance types contain dots: try the longest key first.
    let splits = name
        .match_indices('.')
        .map(|(at, _)| at)
        .chain([name.len()]);
    let at = splits
        .into_iter()
        .rev()
        .find(|&at| figures.contains_key(&name[..at]))?;
    let value = figures.get_mut(&name[..at])?;
    let is_figure = value.get("value").is_some();
    if at == name.len() {
        return (is_figure || !value.is_table()).then_some(value);
    }
    if is_figure {
        // Kind, source and date are not the scenario's to change.
        return None;
    }
    find(value.as_table_mut()?, &name[at + 1..])
}

/// All figure names, in the order of the files.
fn names(figures: &Table) -> Vec<String> {
    let mut all = Vec::new();
    for (key, value) in figures {
        let Some(table) = value.as_table() else {
            continue;
        };
        if table.contains_key("value") {
            all.push(key.clone());
        } else {
            all.extend(names(table).into_iter().map(|name| format!("{key}.{name}")));
        }
    }
    all
}

fn overridden(value: &Value) -> Value {
    let mut figure = Table::new();
    figure.insert("value".into(), value.clone());
    figure.insert("kind".into(), "assumed".into());
    figure.insert("source".into(), OF_SCENARIO.into());
    figure.insert("date".into(), "".into());
    Value::Table(figure)
}

/// Whether a figure is the scenario's.
fn is_overridden(figure: &Value) -> bool {
    figure.get("source").and_then(Value::as_str) == Some(OF_SCENARIO)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::Duration;

    #[test]
    fn every_embedded_figure_has_a_source_and_assumptions_say_why() {
        let profile = Profile::default();
        assert!(profile.instance_type.contains_key("m5.xlarge"));
        let figures = embedded();
        let all = names(&figures);
        assert!(all.len() > 60, "{}", all.len());
        for name in all {
            let mut copy = figures.clone();
            let figure = find(&mut copy, &name).unwrap();
            let text = |key| {
                figure
                    .get(key)
                    .and_then(Value::as_str)
                    .unwrap_or("")
                    .to_owned()
            };
            assert!(
                !text("source").is_empty() && !text("date").is_empty(),
                "{name}"
            );
            if text("kind") == "assumed" {
                assert!(
                    !text("note").is_empty(),
                    "{name} does not say why it is assumed"
                );
            }
        }
    }

    #[test]
    fn overrides_replace_figures_by_name() {
        let us = Value::from("1 us");
        let profile = Profile::new([
            ("fabric.link_latency", &us),
            ("lambda.runtime_init.python3.12", &us),
        ])
        .unwrap();
        assert_eq!(profile.fabric.link_latency.value, Duration::from_us(1));
        let init = &profile.lambda.runtime_init["python3.12"];
        assert_eq!(init.value.as_constant(), Some(Duration::from_us(1)));
        assert_eq!(init.kind, Evidence::Assumed);
    }

    #[test]
    fn overrides_replace_what_is_published_of_an_instance_type() {
        let (price, bandwidth) = (Value::from("0.10 USD"), Value::from("2 Gbps"));
        let profile = Profile::new([
            ("instance_type.m5.xlarge.usd_per_hour", &price),
            ("instance_type.m5.xlarge.baseline", &bandwidth),
        ]);
        let m5 = profile.unwrap().instance_type["m5.xlarge"];
        assert_eq!(m5.usd_per_hour.unwrap().to_string(), "$0.10");
        assert_eq!(m5.baseline.as_bps(), 2_000_000_000);
        assert!(Profile::new([("fabric.link_latency.source", &price)]).is_err());
    }

    #[test]
    fn wrong_overrides_are_all_reported() {
        let (five, us) = (Value::from(5), Value::from("1 us"));
        let errors = Profile::new([("fabric.link_latency", &five), ("fabric.latency", &us)]);
        let errors = errors.unwrap_err();
        assert!(
            errors[0].message.contains("a duration with a unit"),
            "{errors:?}"
        );
        assert_eq!(
            errors[1].message,
            "the profile has no figure `fabric.latency`"
        );
        assert!(
            errors[1]
                .candidates
                .contains(&"fabric.link_latency".to_owned())
        );
    }

    #[test]
    fn round_trips_between_regions_stand_under_the_one_that_comes_first() {
        let figures = Profile::default().region;
        for (first, others) in &figures.round_trip {
            for second in others.keys() {
                assert!(first < second, "{first} {second}");
            }
        }
        let between = |a, b| figures.round_trip(a, b);
        assert_eq!(
            between("us-east-2", "us-east-1"),
            Some(Duration::from_us(12_319))
        );
        assert_eq!(
            between("us-east-1", "us-east-2"),
            between("us-east-2", "us-east-1")
        );
        assert_eq!(between("us-east-1", "us-east-1"), None);
    }

    #[test]
    fn services_with_gateway_endpoints_have_prefix_lists() {
        for (name, figures) in &Profile::default().service {
            let gateway = figures
                .gateway_endpoint
                .as_ref()
                .is_some_and(|figure| figure.value);
            let list = figures.prefix_list.as_ref();
            assert_eq!(
                gateway,
                list.is_some_and(|list| !list.value.is_empty()),
                "{name}"
            );
        }
    }
}
