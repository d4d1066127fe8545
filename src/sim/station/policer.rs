//! A policer: so many packets in any second, and the rest is dropped.

use std::collections::VecDeque;

use super::{Admission, Counters, DropReason};
use crate::units::{Duration, Time};

/// Lets so many packets pass in any second and drops all others; nothing waits.
///
/// This is the allowance of an interface for link-local services: "1024 packets per second per network
/// interface" to the resolver, the instance metadata and the time service. (Amazon VPC user guide,
/// "DNS quotas", 2023.) Whether AWS counts over seconds of the clock or any second is not published;
/// here it is any second, so that a steady stream gets exactly that many through in each.
#[derive(Debug, Clone)]
pub struct Policer {
    limit: usize,
    reason: DropReason,
    /// When those passed that count now, the oldest first; at most `limit`.
    passed: VecDeque<Time>,
    counters: Counters,
}

/// What the limit is for.
const WINDOW: Duration = Duration::from_secs(1);

impl Policer {
    /// A policer that lets `limit` packets pass in any second, and drops others for `reason`.
    #[must_use]
    pub fn new(limit: u32, reason: DropReason) -> Self {
        Self {
            limit: limit as usize,
            reason,
            passed: VecDeque::new(),
            counters: Counters::default(),
        }
    }

    /// Lets a packet pass at once, or drops it.
    pub fn admit(&mut self, now: Time) -> Admission {
        if self.passed.len() >= self.limit {
            match self.passed.front() {
                Some(&oldest) if now.since(oldest) >= WINDOW => {
                    self.passed.pop_front();
                }
                _ => return self.counters.drop(self.reason),
            }
        }
        self.passed.push_back(now);
        self.counters.serve(now, now)
    }

    pub(super) const fn counters(&self) -> &Counters {
        &self.counters
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of a steady stream, exactly so many pass in each second.
    #[test]
    fn exactly_1024_pass_in_any_second_of_a_steady_stream() {
        for per_second in [1024, 1025, 3000, 10_000] {
            let mut policer = Policer::new(1024, DropReason::Linklocal);
            let mut passed = Vec::new();
            for number in 0..per_second * 4 {
                let now = Time::ZERO + Duration::from_ps(number * (1_000_000_000_000 / per_second));
                if policer.admit(now)
                    == (Admission::Served {
                        start: now,
                        end: now,
                    })
                {
                    passed.push(now);
                }
            }
            for (index, &start) in passed.iter().enumerate() {
                let inside = passed[index..]
                    .iter()
                    .take_while(|at| at.since(start) < WINDOW);
                let count = inside.count();
                let last = passed.len() - index < 1024;
                assert!(
                    count == 1024 || last,
                    "{count} of {per_second} in one second"
                );
            }
            let lost = policer.counters().dropped;
            assert_eq!(lost == 0, per_second == 1024);
        }
    }
}
