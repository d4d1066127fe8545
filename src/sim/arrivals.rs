//! Arrivals that remember how far they have come: on and off by turns, and rates that change over time.
//!
//! The next arrival of a Poisson process with the rate λ(t) after t₀ is where the integral of λ from
//! t₀ on reaches a unit exponential: one draw for each arrival, and no rejection.

use crate::engine::{Distribution, Stream};
use crate::units::{Duration, PS_PER_SECOND, Time};

/// Parts of the draws for periods; part 0 are those for arrivals.
const ON: u32 = 1;
const OFF: u32 = 2;

const MINUTE: Duration = Duration::from_secs(60);

/// How far a source has come.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Progress {
    /// The piece of a curve, the minute, or the number of on-periods or recorded times so far.
    pub(super) place: usize,
    /// When the curve began last, or since when arrivals are looked for.
    pub(super) since: Time,
    /// The end of an on-period.
    pub(super) until: Time,
    /// Mean arrivals of the piece so far, or picoseconds of the minute.
    pub(super) used: f64,
    /// Arrivals of the minute so far.
    pub(super) arrived: u32,
}

impl Progress {
    /// The arrival of an interrupted Poisson process after the one at `self`: `on_time` picoseconds
    /// of on-periods later. The length of a period is the draw of `stream` of its number.
    pub(super) fn after_on_time(
        &mut self,
        mut on_time: f64,
        [on, off]: &[Distribution; 2],
        stream: Stream,
    ) -> Time {
        loop {
            let left = self.until.since(self.since).as_ps() as f64;
            if on_time < left {
                let arrival = self.since + Duration::from_ps_f64(on_time);
                self.since = arrival;
                return arrival;
            }
            on_time -= left;
            let period = self.place as u64;
            if self.place > 0 {
                self.until = self.until + off.sample(&mut stream.draw_part(period, OFF));
            }
            self.place += 1;
            self.since = self.until;
            self.until = self.since + on.sample(&mut stream.draw_part(period, ON));
            if self.since == Time::MAX {
                return Time::MAX;
            }
        }
    }
}

impl Progress {
    /// The next of recorded times.
    #[inline]
    pub(super) fn next_of(&mut self, times: &[Time]) -> Time {
        let next = times.get(self.place).copied();
        self.place += 1;
        next.unwrap_or(Time::MAX)
    }

    /// The next arrival where there are `counts` of them in each minute, uniform over it and
    /// independent: the least of n over what is left of the minute, 1 - U^(1/n) of it, by a `unit`
    /// U between 0 and 1.
    pub(super) fn next_in_minute(&mut self, counts: &[u32], unit: f64) -> Time {
        loop {
            let Some(&count) = counts.get(self.place) else {
                return Time::MAX;
            };
            if self.arrived < count {
                let left = f64::from(count - self.arrived);
                let share = -(unit.ln() / left).exp_m1();
                self.used += share * (MINUTE.as_ps() as f64 - self.used);
                self.arrived += 1;
                // Rounded, it is still in its minute.
                let last = Duration::from_ps(MINUTE.as_ps() - 1);
                let within = Duration::from_ps_f64(self.used).min(last);
                return Time::from_ps(self.place as u64 * MINUTE.as_ps()) + within;
            }
            self.place += 1;
            self.arrived = 0;
            self.used = 0.0;
        }
    }
}

/// A rate of arrivals that changes: straight pieces, once or again and again.
#[derive(Debug, Clone)]
pub(super) struct RateCurve {
    pieces: Vec<Piece>,
    /// Time after which it repeats itself, and the mean arrivals until then.
    period: Option<(Duration, f64)>,
}

/// A stretch of time in which the rate is linear. Rates are per picosecond.
#[derive(Debug, Clone, Copy)]
struct Piece {
    start: Duration,
    /// In picoseconds; infinite for the last one of a curve that does not repeat itself.
    width: f64,
    from: f64,
    to: f64,
    /// Mean arrivals.
    mass: f64,
}

impl Piece {
    fn new(start: Duration, width: f64, from: f64, to: f64) -> Self {
        let (from, to) = (from / PS_PER_SECOND as f64, to / PS_PER_SECOND as f64);
        let mean = f64::midpoint(from, to);
        let mass = if mean > 0.0 { mean * width } else { 0.0 };
        Self {
            start,
            width,
            from,
            to,
            mass,
        }
    }

    /// Picoseconds after which the mean number of arrivals is `mass`.
    #[inline]
    fn reaches(&self, mass: f64) -> f64 {
        // The root of from·x + (to - from)/(2·width)·x² = mass, without cancellation.
        let slope = (self.to - self.from) / self.width;
        let root = (self.from * self.from + 2.0 * slope * mass).max(0.0).sqrt();
        let x = 2.0 * mass / (self.from + root);
        // Nothing over nothing, at the very beginning of a rise from zero.
        if x.is_nan() { 0.0 } else { x.min(self.width) }
    }
}

impl RateCurve {
    /// A rate per second from each of the times on; the last one stays.
    ///
    /// The times increase from zero on.
    pub(super) fn steps(rates: &[(Duration, f64)]) -> Self {
        let ends = rates.iter().skip(1).map(|&(at, _)| at.as_ps() as f64);
        let ends = ends.chain([f64::INFINITY]);
        let pieces = rates
            .iter()
            .zip(ends)
            .map(|(&(start, rate), end)| Piece::new(start, end - start.as_ps() as f64, rate, rate));
        Self {
            pieces: pieces.collect(),
            period: None,
        }
    }

    /// Rates per second at points that divide `period` evenly, with straight lines between them, from
    /// the last one back to the first, and again.
    ///
    /// One of the rates is more than zero, as is the period.
    pub(super) fn periodic(rates: &[f64], period: Duration) -> Self {
        let width = period.as_ps() as f64 / rates.len() as f64;
        let next = rates.iter().cycle().skip(1);
        let pieces = rates.iter().zip(next).enumerate();
        let pieces: Vec<Piece> = pieces
            .map(|(index, (&from, &to))| {
                let start = Duration::from_ps_f64(width * index as f64);
                Piece::new(start, width, from, to)
            })
            .collect();
        let mass = pieces.iter().map(|piece| piece.mass).sum();
        Self {
            pieces,
            period: Some((period, mass)),
        }
    }

    /// The arrival after the one at `progress`: `exponential` mean arrivals later.
    #[inline]
    pub(super) fn next(&self, progress: &mut Progress, exponential: f64) -> Time {
        let mut mass = progress.used + exponential;
        loop {
            let Some(piece) = self.pieces.get(progress.place) else {
                let Some((period, whole)) = self.period else {
                    return Time::MAX;
                };
                let periods = (mass / whole).floor();
                mass = (mass - periods * whole).max(0.0);
                let later = Duration::from_ps_f64((periods + 1.0) * period.as_ps() as f64);
                progress.since = progress.since + later;
                if progress.since == Time::MAX {
                    return Time::MAX;
                }
                progress.place = 0;
                continue;
            };
            if mass < piece.mass {
                progress.used = mass;
                let within = Duration::from_ps_f64(piece.reaches(mass));
                return progress.since + piece.start + within;
            }
            mass -= piece.mass;
            progress.place += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::StreamFamily;

    /// Arrivals after the mean numbers of `masses`, in seconds.
    fn arrivals(curve: &RateCurve, masses: &[f64]) -> Vec<f64> {
        let mut progress = Progress::default();
        let next = |&mass: &f64| curve.next(&mut progress, mass).as_secs_f64();
        masses.iter().map(next).collect()
    }

    fn close(found: &[f64], expected: &[f64]) {
        assert_eq!(found.len(), expected.len());
        for (found, expected) in found.iter().zip(expected) {
            assert!((found - expected).abs() < 1e-9, "{found} is not {expected}");
        }
    }

    #[test]
    fn a_curve_of_steps_is_inverted_exactly() {
        let second = Duration::from_secs;
        let curve = RateCurve::steps(&[(second(0), 2.0), (second(10), 0.0), (second(20), 0.5)]);
        // 20 arrivals in the first piece; what is left after them comes half as often per second.
        close(
            &arrivals(&curve, &[1.0, 18.0, 2.0, 1.0]),
            &[0.5, 9.5, 22.0, 24.0],
        );
        let ending = RateCurve::steps(&[(second(0), 1.0), (second(5), 0.0)]);
        let mut progress = Progress::default();
        assert_eq!(ending.next(&mut progress, 4.0), Time::ZERO + second(4));
        for _ in 0..3 {
            assert_eq!(ending.next(&mut progress, 1.0), Time::MAX);
        }
    }

    #[test]
    fn minutes_have_their_counts() {
        let counts = [0, 3, 0, 1000, 1];
        let stream = StreamFamily::new(3, 0).stream("test", "minutes");
        let mut progress = Progress::default();
        let mut found = [0; 5];
        let mut last = Time::ZERO;
        for index in 0..1004 {
            let next = progress.next_in_minute(&counts, stream.draw(index).unit());
            assert!(next >= last);
            last = next;
            found[usize::try_from(next.as_ps() / MINUTE.as_ps()).unwrap()] += 1;
        }
        assert_eq!(found, counts);
        assert_eq!(progress.next_in_minute(&counts, 0.5), Time::MAX);
        // The least and the greatest of chances stay in their minute.
        for unit in [f64::MIN_POSITIVE, 1.0 - f64::EPSILON] {
            let mut progress = Progress::default();
            let next = progress.next_in_minute(&[1], unit);
            assert!(next < Time::ZERO + MINUTE, "{next:?}");
        }
    }

    #[test]
    fn a_periodic_curve_is_inverted_exactly() {
        // Up from 0 to 4/s in 10 s, and down again: Λ(t) = 0.2 t², then 40 - 0.2 (20 - t)².
        let curve = RateCurve::periodic(&[0.0, 4.0], Duration::from_secs(20));
        close(
            &arrivals(&curve, &[0.2, 4.8, 15.0, 15.0, 4.8, 0.4]),
            &[1.0, 5.0, 10.0, 15.0, 19.0, 21.0],
        );
        // Whole periods at once, 40 arrivals each.
        close(
            &arrivals(&curve, &[400.2, 34.8, 5.2]),
            &[201.0, 215.0, 221.0],
        );
        // The end of time is no wrap.
        let rare = RateCurve::periodic(&[1e-9, 1e-9], Duration::from_secs(1));
        let mut progress = Progress::default();
        assert_eq!(rare.next(&mut progress, 1.0), Time::MAX);
    }
}
