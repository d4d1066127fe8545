//! The test suite: what netsim computes, held to what is known from elsewhere.

#[cfg(test)]
mod world;

#[cfg(test)]
mod aws;

#[cfg(test)]
mod oracles;

#[cfg(test)]
mod leaf_spine;

#[cfg(test)]
mod lambda;

#[cfg(test)]
mod path;

#[cfg(test)]
mod packet_path;

#[cfg(test)]
mod determinism;

#[cfg(test)]
mod layering;

#[cfg(test)]
mod cli;

#[cfg(test)]
mod clients;

#[cfg(test)]
mod golden;

#[cfg(test)]
mod diagnostics;

#[cfg(test)]
mod streams;

#[cfg(test)]
mod agreement;

#[cfg(test)]
mod transport;

#[cfg(test)]
mod licences;

#[cfg(test)]
mod properties;

#[cfg(test)]
mod limits;

#[cfg(test)]
mod fabric;

#[cfg(test)]
mod arrivals;
