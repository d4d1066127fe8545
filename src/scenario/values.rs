//! Small values that several tables share: references, protocols, ports, address blocks.

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use indexmap::IndexMap;
use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{self, Deserialize, Deserializer, SeqAccess, Visitor};

/// A reference to something else in the scenario: `"kind.name"`, or the bare name where the key
/// admits only one kind.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Reference(String);

impl Reference {
    /// A reference as written.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// As written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The kind, if one is written, and the name.
    #[must_use]
    pub fn parts(&self) -> (Option<&str>, &str) {
        match self.0.split_once('.') {
            Some((kind, name)) => (Some(kind), name),
            None => (None, &self.0),
        }
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// One reference, or a list of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OneOrMany(pub Vec<Reference>);

impl<'de> Deserialize<'de> for OneOrMany {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct TextOrList;
        impl<'de> Visitor<'de> for TextOrList {
            type Value = OneOrMany;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a name or a list of names")
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<OneOrMany, E> {
                Ok(OneOrMany(vec![Reference::new(text)]))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<OneOrMany, A::Error> {
                let mut all = Vec::new();
                while let Some(one) = list.next_element()? {
                    all.push(one);
                }
                Ok(OneOrMany(all))
            }
        }
        deserializer.deserialize_any(TextOrList)
    }
}

impl JsonSchema for OneOrMany {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "OneOrMany".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "a name, or a list of names",
            "type": ["string", "array"],
            "items": { "type": "string" }
        })
    }
}

/// Tags: what they say is for the reader, not for netsim.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Tags(
    #[schemars(with = "std::collections::BTreeMap<String, String>")] pub IndexMap<String, String>,
);

/// An IP protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Protocol {
    /// TCP.
    Tcp,
    /// UDP.
    Udp,
    /// ICMP.
    Icmp,
    /// ICMP for IPv6.
    Icmpv6,
    /// Every protocol, written `"all"` or `"-1"`.
    #[serde(alias = "-1")]
    All,
}

impl fmt::Display for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Tcp => "tcp",
            Self::Udp => "udp",
            Self::Icmp => "icmp",
            Self::Icmpv6 => "icmpv6",
            Self::All => "all",
        })
    }
}

/// A range of ports, written `443` or `"8000-8100"`; both ends belong to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PortRange {
    /// First port.
    pub from: u16,
    /// Last port.
    pub to: u16,
}

impl PortRange {
    /// Every port.
    pub const ALL: Self = Self {
        from: 0,
        to: u16::MAX,
    };

    /// Whether `port` is in the range.
    #[must_use]
    pub const fn contains(self, port: u16) -> bool {
        self.from <= port && port <= self.to
    }
}

impl fmt::Display for PortRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.from == self.to {
            write!(f, "{}", self.from)
        } else {
            write!(f, "{}-{}", self.from, self.to)
        }
    }
}

impl<'de> Deserialize<'de> for PortRange {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct PortOrRange;
        impl Visitor<'_> for PortOrRange {
            type Value = PortRange;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a port such as 443 or a range such as \"8000-8100\"")
            }
            fn visit_i64<E: de::Error>(self, port: i64) -> Result<PortRange, E> {
                let port = u16::try_from(port).map_err(|_| {
                    E::custom(format!("{port} is not a port: ports are 0 to 65535"))
                })?;
                Ok(PortRange {
                    from: port,
                    to: port,
                })
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<PortRange, E> {
                let (from, to) = text.split_once('-').unwrap_or((text, text));
                let port = |text: &str| text.trim().parse::<u16>().ok();
                match (port(from), port(to)) {
                    (Some(from), Some(to)) if from <= to => Ok(PortRange { from, to }),
                    _ => Err(E::custom(format!(
                        "`{text}` is not a port such as 443 or a range such as \"8000-8100\""
                    ))),
                }
            }
        }
        deserializer.deserialize_any(PortOrRange)
    }
}

impl JsonSchema for PortRange {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "PortRange".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "a port such as 443, or a range such as \"8000-8100\"",
            "type": ["integer", "string"]
        })
    }
}

/// Reads an IPv4 block in canonical form.
pub(super) fn ipv4_block<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Ipv4Net, D::Error> {
    let text = String::deserialize(deserializer)?;
    parse_ipv4_block(&text).map_err(de::Error::custom)
}

/// Reads an IPv4 block in canonical form for an optional key.
pub(super) fn optional_ipv4_block<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Ipv4Net>, D::Error> {
    ipv4_block(deserializer).map(Some)
}

/// Reads an IPv6 block in canonical form for an optional key.
pub(super) fn ipv6_block<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Ipv6Net>, D::Error> {
    let text = String::deserialize(deserializer)?;
    match parse_block(&text).map_err(de::Error::custom)? {
        IpNet::V6(block) => Ok(Some(block)),
        IpNet::V4(_) => Err(de::Error::custom(format!(
            "`{text}` is not an IPv6 CIDR block such as \"2600:1f18:1234:5600::/56\""
        ))),
    }
}

/// Reads a list of IPv4 blocks in canonical form.
pub(super) fn ipv4_blocks<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Vec<Ipv4Net>, D::Error> {
    each(deserializer, parse_ipv4_block)
}

/// Reads a list of IPv4 blocks in canonical form for an optional key.
pub(super) fn optional_ipv4_blocks<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Vec<Ipv4Net>>, D::Error> {
    ipv4_blocks(deserializer).map(Some)
}

/// Reads a list of IPv4 or IPv6 blocks in canonical form.
pub(super) fn blocks<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<IpNet>, D::Error> {
    each(deserializer, parse_block)
}

/// Reads an IPv4 block in canonical form, such as `10.0.0.0/16`.
fn parse_ipv4_block(text: &str) -> Result<Ipv4Net, String> {
    match parse_block(text) {
        Ok(IpNet::V4(block)) => Ok(block),
        Ok(IpNet::V6(_)) => Err(format!(
            "`{text}` is not an IPv4 CIDR block such as \"10.0.0.0/16\""
        )),
        Err(message) => Err(message.replace("a CIDR block", "an IPv4 CIDR block")),
    }
}

/// Reads an IPv4 or IPv6 block in canonical form.
pub(crate) fn parse_block(text: &str) -> Result<IpNet, String> {
    let block: IpNet = text
        .parse()
        .map_err(|_| format!("`{text}` is not a CIDR block such as \"10.0.0.0/16\""))?;
    if block.addr() == block.network() {
        Ok(block)
    } else {
        Err(format!(
            "`{text}` has bits set behind the prefix; the block is \"{}\"",
            block.trunc()
        ))
    }
}

/// Reads an optional IPv4 address.
pub(super) fn ipv4_address<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Ipv4Addr>, D::Error> {
    let text = String::deserialize(deserializer)?;
    parse_ipv4_address(&text)
        .map(Some)
        .map_err(de::Error::custom)
}

/// Reads a list of IPv4 addresses.
pub(super) fn ipv4_addresses<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Vec<Ipv4Addr>, D::Error> {
    each(deserializer, parse_ipv4_address)
}

/// Reads a list of IPv6 addresses.
pub(super) fn ipv6_addresses<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Vec<Ipv6Addr>, D::Error> {
    each(deserializer, |text| {
        Ipv6Addr::from_str(text)
            .map_err(|_| format!("`{text}` is not an IPv6 address such as \"2600:1f18::10\""))
    })
}

fn parse_ipv4_address(text: &str) -> Result<Ipv4Addr, String> {
    text.parse()
        .map_err(|_| format!("`{text}` is not an IPv4 address such as \"10.0.1.10\""))
}

/// Reads a list of texts, each by `parse`.
fn each<'de, D: Deserializer<'de>, T>(
    deserializer: D,
    parse: impl Fn(&str) -> Result<T, String>,
) -> Result<Vec<T>, D::Error> {
    let texts = Vec::<String>::deserialize(deserializer)?;
    texts
        .iter()
        .map(|text| parse(text).map_err(de::Error::custom))
        .collect()
}
