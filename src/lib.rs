//! netsim is a wind tunnel for VPC designs: a discrete-event network performance simulator.
//!
//! A senior cloud engineer describes a VPC in TOML and asks what no dashboard can answer: what is
//! the latency distribution from here to there, where does each microsecond go, what happens under
//! load, bursts and cold starts.
//!
//! The modules are layers, from what knows least to what knows most. A module imports only from
//! modules above it; `tests/suite/layering.rs` holds them to it.
//!
//! ```text
//! scenario.toml ─► scenario ─► topology ─► path ─► sim ◄─► engine
//!                                                   │
//!                                       experiment ─┴─► stats ─► report ─► output/
//! ```

pub mod units;
pub mod engine;
pub mod stats;
pub mod profile;
pub mod scenario;
pub mod topology;
pub mod path;
pub mod sim;
pub mod cost;
pub mod experiment;
pub mod report;
pub mod cli;
