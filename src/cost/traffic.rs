//! What workloads move and invoke in a month.

use super::HOURS_PER_MONTH;
use crate::path::Meter;
use crate::scenario::Architecture;
use crate::topology::{Function, Id};
use crate::units::{Bytes, Duration, Frequency, Memory, MonthlyVolume};

/// What a workload moves in a month on one of its ways, and what charges for that. A workload with
/// several ways has several of these, each with its part of the volume.
#[derive(Debug, Clone, PartialEq)]
pub struct Traffic {
    /// The workload.
    pub workload: String,
    /// What charges for the way there. What is passed twice is there twice.
    pub forward: Vec<Meter>,
    /// What charges for the way back.
    pub back: Vec<Meter>,
    /// What goes there in a month.
    pub bytes_forward: Bytes,
    /// What comes back in a month.
    pub bytes_back: Bytes,
    /// Connections, or flows of datagrams, that are opened in a second.
    pub new_connections_per_second: f64,
    /// Connections, or flows, that are open at once, on average.
    pub active_connections: f64,
    /// How they look to a Network Load Balancer on the way.
    pub transport: Transport,
}

/// What a Network Load Balancer counts a connection as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Transport {
    /// A connection that is passed on, whatever is in it.
    #[default]
    Tcp,
    /// A TLS connection that ends at the load balancer.
    Tls,
    /// A flow of datagrams.
    Udp,
}

/// How often a workload invokes a function in a month.
#[derive(Debug, Clone, PartialEq)]
pub struct Invocations {
    /// The workload.
    pub workload: String,
    /// The function.
    pub function: Id<Function>,
    /// Its memory.
    pub memory: Memory,
    /// Its instruction set.
    pub architecture: Architecture,
    /// Invocations of a month.
    pub count: u64,
    /// What an invocation is billed for, on average: the time of the handler.
    pub mean_duration: Duration,
    /// The share of them that provisioned environments serve; `None` if the function has none.
    pub provisioned: Option<f64>,
    /// Whether each of them is a request of an HTTP API, too.
    pub by_api: bool,
}

/// What a workload amounts to in a month.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Monthly {
    /// Exchanges, datagrams or invocations.
    pub count: u64,
    /// What they send there.
    pub forward: Bytes,
    /// What comes back.
    pub back: Bytes,
}

impl Monthly {
    /// So many arrivals, each of which sends `forward` and gets `back`.
    #[must_use]
    pub const fn of(count: u64, forward: Bytes, back: Bytes) -> Self {
        Self {
            count,
            forward: Bytes::new(forward.get().saturating_mul(count)),
            back: Bytes::new(back.get().saturating_mul(count)),
        }
    }

    /// What arrivals at `rate` amount to, each of which sends `forward` and gets `back`. A `volume`
    /// takes their place: it is divided between the directions as the sizes are, and into as many
    /// arrivals as fit. With neither there is nothing.
    #[must_use]
    pub fn new(
        rate: Option<Frequency>,
        forward: Bytes,
        back: Bytes,
        volume: Option<MonthlyVolume>,
    ) -> Self {
        let Some(volume) = volume else {
            return Self::of(rate.map_or(0, per_month), forward, back);
        };
        let (total, there) = (
            u128::from(volume.whole_bytes().get()),
            u128::from(forward.get()),
        );
        let exchange = there + u128::from(back.get());
        if exchange == 0 {
            return Self {
                count: 0,
                forward: volume.whole_bytes(),
                back: Bytes::new(0),
            };
        }
        let sent = (total * there + exchange / 2) / exchange;
        let bytes = |bytes: u128| Bytes::new(u64::try_from(bytes).unwrap_or(u64::MAX));
        Self {
            count: bytes((total + exchange / 2) / exchange).get(),
            forward: bytes(sent),
            back: bytes(total - sent),
        }
    }
}

/// Arrivals of a month, rounded to the nearest.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // `as` saturates
fn per_month(rate: Frequency) -> u64 {
    let seconds = (HOURS_PER_MONTH * 3_600) as f64;
    (rate.as_per_second() * seconds).round() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kilobytes(n: u64) -> Bytes {
        Bytes::new(n * 1_000)
    }

    #[test]
    fn arrivals_add_up_over_730_hours() {
        let rate = Frequency::per_second(20.0);
        let monthly = Monthly::new(rate, kilobytes(1), kilobytes(16), None);
        assert_eq!(monthly.count, 52_560_000);
        assert_eq!(monthly.forward.get(), 52_560_000_000);
        assert_eq!(monthly.back.get(), 16 * 52_560_000_000);
        let daily = Frequency::per_second(1.0 / 86_400.0);
        assert_eq!(
            Monthly::new(daily, kilobytes(1), kilobytes(1), None).count,
            30
        );
    }

    #[test]
    fn a_volume_is_divided_as_the_sizes_are() {
        let volume = MonthlyVolume::from_bytes(5e12);
        let monthly = Monthly::new(None, kilobytes(1), kilobytes(4), volume);
        assert_eq!(monthly.forward.get(), 1_000_000_000_000);
        assert_eq!(monthly.back.get(), 4_000_000_000_000);
        assert_eq!(monthly.count, 1_000_000_000);
        // Nothing is lost in the division.
        let thirds = Monthly::new(
            None,
            kilobytes(1),
            kilobytes(2),
            MonthlyVolume::from_bytes(1e12),
        );
        assert_eq!(thirds.forward.get() + thirds.back.get(), 1_000_000_000_000);
        assert_eq!(
            Monthly::new(None, Bytes::new(0), Bytes::new(0), volume).count,
            0
        );
        assert_eq!(
            Monthly::new(None, kilobytes(1), kilobytes(1), None).count,
            0
        );
    }

    #[test]
    fn a_volume_beats_arrivals() {
        let volume = MonthlyVolume::from_bytes(1e9);
        let monthly = Monthly::new(
            Frequency::per_second(1e6),
            kilobytes(1),
            kilobytes(0),
            volume,
        );
        assert_eq!(monthly.forward.get(), 1_000_000_000);
    }
}
