//! What a rule says of a packet besides addresses: protocol, ports, and type of ICMP message.

use std::fmt;

use super::Resolver;
use crate::scenario::{KeyPath, PortRange, Problem, Protocol};

/// Protocol, destination ports and ICMP messages that a rule is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Filter {
    /// The protocol.
    pub protocol: Protocol,
    /// Destination ports of TCP and UDP; all for protocols without ports.
    pub ports: PortRange,
    /// The type of ICMP message; `None` is any.
    pub icmp_type: Option<u8>,
    /// The code of the ICMP message; `None` is any.
    pub icmp_code: Option<u8>,
}

impl Filter {
    /// Every packet.
    pub const ALL: Self = Self {
        protocol: Protocol::All,
        ports: PortRange::ALL,
        icmp_type: None,
        icmp_code: None,
    };
}

/// The keys of a rule that make a filter.
#[derive(Debug, Clone, Copy)]
pub(super) struct WrittenFilter {
    pub(super) protocol: Protocol,
    pub(super) ports: Option<PortRange>,
    pub(super) icmp_type: Option<u8>,
    pub(super) icmp_code: Option<u8>,
}

impl WrittenFilter {
    /// The filter of the rule at `path`, if its keys go together.
    pub(super) fn resolve(self, resolver: &mut Resolver<'_>, path: &KeyPath) -> Option<Filter> {
        let protocol = self.protocol;
        if self.ports.is_some() && !matches!(protocol, Protocol::Tcp | Protocol::Udp) {
            resolver.report(
                Problem::error(
                    path.key("ports"),
                    format!("protocol \"{protocol}\" has no ports"),
                )
                .help("leave `ports` out, or name tcp or udp"),
            );
            return None;
        }
        let icmp = matches!(protocol, Protocol::Icmp | Protocol::Icmpv6);
        let keys = [("icmp_type", self.icmp_type), ("icmp_code", self.icmp_code)];
        let given = keys.iter().find(|(_, value)| value.is_some());
        if let Some((key, _)) = given.filter(|_| !icmp) {
            resolver.report(
                Problem::error(
                    path.key(*key),
                    format!("protocol \"{protocol}\" has no ICMP messages"),
                )
                .help(format!("leave `{key}` out, or name icmp or icmpv6")),
            );
            return None;
        }
        if self.icmp_type.is_none() && self.icmp_code.is_some() {
            resolver.report(
                Problem::error(
                    path.key("icmp_code"),
                    "the code of an ICMP message belongs to a type",
                )
                .help("add icmp_type, such as 3 for destination unreachable"),
            );
            return None;
        }
        Some(Filter {
            protocol,
            ports: self.ports.unwrap_or(PortRange::ALL),
            icmp_type: self.icmp_type,
            icmp_code: self.icmp_code,
        })
    }
}

impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.protocol)?;
        match self.protocol {
            Protocol::Tcp | Protocol::Udp if self.ports != PortRange::ALL => {
                write!(f, "/{}", self.ports)
            }
            Protocol::Icmp | Protocol::Icmpv6 => match (self.icmp_type, self.icmp_code) {
                (Some(kind), Some(code)) => write!(f, " type {kind} code {code}"),
                (Some(kind), None) => write!(f, " type {kind}"),
                (None, _) => Ok(()),
            },
            Protocol::Tcp | Protocol::Udp | Protocol::All => Ok(()),
        }
    }
}
