//! One resource: what it carries, and for whom.

use super::bucket::TokenBucket;
use crate::units::{Duration, Time};

#[derive(Debug)]
pub(super) struct Resource {
    pub(super) capacity: Capacity,
    /// For how long something waits in front of it at most.
    pub(super) room: Duration,
    pub(super) members: Vec<Member>,
    /// What its members could want at most.
    pub(super) demand_bps: u128,
    pub(super) used_bps: u64,
    /// Members that could go faster alone, were it not for this resource.
    pub(super) ceilings: u32,
    /// Whether its members could fill it, as of the last sharing.
    pub(super) tight: bool,
    pub(super) dirty: bool,
    /// Its entry on the agenda.
    pub(super) due: Time,
    /// The question in which it takes part, and its number there.
    pub(super) mark: u64,
    pub(super) number: u32,
    /// Whether it is among the loads that have changed.
    pub(super) changed: bool,
}

#[derive(Debug)]
pub(super) enum Capacity {
    Fixed(u64),
    Bucket(TokenBucket),
}

/// A flow at a resource: which, and which of the flow's uses.
#[derive(Debug, Clone, Copy)]
pub(super) struct Member {
    pub(super) flow: u32,
    pub(super) place: u32,
}

impl Resource {
    pub(super) const fn new(capacity: Capacity) -> Self {
        Self {
            capacity,
            room: Duration::MAX,
            members: Vec::new(),
            demand_bps: 0,
            used_bps: 0,
            ceilings: 0,
            tight: false,
            dirty: false,
            due: Time::MAX,
            mark: 0,
            number: 0,
            changed: false,
        }
    }

    pub(super) const fn capacity_bps(&self) -> u64 {
        match &self.capacity {
            Capacity::Fixed(bps) => *bps,
            Capacity::Bucket(bucket) => bucket.capacity_bps(),
        }
    }

    pub(super) const fn peak_bps(&self) -> u64 {
        match &self.capacity {
            Capacity::Fixed(bps) => *bps,
            Capacity::Bucket(bucket) => bucket.peak_bps(),
        }
    }

    /// What rounding can leave of a full resource.
    pub(super) const fn slack_bps(&self) -> u64 {
        self.members.len() as u64
    }
}
