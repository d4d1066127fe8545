//! The answers, sentence by sentence.

use super::answers;
use super::fixture::{Function, point, secs};
use crate::experiment::PointResults;
use crate::sim::{InvokeError, ThrottleReason};

/// The answers on the only function.
fn of(points: &[PointResults]) -> Vec<String> {
    let answers = answers(points);
    answers.values().next().cloned().unwrap_or_default()
}

fn of_one(function: Function) -> Vec<String> {
    of(&[point(&[], vec![function], 0)])
}

#[test]
fn how_many_are_cold_and_how_cold() {
    let first = |function: Function| of_one(function)[0].clone();
    let api = || Function::new("api");
    let cases = [
        (
            api().replication(12_000, &[]),
            "None of 12,000 invocations was cold.",
        ),
        (
            api().replication(1, &[]),
            "The only invocation was not cold.",
        ),
        (
            api().replication(1, &[0.31]),
            "The only invocation was cold; the cold start took 310 ms.",
        ),
        (
            api().replication(3, &[0.2, 0.3, 0.9]),
            "All 3 invocations were cold; a cold start takes 300 ms at the median and 900 ms at most.",
        ),
        (
            api().replication(50_000, &[0.5; 200]),
            "0.40 % of 50,000 invocations were cold; a cold start takes 500 ms at the median and \
             500 ms at the 90th percentile.",
        ),
        (
            api()
                .replication(4000, &[0.3; 500])
                .replication(4000, &[0.3; 510]),
            "12.6 % of 8,000 invocations were cold (95 %: 11.0–14.2 %); a cold start takes 300 ms at \
             the median and 300 ms at the 99th percentile.",
        ),
    ];
    for (function, expected) in cases {
        assert_eq!(first(function), expected);
    }
}

#[test]
fn what_cold_starts_go_into() {
    let function = Function::new("api")
        .replication(10, &[1.0, 1.0])
        .phase("placement", &[0.02; 2])
        .phase("microvm_boot", &[0.2; 2])
        .phase("vpc_attach", &[0.4; 2])
        .phase("vpc_attach.create_network_interface", &[0.4])
        .phase("runtime_init", &[0.38; 2]);
    let answers = of_one(function);
    assert_eq!(
        answers[1],
        "40.0 % of the time of cold starts goes into joining the VPC, 38.0 % into initialising the \
         runtime and 20.0 % into booting the microVM."
    );
    assert_eq!(
        answers[2],
        "Joining the VPC adds 400 ms to a cold start on average, 40.0 % of it; 50.0 % create a \
         network interface for it, in 400 ms at the median."
    );
}

#[test]
fn what_throttles_first() {
    let function = |first: f64| {
        Function::new("api")
            .replication(20_000, &[])
            .throttled(
                ThrottleReason::ConcurrentInvocationLimitExceeded,
                30,
                secs(4.1),
            )
            .throttled(
                ThrottleReason::ConcurrencyScalingRateExceeded,
                4120,
                secs(first),
            )
    };
    assert_eq!(
        of_one(function(3.2))[1],
        "4,150 invocations (20.8 %) were throttled, first at 3.2 s by ConcurrencyScalingRateExceeded \
         (4,120), then at 4.1 s by ConcurrentInvocationLimitExceeded (30)."
    );
    assert!(
        of_one(function(5.0))[1].contains("first at 4.1 s by ConcurrentInvocationLimitExceeded")
    );
    let mut points = [point(&[], vec![function(3.2)], 0)];
    points[0].results.functions[0].first_throttled.clear();
    assert_eq!(
        of(&points)[1],
        "4,150 invocations (20.8 %) were throttled, most by ConcurrencyScalingRateExceeded (4,120) and \
         ConcurrentInvocationLimitExceeded (30)."
    );
}

#[test]
fn environments_interfaces_and_queues() {
    let function = || {
        Function::new("api")
            .replication(10_000, &[0.2; 9])
            .provisioned(9730, 270)
            .busy(&[(0.0, 10), (5.0, 15)])
            .queued(&[(2.0, 400), (4.0, 0)])
            .interfaces(&[(0.0, 340)], 350)
    };
    assert_eq!(
        of_one(function())[1..],
        [
            "12.5 environments were busy on average and 15 at most.",
            "97.3 % of the invocations that were served found a provisioned environment; 2.7 % spilled \
             over, 3.3 % of which were cold.",
            "It had a peak of 340 network interfaces (350 allowed).",
            "Up to 400 events waited for an environment, 80 on average.",
        ]
    );
    let failing = function()
        .interfaces(&[(0.0, 350)], 350)
        .failed(InvokeError::EniLimitReached, 1203)
        .failed(InvokeError::FunctionError, 1);
    let answers = of_one(failing);
    assert_eq!(
        answers[3],
        "1,203 invocations (12.0 %) failed with ENILimitReachedException, at a peak of 350 network \
         interfaces (350 allowed) and 1 with FunctionError."
    );
    assert_eq!(answers.len(), 5);
    let enough = Function::new("api").replication(10, &[]).provisioned(10, 0);
    assert_eq!(
        of_one(enough)[1],
        "All invocations found a provisioned environment."
    );
}

/// A point whose function has these cold starts in each replication.
fn attached(attachment: &str, memory: &str, cold: &[&[f64]]) -> PointResults {
    let mut function = Function::new("api");
    for cold in cold {
        function = function.replication(20, cold);
    }
    point(
        &[
            ("function.api.vpc_attachment", attachment),
            ("function.api.memory", memory),
        ],
        vec![function],
        100,
    )
}

#[test]
fn a_swept_key_is_judged_by_its_best_and_worst_value() {
    let points = [
        attached("eni", "1 GB", &[&[9.0, 9.0], &[11.0, 11.0]]),
        attached("eni", "2 GB", &[&[19.0, 19.0], &[21.0, 21.0]]),
        attached("hyperplane", "1 GB", &[&[0.5, 0.5], &[0.5, 0.5]]),
        attached("hyperplane", "2 GB", &[&[0.5, 0.5], &[0.5, 0.5]]),
        attached("prewarmed", "1 GB", &[&[0.2, 0.2], &[0.2, 0.2]]),
        attached("prewarmed", "2 GB", &[&[0.2, 0.2], &[0.2, 0.2]]),
    ];
    let answers = of(&points);
    assert_eq!(
        answers[0],
        "10.0 % (at all 6 points) of invocations were cold; a cold start takes 200 ms (at 2 points) to \
         19 s (vpc_attachment = eni, memory = 2 GB) at the median."
    );
    // Differences of 13.8 s and 15.8 s in the two replications: t(1), for three pairs of values, is
    // 38.188, and the standard error 1 s.
    assert_eq!(
        answers[1],
        "The values of function.api.vpc_attachment are not distinguishable by how long a cold start takes: \
         the largest difference is 14.8 s, between prewarmed and eni on average (95 %: −23 to 53 s)."
    );
    // With memory there is one pair, and the difference is the same in both replications.
    assert_eq!(
        answers[2],
        "Moving function.api.memory from 2 GB to 1 GB saves 3.33 s of a cold start on average (6.9 s → \
         3.57 s, 48 % less), over all values of vpc_attachment, and most with \
         vpc_attachment = eni: 10 s."
    );
    assert_eq!(answers.len(), 3);
}

#[test]
fn differences_of_chance_and_hardly_any_are_said_to_be_that() {
    let at = |memory, cold: [f64; 3]| {
        let cold = cold.map(|cold| [cold; 2]);
        attached("none", memory, &cold.each_ref().map(|cold| &cold[..]))
    };
    let chance = of(&[
        at("1 GB", [0.300, 0.310, 0.320]),
        at("2 GB", [0.320, 0.300, 0.316]),
    ]);
    assert_eq!(
        chance[1],
        "The values of function.api.memory are not distinguishable by how long a cold start takes: the largest \
         difference is 2 ms, between 1 GB and 2 GB on average (95 %: −37 to 41 ms)."
    );
    let little = of(&[
        at("1 GB", [0.300, 0.310, 0.320]),
        at("2 GB", [0.301, 0.311, 0.321]),
    ]);
    assert_eq!(
        little[1],
        "function.api.memory makes less than 1 % of difference to how long a cold start takes on average (310 ms \
         with 1 GB, 311 ms with 2 GB)."
    );
    // What is swept elsewhere and changes nothing here is not mentioned.
    let same = [0.3, 0.31, 0.32];
    assert_eq!(of(&[at("1 GB", same), at("2 GB", same)]).len(), 1);
}

#[test]
fn shares_and_bills_are_compared_as_well() {
    let at = |provisioned: &str, cold: usize, throttled, cents| {
        let function = Function::new("api")
            .replication(100, &vec![0.2; cold])
            .replication(100 + throttled, &vec![0.2; cold + 1])
            .throttled(
                ThrottleReason::ConcurrencyScalingRateExceeded,
                throttled,
                secs(1.5),
            )
            .provisioned(100, 100 - throttled);
        point(
            &[("function.api.provisioned_concurrency", provisioned)],
            vec![function],
            cents,
        )
    };
    let answers = of(&[at("10", 20, 40, 1230), at("50", 1, 0, 5510)]);
    assert_eq!(
        answers,
        [
            "1.5 % (provisioned_concurrency = 50) to 20.5 % (provisioned_concurrency = 10) of invocations \
             were cold; a cold start takes 200 ms (at both points) at the median.",
            "50.0 % (provisioned_concurrency = 50) to 62.5 % (provisioned_concurrency = 10) of the \
             invocations that were served found a provisioned environment.",
            "With provisioned_concurrency = 10: 40 invocations (16.7 %) were throttled, first at 1.5 s by \
             ConcurrencyScalingRateExceeded.",
            "Moving function.api.provisioned_concurrency from 10 to 50 makes fewer invocations cold on \
             average (20.5 % → 1.5 %).",
            "With 50 the whole design costs $55.10 a month instead of $12.30.",
        ]
    );
}

#[test]
fn a_function_that_is_not_invoked_says_nothing() {
    assert!(answers(&[point(&[], vec![Function::new("idle")], 0)]).is_empty());
    assert!(answers(&[]).is_empty());
}

#[test]
fn merged_replications_keep_when_throttling_began() {
    let throttled = |first: f64| {
        let reason = ThrottleReason::ConcurrencyScalingRateExceeded;
        let function = Function::new("api")
            .replication(10, &[])
            .throttled(reason, 4, secs(first));
        point(&[], vec![function], 0)
    };
    for (first, second) in [(3.0, 2.0), (2.0, 3.0)] {
        let mut merged = throttled(first);
        merged.results.merge(&throttled(second).results);
        assert_eq!(
            of(&[merged])[1],
            "8 invocations (40.0 %) were throttled, first at 2 s by ConcurrencyScalingRateExceeded."
        );
    }
}
