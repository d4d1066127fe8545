//! A path as text for a terminal of 100 columns.

use std::fmt::Write as _;

use super::{HopReport, LegReport, PathReport, QuantilesReport, RefusalReport};
use crate::units::format_seconds;

const WIDTH: usize = 100;
/// Where the column of medians begins.
const NUMBERS: usize = 76;

/// The story of a path.
#[must_use]
pub fn path_text(report: &PathReport) -> String {
    let mut text = String::new();
    let verdict = if report.reachable {
        "reachable"
    } else {
        "not reachable"
    };
    let _ = writeln!(
        text,
        "{} → {}  {}: {verdict}",
        report.from,
        report.to,
        report.flow()
    );
    if let Some(resolution) = &report.resolution {
        paragraph(&mut text, "  ", resolution);
    }
    leg(&mut text, "there", &report.forward);
    let refused_back = |refusal: &RefusalReport| refusal.direction == "return";
    if report.reachable || report.refusals.iter().any(refused_back) {
        leg(&mut text, "back", &report.back);
    }
    text.push('\n');
    if report.reachable {
        summary(&mut text, report);
    }
    for (index, refusal) in report.refusals.iter().enumerate() {
        refused(&mut text, index + 1, refusal);
    }
    for note in &report.notes {
        paragraph(&mut text, "  note: ", note);
    }
    text
}

fn leg(text: &mut String, name: &str, leg: &LegReport) {
    if leg.hops.is_empty() {
        return;
    }
    let timed = leg.hops.iter().any(|hop| hop.latency_s.is_some());
    let _ = if timed {
        writeln!(
            text,
            "\n  {:<width$}{:>11}{:>11}",
            name,
            "median",
            "p99",
            width = NUMBERS - 2
        )
    } else {
        writeln!(text, "\n  {name}")
    };
    for (index, hop) in leg.hops.iter().enumerate() {
        place(text, index + 1, hop);
    }
}

fn place(text: &mut String, number: usize, hop: &HopReport) {
    let mut title = format!("  {number:>2}  {}", hop.resource);
    if let Some(address) = &hop.address {
        let _ = write!(title, "  {address}");
    }
    let mut place: Vec<String> = Vec::new();
    place.extend(hop.availability_zone.clone());
    place.extend(hop.rack.map(|rack| format!("rack {rack}")));
    if !place.is_empty() {
        let _ = write!(title, "  {}", place.join(" "));
    }
    // How the packet gets here stands behind the name where there is room, otherwise below.
    let crossing = hop
        .crossing
        .as_ref()
        .map(|crossing| format!("({crossing})"));
    let width = |text: &str| text.chars().count();
    let fits = |crossing: &&String| width(&title) + 2 + width(crossing) < NUMBERS;
    let beside = crossing.as_ref().filter(fits).cloned();
    if let Some(crossing) = &beside {
        let _ = write!(title, "  {crossing}");
    }
    let pad = NUMBERS.saturating_sub(width(&title));
    let numbers = hop.latency_s.map(numbers).unwrap_or_default();
    let _ = writeln!(
        text,
        "{}",
        format!("{title}{}{numbers}", " ".repeat(pad)).trim_end()
    );
    if let Some(crossing) = crossing.filter(|_| beside.is_none()) {
        paragraph(text, "        ", &crossing);
    }
    for decision in &hop.decisions {
        paragraph(text, "        ", &decision.text);
    }
}

fn numbers(latency: QuantilesReport) -> String {
    let shown = |seconds: f64| {
        if seconds > 0.0 {
            format_seconds(seconds)
        } else {
            "–".to_owned()
        }
    };
    format!("{:>11}{:>11}", shown(latency.p50), shown(latency.p99))
}

fn summary(text: &mut String, report: &PathReport) {
    let pair = |latency: QuantilesReport| {
        format!(
            "{} (p99 {})",
            format_seconds(latency.p50),
            format_seconds(latency.p99)
        )
    };
    if let (Some(later), Some(first)) = (report.round_trip_s, report.round_trip_new_s) {
        let _ = writeln!(
            text,
            "  round trip   {}; first of a connection {}, without load",
            pair(later),
            pair(first)
        );
    }
    let _ = writeln!(
        text,
        "  packets      at most {} B, and {} B more in the overlay's encapsulation",
        report.mtu_bytes, report.encapsulation_bytes
    );
    let price = |leg: &LegReport| {
        if leg.charges.is_empty() {
            return "free".to_owned();
        }
        let parts: Vec<String> = leg
            .charges
            .iter()
            .map(|charge| format!("{} ${}", charge.what, charge.usd_per_gb))
            .collect();
        format!("${} ({})", leg.usd_per_gb, parts.join(" + "))
    };
    paragraph(text, "  1 GB there   ", &price(&report.forward));
    paragraph(text, "  1 GB back    ", &price(&report.back));
}

fn refused(text: &mut String, number: usize, refusal: &RefusalReport) {
    let code = refusal.code.map(|code| format!(" [{code}]"));
    let back = if refusal.direction == "return" {
        ", on the way back"
    } else {
        ""
    };
    let _ = writeln!(
        text,
        "  ({number}) refused by {}{back}{}",
        refusal.at,
        code.unwrap_or_default()
    );
    paragraph(text, "      ", &refusal.reason);
    paragraph(text, "      to allow it: ", &refusal.remedy);
}

/// Text wrapped to the terminal behind a label; further lines are indented as far.
fn paragraph(text: &mut String, label: &str, words: &str) {
    let indent = label.chars().count();
    let mut line = label.to_owned();
    let mut length = indent;
    for word in words.split(' ') {
        let width = word.chars().count();
        if length > indent && length + 1 + width > WIDTH {
            let _ = writeln!(text, "{line}");
            line = " ".repeat(indent);
            length = indent;
        }
        if length > indent {
            line.push(' ');
            length += 1;
        }
        line.push_str(word);
        length += width;
    }
    let _ = writeln!(text, "{line}");
}
