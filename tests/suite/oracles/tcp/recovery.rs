//! What loss costs, and that nothing is lost for good.

use netsim::sim::tcp::{Config, CongestionControl, GaveUp};
use netsim::units::{Duration, Time};
use proptest::collection::vec;
use proptest::prelude::*;

use super::wire::{Fate, Line, Passage, Wire};
use super::{plain, us};

const ROUND_TRIP: Duration = Duration::from_us(10_000);

/// Loses the transmissions of these numbers.
fn losing(lost: impl Fn(u64) -> bool) -> impl FnMut(Passage) -> Fate {
    move |passage| match passage {
        Passage::Segment { index, .. } if lost(index) => Fate::IsLost,
        Passage::Segment { .. } | Passage::Ack => Fate::Arrives,
    }
}

/// Nobody acknowledges anything, so the first timeout is the initial one of a second; then ten
/// segments take slow start from one: 1, 2, 4, and the last three.
#[test]
fn a_lost_window_costs_one_timeout() {
    let wire = Wire::new(&plain(), Line::long(ROUND_TRIP), losing(|n| n < 10)).transfer(10);
    let counters = wire.sender.counters();
    assert_eq!((counters.timeouts, counters.retransmitted), (1, 10));
    assert_eq!(
        wire.last_arrival,
        Time::ZERO + us(1_000_000 + 3 * 10_000 + 5_000)
    );

    // A round trip was measured: 200 ms after the last sign of life.
    let lost = losing(|n| (10..30).contains(&n));
    let wire = Wire::new(&plain(), Line::long(ROUND_TRIP), lost).transfer(30);
    let counters = wire.sender.counters();
    assert_eq!((counters.timeouts, counters.retransmitted), (1, 20));
    // 1, 2, 4, 8 and the last five, a window of 10 being the threshold.
    assert_eq!(
        wire.last_arrival,
        Time::ZERO + us(10_000 + 200_000 + 4 * 10_000 + 5_000)
    );
}

/// Segment 300 of the window from 150 on is lost, found lost one round trip later, and sent again.
#[test]
fn one_loss_in_a_large_window_takes_one_round_trip_more() {
    for congestion_control in [CongestionControl::Reno, CongestionControl::Cubic] {
        let config = Config {
            congestion_control,
            ..plain()
        };
        // Windows from 0, 10, 30, 70, 150, 310 on; segment 300 is the first time sent after 4
        // round trips.
        let wire = Wire::new(&config, Line::long(ROUND_TRIP), losing(|n| n == 300)).transfer(310);
        let counters = wire.sender.counters();
        assert_eq!(counters.timeouts, 0);
        assert_eq!((counters.fast_retransmits, counters.retransmitted), (1, 1));
        assert_eq!(wire.last_arrival, Time::ZERO + us(5 * 10_000 + 5_000));
    }
}

/// Every second segment of a window is lost and repaired with one reduction and without timeout.
#[test]
fn many_losses_in_a_window_are_one_reduction() {
    let lost = losing(|n| (150..300).contains(&n) && n % 2 == 0);
    let wire = Wire::new(&plain(), Line::long(ROUND_TRIP), lost).transfer(310);
    let counters = wire.sender.counters();
    assert_eq!((counters.timeouts, counters.fast_retransmits), (0, 1));
    assert_eq!(counters.retransmitted, 75);
}

/// A retransmission that is lost waits for the timer (RFC 6675, 5.1).
#[test]
fn a_lost_retransmission_waits_for_the_timer() {
    let mut times = 0;
    let fate = move |passage| match passage {
        Passage::Segment { transmission, .. } if transmission.sequence == 20 && times < 2 => {
            times += 1;
            Fate::IsLost
        }
        Passage::Segment { .. } | Passage::Ack => Fate::Arrives,
    };
    let wire = Wire::new(&plain(), Line::long(ROUND_TRIP), fate).transfer(30);
    let counters = wire.sender.counters();
    assert_eq!((counters.timeouts, counters.fast_retransmits), (1, 1));
    assert_eq!(counters.retransmitted, 2);
    // Lost at 10 ms and again at 20 ms, when the timer begins.
    assert_eq!(wire.last_arrival, Time::ZERO + us(20_000 + 200_000 + 5_000));
}

/// Sixteen timeouts from 200 ms on, doubled up to 120 s: 924.6 s, Linux's `tcp_retries2` of 15.
#[test]
fn a_dead_peer_is_given_up_after_924_6_seconds() {
    let mut wire = Wire::new(&plain(), Line::long(ROUND_TRIP), losing(|_| true));
    wire.sender.measured(us(1_000));
    let almost = Time::ZERO + us(924_599_999);
    wire.run(&[(Time::ZERO, 1)], almost);
    assert_eq!(wire.gave_up, None);
    assert_eq!(wire.sender.counters().retransmitted, 15);
    assert_eq!(wire.sender.deadline(), Some(Time::ZERO + us(924_600_000)));
    let gave_up = wire.sender.timed_out(Time::ZERO + us(924_600_000));
    assert_eq!(
        gave_up,
        Err(GaveUp {
            retransmissions: 15
        })
    );
}

/// After an idle time longer than the timeout the window is the initial one, unless configured
/// otherwise (RFC 5681, 4.1).
#[test]
fn an_idle_sender_begins_again() {
    for (slow_start_after_idle, pause, begins_again) in
        [(true, 300, true), (true, 150, false), (false, 300, false)]
    {
        let config = Config {
            slow_start_after_idle,
            ..plain()
        };
        let mut wire = Wire::new(&config, Line::long(ROUND_TRIP), super::fine);
        // 10, 20, 40 and 80 segments, the last sent after three round trips.
        wire.run(&[(Time::ZERO, 150)], Time::MAX);
        let before = wire.sender.window();
        assert!((150.0..=160.0).contains(&before), "{before}");
        let now = Time::ZERO + us(1_000 * (30 + pause));
        wire.sender.write(now, 1_000);
        let expected = if begins_again { 10.0 } else { before };
        assert!((wire.sender.window() - expected).abs() < 1e-9);
    }
}

/// Marks on all segments halve the window once in a round trip, and cause no retransmission
/// (RFC 3168, 6.1.2).
#[test]
fn marks_reduce_the_window_once_in_a_round_trip() {
    let config = Config {
        ecn: true,
        ..plain()
    };
    let marking = |passage| match passage {
        Passage::Segment { index, .. } if (150..310).contains(&index) => Fate::IsMarked,
        Passage::Segment { .. } | Passage::Ack => Fate::Arrives,
    };
    let wire = Wire::new(&config, Line::long(ROUND_TRIP), marking).transfer(310);
    let counters = wire.sender.counters();
    assert_eq!((counters.marks, counters.retransmitted), (1, 0));
    assert_eq!(wire.peaks, [160.0]);
    let deaf = Wire::new(&plain(), Line::long(ROUND_TRIP), marking).transfer(310);
    assert_eq!(deaf.sender.counters().marks, 0);
    assert!(deaf.peaks.is_empty());
}

fn fates() -> impl Strategy<Value = Vec<Fate>> {
    let late = || (0_u64..400_000).prop_map(Duration::from_us);
    let fate = prop_oneof![
        4 => Just(Fate::Arrives),
        3 => Just(Fate::IsLost),
        1 => Just(Fate::IsMarked),
        2 => late().prop_map(Fate::IsLate),
        1 => late().prop_map(Fate::ComesTwice),
    ];
    vec(fate, 0..400)
}

fn configs() -> impl Strategy<Value = Config> {
    let cubic = any::<bool>();
    let delayed = any::<bool>();
    let switches = (any::<bool>(), any::<bool>(), any::<bool>());
    (cubic, delayed, switches, 0_u32..12, 0_u32..60).prop_map(
        |(cubic, delayed, (counting, idle, ecn), initial_window, window)| Config {
            congestion_control: if cubic {
                CongestionControl::Cubic
            } else {
                CongestionControl::Reno
            },
            initial_window,
            delayed_ack: delayed.then(|| us(40_000)),
            byte_counting: counting,
            retries: 1_000,
            window,
            slow_start_after_idle: idle,
            ecn,
            ..Config::default()
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// Whatever becomes of finitely many segments and acknowledgements, in the end everything
    /// written is delivered in order and acknowledged, and nothing is left on its way. The wire
    /// holds the sender to its windows throughout.
    #[test]
    fn everything_written_arrives(
        config in configs(),
        fates in fates(),
        writes in vec((0_u64..2_000_000, 0_u64..120), 1..6),
    ) {
        let mut fates = fates.into_iter();
        let fate = move |_| fates.next().unwrap_or(Fate::Arrives);
        let writes: Vec<(Time, u64)> = writes
            .into_iter()
            .map(|(at, segments)| (Time::ZERO + us(at), segments))
            .collect();
        let mut wire = Wire::new(&config, Line::long(ROUND_TRIP), fate);
        wire.run(&writes, Time::MAX);
        let written = writes.iter().map(|&(_, segments)| segments).sum::<u64>();
        prop_assert_eq!(wire.receiver.expected(), written);
        prop_assert_eq!(wire.sender.unacknowledged(), written);
        prop_assert!(wire.sender.is_done());
        prop_assert_eq!(wire.sender.in_flight(), 0);
        prop_assert_eq!(wire.sender.deadline(), None);
    }
}
