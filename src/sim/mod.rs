//! The running world: paths compiled into stages over stations, and what uses them.

pub mod station;
