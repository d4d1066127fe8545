//! netsim is a wind tunnel for VPC designs: a discrete-event network performance simulator.
//!
//! The modules below are layers: a module imports only from modules above it.

pub mod units;
pub mod engine;
pub mod stats;
pub mod profile;
pub mod scenario;
pub mod topology;
pub mod path;
pub mod sim;
pub mod experiment;
