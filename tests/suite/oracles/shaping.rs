//! A token bucket: how long transfers take through burst and baseline.

use netsim::sim::station::{Admission, Shaper};
use netsim::units::{Bytes, Rate, Time};

/// When the last byte of `total` has left, sent from time zero in pieces of at most `piece` bytes.
fn completion_secs(mut shaper: Shaper, total: u64, piece: u64) -> f64 {
    let mut left = total;
    let mut last = Time::ZERO;
    while left > 0 {
        let size = left.min(piece);
        left -= size;
        let Admission::Served { end, .. } = shaper.admit(Time::ZERO, Bytes::new(size)) else {
            panic!("a shaper drops nothing");
        };
        last = end;
    }
    last.as_secs_f64()
}

/// X/p while the burst b/(p-r) lasts, then the rest at r: t = t₁ + (X - p t₁)/r, t₁ = b/(p-r).
#[test]
fn transfers_through_a_token_bucket() {
    // Baseline r and peak p in bytes per second, bucket b and transfer X in bytes.
    let cases = [
        // The burst of a 1 GB bucket: 8/9 s, in which 10/9 GB are sent.
        (
            125_000_000,
            1_250_000_000,
            1_000_000_000,
            1_111_111_111,
            8.0 / 9.0,
        ),
        (
            125_000_000,
            1_250_000_000,
            1_000_000_000,
            5_000_000_000,
            32.0,
        ),
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
    for (baseline, peak, bucket, transfer, exact) in cases {
        let rate = |bytes: u64| Rate::from_bps(8 * bytes).unwrap();
        let shaper = Shaper::new(rate(baseline), rate(peak), Bytes::new(bucket));
        for piece in [transfer, 1500] {
            let took = completion_secs(shaper.clone(), transfer, piece);
            let error = (took / exact - 1.0).abs();
            assert!(
                error < 1e-9,
                "{transfer} B in pieces of {piece} B: {took} s is not {exact} s"
            );
        }
    }
}
