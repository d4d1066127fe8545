//! The sending end of one direction.

use super::congestion::Window;
use super::scoreboard::Scoreboard;
use super::{Ack, Config, RttEstimator};
use crate::units::{Duration, Time};

/// A segment that leaves now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Transmission {
    /// Its number.
    pub sequence: u64,
    /// When it left for the first time; now, unless it is a retransmission.
    pub first_sent: Time,
    /// Whether it has left before.
    pub retransmission: bool,
}

/// The connection was given up: the timer ran out once more than retransmissions are allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no acknowledgement after {retransmissions} retransmissions in a row")]
pub struct GaveUp {
    /// Timeouts that were answered by a retransmission.
    pub retransmissions: u32,
}

/// What a sender has counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counters {
    /// Segments sent, retransmissions among them.
    pub sent: u64,
    /// Segments sent again.
    pub retransmitted: u64,
    /// Times that loss was found by acknowledgements, once for each window of data.
    pub fast_retransmits: u64,
    /// Times that the retransmission timer ran out.
    pub timeouts: u64,
    /// Times that the window was reduced upon an echo of a mark.
    pub marks: u64,
}

/// Why the window does not grow at present.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// It does.
    Open,
    /// It was reduced upon a mark, which counts for the window of data that was outstanding.
    Marked,
    /// Loss was found by acknowledgements (RFC 6675, 5).
    Recovery,
    /// The timer ran out: slow start, while what was outstanding is sent again.
    Timeout,
}

/// Sends what the application writes, as far as the windows allow, until all of it is acknowledged.
///
/// After [`write`](Self::write), [`acknowledged`](Self::acknowledged) and
/// [`timed_out`](Self::timed_out) something may be sent: call [`poll`](Self::poll) until it returns
/// `None`. [`deadline`](Self::deadline) moves with most of these calls.
#[derive(Debug, Clone)]
pub struct Sender {
    config: Config,
    /// Segments that the application has written.
    written: u64,
    board: Scoreboard,
    window: Window,
    rtt: RttEstimator,
    phase: Phase,
    /// `RecoveryPoint` of RFC 6675: the phase ends when all before it are acknowledged.
    point: u64,
    /// Whether a segment beyond the recovery point was lost: the next recovery follows at once.
    again: bool,
    /// Whether the first retransmission of a recovery waits: it may leave whatever is on its way.
    owed: bool,
    usage: Usage,
    deadline: Option<Time>,
    /// Timeouts since the first unacknowledged segment was last another one.
    attempts: u32,
    last_sent: Time,
    counters: Counters,
}

/// How much of the congestion window was used in the last window of data: it grows only if it is
/// what holds the sender back (RFC 7661, 4.3; Linux's `tcp_is_cwnd_limited`).
#[derive(Debug, Clone, Copy, Default)]
struct Usage {
    limited: bool,
    /// The most segments on their way.
    peak: u64,
    /// The next segment when this was noted: it holds until that one is acknowledged.
    until: u64,
}

impl Sender {
    /// A sender on an established connection, with nothing to send.
    #[must_use]
    pub fn new(config: &Config) -> Self {
        Self {
            config: *config,
            written: 0,
            board: Scoreboard::default(),
            window: Window::new(config),
            rtt: RttEstimator::new(config),
            phase: Phase::Open,
            point: 0,
            again: false,
            owed: false,
            usage: Usage::default(),
            deadline: None,
            attempts: 0,
            last_sent: Time::ZERO,
            counters: Counters::default(),
        }
    }

    /// The handshake took `rtt`: the first measurement of a round trip (RFC 6298, 2.2).
    pub fn measured(&mut self, rtt: Duration) {
        self.rtt.sample(rtt);
    }

    /// The application has so many `segments` more to send. After an idle time longer than the
    /// timeout the window begins again (RFC 5681, 4.1), if so configured.
    pub fn write(&mut self, now: Time, segments: u64) {
        let idle = self.board.is_empty() && self.written == self.board.next();
        if idle && self.counters.sent > 0 {
            self.window.pause(now);
            let restarts = self.config.slow_start_after_idle;
            if restarts && now.since(self.last_sent) > self.rtt.rto() {
                self.window.restart();
            }
        }
        self.written = self.written.saturating_add(segments);
    }

    /// A segment that may be sent now, which the caller then sends; `None` if there is nothing to
    /// send or no window. Lost segments go first (RFC 6675, 4, `NextSeg`).
    pub fn poll(&mut self, now: Time) -> Option<Transmission> {
        let next = self.board.next();
        let lost = self.board.has_lost();
        let outstanding = next - self.board.first();
        let fresh = next < self.written && outstanding < u64::from(self.config.window.max(1));
        let room = self.window.has_room(self.board.pipe());
        if !(lost || fresh) || !(room || lost && self.owed) {
            self.note_usage(lost || fresh);
            return None;
        }
        let transmission = if let Some((sequence, first_sent)) = self.board.resend() {
            self.owed = false;
            self.counters.retransmitted += 1;
            if sequence == self.board.first() {
                self.deadline = None; // the timer is of this transmission now
            }
            Transmission {
                sequence,
                first_sent,
                retransmission: true,
            }
        } else {
            Transmission {
                sequence: self.board.send(now),
                first_sent: now,
                retransmission: false,
            }
        };
        self.counters.sent += 1;
        self.last_sent = now;
        if self.deadline.is_none() {
            self.deadline = Some(now + self.rtt.rto());
        }
        Some(transmission)
    }

    /// An acknowledgement has arrived. What it says may be known already, or out of date.
    pub fn acknowledged(&mut self, now: Time, ack: Ack) {
        let news = self.board.acknowledge(ack.next, ack.received);
        if news.delivered > 0 {
            self.rtt.sample(now.since(ack.echo.min(now)));
        }
        if news.advanced {
            self.attempts = 0;
            // RFC 6298, 5.2 and 5.3.
            self.deadline = (!self.board.is_empty()).then(|| now + self.rtt.rto());
        }
        let before = self.phase;
        if before != Phase::Open && self.board.first() >= self.point {
            self.phase = Phase::Open;
            self.owed = false;
        }
        let again = self.again && self.phase == Phase::Open;
        match (self.phase, news.lost) {
            (Phase::Open | Phase::Marked, lost) if lost.is_some() || again => self.recover(),
            (Phase::Recovery | Phase::Timeout, Some(lost)) => self.again |= lost >= self.point,
            _ => {}
        }
        // A mark on what was sent before the last reduction calls for no other (RFC 3168, 6.1.2).
        let marked = ack.congestion && self.config.ecn && ack.received >= self.point;
        if marked && news.delivered > 0 && self.phase == Phase::Open {
            self.window.reduce();
            self.counters.marks += 1;
            self.phase = Phase::Marked;
            self.point = self.board.next();
        } else if news.advanced {
            self.grow(now, news.delivered);
        }
    }

    /// When [`timed_out`](Self::timed_out) is to be called: the retransmission timer. `None` while
    /// nothing is outstanding.
    #[must_use]
    pub const fn deadline(&self) -> Option<Time> {
        self.deadline
    }

    /// The deadline has come; a call before it does nothing. Everything outstanding is lost, and
    /// the window is one segment (RFC 6298, 5.4 to 5.6; RFC 5681, 3.1).
    ///
    /// # Errors
    /// If the retransmissions in a row that the configuration allows are used up.
    pub fn timed_out(&mut self, now: Time) -> Result<(), GaveUp> {
        if self.deadline.is_none_or(|deadline| now < deadline) {
            return Ok(());
        }
        if self.attempts >= self.config.retries {
            self.deadline = None;
            return Err(GaveUp {
                retransmissions: self.attempts,
            });
        }
        self.counters.timeouts += 1;
        self.window.collapse(self.attempts == 0);
        self.attempts += 1;
        self.board.lose_all();
        self.phase = Phase::Timeout;
        self.point = self.board.next();
        self.again = false;
        self.owed = false;
        self.rtt.back_off();
        self.deadline = Some(now + self.rtt.rto());
        Ok(())
    }

    /// Whether all that was written is acknowledged.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.board.first() == self.written
    }

    /// Segments that the application has written so far.
    #[must_use]
    pub const fn written(&self) -> u64 {
        self.written
    }

    /// The segment that is sent next for the first time.
    #[must_use]
    pub fn next_sequence(&self) -> u64 {
        self.board.next()
    }

    /// The first segment that is not acknowledged: all before it have arrived.
    #[must_use]
    pub const fn unacknowledged(&self) -> u64 {
        self.board.first()
    }

    /// Segments that are on their way as far as is known: pipe of RFC 6675.
    #[must_use]
    pub const fn in_flight(&self) -> u64 {
        self.board.pipe()
    }

    /// The congestion window in segments; a fraction of a segment is not sent.
    #[must_use]
    pub const fn window(&self) -> f64 {
        self.window.size()
    }

    /// The slow-start threshold in segments; infinite before the first loss.
    #[must_use]
    pub const fn threshold(&self) -> f64 {
        self.window.threshold()
    }

    /// The measured round-trip time.
    #[must_use]
    pub const fn rtt(&self) -> &RttEstimator {
        &self.rtt
    }

    /// What was counted so far.
    #[must_use]
    pub const fn counters(&self) -> &Counters {
        &self.counters
    }

    /// Begins to recover from loss that acknowledgements have told of: one reduction, and the
    /// first retransmission at once (RFC 6675, 5, steps 4.1 to 4.3). A window that was just reduced
    /// upon a mark is not reduced again.
    fn recover(&mut self) {
        if self.phase == Phase::Open {
            self.window.reduce();
        }
        self.counters.fast_retransmits += 1;
        self.phase = Phase::Recovery;
        self.point = self.board.next();
        self.again = false;
        self.owed = true;
    }

    /// Grows the window by an acknowledgement, unless it was just reduced or is not made use of.
    fn grow(&mut self, now: Time, delivered: u64) {
        if matches!(self.phase, Phase::Recovery | Phase::Marked) {
            return;
        }
        let used = if self.window.in_slow_start() {
            self.window.size() < 2.0 * self.usage.peak as f64
        } else {
            self.usage.limited
        };
        if !used {
            self.window.pause(now);
            return;
        }
        let segments = if self.config.byte_counting {
            delivered
        } else {
            1
        };
        let rtt = self.rtt.smoothed().unwrap_or_default();
        self.window.grow(now, segments, rtt);
    }

    /// Notes that nothing more may be sent, and whether there was something.
    fn note_usage(&mut self, wanted: bool) {
        let usage = &mut self.usage;
        let pipe = self.board.pipe();
        if wanted || self.board.first() >= usage.until || !usage.limited && pipe > usage.peak {
            *usage = Usage {
                limited: wanted,
                peak: pipe,
                until: self.board.next(),
            };
        }
    }
}
