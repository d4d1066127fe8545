//! A bill as text for a terminal of 100 columns. Amounts are rounded to cents; where that shows, a
//! note says so.

use std::fmt::Write as _;

use crate::cost::{Bill, Item, Section, Term};
use crate::experiment::PointBill;
use crate::units::Usd;

/// Columns of the terminal.
pub(super) const WIDTH: usize = 100;

/// The bills of the points of a scenario as text: what is charged with its arithmetic, the
/// sections, the total, who moved how much through what, and notes.
#[must_use]
pub fn bill_text(name: &str, bills: &[PointBill]) -> String {
    let texts: Vec<String> = bills
        .iter()
        .map(|one| match one.point.label() {
            label if label.is_empty() => one_text(name, &one.bill),
            label => one_text(&format!("{name}, {label}"), &one.bill),
        })
        .collect();
    texts.join("\n")
}

fn one_text(name: &str, bill: &Bill) -> String {
    let mut text = format!("{name}: a month in {}\n", bill.region);
    let rows: Vec<(Section, Row)> = bill
        .items
        .iter()
        .flat_map(|item| rows(bill, item).into_iter().map(|row| (item.section, row)))
        .collect();
    let columns = Columns::of(rows.iter().map(|(_, row)| row), bill.total);
    for section in Section::ALL {
        let mut own = rows.iter().filter(|(of, _)| *of == section).peekable();
        if own.peek().is_none() {
            continue;
        }
        text.push('\n');
        columns.sum(&mut text, title(section), bill.section(section));
        for (_, row) in own {
            columns.row(&mut text, row);
        }
    }
    text.push('\n');
    columns.sum(&mut text, "Total", bill.total);
    text.push_str(&shares(bill));
    text.push_str(&notes(bill));
    text
}

const fn title(section: Section) -> &'static str {
    match section {
        Section::Hourly => "By the hour",
        Section::Compute => "Instances and functions",
        Section::Traffic => "By volume",
    }
}

/// A line of an item: each term has one.
#[derive(Debug, Default)]
struct Row {
    label: String,
    /// What goes before the price.
    quantity: String,
    /// The price.
    price: String,
    amount: String,
}

fn rows(bill: &Bill, item: &Item) -> Vec<Row> {
    let region = if item.region == bill.region || item.resource.starts_with(&item.region) {
        String::new()
    } else {
        format!(" ({})", item.region)
    };
    let mut rows: Vec<Row> = item
        .terms
        .iter()
        .map(|term| Row {
            quantity: quantity(term),
            price: term.price.to_string(),
            ..Row::default()
        })
        .collect();
    if rows.is_empty() {
        rows.push(Row::default());
    }
    rows[0].label = format!("{}{region}, {}", item.resource, item.what);
    if let Some(last) = rows.last_mut() {
        last.amount = item
            .amount
            .map_or_else(|| "price unknown".to_owned(), cents);
    }
    rows
}

fn quantity(term: &Term) -> String {
    match term.count {
        1 => term.quantity.to_string(),
        count => format!("{count} × {}", term.quantity),
    }
}

/// Rounded to cents; what is less than half a cent is not shown as nothing.
pub(super) fn cents(amount: Usd) -> String {
    if amount.rounded(2) == Usd::ZERO && amount != Usd::ZERO {
        let sign = if amount < Usd::ZERO { "-" } else { "" };
        return format!("{sign}<$0.01");
    }
    format!("{amount:.2}")
}

/// Widths that fit every row.
#[derive(Debug)]
struct Columns {
    label: usize,
    quantity: usize,
    price: usize,
    amount: usize,
}

impl Columns {
    fn of<'a>(rows: impl Iterator<Item = &'a Row>, total: Usd) -> Self {
        let mut columns = Self {
            label: 0,
            quantity: 0,
            price: 0,
            amount: cents(total).len(),
        };
        for row in rows {
            let width = |text: &str| text.chars().count();
            columns.label = columns.label.max(width(&row.label));
            columns.quantity = columns.quantity.max(width(&row.quantity));
            columns.price = columns.price.max(width(&row.price));
            columns.amount = columns.amount.max(width(&row.amount));
        }
        let others = columns.quantity + columns.price + columns.amount + "    ×    ".len();
        columns.label = columns.label.min(WIDTH.saturating_sub(others).max(20));
        columns
    }

    /// All columns, and what is between them.
    const fn width(&self) -> usize {
        2 + self.label + 2 + self.quantity + 3 + self.price + 2 + self.amount
    }

    fn row(&self, text: &mut String, row: &Row) {
        let mut lines = wrapped(&row.label, self.label);
        let last = lines.pop().unwrap_or_default();
        for line in lines {
            let _ = writeln!(text, "  {line}");
        }
        let times = if row.price.is_empty() { " " } else { "×" };
        let line = format!(
            "  {last:label$}  {:>quantity$} {times} {:price$}  {:>amount$}",
            row.quantity,
            row.price,
            row.amount,
            label = self.label,
            quantity = self.quantity,
            price = self.price,
            amount = self.amount,
        );
        let _ = writeln!(text, "{}", line.trim_end());
    }

    /// A line with nothing but a name and an amount.
    fn sum(&self, text: &mut String, name: &str, amount: Usd) {
        let rest = self.width().saturating_sub(name.chars().count());
        let _ = writeln!(text, "{name}{:>rest$}", cents(amount));
    }
}

/// `text` in lines of at most `width` characters, broken at spaces; further lines are indented.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let line = lines.last_mut().expect("there is always a line");
        let length = line.chars().count();
        if length > 0 && length + 1 + word.chars().count() > width {
            lines.push(format!("  {word}"));
        } else {
            if length > 0 {
                line.push(' ');
            }
            line.push_str(word);
        }
    }
    lines
}

/// Who moved and invoked how much, through what.
fn shares(bill: &Bill) -> String {
    let rows: Vec<[String; 4]> = bill
        .workloads()
        .keys()
        .flat_map(|workload| {
            let all = bill
                .items
                .iter()
                .flat_map(|item| item.shares.iter().map(move |share| (item, share)));
            all.filter(move |(_, share)| share.workload == **workload)
                .map(|(item, share)| {
                    [
                        share.workload.clone(),
                        format!("{}, {}", share.through, item.what),
                        share.quantity.to_string(),
                        cents(share.amount),
                    ]
                })
        })
        .collect();
    if rows.is_empty() {
        return String::new();
    }
    let width = |column: usize| {
        rows.iter()
            .map(|row| row[column].chars().count())
            .max()
            .unwrap_or(0)
    };
    let (name, amount) = (width(0), width(3));
    let (through, quantity) = (width(1), width(2));
    let room = WIDTH.saturating_sub(2 + name + 2 + 2 + quantity + 2 + amount);
    let through = through.min(room.max(20));
    let mut text = String::from("\nBy workload\n");
    let mut before = "";
    for [workload, what, moved, charged] in &rows {
        let shown = if workload == before { "" } else { workload };
        before = workload;
        let mut lines = wrapped(what, through);
        let first = lines.remove(0);
        let line =
            format!("  {shown:name$}  {first:through$}  {moved:>quantity$}  {charged:>amount$}");
        let _ = writeln!(text, "{}", line.trim_end());
        for line in lines {
            let _ = writeln!(text, "  {:name$}  {line}", "");
        }
    }
    text
}

fn notes(bill: &Bill) -> String {
    let rounded: Usd = bill
        .items
        .iter()
        .filter_map(|item| item.amount)
        .map(|a| a.rounded(2))
        .sum();
    let off = rounded != bill.total.rounded(2);
    let rounding = "amounts are rounded to cents, the sums are not";
    let notes = bill
        .notes
        .iter()
        .map(String::as_str)
        .chain(off.then_some(rounding));
    let mut text = String::from("\n");
    for note in notes {
        for (index, line) in wrapped(note, WIDTH - 4).iter().enumerate() {
            let mark = if index == 0 { "  " } else { "" };
            let _ = writeln!(text, "{mark}{line}");
        }
    }
    text
}
