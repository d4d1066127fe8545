//! A capacity that grows with use: what a NAT gateway or an endpoint carries before it scales.

use super::bucket::bits;
use super::{Admission, Counters, DropReason};
use crate::units::{Bytes, Duration, PS_PER_SECOND, Rate, Time};

/// What a device carries at first, and what it grows to.
#[derive(Debug, Clone, Copy)]
pub struct Growth {
    /// Bandwidth at first.
    pub first_rate: Rate,
    /// Bandwidth when it has grown.
    pub last_rate: Rate,
    /// Packets per second at first and when it has grown; `None`: any number.
    pub packets: Option<(u64, u64)>,
    /// After each such period in which more than half was used, the capacity doubles.
    pub period: Duration,
    /// What may come at once: the capacity of so much time.
    pub burst: Duration,
}

/// A device without a buffer: what exceeds its capacity is dropped. The capacity doubles after each
/// period of which more than half was used, up to its last value, and does not shrink in a run.
///
/// That it grows, and from where to where, is documented (Amazon VPC user guide, "NAT gateway basics",
/// 2026; AWS `PrivateLink` guide, "quotas", 2024); how fast is not.
#[derive(Debug, Clone)]
pub struct Elastic {
    bandwidth: Meter,
    packets: Option<Meter>,
    period: Duration,
    period_ends: Time,
    counters: Counters,
}

/// One of the capacities, in 10⁻¹² units of what it counts.
#[derive(Debug, Clone)]
struct Meter {
    /// Per second.
    rate: u128,
    last_rate: u128,
    burst: Duration,
    credit: u128,
    at: Time,
    /// Used in this period.
    used: u128,
}

impl Elastic {
    /// A device at its first capacity.
    #[must_use]
    pub fn new(growth: &Growth) -> Self {
        let meter = |first: u64, last: u64| Meter::new(first, last, growth.burst);
        Self {
            bandwidth: meter(growth.first_rate.as_bps(), growth.last_rate.as_bps()),
            packets: growth.packets.map(|(first, last)| meter(first, last)),
            period: growth.period,
            period_ends: Time::ZERO + growth.period,
            counters: Counters::default(),
        }
    }

    /// Lets a packet pass at once, or drops it.
    pub fn admit(&mut self, now: Time, size: Bytes) -> Admission {
        if now >= self.period_ends && self.period > Duration::ZERO {
            self.grow();
            let idle = now.since(self.period_ends).as_ps() / self.period.as_ps();
            // Periods without a packet change nothing.
            let skipped = Duration::from_ps(self.period.as_ps() * (idle + 1));
            self.period_ends = self.period_ends + skipped;
        }
        let (needs, packet) = (bits(size), u128::from(PS_PER_SECOND));
        let fits = self.bandwidth.fits(now, needs);
        let packets = &mut self.packets;
        let counted = packets.as_mut().is_none_or(|meter| meter.fits(now, packet));
        if !(fits && counted) {
            return self.counters.drop(DropReason::Capacity);
        }
        self.bandwidth.take(needs);
        if let Some(packets) = packets {
            packets.take(packet);
        }
        self.counters.serve(now, now)
    }

    /// The bandwidth that it has now.
    #[must_use]
    pub fn bandwidth(&self) -> Option<Rate> {
        Rate::from_bps(u64::try_from(self.bandwidth.rate).unwrap_or(u64::MAX))
    }

    /// The end of a period.
    fn grow(&mut self) {
        let mut meters = [Some(&mut self.bandwidth), self.packets.as_mut()];
        let period = u128::from(self.period.as_ps());
        let busy = |meter: &&mut Meter| meter.used * 2 > meter.rate * period;
        let grows = meters.iter().flatten().any(busy);
        for meter in meters.iter_mut().flatten() {
            meter.used = 0;
            if grows {
                meter.rate = (meter.rate * 2).min(meter.last_rate);
            }
        }
    }

    pub(super) const fn counters(&self) -> &Counters {
        &self.counters
    }
}

impl Meter {
    fn new(first: u64, last: u64, burst: Duration) -> Self {
        let rate = u128::from(first.max(1));
        Self {
            rate,
            last_rate: rate.max(u128::from(last)),
            burst,
            credit: rate * u128::from(burst.as_ps()),
            at: Time::ZERO,
            used: 0,
        }
    }

    /// Whether there is room for `needs` at `now`; something always passes when nothing came before.
    #[inline]
    fn fits(&mut self, now: Time, needs: u128) -> bool {
        let most = self.rate * u128::from(self.burst.as_ps());
        let earned = self.rate * u128::from(now.since(self.at).as_ps());
        self.credit = most.max(needs).min(self.credit + earned);
        self.at = now;
        self.credit >= needs
    }

    #[inline]
    fn take(&mut self, needs: u128) {
        self.credit -= needs;
        self.used += needs;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gbps(n: u64) -> Rate {
        Rate::from_bps(n * 1_000_000_000).unwrap()
    }

    /// A NAT gateway that is offered twice what it carries: half is dropped in the first minute, less
    /// when it has grown, and nothing from then on.
    #[test]
    fn a_busy_device_doubles_each_minute_and_an_idle_one_does_not() {
        let growth = Growth {
            first_rate: gbps(5),
            last_rate: gbps(100),
            packets: Some((1_000_000, 10_000_000)),
            period: Duration::from_secs(60),
            burst: Duration::from_us(1000),
        };
        let mut device = Elastic::new(&growth);
        // Chunks of 1.25 MB every millisecond are 10 Gbps.
        let mut lost_in = [0; 3];
        for ms in 0..180_000 {
            let now = Time::ZERO + Duration::from_us(ms * 1000);
            for _ in 0..2 {
                if device.admit(now, Bytes::new(625_000))
                    == Admission::Dropped(DropReason::Capacity)
                {
                    lost_in[usize::try_from(ms / 60_000).unwrap()] += 1;
                }
            }
        }
        assert_eq!(lost_in, [60_000, 0, 0]);
        // The third minute used exactly half, which is not more. An hour without traffic changes
        // nothing.
        let later = Time::ZERO + Duration::from_secs(3780);
        assert!(matches!(
            device.admit(later, Bytes::new(1)),
            Admission::Served { .. }
        ));
        assert_eq!(device.bandwidth(), Some(gbps(20)));
    }

    #[test]
    fn packets_are_counted_whatever_their_size() {
        let growth = Growth {
            first_rate: gbps(5),
            last_rate: gbps(5),
            packets: Some((1000, 1000)),
            period: Duration::from_secs(60),
            burst: Duration::from_us(10_000),
        };
        let mut device = Elastic::new(&growth);
        let passed = (0..100).filter(|_| {
            device.admit(Time::ZERO, Bytes::new(64)) != Admission::Dropped(DropReason::Capacity)
        });
        assert_eq!(passed.count(), 10);
    }
}
