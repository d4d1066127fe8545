//! Why packets are lost, by the names that AWS gives to it.

/// What a packet was lost to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum DropReason {
    /// A queue had no room.
    QueueFull,
    /// The inbound bandwidth of an instance is used up.
    BwIn,
    /// The outbound bandwidth of an instance is used up.
    BwOut,
    /// The packets per second of an instance are used up.
    Pps,
    /// An instance tracks as many connections as it may.
    Conntrack,
    /// An instance no longer tracks the connection that a reply belongs to.
    ConntrackExpired,
    /// More than so many packets per second to link-local services.
    Linklocal,
    /// A NAT gateway has no port left for the destination.
    ErrorPortAllocation,
    /// A Network Load Balancer has no port left for the target.
    PortAllocationError,
    /// A NAT gateway or Network Load Balancer does not know the connection that a reply belongs to.
    UnknownConnection,
    /// The link is down.
    LinkDown,
    /// More than a NAT gateway or a similar device carries for now.
    Capacity,
}

impl DropReason {
    /// The name in reports, where AWS has one for it: of the ENA driver's counters and of `CloudWatch`'s
    /// metrics. Where it has none the place of the loss is the name.
    #[must_use]
    pub const fn name(self) -> Option<&'static str> {
        Some(match self {
            Self::QueueFull | Self::Capacity => return None,
            Self::LinkDown => "link_down",
            Self::BwIn => "bw_in_allowance_exceeded",
            Self::BwOut => "bw_out_allowance_exceeded",
            Self::Pps => "pps_allowance_exceeded",
            Self::Conntrack => "conntrack_allowance_exceeded",
            Self::ConntrackExpired => "conntrack_idle_timeout",
            Self::Linklocal => "linklocal_allowance_exceeded",
            Self::ErrorPortAllocation => "ErrorPortAllocation",
            Self::PortAllocationError => "PortAllocationErrorCount",
            Self::UnknownConnection => "unknown_connection",
        })
    }
}
