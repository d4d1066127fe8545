//! Something that may be done so many times at once, and then at a rate.

use crate::units::{Duration, Time};

/// A token bucket in whole tokens: it is full at the start, and refills continuously.
#[derive(Debug, Clone)]
pub(in crate::sim) struct Allowance {
    /// In tokens times the period in picoseconds, so that refilling needs no division.
    tokens: u128,
    burst: u128,
    each_period: u128,
    period: u128,
    since: Time,
}

impl Allowance {
    /// `burst` at once, and `each_period` more in each `period`.
    pub(super) fn new(burst: u32, each_period: u32, period: Duration) -> Self {
        let period = u128::from(period.as_ps().max(1));
        let burst = u128::from(burst) * period;
        Self {
            tokens: burst,
            burst,
            each_period: u128::from(each_period),
            period,
            since: Time::ZERO,
        }
    }

    /// Whether it may be done at `now`. Calls must not go back in time.
    pub(super) fn allows(&mut self, now: Time) -> bool {
        let passed = u128::from(now.since(self.since).as_ps());
        self.since = now;
        self.tokens = self.burst.min(self.tokens + passed * self.each_period);
        self.tokens >= self.period
    }

    /// It is done; [`Self::allows`] has said yes.
    pub(super) fn take(&mut self) {
        self.tokens -= self.period;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How many of `wanted` at `at` are allowed.
    fn taken(allowance: &mut Allowance, at: Duration, wanted: u32) -> u32 {
        let now = Time::ZERO + at;
        let mut count = 0;
        while count < wanted && allowance.allows(now) {
            allowance.take();
            count += 1;
        }
        count
    }

    /// The examples of the AWS Lambda Operator Guide for a burst of 3,000: with 10,000 at once 7,000
    /// are turned away; a minute later there is room for 500.
    #[test]
    fn a_burst_and_then_a_rate() {
        let mut burst = Allowance::new(3000, 500, Duration::from_secs(60));
        assert_eq!(taken(&mut burst, Duration::ZERO, 10_000), 3000);
        assert_eq!(taken(&mut burst, Duration::from_secs(60), 10_000), 500);
        assert_eq!(taken(&mut burst, Duration::from_secs(66), 10_000), 50);
        // It does not save up more than the burst.
        assert_eq!(
            taken(&mut burst, Duration::from_secs(100_000), 10_000),
            3000
        );
    }

    #[test]
    fn a_token_is_there_to_the_picosecond() {
        let mut one = Allowance::new(1, 100, Duration::from_secs(10));
        assert_eq!(taken(&mut one, Duration::ZERO, 2), 1);
        let tenth = Duration::from_us(100_000);
        assert_eq!(taken(&mut one, Duration::from_ps(tenth.as_ps() - 1), 1), 0);
        assert_eq!(taken(&mut one, tenth, 1), 1);
    }
}
