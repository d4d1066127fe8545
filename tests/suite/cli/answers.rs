//! What a command answers, and where: exit status, standard output, standard error.

use std::fs;
use std::io::Read;
use std::process::{Command, Stdio};

use serde_json::Value;

use super::{Ended, Place, SMALL};
use crate::world::folder;

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
        assert_eq!(checked.stderr, "", "{}", path.display());
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

/// Ctrl-C ends what is under way and keeps what had finished.
#[cfg(unix)]
#[test]
fn an_interrupt_keeps_finished_points() {
    // The warning of an overload says that the run is about to begin.
    let overload = SMALL.replace("10 %", "300 %");
    let place = Place::with(&[("long.toml", &overload)]);
    // The first point ends before anything is asked whether to go on; the second would take hours.
    let mut child = place
        .command(&["run", "long.toml", "--jobs", "1", "--replications", "1"])
        .args(["--sweep", "datagram.load.count=500,1000000000000"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stderr = child.stderr.take().unwrap();
    let mut said = Vec::new();
    while !String::from_utf8_lossy(&said).contains("times what it can carry") {
        let mut byte = [0];
        assert_eq!(stderr.read(&mut byte).unwrap(), 1, "no warning");
        said.push(byte[0]);
    }
    let kill = Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status()
        .unwrap();
    assert!(kill.success());
    let mut rest = String::new();
    stderr.read_to_string(&mut rest).unwrap();
    let ended = Ended::from(child.wait_with_output().unwrap()).status(3);
    assert!(
        rest.contains("interrupted: what had finished is in output/long"),
        "{rest}"
    );
    assert!(ended.stdout.contains("Small"));
    let summary = place.json("output/long/summary.json");
    let points = summary["points"].as_array().unwrap();
    assert_eq!(points.len(), 1);
    assert_eq!(points[0]["parameters"]["datagram.load.count"], 500);
    assert_eq!(place.json("output/long/manifest.json")["interrupted"], true);
}
