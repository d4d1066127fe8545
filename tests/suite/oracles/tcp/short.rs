//! Transfers without loss, from the first segment to the last.

use netsim::sim::tcp::{Config, RttEstimator};
use netsim::units::{Bytes, Duration, PS_PER_SECOND, Rate, Time};

use super::wire::{Line, Wire};
use super::{fine, near, plain, us};

/// Bytes of a segment, and on the wire: 90 B of headers, trailer and gap.
const MSS: u64 = 1448;
const ON_THE_WIRE: Bytes = Bytes::new(1538);

fn segments(bytes: u64) -> u64 {
    bytes.div_ceil(MSS)
}

/// The window doubles in each round trip from ten: n segments take r = ⌈log₂(n/10 + 1)⌉ rounds, and
/// the last arrives after (r - 1) round trips and half of one (RFC 6928, RFC 5681; Cardwell, Savage
/// and Anderson 2000). With b segments for each acknowledgement, each worth one segment, the window
/// grows by 1 + 1/b: the rounds in the last column for b = 2.
#[test]
fn slow_start_takes_rounds() {
    let round_trip = us(100_000);
    let line = Line::long(round_trip);
    for (bytes, doubling, halves) in [
        (10_000, 1, 1),
        (14_480, 1, 1),
        (14_481, 2, 2),
        (100_000, 3, 4),
        (1_000_000, 7, 9),
        (10_000_000, 10, 15),
    ] {
        let wire = Wire::new(&plain(), line, fine).transfer(segments(bytes));
        let expected = us(100_000 * (doubling - 1) + 50_000);
        assert_eq!(wire.last_arrival, Time::ZERO + expected, "{bytes} B");

        let config = Config {
            delayed_ack: Some(us(1_000)),
            byte_counting: false,
            ..plain()
        };
        let wire = Wire::new(&config, line, fine).transfer(segments(bytes));
        let rounds = wire.last_arrival.as_ps().div_ceil(round_trip.as_ps());
        assert_eq!(rounds, halves, "{bytes} B, every second acknowledged");
        assert_eq!(wire.sender.counters().retransmitted, 0);
    }
}

/// Slow start through a line of finite rate, clocked by acknowledgements: from an independent
/// recursion over segments, seven digits. All segments count as full ones.
#[test]
fn slow_start_fills_a_line() {
    for (bytes, round_trip, gbps, seconds) in [
        (14_480, 500, 10, 0.000_262_304),
        (14_480, 1_000, 5, 0.000_524_608),
        (100_000, 500, 10, 0.001_301_677),
        (100_000, 1_000, 5, 0.002_603_354),
        (1_000_000, 1_000, 5, 0.006_664_87),
        (1_000_000, 70_000, 5, 0.455_164_9),
        (10_000_000, 500, 10, 0.010_980_6),
        (10_000_000, 70_000, 5, 0.669_444_2),
        (100_000_000, 500, 10, 0.087_454_88),
        (100_000_000, 1_000, 5, 0.174_909_8),
        (100_000_000, 70_000, 5, 0.944_205_1),
    ] {
        let rate = Rate::from_bps(gbps * 1_000_000_000).unwrap();
        let line = Line {
            transmission: rate.time_for(ON_THE_WIRE),
            one_way: Duration::from_ps(us(round_trip).as_ps() / 2),
        };
        let wire = Wire::new(&plain(), line, fine).transfer(segments(bytes));
        assert!(wire.sender.is_done());
        assert_eq!(wire.sender.counters().retransmitted, 0);
        let what = format!("{bytes} B at {gbps} Gb/s and {round_trip} us");
        near(&what, wire.last_arrival.as_secs_f64(), seconds, 1e-6);
    }
}

/// A receive window of W bytes lets W through in a round trip. The segments divide the window.
#[test]
fn a_receive_window_limits_the_rate() {
    for (window, segment, round_trip, bps) in [
        (65_535, 1_285, us(1_000), 5.2428e8),
        (65_535, 1_285, us(70_000), 7_489_714.3),
        (6_291_456, 4_096, us(70_000), 7.190_235_4e8),
        (4_194_304, 4_096, us(2_000), 1.677_721_6e10),
    ] {
        let config = Config {
            window: u32::try_from(window / segment).unwrap(),
            ..plain()
        };
        let mut wire = Wire::new(&config, Line::long(round_trip), fine);
        let trips = |n| Time::from_ps(n * round_trip.as_ps());
        let rate = wire.rate(trips(20), trips(60)) * f64::from(segment) * 8.0;
        near(&format!("{window} B"), rate, bps, 1e-7);
        // What is not used does not grow without bounds.
        assert!(wire.sender.window() <= 2.0 * f64::from(config.window));
    }
}

/// SRTT, RTTVAR and RTO of RFC 6298 with α = 1/8 and β = 1/4, for these round trips in milliseconds.
#[test]
fn the_timeout_follows_the_round_trips() {
    let estimator = |min_rto| {
        RttEstimator::new(&Config {
            min_rto,
            ..Config::default()
        })
    };
    let ms = |duration: Duration| duration.as_ps() as f64 / (PS_PER_SECOND / 1000) as f64;

    // The first round trip R: SRTT = R, RTTVAR = R/2, RTO = 3R; at least 200 ms (Linux), 1 s (RFC).
    for (least, rto) in [(Duration::ZERO, us(1_500)), (us(200_000), us(200_000))] {
        let mut rtt = estimator(least);
        rtt.sample(us(500));
        assert_eq!((rtt.raw(), rtt.rto()), (us(1_500), rto));
    }
    let mut rtt = estimator(Duration::from_secs(1));
    assert_eq!(rtt.rto(), Duration::from_secs(1));
    rtt.sample(us(500));
    assert_eq!(rtt.rto(), Duration::from_secs(1));

    let mut rtt = estimator(Duration::ZERO);
    for sample in [500, 600, 400, 1_000] {
        rtt.sample(us(sample));
    }
    near("SRTT", ms(rtt.smoothed().unwrap()), 0.561_132_812_5, 1e-8);
    near("RTTVAR", ms(rtt.deviation().unwrap()), 0.266_015_625, 1e-8);
    near("RTO", ms(rtt.rto()), 1.625_195_312_5, 1e-8);
}
