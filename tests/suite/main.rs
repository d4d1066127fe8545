//! The test suite: what netsim computes, held to what is known from elsewhere.

#[cfg(test)]
mod oracles;
