//! TCP between two ends, without the network between them.
//!
//! One direction of a connection is a [`Sender`] at one end and a [`Receiver`] at the other. Both
//! are sans-IO state machines: they are told what happens and when, and say what to send and when
//! to be asked again. They know no engine, no clock, no path and no bytes: a sequence number counts
//! segments of whatever size the caller sends.
//!
//! * `sender.rs`: what may be sent now; recovery from loss by selective acknowledgements (RFC 6675),
//!   the retransmission timer (RFC 6298), restart after idle (RFC 5681), ECN (RFC 3168).
//! * `scoreboard.rs`: what is outstanding, and which of it is lost.
//! * `congestion/`: the congestion window, as Reno (RFC 5681) or CUBIC (RFC 9438) moves it.
//! * `rtt.rs`: the round-trip time and the timeout that follows from it (RFC 6298).
//! * `receiver.rs`: what has arrived, and when to say so (RFC 5681, delayed acknowledgements).
//!
//! What is left out: RACK and tail loss probes (RFC 8985), so a lost retransmission or a lost tail
//! waits for the timer; undoing a needless reduction (F-RTO, Eifel); pacing; `HyStart`; Nagle's
//! algorithm; and a receive window that closes, as the application reads everything at once.

mod congestion;
mod receiver;
mod rtt;
mod scoreboard;
mod sender;

pub use receiver::{Acknowledge, Receiver};
pub use rtt::RttEstimator;
pub use sender::{Counters, GaveUp, Sender, Transmission};

use crate::units::{Duration, Time};

/// How the congestion window grows without loss and shrinks upon it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum CongestionControl {
    /// One segment more in each round trip, half upon loss (RFC 5681).
    Reno,
    /// A cubic function of the time since the last loss, 70% upon the next, and never less than Reno
    /// would have (RFC 9438).
    #[default]
    Cubic,
}

/// How a TCP behaves; the default is Linux as it is shipped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Config {
    /// What moves the congestion window. Linux: CUBIC.
    pub congestion_control: CongestionControl,
    /// Segments that may be sent before the first acknowledgement, and after an idle time; zero
    /// counts as one. Ten in RFC 6928.
    pub initial_window: u32,
    /// How long a lone segment in order may wait for its acknowledgement. RFC 1122, 4.2.3.2, and RFC
    /// 5681, 4.2, allow up to 500 ms; Linux begins with 40 ms. `None`: every segment is acknowledged at once.
    pub delayed_ack: Option<Duration>,
    /// Whether the window grows by the segments that an acknowledgement covers (RFC 3465 without its
    /// limit L, as in Linux), or by one for each acknowledgement (RFC 5681, the least it allows).
    pub byte_counting: bool,
    /// The least retransmission timeout. One second in RFC 6298, 2.4; 200 ms in Linux.
    pub min_rto: Duration,
    /// The timeout before a round trip was measured, also that of the first SYN. RFC 6298, 2.1.
    pub initial_rto: Duration,
    /// The most that doubling makes of the timeout. RFC 6298, 2.5, asks for 60 s at least; Linux has 120 s.
    pub max_rto: Duration,
    /// Timeouts in a row that are answered by a retransmission; the next one ends the connection.
    /// R2 of RFC 1122, 4.2.3.5; 15 in Linux (`tcp_retries2`), 924.6 s at the least timeout.
    pub retries: u32,
    /// How often a SYN is repeated. R2 for SYN of RFC 1122, 4.2.3.5; 6 in Linux (`tcp_syn_retries`).
    pub syn_retries: u32,
    /// The receive window in segments (RFC 9293, 3.8.6); zero counts as one. Unlimited by default, as
    /// only the caller knows how many segments fit into a buffer of so many bytes.
    pub window: u32,
    /// Whether a sender that was idle for longer than its timeout begins again with the initial
    /// window. RFC 5681, 4.1; on in Linux (`tcp_slow_start_after_idle`).
    pub slow_start_after_idle: bool,
    /// Whether marks of congestion are echoed, and answered by a smaller window (RFC 3168). Linux
    /// uses ECN only when the other side asks for it.
    pub ecn: bool,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            congestion_control: CongestionControl::Cubic,
            initial_window: 10,
            delayed_ack: Some(Duration::from_us(40_000)),
            byte_counting: true,
            min_rto: Duration::from_us(200_000),
            initial_rto: Duration::from_secs(1),
            max_rto: Duration::from_secs(120),
            retries: 15,
            syn_retries: 6,
            window: u32::MAX,
            slow_start_after_idle: true,
            ecn: false,
        }
    }
}

/// What an acknowledgement says.
///
/// It names the one segment that caused it where TCP lists up to four blocks (RFC 2018), so a
/// selective acknowledgement that is lost is not repeated by the next. The sender then
/// retransmits a segment that had arrived, which is harmless.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ack {
    /// The segment expected next: all before it have arrived.
    pub next: u64,
    /// The segment whose arrival caused this acknowledgement (RFC 2018, the first block).
    pub received: u64,
    /// When the segment was sent that the round-trip time is measured by: of segments in order the
    /// first that this acknowledges, otherwise the one that caused it (RFC 7323, timestamps).
    pub echo: Time,
    /// Whether a segment that this acknowledges was marked on its way (RFC 3168, ECN-Echo). The
    /// echo is not repeated until the sender has reduced its window, which would matter only if
    /// this acknowledgement were lost.
    pub congestion: bool,
}

/// How long to wait for the answer to a SYN: `attempt` is 0 for the first and counts repetitions.
///
/// `None` if so many repetitions are not allowed: the connection has failed. By default the waits
/// are 1, 2, 4, … 64 s, so a SYN is repeated after 1, 3, 7, 15, 31 and 63 s and fails after 127 s
/// (RFC 6298, 5.5 and 5.7; RFC 1122, 4.2.3.5).
#[must_use]
pub fn syn_timeout(config: &Config, attempt: u32) -> Option<Duration> {
    (attempt <= config.syn_retries)
        .then(|| rtt::backed_off(config.initial_rto, attempt, config.max_rto))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_syn_is_repeated_six_times_and_fails_after_127_seconds() {
        let config = Config::default();
        let mut sent = vec![Duration::ZERO];
        while let Some(wait) = syn_timeout(&config, u32::try_from(sent.len()).unwrap() - 1) {
            sent.push(*sent.last().unwrap() + wait);
        }
        let seconds: Vec<u64> = sent
            .iter()
            .map(|at| at.as_ps() / 1_000_000_000_000)
            .collect();
        assert_eq!(seconds, [0, 1, 3, 7, 15, 31, 63, 127]);
    }

    #[test]
    fn waits_do_not_grow_beyond_the_longest_timeout() {
        let config = Config {
            syn_retries: u32::MAX,
            ..Config::default()
        };
        assert_eq!(syn_timeout(&config, 7), Some(Duration::from_secs(120)));
        assert_eq!(syn_timeout(&config, 300), Some(Duration::from_secs(120)));
    }
}
