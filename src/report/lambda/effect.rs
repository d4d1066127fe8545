//! What a swept key changes: its best value against its worst, with the interval of the difference
//! across replications, which share their random numbers.

use std::fmt::Write as _;

use super::answers::Observation;
use super::summary::{cold_share, throttled_share};
use super::words::{listed, points, share, time, times};
use crate::scenario::{display_value, last_key};
use crate::sim::FunctionResults;
use crate::stats::{Difference, Interval, Ratio, mean_difference};

/// Values between the best and the worst that are named, at most.
const NAMED: usize = 4;
/// Differences below this share are hardly any.
const SMALL: f64 = 0.01;
/// Differences below this share come from rounding.
const ROUNDING: f64 = 1e-9;
/// So many times the average difference is worth a word.
const MUCH: f64 = 1.5;

/// What is compared; the less, the better.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Measure {
    /// The mean of cold starts.
    ColdStart,
    /// The share of invocations that are cold.
    ColdShare,
    /// The share of invocations that are throttled.
    ThrottledShare,
}

/// A value of the key.
#[derive(Debug)]
struct Value {
    text: String,
    /// Averaged over the other keys.
    mean: f64,
    /// Dollars a month, averaged likewise.
    bill: f64,
    /// What was measured with each combination of the others.
    ratios: Vec<Ratio>,
}

/// The best value of a key against its worst.
#[derive(Debug)]
struct Effect<'a> {
    key: &'a str,
    best: Value,
    worst: Value,
    /// Those between, from the best on.
    between: Vec<Value>,
    difference: Difference,
    /// The keys averaged over.
    others: Vec<&'a str>,
    /// The combination of the others with the largest difference, if that is much larger.
    most: Option<(String, f64)>,
}

/// What each swept key changes.
pub(super) fn sentences(function: &str, seen: &[Observation<'_>]) -> Vec<String> {
    let parameters = seen
        .first()
        .map_or(&[][..], |first| &first.point.parameters);
    let own = format!("function.{function}.");
    let mut all = Vec::new();
    for (key, _) in parameters {
        let mut bill = None;
        for measure in [
            Measure::ColdStart,
            Measure::ColdShare,
            Measure::ThrottledShare,
        ] {
            let Some(effect) = Effect::of(key, seen, measure) else {
                continue;
            };
            let matters = effect.is_distinguishable() && !effect.is_small();
            if matters {
                bill = bill.or_else(|| effect.bill());
            }
            // That a key does not matter is worth a sentence only if one would expect it to.
            if matters || measure == Measure::ColdStart && key.replace('"', "").starts_with(&own) {
                all.push(effect.sentence(measure));
            }
        }
        all.extend(bill);
    }
    all
}

impl Measure {
    fn of(self, results: &FunctionResults) -> Ratio {
        match self {
            Self::ColdStart => Ratio::of_samples(&results.replications),
            Self::ColdShare => cold_share(results),
            Self::ThrottledShare => throttled_share(results),
        }
    }

    fn shown(self, value: f64) -> String {
        match self {
            Self::ColdStart => time(value),
            Self::ColdShare | Self::ThrottledShare => share(value),
        }
    }

    fn interval(self, interval: Interval) -> String {
        match self {
            Self::ColdStart => times(interval),
            Self::ColdShare | Self::ThrottledShare => points(interval),
        }
    }
}

impl<'a> Effect<'a> {
    /// Compares the values of `key`; `None` if fewer than two can be compared or all are the same.
    fn of(key: &'a str, seen: &'a [Observation<'a>], measure: Measure) -> Option<Self> {
        let mut table = Table::new(key, seen, measure);
        let mut values = table.values();
        let compared = values.len() * values.len().saturating_sub(1) / 2;
        values.sort_by(|a, b| a.mean.total_cmp(&b.mean));
        let worst = values.pop().filter(|_| !values.is_empty())?;
        let best = values.remove(0);
        if worst.mean - best.mean <= ROUNDING * worst.mean {
            return None;
        }
        let pairs = worst.ratios.iter().cloned().zip(best.ratios.clone());
        let pairs: Vec<(Ratio, Ratio)> = pairs.collect();
        let difference = mean_difference(&pairs, compared)?;
        Some(Self {
            key,
            most: table.most(&pairs, difference.mean),
            others: std::mem::take(&mut table.others),
            best,
            worst,
            between: values,
            difference,
        })
    }

    /// Whether the interval of the difference is clear of zero; without one nobody knows.
    fn is_distinguishable(&self) -> bool {
        self.difference
            .interval
            .is_none_or(|interval| interval.low > 0.0)
    }

    fn is_small(&self) -> bool {
        self.difference.mean < SMALL * self.worst.mean
    }

    fn sentence(&self, measure: Measure) -> String {
        let Self {
            key, best, worst, ..
        } = self;
        let interval = self.difference.interval.filter(|interval| {
            // Replications that all differ alike need no interval.
            interval.high - interval.low > ROUNDING * worst.mean
        });
        let interval = interval.map(|interval| measure.interval(interval));
        if !self.is_distinguishable() {
            return format!(
                "The values of {key} are not distinguishable by how long a cold start takes: the \
                 largest difference is {}, between {} and {} on average (95 %: {}).",
                time(self.difference.mean),
                best.text,
                worst.text,
                interval.unwrap_or_default()
            );
        }
        if self.is_small() {
            return format!(
                "{key} makes less than 1 % of difference to how long a cold start takes on average ({} with {}, {} with {}).",
                time(best.mean),
                best.text,
                time(worst.mean),
                worst.text
            );
        }
        let [from, to] = [worst, best].map(|value| measure.shown(value.mean));
        let what = match measure {
            Measure::ColdStart => format!(
                "saves {} of a cold start on average ({from} → {to}, {:.0} % less",
                time(self.difference.mean),
                100.0 * self.difference.mean / worst.mean
            ),
            Measure::ColdShare => {
                format!("makes fewer invocations cold on average ({from} → {to}")
            }
            Measure::ThrottledShare => {
                format!("makes fewer invocations throttled on average ({from} → {to}")
            }
        };
        let mut text = format!("Moving {key} from {} to {} {what}", worst.text, best.text);
        if let Some(interval) = interval {
            let _ = write!(text, "; 95 %: {interval}");
        }
        text.push(')');
        if !self.others.is_empty() {
            let others: Vec<String> = self.others.iter().map(|&other| other.to_owned()).collect();
            let _ = write!(text, ", over all values of {}", listed(&others));
        }
        if let Some((place, difference)) = &self.most {
            let most = match measure {
                Measure::ColdStart => time(*difference),
                Measure::ColdShare | Measure::ThrottledShare => {
                    format!("{:.1} points", 100.0 * difference)
                }
            };
            let _ = write!(text, ", and most with {place}: {most}");
        }
        if (1..=NAMED).contains(&self.between.len()) {
            let named = self
                .between
                .iter()
                .map(|value| format!("{} with {}", measure.shown(value.mean), value.text));
            let _ = write!(text, "; in between, {}", listed(&named.collect::<Vec<_>>()));
        }
        text.push('.');
        text
    }

    /// What the better value costs.
    fn bill(&self) -> Option<String> {
        let [better, other] = [self.best.bill, self.worst.bill].map(|usd| format!("${usd:.2}"));
        (better != other).then(|| {
            format!(
                "With {} the whole design costs {better} a month instead of {other}.",
                self.best.text
            )
        })
    }
}

/// What was measured by the value of one key and the combination of the others.
struct Table<'a> {
    /// The other keys, of which there are several values, by their last part.
    others: Vec<&'a str>,
    /// Names of the combinations.
    combinations: Vec<String>,
    rows: Vec<Row>,
}

/// A value of the key, with what was measured and the bill by combination.
struct Row {
    value: String,
    cells: Vec<Option<(Ratio, f64)>>,
}

impl Row {
    fn measured(&self) -> usize {
        self.cells.iter().filter(|cell| cell.is_some()).count()
    }
}

impl<'a> Table<'a> {
    fn new(key: &str, seen: &'a [Observation<'a>], measure: Measure) -> Self {
        let mut table = Self {
            others: others(key, seen),
            combinations: Vec::new(),
            rows: Vec::new(),
        };
        for one in seen {
            let parameters = one.point.parameters.iter();
            let (mut own, mut rest) = (String::new(), Vec::new());
            for (path, value) in parameters {
                let value = display_value(value);
                if path == key {
                    own = value;
                } else if table.others.contains(&last_key(path)) {
                    rest.push(format!("{} = {value}", last_key(path)));
                }
            }
            let column = index_of(&mut table.combinations, rest.join(", "));
            let row = table.rows.iter().position(|row| row.value == own);
            let row = row.unwrap_or_else(|| {
                table.rows.push(Row {
                    value: own,
                    cells: Vec::new(),
                });
                table.rows.len() - 1
            });
            let cells = &mut table.rows[row].cells;
            if cells.len() <= column {
                cells.resize(column + 1, None);
            }
            let ratio = measure.of(one.results);
            let bill = one.point.bill.total.as_f64();
            cells[column] = ratio.value().map(|_| (ratio, bill));
        }
        table
    }

    /// The values that have been measured with as many combinations as any, each averaged over those
    /// combinations that all of them have. The other combinations are left out of the table.
    fn values(&mut self) -> Vec<Value> {
        let most = self.rows.iter().map(Row::measured).max();
        self.rows
            .retain(|row| row.measured() > 0 && Some(row.measured()) == most);
        let common: Vec<usize> = (0..self.combinations.len())
            .filter(|&column| {
                let mut rows = self.rows.iter();
                rows.all(|row| row.cells.get(column).is_some_and(Option::is_some))
            })
            .collect();
        self.combinations = common
            .iter()
            .map(|&column| self.combinations[column].clone())
            .collect();
        let values = self.rows.iter().filter_map(|row| {
            let cells = common
                .iter()
                .filter_map(|&column| row.cells[column].clone());
            let (ratios, bills): (Vec<Ratio>, Vec<f64>) = cells.unzip();
            let n = ratios.len() as f64;
            let mean = ratios.iter().filter_map(Ratio::value).sum::<f64>() / n;
            (!ratios.is_empty()).then(|| Value {
                text: row.value.clone(),
                mean,
                bill: bills.iter().sum::<f64>() / n,
                ratios,
            })
        });
        values.collect()
    }

    /// The combination whose pair differs most, if that is much more than the average.
    fn most(&self, pairs: &[(Ratio, Ratio)], average: f64) -> Option<(String, f64)> {
        let differences = pairs
            .iter()
            .map(|(worst, best)| Some(worst.value()? - best.value()?));
        let named = self.combinations.iter().zip(differences);
        let named = named.filter_map(|(name, difference)| Some((name, difference?)));
        let most = named.reduce(|a, b| if b.1 > a.1 { b } else { a })?;
        (most.1 > MUCH * average).then(|| (most.0.clone(), most.1))
    }
}

/// The last parts of the swept keys besides `key` that have several values.
fn others<'a>(key: &str, seen: &'a [Observation<'a>]) -> Vec<&'a str> {
    let Some(first) = seen.first() else {
        return Vec::new();
    };
    let parameters = first.point.parameters.iter().enumerate();
    let several = parameters.filter(|(index, (path, value))| {
        let mut all = seen.iter();
        path != key && all.any(|one| one.point.parameters[*index].1 != *value)
    });
    several.map(|(_, (path, _))| last_key(path)).collect()
}

/// The index of `name`, which becomes the last if it is new.
fn index_of(names: &mut Vec<String>, name: String) -> usize {
    let known = names.iter().position(|other| *other == name);
    known.unwrap_or_else(|| {
        names.push(name);
        names.len() - 1
    })
}
