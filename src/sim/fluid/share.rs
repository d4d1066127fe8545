//! Max-min fair shares by progressive filling.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// The largest rate that takes part, 140 Tbps: products with a weight then fit their integers.
pub const MAX_RATE_BPS: u64 = (1 << 47) - 1;

/// A positive factor in steps of 2⁻¹⁶: a flow's weight, or how much of a resource a flow takes per
/// bit that it moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Factor(u32);

impl Factor {
    /// One.
    pub const ONE: Self = Self(1 << Self::BITS);
    const BITS: u32 = 16;

    /// `part / whole`, rounded up; `None` if that is nothing or more than 2¹⁶.
    #[must_use]
    pub fn ratio(part: u64, whole: u64) -> Option<Self> {
        let scaled = (u128::from(part) << Self::BITS).checked_div(u128::from(whole))?;
        let exact = scaled * u128::from(whole) == u128::from(part) << Self::BITS;
        let up = u32::try_from(scaled + u128::from(!exact)).ok()?;
        (up > 0).then_some(Self(up))
    }

    /// The sum of both.
    #[must_use]
    pub const fn plus(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }

    /// The product with a rate, rounded down.
    #[must_use]
    pub fn times(self, rate_bps: u64) -> u64 {
        if self == Self::ONE {
            return rate_bps;
        }
        let product = (u128::from(rate_bps) * u128::from(self.0)) >> Self::BITS;
        u64::try_from(product).unwrap_or(u64::MAX)
    }

    /// What must be multiplied by it to give at most `rate_bps`.
    #[must_use]
    pub fn into(self, rate_bps: u64) -> u64 {
        if self == Self::ONE {
            return rate_bps;
        }
        let quotient = (u128::from(rate_bps) << Self::BITS) / u128::from(self.0);
        u64::try_from(quotient).unwrap_or(u64::MAX)
    }
}

/// Flows over resources whose shares are to be found; made anew for every question, so that its
/// memory is used again.
///
/// Shares are max-min fair with weights and caps (Bertsekas and Gallager, "Data Networks", 2nd ed.,
/// section 6.5.2): all rates per weight grow together; where a flow meets its own cap it stops, and
/// where a resource is full all flows over it stop. Whole bits per second, rounded down: a full
/// resource has less than one bit per second and flow to spare, and none is ever above its capacity.
#[derive(Debug, Default)]
pub struct Sharing {
    resources: Vec<Resource>,
    flows: Vec<Flow>,
    /// Of all flows, one after the other.
    uses: Vec<(u32, Factor)>,
    /// Of all resources, one after the other.
    members: Vec<u32>,
    /// Flows by the level at which they meet their caps.
    by_cap: Vec<(u64, u32)>,
    /// Resources by a level that they have at least.
    levels: BinaryHeap<Reverse<(u64, u32)>>,
}

#[derive(Debug)]
struct Resource {
    /// What is left of its capacity, and the weights of the flows that still grow.
    room_bps: u64,
    weight: u64,
    /// Where its members end.
    end: u32,
    count: u32,
}

#[derive(Debug)]
struct Flow {
    cap_bps: u64,
    weight: Factor,
    /// Where its uses end.
    end: u32,
    rate_bps: Option<u64>,
}

impl Sharing {
    /// Forgets everything.
    pub fn clear(&mut self) {
        self.resources.clear();
        self.flows.clear();
        self.uses.clear();
        self.members.clear();
        self.by_cap.clear();
        self.levels.clear();
    }

    /// Adds a resource, and returns its number.
    pub fn resource(&mut self, capacity_bps: u64) -> u32 {
        self.resources.push(Resource {
            room_bps: capacity_bps.min(MAX_RATE_BPS),
            weight: 0,
            end: 0,
            count: 0,
        });
        index(self.resources.len() - 1)
    }

    /// Adds a flow over resources, each at most once, that wants at most `cap_bps`.
    pub fn flow(
        &mut self,
        cap_bps: u64,
        weight: Factor,
        uses: impl IntoIterator<Item = (u32, Factor)>,
    ) {
        for (resource, factor) in uses {
            let of = &mut self.resources[resource as usize];
            of.weight += taken(weight, factor);
            of.count += 1;
            self.uses.push((resource, factor));
        }
        self.flows.push(Flow {
            cap_bps: cap_bps.min(MAX_RATE_BPS),
            weight,
            end: index(self.uses.len()),
            rate_bps: None,
        });
    }

    /// The rates of all flows, in the order in which they were added.
    pub fn solve(&mut self) -> impl Iterator<Item = u64> + '_ {
        self.list_members();
        for (flow, number) in self.flows.iter().zip(0..) {
            self.by_cap.push((flow.weight.into(flow.cap_bps), number));
        }
        self.by_cap.sort_unstable();
        for number in 0..index(self.resources.len()) {
            let level = self.level(number);
            self.levels
                .extend(level.map(|level| Reverse((level, number))));
        }
        let mut capped = 0;
        loop {
            let fullest = self.fullest();
            let level = fullest.map_or(u64::MAX, |(level, _)| level);
            let before = capped;
            while let Some(&(cap, flow)) = self.by_cap.get(capped)
                && cap <= level
            {
                capped += 1;
                self.stop(flow, level);
            }
            let Some((level, resource)) = fullest else {
                break;
            };
            if capped > before {
                // There is more room for the others now.
                self.levels.push(Reverse((level, resource)));
                continue;
            }
            let end = self.resources[resource as usize].end as usize;
            let start = end - self.resources[resource as usize].count as usize;
            for at in start..end {
                self.stop(self.members[at], level);
            }
        }
        self.flows.iter().map(|flow| flow.rate_bps.unwrap_or(0))
    }

    /// Sorts the uses by resource.
    fn list_members(&mut self) {
        let mut end = 0;
        for resource in &mut self.resources {
            // Where the next member goes; it ends up where they end.
            resource.end = end;
            end += resource.count;
        }
        self.members.resize(self.uses.len(), 0);
        let mut at = 0;
        for (flow, number) in self.flows.iter().zip(0..) {
            for &(resource, _) in &self.uses[at..flow.end as usize] {
                let next = &mut self.resources[resource as usize].end;
                self.members[*next as usize] = number;
                *next += 1;
            }
            at = flow.end as usize;
        }
    }

    /// The rate per weight at which a resource is full, unless all its flows have stopped.
    fn level(&self, resource: u32) -> Option<u64> {
        let resource = &self.resources[resource as usize];
        (resource.weight > 0).then(|| (resource.room_bps << Factor::BITS) / resource.weight)
    }

    /// The resource that is full first, and the level at which it is. Levels only grow, so that one
    /// on the heap is too low at worst.
    fn fullest(&mut self) -> Option<(u64, u32)> {
        while let Some(Reverse((least, resource))) = self.levels.pop() {
            match self.level(resource) {
                Some(level) if level > least => self.levels.push(Reverse((level, resource))),
                Some(_) => return Some((least, resource)),
                None => {}
            }
        }
        None
    }

    /// Stops the growth of a flow at a level, or at its cap.
    fn stop(&mut self, number: u32, level: u64) {
        let start = match number.checked_sub(1) {
            Some(before) => self.flows[before as usize].end,
            None => 0,
        };
        let flow = &mut self.flows[number as usize];
        if flow.rate_bps.is_some() {
            return;
        }
        let rate = flow.weight.times(level).min(flow.cap_bps);
        flow.rate_bps = Some(rate);
        for &(resource, factor) in &self.uses[start as usize..flow.end as usize] {
            let of = &mut self.resources[resource as usize];
            of.room_bps -= factor.times(rate);
            of.weight -= taken(flow.weight, factor);
        }
    }
}

/// The weight with which a flow counts at a resource, rounded up.
fn taken(weight: Factor, factor: Factor) -> u64 {
    (u64::from(weight.0) * u64::from(factor.0)).div_ceil(1 << Factor::BITS)
}

fn index(length: usize) -> u32 {
    u32::try_from(length).expect("fewer than 2^32 flows, resources and uses")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rates of flows of weight one with the resources that each uses.
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

    #[test]
    fn what_a_capped_flow_leaves_goes_to_the_others() {
        assert_eq!(
            shares(&[10], &[(99, &[0]), (2, &[0]), (99, &[0])]),
            [4, 2, 4]
        );
        assert_eq!(shares(&[10], &[(3, &[0]), (5, &[])]), [3, 5]);
    }

    #[test]
    fn what_is_lost_to_rounding_is_less_than_a_bit_for_each_flow() {
        assert_eq!(
            shares(&[11], &[(99, &[0]), (99, &[0]), (99, &[0])]),
            [3, 3, 3]
        );
    }

    #[test]
    fn weights_and_overheads_divide_a_resource() {
        let mut sharing = Sharing::default();
        let link = sharing.resource(1000);
        let double = Factor::ratio(2, 1).unwrap();
        sharing.flow(9999, double, [(link, Factor::ONE)]);
        // Takes twice of the resource what it moves.
        sharing.flow(9999, Factor::ONE, [(link, double)]);
        assert_eq!(sharing.solve().collect::<Vec<_>>(), [500, 250]);
    }
}
