//! Wrong scenarios: every message as a user sees it, with its file, line, reason and remedy; and no
//! text whatever makes netsim panic.

mod case;
mod experiments;
mod mutations;
mod resources;

use netsim::experiment::Plan;
use netsim::scenario::{Document, Edit};

/// What a user is told of a scenario with these `--set` and `--sweep` options.
fn told(text: &str, sets: &[&str], sweeps: &[&str]) -> String {
    let document = match Document::parse("wrong.toml", text) {
        Ok(document) => document,
        Err(problems) => return problems.render(false),
    };
    let edits: Result<Vec<Edit>, String> =
        sets.iter().map(|set| Edit::parse("--set", set)).collect();
    let edits = match edits {
        Ok(edits) => edits,
        Err(why) => return format!("error: --set: {why}\n"),
    };
    let axes: Vec<String> = sweeps.iter().map(|&sweep| sweep.to_owned()).collect();
    match Plan::new(&document, &edits, &axes) {
        Ok(plan) => format!("{}(it runs)\n", plan.warnings.render(false)),
        Err(diagnosis) => diagnosis.render(false),
    }
}
