//! What functions experienced: answers in words, and a table.

use std::fmt::Write as _;

use super::table::{Names, lines, share_of, table, time};
use crate::report::lambda::share;
use crate::report::{FunctionSummary, Report, Summary};
use crate::sim::ThrottleReason;

/// Columns of a terminal.
const WIDTH: usize = 100;
/// From so many rows on, a column of equal cells is said once.
const MANY: usize = 3;
const NONE: &str = "–";

/// The answers in words, function by function.
pub(super) fn answers(summary: &Summary) -> String {
    let mut text = String::new();
    for (function, sentences) in &summary.answers {
        let _ = writeln!(text, "  {function}");
        for sentence in sentences {
            text.push_str(&wrapped(sentence));
        }
    }
    if text.is_empty() {
        text
    } else {
        format!("{text}\n")
    }
}

/// A sentence as lines, the further ones indented.
fn wrapped(sentence: &str) -> String {
    let (mut text, mut line) = (String::new(), "   ".to_owned());
    for word in unbroken(sentence) {
        if line.chars().count() + 1 + word.chars().count() > WIDTH && !line.trim().is_empty() {
            text.push_str(&line);
            text.push('\n');
            "     ".clone_into(&mut line);
        }
        line.push(' ');
        line.push_str(&word);
    }
    format!("{text}{line}\n")
}

/// The words of a sentence, each number with its unit as one.
fn unbroken(sentence: &str) -> Vec<String> {
    const UNITS: [&str; 10] = ["%", "s", "ms", "us", "ns", "ps", "h", "d", "MB", "GB"];
    let mut words: Vec<String> = Vec::new();
    for word in sentence.split(' ') {
        let unit = word.trim_end_matches(|c: char| ".,;:)".contains(c));
        let after_number = |last: &&mut String| last.ends_with(|c: char| c.is_ascii_digit());
        match words.last_mut().filter(after_number) {
            Some(last) if UNITS.contains(&unit) => {
                last.push(' ');
                last.push_str(word);
            }
            _ => words.push(word.to_owned()),
        }
    }
    words
}

/// A column in the making.
struct Column {
    title: &'static str,
    /// Columns of low rank go first if there is no room.
    rank: u8,
    cells: Vec<String>,
}

/// The table of functions.
pub(super) fn functions(report: &Report<'_>, summary: &Summary) -> String {
    let points = summary.points.iter().enumerate();
    let all: Vec<(usize, &str, &FunctionSummary)> = points
        .flat_map(|(index, point)| {
            let functions = point.functions.iter();
            functions.map(move |(name, function)| (index, name.as_str(), function))
        })
        .collect();
    let counts = summary.points.iter().map(|point| point.functions.len());
    let names = Names::new(report, "function", counts.max().unwrap_or(0));
    if all.is_empty() {
        return String::new();
    }
    let mut columns: Vec<Column> = COLUMNS
        .iter()
        .map(|&(title, rank, cell)| Column {
            title,
            rank,
            cells: all.iter().map(|(_, _, function)| cell(function)).collect(),
        })
        .collect();
    columns.retain(|column| column.cells.iter().any(|cell| cell != NONE));
    let everywhere = if all.len() < MANY {
        Vec::new()
    } else {
        take_constant(&mut columns)
    };
    let rows: Vec<Vec<String>> = all
        .iter()
        .map(|(point, name, _)| names.cells(*point, name))
        .collect();
    fit(&mut columns, width(&names.header, &rows));
    let titles = columns.iter().map(|column| column.title.to_owned());
    let header: Vec<String> = names.header.iter().cloned().chain(titles).collect();
    let mut table = table(&header, names.header.len());
    for (index, own) in rows.into_iter().enumerate() {
        let cells = columns.iter().map(|column| column.cells[index].clone());
        table.add_row(own.into_iter().chain(cells).collect::<Vec<_>>());
    }
    let mut text = format!("\n{}", lines(&table));
    if !everywhere.is_empty() {
        let _ = writeln!(text, "  everywhere: {}", everywhere.join(", "));
    }
    text
}

/// Takes out the columns whose cells are all the same, and says them.
fn take_constant(columns: &mut Vec<Column>) -> Vec<String> {
    let constant = |column: &Column| column.cells.iter().all(|cell| *cell == column.cells[0]);
    let said = columns.iter().filter(|column| constant(column));
    let said = said.map(|column| format!("{} {}", column.title, column.cells[0]));
    let said = said.collect();
    columns.retain(|column| !constant(column));
    said
}

/// The rank of columns that stay even if there is no room.
const ALWAYS: u8 = 20;

/// Leaves out columns until the table fits beside its first columns.
fn fit(columns: &mut Vec<Column>, beside: usize) {
    let of = |column: &Column| {
        let cells = column.cells.iter().map(|cell| cell.chars().count());
        cells.max().unwrap_or(0).max(column.title.chars().count()) + 2
    };
    while beside + columns.iter().map(of).sum::<usize>() > WIDTH + 2 {
        let ranks = columns.iter().map(|column| column.rank);
        let ranks = ranks.filter(|&rank| rank < ALWAYS);
        let Some(least) = ranks.min() else {
            return;
        };
        columns.retain(|column| column.rank > least);
    }
}

/// The width of the first columns with what stands before and behind them.
fn width(header: &[String], rows: &[Vec<String>]) -> usize {
    let widths = header.iter().enumerate().map(|(index, title)| {
        let cells = rows.iter().map(|row| row[index].chars().count());
        cells.max().unwrap_or(0).max(title.chars().count()) + 2
    });
    2 + widths.sum::<usize>()
}

/// Each column: its title, its rank, and its cell.
type Cell = fn(&FunctionSummary) -> String;
const COLUMNS: [(&str, u8, Cell); 19] = [
    ("invoked", ALWAYS, |f| f.invocations.to_string()),
    ("cold", ALWAYS, |f| shown(f.cold_start_share.map(share))),
    ("± 95 %", 11, |f| {
        let half = |[low, high]: [f64; 2]| share((high - low) / 2.0);
        let interval = f.cold_start_share_ci95;
        shown(interval.filter(|[low, high]| low < high).map(half))
    }),
    ("throttled", ALWAYS, |f| whole(f.throttles)),
    ("mostly by", 6, |f| shown(mostly(f).map(str::to_owned))),
    ("failed", ALWAYS, |f| whole(f.failures())),
    ("spilled over", ALWAYS, |f| {
        let both = f.provisioned_invocations.zip(f.spillover_invocations);
        shown(both.map(|(served, spilled)| share(spilled as f64 / (served + spilled) as f64)))
    }),
    ("peak", 13, |f| whole(f.peak_environments)),
    ("busy", 10, |f| {
        shown(f.mean_concurrency.map(|mean| format!("{mean:.1}")))
    }),
    ("peak busy", 7, |f| shown(f.peak_concurrency.map(whole))),
    ("queued", 8, |f| shown(f.peak_queued.map(whole))),
    ("ENIs", 12, |f| shown(f.peak_network_interfaces.map(whole))),
    ("cold p50", ALWAYS, |f| {
        time(f.cold_start_s.as_ref().map(|cold| cold.p50))
    }),
    ("cold p99", ALWAYS, |f| {
        time(f.cold_start_s.as_ref().map(|cold| cold.p99))
    }),
    ("VPC p50", 9, |f| {
        phase(f, "vpc_attach", |phase| time(Some(phase.p50)))
    }),
    ("VPC p99", 5, |f| {
        phase(f, "vpc_attach", |phase| time(Some(phase.p99)))
    }),
    ("new ENI", 4, |f| {
        let created = f.phase(CREATE).map_or(0, |phase| phase.count);
        let either = f.phase(CREATE).or(f.phase(REUSE));
        shown(either.map(|_| share_of(created, f.cold_starts)))
    }),
    ("its p50", 3, |f| {
        phase(f, CREATE, |phase| time(Some(phase.p50)))
    }),
    ("its p99", 3, |f| {
        phase(f, CREATE, |phase| time(Some(phase.p99)))
    }),
];
const CREATE: &str = "vpc_attach.create_network_interface";
const REUSE: &str = "vpc_attach.reuse_network_interface";

fn phase(
    function: &FunctionSummary,
    name: &str,
    cell: fn(&crate::report::PhaseSummary) -> String,
) -> String {
    shown(function.phase(name).map(cell))
}

fn shown(cell: Option<String>) -> String {
    cell.unwrap_or_else(|| NONE.to_owned())
}

/// A count; nothing is nothing to see.
fn whole(count: u64) -> String {
    shown((count > 0).then(|| count.to_string()))
}

/// The most frequent reason of throttling, in a few words.
fn mostly(function: &FunctionSummary) -> Option<&'static str> {
    let reasons = function.throttled.iter();
    let (name, _) = reasons.reduce(|a, b| if b.1 > a.1 { b } else { a })?;
    let mut all = ThrottleReason::ALL.into_iter();
    let reason = all.find(|reason| reason.name() == *name)?;
    Some(match reason {
        ThrottleReason::ConcurrentInvocationLimitExceeded => "account limit",
        ThrottleReason::ReservedFunctionConcurrentInvocationLimitExceeded => "reserved limit",
        ThrottleReason::ConcurrencyScalingRateExceeded => "scaling rate",
        ThrottleReason::FunctionInvocationRateLimitExceeded => "request rate",
        ThrottleReason::ReservedFunctionInvocationRateLimitExceeded => "reserved rate",
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::PointResults;
    use crate::report::lambda::fixture::{Function, point, secs};

    fn text(points: &[PointResults]) -> (String, String) {
        let report = Report {
            name: "n",
            title: "t",
            sha256: "",
            seed: 1,
            duration_secs: None,
            design: None,
            points,
        };
        let summary = Summary::new(&report);
        (answers(&summary), functions(&report, &summary))
    }

    #[test]
    fn numbers_stay_with_their_units() {
        let words = unbroken("(2.83 s → 424 ms, 85 % less; of 512 MB, 3 in all)");
        let expected = [
            "(2.83 s", "→", "424 ms,", "85 %", "less;", "of", "512 MB,", "3", "in", "all)",
        ];
        assert_eq!(words, expected);
        let lines = wrapped(&"word ".repeat(60));
        assert!(lines.lines().all(|line| line.chars().count() <= WIDTH));
        assert!(lines.lines().nth(1).unwrap().starts_with("      word"));
    }

    #[test]
    fn one_function_has_what_happened_and_nothing_else() {
        let quiet = Function::new("api").replication(200, &[0.3, 0.5]);
        let (answers, table) = text(&[point(&[], vec![quiet], 0)]);
        assert_shown(
            &table,
            "
  function  invoked   cold  cold p50  cold p99
  api           200  1.0 %  300.0 ms  500.0 ms
",
        );
        assert!(
            answers
                .starts_with("  api\n    1.0 % of 200 invocations were cold; a cold start takes"),
            "{answers}"
        );
    }

    #[test]
    fn what_is_the_same_everywhere_is_said_once() {
        let at = |memory, cold| {
            let function = Function::new("api")
                .replication(100, &[cold; 2])
                .throttled(ThrottleReason::ConcurrencyScalingRateExceeded, 7, secs(1.0))
                .busy(&[(0.0, 3)]);
            point(&[("function.api.memory", memory)], vec![function], 0)
        };
        let (_, table) = text(&[at("1 GB", 0.1), at("2 GB", 0.2), at("3 GB", 0.4)]);
        assert_shown(
            &table,
            "
  memory  cold p50  cold p99
  1 GB    100.0 ms  100.0 ms
  2 GB    200.0 ms  200.0 ms
  3 GB    400.0 ms  400.0 ms
  everywhere: invoked 100, cold 2.2 %, throttled 7, mostly by scaling rate, peak 3, busy 3.0, peak busy 3
",
        );
    }

    #[test]
    fn the_table_fits_on_a_terminal() {
        let at = |n: u32| {
            let cold = f64::from(n) / 7.0;
            let function = Function::new("api")
                .phase("vpc_attach", &[cold / 2.0])
                .phase(CREATE, &[cold / 2.0])
                .replication(100 + u64::from(n), &[cold, cold])
                .replication(100, &[cold])
                .throttled(
                    ThrottleReason::ConcurrencyScalingRateExceeded,
                    u64::from(n),
                    secs(1.0),
                )
                .provisioned(50, u64::from(n))
                .interfaces(&[(0.0, u64::from(n))], 9)
                .queued(&[(0.0, u64::from(n))])
                .busy(&[(0.0, u64::from(n))]);
            let value = format!("per_environment_eni_{n}");
            point(
                &[("function.api.vpc_attachment", &*value)],
                vec![function],
                0,
            )
        };
        let (_, table) = text(&[at(1), at(2), at(3)]);
        assert!(
            table.lines().all(|line| line.chars().count() <= WIDTH),
            "{table}"
        );
        assert!(
            table.contains("cold p99") && table.contains("ENIs") && !table.contains("its p50"),
            "{table}"
        );
    }

    #[test]
    fn without_functions_there_is_nothing() {
        assert_eq!(text(&[point(&[], vec![], 0)]), Default::default());
    }

    fn assert_shown(table: &str, expected: &str) {
        assert_eq!(table.trim_end(), expected.trim_end(), "{table}");
    }
}
