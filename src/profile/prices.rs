//! The prices by name. What each is for, its source and its validity stand in
//! `figures/prices.toml`.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;
use serde::de::{self, Deserializer, SeqAccess, Visitor};
use toml::{Table, Value};

use super::Figure;
use crate::units::{Bytes, Usd};

/// What is charged by the hour and by volume.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GatewayPrices {
    /// An hour.
    pub hour: Figure<Usd>,
    /// A gigabyte that passes, in either direction.
    pub gb: Figure<Usd>,
}

/// What is free of charge by volume.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HourPrice {
    /// An hour.
    pub hour: Figure<Usd>,
}

/// Interface endpoints.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InterfaceEndpointPrices {
    /// An hour in one zone.
    pub zone_hour: Figure<Usd>,
    /// A gigabyte in either direction, by what all of a Region process in a month.
    pub gb: Figure<Tiers>,
}

/// Gateway Load Balancer endpoints.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GatewayLoadBalancerEndpointPrices {
    /// An hour in one zone.
    pub zone_hour: Figure<Usd>,
    /// A gigabyte in either direction.
    pub gb: Figure<Usd>,
}

/// Transit gateways.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TransitGatewayPrices {
    /// An hour of an attachment.
    pub attachment_hour: Figure<Usd>,
    /// A gigabyte that a VPC or VPN attachment sends.
    pub gb: Figure<Usd>,
}

/// Site-to-Site VPN connections.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VpnConnectionPrices {
    /// An hour of a connection.
    pub hour: Figure<Usd>,
    /// Public addresses of its tunnels that are charged beside it.
    pub public_ipv4_addresses: Figure<u32>,
}

/// Transfer between the zones of a Region.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CrossZonePrice {
    /// A gigabyte, once to the sender and once to the receiver.
    pub gb: Figure<Usd>,
}

/// Transfer to other Regions.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CrossRegionPrices {
    /// A gigabyte to a Region that is not in `to`.
    pub gb: Figure<Usd>,
    /// A gigabyte, by the Region it goes to.
    #[serde(default)]
    pub to: BTreeMap<String, Figure<Usd>>,
}

/// Transfer out to the internet.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InternetEgressPrices {
    /// Free in a month, over all Regions.
    pub free: Figure<Bytes>,
    /// A gigabyte beyond that, by what leaves the Region in a month.
    pub gb: Figure<Tiers>,
}

/// Application Load Balancers.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ApplicationLoadBalancerPrices {
    /// An hour.
    pub hour: Figure<Usd>,
    /// An hour of a capacity unit.
    pub lcu_hour: Figure<Usd>,
    /// What a capacity unit is.
    pub lcu: CapacityUnit,
    /// Bytes of a capacity unit in an hour if the targets are functions.
    pub lambda_processed_per_hour: Figure<Bytes>,
}

/// Network Load Balancers.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NetworkLoadBalancerPrices {
    /// An hour.
    pub hour: Figure<Usd>,
    /// An hour of a capacity unit.
    pub nlcu_hour: Figure<Usd>,
    /// What a capacity unit is for TCP.
    pub tcp: CapacityUnit,
    /// What a capacity unit is for TLS that ends at the load balancer.
    pub tls: CapacityUnit,
    /// What a capacity unit is for UDP.
    pub udp: CapacityUnit,
}

/// Gateway Load Balancers.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GatewayLoadBalancerPrices {
    /// An hour in one zone.
    pub zone_hour: Figure<Usd>,
    /// An hour of a capacity unit.
    pub glcu_hour: Figure<Usd>,
    /// What a capacity unit is.
    pub glcu: CapacityUnit,
}

/// What one capacity unit of a load balancer carries.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CapacityUnit {
    /// New connections, or flows, in a second.
    pub new_connections_per_second: Figure<u32>,
    /// Connections, or flows, at once.
    pub active_connections: Figure<u32>,
    /// Bytes in an hour, in both directions.
    pub processed_per_hour: Figure<Bytes>,
}

/// Lambda functions.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LambdaPrices {
    /// An invocation.
    pub request: Figure<Usd>,
    /// A gigabyte of memory for a second.
    pub gb_second: Figure<Usd>,
    /// The same on ARM.
    pub gb_second_arm64: Figure<Usd>,
    /// A gigabyte of provisioned environments for a second, used or not.
    pub provisioned_gb_second: Figure<Usd>,
    /// The same on ARM.
    pub provisioned_gb_second_arm64: Figure<Usd>,
    /// A gigabyte for a second of an invocation on a provisioned environment.
    pub provisioned_use_gb_second: Figure<Usd>,
    /// The same on ARM.
    pub provisioned_use_gb_second_arm64: Figure<Usd>,
    /// Invocations that are free in a month.
    pub free_requests: Figure<u64>,
    /// Gigabyte-seconds that are free in a month.
    pub free_gb_seconds: Figure<u64>,
}

/// APIs of Amazon API Gateway.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ApiGatewayPrices {
    /// A request of an HTTP API.
    pub http_request: Figure<Usd>,
}

/// The prices of one Region.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PriceList {
    /// NAT gateways.
    pub nat_gateway: GatewayPrices,
    /// Interface endpoints.
    pub interface_endpoint: InterfaceEndpointPrices,
    /// Gateway Load Balancer endpoints.
    pub gateway_load_balancer_endpoint: GatewayLoadBalancerEndpointPrices,
    /// Gateway endpoints.
    pub gateway_endpoint: GatewayPrices,
    /// Public IPv4 addresses.
    pub public_ipv4_address: HourPrice,
    /// Transit gateways.
    pub transit_gateway: TransitGatewayPrices,
    /// Peering connections.
    pub vpc_peering_connection: HourPrice,
    /// Site-to-Site VPN connections.
    pub vpn_connection: VpnConnectionPrices,
    /// Transfer between the zones of the Region.
    pub cross_zone: CrossZonePrice,
    /// Transfer to other Regions.
    pub cross_region: CrossRegionPrices,
    /// Transfer out to the internet.
    pub internet_egress: InternetEgressPrices,
    /// Application Load Balancers.
    pub application_load_balancer: ApplicationLoadBalancerPrices,
    /// Network Load Balancers.
    pub network_load_balancer: NetworkLoadBalancerPrices,
    /// Gateway Load Balancers.
    pub gateway_load_balancer: GatewayLoadBalancerPrices,
    /// Lambda functions.
    pub lambda: LambdaPrices,
    /// Amazon API Gateway.
    pub api_gateway: ApiGatewayPrices,
}

/// All prices: those of [`Prices::BASE`], and of other Regions what is known of them.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "Table")]
pub struct Prices {
    base: PriceList,
    /// The base without its pairs of Regions, for Regions that nothing is known of.
    elsewhere: PriceList,
    /// Completed from `elsewhere`.
    regions: BTreeMap<String, PriceList>,
}

impl Prices {
    /// The Region whose prices stand in for what is not known of another.
    pub const BASE: &'static str = "us-east-1";

    /// The prices of a Region, completed from the base.
    #[must_use]
    pub fn of(&self, region: &str) -> &PriceList {
        if region == Self::BASE {
            return &self.base;
        }
        self.regions.get(region).unwrap_or(&self.elsewhere)
    }

    /// Whether the figure that `pick` picks is not known of `region`, so that the base's stands in.
    /// A figure that the scenario gives stands in for nothing.
    #[must_use]
    pub fn is_stand_in<T: PartialEq>(
        &self,
        region: &str,
        pick: impl Fn(&PriceList) -> &Figure<T>,
    ) -> bool {
        let figure = pick(self.of(region));
        region != Self::BASE && !figure.is_of_scenario() && figure == pick(&self.base)
    }
}

impl TryFrom<Table> for Prices {
    type Error = String;

    /// The tables of Regions hold what differs; every other figure is the base's, but for prices
    /// between a pair of Regions.
    fn try_from(mut base: Table) -> Result<Self, String> {
        let list = |table: Table| {
            PriceList::deserialize(table).map_err(|error| error.message().to_owned())
        };
        let regions = match base.remove("region") {
            Some(Value::Table(regions)) => regions,
            Some(_) | None => Table::new(),
        };
        let mut elsewhere = base.clone();
        if let Some(Value::Table(cross_region)) = elsewhere.get_mut("cross_region") {
            cross_region.remove("to");
        }
        let regions = regions.into_iter().map(|(region, own)| {
            let Value::Table(own) = own else {
                return Err(format!("`{region}` is not a table of prices"));
            };
            Ok((region, list(completed(&elsewhere, &own))?))
        });
        let regions = regions.collect::<Result<_, String>>()?;
        Ok(Self {
            base: list(base)?,
            elsewhere: list(elsewhere)?,
            regions,
        })
    }
}

/// The figures of a Region, and those of the base where it has none. What the scenario says of the
/// base beats what the profile says of the Region.
fn completed(base: &Table, own: &Table) -> Table {
    let mut whole = base.clone();
    for (name, value) in own {
        let merged = match (base.get(name), value) {
            (Some(Value::Table(base)), Value::Table(own)) if !base.contains_key("value") => {
                Value::Table(completed(base, own))
            }
            (Some(base), own) if super::is_overridden(base) && !super::is_overridden(own) => {
                base.clone()
            }
            (_, own) => own.clone(),
        };
        whole.insert(name.clone(), merged);
    }
    whole
}

/// A price that falls with the volume of a month: each tier's holds for the volume within it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tiers(Vec<Tier>);

/// A tier of a price.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tier {
    /// The volume at which it ends; the last one does not.
    pub up_to: Option<Bytes>,
    /// The price within it.
    pub price: Usd,
}

impl Tiers {
    /// The tiers, from the first byte on. There is at least one, only the last has no end, and the
    /// others end one after another.
    #[must_use]
    pub fn as_slice(&self) -> &[Tier] {
        &self.0
    }

    /// The price at the start of a month.
    #[must_use]
    pub fn first_price(&self) -> Usd {
        self.0[0].price
    }

    fn new(tiers: Vec<Tier>) -> Result<Self, &'static str> {
        let Some((last, others)) = tiers.split_last() else {
            return Err("a price has at least one tier");
        };
        let mut end = Bytes::new(0);
        for tier in others {
            match tier.up_to {
                Some(up_to) if up_to > end => end = up_to,
                _ => return Err("every tier but the last has an `up_to` above that before"),
            }
        }
        if last.up_to.is_some() {
            return Err("the last tier has no `up_to`");
        }
        Ok(Self(tiers))
    }
}

impl<'de> Deserialize<'de> for Tiers {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct PriceOrTiers;
        impl<'de> Visitor<'de> for PriceOrTiers {
            type Value = Tiers;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(
                    "a price in US dollars, such as \"0.01 USD\", or a list of tiers such as \
                     { up_to = \"10240 GB\", price = \"0.09 USD\" }",
                )
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Tiers, E> {
                let price = Usd::deserialize(de::value::StrDeserializer::new(text))?;
                Ok(Tiers(vec![Tier { up_to: None, price }]))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Tiers, A::Error> {
                let mut tiers = Vec::new();
                while let Some(tier) = list.next_element()? {
                    tiers.push(tier);
                }
                Tiers::new(tiers).map_err(de::Error::custom)
            }
        }
        deserializer.deserialize_any(PriceOrTiers)
    }
}

#[cfg(test)]
mod tests {
    use super::super::Profile;
    use super::*;

    fn overridden(overrides: &[(&str, &str)]) -> Prices {
        let values: Vec<(&str, Value)> = overrides
            .iter()
            .map(|&(name, text)| (name, Value::from(text)))
            .collect();
        let overrides = values.iter().map(|(name, value)| (*name, value));
        Profile::new(overrides).unwrap().price
    }

    fn nat_hour(list: &PriceList) -> &Figure<Usd> {
        &list.nat_gateway.hour
    }

    #[test]
    fn a_region_is_completed_from_the_base() {
        let prices = overridden(&[]);
        let hour = |region| nat_hour(prices.of(region)).value.to_string();
        assert_eq!(hour("us-east-1"), "$0.045");
        assert_eq!(hour("eu-central-1"), "$0.052");
        assert_eq!(hour("mars-north-1"), "$0.045");
        let pairs = |region| prices.of(region).cross_region.to.len();
        assert_eq!(
            [
                pairs("us-east-1"),
                pairs("eu-west-1"),
                pairs("mars-north-1")
            ],
            [1, 0, 0]
        );
        let attachment = |region| &prices.of(region).transit_gateway.attachment_hour.value;
        assert_eq!(attachment("eu-central-1"), attachment("us-east-1"));
    }

    #[test]
    fn what_stands_in_is_known() {
        let prices = overridden(&[("price.transit_gateway.gb", "0.01 USD")]);
        assert!(!prices.is_stand_in("us-east-1", nat_hour));
        // The same price, but published of the Region.
        assert!(!prices.is_stand_in("us-west-2", nat_hour));
        assert!(!prices.is_stand_in("eu-central-1", nat_hour));
        assert!(prices.is_stand_in("mars-north-1", nat_hour));
        assert!(prices.is_stand_in("us-west-2", |list| &list.transit_gateway.attachment_hour));
        assert!(!prices.is_stand_in("mars-north-1", |list| &list.transit_gateway.gb));
    }

    #[test]
    fn what_the_scenario_says_beats_the_profile_in_every_region() {
        let prices = overridden(&[
            ("price.nat_gateway.hour", "0.03 USD"),
            ("price.region.eu-central-1.nat_gateway.hour", "0.04 USD"),
        ]);
        let hour = |region| nat_hour(prices.of(region)).value.to_string();
        assert_eq!(hour("us-east-1"), "$0.03");
        assert_eq!(hour("eu-west-1"), "$0.03");
        assert_eq!(hour("eu-central-1"), "$0.04");
    }

    #[test]
    fn a_tiered_price_can_be_one_price() {
        let prices = overridden(&[("price.internet_egress.gb", "0.02 USD")]);
        let tiers = prices
            .of("ap-northeast-1")
            .internet_egress
            .gb
            .value
            .as_slice();
        assert_eq!(tiers.len(), 1);
        assert_eq!(tiers[0].price.to_string(), "$0.02");
    }

    #[test]
    fn tiers_follow_one_another() {
        let gb = |n: u64| Some(Bytes::new(n * 1_000_000_000));
        let tier = |up_to| Tier {
            up_to,
            price: Usd::ZERO,
        };
        assert!(Tiers::new(vec![tier(gb(1)), tier(gb(2)), tier(None)]).is_ok());
        assert!(Tiers::new(vec![]).is_err());
        assert!(Tiers::new(vec![tier(gb(2)), tier(gb(2)), tier(None)]).is_err());
        assert!(Tiers::new(vec![tier(None), tier(None)]).is_err());
        assert!(Tiers::new(vec![tier(gb(1))]).is_err());
    }

    #[test]
    fn a_wrong_price_is_refused() {
        let value = Value::from("0.045 EUR");
        let errors = Profile::new([("price.region.eu-west-1.nat_gateway.hour", &value)]);
        let message = &errors.unwrap_err()[0].message;
        assert!(
            message.contains("`EUR` is not a unit of money"),
            "{message}"
        );
    }
}
