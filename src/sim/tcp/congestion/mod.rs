//! The congestion window: how much may be on its way.

mod cubic;
mod reno;

use cubic::Cubic;
use reno::Reno;

use super::{Config, CongestionControl};
use crate::units::{Duration, Time};

/// The least slow-start threshold (RFC 5681, 3.1, equation 4; RFC 9438, 4.6).
const LEAST: f64 = 2.0;

/// The congestion window and the slow-start threshold, in segments.
#[derive(Debug, Clone, Copy)]
pub(super) struct Window {
    size: f64,
    threshold: f64,
    initial: f64,
    avoidance: Avoidance,
}

/// Congestion avoidance: growth beyond the threshold.
#[derive(Debug, Clone, Copy)]
enum Avoidance {
    Reno(Reno),
    Cubic(Cubic),
}

impl Window {
    pub(super) fn new(config: &Config) -> Self {
        let initial = f64::from(config.initial_window.max(1));
        Self {
            size: initial,
            threshold: f64::INFINITY,
            initial,
            avoidance: match config.congestion_control {
                CongestionControl::Reno => Avoidance::Reno(Reno::default()),
                CongestionControl::Cubic => Avoidance::Cubic(Cubic::default()),
            },
        }
    }

    /// Segments that may be on their way.
    pub(super) const fn size(&self) -> f64 {
        self.size
    }

    pub(super) const fn threshold(&self) -> f64 {
        self.threshold
    }

    /// Whether one more segment may be sent when `pipe` are on their way.
    pub(super) fn has_room(&self, pipe: u64) -> bool {
        pipe as f64 + 1.0 <= self.size
    }

    pub(super) fn in_slow_start(&self) -> bool {
        self.size < self.threshold
    }

    /// Grows by an acknowledgement that counts as `segments`: in slow start by as many, beyond the
    /// threshold as the algorithm has it.
    pub(super) fn grow(&mut self, now: Time, segments: u64, rtt: Duration) {
        let mut segments = segments as f64;
        if self.in_slow_start() {
            let slow = segments.min(self.threshold - self.size);
            self.size += slow;
            segments -= slow;
            if segments <= 0.0 {
                return;
            }
        }
        self.size = match &mut self.avoidance {
            Avoidance::Reno(reno) => reno.grow(self.size, segments),
            Avoidance::Cubic(cubic) => cubic.grow(self.size, now, segments, rtt),
        };
    }

    /// Time passes in which the window would not have been used had it been larger: it does not
    /// grow, and CUBIC's clock stands still (RFC 9438, 5.8).
    pub(super) fn pause(&mut self, now: Time) {
        match &mut self.avoidance {
            Avoidance::Reno(_) => {}
            Avoidance::Cubic(cubic) => cubic.pause(now),
        }
    }

    /// Shrinks upon loss or a mark, once for each window of data (RFC 5681, 3.2; RFC 9438, 4.6).
    pub(super) fn reduce(&mut self) {
        self.threshold = self.after_loss();
        self.size = self.threshold;
    }

    /// The retransmission timer ran out: slow start from one segment (RFC 5681, 3.1). The threshold
    /// follows when the timer runs out for the `first` time in a row (equation 4).
    pub(super) fn collapse(&mut self, first: bool) {
        if first {
            self.threshold = self.after_loss();
        }
        self.size = 1.0;
        match &mut self.avoidance {
            Avoidance::Reno(reno) => *reno = Reno::default(),
            Avoidance::Cubic(cubic) => *cubic = Cubic::default(),
        }
    }

    /// Begins again after an idle time (RFC 5681, 4.1), with a threshold that remembers the window
    /// (RFC 2861, 3).
    pub(super) fn restart(&mut self) {
        self.threshold = self.threshold.max(0.75 * self.size);
        self.size = self.size.min(self.initial);
    }

    fn after_loss(&mut self) -> f64 {
        let size = match &mut self.avoidance {
            Avoidance::Reno(reno) => reno.after_loss(self.size),
            Avoidance::Cubic(cubic) => cubic.after_loss(self.size),
        };
        size.max(LEAST)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RTT: Duration = Duration::from_us(100_000);

    fn reno() -> Window {
        Window::new(&Config {
            congestion_control: CongestionControl::Reno,
            ..Config::default()
        })
    }

    #[test]
    fn slow_start_ends_at_the_threshold() {
        let mut window = reno();
        window.threshold = 12.0;
        window.grow(Time::ZERO, 1, RTT);
        assert!((window.size() - 11.0).abs() < 1e-12);
        // One of the thirteen reaches the threshold, the others are a window's worth.
        window.grow(Time::ZERO, 13, RTT);
        assert!((window.size() - 13.0).abs() < 1e-12);
        assert!(!window.in_slow_start());
    }

    #[test]
    fn timeouts_in_a_row_lower_the_threshold_once() {
        let mut window = reno();
        window.collapse(true);
        window.collapse(false);
        assert!((window.size() - 1.0).abs() < 1e-12);
        assert!((window.threshold() - 5.0).abs() < 1e-12);
        window.collapse(true);
        assert!((window.threshold() - 2.0).abs() < 1e-12);
    }

    #[test]
    fn a_restart_remembers_the_window_in_its_threshold() {
        let mut window = reno();
        window.size = 80.0;
        window.threshold = 20.0;
        window.restart();
        assert!((window.size() - 10.0).abs() < 1e-12);
        assert!((window.threshold() - 60.0).abs() < 1e-12);
    }
}
