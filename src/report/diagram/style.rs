//! Colors and strokes of boxes and lines: calm, so that flows stand out, and different in dashes
//! and widths where colors are.

use super::model::{LinkKind, Tier};
use super::nets::Meaning;
use crate::report::drawing::palette::{Color, LINES, OTHER, WHITE};
use crate::report::drawing::scene::Stroke;

pub(super) const REGION_FILL: Color = Color(0xF9, 0xFA, 0xFB);
pub(super) const REGION_BORDER: Stroke = Stroke {
    color: Color(0x8D, 0xA3, 0xB3),
    width: 1.2,
    dash: &[7.0, 4.0],
};
pub(super) const VPC_FILL: Color = WHITE;
pub(super) const VPC_BORDER: Stroke = Stroke::solid(Color(0x75, 0x5A, 0xA6), 1.7);
pub(super) const ZONE_FILL: Color = Color(0xF7, 0xF9, 0xFB);
pub(super) const ZONE_BORDER: Stroke = Stroke {
    color: Color(0x9F, 0xB6, 0xC9),
    width: 1.0,
    dash: &[4.0, 3.0],
};
pub(super) const CHIP_FILL: Color = WHITE;
pub(super) const CHIP_BORDER: Stroke = Stroke::solid(Color(0xC9, 0xCF, 0xD7), 1.0);
pub(super) const PILL_BORDER: Stroke = Stroke::solid(Color(0x9D, 0x8B, 0xC0), 1.2);
pub(super) const BOX_BORDER: Stroke = Stroke::solid(Color(0xA9, 0xB1, 0xBC), 1.2);
pub(super) const BAR_FILL: Color = Color(0xF1, 0xEE, 0xF7);
pub(super) const MORE_BORDER: Stroke = Stroke {
    color: Color(0xA9, 0xB1, 0xBC),
    width: 1.0,
    dash: &[3.0, 3.0],
};
pub(super) const RULE: Stroke = Stroke::solid(Color(0xDD, 0xE1, 0xE6), 1.0);

/// Fill and border of a subnet.
pub(super) const fn subnet(tier: Tier) -> (Color, Stroke) {
    match tier {
        Tier::Public => (
            Color(0xEC, 0xF5, 0xE4),
            Stroke::solid(Color(0x9F, 0xC2, 0x84), 1.1),
        ),
        Tier::Private => (
            Color(0xE1, 0xEC, 0xF6),
            Stroke::solid(Color(0x94, 0xB2, 0xD0), 1.1),
        ),
        Tier::Isolated => (
            Color(0xE2, 0xE1, 0xE9),
            Stroke::solid(Color(0xAE, 0xAB, 0xBD), 1.1),
        ),
        Tier::Other => (
            Color(0xF8, 0xF0, 0xDC),
            Stroke {
                color: Color(0xCF, 0xB8, 0x83),
                width: 1.1,
                dash: &[5.0, 2.5],
            },
        ),
    }
}

/// What a tier is called in the legend.
pub(super) const fn tier_name(tier: Tier) -> &'static str {
    match tier {
        Tier::Public => "public subnet",
        Tier::Private => "private subnet (NAT)",
        Tier::Isolated => "subnet without a default route",
        Tier::Other => "subnet with another default route",
    }
}

/// How a line looks.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Look {
    pub stroke: Stroke,
    /// Whether it has an arrowhead where it ends.
    pub directed: bool,
}

/// How the lines of a net look.
pub(super) const fn look(meaning: Meaning) -> Look {
    let (color, width, dash, directed): (_, _, &'static [f64], _) = match meaning {
        Meaning::Link(LinkKind::Route) => (Color(0x77, 0x83, 0x90), 1.3, &[], true),
        Meaning::Link(LinkKind::Targets) => (Color(0xB0, 0x77, 0x45), 1.3, &[5.0, 3.0], true),
        Meaning::Link(LinkKind::PrivateLink) => (Color(0x3B, 0x82, 0x7A), 1.8, &[2.0, 3.0], true),
        Meaning::Link(LinkKind::Service) => (Color(0x3B, 0x82, 0x7A), 1.4, &[], true),
        Meaning::Link(LinkKind::Attachment) => (Color(0x75, 0x5A, 0xA6), 2.2, &[], false),
        Meaning::Link(LinkKind::Peering) => (Color(0x75, 0x5A, 0xA6), 1.8, &[9.0, 3.0], false),
        Meaning::Link(LinkKind::Vpn) => (Color(0x45, 0x50, 0x5F), 1.8, &[6.0, 4.0], false),
        Meaning::Flow(number) => (LINES[number % LINES.len()], 3.0, &[], true),
        Meaning::OtherFlows => (OTHER, 2.4, &[], true),
    };
    Look {
        stroke: Stroke { color, width, dash },
        directed,
    }
}

/// What a kind of links is called in the legend.
pub(super) const fn link_name(kind: LinkKind) -> &'static str {
    match kind {
        LinkKind::Route => "default or only route",
        LinkKind::Targets => "load balancer to targets",
        LinkKind::PrivateLink => "PrivateLink",
        LinkKind::Service => "endpoint to service",
        LinkKind::Attachment => "transit gateway attachment",
        LinkKind::Peering => "peering",
        LinkKind::Vpn => "VPN",
    }
}
