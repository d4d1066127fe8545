//! Spines that fail, and flows that are hashed again.

use super::{Engine, Event, World};
use crate::sim::program::{Planes, Program};
use crate::sim::station::Station;

/// What happens to a spine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::sim) enum Change {
    Fails,
    /// Leaves take it out.
    IsAvoided,
    /// It works again, and leaves take it in.
    Returns,
}

/// Has all failures of a program happen in their time.
pub(super) fn schedule(program: &Program, engine: &mut Engine) {
    for (failure, number) in program.failures.iter().zip(0..) {
        engine.schedule_at(failure.at, Event::Spine(number, Change::Fails));
        if failure.until.is_none_or(|until| until > failure.rerouted) {
            engine.schedule_at(failure.rerouted, Event::Spine(number, Change::IsAvoided));
        }
        if let Some(until) = failure.until {
            engine.schedule_at(until, Event::Spine(number, Change::Returns));
        }
    }
}

impl World<'_> {
    pub(super) fn spine_changes(&mut self, number: u32, change: Change) {
        let failure = &self.program.failures[number as usize];
        match change {
            Change::Fails | Change::Returns => {
                for &station in &failure.stations {
                    if let Station::Link(link) = &mut self.stations[station as usize] {
                        link.set_down(change == Change::Fails);
                    }
                }
            }
            Change::IsAvoided => {}
        }
        for &workload in &failure.workloads {
            let avoided = &mut self.avoided[workload];
            match change {
                Change::Fails => {}
                Change::IsAvoided => avoided.push(failure.plane),
                Change::Returns => avoided.retain(|&plane| plane != failure.plane),
            }
        }
    }

    /// The spine that packets of a flow take which are hashed to `plane`: another one, by the flow's
    /// `number`, while that is avoided.
    #[inline]
    pub(super) fn spine(&self, workload: usize, plane: u32, planes: Planes, number: u64) -> u32 {
        if self.avoided[workload].is_empty() {
            plane
        } else {
            self.other_spine(workload, plane, planes, number)
        }
    }

    #[cold]
    fn other_spine(&self, workload: usize, plane: u32, planes: Planes, number: u64) -> u32 {
        let avoided = &self.avoided[workload];
        if !avoided.contains(&plane) {
            return plane;
        }
        let left = || (0..planes.count).filter(|plane| !avoided.contains(plane));
        let count = left().count().max(1);
        // Multiplicative hashing (Knuth, The Art of Computer Programming, volume 3, section 6.4).
        let hash = (number.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32) as usize;
        left().nth(hash % count).unwrap_or(plane)
    }
}
