//! Wrong scenarios: every message as a user sees it, with its file, line, reason and remedy; and no
//! text whatever makes netsim panic.

mod case;
mod experiments;
mod mutations;
mod resources;

use netsim::experiment::Plan;
use netsim::scenario::{Document, Edit};

/// The contents of the files that scenarios name.
fn recorded(name: &str) -> Result<Vec<u8>, String> {
    let contents = match name {
        "right.csv" => "0.5\n0.25\n",
        "wrong.csv" => "time\n1.5\nsoon\n-3\n\n# a comment\n1700000000\n",
        "columns.csv" => "time_s,who\n1.5,a\n",
        "empty.csv" => "",
        "azure.csv" => {
            "HashOwner,HashApp,HashFunction,Trigger,1,2\n\
             o,a,68dc34e2,http,3,1\no,a,9b01c7ff,timer,1\no,a,9b01c7ff,timer,1,x\n"
        }
        _ => return Err("No such file or directory (os error 2)".to_owned()),
    };
    Ok(contents.as_bytes().to_vec())
}

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
    let document = document.with_traces(&edits, &axes, recorded);
    match Plan::new(&document, &edits, &axes) {
        Ok(plan) => format!("{}(it runs)\n", plan.warnings.render(false)),
        Err(diagnosis) => diagnosis.render(false),
    }
}
