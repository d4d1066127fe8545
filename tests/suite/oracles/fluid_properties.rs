//! What holds for fluids whatever flows come and go.

use std::collections::BTreeMap;

use netsim::sim::fluid::{Factor, FlowSpec, Fluid, ResourceId, Sharing, TokenBucket, Window};
use netsim::units::{Bytes, Duration, Rate, Time};
use proptest::prelude::*;

/// A flow of a random network: its cap, weight in halves, and resources.
type Wish = (u64, u64, Vec<u32>);

fn network() -> impl Strategy<Value = (Vec<u64>, Vec<Wish>)> {
    let capacities = prop::collection::vec(1_000_u64..100_000_000_000, 1..8);
    capacities.prop_flat_map(|capacities| {
        let count = u32::try_from(capacities.len()).unwrap();
        let uses = prop::collection::btree_set(0..count, 0..=capacities.len())
            .prop_map(|uses| uses.into_iter().collect());
        let wish = (1_000_u64..200_000_000_000, 1_u64..6, uses);
        (Just(capacities), prop::collection::vec(wish, 1..24))
    })
}

/// A flow of a random history: size, cap, beginning in µs, first window, and resources.
type Transfer = (u64, u64, u64, Option<u64>, Vec<usize>);

fn history() -> impl Strategy<Value = Vec<Transfer>> {
    let transfer = (
        1_u64..10_000_000,
        1_000_000_u64..50_000_000_000,
        0_u64..5_000,
        prop::option::of(1_000_u64..100_000),
        prop::collection::btree_set(0_usize..4, 1..4).prop_map(|uses| uses.into_iter().collect()),
    );
    prop::collection::vec(transfer, 1..30)
}

proptest! {
    /// Bertsekas and Gallager, "Data Networks", 2nd ed., section 6.5.2: a vector of rates is max-min
    /// fair if and only if every flow has a bottleneck, which is its own cap, or a full resource where
    /// no flow has more for its weight.
    #[test]
    fn every_flow_has_a_bottleneck_and_no_resource_is_above_its_capacity(
        (capacities, wishes) in network()
    ) {
        let mut sharing = Sharing::default();
        for &capacity in &capacities {
            sharing.resource(capacity);
        }
        for (cap, weight, uses) in &wishes {
            let weight = Factor::ratio(*weight, 2).unwrap();
            sharing.flow(*cap, weight, uses.iter().map(|&using| (using, Factor::ONE)));
        }
        let rates: Vec<u64> = sharing.solve().collect();
        let over = |resource: u32| {
            let flows = wishes.iter().zip(&rates);
            flows.filter(move |((_, _, uses), _)| uses.contains(&resource))
        };
        let used = |resource: u32| over(resource).map(|(_, &rate)| rate).sum::<u64>();
        for (&capacity, resource) in capacities.iter().zip(0..) {
            prop_assert!(used(resource) <= capacity);
        }
        // Whole bits per second, rounded down, for a flow of weight ½ to 2½.
        let lost = 4 * wishes.len() as u64;
        for ((cap, weight, uses), &rate) in wishes.iter().zip(&rates) {
            let bottleneck = |&resource: &u32| {
                let full = used(resource) + lost >= capacities[resource as usize];
                full && over(resource).all(|((_, others, _), &other)| {
                    other * weight <= rate * others + lost * 8
                })
            };
            prop_assert!(rate == *cap || uses.iter().any(bottleneck), "{rate} of {cap}");
        }
    }

    /// Every flow delivers its bytes, no earlier than its cap allows; the links and the buckets never
    /// carry more than they can, and a credit stays between nothing and its bucket.
    #[test]
    fn bytes_are_conserved(transfers in history()) {
        let mut fluid = Fluid::new();
        let bps = |bps: u64| Rate::from_bps(bps).unwrap();
        let size = Bytes::new(2_000_000);
        let bucket = TokenBucket::new(bps(1_000_000_000), bps(9_000_000_000), size);
        let mut resources: Vec<ResourceId> =
            [10, 4, 8].map(|gbps| fluid.add_link(bps(gbps * 1_000_000_000))).into();
        resources.push(fluid.add_bucket(bucket));
        for ((size, cap, begins, window, uses), tag) in transfers.iter().zip(0..) {
            let uses: Vec<_> = uses.iter().map(|&at| (resources[at], Factor::ONE)).collect();
            let begins = Time::ZERO + Duration::from_us(*begins);
            fluid.start(&FlowSpec {
                tag,
                uses: &uses,
                size: Some(Bytes::new(*size)),
                cap: Some(bps(*cap)),
                weight: Factor::ONE,
                begins,
                window: window.map(|initial| Window {
                    initial: Bytes::new(initial),
                    round: Duration::from_us(100),
                    limit: None,
                    grows_to: None,
                }),
            });
        }
        let mut moved: BTreeMap<u32, u128> = BTreeMap::new();
        while let Some(next) = fluid.next() {
            fluid.advance(next);
            for (at, &id) in resources.iter().enumerate() {
                let most = [10, 4, 8, 9][at] * 1_000_000_000;
                prop_assert!(fluid.load(id).rate_bps <= most);
            }
            let credit = fluid.credit(resources[3]).unwrap().whole_bytes();
            prop_assert!(credit <= size.get());
            let mut last = Time::ZERO;
            for progress in fluid.take_progress() {
                prop_assert!(progress.from < progress.to && progress.to >= last);
                last = progress.to;
                *moved.entry(progress.tag).or_default() += progress.moved.get();
            }
        }
        prop_assert_eq!(fluid.flows(), 0);
        for end in fluid.take_ended() {
            let (size, cap, begins, _, _) = &transfers[end.tag as usize];
            prop_assert_eq!(moved[&end.tag], u128::from(*size) * 8_000_000_000_000);
            let begins = Time::ZERO + Duration::from_us(*begins);
            prop_assert!(end.at >= begins + bps(*cap).time_for(Bytes::new(*size)));
            prop_assert_eq!(end.waited + end.sent, end.at.since(Time::ZERO));
        }
    }
}
