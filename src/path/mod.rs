//! From here to there, hop by hop through the overlay and down to the substrate, or a refusal with
//! a reason: a pure function of a topology, without a clock.

mod hop;
mod refusal;
mod resolve;
mod security;
mod trip;

pub use hop::{Hop, Link};
pub use refusal::{ReasonCode, Refusal};
pub use resolve::{Endpoint, Flow, NodeChoice, Path, Server, resolve};
