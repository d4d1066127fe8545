//! The round-trip time, and how long to wait for an acknowledgement (RFC 6298).

use super::Config;
use crate::units::Duration;

/// The granularity of the clock, G of RFC 6298: a tick of Linux at 1000 Hz.
const GRANULARITY: Duration = Duration::from_us(1_000);

/// The retransmission timeout from measured round trips.
///
/// Timestamps tell which transmission a measurement is of, so retransmitted segments are measured,
/// too (RFC 7323, 4.1, instead of Karn's algorithm).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RttEstimator {
    /// Smoothed round-trip time and its mean deviation; `None` before the first measurement.
    smoothed: Option<(Duration, Duration)>,
    /// How often the timeout was doubled since the last measurement.
    doublings: u32,
    initial: Duration,
    least: Duration,
    most: Duration,
}

impl RttEstimator {
    /// An estimator without measurements.
    #[must_use]
    pub fn new(config: &Config) -> Self {
        Self {
            smoothed: None,
            doublings: 0,
            initial: config.initial_rto,
            least: config.min_rto,
            most: config.max_rto,
        }
    }

    /// A round trip took `rtt` (RFC 6298, 2.2 and 2.3); ends the doubling of the timeout.
    pub fn sample(&mut self, rtt: Duration) {
        let r = rtt.as_ps();
        let (srtt, rttvar) = match self.smoothed {
            None => (r, r / 2),
            Some((srtt, rttvar)) => {
                let (srtt, rttvar) = (srtt.as_ps(), rttvar.as_ps());
                // By differences, so that the longest spans do not overflow.
                let deviation = srtt.abs_diff(r);
                (toward(srtt, r, 8), toward(rttvar, deviation, 4))
            }
        };
        self.smoothed = Some((Duration::from_ps(srtt), Duration::from_ps(rttvar)));
        self.doublings = 0;
    }

    /// The smoothed round-trip time, SRTT; `None` before the first measurement.
    #[must_use]
    pub fn smoothed(&self) -> Option<Duration> {
        self.smoothed.map(|(srtt, _)| srtt)
    }

    /// The mean deviation of the round-trip time, RTTVAR; `None` before the first measurement.
    #[must_use]
    pub fn deviation(&self) -> Option<Duration> {
        self.smoothed.map(|(_, rttvar)| rttvar)
    }

    /// The timeout before doubling and limits: SRTT + max(G, 4·RTTVAR).
    #[must_use]
    pub fn raw(&self) -> Duration {
        self.smoothed.map_or(self.initial, |(srtt, rttvar)| {
            let margin = rttvar.as_ps().saturating_mul(4).max(GRANULARITY.as_ps());
            Duration::from_ps(srtt.as_ps().saturating_add(margin))
        })
    }

    /// The timeout, RTO.
    ///
    /// The least timeout bounds the sum (RFC 6298, 2.4). Linux bounds the deviation's share, so that
    /// its timeout is longer by one round trip.
    #[must_use]
    pub fn rto(&self) -> Duration {
        backed_off(self.raw().max(self.least), self.doublings, self.most)
    }

    /// The timeout ran out: the next one is twice as long (RFC 6298, 5.5).
    pub fn back_off(&mut self) {
        self.doublings = self.doublings.saturating_add(1);
    }
}

/// `from` moved by one part in `parts` of the way to `to`.
fn toward(from: u64, to: u64, parts: u64) -> u64 {
    if to >= from {
        from + (to - from) / parts
    } else {
        from - (from - to) / parts
    }
}

/// `timeout` after so many doublings, `most` at the most.
pub(super) fn backed_off(timeout: Duration, doublings: u32, most: Duration) -> Duration {
    let factor = 1_u64.checked_shl(doublings).unwrap_or(u64::MAX);
    Duration::from_ps(timeout.as_ps().saturating_mul(factor)).min(most)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn us(n: u64) -> Duration {
        Duration::from_us(n)
    }

    fn without_least() -> RttEstimator {
        RttEstimator::new(&Config {
            min_rto: Duration::ZERO,
            ..Config::default()
        })
    }

    #[test]
    fn a_steady_round_trip_leaves_the_granularity_as_margin() {
        let mut rtt = without_least();
        for _ in 0..200 {
            rtt.sample(us(500));
        }
        assert_eq!(rtt.smoothed(), Some(us(500)));
        assert_eq!(rtt.rto(), us(1_500));
    }

    #[test]
    fn the_timeout_doubles_up_to_its_limit_until_the_next_measurement() {
        let mut rtt = RttEstimator::new(&Config::default());
        let mut seconds = Vec::new();
        for _ in 0..9 {
            seconds.push(rtt.rto().as_ps() / 1_000_000_000_000);
            rtt.back_off();
        }
        assert_eq!(seconds, [1, 2, 4, 8, 16, 32, 64, 120, 120]);
        rtt.sample(us(500));
        assert_eq!(rtt.rto(), us(200_000));
    }

    #[test]
    fn the_longest_measurements_do_not_overflow() {
        let mut rtt = without_least();
        for r in [Duration::MAX, Duration::ZERO, Duration::MAX] {
            rtt.sample(r);
            assert!(rtt.rto() <= us(120_000_000));
        }
    }
}
