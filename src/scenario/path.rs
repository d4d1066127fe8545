//! The path of a key in a scenario, such as `instance.db.subnet` or `sweep."a.b"[2]`.

use std::fmt;

use toml::{Table, Value};

/// One step of a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Segment {
    /// A key of a table.
    Key(String),
    /// An index of an array.
    Index(usize),
}

/// Where a value is; the empty path is the whole document.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct KeyPath(Vec<Segment>);

impl KeyPath {
    /// The whole document.
    #[must_use]
    pub const fn root() -> Self {
        Self(Vec::new())
    }

    /// The path through these keys.
    #[must_use]
    pub fn of<S: AsRef<str>>(keys: impl IntoIterator<Item = S>) -> Self {
        Self(
            keys.into_iter()
                .map(|key| Segment::Key(key.as_ref().to_owned()))
                .collect(),
        )
    }

    /// Reads a path as a user writes it: a dotted TOML key, where a whole number after an array is
    /// an index.
    ///
    /// # Errors
    /// If the text is not a dotted TOML key.
    pub fn parse(text: &str) -> Result<Self, String> {
        let table: Table = format!("{text} = 0")
            .parse()
            .map_err(|_| format!("`{text}` is not a path such as function.api.memory"))?;
        let mut segments = Vec::new();
        let mut level = Some(&table);
        while let Some((key, value)) = level.and_then(|table| table.iter().next()) {
            segments.push(Segment::Key(key.clone()));
            level = value.as_table();
        }
        Ok(Self(segments))
    }

    /// This path and one key more.
    #[must_use]
    pub fn key(&self, key: impl Into<String>) -> Self {
        let mut segments = self.0.clone();
        segments.push(Segment::Key(key.into()));
        Self(segments)
    }

    /// This path and one index more.
    #[must_use]
    pub fn index(&self, index: usize) -> Self {
        let mut segments = self.0.clone();
        segments.push(Segment::Index(index));
        Self(segments)
    }

    /// The steps.
    #[must_use]
    pub fn segments(&self) -> &[Segment] {
        &self.0
    }

    /// Whether this path is `other` or leads through it.
    #[must_use]
    pub fn starts_with(&self, other: &Self) -> bool {
        self.0.starts_with(&other.0)
    }

    /// The first `n` steps.
    #[must_use]
    pub fn prefix(&self, n: usize) -> Self {
        Self(self.0[..n.min(self.0.len())].to_vec())
    }

    /// Sets the value at this path, making tables on the way.
    ///
    /// # Errors
    /// If the path leads through something that is neither a table nor an array that long.
    pub fn set(&self, table: &mut Table, value: Value) -> Result<(), String> {
        let Some((last, parents)) = self.0.split_last() else {
            return Err("an empty path names nothing".into());
        };
        let mut root = Value::Table(std::mem::take(table));
        let result = (|| {
            let mut at = &mut root;
            for segment in parents {
                at = step(at, segment)?;
            }
            *step(at, last)? = value;
            Ok(())
        })();
        if let Value::Table(edited) = root {
            *table = edited;
        }
        result
    }

    /// The value at this path; none for the empty one.
    pub(super) fn get<'a>(&self, table: &'a Table) -> Option<&'a Value> {
        let (Segment::Key(first), rest) = self.0.split_first()? else {
            return None;
        };
        rest.iter()
            .try_fold(table.get(first)?, |at, segment| match segment {
                Segment::Key(key) => at.get(key),
                Segment::Index(index) => at.get(index),
            })
    }

    /// Removes the value at this path, if there is one.
    pub(super) fn remove(&self, table: &mut Table) -> bool {
        let Some((last, parents)) = self.0.split_last() else {
            return false;
        };
        let mut root = Value::Table(std::mem::take(table));
        let parent = parents
            .iter()
            .try_fold(&mut root, |at, segment| match (at, segment) {
                (Value::Table(table), Segment::Key(key)) => table.get_mut(key),
                (Value::Array(array), Segment::Index(index)) => array.get_mut(*index),
                _ => None,
            });
        let removed = match (parent, last) {
            (Some(Value::Table(table)), Segment::Key(key)) => table.remove(key).is_some(),
            (Some(Value::Array(array)), Segment::Index(index)) if *index < array.len() => {
                array.remove(*index);
                true
            }
            _ => false,
        };
        if let Value::Table(rest) = root {
            *table = rest;
        }
        removed
    }
}

/// One step down, making what is missing in a table.
fn step<'a>(at: &'a mut Value, segment: &Segment) -> Result<&'a mut Value, String> {
    match (at, segment) {
        (Value::Table(table), Segment::Key(key)) => Ok(table
            .entry(key.clone())
            .or_insert_with(|| Value::Table(Table::new()))),
        (Value::Array(array), Segment::Key(key)) => {
            let length = array.len();
            key.parse::<usize>()
                .ok()
                .and_then(|index| array.get_mut(index))
                .ok_or_else(|| format!("`{key}` is not an index of a list of {length}"))
        }
        (Value::Array(array), Segment::Index(index)) => array
            .get_mut(*index)
            .ok_or_else(|| format!("there is no element {index}")),
        (_, Segment::Key(key)) => Err(format!("there is no `{key}` inside a single value")),
        (_, Segment::Index(index)) => Err(format!("there is no element {index} here")),
    }
}

impl fmt::Display for KeyPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, segment) in self.0.iter().enumerate() {
            match segment {
                Segment::Index(index) => write!(f, "[{index}]")?,
                Segment::Key(key) => {
                    let bare = !key.is_empty()
                        && key
                            .chars()
                            .all(|c| c.is_ascii_alphanumeric() || "-_".contains(c));
                    let dot = if at == 0 { "" } else { "." };
                    if bare {
                        write!(f, "{dot}{key}")?;
                    } else {
                        write!(f, "{dot}\"{key}\"")?;
                    }
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_read_print_and_edit() {
        let path = KeyPath::parse("profile.\"fabric.link_latency\"").unwrap();
        assert_eq!(path, KeyPath::of(["profile", "fabric.link_latency"]));
        assert_eq!(path.to_string(), "profile.\"fabric.link_latency\"");
        assert!(KeyPath::parse("not a path").is_err());

        let mut table: Table = "[a]\nb = [1, { c = 2 }]".parse().unwrap();
        KeyPath::parse("a.b.1.c")
            .unwrap()
            .set(&mut table, 3.into())
            .unwrap();
        KeyPath::parse("a.new.key")
            .unwrap()
            .set(&mut table, 4.into())
            .unwrap();
        assert_eq!(table["a"]["b"][1]["c"].as_integer(), Some(3));
        assert_eq!(table["a"]["new"]["key"].as_integer(), Some(4));
        let message = KeyPath::parse("a.b.9")
            .unwrap()
            .set(&mut table, 0.into())
            .unwrap_err();
        assert_eq!(message, "`9` is not an index of a list of 2");
        assert!(KeyPath::of(["a", "b"]).index(0).remove(&mut table));
        assert_eq!(table["a"]["b"].as_array().map(Vec::len), Some(1));
    }
}
