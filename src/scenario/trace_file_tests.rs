//! Tests of the formats of recorded arrivals.

use super::*;

fn trace(format: TraceFormat) -> TraceArrivals {
    TraceArrivals {
        file: "a.csv".to_owned(),
        format,
        column: None,
        function: None,
        app: None,
        from_first: false,
    }
}

fn picoseconds(recorded: &Recorded) -> Vec<u64> {
    match recorded {
        Recorded::Times(times) => times.iter().map(|time| time.as_ps()).collect(),
        Recorded::PerMinute(_) => panic!("{recorded:?}"),
    }
}

fn faults(trace: &TraceArrivals, text: &str) -> Vec<String> {
    let faults = read(trace, text.as_bytes()).unwrap_err();
    let told = faults.into_iter().map(|fault| {
        let help = fault
            .help
            .map(|help| format!(" ({help})"))
            .unwrap_or_default();
        format!("{}: {}{help}", fault.key, fault.message)
    });
    told.collect()
}

#[test]
fn seconds_are_decimal() {
    let cases = [
        ("0", 0),
        ("1.5", 1_500_000_000_000),
        ("-0.25", -250_000_000_000),
        (".5", 500_000_000_000),
        ("7.", 7_000_000_000_000),
        ("1e-3", 1_000_000_000),
        ("+2.5E2", 250_000_000_000_000),
        // Half a picosecond is one, less is none.
        ("0.0000000000005", 1),
        ("0.00000000000049", 0),
        ("1e-99", 0),
        // A date with picoseconds.
        ("1612083600.123456789012", 1_612_083_600_123_456_789_012),
        ("000000000000000000000001", 1_000_000_000_000),
        ("0e99", 0),
    ];
    for (text, exact) in cases {
        assert_eq!(seconds(text), Some(exact), "{text}");
    }
    for text in [
        "", ".", "-", "1,5", "1.2.3", "five", "1e", "NaN", "inf", "1e99", "1 s",
    ] {
        assert_eq!(seconds(text), None, "{text}");
    }
}

#[test]
fn timestamps_are_sorted_and_may_have_a_header() {
    let timestamps = trace(TraceFormat::Timestamps);
    let read =
        |trace: &TraceArrivals, text: &str| picoseconds(&read(trace, text.as_bytes()).unwrap());
    let exact = [0, 1_500_000_000_000, 1_500_000_000_000, 2_000_000_000_001];
    for text in [
        "0\n1.5\n1.5\n2.000000000001\n",
        "\u{feff}time\r\n2.000000000001\r\n# a comment\r\n\r\n1.5\r\n0\r\n1.5",
    ] {
        assert_eq!(read(&timestamps, text), exact);
    }
    let chosen = TraceArrivals {
        column: Some("t".to_owned()),
        from_first: true,
        ..timestamps
    };
    let text = "who,t\n\"a, b\",1700000000.5\nc,1700000000.25\n";
    assert_eq!(read(&chosen, text), [0, 250_000_000_000]);
}

#[test]
fn every_wrong_line_is_named() {
    let timestamps = trace(TraceFormat::Timestamps);
    assert_eq!(
        faults(&timestamps, "time\n1\n\n-2\nsoon\n1700000000\n"),
        [
            "file: a.csv, line 4: arrives before the scenario begins (from_first = true makes the first arrival that at time zero)",
            "file: a.csv, line 5: `soon` is not a number of seconds",
            "file: a.csv, line 6: arrives after the end of time, which is 213 days (from_first = true makes the first arrival that at time zero)",
        ]
    );
    let many = faults(&timestamps, &format!("1\n{}", "x\n".repeat(12)));
    assert_eq!(many.len(), 6);
    assert_eq!(many[5], "file: a.csv: 7 more lines are wrong");
    assert_eq!(
        faults(&timestamps, "1O.5\n2\n"),
        ["file: a.csv, line 1: `1O.5` is not a number of seconds"]
    );
    assert_eq!(faults(&timestamps, ""), ["file: a.csv holds no arrivals"]);
    assert_eq!(
        faults(&timestamps, "time,size\n1,2\n"),
        ["file: a.csv has 2 columns (choose one of its first line, such as column = \"time\")"]
    );
    let chosen = TraceArrivals {
        column: Some("tiem".to_owned()),
        ..timestamps.clone()
    };
    assert_eq!(
        faults(&chosen, "time,size\n1,2\n"),
        ["column: a.csv has no column `tiem` (did you mean `time`?)"]
    );
    let long = TraceArrivals {
        from_first: true,
        function: None,
        ..timestamps.clone()
    };
    assert_eq!(
        faults(&long, "0\n3e7\n"),
        ["file: a.csv spans more than 213 days"]
    );
    let useless = TraceArrivals {
        function: Some("f".to_owned()),
        ..timestamps
    };
    assert_eq!(
        faults(&useless, "1\n"),
        ["function: a trace of this format has no `function` to choose"]
    );
}

const COUNTS: &str = "HashOwner,HashApp,HashFunction,Trigger,1,2,3\n\
                      o,a,f,http,0,5,1\no,a,g,timer,0,0,7\no,b,f,http,0,2,0\n";

#[test]
fn counts_per_minute_are_summed_or_chosen() {
    let all = trace(TraceFormat::AzureFunctions2019);
    let choose = |function: Option<&str>, app: Option<&str>, from_first| TraceArrivals {
        function: function.map(str::to_owned),
        app: app.map(str::to_owned),
        from_first,
        ..all.clone()
    };
    let counts = |trace: &TraceArrivals| match read(trace, COUNTS.as_bytes()).unwrap() {
        Recorded::PerMinute(counts) => counts.to_vec(),
        times @ Recorded::Times(_) => panic!("{times:?}"),
    };
    assert_eq!(counts(&all), [0, 7, 8]);
    assert_eq!(counts(&choose(None, None, true)), [7, 8]);
    assert_eq!(counts(&choose(Some("f"), None, false)), [0, 7, 1]);
    assert_eq!(counts(&choose(Some("f"), Some("b"), false)), [0, 2, 0]);
    assert_eq!(
        faults(&choose(Some("ff"), Some("nowhere"), false), COUNTS),
        [
            "app: a.csv has no app `nowhere` (there are 2, such as `a`)",
            "function: a.csv has no function `ff` (did you mean `f`?)",
        ]
    );
    assert_eq!(
        faults(&choose(Some("g"), Some("b"), false), COUNTS),
        ["function: a.csv has no such function in this app"]
    );
    assert_eq!(
        faults(
            &all,
            &format!("{COUNTS}o,a,h,http,1,2\no,a,i,http,1,-2,3\n")
        ),
        [
            "file: a.csv, line 5: has 6 of 7 columns",
            "file: a.csv, line 6: `-2` of minute 2 is not a number of invocations",
        ]
    );
    assert_eq!(
        faults(&all, "HashOwner,HashApp,HashFunction,Trigger,1,3\n"),
        ["file: a.csv has a column `3` (it is the place of minute 2)"]
    );
    assert_eq!(
        faults(&all, "time\n2\n"),
        [
            "file: a.csv has no column `HashApp` (its first line is time)",
            "file: a.csv has no column `HashFunction` (its first line is time)",
            "file: a.csv has no column `1` (its first line is time)",
        ]
    );
}

#[test]
fn invocations_arrive_when_they_begin() {
    // The first lines of the published sample, with shorter names.
    let text = "app,func,end_timestamp,duration\n\
                73,31,5160.142570018768,0.134\n\
                17,c9,5161.280997037888,0.013\n\
                7f,9b,5241.567729949951,42.356\n";
    let all = trace(TraceFormat::AzureFunctions2021);
    let exact = [
        5_160_008_570_018_768,
        5_161_267_997_037_888,
        5_199_211_729_949_951,
    ];
    assert_eq!(picoseconds(&read(&all, text.as_bytes()).unwrap()), exact);
    let one = TraceArrivals {
        function: Some("9b".to_owned()),
        from_first: true,
        ..all.clone()
    };
    assert_eq!(picoseconds(&read(&one, text.as_bytes()).unwrap()), [0]);
    let other = TraceArrivals {
        app: Some("9b".to_owned()),
        ..all.clone()
    };
    assert_eq!(
        faults(&other, text),
        ["app: a.csv has no app `9b` (there are 3, such as `17`)"]
    );
    assert_eq!(
        faults(&all, &format!("{text}a,b,c,1\na,b,1,-1\na,b,1,2\n")),
        [
            "file: a.csv, line 5: `c` is not a number of seconds",
            "file: a.csv, line 6: `-1` is not a duration in seconds",
            "file: a.csv, line 7: arrives before the scenario begins (from_first = true makes the first arrival that at time zero)",
        ]
    );
}
