//! Why there is no path.

use std::fmt;

/// The explanation code that AWS Reachability Analyzer gives for the same cause.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ReasonCode {
    /// No rule of the interface's security groups allows it.
    EniSgRulesMismatch,
    /// The route table has no route for the destination.
    NoRouteToDestination,
    /// An internet gateway serves only interfaces with a public address.
    IgwPublicIpAssociationForEgress,
}

impl ReasonCode {
    /// The code as AWS writes it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::EniSgRulesMismatch => "ENI_SG_RULES_MISMATCH",
            Self::NoRouteToDestination => "NO_ROUTE_TO_DESTINATION",
            Self::IgwPublicIpAssociationForEgress => "IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS",
        }
    }
}

impl fmt::Display for ReasonCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What refuses a packet, why, and what would let it through.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// AWS's code for the cause.
    pub code: ReasonCode,
    /// The resource that refuses, as `kind.name`.
    pub at: String,
    /// Why, in a sentence without a full stop.
    pub reason: String,
    /// The smallest change to the scenario that would allow it.
    pub remedy: String,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} [{}]", self.at, self.reason, self.code)
    }
}
