//! The JSON Schema of the language, and the reference page made from it.

use std::fmt::Write as _;

use serde_json::Value;

use super::Scenario;
use crate::profile;

/// The JSON Schema of a scenario, for editors.
#[must_use]
pub fn json_schema() -> Value {
    schemars::schema_for!(Scenario).to_value()
}

/// `docs/scenario.md`: every table and key, with what it means, its type and an example.
///
/// Defaults and units stand in the descriptions, which are the doc comments of the types.
#[must_use]
pub fn markdown_reference() -> String {
    let schema = json_schema();
    let mut page = String::from(INTRODUCTION);
    let properties = schema.get("properties").and_then(Value::as_object);
    let (mut keys, mut tables) = (Vec::new(), Vec::new());
    for (name, property) in properties.into_iter().flatten() {
        match table_of(&schema, property) {
            Some((table, named)) => {
                let dot_name = if named { ".NAME" } else { "" };
                tables.push((name, format!("`[{name}{dot_name}]`"), table));
            }
            None => keys.push((name, property)),
        }
    }
    let links: Vec<String> = tables
        .iter()
        .map(|(name, heading, _)| format!("[`{name}`](#{})", anchor(heading)))
        .collect();
    let _ = write!(page, "\nTables: {}\n", links.join(" · "));
    page.push_str("\n## Top level\n\n");
    page.push_str(TABLE_HEAD);
    for (name, property) in keys {
        key_row(&mut page, &schema, name, property, false);
    }
    for (_, heading, table) in tables {
        let about = description(&schema, table);
        let _ = write!(page, "\n## {heading}\n\n{about}\n\n");
        keys_of(&mut page, &schema, table);
    }
    page.push_str("\n# Values that have keys of their own\n");
    for (name, heading) in INNER {
        if let Some(table) = schema
            .get("$defs")
            .and_then(|definitions| definitions.get(name))
        {
            let _ = write!(
                page,
                "\n## {heading}\n\n{}\n\n",
                description(&schema, table)
            );
            keys_of(&mut page, &schema, table);
        }
    }
    page.push_str(DISTRIBUTIONS);
    profile(&mut page);
    page
}

/// The figures of the profile, with their sources.
fn profile(page: &mut String) {
    page.push_str(PROFILE);
    for figure in profile::catalogue() {
        let _ = writeln!(
            page,
            "| `{}` | `{}` | {} | {} |",
            figure.name, figure.value, figure.kind, figure.source
        );
    }
}

const PROFILE: &str = "
# The profile

Figures of the modelled world, each with its source. `[profile]` overrides any of them by name, and
every override can be swept like any other key:

```toml
[profile]
\"fabric.link_latency\" = \"1 us\"
\"nat_gateway.established_latency\" = { lognormal = { p50 = \"40 us\", p99 = \"200 us\" } }
```

*Measured* figures were published by whoever measured them, *documented* ones by AWS, *derived* ones
are computed from published figures, and *assumed* ones nobody published. Conditions and reasons stand
beside each figure in `src/profile/figures/`, as do the instance types.

| figure | value | kind | source |
|---|---|---|---|
";

const INTRODUCTION: &str = "\
# The scenario language

A scenario is a TOML file. Names and attributes are those of the EC2 API and of Terraform's AWS
provider. Resources are tables keyed by name; a reference is `\"kind.name\"`, or the bare name where
only one kind fits. Every quantity is a string with a unit:

| quantity | units |
|---|---|
| time | `ps` `ns` `us` `ms` `s` `min` `h` `d` |
| size | `B` `kB` `MB` `GB` `TB` (powers of 1000), `KiB` `MiB` `GiB` `TiB` (powers of 1024) |
| data rate | `bps` `kbps` `Mbps` `Gbps` `Tbps` |
| frequency | `/s` `/min` `/h` `/d` |
| monthly volume | `kB/month` `MB/month` `GB/month` `TB/month` `PB/month` (powers of 1000) |
| money | `USD` |
| Lambda memory | `MB`, `GB` (1024 MB, as in the console) |
| share | `%`, or a plain number |

Unknown keys are errors. `netsim check FILE` reports every mistake at once, `netsim schema` prints the
JSON Schema for editors, and this page is `netsim schema --format markdown`.

`[sweep]` and `--sweep` try several values of any key of the file, `--set` changes one:

```toml
[sweep]
\"function.api.memory\" = [\"128 MB\", \"1024 MB\"]
\"invoke.users.arrivals.poisson.rate\" = { from = \"1/s\", to = \"100/s\", steps = 5, scale = \"log\" }
```
";

const TABLE_HEAD: &str = "| key | type | meaning | example |\n|---|---|---|---|\n";

/// Definitions that are values of keys, not tables of their own, with the heading of each.
const INNER: [(&str, &str); 23] = [
    (
        "Route",
        "Route: `routes` of a route table, or of one of a transit gateway",
    ),
    (
        "SecurityGroupRule",
        "Security group rule: `ingress` and `egress` of a security group",
    ),
    (
        "NetworkAclEntry",
        "Network ACL entry: `ingress` and `egress` of a network ACL",
    ),
    (
        "Attachment",
        "Attachment: `attachment` of a network interface",
    ),
    ("Placement", "Placement: `placement` of an instance"),
    (
        "ConnectionTracking",
        "Connection tracking: `connection_tracking` of an instance or network interface",
    ),
    ("Listener", "Listener: `listeners` of a load balancer"),
    (
        "PolicyStatement",
        "Policy statement: `policy` of a VPC endpoint",
    ),
    ("Arrivals", "Arrivals: `arrivals` of a workload"),
    ("PoissonArrivals", "`poisson`"),
    ("Interval", "`interval`"),
    ("BurstArrivals", "`burst`"),
    ("RenewalArrivals", "`renewal`"),
    ("StepArrivals", "`step`"),
    ("OnOffArrivals", "`on_off`"),
    ("ScheduledRate", "`schedule`"),
    ("DiurnalArrivals", "`diurnal`"),
    ("TraceArrivals", "`trace`"),
    ("ClosedArrivals", "`closed`"),
    ("HandlerStep", "Handler step: `handler` of a function"),
    ("EventSource", "`event_source`"),
    ("ConnectionPool", "`pool`"),
    ("Retry", "`retry`"),
];

const DISTRIBUTIONS: &str = "
## Distribution

A plain duration is a constant. Otherwise an inline table with one key:

| key | example |
|---|---|
| `exponential` | `{ exponential = { mean = \"2 ms\" } }` |
| `uniform` | `{ uniform = { min = \"1 ms\", max = \"3 ms\" } }` |
| `lognormal` | `{ lognormal = { p50 = \"20 ms\", p99 = \"120 ms\" } }` or by `mean` and `stddev` |
| `gamma` | `{ gamma = { mean = \"10 us\", stddev = \"5 us\" } }` |
| `weibull` | `{ weibull = { scale = \"1 ms\", shape = 0.6 } }` |
| `pareto` | `{ pareto = { min = \"1 ms\", shape = 2.5 } }` |
| `empirical` | `{ empirical = { p0 = \"1 ms\", p50 = \"2 ms\", \"p99.9\" = \"9 ms\", p100 = \"20 ms\" } }` |
| `mixture` | `{ mixture = [{ weight = 99, value = \"50 us\" }, { weight = 1, value = \"5 ms\" }] }` |
";

/// The schema of the table behind a property, and whether the table is keyed by name.
fn table_of<'a>(root: &'a Value, property: &'a Value) -> Option<(&'a Value, bool)> {
    let named = property
        .get("additionalProperties")
        .filter(|inner| inner.get("$ref").is_some());
    let table = resolve(root, named.unwrap_or(property));
    table
        .get("properties")
        .is_some()
        .then_some((table, named.is_some()))
}

fn keys_of(page: &mut String, root: &Value, table: &Value) {
    page.push_str(TABLE_HEAD);
    let required: Vec<&str> = table
        .get("required")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    for (name, property) in table
        .get("properties")
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
    {
        key_row(
            page,
            root,
            name,
            property,
            required.contains(&name.as_str()),
        );
    }
}

fn key_row(page: &mut String, root: &Value, name: &str, property: &Value, required: bool) {
    let required = if required { " (required)" } else { "" };
    let example = property.get("example").and_then(Value::as_str);
    let example = example.map(|text| format!("`{text}`")).unwrap_or_default();
    let _ = writeln!(
        page,
        "| `{name}`{required} | {} | {} | {example} |",
        type_name(root, property),
        description(root, property).replace('\n', " "),
    );
}

fn description<'a>(root: &'a Value, schema: &'a Value) -> &'a str {
    let own = schema.get("description").and_then(Value::as_str);
    own.or_else(|| {
        resolve(root, schema)
            .get("description")
            .and_then(Value::as_str)
    })
    .unwrap_or("")
}

/// A short name of a type for a reader, with a link to its own table if it has one.
fn type_name(root: &Value, schema: &Value) -> String {
    let target = resolve(root, schema);
    if let Some(name) = definition(schema) {
        let is_word = target.get("oneOf").is_some() || target.get("enum").is_some();
        return match INNER.iter().find(|(inner, _)| *inner == name) {
            Some((_, heading)) => format!("[{}](#{})", spoken(name), anchor(heading)),
            None if name == "Distribution" => "[distribution](#distribution)".to_owned(),
            None if is_word => "word".to_owned(),
            None => spoken(name),
        };
    }
    let types = match target.get("type") {
        Some(Value::String(one)) => vec![one.as_str()],
        Some(Value::Array(many)) => many.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    let types: Vec<&str> = types.into_iter().filter(|name| *name != "null").collect();
    match types.as_slice() {
        ["array"] => list_of(root, target.get("items")),
        ["object"] => "table".into(),
        _ => types.join(" or "),
    }
}

fn list_of(root: &Value, items: Option<&Value>) -> String {
    let one = items.map_or_else(|| "value".to_owned(), |items| type_name(root, items));
    match one.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((name, link)) => format!("list of [{}]{link}", plural(name)),
        None => format!("list of {}", plural(&one)),
    }
}

fn plural(name: &str) -> String {
    match name.strip_suffix('y') {
        Some(stem) => format!("{stem}ies"),
        None => format!("{name}s"),
    }
}

/// The name of the definition that a schema refers to.
fn definition(schema: &Value) -> Option<&str> {
    let reference = schema
        .get("$ref")
        .or_else(|| schema.get("anyOf")?.get(0)?.get("$ref"));
    reference.and_then(Value::as_str)?.rsplit('/').next()
}

/// A definition as a reader calls it: the quantities of the introduction, otherwise its own words.
fn spoken(name: &str) -> String {
    let known = match name {
        "OneOrMany" => "name or list",
        "Reference" => "name",
        "Duration" => "time",
        "Bytes" => "size",
        "Buffer" => "size or word",
        "Rate" => "data rate",
        "Memory" => "Lambda memory",
        "Tags" => "table",
        "NetworkAclEntry" => "network ACL entry",
        _ => "",
    };
    if !known.is_empty() {
        return known.to_owned();
    }
    let spaced = name.chars().flat_map(|c| {
        let gap = c.is_ascii_uppercase().then_some(' ');
        gap.into_iter()
            .chain(std::iter::once(c.to_ascii_lowercase()))
    });
    spaced.collect::<String>().trim().to_owned()
}

/// The anchor that a heading gets from GitHub.
fn anchor(heading: &str) -> String {
    heading
        .to_lowercase()
        .chars()
        .filter(|c| c.is_alphanumeric() || " -_".contains(*c))
        .map(|c| if c == ' ' { '-' } else { c })
        .collect()
}

fn resolve<'a>(root: &'a Value, schema: &'a Value) -> &'a Value {
    let reference = schema
        .get("$ref")
        .or_else(|| schema.get("anyOf")?.get(0)?.get("$ref"));
    reference
        .and_then(Value::as_str)
        .and_then(|name| root.pointer(name.trim_start_matches('#')))
        .unwrap_or(schema)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whatever is the value of a key and has keys of its own is explained, and every key has an
    /// example.
    #[test]
    fn every_key_is_explained_with_an_example() {
        let schema = json_schema();
        let page = markdown_reference();
        let definitions = schema["$defs"].as_object().unwrap();
        let properties = schema["properties"].as_object().unwrap();
        for (name, definition) in definitions {
            let Some(keys) = definition.get("properties").and_then(Value::as_object) else {
                continue;
            };
            // The forms of a distribution have a table of their own.
            if name.starts_with("By") || ["Written", "Component"].contains(&name.as_str()) {
                continue;
            }
            let is_table = properties
                .values()
                .filter_map(|property| table_of(&schema, property))
                .any(|(table, _)| table == definition);
            let is_inner = INNER.iter().any(|(inner, _)| inner == name);
            assert!(is_table || is_inner, "{name} is explained nowhere");
            for (key, property) in keys {
                assert!(property.get("example").is_some(), "{name}.{key}");
                assert!(!description(&schema, property).is_empty(), "{name}.{key}");
            }
        }
        for (_, heading) in INNER {
            assert!(page.contains(&format!("\n## {heading}\n")), "{heading}");
        }
        for link in page.split("](#").skip(1) {
            let target = link.split(')').next().unwrap_or_default();
            let found = page
                .lines()
                .filter_map(|line| line.strip_prefix("## "))
                .any(|heading| anchor(heading) == target);
            assert!(found, "nothing is at #{target}");
        }
    }
}
