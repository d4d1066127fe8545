//! The rules of the overlay, a test for each, named after it; and what holds in every overlay.

// As in the layer that is tested; and what is asked is long.
#![allow(
    clippy::wildcard_enum_match_arm,
    clippy::wrong_self_convention,
    clippy::format_collect,
    clippy::unnecessary_wraps,
    clippy::too_many_lines,
    clippy::ref_option,
    clippy::many_single_char_names
)]

mod network;
mod sketch;

mod addresses;
mod interfaces;
mod security_groups;
mod connection_tracking;
mod network_acls;
mod routing;
mod gateways;
mod nat;
mod peering;
mod transit_gateways;
mod vpn;
mod endpoints;
mod functions;
mod load_balancers;
mod names;
mod mtu;
mod meters;
mod hops;
mod matrix;
mod properties;
mod round_trips;
mod remedies;
