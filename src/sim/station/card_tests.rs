//! The allowances of a card, exactly, and whatever arrives.

use super::*;
use proptest::prelude::*;

fn mbps(n: u64) -> Rate {
    Rate::from_bps(n * 1_000_000).unwrap()
}

fn us(n: u64) -> Time {
    Time::ZERO + Duration::from_us(n)
}

fn allowances() -> Allowances {
    Allowances {
        baseline: mbps(800),
        peak: mbps(8000),
        bucket: Bytes::new(900_000),
        internet: None,
        queue: Bytes::new(15_000),
        tolerance: Duration::from_us(100),
        packets: None,
    }
}

const MTU: Bytes = Bytes::new(1500);

fn end(admission: Admission) -> Time {
    match admission {
        Admission::Served { end, .. } => end,
        Admission::Dropped(reason) => panic!("dropped: {reason:?}"),
    }
}

/// 7.2 Mbit of credit last 1 ms at 8 Gbps with 0.8 earned: 666 packets and two thirds; then a
/// packet takes 15 us instead of 1.5.
#[test]
fn each_direction_has_its_own_credits() {
    let mut card = Card::new(&allowances());
    let mut now = us(0);
    for _ in 0..666 {
        let left = end(card.admit(now, MTU, Side::Out));
        assert_eq!(left.since(now), Duration::from_ns(1500));
        now = left;
    }
    assert_eq!(now, us(999));
    // Two thirds of a packet are left of the burst: 1 us, then a third at the baseline.
    let turn = end(card.admit(now, MTU, Side::Out));
    assert_eq!(turn.since(now), Duration::from_us(1 + 5));
    let next = end(card.admit(turn, MTU, Side::Out));
    assert_eq!(next.since(turn), Duration::from_us(15));
    // Packets that come in at the peak rate wait for nothing, until the credits are gone.
    let arrives = |number: u64| Time::ZERO + Duration::from_ns(1500 * number);
    for number in 1..=666 {
        let now = arrives(number);
        assert_eq!(end(card.admit(now, MTU, Side::In)), now);
    }
    let last = end(card.admit(arrives(667), MTU, Side::In));
    assert_eq!(last, us(999 + 1 + 5));
    assert_eq!(*card.exceeded(), CardCounters::default());
}

/// The queue holds ten packets; the eleventh is dropped, and counted with those that waited longer
/// than is tolerated.
#[test]
fn what_exceeds_the_bandwidth_is_queued_then_dropped() {
    let mut card = Card::new(&Allowances {
        bucket: Bytes::new(0),
        ..allowances()
    });
    for number in 1..=10 {
        assert_eq!(end(card.admit(us(0), MTU, Side::In)), us(15 * number));
    }
    let full = Admission::Dropped(DropReason::BwIn);
    assert_eq!(card.admit(us(0), MTU, Side::In), full);
    // The seventh to tenth are through after 105 to 150 us, which is too long.
    assert_eq!(card.exceeded().bw_in_allowance_exceeded, 4 + 1);
    assert_eq!(card.exceeded().bw_out_allowance_exceeded, 0);
    // The other direction is free, and one packet has left after 15 us.
    assert_eq!(end(card.admit(us(0), MTU, Side::Out)), us(15));
    assert_eq!(end(card.admit(us(15), MTU, Side::In)), us(165));
}

/// What goes to an internet gateway is limited by itself, and others pass it.
#[test]
fn the_way_to_the_internet_is_narrower() {
    let wide = Allowances {
        internet: Some(mbps(80)),
        ..allowances()
    };
    let mut card = Card::new(&wide);
    assert_eq!(end(card.admit(us(0), MTU, Side::OutInternet)), us(150));
    assert_eq!(end(card.admit(us(0), MTU, Side::OutInternet)), us(300));
    assert_eq!(
        end(card.admit(us(0), MTU, Side::Out)),
        Time::ZERO + Duration::from_ns(4500)
    );
    // Of the ten that fit, less than two are left after 20 us.
    for _ in 0..8 {
        end(card.admit(us(20), MTU, Side::OutInternet));
    }
    let full = Admission::Dropped(DropReason::BwOut);
    assert_eq!(card.admit(us(20), MTU, Side::OutInternet), full);
    // Eight packets that wait for the internet have left room for others: they are through.
    assert!(end(card.admit(us(40), MTU, Side::Out)) < us(42));
}

/// Three packets at once, then one every millisecond, in both directions together; two may wait.
#[test]
fn packets_of_both_directions_share_their_allowance() {
    let packets = PacketAllowance {
        per_second: 1000,
        credit: 3,
        queue: 2,
    };
    let mut card = Card::new(&Allowances {
        packets: Some(packets),
        ..allowances()
    });
    let size = Bytes::new(1000);
    for side in [Side::Out, Side::In, Side::OutInternet] {
        assert!(end(card.admit(us(0), size, side)) <= us(2));
    }
    assert_eq!(card.exceeded().pps_allowance_exceeded, 0);
    assert_eq!(end(card.admit(us(0), size, Side::In)), us(1000));
    assert_eq!(end(card.admit(us(0), size, Side::Out)), us(2001));
    assert_eq!(
        card.admit(us(0), size, Side::In),
        Admission::Dropped(DropReason::Pps)
    );
    assert_eq!(card.exceeded().pps_allowance_exceeded, 3);
    assert_eq!(end(card.admit(us(1000), size, Side::In)), us(3000));
}

proptest! {
    /// Over any interval, in each direction, no more than the bucket and what the baseline earned; and
    /// no more packets than their credit and their rate.
    #[test]
    fn nothing_beyond_the_allowances(
        arrivals in proptest::collection::vec((0_u64..30_000_000, 64_u64..9000, any::<bool>()), 1..80),
        bucket in 0_u64..100_000,
        per_second in 1_000_u64..1_000_000,
        credit in 1_u64..10,
    ) {
        let packets = PacketAllowance { per_second, credit, queue: 20 };
        let mut card = Card::new(&Allowances {
            bucket: Bytes::new(bucket),
            packets: Some(packets),
            queue: Bytes::new(20_000),
            ..allowances()
        });
        let mut now = Time::ZERO;
        let mut passed: Vec<(Time, Time, u64, bool)> = Vec::new();
        for &(gap, size, inbound) in &arrivals {
            now = now + Duration::from_ps(gap);
            let side = if inbound { Side::In } else { Side::Out };
            if let Admission::Served { start, end } = card.admit(now, Bytes::new(size), side) {
                prop_assert!(start >= now);
                passed.push((start, end, size, inbound));
            }
        }
        for inbound in [false, true] {
            let own: Vec<_> = passed.iter().filter(|packet| packet.3 == inbound).collect();
            for (from, first) in own.iter().enumerate() {
                let mut sent = 0_u128;
                for packet in &own[from..] {
                    // What comes in is counted from the moment when the first one was through.
                    let counts = !inbound || !std::ptr::eq(*packet, *first);
                    sent += if counts { bits(Bytes::new(packet.2)) } else { 0 };
                    let since = if inbound { first.1 } else { first.0 };
                    let time = u128::from(packet.1.since(since).as_ps());
                    prop_assert!(sent <= bits(Bytes::new(bucket)) + 800_000_000 * time);
                }
            }
        }
        let dropped = arrivals.len() - passed.len();
        prop_assert_eq!(card.counters().dropped, dropped as u64);
    }
}
