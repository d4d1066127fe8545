//! Reno: additive increase, multiplicative decrease (RFC 5681, 3.1).

/// Congestion avoidance of Reno.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Reno {
    /// Segments acknowledged that have not made the window grow yet.
    credit: f64,
}

impl Reno {
    /// The window after so many `segments` more are acknowledged: one more for each window's worth
    /// of them, counted as RFC 5681, 3.1, recommends.
    pub(super) fn grow(&mut self, mut window: f64, segments: f64) -> f64 {
        self.credit += segments;
        // What is sent in a round trip is a whole number of segments.
        while self.credit >= window.floor() {
            self.credit -= window.floor();
            window += 1.0;
        }
        window
    }

    /// Half the window.
    pub(super) fn after_loss(&mut self, window: f64) -> f64 {
        self.credit = 0.0;
        window / 2.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_of_acknowledgements_is_worth_one_segment() {
        let mut reno = Reno::default();
        let mut window = 10.5;
        for expected in [11.5, 12.5] {
            let in_flight = f64::floor(window);
            let mut acknowledged = 0.0;
            while acknowledged < in_flight {
                window = reno.grow(window, 1.0);
                acknowledged += 1.0;
            }
            assert!((window - expected).abs() < 1e-12, "{window}");
        }
        // Two windows' worth at once: 12 and 13.
        assert!((reno.grow(window, 25.0) - 14.5).abs() < 1e-12);
        assert!((reno.after_loss(14.5) - 7.25).abs() < 1e-12);
    }
}
