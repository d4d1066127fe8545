//! Random numbers without shared state.
//!
//! A draw is a function of (seed, replication, owner's name, purpose, index). Nothing that happens
//! elsewhere (the order of events, threads, an added host) can change it, and two points of a sweep
//! share their luck. The generator is Philox2x64-10 (Salmon, Moraes, Dror, Shaw: "Parallel random
//! numbers: as easy as 1, 2, 3", SC'11): a keyed bijection of a 128-bit counter that passes
//! `BigCrush`. It is our own because a result must not change with a library's version.

use std::convert::Infallible;

use rand::TryRng;
use rand_distr::Distribution as _;

/// Rounds of Philox2x64; the paper's recommendation, with a margin over the 6 that pass `BigCrush`.
const ROUNDS: u32 = 10;
const MULTIPLIER: u64 = 0xD2B7_4407_B1CE_6E93;
const WEYL: u64 = 0x9E37_79B9_7F4A_7C15;

/// Philox2x64: the block of two words at `counter` under `key`.
#[inline]
#[allow(clippy::cast_possible_truncation)] // the low half is what the algorithm asks for
fn philox(counter: [u64; 2], mut key: u64) -> [u64; 2] {
    let [mut left, mut right] = counter;
    for _ in 0..ROUNDS {
        let product = u128::from(MULTIPLIER) * u128::from(left);
        left = (product >> 64) as u64 ^ key ^ right;
        right = product as u64;
        key = key.wrapping_add(WEYL);
    }
    [left, right]
}

/// All streams of one replication of one experiment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StreamFamily {
    key: u64,
}

impl StreamFamily {
    /// The family of `replication` under `seed`.
    #[must_use]
    pub fn new(seed: u64, replication: u32) -> Self {
        let [key, _] = philox([seed, u64::from(replication)], 0x6e65_7473_696d_2e31);
        Self { key }
    }

    /// The stream that `owner` uses for `purpose`. Names are read here, never in the event loop.
    #[must_use]
    pub fn stream(self, owner: &str, purpose: &str) -> Stream {
        // A sponge over the bytes of both names; the length separates them ("ab","c" from "a","bc").
        let mut key = self.key;
        for text in [owner, purpose] {
            key ^= philox([text.len() as u64, 0], key)[0];
            for chunk in text.as_bytes().chunks(8) {
                let mut word = [0; 8];
                word[..chunk.len()].copy_from_slice(chunk);
                key ^= philox([u64::from_le_bytes(word), 1], key)[0];
            }
        }
        Stream { key }
    }
}

/// An indexed family of independent draws.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stream {
    key: u64,
}

impl Stream {
    /// The generator for sample `index`; however many words the sampler takes, no other sample
    /// changes.
    #[inline]
    #[must_use]
    pub fn draw(self, index: u64) -> Draw {
        self.draw_part(index, 0)
    }

    /// The generator for part `part` of sample `index`, such as one stage of one packet's path.
    #[inline]
    #[must_use]
    pub fn draw_part(self, index: u64, part: u32) -> Draw {
        let counter = [index, u64::from(part) << 32];
        Draw {
            key: self.key,
            counter,
            words: philox(counter, self.key),
            used: 0,
        }
    }
}

/// A generator built for one sample.
#[derive(Debug, Clone)]
pub struct Draw {
    key: u64,
    counter: [u64; 2],
    words: [u64; 2],
    used: usize,
}

impl Draw {
    /// The next word, uniform over all 64-bit values.
    #[inline]
    pub fn word(&mut self) -> u64 {
        if self.used == 2 {
            self.counter[1] += 1;
            self.words = philox(self.counter, self.key);
            self.used = 0;
        }
        let word = self.words[self.used];
        self.used += 1;
        word
    }

    /// Uniform on the open interval (0, 1): never 0, so that its logarithm is finite.
    #[inline]
    pub fn unit(&mut self) -> f64 {
        (((self.word() >> 12) as f64) + 0.5) * (1.0 / (1_u64 << 52) as f64)
    }

    /// Exponential with mean 1.
    #[inline]
    pub fn exponential(&mut self) -> f64 {
        rand_distr::Exp1.sample(self)
    }

    /// Uniform on `0..bound` (bias below `bound`/2⁶⁴).
    ///
    /// `bound` must not be zero.
    #[inline]
    #[allow(clippy::cast_possible_truncation)] // below `bound`
    pub fn below(&mut self, bound: u32) -> u32 {
        debug_assert!(bound > 0);
        ((u128::from(self.word()) * u128::from(bound)) >> 64) as u32
    }
}

impl TryRng for Draw {
    type Error = Infallible;

    #[inline]
    #[allow(clippy::cast_possible_truncation)] // the high half of a word
    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok((self.word() >> 32) as u32)
    }

    #[inline]
    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(self.word())
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        for chunk in bytes.chunks_mut(8) {
            let word = self.word().to_le_bytes();
            chunk.copy_from_slice(&word[..chunk.len()]);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Known answers of philox2x64-10 in the Random123 distribution (`kat_vectors`).
    #[test]
    fn philox_gives_the_published_answers() {
        assert_eq!(
            philox([0, 0], 0),
            [0xca00_a045_9843_d731, 0x66c2_4222_c9a8_45b5]
        );
        let ones = u64::MAX;
        assert_eq!(
            philox([ones, ones], ones),
            [0x65b0_21d6_0cd8_310f, 0x4d02_f322_2f86_df20]
        );
        assert_eq!(
            philox(
                [0x243f_6a88_85a3_08d3, 0x1319_8a2e_0370_7344],
                0xa409_3822_299f_31d0
            ),
            [0x0a5e_742c_2997_341c, 0xb0f8_83d3_8000_de5d]
        );
    }

    #[test]
    fn streams_differ_by_every_part_of_their_name() {
        let first = |seed, replication, owner, purpose| {
            StreamFamily::new(seed, replication)
                .stream(owner, purpose)
                .draw(0)
                .word()
        };
        let all = [
            first(1, 0, "ab", "c"),
            first(2, 0, "ab", "c"),
            first(1, 1, "ab", "c"),
            first(1, 0, "a", "bc"),
            first(1, 0, "ab", "d"),
            first(1, 0, "ab\0", "c"),
            first(1, 0, "", "abc"),
        ];
        let distinct: std::collections::BTreeSet<u64> = all.into_iter().collect();
        assert_eq!(distinct.len(), all.len());
    }

    #[test]
    fn a_sample_is_the_same_however_many_words_others_took() {
        let stream = StreamFamily::new(7, 3).stream("ping.a", "arrival");
        let alone = stream.draw(5).word();
        let mut greedy = stream.draw(4);
        for _ in 0..100 {
            greedy.word();
        }
        assert_eq!(stream.draw(5).word(), alone);
        assert_ne!(stream.draw_part(5, 1).word(), alone);
    }

    /// Pearson's χ² over 256 cells of 2²⁰ draws: within 4 standard deviations (σ = √(2·255)).
    #[test]
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // 0..256
    fn units_are_uniform_within_and_across_samples() {
        let stream = StreamFamily::new(11, 0).stream("test", "unit");
        let draws = 1_u32 << 20;
        let mut cells = [0_u32; 256];
        for index in 0..u64::from(draws / 4) {
            let mut draw = stream.draw(index);
            for _ in 0..4 {
                let unit = draw.unit();
                assert!(unit > 0.0 && unit < 1.0);
                cells[(unit * 256.0) as usize] += 1;
            }
        }
        let expected = f64::from(draws) / 256.0;
        let chi2: f64 = cells
            .iter()
            .map(|&n| (f64::from(n) - expected).powi(2) / expected)
            .sum();
        assert!((chi2 - 255.0).abs() < 4.0 * 510_f64.sqrt(), "χ² = {chi2}");
    }
}
