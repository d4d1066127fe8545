//! What a flow's hash chooses on its way: targets, zones, and nodes of fleets.

/// More combinations than are told apart; beyond, choices no longer vary independently.
const MANY: u32 = 1024;

/// The hash of a flow.
#[derive(Debug, Clone, Copy)]
pub(super) struct Choice {
    number: u32,
    /// Combinations of the decisions so far.
    combinations: u32,
    variants: u32,
}

impl Choice {
    pub(super) const fn new(number: u32) -> Self {
        Self {
            number,
            combinations: 1,
            variants: 1,
        }
    }

    /// After how many numbers the same is chosen again.
    pub(super) const fn variants(self) -> u32 {
        self.variants
    }

    /// Decides for one of `count`, whatever was decided before.
    pub(super) fn decide(&mut self, count: usize) -> usize {
        let count = few(count);
        let combinations = self.combinations * count;
        let chosen = if combinations > MANY {
            self.number
        } else {
            self.number / std::mem::replace(&mut self.combinations, combinations)
        };
        self.repeat_after(self.combinations.max(count));
        (chosen % count) as usize
    }

    /// The node of a fleet of `count`: the same one whenever the flow passes it.
    pub(super) fn node(&mut self, count: usize) -> usize {
        let count = few(count);
        self.repeat_after(count);
        (self.number % count) as usize
    }

    /// Takes the least common multiple, as far as it stays small.
    fn repeat_after(&mut self, count: u32) {
        let (mut a, mut b) = (self.variants, count);
        while b != 0 {
            (a, b) = (b, a % b);
        }
        let multiple = self.variants / a * count;
        self.variants = if multiple > MANY {
            self.variants.max(count)
        } else {
            multiple
        };
    }
}

fn few(count: usize) -> u32 {
    u32::try_from(count).expect("few nodes and targets").max(1)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// What all numbers choose, one after the other.
    fn all(choose: impl Fn(&mut Choice) -> Vec<usize>) -> Vec<Vec<usize>> {
        let (mut found, mut number, mut variants) = (Vec::new(), 0, 1);
        while number < variants {
            let mut choice = Choice::new(number);
            found.push(choose(&mut choice));
            variants = variants.max(choice.variants());
            number += 1;
        }
        found
    }

    #[test]
    fn decisions_are_independent_and_equally_frequent() {
        let found = all(|choice| vec![choice.decide(2), choice.decide(3), choice.decide(2)]);
        assert_eq!(found.len(), 12);
        assert_eq!(found.iter().collect::<BTreeSet<_>>().len(), 12);
    }

    #[test]
    fn what_one_decision_leads_to_may_offer_more_than_what_another_does() {
        let found = all(|choice| {
            let first = choice.decide(2);
            vec![first, choice.decide(if first == 0 { 1 } else { 3 })]
        });
        let found: BTreeSet<Vec<usize>> = found.into_iter().collect();
        let wanted = [[0, 0], [1, 0], [1, 1], [1, 2]].map(|pair| pair.to_vec());
        assert_eq!(found, BTreeSet::from(wanted));
    }

    #[test]
    fn a_fleet_is_passed_by_one_node_however_often() {
        let found = all(|choice| vec![choice.node(5), choice.decide(2), choice.node(5)]);
        assert_eq!(found.len(), 10);
        assert!(found.iter().all(|chosen| chosen[0] == chosen[2]));
        assert_eq!(found.iter().collect::<BTreeSet<_>>().len(), 10);
    }

    #[test]
    fn beyond_many_combinations_each_decision_still_has_all_outcomes() {
        let found = all(|choice| vec![choice.decide(1000), choice.decide(900)]);
        assert_eq!(found.len(), 1000);
        let second: BTreeSet<usize> = found.iter().map(|chosen| chosen[1]).collect();
        assert_eq!(second.len(), 900);
    }
}
