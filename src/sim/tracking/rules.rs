//! What a connection table goes by, for each kind of device, and what it sees of a packet.

use crate::sim::limit::DropReason;
use crate::units::{Bytes, Duration};

/// Who sends a packet, as a table sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Direction {
    /// The client: the inside of a NAT gateway.
    Forward = 0,
    /// The server.
    Back = 1,
}

/// What matters of a TCP header.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Flags {
    /// Neither of the others; also every packet that is not TCP, and the server's SYN and ACK.
    #[default]
    Plain,
    /// The client's SYN.
    Syn,
    /// FIN.
    Fin,
    /// RST.
    Rst,
}

/// A protocol as tables tell them apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transport {
    /// TCP.
    Tcp,
    /// UDP, and ICMP, whose echo and reply are kept in the same way.
    Udp,
}

/// What a table sees of a packet.
#[derive(Debug, Clone, Copy)]
pub struct Packet {
    /// Its protocol.
    pub transport: Transport,
    /// Who sends it.
    pub direction: Direction,
    /// What it does to the connection.
    pub flags: Flags,
    /// The destination of the flow (address, port and protocol) among those of the table.
    pub destination: u32,
    /// Which of the timeouts of the table apply to the flow; 0 for those of its rules.
    pub timeouts: u8,
    /// Its size as an IP packet.
    pub size: Bytes,
}

/// How many flows a table can hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// Any number.
    None,
    /// So many in all.
    Total {
        /// How many.
        most: u64,
        /// What another is lost to.
        reason: DropReason,
    },
    /// So many to each destination.
    PerDestination {
        /// How many.
        most: u64,
        /// What another is lost to.
        reason: DropReason,
    },
    /// So many in all; who opens another gets a RST.
    Accepted(u64),
    /// So many in each interface, of which there are as many as are needed.
    Each(u64),
}

/// What becomes of a packet of a flow that is not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Late {
    /// TCP gets a RST, anything else is dropped.
    Reset,
    /// It begins a flow like any other.
    Reopen,
    /// It begins a flow like any other, unless it ends one: then it passes.
    Resume,
    /// It is dropped.
    Drop(DropReason),
}

/// For how long idle flows are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeouts {
    /// TCP before the answer to the SYN.
    pub tcp_opening: Duration,
    /// TCP connections.
    pub tcp_established: Duration,
    /// TCP after a FIN or a RST.
    pub tcp_closing: Duration,
    /// UDP in one direction, or a single request with its response.
    pub udp: Duration,
    /// UDP with more than that.
    pub udp_stream: Duration,
}

/// What a table goes by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rules {
    /// How many flows it holds.
    pub limit: Limit,
    /// What becomes of packets from the inside, and from the outside, of flows that are not known.
    pub late: [Late; 2],
    /// For how long idle flows are kept.
    pub timeouts: Timeouts,
}

impl Rules {
    /// Connection tracking of an instance. A packet from the side whose rule allows the connection
    /// begins it anew when it is forgotten, its replies are dropped. (Amazon EC2 user guide, "Security
    /// group connection tracking", 2023.)
    #[must_use]
    pub const fn connection_tracking(allowance: u64, timeouts: Timeouts) -> Self {
        Self {
            limit: Limit::Total {
                most: allowance,
                reason: DropReason::Conntrack,
            },
            late: [Late::Reopen, Late::Drop(DropReason::ConntrackExpired)],
            timeouts,
        }
    }

    /// A NAT gateway with so many `addresses`, each with so many `ports` for each destination. When
    /// a connection was idle for too long, the next packet from the inside gets a RST; from the outside
    /// nothing finds its way. (Amazon VPC user guide, "Troubleshoot NAT gateways", 2023.)
    #[must_use]
    pub const fn nat_gateway(addresses: u64, ports: u64, timeouts: Timeouts) -> Self {
        Self {
            limit: Limit::PerDestination {
                most: addresses * ports,
                reason: DropReason::ErrorPortAllocation,
            },
            late: [Late::Reset, Late::Drop(DropReason::UnknownConnection)],
            timeouts,
        }
    }

    /// A Network Load Balancer, with so many `ports` to each target if it does not keep the addresses of
    /// clients: "If a client or a target sends data after the idle timeout period elapses, it receives
    /// a TCP RST packet". (Network Load Balancer user guide, 2023.)
    #[must_use]
    pub const fn network_load_balancer(ports: Option<u64>, timeouts: Timeouts) -> Self {
        let limit = match ports {
            Some(most) => Limit::PerDestination {
                most,
                reason: DropReason::PortAllocationError,
            },
            None => Limit::None,
        };
        Self {
            limit,
            late: [Late::Reset, Late::Reset],
            timeouts,
        }
    }

    /// An interface endpoint, which is on the same fleet.
    #[must_use]
    pub const fn interface_endpoint(timeouts: Timeouts) -> Self {
        Self::network_load_balancer(None, timeouts)
    }

    /// A Gateway Load Balancer: after the timeout a packet begins a flow, perhaps to another appliance.
    /// (Gateway Load Balancer user guide, "Idle timeouts", 2024.)
    #[must_use]
    pub const fn gateway_load_balancer(timeouts: Timeouts) -> Self {
        Self {
            limit: Limit::None,
            late: [Late::Reopen, Late::Reopen],
            timeouts,
        }
    }

    /// The interface that Lambda functions share, which holds so many `connections`; then there is
    /// another. (AWS Lambda developer guide, "Giving Lambda functions access to resources in an Amazon
    /// VPC", 2026.)
    #[must_use]
    pub const fn lambda_interface(connections: u64, timeouts: Timeouts) -> Self {
        Self {
            limit: Limit::Each(connections),
            late: [Late::Reset, Late::Drop(DropReason::UnknownConnection)],
            timeouts,
        }
    }

    /// A server process that accepts so many connections at once. It is shown what its clients send
    /// only, and forgets a connection as soon as it is closed; or when nothing has come for so long that
    /// its kernel takes the client for dead.
    #[must_use]
    pub const fn server(most: u64, keep_alive: Duration) -> Self {
        Self {
            limit: Limit::Accepted(most),
            late: [Late::Resume, Late::Resume],
            timeouts: Timeouts {
                tcp_opening: keep_alive,
                tcp_established: keep_alive,
                tcp_closing: Duration::ZERO,
                udp: keep_alive,
                udp_stream: keep_alive,
            },
        }
    }

    /// How many interfaces so many flows need at least.
    #[must_use]
    pub const fn interfaces(&self, flows: u64) -> u64 {
        match self.limit {
            Limit::Each(0)
            | Limit::None
            | Limit::Total { .. }
            | Limit::PerDestination { .. }
            | Limit::Accepted(_) => 1,
            Limit::Each(each) => {
                let needed = flows.div_ceil(each);
                if needed == 0 { 1 } else { needed }
            }
        }
    }
}

/// What a table knows of a flow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    TcpOpening,
    TcpEstablished,
    TcpClosing,
    /// Not TCP: one direction, or one request with its response.
    Single,
    /// Not TCP: more than that.
    Stream,
}

/// Changes of direction that make a stream: there, back, there, back.
const STREAM: u8 = 4;

impl State {
    pub(super) const fn first(transport: Transport) -> Self {
        match transport {
            Transport::Tcp => Self::TcpOpening,
            Transport::Udp => Self::Single,
        }
    }

    /// The state after a packet that makes so many `turns` of direction.
    #[inline]
    pub(super) const fn after(self, packet: Packet, turns: u8) -> Self {
        match (self, packet.flags, packet.direction) {
            (Self::Single, _, _) if turns >= STREAM => Self::Stream,
            (Self::Single | Self::Stream, _, _) => self,
            (_, Flags::Fin | Flags::Rst, _) => Self::TcpClosing,
            (Self::TcpClosing, Flags::Syn, Direction::Forward) => Self::TcpOpening,
            (Self::TcpOpening, Flags::Plain, Direction::Back) => Self::TcpEstablished,
            _ => self,
        }
    }
}
