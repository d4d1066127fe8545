//! What holds for stations whatever arrives.

use netsim::sim::station::{Admission, Link, Servers, Shaper, Side, Station};
use netsim::units::{Bytes, Duration, PS_PER_SECOND, Rate, Time};
use proptest::collection::vec;
use proptest::prelude::*;

/// Offers each (picoseconds since the one before, need) to `station`; the need is a size in bytes
/// or a service time in picoseconds, whichever the station goes by.
fn offer(station: &mut Station, arrivals: &[(u64, u64)]) -> Vec<(Time, Admission)> {
    let mut now = Time::ZERO;
    let admit = |&(gap, need): &(u64, u64)| {
        now = now + Duration::from_ps(gap);
        let admission = station.admit(now, Bytes::new(need), Duration::from_ps(need), Side::Out);
        (now, admission)
    };
    arrivals.iter().map(admit).collect()
}

/// Start and end of service.
fn span(admission: Admission) -> Option<(Time, Time)> {
    match admission {
        Admission::Served { start, end } => Some((start, end)),
        Admission::Dropped(_) => None,
    }
}

fn bits_ps(bytes: u64) -> u128 {
    u128::from(bytes) * 8 * u128::from(PS_PER_SECOND)
}

fn rate(bps: u64) -> Rate {
    Rate::from_bps(bps).unwrap()
}

proptest! {
    /// Lindley: each waits what the one before waited and was served, less the time between them.
    #[test]
    fn one_server_follows_lindley(arrivals in vec((0_u64..1000, 0_u64..1000), 1..200)) {
        let mut station = Station::Servers(Servers::new(1, None));
        let (mut wait, mut service_before) = (0_u64, 0);
        let answers = offer(&mut station, &arrivals);
        for ((now, admission), (gap, service)) in answers.into_iter().zip(arrivals) {
            wait = (wait + service_before).saturating_sub(gap);
            service_before = service;
            let start = now + Duration::from_ps(wait);
            let end = start + Duration::from_ps(service);
            prop_assert_eq!(admission, Admission::Served { start, end });
        }
    }

    /// At most `count` are in service and `capacity` in the system; who waits has found all servers
    /// busy, who is dropped a full system; nobody is overtaken in the queue, nobody is lost.
    #[test]
    fn servers_conserve_customers_and_work(
        arrivals in vec((0_u64..20, 0_u64..60), 1..200),
        count in 1_u32..6,
        capacity in prop::option::of(0_u32..8),
    ) {
        let mut station = Station::Servers(Servers::new(count, capacity));
        let count = count as usize;
        let mut spans: Vec<(Time, Time)> = Vec::new();
        let mut work = Duration::ZERO;
        let answers = offer(&mut station, &arrivals);
        for ((now, admission), &(_, service)) in answers.into_iter().zip(&arrivals) {
            let present = spans.iter().filter(|&&(_, end)| now < end).count();
            let busy = |at| spans.iter().filter(|&&(start, end)| start <= at && at < end).count();
            let full = capacity.is_some_and(|capacity| present >= capacity as usize);
            prop_assert_eq!(matches!(admission, Admission::Dropped(_)), full);
            if let Some((start, end)) = span(admission) {
                prop_assert_eq!(end.since(start), Duration::from_ps(service));
                prop_assert!(busy(start) < count);
                prop_assert!(start == now || busy(now) == count);
                prop_assert!(spans.last().is_none_or(|&(before, _)| before <= start));
                spans.push((start, end));
                work += Duration::from_ps(service);
            }
        }
        let counters = station.counters();
        prop_assert_eq!(counters.admitted + counters.dropped, arrivals.len() as u64);
        prop_assert_eq!((counters.admitted, counters.busy), (spans.len() as u64, work));
    }

    /// Packets leave in their order, each its transmission time or more after the one before; the
    /// backlog stays within the buffer, and only a packet that does not fit is dropped.
    #[test]
    fn a_link_sends_one_packet_at_a_time(
        arrivals in vec((0_u64..1_000_000, 1_u64..9000), 1..200),
        bps in 1_000_000_000_u64..400_000_000_000,
        buffer in prop::option::of(9_000_u64..100_000),
    ) {
        let rate = rate(bps);
        let room = buffer.map_or(Duration::MAX, |bytes| rate.time_for(Bytes::new(bytes)));
        let mut station = Station::Link(Link::new(rate, buffer.map(Bytes::new)));
        let mut last_end = Time::ZERO;
        let answers = offer(&mut station, &arrivals);
        for ((now, admission), &(_, size)) in answers.into_iter().zip(&arrivals) {
            let transmission = rate.time_for(Bytes::new(size));
            let earliest = now.max(last_end) + transmission;
            if let Some((start, end)) = span(admission) {
                prop_assert!(start >= now && end >= last_end + transmission);
                prop_assert_eq!((end, end.since(start)), (earliest, transmission));
                prop_assert!(end.since(now) <= room);
                last_end = end;
            } else {
                prop_assert!(earliest.since(now) > room);
            }
        }
        let counters = station.counters();
        prop_assert_eq!(counters.admitted + counters.dropped, arrivals.len() as u64);
    }

    /// Over any interval a shaper sends no more than its peak rate allows, and no more than a full
    /// bucket and what the baseline earns meanwhile.
    #[test]
    fn a_shaper_stays_below_its_curves(
        arrivals in vec((0_u64..10_000_000, 1_u64..9000), 1..60),
        baseline in 1_000_000_u64..10_000_000_000,
        above in 0_u64..10_000_000_000,
        bucket in 0_u64..100_000,
    ) {
        let peak = baseline + above;
        let shaper = Shaper::new(rate(baseline), rate(peak), Bytes::new(bucket));
        let answers = offer(&mut Station::Shaper(Box::new(shaper)), &arrivals);
        let spans = answers.into_iter().filter_map(|(_, answer)| span(answer));
        let spans: Vec<(Time, Time)> = spans.collect();
        prop_assert_eq!(spans.len(), arrivals.len());
        for (from, &(start, _)) in spans.iter().enumerate() {
            let mut sent = 0;
            for (&(_, end), &(_, size)) in spans.iter().zip(&arrivals).skip(from) {
                sent += bits_ps(size);
                let time = u128::from(end.since(start).as_ps());
                prop_assert!(sent <= u128::from(peak) * time);
                prop_assert!(sent <= bits_ps(bucket) + u128::from(baseline) * time);
            }
        }
    }

    /// A transfer in packets takes as long as in one piece: each packet is rounded up by less than
    /// a picosecond at peak rate, which is earned back at the baseline.
    #[test]
    fn a_shaper_does_not_mind_how_a_transfer_is_cut(
        sizes in vec(1_u64..9000, 1..60),
        baseline in 1_000_000_u64..10_000_000_000,
        above in 0_u64..10_000_000_000,
        bucket in 0_u64..200_000,
    ) {
        let peak = baseline + above;
        let shaper = Station::Shaper(Box::new(Shaper::new(rate(baseline), rate(peak), Bytes::new(bucket))));
        let done = |sizes: &[u64]| {
            let arrivals: Vec<(u64, u64)> = sizes.iter().map(|&size| (0, size)).collect();
            let &(_, last) = offer(&mut shaper.clone(), &arrivals).last().unwrap();
            span(last).unwrap().1.as_ps()
        };
        let rounding = (sizes.len() as u64 + 1) * (peak / baseline + 2);
        let (cut, whole) = (done(&sizes), done(&[sizes.iter().sum()]));
        prop_assert!(cut.abs_diff(whole) <= rounding, "{cut} ps is not {whole} ps ± {rounding}");
    }
}
