//! Reading the formats of recorded arrivals, with every mistake and its line.
//!
//! The formats of Microsoft Azure are those of the Azure Public Dataset
//! (<https://github.com/Azure/AzurePublicDataset>): `AzureFunctionsDataset2019.md`, invocation counts
//! per function, and `AzureFunctionsInvocationTrace2021.md`.

use std::collections::BTreeSet;

use csv::StringRecord;

use super::{Recorded, TraceArrivals, TraceFault, TraceFormat, nearest};
use crate::units::{PS_PER_SECOND, Time};

/// Most arrivals of a trace.
const MAX_ARRIVALS: usize = 100_000_000;
/// Most minutes of a trace, less than the end of time.
const MAX_MINUTES: usize = 300_000;
/// Lines of which it is said what is wrong with them.
const SHOWN_LINES: u64 = 5;

/// The arrivals that `bytes`, the contents of a file, hold for `trace`.
///
/// # Errors
/// Everything that is wrong with them; of many wrong lines the first ones.
pub(super) fn read(trace: &TraceArrivals, bytes: &[u8]) -> Result<Recorded, Vec<TraceFault>> {
    let mut reading = Reading {
        trace,
        bytes: bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes),
        faults: Vec::new(),
        wrong_lines: 0,
    };
    reading.check_options();
    let recorded = if reading.faults.is_empty() {
        match trace.format {
            TraceFormat::Timestamps => reading.timestamps(),
            TraceFormat::AzureFunctions2019 => reading.counts(),
            TraceFormat::AzureFunctions2021 => reading.invocations(),
        }
    } else {
        None
    };
    let more = reading.wrong_lines.saturating_sub(SHOWN_LINES);
    if more > 0 {
        let lines = if more == 1 { "line is" } else { "lines are" };
        let message = format!("{}: {more} more {lines} wrong", trace.file);
        reading.fault("file", message, None);
    }
    match recorded {
        Some(recorded) if reading.faults.is_empty() => Ok(recorded),
        _ => Err(reading.faults),
    }
}

/// A file being read.
#[derive(Debug)]
struct Reading<'a> {
    trace: &'a TraceArrivals,
    bytes: &'a [u8],
    faults: Vec<TraceFault>,
    wrong_lines: u64,
}

impl Reading<'_> {
    fn fault(&mut self, key: &'static str, message: String, help: Option<String>) {
        self.faults.push(TraceFault { key, message, help });
    }

    fn wrong_line(&mut self, line: u64, what: &str, help: Option<&str>) {
        self.wrong_lines += 1;
        if self.wrong_lines <= SHOWN_LINES {
            let message = format!("{}, line {line}: {what}", self.trace.file);
            self.fault("file", message, help.map(str::to_owned));
        }
    }

    /// Options that the format has no use for.
    fn check_options(&mut self) {
        let timestamps = self.trace.format == TraceFormat::Timestamps;
        let useless = [
            ("column", &self.trace.column, !timestamps),
            ("function", &self.trace.function, timestamps),
            ("app", &self.trace.app, timestamps),
        ];
        for (key, value, useless) in useless {
            if useless && value.is_some() {
                let message = format!("a trace of this format has no `{key}` to choose");
                self.fault(key, message, None);
            }
        }
    }

    /// The place of column `name` in the header.
    fn column(&mut self, header: &StringRecord, name: &str, key: &'static str) -> Option<usize> {
        let found = header.iter().position(|column| column == name);
        if found.is_none() {
            let message = format!("{} has no column `{name}`", self.trace.file);
            let near = nearest(name, header.iter()).map(|near| format!("did you mean `{near}`?"));
            let help = near.unwrap_or_else(|| {
                let first: Vec<&str> = header.iter().take(6).map(shown).collect();
                format!("its first line is {}", first.join(","))
            });
            self.fault(key, message, Some(help));
        }
        found
    }

    /// A column of seconds; with a header, if its name does not begin like a number.
    fn timestamps(&mut self) -> Option<Recorded> {
        let mut rows = Rows::new(self.bytes);
        let mut column = 0;
        let mut times = Vec::new();
        let mut first = true;
        while let Some((line, fields)) = rows.next() {
            if std::mem::take(&mut first) {
                if let Some(name) = &self.trace.column {
                    column = self.column(fields, name, "column")?;
                    continue;
                }
                if fields.len() > 1 {
                    let message = format!("{} has {} columns", self.trace.file, fields.len());
                    let name = fields.get(0).unwrap_or_default();
                    let help = format!("choose one of its first line, such as column = \"{name}\"");
                    self.fault("file", message, Some(help));
                    return None;
                }
                // A number that is none is no header.
                let mut start = fields.iter().flat_map(str::chars);
                if start
                    .next()
                    .is_none_or(|first| !first.is_ascii_digit() && !"+-.".contains(first))
                {
                    continue;
                }
            }
            let Some(text) = fields.get(column) else {
                let what = format!("has {} of at least {} columns", fields.len(), column + 1);
                self.wrong_line(line, &what, None);
                continue;
            };
            if let Some(time) = seconds(text) {
                self.keep(&mut times, time, line)?;
            } else {
                let what = format!("`{}` is not a number of seconds", shown(text));
                self.wrong_line(line, &what, None);
            }
        }
        self.sorted(times)
    }

    /// Ends and durations of invocations.
    fn invocations(&mut self) -> Option<Recorded> {
        let mut rows = Rows::new(self.bytes);
        let names = ["app", "func", "end_timestamp", "duration"];
        let columns = match rows.next() {
            Some((_, header)) => names.map(|name| self.column(header, name, "file")),
            None => return self.sorted(Vec::new()),
        };
        let [app, function, end, duration] = columns;
        let (app, function, end, duration) = (app?, function?, end?, duration?);
        let mut times = Vec::new();
        while let Some((line, fields)) = rows.next() {
            if !self.is_chosen(fields, app, function) {
                continue;
            }
            let value = |column: usize| fields.get(column).unwrap_or_default();
            match (seconds(value(end)), seconds(value(duration))) {
                (Some(end), Some(duration)) if duration >= 0 => {
                    self.keep(&mut times, end - duration, line)?;
                }
                (None, _) => {
                    let what = format!("`{}` is not a number of seconds", shown(value(end)));
                    self.wrong_line(line, &what, None);
                }
                (Some(_), _) => {
                    let what = format!("`{}` is not a duration in seconds", shown(value(duration)));
                    self.wrong_line(line, &what, None);
                }
            }
        }
        if times.is_empty() && self.faults.is_empty() {
            self.check_choice(app, function);
        }
        self.sorted(times)
    }

    /// Invocations in each minute.
    fn counts(&mut self) -> Option<Recorded> {
        let mut rows = Rows::new(self.bytes);
        let Some((_, header)) = rows.next() else {
            return self.sorted(Vec::new());
        };
        let app = self.column(header, "HashApp", "file");
        let function = self.column(header, "HashFunction", "file");
        let first = self.column(header, "1", "file");
        let (app, function, first) = (app?, function?, first?);
        let minutes = header.iter().skip(first);
        let mut numbered = minutes.zip(1_usize..);
        if let Some((name, number)) = numbered.find(|(name, number)| *name != number.to_string()) {
            let message = format!("{} has a column `{name}`", self.trace.file);
            self.fault(
                "file",
                message,
                Some(format!("it is the place of minute {number}")),
            );
            return None;
        }
        let minutes = header.len() - first;
        if minutes > MAX_MINUTES {
            let message = format!("{} has {minutes} minutes", self.trace.file);
            self.fault(
                "file",
                message,
                Some(format!("there are at most {MAX_MINUTES}")),
            );
            return None;
        }
        let mut counts = vec![0_u64; minutes];
        let mut chosen = false;
        while let Some((line, fields)) = rows.next() {
            if !self.is_chosen(fields, app, function) {
                continue;
            }
            chosen = true;
            if fields.len() != first + minutes {
                let what = format!("has {} of {} columns", fields.len(), first + minutes);
                self.wrong_line(line, &what, None);
                continue;
            }
            for (sum, (text, minute)) in counts.iter_mut().zip(fields.iter().skip(first).zip(1..)) {
                let Ok(count) = text.parse::<u32>() else {
                    let what = format!(
                        "`{}` of minute {minute} is not a number of invocations",
                        shown(text)
                    );
                    self.wrong_line(line, &what, None);
                    break;
                };
                *sum += u64::from(count);
            }
        }
        if !chosen {
            self.check_choice(app, function);
        }
        let total: u64 = counts.iter().sum();
        if total == 0 && self.faults.is_empty() {
            return self.sorted(Vec::new());
        }
        if total > MAX_ARRIVALS as u64 {
            self.too_many();
            return None;
        }
        let empty = counts.iter().take_while(|&&count| count == 0).count();
        let counts = &counts[if self.trace.from_first { empty } else { 0 }..];
        let counts = counts
            .iter()
            .map(|&count| u32::try_from(count).unwrap_or(u32::MAX));
        Some(Recorded::PerMinute(counts.collect()))
    }

    fn is_chosen(&self, fields: &StringRecord, app: usize, function: usize) -> bool {
        let is = |wanted: &Option<String>, column| {
            wanted
                .as_deref()
                .is_none_or(|wanted| fields.get(column) == Some(wanted))
        };
        is(&self.trace.app, app) && is(&self.trace.function, function)
    }

    /// Says what is not there, where nothing was found.
    fn check_choice(&mut self, app: usize, function: usize) {
        let trace = self.trace;
        let choices = [
            ("app", &trace.app, app),
            ("function", &trace.function, function),
        ];
        let mut known = true;
        for (key, wanted, column) in choices {
            let Some(wanted) = wanted else { continue };
            let names = self.names(column);
            if names.contains(wanted) {
                continue;
            }
            known = false;
            let message = format!("{} has no {key} `{wanted}`", trace.file);
            let help = match nearest(wanted, names.iter().map(String::as_str)) {
                Some(near) => Some(format!("did you mean `{near}`?")),
                None => names
                    .first()
                    .map(|first| format!("there are {}, such as `{first}`", names.len())),
            };
            self.fault(key, message, help);
        }
        if known && trace.app.is_some() && trace.function.is_some() {
            let message = format!("{} has no such function in this app", trace.file);
            self.fault("function", message, None);
        }
    }

    /// All that is in a column below the header.
    fn names(&self, column: usize) -> BTreeSet<String> {
        let mut names = BTreeSet::new();
        let mut rows = Rows::new(self.bytes);
        rows.next();
        while let Some((_, fields)) = rows.next() {
            names.extend(fields.get(column).map(str::to_owned));
        }
        names
    }

    /// Keeps a time in picoseconds; `None` if that is one too many.
    fn keep(&mut self, times: &mut Vec<i128>, time: i128, line: u64) -> Option<()> {
        if times.len() == MAX_ARRIVALS {
            self.too_many();
            return None;
        }
        if !self.trace.from_first && !is_time(time) {
            let what = if time < 0 {
                "arrives before the scenario begins"
            } else {
                "arrives after the end of time, which is 213 days"
            };
            let help = "from_first = true makes the first arrival that at time zero";
            self.wrong_line(line, what, Some(help));
        }
        times.push(time);
        Some(())
    }

    fn too_many(&mut self) {
        let message = format!("{} has more than {MAX_ARRIVALS} arrivals", self.trace.file);
        self.fault("file", message, None);
    }

    /// Times in their order, shifted if need be.
    fn sorted(&mut self, mut times: Vec<i128>) -> Option<Recorded> {
        if !self.faults.is_empty() {
            return None;
        }
        times.sort_unstable();
        let (Some(&first), Some(&last)) = (times.first(), times.last()) else {
            let message = format!("{} holds no arrivals", self.trace.file);
            self.fault("file", message, None);
            return None;
        };
        let shift = if self.trace.from_first { first } else { 0 };
        if !is_time(last - shift) {
            let message = format!("{} spans more than 213 days", self.trace.file);
            self.fault("file", message, None);
            return None;
        }
        let times = times.into_iter().map(|time| {
            let time = u64::try_from(time - shift).expect("between the first and the last");
            Time::from_ps(time)
        });
        Some(Recorded::Times(times.collect()))
    }
}

/// The beginning of a text that may be anything.
fn shown(text: &str) -> &str {
    let end = text.char_indices().nth(40).map_or(text.len(), |(at, _)| at);
    &text[..end]
}

/// Whether it is a time, in picoseconds, at which something can happen.
fn is_time(ps: i128) -> bool {
    (0..i128::from(u64::MAX)).contains(&ps)
}

/// The lines of a CSV file that are neither empty nor comments. A quoted field may have commas in it,
/// but no line breaks.
#[derive(Debug)]
struct Rows<'a> {
    rest: &'a [u8],
    line: u64,
    fields: StringRecord,
}

impl<'a> Rows<'a> {
    fn new(bytes: &'a [u8]) -> Self {
        Self {
            rest: bytes,
            line: 0,
            fields: StringRecord::new(),
        }
    }

    /// The next line's number and fields, without blanks around them.
    fn next(&mut self) -> Option<(u64, &StringRecord)> {
        loop {
            if self.rest.is_empty() {
                return None;
            }
            let end = self.rest.iter().position(|&byte| byte == b'\n');
            let (line, rest) = self.rest.split_at(end.unwrap_or(self.rest.len()));
            self.rest = rest.get(1..).unwrap_or_default();
            self.line += 1;
            let text = String::from_utf8_lossy(line);
            let text = text.trim();
            if text.is_empty() || text.starts_with('#') {
                continue;
            }
            self.fields.clear();
            let quoted = text.contains('"') && {
                let mut reader = csv::ReaderBuilder::new();
                let reader = reader.has_headers(false).trim(csv::Trim::All);
                reader
                    .from_reader(text.as_bytes())
                    .read_record(&mut self.fields)
                    .is_ok()
            };
            if !quoted {
                self.fields.clear();
                for field in text.split(',') {
                    self.fields.push_field(field.trim());
                }
            }
            return Some((self.line, &self.fields));
        }
    }
}

/// Seconds as picoseconds, rounded to the nearest: decimal, since a floating-point number has no room
/// for the picoseconds of a date. `None` for what is no number, or one of more than 10¹⁵ seconds.
fn seconds(text: &str) -> Option<i128> {
    const DIGITS: usize = 15;
    let (text, sign) = match text.strip_prefix('-') {
        Some(rest) => (rest, -1),
        None => (text.strip_prefix('+').unwrap_or(text), 1),
    };
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
        None => (text, 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = || whole.bytes().chain(fraction.bytes());
    if digits().next().is_none() || !digits().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let whole = whole.trim_start_matches('0');
    if whole.len() > DIGITS {
        return None;
    }
    let fraction = &fraction[..fraction.len().min(DIGITS)];
    let number = whole.bytes().chain(fraction.bytes());
    let number = number.fold(0_i128, |number, digit| {
        10 * number + i128::from(digit - b'0')
    });
    let scale =
        PS_PER_SECOND.ilog10().cast_signed() + exponent - i32::try_from(fraction.len()).ok()?;
    let power = 10_i128.checked_pow(scale.unsigned_abs());
    let ps = if scale >= 0 {
        let ps = if number == 0 {
            Some(0)
        } else {
            number.checked_mul(power?)
        };
        ps.filter(|ps| *ps <= 1_000_000_000_000_000 * i128::from(PS_PER_SECOND))?
    } else {
        // Divided by more than there are digits for, nothing is left.
        power.map_or(0, |power| (number + power / 2) / power)
    };
    Some(sign * ps)
}

#[cfg(test)]
#[path = "trace_file_tests.rs"]
mod tests;
