//! Fluids: shares, completion times, token buckets and windows against exact answers.

use netsim::engine::{Distribution, StreamFamily};
use netsim::sim::fluid::{
    Factor, FlowId, FlowSpec, Fluid, ResourceId, Sharing, TokenBucket, Window,
};
use netsim::units::{Bytes, Duration, Rate, Time};

use super::agree;

const G: u64 = 1_000_000_000;
const NONE: u64 = u64::MAX;

fn secs(s: f64) -> Time {
    Time::ZERO + Duration::from_secs_f64(s)
}

/// So many bytes, rounded, and at least one.
fn bytes(n: f64) -> Bytes {
    Bytes::new(Duration::from_ps_f64(n).as_ps().max(1))
}

fn rate(bps: u64) -> Rate {
    Rate::from_bps(bps).unwrap()
}

/// A flow from time zero on, without window or cap.
fn plain(uses: &[(ResourceId, Factor)]) -> FlowSpec<'_> {
    FlowSpec {
        tag: 0,
        uses,
        size: None,
        cap: None,
        weight: Factor::ONE,
        begins: Time::ZERO,
        window: None,
    }
}

/// Max-min shares of flows of equal weight, with the resources of each.
fn shares(capacities: &[u64], flows: &[(u64, &[u32])]) -> Vec<u64> {
    let mut sharing = Sharing::default();
    for &capacity in capacities {
        sharing.resource(capacity);
    }
    for &(cap, uses) in flows {
        let uses = uses.iter().map(|&resource| (resource, Factor::ONE));
        sharing.flow(cap, Factor::ONE, uses);
    }
    sharing.solve().collect()
}

/// A flow over all of n links and one over each: every one has half a link (Bertsekas and Gallager,
/// "Data Networks", section 6.5.2; Massoulié and Roberts, "Bandwidth sharing", 2002).
#[test]
fn parking_lot() {
    for n in [2, 3, 5] {
        let links: Vec<u32> = (0..n).collect();
        let mut flows: Vec<(u64, &[u32])> = vec![(NONE, &links)];
        flows.extend(links.chunks(1).map(|link| (NONE, link)));
        let rates = shares(&vec![10 * G; links.len()], &flows);
        assert!(rates.iter().all(|&rate| rate == 5 * G), "{rates:?}");
    }
}

/// By hand: B is full first, at 2 each; then A, at 5; C is left with room for 3 each.
#[test]
fn three_links_and_five_flows() {
    let rates = shares(
        &[10 * G, 4 * G, 8 * G],
        &[
            (NONE, &[0, 1, 2]),
            (NONE, &[0]),
            (NONE, &[1]),
            (NONE, &[2]),
            (NONE, &[0, 2]),
        ],
    );
    assert_eq!(rates, [2 * G, 5 * G, 2 * G, 3 * G, 3 * G]);
}

/// A network card with flows that have limits of their own, as EC2's single flow has.
#[test]
fn capped_flows_over_one_card() {
    let over_one = |capacity: u64, caps: &[u64]| {
        let flows: Vec<(u64, &[u32])> = caps.iter().map(|&cap| (cap, &[0][..])).collect();
        shares(&[capacity], &flows)
    };
    let caps = [5 * G, 5 * G, 5 * G, 10 * G];
    assert_eq!(over_one(25 * G, &caps), caps);
    assert_eq!(over_one(12 * G, &[5 * G, 5 * G, G]), [5 * G, 5 * G, G]);
    assert_eq!(
        over_one(10 * G, &[NONE, NONE, 2 * G]),
        [4 * G, 4 * G, 2 * G]
    );
}

/// A alone moves 25 MB in 0.2 s; sharing, B's 50 MB take 0.8 s; A's last 25 MB take 0.2 s.
#[test]
fn two_flows_share_a_link_and_end() {
    let mut fluid = Fluid::new();
    let link = [(fluid.add_link(rate(G)), Factor::ONE)];
    for (tag, megabytes, begins) in [(0, 100, 0.0), (1, 50, 0.2)] {
        fluid.start(&FlowSpec {
            tag,
            size: Some(Bytes::new(megabytes * 1_000_000)),
            begins: secs(begins),
            ..plain(&link)
        });
    }
    fluid.advance(secs(10.0));
    let ended: Vec<(u32, Time)> = fluid.take_ended().map(|end| (end.tag, end.at)).collect();
    assert_eq!(ended, [(1, secs(1.0)), (0, secs(1.2))]);
}

/// Two flows of a second's worth of a link; at 1 s the second one's weight is halved. (`SimGrid`,
/// teshsuite/models/cm02-set-lat-bw: 1.75 and 2 s.)
#[test]
fn a_weight_that_changes() {
    let mut fluid = Fluid::new();
    let link = [(fluid.add_link(rate(8 * G)), Factor::ONE)];
    let ids: Vec<FlowId> = (0..2)
        .map(|tag| {
            fluid.start(&FlowSpec {
                tag,
                size: Some(Bytes::new(G)),
                ..plain(&link)
            })
        })
        .collect();
    fluid.set_weight(secs(1.0), ids[1], Factor::ratio(1, 2).unwrap());
    fluid.advance(secs(10.0));
    let ended: Vec<f64> = fluid.take_ended().map(|end| end.at.as_secs_f64()).collect();
    for (took, exact) in ended.iter().zip([1.75, 2.0]) {
        assert!((took - exact).abs() < 1e-8, "{ended:?}");
    }
}

/// X/p while the burst b/(p-r) lasts, then the rest at r. Baseline r and peak p in bytes per second,
/// bucket b and transfer X in bytes.
#[test]
fn transfers_through_a_token_bucket() {
    let cases = [
        (
            75_000_000,
            1_200_000_000,
            300_000_000,
            100_000_000,
            1.0 / 12.0,
        ),
        (75_000_000, 1_200_000_000, 300_000_000, 600_000_000, 4.0),
        (
            93_750_000,
            625_000_000,
            37_500_000_000,
            50_000_000_000,
            400.0 / 3.0,
        ),
    ];
    for (baseline, peak, size, transfer, exact) in cases {
        for flows in [1, 16] {
            let mut fluid = Fluid::new();
            let (baseline, peak) = (rate(8 * baseline), rate(8 * peak));
            let bucket = TokenBucket::new(baseline, peak, Bytes::new(size));
            let card = [(fluid.add_bucket(bucket), Factor::ONE)];
            for _ in 0..flows {
                fluid.start(&FlowSpec {
                    size: Some(Bytes::new(transfer / flows)),
                    ..plain(&card)
                });
            }
            fluid.advance(secs(1000.0));
            let took = fluid.take_ended().last().unwrap().at.as_secs_f64();
            let error = (took / exact - 1.0).abs();
            assert!(
                error < 1e-7,
                "{transfer} B by {flows}: {took} s is not {exact} s"
            );
        }
    }
}

/// Credit is earned at the baseline while nothing is sent: an hour after a bucket was emptied it
/// holds an hour's worth, and a burst is as long as that lasts.
#[test]
fn credit_is_earned_again() {
    let mut fluid = Fluid::new();
    let bucket = TokenBucket::new(rate(G), rate(11 * G), Bytes::new(1_000 * G));
    let id = fluid.add_bucket(bucket);
    let card = [(id, Factor::ONE)];
    // 8000 Gbit of credit last 800 s at 11 Gbps.
    let first = fluid.start(&plain(&card));
    fluid.advance(secs(799.0));
    assert_eq!(fluid.rate_bps(first), 11 * G);
    fluid.advance(secs(800.0));
    assert_eq!(fluid.rate_bps(first), G);
    fluid.stop(secs(900.0), first);
    fluid.advance(secs(900.0 + 3600.0));
    assert_eq!(
        fluid.credit(id).unwrap().whole_bytes(),
        3600 * G / 8,
        "an hour at 1 Gbps"
    );
    let second = fluid.start(&FlowSpec {
        begins: fluid.now(),
        ..plain(&card)
    });
    fluid.advance(secs(900.0 + 3600.0 + 359.0));
    assert_eq!(fluid.rate_bps(second), 11 * G);
    fluid.advance(secs(900.0 + 3600.0 + 361.0));
    assert_eq!(fluid.rate_bps(second), G);
}

/// From the first send to the last byte's arrival: slow start without loss from a window of ten
/// segments of 1448 bytes, 1538 on the wire, each of which is acknowledged. The figures are those of
/// a recursion over single segments and their acknowledgements (RFC 6928, RFC 5681). There each
/// segment is full; here the last one is as long as it is.
#[test]
fn slow_start_of_a_single_flow() {
    let cases: [(u64, f64, u64, f64); 11] = [
        (14_480, 0.5e-3, 10, 0.000_262_304),
        (14_480, 1e-3, 5, 0.000_524_608),
        (100_000, 0.5e-3, 10, 0.001_301_677),
        (100_000, 1e-3, 5, 0.002_603_354),
        (1_000_000, 1e-3, 5, 0.006_664_87),
        (1_000_000, 70e-3, 5, 0.455_164_9),
        (10_000_000, 0.5e-3, 10, 0.010_980_6),
        (10_000_000, 70e-3, 5, 0.669_444_2),
        (100_000_000, 0.5e-3, 10, 0.087_454_88),
        (100_000_000, 1e-3, 5, 0.174_909_8),
        (100_000_000, 70e-3, 5, 0.944_205_1),
    ];
    for (size, rtt, gbps, exact) in cases {
        for full in [false, true] {
            let segments = size.div_ceil(1448);
            let headers = if full {
                segments * 1538 - size
            } else {
                segments * 90
            };
            let mut fluid = Fluid::new();
            let link = rate(gbps * G);
            let link = (link, [(fluid.add_link(link), Factor::ONE)]);
            let rtt = Duration::from_secs_f64(rtt);
            fluid.start(&FlowSpec {
                size: Some(Bytes::new(size + headers)),
                window: Some(Window {
                    initial: Bytes::new(15_380),
                    round: rtt + link.0.time_for(Bytes::new(1538)),
                    limit: None,
                    grows_to: None,
                }),
                ..plain(&link.1)
            });
            fluid.advance(secs(100.0));
            let end = fluid.take_ended().next().unwrap();
            assert_eq!(end.waited + end.sent, end.at.since(Time::ZERO));
            let took = end.at.as_secs_f64() + rtt.as_secs_f64() / 2.0;
            let error = (took / exact - 1.0).abs();
            // The figures have seven digits, some of them six.
            let bound = if full { 1e-6 } else { 1e-3 };
            assert!(
                error < bound,
                "{size} B, {rtt}, {gbps} Gbps: {took} s is not {exact} s"
            );
        }
    }
}

/// W·8/RTT: 65 535 bytes per millisecond, and a window that a long distance needs.
#[test]
fn a_window_limits_the_rate() {
    for (window, rtt, exact) in [
        (65_535, 1e-3, 524_280_000),
        (65_535, 70e-3, 7_489_714),
        (6_291_456, 70e-3, 719_023_542),
    ] {
        let mut fluid = Fluid::new();
        let link = [(fluid.add_link(rate(100 * G)), Factor::ONE)];
        let flow = fluid.start(&FlowSpec {
            window: Some(Window {
                initial: Bytes::new(15_000),
                round: Duration::from_secs_f64(rtt),
                limit: Some(Bytes::new(window)),
                grows_to: None,
            }),
            ..plain(&link)
        });
        fluid.advance(secs(5.0));
        assert_eq!(fluid.rate_bps(flow), exact);
    }
}

/// The mean slowdowns of replications in which flows come at random to a link of 1 Gbps, of which
/// each may have `cap`, and load it to `load`.
fn slowdowns(name: &str, sizes: &Distribution, load: f64, cap: u64) -> Vec<f64> {
    const FLOWS: u64 = 20_000;
    const WARMUP: u64 = 2_000;
    // A second's worth of size is a megabit.
    let mean_bits = sizes.mean_secs() * 1e6;
    let interval = mean_bits / (load * 1e9);
    (0..16)
        .map(|replication| {
            let stream = StreamFamily::new(1, replication).stream(name, "flow");
            let mut fluid = Fluid::new();
            let link = [(fluid.add_link(rate(G)), Factor::ONE)];
            let mut started: Vec<(Time, Bytes)> = Vec::new();
            let (mut sum, mut count) = (0.0, 0);
            let mut now = 0.0;
            for tag in 0..FLOWS {
                let mut draw = stream.draw(tag);
                now += draw.exponential() * interval;
                let bits = sizes.sample(&mut draw).as_secs_f64() * 1e6;
                let size = bytes(bits / 8.0);
                fluid.start(&FlowSpec {
                    tag: u32::try_from(tag).unwrap(),
                    size: Some(size),
                    cap: Some(rate(cap)),
                    begins: secs(now),
                    ..plain(&link)
                });
                started.push((secs(now), size));
                fluid.advance(secs(now));
            }
            fluid.advance(Time::MAX);
            assert_eq!(fluid.flows(), 0);
            for end in fluid.take_ended() {
                let (begun, size) = started[end.tag as usize];
                if u64::from(end.tag) >= WARMUP {
                    let alone = rate(cap).time_for(size).as_secs_f64();
                    sum += end.at.since(begun).as_secs_f64() / alone;
                    count += 1;
                }
            }
            sum / f64::from(count)
        })
        .collect()
}

fn laws() -> [(&'static str, Distribution); 2] {
    let second = Duration::from_secs(1);
    let heavy = Distribution::lognormal_by_quantiles(second, Duration::from_secs(33));
    [
        ("exponential", Distribution::exponential(second)),
        // A squared coefficient of variation of 8.5.
        ("lognormal", heavy.unwrap()),
    ]
}

/// Processor sharing: a flow takes 1/(1-ρ) times as long as alone, whatever the sizes (Kleinrock,
/// "Queueing Systems", volume 2, section 4.4).
#[test]
fn one_link_with_flows_at_random() {
    for (name, sizes) in laws() {
        for (load, exact) in [(0.5, 2.0), (0.8, 5.0)] {
            let found = slowdowns(name, &sizes, load, G);
            agree(&format!("{name} sizes at {load}"), &found, exact);
        }
    }
}

/// M/G/R-PS: flows limited to an R-th of the link take 1 + C(R, Rρ)/(R(1-ρ)) times as long as alone,
/// with Erlang's C (Lindberger, "Balancing quality of service, pricing and utilisation in
/// multiservice networks", ITC 16, 1999).
#[test]
fn capped_flows_at_random() {
    for (name, sizes) in laws() {
        for (r, load, exact) in [(5, 0.8, 1.55411), (5, 0.9, 2.52499), (10, 0.9, 1.66873)] {
            let found = slowdowns(name, &sizes, load, G / r);
            agree(&format!("{name} sizes, {r} at {load}"), &found, exact);
        }
    }
}

/// A hundred thousand short flows between 64 hosts with links of 25 Gbps, all of which end.
#[test]
fn many_short_flows_between_many_hosts() {
    const HOSTS: u32 = 64;
    let mut fluid = Fluid::new();
    let mut links = || -> Vec<ResourceId> {
        let one = |_| fluid.add_link(rate(25 * G));
        (0..HOSTS).map(one).collect()
    };
    let (up, down) = (links(), links());
    let stream = StreamFamily::new(1, 0).stream("flows", "flow");
    let mut now = 0.0;
    for tag in 0..100_000 {
        let mut draw = stream.draw(u64::from(tag));
        // Half of each link: 64 × 25 Gbps × 0.5 / 1.6 Mbit a second.
        now += draw.exponential() / 500_000.0;
        let (from, to) = (draw.below(HOSTS), draw.below(HOSTS));
        let size = bytes(draw.exponential() * 200_000.0);
        let uses = [
            (up[from as usize], Factor::ONE),
            (down[to as usize], Factor::ONE),
        ];
        fluid.start(&FlowSpec {
            tag,
            size: Some(size),
            begins: secs(now),
            window: Some(Window {
                initial: Bytes::new(15_000),
                round: Duration::from_us(50),
                limit: None,
                grows_to: None,
            }),
            ..plain(&uses)
        });
        fluid.advance(secs(now));
    }
    fluid.advance(Time::MAX);
    assert_eq!(fluid.take_ended().count(), 100_000);
}
