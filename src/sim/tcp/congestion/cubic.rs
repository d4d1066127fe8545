//! CUBIC (RFC 9438): the window is a cubic function of the time since the last reduction, flat
//! around the size at which the last loss occurred.

use crate::units::{Duration, Time};

/// C of RFC 9438, 5.1, in segments per second cubed: how fast the window grows.
const C: f64 = 0.4;
/// β of RFC 9438, 4.6: the share of the window that is left upon loss.
const BETA: f64 = 0.7;
/// α of RFC 9438, 4.3: the growth for each round trip that is worth as much as Reno's with half the
/// window left upon loss, 3(1-β)/(1+β).
const ALPHA: f64 = 3.0 * (1.0 - BETA) / (1.0 + BETA);
/// The window grows by half in a round trip at the most (RFC 9438, 4.2).
const STEEPEST: f64 = 1.5;

/// Congestion avoidance of CUBIC.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Cubic {
    /// The window at the last loss, or less if it was smaller than at the one before (fast
    /// convergence, 4.7); zero before the first and after a timeout.
    maximum: f64,
    /// The window just before the last reduction.
    prior: f64,
    /// The current stage of congestion avoidance, from its first acknowledgement.
    stage: Option<Stage>,
    /// When the window last grew, or its clock last stood still.
    updated: Time,
}

/// A stage of congestion avoidance.
#[derive(Debug, Clone, Copy)]
struct Stage {
    start: Time,
    /// `W_max`: where the function is flat.
    plateau: f64,
    /// K: seconds from the start to the plateau.
    rise: f64,
    /// `W_est`: what Reno's window would be.
    reno: f64,
}

impl Cubic {
    /// The window after so many `segments` more are acknowledged (4.2 to 4.5).
    pub(super) fn grow(&mut self, window: f64, now: Time, segments: f64, rtt: Duration) -> f64 {
        self.updated = now;
        let (maximum, prior) = (self.maximum, self.prior);
        let stage = self.stage.get_or_insert_with(|| Stage {
            start: now,
            plateau: maximum.max(window),
            rise: ((maximum - window).max(0.0) / C).cbrt(),
            reno: window,
        });
        // Above the window of the last loss Reno's own increase is fair (4.3).
        let alpha = if stage.reno < prior { ALPHA } else { 1.0 };
        stage.reno += alpha * segments / window;
        let time = now.since(stage.start).as_secs_f64();
        if stage.at(time) < stage.reno {
            return stage.reno.max(window);
        }
        let target = stage.at(time + rtt.as_secs_f64());
        let target = target.clamp(window, STEEPEST * window);
        window + segments * (target - window) / window
    }

    /// The clock of the current stage stands still from the last growth until `now`.
    pub(super) fn pause(&mut self, now: Time) {
        if let Some(stage) = &mut self.stage {
            stage.start = stage.start + now.since(self.updated);
        }
        self.updated = now;
    }

    /// The window upon loss; the next acknowledgement begins a new stage.
    pub(super) fn after_loss(&mut self, window: f64) -> f64 {
        self.maximum = if window < self.maximum {
            window * f64::midpoint(1.0, BETA)
        } else {
            window
        };
        self.prior = window;
        self.stage = None;
        window * BETA
    }
}

impl Stage {
    /// `W_cubic` of RFC 9438, 4.2, `time` seconds after the start.
    fn at(&self, time: f64) -> f64 {
        let distance = time - self.rise;
        C * (distance * distance * distance) + self.plateau
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Window by window: a round trip of 100 ms has as many acknowledgements as the window.
    fn windows(cubic: &mut Cubic, start: f64, round_trips: u64) -> Vec<f64> {
        const RTT: u64 = 100_000;
        let mut window = start;
        let mut windows = Vec::new();
        for trip in 0..round_trips {
            let acknowledgements = f64::floor(window);
            let mut done = 0.0;
            while done < acknowledgements {
                let share = Duration::from_secs_f64(0.1 * done / acknowledgements);
                let now = Time::ZERO + Duration::from_us(trip * RTT) + share;
                window = cubic.grow(window, now, 1.0, Duration::from_us(RTT));
                done += 1.0;
            }
            windows.push(window);
        }
        windows
    }

    #[test]
    fn the_window_returns_to_its_maximum_after_k_seconds() {
        let mut cubic = Cubic::default();
        let start = cubic.after_loss(1_000.0);
        assert!((start - 700.0).abs() < 1e-9);
        // K = ∛(300/0.4) = 9.086 s.
        let windows = windows(&mut cubic, start, 200);
        let near = |trip: usize, expected: f64| {
            let window = windows[trip - 1];
            assert!(
                (window - expected).abs() < 5.0,
                "{trip}: {window}, not {expected}"
            );
        };
        near(45, 1_000.0 - 0.4 * 96.4); // 4.5 s: (-4.586)³ = -96.4
        near(91, 1_000.0);
        near(136, 1_000.0 + 0.4 * 92.0); // 13.6 s: 4.514³ = 92.0
        assert!(windows.is_sorted());
    }

    #[test]
    fn a_loss_below_the_last_maximum_lowers_the_next() {
        let mut cubic = Cubic::default();
        cubic.after_loss(1_000.0);
        assert!((cubic.after_loss(900.0) - 630.0).abs() < 1e-9);
        assert!((cubic.maximum - 765.0).abs() < 1e-9);
    }

    #[test]
    fn a_small_window_grows_as_reno_s_would() {
        let mut cubic = Cubic::default();
        let start = cubic.after_loss(20.0);
        let windows = windows(&mut cubic, start, 12);
        // 14 + 0.529 for each round trip up to 20, then one; the cubic is above it from 1.5 s on.
        assert!(
            (windows[9] - 14.0 - 10.0 * ALPHA).abs() < 0.3,
            "{windows:?}"
        );
    }

    #[test]
    fn time_without_use_is_not_time_to_grow() {
        let mut cubic = Cubic::default();
        let start = cubic.after_loss(1_000.0);
        let rtt = Duration::from_us(100_000);
        let window = cubic.grow(start, Time::ZERO, 1.0, rtt);
        let mut paused = cubic;
        let later = Time::ZERO + Duration::from_secs(9);
        paused.pause(later);
        let still = paused.grow(window, later, 1.0, rtt);
        assert!(still - window < 0.05, "{still}");
        assert!(cubic.grow(window, later, 1.0, rtt) - window > 0.3);
    }
}
