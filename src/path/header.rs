//! What a packet carries that rules look at.

use std::fmt;
use std::net::IpAddr;

use crate::scenario::{PortRange, Protocol};
use crate::topology::Filter;

/// Ports that clients on the internet, NAT gateways, load balancers and functions take for their end
/// of a connection. (Amazon VPC user guide, "Network ACLs: ephemeral ports", 2023.)
pub const EPHEMERAL: PortRange = PortRange {
    from: 1024,
    to: 65535,
};

/// Ports that the kernels of instances take: Linux from 32768, Windows from 49152. (Same source.)
pub const EPHEMERAL_OF_INSTANCES: PortRange = PortRange {
    from: 32768,
    to: 65535,
};

/// What rules see of a flow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Flow {
    /// The protocol: TCP, UDP or ICMP.
    pub protocol: Protocol,
    /// The server's port; 0 where the protocol has none.
    pub port: u16,
}

impl fmt::Display for Flow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.protocol {
            Protocol::Tcp | Protocol::Udp => write!(f, "{}/{}", self.protocol, self.port),
            Protocol::Icmp | Protocol::Icmpv6 | Protocol::All => write!(f, "{}", self.protocol),
        }
    }
}

/// An address with the ports that may be meant: one on the server's side, a range on the client's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Socket {
    /// The address.
    pub address: IpAddr,
    /// Its ports. Of a range, any will do: the path exists if it exists for one of them.
    pub ports: PortRange,
}

impl Socket {
    /// One port.
    #[must_use]
    pub const fn new(address: IpAddr, port: u16) -> Self {
        let ports = PortRange {
            from: port,
            to: port,
        };
        Self { address, ports }
    }

    /// A client's end.
    #[must_use]
    pub const fn ephemeral(address: IpAddr) -> Self {
        Self {
            address,
            ports: EPHEMERAL,
        }
    }
}

impl fmt::Display for Socket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let PortRange { from, to } = self.ports;
        match (self.address, from == to) {
            (address, true) if from == 0 => write!(f, "{address}"),
            (IpAddr::V4(address), true) => write!(f, "{address}:{from}"),
            (IpAddr::V6(address), true) => write!(f, "[{address}]:{from}"),
            (address, false) => write!(f, "{address}"),
        }
    }
}

/// The header of a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header {
    /// The protocol: TCP, UDP or ICMP.
    pub protocol: Protocol,
    /// Who sends it.
    pub source: Socket,
    /// To whom.
    pub destination: Socket,
    /// Whether it answers another: for ICMP, a reply and not a request.
    pub reply: bool,
}

impl Header {
    /// The header of a packet that has not been made.
    pub(super) const fn nothing(protocol: Protocol) -> Self {
        let nobody = Socket::new(IpAddr::V4(std::net::Ipv4Addr::UNSPECIFIED), 0);
        Self {
            protocol,
            source: nobody,
            destination: nobody,
            reply: false,
        }
    }

    /// The answer to a packet with this header.
    #[must_use]
    pub const fn reversed(self) -> Self {
        Self {
            source: self.destination,
            destination: self.source,
            reply: !self.reply,
            ..self
        }
    }

    /// Type and code of its ICMP message: an echo request or reply. (RFC 792, RFC 4443.)
    #[must_use]
    pub const fn icmp(self) -> (u8, u8) {
        match (self.protocol, self.reply) {
            (Protocol::Icmpv6, false) => (128, 0),
            (Protocol::Icmpv6, true) => (129, 0),
            (_, false) => (8, 0),
            (_, true) => (0, 0),
        }
    }

    /// Whether a rule is for it, ports apart.
    pub(super) fn has_protocol_of(self, filter: Filter) -> bool {
        match filter.protocol {
            Protocol::All => true,
            Protocol::Tcp | Protocol::Udp => filter.protocol == self.protocol,
            Protocol::Icmp | Protocol::Icmpv6 => {
                let (kind, code) = self.icmp();
                filter.protocol == self.protocol
                    && filter.icmp_type.is_none_or(|wanted| wanted == kind)
                    && filter.icmp_code.is_none_or(|wanted| wanted == code)
            }
        }
    }
}

impl fmt::Display for Header {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} → {}", self.source, self.destination)
    }
}
