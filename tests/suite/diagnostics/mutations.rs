//! Shipped scenarios with random damage: whatever comes of them, it is an answer.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;

use super::case::RIGHT;
use super::told;
use crate::world::shipped;

const SCENARIOS: [&str; 4] = [
    "lambda_coldstart",
    "leaf_spine",
    "packet_path",
    "security_layers",
];

/// What becomes of a piece of a text.
#[derive(Debug, Clone)]
enum Damage {
    Delete,
    Double,
    Swap(Index),
    Become(&'static str),
}

/// Pieces that are right somewhere, and pieces that are right nowhere.
const PIECES: [&str; 24] = [
    "0",
    "-1",
    "99999999999",
    "1e308",
    "\"0 s\"",
    "\"-1 s\"",
    "\"1e300 s\"",
    "\"\"",
    "[]",
    "{}",
    "\"10.0.0.0/0\"",
    "\"0.0.0.0/32\"",
    "\"instance.client\"",
    "\"fabric.clos\"",
    "\"internet\"",
    "\"service.s3\"",
    "true",
    "nan",
    "[sweep]",
    "=",
    "\"",
    "\n",
    "{ exponential = { mean = \"1 s\" } }",
    "é\u{202e}\u{0}",
];

fn damage() -> impl Strategy<Value = Damage> {
    prop_oneof![
        Just(Damage::Delete),
        Just(Damage::Double),
        any::<Index>().prop_map(Damage::Swap),
        prop::sample::select(&PIECES[..]).prop_map(Damage::Become),
    ]
}

/// The pieces of a text: its lines, or its words, quoted strings, signs and spaces; they make up the
/// whole text.
fn pieces(text: &str, lines: bool) -> Vec<&str> {
    if lines {
        return text.split_inclusive('\n').collect();
    }
    let kind = |c: char| match c {
        'a'..='z' | 'A'..='Z' | '0'..='9' | '_' | '-' | '.' | '/' => 0,
        ' ' => 1,
        _ => 2,
    };
    let mut found = Vec::new();
    let (mut start, mut before) = (0, None);
    for (at, c) in text.char_indices() {
        let now = kind(c);
        // A sign is a piece of its own.
        if before.is_some_and(|before| before != now || now == 2) {
            found.push(&text[start..at]);
            start = at;
        }
        before = Some(now);
    }
    found.push(&text[start..]);
    found
}

fn damaged(text: &str, lines: bool, damages: &[(Index, Damage)]) -> String {
    let mut pieces = pieces(text, lines);
    for (at, damage) in damages {
        if pieces.is_empty() {
            break;
        }
        let at = at.index(pieces.len());
        match damage {
            Damage::Delete => drop(pieces.remove(at)),
            Damage::Double => pieces.insert(at, pieces[at]),
            Damage::Swap(other) => {
                let other = other.index(pieces.len());
                pieces.swap(at, other);
            }
            Damage::Become(piece) => pieces[at] = piece,
        }
    }
    pieces.concat()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn damaged_scenarios_get_an_answer(
        name in prop::sample::select(&SCENARIOS[..]),
        lines: bool,
        damages in vec((any::<Index>(), damage()), 1..5),
    ) {
        let text = damaged(&shipped(name), lines, &damages);
        let answer = told(&text, &[], &[]);
        // An answer that refuses says where.
        prop_assert!(answer.ends_with("(it runs)\n") || answer.contains("wrong.toml"), "{answer}");
    }

    #[test]
    fn options_get_an_answer(option in "[a-z_.\"\\[\\]{}=,0-9 ]{0,40}") {
        prop_assert!(!told(RIGHT, &[&option], &[]).is_empty());
        prop_assert!(!told(RIGHT, &[], &[&option]).is_empty());
    }
}

#[test]
fn pieces_make_up_the_text() {
    for name in SCENARIOS {
        let text = shipped(name);
        for lines in [false, true] {
            assert_eq!(pieces(&text, lines).concat(), text);
        }
    }
}
