//! Sweeps: every combination of the values of the swept keys.

use toml::{Table, Value};

use super::document::{Edit, Origin, parse_value};
use super::{Document, KeyPath, Problem};

/// Most points of a sweep.
const MAX_POINTS: usize = 10_000;

/// One combination of values; without a sweep there is one point with no parameters.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Point {
    /// Each swept path as written, with its value at this point.
    pub parameters: Vec<(String, Value)>,
    /// The edits that make the document of this point.
    pub edits: Vec<Edit>,
}

impl Point {
    /// The values of this point as a label: `vpc_attachment=none, memory=128 MB`, by the last key of
    /// each path.
    #[must_use]
    pub fn label(&self) -> String {
        let parts: Vec<String> = self
            .parameters
            .iter()
            .map(|(path, value)| format!("{}={}", last_key(path), display_value(value)))
            .collect();
        parts.join(", ")
    }
}

/// The last key of a path: what distinguishes it from its neighbours.
pub(crate) fn last_key(path: &str) -> &str {
    path.rsplit('.').next().unwrap_or(path).trim_matches('"')
}

/// A TOML value without the quotes of a string; of a long list the first and the last, and how many.
pub(crate) fn display_value(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(values) => match values.as_slice() {
            [] => "none".to_owned(),
            [only] => display_value(only),
            [first, second] => format!("{}, {}", display_value(first), display_value(second)),
            [first, .., last] => {
                let (first, last) = (display_value(first), display_value(last));
                format!("{first} … {last} ({})", values.len())
            }
        },
        Value::Integer(_)
        | Value::Float(_)
        | Value::Boolean(_)
        | Value::Datetime(_)
        | Value::Table(_) => value.to_string(),
    }
}

/// All points: the cartesian product of the document's `[sweep]` and of `extra` (`PATH=V1,V2` of
/// the command line), where the first key varies slowest. A key that the command line sets is not
/// swept.
///
/// # Errors
/// One problem per key that is not a path, or whose values are neither a list nor a range.
pub fn expand(document: &Document, extra: &[String]) -> Result<Vec<Point>, Vec<Problem>> {
    let mut problems = Vec::new();
    let mut axes: Vec<(String, Vec<Edit>)> = Vec::new();
    if let Some(sweep) = document.table().get("sweep").and_then(Value::as_table) {
        for (name, values) in sweep {
            match axis(name, values) {
                // What the command line sets is not swept.
                Ok((path, _)) if document.is_set_by_option(&path) => {}
                Ok((_, edits)) => axes.push((name.clone(), edits)),
                Err(message) => {
                    problems.push(Problem::error(KeyPath::of(["sweep", name]), message).help(
                        "write a list such as [1, 2, 3], or { from = \"10 us\", to = \"1 ms\", \
                             steps = 5, scale = \"log\" }",
                    ));
                }
            }
        }
    }
    for text in extra {
        match command_line_axis(text) {
            Ok((name, edits)) => {
                axes.retain(|(other, _)| *other != name);
                axes.push((name, edits));
            }
            Err(message) => problems.push(Problem::error(KeyPath::root(), message)),
        }
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    let count = axes
        .iter()
        .try_fold(1_usize, |n, (_, edits)| n.checked_mul(edits.len()));
    if count.is_none_or(|count| count > MAX_POINTS) {
        let message = format!("the sweep has more than {MAX_POINTS} points");
        return Err(vec![
            Problem::error(KeyPath::of(["sweep"]), message)
                .help("all combinations of all values run; take fewer values"),
        ]);
    }
    let mut points = vec![Point::default()];
    for (name, edits) in axes {
        points = points
            .iter()
            .flat_map(|point| {
                edits.iter().map(|edit| {
                    let mut point = point.clone();
                    point.parameters.push((name.clone(), edit.value.clone()));
                    point.edits.push(edit.clone());
                    point
                })
            })
            .collect();
    }
    Ok(points)
}

fn axis(name: &str, values: &Value) -> Result<(KeyPath, Vec<Edit>), String> {
    let path = KeyPath::parse(name)?;
    let values = if let Some(list) = values.as_array() {
        if list.is_empty() {
            return Err("a list of values is empty".into());
        }
        list.clone()
    } else if let Some(range) = values.as_table() {
        range_values(range)?
    } else {
        return Err(format!(
            "`{}` is neither a list nor a range",
            display_value(values)
        ));
    };
    let edit = |value| Edit {
        path: path.clone(),
        value,
        origin: Origin::Sweep,
    };
    let edits = values.into_iter().map(edit).collect();
    Ok((path, edits))
}

/// The name and the values of `PATH=V1,V2,…`.
///
/// # Errors
/// If it is not of that form, or there are no values.
pub(crate) fn command_line_axis(text: &str) -> Result<(String, Vec<Edit>), String> {
    let (name, values) = text
        .split_once('=')
        .ok_or_else(|| format!("`{text}` is not of the form PATH=V1,V2,…"))?;
    let path = KeyPath::parse(name.trim())?;
    if values.trim().is_empty() {
        return Err(format!("`{text}` has no values"));
    }
    let origin = Origin::Option(format!("--sweep {text}"));
    let list = parse_value(&format!("[{values}]"));
    let values = list.as_array().cloned().unwrap_or_else(|| {
        values
            .split(',')
            .map(|value| parse_value(value.trim()))
            .collect()
    });
    let edit = |value| Edit {
        path: path.clone(),
        value,
        origin: origin.clone(),
    };
    Ok((
        name.trim().to_owned(),
        values.into_iter().map(edit).collect(),
    ))
}

/// The values of `{ from, to, steps, scale }`: numbers, or quantities in one unit.
fn range_values(range: &Table) -> Result<Vec<Value>, String> {
    for key in range.keys() {
        if !["from", "to", "steps", "scale"].contains(&key.as_str()) {
            return Err(format!(
                "`{key}` is not a key of a range (from, to, steps, scale)"
            ));
        }
    }
    let end = |key| {
        range
            .get(key)
            .ok_or_else(|| format!("the range has no `{key}`"))
    };
    let (from, to) = (number_and_unit(end("from")?)?, number_and_unit(end("to")?)?);
    if from.1 != to.1 {
        return Err(format!(
            "`from` and `to` have different units, `{}` and `{}`",
            from.1, to.1
        ));
    }
    let steps = end("steps")?
        .as_integer()
        .filter(|steps| (2..=100_000).contains(steps));
    let steps = steps.ok_or("`steps` is a whole number from 2 to 100000")?;
    let log = match range.get("scale").map(|scale| scale.as_str()) {
        None | Some(Some("linear")) => false,
        Some(Some("log")) => true,
        Some(_) => return Err("`scale` is \"linear\" or \"log\"".into()),
    };
    if log && (from.0 <= 0.0 || to.0 <= 0.0) {
        return Err("a logarithmic range has positive ends".into());
    }
    let value = |step: i64| {
        let share = step as f64 / (steps - 1) as f64;
        let number = if log {
            from.0 * (to.0 / from.0).powf(share)
        } else {
            from.0 + (to.0 - from.0) * share
        };
        // Ends as written; between them nine significant digits, so that 1.1 is 1.1.
        let number = match step {
            0 => from.0,
            _ if step == steps - 1 => to.0,
            _ => format!("{number:.8e}").parse().unwrap_or(number),
        };
        match (
            &*from.1,
            range["from"].is_integer() && range["to"].is_integer() && number.fract() == 0.0,
        ) {
            #[allow(clippy::cast_possible_truncation)] // whole, and between two integers
            ("", true) => Value::Integer(number as i64),
            ("", false) => Value::Float(number),
            (unit, _) => Value::String(format!("{number} {unit}")),
        }
    };
    Ok((0..steps).map(value).collect())
}

fn number_and_unit(value: &Value) -> Result<(f64, String), String> {
    if let Some(number) = value
        .as_float()
        .or_else(|| value.as_integer().map(|n| n as f64))
    {
        return Ok((number, String::new()));
    }
    let wrong = || format!("`{}` is not a quantity", display_value(value));
    let text = value.as_str().ok_or_else(wrong)?;
    let unit = text.trim_start_matches(|c: char| c.is_ascii_digit() || ".+-".contains(c));
    let number = text[..text.len() - unit.len()].trim();
    Ok((number.parse().map_err(|_| wrong())?, unit.trim().to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(text: &str, extra: &[String]) -> Vec<String> {
        let document = Document::parse("test.toml", text).unwrap();
        expand(&document, extra)
            .unwrap()
            .iter()
            .map(Point::label)
            .collect()
    }

    #[test]
    fn lists_and_ranges_multiply_and_the_first_varies_slowest() {
        let text = "[sweep]\n\"a.b\" = [\"x\", \"y\"]\n\"c\" = { from = 1, to = 3, steps = 3 }\n";
        assert_eq!(
            labels(text, &[]),
            [
                "b=x, c=1", "b=x, c=2", "b=x, c=3", "b=y, c=1", "b=y, c=2", "b=y, c=3"
            ]
        );
    }

    #[test]
    fn ranges_keep_their_unit_and_can_be_logarithmic() {
        let text = "[sweep]\nrate = { from = \"1 Gbps\", to = \"100 Gbps\", steps = 3, scale = \"log\" }\n";
        assert_eq!(
            labels(text, &[]),
            ["rate=1 Gbps", "rate=10 Gbps", "rate=100 Gbps"]
        );
    }

    #[test]
    fn the_command_line_adds_and_replaces_axes() {
        let text = "[sweep]\na = [1]\nb = [1, 2]\n";
        assert_eq!(
            labels(text, &["b=7".into(), "c=128 MB,1 GB".into()]),
            ["a=1, b=7, c=128 MB", "a=1, b=7, c=1 GB"]
        );
        assert_eq!(labels("", &[]), [""]);
    }

    #[test]
    fn a_key_set_on_the_command_line_is_not_swept() {
        let text = "[sweep]\na = [1, 2]\nb = [3, 4]\n";
        let document = Document::parse("test.toml", text).unwrap();
        let (document, _) = document.edited(&[Edit::parse("--set", "a=7").unwrap()]);
        let labels: Vec<String> = expand(&document, &[])
            .unwrap()
            .iter()
            .map(Point::label)
            .collect();
        assert_eq!(labels, ["b=3", "b=4"]);
    }

    #[test]
    fn wrong_axes_are_all_reported() {
        let text = "[sweep]\na = 3\nb = []\nc = { from = \"1 s\", to = \"2 ms\", steps = 2 }\n\
                    d = { from = 1, to = 2, steps = 1 }\ne = { from = 0, to = 1, steps = 2, scale = \"log\" }\n";
        let document = Document::parse("test.toml", text).unwrap();
        let messages: Vec<String> = expand(&document, &[])
            .unwrap_err()
            .into_iter()
            .map(|p| p.message)
            .collect();
        assert_eq!(
            messages,
            [
                "`3` is neither a list nor a range",
                "a list of values is empty",
                "`from` and `to` have different units, `s` and `ms`",
                "`steps` is a whole number from 2 to 100000",
                "a logarithmic range has positive ends",
            ]
        );
    }
}
