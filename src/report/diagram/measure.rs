//! Sizes: of letters, of what stands around them, and of boxes that hold them.

use super::model::{Kind, Subnet};
use super::plan::Node;
use crate::report::drawing::lettering::{HEADING, LABEL, Lettering, NOTE};
use crate::report::drawing::palette::{Color, INK, MUTED};

/// The names of Regions.
pub(super) const REGION: Lettering = HEADING.sized(13.0).colored(Color(0x3B, 0x5B, 0x73));
/// The names of VPCs.
pub(super) const VPC: Lettering = HEADING.sized(14.0);
/// Address blocks of VPCs.
pub(super) const VPC_BLOCK: Lettering = NOTE.sized(11.0);
/// The names of zones.
pub(super) const ZONE: Lettering = HEADING.sized(11.0).colored(Color(0x4A, 0x6F, 0x8C));
/// The names of subnets.
pub(super) const SUBNET: Lettering = HEADING.sized(12.0);
/// Address blocks and routes of subnets, and what else is small.
pub(super) const SMALL: Lettering = NOTE.sized(10.5);
/// The names of things.
pub(super) const THING: Lettering = LABEL.sized(11.5).colored(INK);
/// The names of things outside VPCs.
pub(super) const OUTSIDE: Lettering = HEADING.sized(12.5);
/// What stands for more than there is room for.
pub(super) const MORE: Lettering = NOTE.sized(11.0).colored(MUTED);

/// Around the page.
pub(super) const MARGIN: f64 = 32.0;
/// Narrowest and widest columns of subnets.
pub(super) const COLUMN: [f64; 2] = [146.0, 216.0];
/// Between the border of a zone and its subnets.
pub(super) const ZONE_PAD: f64 = 8.0;
/// Height of the name of a zone.
pub(super) const ZONE_HEADER: f64 = 22.0;
/// Between the border of a subnet and what is in it.
pub(super) const SUBNET_PAD: f64 = 9.0;
/// Height of a glyph with its name, and the gap below.
pub(super) const CHIP: f64 = 24.0;
pub(super) const CHIP_GAP: f64 = 6.0;
/// Height of a glyph with its name on a border.
pub(super) const PILL: f64 = 26.0;
/// Height of things outside VPCs and of transit gateways.
pub(super) const BOX: f64 = 40.0;
pub(super) const BAR: f64 = 34.0;
/// Height of the name of a VPC and of a Region.
pub(super) const VPC_HEADER: f64 = 44.0;
pub(super) const REGION_HEADER: f64 = 34.0;
/// Side of a glyph beside a name.
pub(super) const GLYPH: f64 = 18.0;
/// Side of the glyph of a thing outside VPCs.
pub(super) const LARGE_GLYPH: f64 = 26.0;
/// Between things on one border.
pub(super) const PILL_GAP: f64 = 14.0;
/// The same where there is little room.
pub(super) const CLOSE_GAP: f64 = 6.0;

/// From one number of a flow to the next, and most of them in a row.
pub(super) const BADGE: f64 = 17.0;
pub(super) const BADGES: usize = 4;
/// Widest place without a name on a border.
const WIDEST_PORT: f64 = 96.0;
/// Widest name of a VPC.
const TITLE: f64 = 190.0;
/// Most lines of text about routes in a subnet.
const ROUTE_LINES: usize = 3;

/// Where a thing stands on a border or at the edge of the page, from left to right.
pub(super) const fn border_order(kind: Kind) -> u8 {
    match kind {
        Kind::VpnGateway | Kind::Site => 0,
        Kind::InternetGateway | Kind::Internet => 1,
        Kind::EgressOnlyInternetGateway => 2,
        Kind::Attachment | Kind::Peering | Kind::TransitGateway => 3,
        Kind::LoadBalancer
        | Kind::NatGateway
        | Kind::Instance
        | Kind::NetworkInterface
        | Kind::Function
        | Kind::Endpoint
        | Kind::EndpointService => 4,
        Kind::GatewayEndpoint | Kind::Service => 5,
        Kind::More => 6,
    }
}

/// What precedes the name of a thing in its label.
pub(super) const fn abbreviation(kind: Kind) -> &'static str {
    match kind {
        Kind::InternetGateway => "IGW",
        Kind::EgressOnlyInternetGateway => "EIGW",
        Kind::VpnGateway => "VGW",
        Kind::GatewayEndpoint => "endpoint",
        Kind::EndpointService => "service",
        Kind::NatGateway => "NAT",
        Kind::TransitGateway => "TGW",
        Kind::LoadBalancer
        | Kind::Instance
        | Kind::NetworkInterface
        | Kind::Function
        | Kind::Endpoint
        | Kind::Attachment
        | Kind::Peering
        | Kind::Internet
        | Kind::Site
        | Kind::Service
        | Kind::More => "",
    }
}

/// What stands beside the glyph of a thing.
pub(super) fn labelled(kind: Kind, name: &str) -> String {
    match abbreviation(kind) {
        "" => name.to_owned(),
        short => format!("{short} {name}"),
    }
}

/// Room for the numbers of the flows that start at a node.
pub(super) fn badges(node: &Node) -> f64 {
    match node.starts.len() {
        0 => 0.0,
        count => count.min(BADGES) as f64 * BADGE + 3.0,
    }
}

/// Least height of a node with the numbers of the flows that start at it.
pub(super) fn badges_height(node: &Node) -> f64 {
    node.starts.len().div_ceil(BADGES) as f64 * BADGE + 7.0
}

/// Width of a place without a name on a border, where so many lines end on both sides.
pub(super) fn port_width(lines: usize) -> f64 {
    (lines.div_ceil(2) as f64 * 7.0 + 12.0).clamp(PILL, WIDEST_PORT)
}

/// Width of a node with a name on a border.
pub(super) fn pill_width(node: &Node) -> f64 {
    let text = THING.width(&node.label).min(150.0);
    (5.0 + GLYPH + 6.0 + text + 11.0 + badges(node)).ceil()
}

/// Width of a node outside VPCs.
pub(super) fn box_width(node: &Node) -> f64 {
    let text = OUTSIDE.width(&node.label).max(SMALL.width(&node.detail));
    let text = text.clamp(40.0, 170.0);
    (10.0 + LARGE_GLYPH + 8.0 + text + 14.0 + badges(node)).ceil()
}

/// Width of the name of a VPC and its blocks.
pub(super) fn title_width(name: &str, blocks: &str) -> f64 {
    let width = VPC.width(name).max(VPC_BLOCK.width(blocks));
    width.min(TITLE).ceil()
}

/// Width of a column in which everything of a subnet fits on its line.
pub(super) fn wanted_width(subnet: &Subnet) -> f64 {
    let blocks = SMALL.width(&subnet.blocks.join(", "));
    let first = SUBNET.width(&subnet.name) + 12.0 + blocks;
    let routes = subnet.routes.iter().take(ROUTE_LINES);
    let routes = routes.map(|route| SMALL.width(route)).fold(0.0, f64::max);
    let chips = super::grid::chips_of(subnet);
    let chips = chips.iter().map(|chip| {
        let detail = match chip.detail.as_str() {
            "" => 0.0,
            detail => SMALL.width(detail) + 8.0,
        };
        let label = labelled(chip.kind, &chip.label);
        4.0 + GLYPH + 6.0 + THING.width(&label) + detail + 8.0
    });
    first.max(routes).max(chips.fold(0.0, f64::max)) + 2.0 * SUBNET_PAD
}

/// What a subnet says about itself, in lines.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct SubnetText {
    pub name: String,
    /// Beside the name, if they fit; else they are the first of the lines.
    pub blocks: String,
    pub lines: Vec<String>,
}

impl SubnetText {
    /// What fits into a column.
    pub(super) fn new(subnet: &Subnet, column: f64) -> Self {
        let width = column - 2.0 * SUBNET_PAD;
        let blocks = subnet.blocks.join(", ");
        let beside = SUBNET.width(&subnet.name) + 12.0 + SMALL.width(&blocks) <= width;
        let mut lines = Vec::new();
        let blocks = if beside {
            blocks
        } else {
            lines.extend(SMALL.wrapped(&blocks, width, 1));
            String::new()
        };
        lines.extend(routes_text(&subnet.routes, width));
        Self {
            name: first_line(SUBNET, &subnet.name, width),
            blocks,
            lines,
        }
    }

    /// Height of the text with what is around it.
    pub(super) fn height(&self) -> f64 {
        7.0 + SUBNET.line_height() + self.lines.len() as f64 * SMALL.line_height() + 5.0
    }

    /// Baseline of a line below the top of the subnet; 0 is the name.
    pub(super) fn baseline(line: usize) -> f64 {
        7.0 + SUBNET.size * 0.82 + line as f64 * SMALL.line_height() + f64::from(line > 0) * 2.0
    }

    /// Where lines that start at the subnet do, below its top: at its last line.
    pub(super) fn anchor(&self) -> f64 {
        Self::baseline(self.lines.len()) - SMALL.middle()
    }
}

/// As many routes as fit into a few lines, and how many more there are.
fn routes_text(routes: &[String], width: f64) -> Vec<String> {
    let mut lines = Vec::new();
    for (index, route) in routes.iter().enumerate() {
        let more = routes.len() - index - 1;
        let own = route_lines(route, width);
        if lines.len() + own.len() + usize::from(more > 0) > ROUTE_LINES {
            let rest = match more + 1 {
                1 => "… and 1 more route".to_owned(),
                more => format!("… and {more} more routes"),
            };
            lines.push(first_line(SMALL, &rest, width));
            break;
        }
        lines.extend(own);
    }
    lines
}

/// A route on one line, or cut behind its arrow.
fn route_lines(route: &str, width: f64) -> Vec<String> {
    match route.split_once("→ ") {
        Some((destination, target)) if SMALL.width(route) > width => vec![
            first_line(SMALL, &format!("{destination}→"), width),
            first_line(SMALL, target, width),
        ],
        _ => vec![first_line(SMALL, route, width)],
    }
}

/// Height of a subnet with glyphs of these heights.
pub(super) fn subnet_height(text: &SubnetText, chips: impl Iterator<Item = f64>) -> f64 {
    let chips: f64 = chips.map(|height| height + CHIP_GAP).sum();
    let foot = if chips > 0.0 {
        SUBNET_PAD - 2.0 - CHIP_GAP
    } else {
        0.0
    };
    (text.height() + 2.0 + chips + foot).ceil()
}

/// As much of a text as fits, on one line.
pub(super) fn first_line(lettering: Lettering, text: &str, width: f64) -> String {
    let lines = lettering.wrapped(text, width, 1);
    lines.into_iter().next().unwrap_or_default()
}
