//! What a command answers, and where: exit status, standard output, standard error.

use std::fs;
use std::io::Read;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};

use netsim::experiment::Progress;
use serde_json::Value;

use super::{Ended, Place, SMALL};
use crate::world::{folder, plan};

#[test]
fn exit_status_tells_success_no_and_wrong_input() {
    let scenario = fs::read_to_string(folder("scenarios").join("security_layers.toml")).unwrap();
    let expectation = scenario.replace("expect = \"refused\"", "expect = \"reachable\"");
    let typo = SMALL.replace("load = ", "laod = ");
    let place = Place::with(&[
        ("small.toml", SMALL),
        ("no.toml", &expectation),
        ("typo.toml", &typo),
        ("broken.toml", "[fabric"),
    ]);
    place.netsim(&["run", "small.toml"]).status(0);
    let no = place
        .netsim(&["run", "no.toml", "--set", r#"duration="1 s""#])
        .status(1);
    assert!(no.stdout.contains("ENI_SG_RULES_MISMATCH"), "{}", no.stdout);

    for (file, place_in_file) in [
        ("typo.toml", "typo.toml:"),
        ("broken.toml", "broken.toml:1:"),
    ] {
        for command in ["run", "check"] {
            let wrong = place.netsim(&[command, file]).status(2);
            assert_eq!(wrong.stdout, "");
            assert!(wrong.stderr.contains(place_in_file), "{}", wrong.stderr);
        }
    }
    let missing = place.netsim(&["run", "nowhere.toml"]).status(2);
    assert!(
        missing.stderr.contains("cannot read nowhere.toml"),
        "{}",
        missing.stderr
    );
    fs::write(place.path("binary.toml"), [0x7f, b'E', b'L', b'F', 0xff, 0]).unwrap();
    let binary = place.netsim(&["run", "binary.toml"]).status(2);
    assert!(
        binary
            .stderr
            .contains("cannot read binary.toml: stream did not contain valid UTF-8"),
        "{}",
        binary.stderr
    );
    // A mistake in the last file is known before the first runs.
    fs::remove_dir_all(place.path("output")).unwrap();
    place.netsim(&["run", "small.toml", "typo.toml"]).status(2);
    assert!(!place.path("output").exists());
    // The parser's own.
    place.netsim(&["run"]).status(2);
    place.netsim(&["fly"]).status(2);
    place
        .netsim(&["run", "small.toml", "--seed", "-1"])
        .status(2);
    place.netsim(&["--help"]).status(0);
    let version = place.netsim(&["--version"]).status(0);
    assert_eq!(
        version.stdout,
        format!("netsim {}\n", env!("CARGO_PKG_VERSION"))
    );
}

/// Warnings go to standard error, unless nobody wants them.
#[test]
fn quiet_is_quiet() {
    let overload = SMALL.replace("10 %", "300 %");
    let place = Place::with(&[("overload.toml", &overload)]);
    let loud = place.netsim(&["run", "overload.toml"]).status(0);
    assert!(
        loud.stderr.contains("times what it can carry"),
        "{}",
        loud.stderr
    );
    let quiet = place.netsim(&["run", "overload.toml", "--quiet"]).status(0);
    assert_eq!(quiet.stderr, "");
    assert_eq!(quiet.stdout, loud.stdout);
}

#[test]
fn check_counts_what_would_run() {
    let typo = SMALL.replace("size", "syze");
    let place = Place::with(&[("small.toml", SMALL), ("typo.toml", &typo)]);
    let ok = place
        .netsim(&["check", "small.toml", "--sweep", "seed=1,2,3"])
        .status(0);
    assert_eq!(ok.stdout, "small.toml: ok, points: 3, runs: 6\n");
    assert_eq!(ok.stderr, "");
    assert!(!place.path("output").exists());
    let both = place
        .netsim(&["check", "typo.toml", "small.toml", "--format", "json"])
        .status(2);
    let answers: Vec<Value> = both
        .stdout
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(answers[0]["ok"], false);
    assert_eq!(answers[1]["ok"], true);
    assert_eq!(answers[1]["runs"], 2);
    assert!(
        both.stderr.contains("did you mean `size`?"),
        "{}",
        both.stderr
    );
    for entry in fs::read_dir(folder("scenarios")).unwrap() {
        let path = entry.unwrap().path();
        let checked = place.netsim(&["check", path.to_str().unwrap()]).status(0);
        if path.ends_with("dns_throttle.toml") {
            // It is about an allowance that is exceeded, and told so.
            assert!(checked.stderr.contains("the link-local allowance"));
        } else {
            assert_eq!(checked.stderr, "", "{}", path.display());
        }
    }
}

#[test]
fn the_schema_is_json_and_the_reference_page_is_up_to_date() {
    let place = Place::with(&[]);
    let schema: Value = serde_json::from_str(&place.netsim(&["schema"]).status(0).stdout).unwrap();
    for key in [
        "vpc", "instance", "function", "ping", "request", "datagram", "invoke", "sweep",
    ] {
        assert!(schema["properties"][key].is_object(), "{key}");
    }
    let page = place
        .netsim(&["schema", "--format", "markdown"])
        .status(0)
        .stdout;
    let kept = fs::read_to_string(folder("docs").join("scenario.md")).unwrap();
    assert!(
        page == kept,
        "docs/scenario.md is stale: netsim schema --format markdown > docs/scenario.md"
    );
}

#[test]
fn shells_get_completions() {
    let place = Place::with(&[]);
    for shell in ["bash", "zsh", "fish"] {
        let script = place.netsim(&["completions", shell]).status(0).stdout;
        assert!(
            script.contains("netsim") && script.contains("replications"),
            "{shell}"
        );
    }
}

#[test]
fn an_output_folder_that_cannot_be_is_said() {
    let place = Place::small();
    fs::write(place.path("taken"), "a file").unwrap();
    let ended = place
        .netsim(&["run", "small.toml", "--output", "taken"])
        .status(3);
    assert!(
        ended.stderr.contains("error: cannot write taken/small"),
        "{}",
        ended.stderr
    );
    // What was measured is shown all the same.
    assert!(ended.stdout.starts_with("Small\n"));
}

#[test]
fn a_limit_of_events_is_said() {
    let place = Place::small();
    let options = [
        "--set",
        "datagram.load.count=2_000_000",
        "--set",
        "max_events=1000",
    ];
    let ended = place
        .netsim(&[&["run", "small.toml"][..], &options].concat())
        .status(2);
    assert!(
        ended
            .stderr
            .contains("the limit of 1000 events was reached; raise `max_events`"),
        "{}",
        ended.stderr
    );
}

/// Ctrl-C ends what is under way, keeps what had finished, and does not pass for success.
#[cfg(unix)]
#[test]
fn an_interrupt_keeps_finished_scenarios() {
    let endless = SMALL.replace("count = 500", "count = 1_000_000_000_000");
    let place = Place::with(&[("small.toml", SMALL), ("long.toml", &endless)]);
    let mut child = place
        .command(&["run", "small.toml", "long.toml"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // The first summary says that the first scenario has finished.
    let mut stdout = child.stdout.take().unwrap();
    let mut said = Vec::new();
    while !String::from_utf8_lossy(&said).contains("Small") {
        let mut byte = [0];
        assert_eq!(stdout.read(&mut byte).unwrap(), 1, "no summary");
        said.push(byte[0]);
    }
    let kill = Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status()
        .unwrap();
    assert!(kill.success());
    let ended = Ended::from(child.wait_with_output().unwrap()).status(3);
    let interrupted = "interrupted: nothing had finished";
    assert!(ended.stderr.contains(interrupted), "{}", ended.stderr);
    let manifest = place.json("output/small/manifest.json");
    assert_eq!(manifest["interrupted"], false);
    assert!(!place.path("output/long").exists());
}

/// The same for the points of a sweep: stopped in the middle of the second, the first is kept.
#[test]
fn a_stop_keeps_finished_points() {
    let sweep = r#"sweep={ "datagram.load.count" = [500, 1_000_000_000_000] }"#;
    let plan = plan("long", SMALL, &["replications=1", sweep]);
    let (finished, stop) = (AtomicBool::new(false), AtomicBool::new(false));
    let report = |progress| match progress {
        Progress::RunFinished => finished.store(true, Ordering::Relaxed),
        Progress::Events(_) => stop.store(finished.load(Ordering::Relaxed), Ordering::Relaxed),
    };
    let outcome = plan.run(1, &stop, &report).unwrap();
    assert!(outcome.interrupted);
    assert_eq!(outcome.points.len(), 1);
    assert_eq!(outcome.points[0].label, "count=500");
    assert_eq!(outcome.points[0].results.workloads[0].completed, 500);
}
