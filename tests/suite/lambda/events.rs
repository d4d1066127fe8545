//! Events that nobody waits for, and messages that are read in batches.

use netsim::sim::{Failure, InvokeError, ThrottleReason};

use super::{Case, results};
use crate::oracles::agree;

/// An event that is throttled for ever is tried after 1, 2, 4, … 256 s, then every 300 s, for 6 h: 80
/// attempts. (AWS Lambda developer guide, asynchronous invocation; doubling is assumed.)
#[test]
fn a_throttled_event_is_tried_for_six_hours() {
    let experiment = Case {
        arrivals: "step = { size = 1 }",
        keys: "reserved_concurrency = 0",
        invoke: "invocation_type = \"event\"",
        duration: "1 h",
        ..Case::DEFAULT
    }
    .run();
    let (function, users) = results(&experiment);
    let reason = ThrottleReason::ReservedFunctionConcurrentInvocationLimitExceeded;
    assert_eq!(function.throttled[&reason], 80);
    let too_old = InvokeError::EventAgeExceeded;
    assert_eq!(function.errors[&too_old], 1);
    assert_eq!(users.failed[&Failure::Invoke(too_old)], 1);
}

/// A function that fails is tried again after one minute, and after two more: three runs of a second
/// each, and the event is given up at 183 s.
#[test]
fn a_failing_function_is_tried_three_times() {
    for (retries, runs, ends) in [(2, 3, 183), (1, 2, 62), (0, 1, 1)] {
        let experiment = Case {
            arrivals: "step = { size = 1 }",
            handler: r#""1 s""#,
            keys: "error_rate = \"100 %\"",
            invoke: &format!("invocation_type = \"event\"\nmaximum_retry_attempts = {retries}"),
            duration: "1 h",
            ..Case::DEFAULT
        }
        .run();
        let (function, users) = results(&experiment);
        assert_eq!(function.invocations, runs);
        assert_eq!(function.errors[&InvokeError::FunctionError], runs);
        let exhausted = Failure::Invoke(InvokeError::RetriesExhausted);
        assert_eq!(users.failed[&exhausted], 1);
        let failed = users.timeline.bins().filter(|(_, bin)| bin.failed > 0);
        let width = users.timeline.width().as_secs_f64();
        let at: Vec<f64> = failed.map(|(start, _)| start.as_secs_f64()).collect();
        assert_eq!(at.len(), 1);
        let end = f64::from(ends);
        assert!((at[0]..=at[0] + width).contains(&end), "{at:?} {width}");
    }
}

/// A queue of events that a reserved concurrency of c drains is M/M/c: the mean wait is
/// C(a, c) S / (c - a), by Erlang's C.
#[test]
fn a_queue_of_events_waits_as_erlang_says() {
    for (rate, service, wait) in [(90.0, 1.0, 0.021_694), (45.0, 2.0, 0.043_388_1)] {
        let experiment = Case {
            arrivals: &format!(r#"poisson = {{ rate = "{rate}/s" }}"#),
            handler: &format!(r#"{{ exponential = {{ mean = "{service} s" }} }}"#),
            keys: "reserved_concurrency = 100\nkeep_alive = \"100 d\"",
            invoke: "invocation_type = \"event\"",
            warmup: "100 s",
            duration: "3100 s",
            replications: 48,
            ..Case::DEFAULT
        }
        .run();
        let (function, users) = results(&experiment);
        assert_eq!(users.failures(), 0);
        // By Little's law the mean number that waits is the wait times the rate.
        let waits: Vec<f64> = function
            .queued
            .replications
            .values()
            .map(|sums| sums.mean() / rate)
            .collect();
        agree(&format!("λ = {rate}/s"), &waits, wait);
    }
}

/// Messages are gathered for a window or until the batch is full, and all of a batch are done at once.
#[test]
fn messages_come_in_batches() {
    let case = |size: u32, source: &str| {
        Case {
            arrivals: &format!("step = {{ size = {size} }}"),
            handler: r#""1 s""#,
            invoke: &format!(
                "invocation_type = \"event_source\"\nevent_source = {{ batch_size = 10, {source} }}"
            ),
            duration: "1 h",
            ..Case::DEFAULT
        }
        .run()
    };
    // 25 messages are two full batches at once, and five that wait for the window.
    let experiment = case(25, r#"maximum_batching_window = "5 s""#);
    let (function, users) = results(&experiment);
    assert_eq!((function.invocations, users.completed), (3, 25));
    assert!((users.latency.min_secs().unwrap() - 1.0).abs() < 1e-9);
    assert!((users.latency.max_secs().unwrap() - 6.0).abs() < 1e-9);
    // One batch at a time: the tenth ends after ten seconds.
    let experiment = case(
        100,
        "maximum_batching_window = \"5 s\", maximum_concurrency = 1",
    );
    let (function, users) = results(&experiment);
    assert_eq!((function.invocations, function.concurrency.peak), (10, 1));
    assert!((users.latency.max_secs().unwrap() - 10.0).abs() < 1e-9);
    // The first ten are read as soon as they are there.
    assert_eq!(function.queued.peak, 90);
}

/// A batch that fails is read again after the visibility timeout, so often as it may.
#[test]
fn a_failed_batch_is_read_again() {
    let experiment = Case {
        arrivals: "step = { size = 10 }",
        handler: r#""1 s""#,
        keys: "error_rate = \"100 %\"",
        invoke: "invocation_type = \"event_source\"\n\
            event_source = { batch_size = 10, maximum_batching_window = \"1 s\", max_receive_count = 3 }",
        duration: "1 h",
        ..Case::DEFAULT
    }
    .run();
    let (function, users) = results(&experiment);
    assert_eq!(function.errors[&InvokeError::FunctionError], 3);
    assert_eq!(users.failures(), 10);
}
