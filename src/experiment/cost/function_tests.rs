//! Bills of functions, to the last digit.

use super::handler::served;
use super::tests::{DESIGN, billed, document, used};
use super::*;

/// A function with 1024 MB and further keys.
fn function(name: &str, keys: &str) -> String {
    format!("[function.{name}]\nruntime = \"python3.12\"\nmemory = \"1024 MB\"\n{keys}\n")
}

/// An invocation of a function at random times, or with other keys.
fn invoke(name: &str, function: &str, keys: &str) -> String {
    format!("[invoke.{name}]\ntarget = \"function.{function}\"\n{keys}\n")
}

const ONCE_A_SECOND: &str = "arrivals = { poisson = { rate = \"1/s\" } }";

/// Figures that leave nothing to chance.
const STEADY: &str = r#"
[profile]
"lambda.invoke_overhead" = "5 ms"
"service.s3.service_time" = "11 ms"
"lambda.api_gateway" = "10 ms"
"price.lambda.free_requests" = 0
"price.lambda.free_gb_seconds" = 0
"#;

/// The mistakes of a scenario.
fn mistakes(parts: &[&str]) -> Vec<String> {
    let diagnosis = bills(&document(parts), &[], &[]).unwrap_err();
    diagnosis.problems().map(ToString::to_string).collect()
}

#[test]
fn provisioned_environments_serve_what_erlang_says_and_have_no_free_tier() {
    // 10/s for 100 ms each are one Erlang; two environments turn away a fifth.
    let text = [
        function("job", "duration = \"100 ms\"\nprovisioned_concurrency = 2"),
        invoke("job", "job", "arrivals = { poisson = { rate = \"10/s\" } }"),
    ];
    let bill = billed(&[DESIGN, &text.concat()]);
    assert_eq!(
        used(&bill),
        [
            "function.job, requests: 26,280,000 requests × $0.0000002 = $5.256",
            "function.job, 1024 MB for 100 ms each, 80.0 % on provisioned environments, by Erlang's B \
             formula for Poisson arrivals: 2,102,400 GB-s × $0.0000097222 = $20.43995328",
            "function.job, 1024 MB for 100 ms each, on others: 525,600 GB-s × $0.0000166667 = \
             $8.76001752",
        ]
    );
    let held = bill
        .items
        .iter()
        .find(|item| item.what.contains("each provisioned"));
    assert_eq!(
        held.unwrap().arithmetic(),
        "2 × 2,628,000 GB-s × $0.0000041667"
    );
    assert_eq!(held.unwrap().amount.unwrap().to_string(), "$21.9001752");
    assert!(!bill.items.iter().any(|item| item.what.contains("free")));
}

#[test]
fn provisioned_environments_are_charged_though_nobody_comes() {
    let idle = "duration = \"100 ms\"\nprovisioned_concurrency = 1";
    let bill = billed(&[DESIGN, &function("job", idle)]);
    assert_eq!(used(&bill), [""; 0]);
    let item = bill
        .items
        .iter()
        .find(|item| item.resource == "function.job");
    assert_eq!(item.unwrap().arithmetic(), "2,628,000 GB-s × $0.0000041667");
}

/// Values of tables of Erlang's formula, such as that of an office with ten lines and ten Erlangs.
#[test]
fn erlangs_formula_is_that_of_the_tables() {
    for (load, lines, blocked) in [
        (1.0, 1, 0.5),
        (10.0, 10, 0.214_58),
        (4.461_2, 10, 0.01),
        (84.1, 100, 0.01),
    ] {
        let found = 1.0 - served(load, 1.0, lines);
        assert!((found - blocked).abs() < 2e-4, "{load} {lines}: {found}");
    }
    assert!(served(0.0, 1.0, 5) >= 1.0);
    assert!(served(5.0, 1.0, 0) <= 0.0);
}

/// A handler asks S3 and another function three times, one after the other, of each at once.
#[test]
fn what_handlers_call_is_sent_as_often_as_they_are_invoked() {
    let front = r#"
handler = [{ compute = "10 ms" }, { call = ["request.object", "invoke.back"], times = 3 }]
vpc_attachment = "hyperplane_prewarmed"
subnets = ["private-a"]
security_groups = ["all"]
"#;
    let object = r#"
[request.object]
from = "function.front"
to = "service.s3"
port = 443
connection = "keep_alive"
"#;
    let text = [
        function("front", front),
        function("back", "duration = \"20 ms\""),
        invoke("front", "front", ONCE_A_SECOND),
        invoke("back", "back", ""),
    ];
    let bill = billed(&[DESIGN, STEADY, object, &text.concat()]);
    // The slower of the two takes 5 ms and 20 ms; three of them and 10 ms are 85 ms.
    assert_eq!(
        used(&bill),
        [
            "function.front, requests: 2,628,000 requests × $0.0000002 = $0.5256",
            "function.front, 1024 MB for 85 ms each: 223,380 GB-s × $0.0000166667 = $3.723007446",
            "function.back, requests: 7,884,000 requests × $0.0000002 = $1.5768",
            "function.back, 1024 MB for 20 ms each: 157,680 GB-s × $0.0000166667 = $2.628005256",
            "nat_gateway.a, data processed: 11.826 GB × $0.045 = $0.53217",
        ]
    );
    let note = bill
        .notes
        .iter()
        .filter(|note| note.contains("handlers wait"));
    assert_eq!(note.count(), 1);
    let workloads: Vec<&str> = bill.workloads().into_keys().collect();
    assert_eq!(workloads, ["front", "back", "object"]);
}

/// An instance that takes 10.7 ms, a small part of a millisecond away: on a kept connection one round
/// trip, on a new one four, of which the first takes longer.
#[test]
fn handlers_are_billed_for_waiting() {
    let waits = |connection: &str, key: &str| {
        let asks = format!(
            r#"
[request.query]
from = "function.f"
to = "instance.a"
port = 443
connection = "{connection}"
{key}
"#
        );
        let f = r#"
handler = [{ call = "query" }]
vpc_attachment = "hyperplane_prewarmed"
subnets = ["private-a"]
security_groups = ["all"]
"#;
        let text = [function("f", f), invoke("f", "f", ONCE_A_SECOND)];
        let document = document(&[DESIGN, STEADY, &asks, &text.concat()]);
        let edits = [Edit::parse("--set", "instance.a.service_time=\"10.7 ms\"").unwrap()];
        let (points, _) = bills(&document, &edits, &[]).unwrap();
        let items = &points[0].bill.items;
        let item = items.iter().find(|item| item.what.contains("ms each"));
        item.unwrap().what.clone()
    };
    assert_eq!(waits("keep_alive", ""), "1024 MB for 11 ms each");
    let far = waits("new", "tls = \"1.2\"").replace("1024 MB for ", "");
    assert_eq!(far, "12 ms each");
}

#[test]
fn a_function_that_calls_itself_is_a_mistake_however_long_the_way() {
    let text = [
        function("a", "handler = [{ call = \"invoke.b\" }]"),
        function(
            "b",
            "handler = [{ compute = \"1 ms\" }, { call = \"invoke.a\" }]",
        ),
        invoke("a", "a", ""),
        invoke("b", "b", ""),
        invoke("start", "a", ONCE_A_SECOND),
    ];
    assert_eq!(
        mistakes(&[DESIGN, &text.concat()]),
        ["function.a.handler: function `a` calls itself through invoke.b, function.b, invoke.a"]
    );
    let text = [
        function("a", "handler = [{ call = \"invoke.again\" }]"),
        invoke("again", "a", ""),
    ];
    assert_eq!(
        mistakes(&[DESIGN, &text.concat()]),
        ["function.a.handler: function `a` calls itself through invoke.again"]
    );
}

#[test]
fn a_call_of_nothing_is_a_mistake() {
    let text = function(
        "a",
        "handler = [{ compute = \"1 ms\" }, { call = [\"request.x\"] }]",
    );
    assert_eq!(
        mistakes(&[DESIGN, &text]),
        ["function.a.handler[1].call: no request or invoke workload is called `request.x`"]
    );
}

#[test]
fn messages_are_invoked_for_in_full_batches_and_apis_have_a_price() {
    let queue = "invocation_type = \"event_source\"\nevent_source = { batch_size = 10 }\n";
    let text = [
        function("job", "duration = \"100 ms\""),
        invoke("queue", "job", &format!("{queue}{ONCE_A_SECOND}")),
        invoke(
            "web",
            "job",
            &format!("front_end = \"api_gateway\"\n{ONCE_A_SECOND}"),
        ),
    ];
    let bill = billed(&[DESIGN, STEADY, &text.concat()]);
    assert_eq!(
        used(&bill),
        [
            "function.job, requests: 262,800 requests × $0.0000002 = $0.05256",
            "function.job, 1024 MB for 100 ms each: 26,280 GB-s × $0.0000166667 = $0.438000876",
            "function.job, requests of an HTTP API of Amazon API Gateway: 2,628,000 requests × \
             $0.000001 = $2.628",
            "function.job, requests: 2,628,000 requests × $0.0000002 = $0.5256",
            "function.job, 1024 MB for 100 ms each: 262,800 GB-s × $0.0000166667 = $4.38000876",
        ]
    );
    let note = "`invoke.queue` is billed for full batches of 10: smaller ones are more invocations";
    assert!(bill.notes.iter().any(|other| other == note));
}

#[test]
fn invocations_over_the_network_are_traffic() {
    let text = [
        function("job", "duration = \"100 ms\""),
        invoke(
            "job",
            "job",
            &format!("from = \"instance.a\"\n{ONCE_A_SECOND}"),
        ),
    ];
    let bill = billed(&[DESIGN, STEADY, &text.concat()]);
    let expected = "nat_gateway.a, data processed: 3.942 GB × $0.045 = $0.17739";
    assert!(
        used(&bill).iter().any(|line| line == expected),
        "{:?}",
        used(&bill)
    );
}
