//! What clients do: pools, timeouts, retries, hedging, closed loops, requests to several servers, and
//! loss; each where the exact answer is known.
//!
//! As in `transport.rs` nothing but the delay of a link, half a millisecond each way, and the server
//! takes time; serialisation adds less than a microsecond.

use std::fmt::Write as _;

use netsim::experiment::Plan;
use netsim::scenario::Document;

use crate::oracles::agree;
use crate::transport::zones;
use crate::world::{Experiment, Measured, Named, point};

/// Serialisation of a request and its response, handshakes included, is below this.
const SERIALISATION_S: f64 = 2e-6;

/// A client and a server a millisecond apart, both ways together.
fn apart(server: &str, workload: &str) -> String {
    zones(1000, 1000, "0.5 ms", server, workload)
}

#[track_caller]
fn about(what: &str, measured_s: f64, expected_s: f64) {
    assert!(
        (0.0..SERIALISATION_S).contains(&(measured_s - expected_s)),
        "{what}: {measured_s} s is not {expected_s} s"
    );
}

/// With one connection the requests of a burst are served one after the other.
#[test]
fn a_full_pool_makes_requests_wait() {
    let workload = "connection = \"keep_alive\"\npool = { max_connections = 1 }\ncount = 3\n\
         arrivals = { burst = { rate = \"1/s\", size = 3 } }";
    let results = point(&apart("service_time = \"10 ms\"", workload), &[]);
    let probe = results.workload("probe");
    let latency = probe.latency();
    // Handshake 1 ms, then 11 ms for each.
    about("the first", latency.min, 0.012);
    about("the last", latency.max, 0.034);
    about(
        "waiting for the connection",
        probe.hop("connection_pool.queue"),
        (0.0 + 12e-3 + 23e-3) / 3.0,
    );
    assert_eq!(probe.transport.unwrap().connections, 1);
}

/// Attempts that time out are made again after a pause that doubles; all the time is accounted for.
#[test]
fn attempts_time_out_and_are_made_again() {
    // One request at a time, each of which occupies the only server for 40 ms, for ever.
    let workload = "connection = \"new\"\ncount = 1\ntimeout = \"15 ms\"\n\
         retry = { attempts = 4, backoff = \"8 ms\", jitter = \"none\" }\n\
         arrivals = { interval = { every = \"1 s\" } }";
    let results = point(&apart("service_time = \"20 ms\"", workload), &[]);
    let probe = results.workload("probe");
    assert_eq!((probe.completed, probe.failed["timed_out"]), (0, 1));
    let transport = probe.transport.unwrap();
    assert_eq!((transport.attempts, transport.retries), (4, 3));

    // A server that is slow now and then: the second attempt meets another draw.
    let slow = "service_time = { mixture = [\
         { weight = 0.9, value = \"1 ms\" }, { weight = 0.1, value = \"1 s\" }] }";
    let workload = "connection = \"new\"\ntimeout = \"15 ms\"\n\
         retry = { attempts = 20, backoff = \"8 ms\", jitter = \"none\" }\n\
         arrivals = { poisson = { rate = \"200/s\" } }";
    let experiment = Experiment::run("retries", &apart(slow, workload), &["replications=16"]);
    let point = experiment.point();
    let probe = point.workload("probe");
    // 2 ms for connection and request, 1 ms of service.
    about("at the first attempt", probe.latency().min, 0.003);
    // Failures are geometric: before the nth retry 15 ms are lost, and 8 × 2^(n-1) ms waited for.
    let lost: f64 = (1..20).map(|n| 0.1_f64.powi(n) * 15e-3).sum();
    let waited: f64 = (1..20)
        .map(|n| 0.1_f64.powi(n) * 8e-3 * 2_f64.powi(n - 1))
        .sum();
    let n = probe.completed as f64;
    // Variance of the number of failures before success, q/p², bounds that of the sum's first terms.
    let standard_error = (0.1_f64 / 0.81).sqrt() / n.sqrt();
    let close = |what: &str, measured: f64, exact: f64, unit: f64| {
        let tolerance = 4.0 * standard_error * unit;
        assert!(
            (measured - exact).abs() < tolerance,
            "{what}: {measured}, {exact} ± {tolerance}"
        );
        assert!(
            tolerance < 0.25 * exact,
            "{what}: ± {tolerance} shows too little"
        );
    };
    close(
        "failed attempts",
        probe.hop("client.failed_attempt"),
        lost,
        15e-3,
    );
    // Waits grow, so their deviation is larger than that of a constant: 1.3 times, for q = 0.1.
    close("pauses", probe.hop("client.backoff"), waited, 1.5 * 8e-3);
}

/// A hedge after 5 ms turns one slow answer in ten into one in a hundred.
#[test]
fn hedging_cuts_the_tail() {
    let slow = "service_time = { mixture = [\
         { weight = 0.9, value = \"1 ms\" }, { weight = 0.1, value = \"1 s\" }] }";
    let workload = "connection = \"new\"\nhedge_after = \"5 ms\"\n\
         arrivals = { poisson = { rate = \"500/s\" } }";
    let text = apart(slow, workload);
    let experiment = Experiment::run("hedging", &text, &["replications=8"]);
    let point = experiment.point();
    let probe = point.workload("probe");
    let n = probe.completed as f64;
    let transport = probe.transport.unwrap();
    let close = |what: &str, share: f64, exact: f64| {
        let standard_error = (exact * (1.0 - exact) / n).sqrt();
        assert!(
            (share - exact).abs() < 4.0 * standard_error,
            "{what}: {share} is not {exact}"
        );
    };
    close("hedged", transport.hedges as f64 / n, 0.1);
    // Mean: 3 ms, or 8 ms after a hedge, or 1.002 s when both are slow.
    let exact = 0.9 * 0.003 + 0.09 * 0.008 + 0.01 * 1.002;
    let means: Vec<f64> = experiment.outcome.points[0].results.workloads[0]
        .replications
        .values()
        .map(|sums| sums.mean_secs().unwrap())
        .collect();
    agree("mean with hedging", &means, exact);
    about("the fastest", probe.latency().min, 0.003);
}

/// The machine repairman's model, M/M/1//N: clients that think and wait, by mean value analysis
/// (Reiser and Lavenberg 1980), which is exact.
#[test]
fn closed_loops_agree_with_mean_value_analysis() {
    let (think, service, travel) = (10e-3, 2e-3, 1e-3);
    for clients in [1, 3, 8] {
        let server = "servers = 1\nservice_time = { exponential = { mean = \"2 ms\" } }";
        let workload = format!(
            "connection = \"keep_alive\"\narrivals = {{ closed = {{ clients = {clients}, \
             think_time = {{ exponential = {{ mean = \"10 ms\" }} }} }} }}"
        );
        let edits = [r#"duration="20 s""#, r#"warmup="1 s""#, "replications=16"];
        let experiment = Experiment::run("closed", &apart(server, &workload), &edits);
        let (mut response, mut queue) = (0.0, 0.0);
        for n in 1..=clients {
            response = service * (1.0 + queue);
            queue = f64::from(n) / (think + travel + response) * response;
        }
        let measured = &experiment.outcome.points[0].results.workloads[0];
        let means: Vec<f64> = measured
            .replications
            .values()
            .map(|sums| sums.mean_secs().unwrap() - travel)
            .collect();
        agree(&format!("{clients} clients"), &means, response);
    }
}

/// A datagram there and one back is one round trip, without a connection.
#[test]
fn a_request_over_udp_takes_one_round_trip() {
    let workload = "protocol = \"udp\"\ncount = 5\narrivals = { interval = { every = \"1 s\" } }";
    let results = point(&apart("service_time = \"2 ms\"", workload), &[]);
    let latency = results.workload("probe").latency();
    about("the fastest", latency.min, 0.003);
    about("the slowest", latency.max, 0.003);
}

/// Several servers with exponential times: the last of n answers comes after the harmonic number
/// H(n) of mean service times.
#[test]
fn a_request_to_several_servers_waits_for_the_last() {
    let mut more = String::new();
    for name in ["second", "third", "fourth"] {
        let _ = write!(
            more,
            "\n[instance.{name}]\ninstance_type = \"c6in.32xlarge\"\nsubnet = \"b\"\n\
             service_time = {{ exponential = {{ mean = \"1 ms\" }} }}\n"
        );
    }
    let workload = format!(
        "connection = \"keep_alive\"\narrivals = {{ poisson = {{ rate = \"200/s\" }} }}\n{more}"
    );
    let text = apart(
        "service_time = { exponential = { mean = \"1 ms\" } }",
        &workload,
    );
    let to = r#"request.probe.to=["instance.server","instance.second","instance.third","instance.fourth"]"#;
    let edits = [to, "replications=16", r#"warmup="1 s""#];
    let experiment = Experiment::run("several", &text, &edits);
    let means: Vec<f64> = experiment.outcome.points[0].results.workloads[0]
        .replications
        .values()
        .map(|sums| sums.mean_secs().unwrap())
        .collect();
    let harmonic = 1.0 + 1.0 / 2.0 + 1.0 / 3.0 + 1.0 / 4.0;
    agree("the last of four", &means, 1e-3 + 1e-3 * harmonic);
}

/// A response that overflows a small buffer is repaired: everything arrives, some of it twice.
#[test]
fn what_is_lost_is_sent_again() {
    let workload = "connection = \"new\"\nresponse_size = \"2 MB\"\n\
         arrivals = { interval = { every = \"1 s\" } }\ncount = 5";
    let text = zones(100, 1, "0.5 ms", "service_time = \"0 s\"", workload);
    let small = [r#"profile."fabric.zone_link_buffer"="100 kB""#];
    let with_loss = point(&text, &small);
    let probe = with_loss.workload("probe");
    assert_eq!(probe.completed, 5);
    let transport = probe.transport.unwrap();
    assert!(transport.retransmissions > 0);
    assert!(probe.hop("tcp.retransmission") + probe.hop("tcp.window") > 0.0);
    // 2 MB at 1 Gbps are 16 ms; without loss slow start adds some round trips, with loss more.
    let without = point(&text, &[r#"profile."fabric.zone_link_buffer"="100 MB""#]);
    let unhindered = without.workload("probe");
    assert_eq!(unhindered.transport.unwrap().retransmissions, 0);
    let (lossy, clean) = (probe.latency().mean, unhindered.latency().mean);
    assert!(clean > 0.016 && clean < 0.025, "{clean}");
    assert!(lossy > clean, "{lossy} with loss, {clean} without");
}

/// With a buffer that a whole window does not fit into, a burst of senders loses their windows' tails
/// and waits for the retransmission timer: 200 ms at least, as Linux has it (Phanishayee et al.,
/// FAST 2008).
#[test]
fn incast_costs_a_retransmission_timeout() {
    let mut servers = String::new();
    let mut names = vec!["\"instance.server\"".to_owned()];
    for number in 0..31 {
        let _ = write!(
            servers,
            "\n[instance.s{number}]\ninstance_type = \"c6in.32xlarge\"\nsubnet = \"b\"\n\
             service_time = \"0 s\"\n"
        );
        names.push(format!("\"instance.s{number}\""));
    }
    let workload = format!(
        "connection = \"keep_alive\"\nresponse_size = \"64 kB\"\ncount = 5\n\
         arrivals = {{ interval = {{ every = \"2 s\" }} }}\n{servers}"
    );
    let text = zones(100, 10, "0.05 ms", "service_time = \"0 s\"", &workload);
    let to = format!("request.probe.to=[{}]", names.join(","));
    let run = |buffer: &str| {
        let buffer = format!("profile.\"fabric.zone_link_buffer\"=\"{buffer}\"");
        let at_once = r#"tcp.delayed_ack="0 s""#;
        point(&text, &[&to, &buffer, at_once, "allow_overload=true"])
    };
    // 32 × 64 kB at 10 Gbps, and headers.
    let lower_bound = 32.0 * 64e3 * 8.0 / 10e9;
    let roomy = run("10 MB");
    let latency = roomy.workload("probe").latency();
    assert!(
        (lower_bound..1.5 * lower_bound).contains(&latency.min),
        "{} s, {lower_bound} s at least",
        latency.min
    );
    assert_eq!(roomy.workload("probe").transport.unwrap().timeouts, 0);
    let tight = run("1 MB");
    let probe = tight.workload("probe");
    assert!(probe.transport.unwrap().timeouts > 0);
    let latency = probe.latency();
    assert!(
        latency.max > 0.2 && latency.max < 0.2 + 20.0 * lower_bound,
        "{} s",
        latency.max
    );
}

/// What is wrong with `[tcp]` is said once, however many use it, and even if nobody can.
#[test]
fn mistakes_in_tcp_are_said_once() {
    let text = "duration = \"1 s\"\n[tcp]\nmin_rto = \"0 s\"\nreceive_window = \"10 B\"\n\
         initial_window = 0\n[ping.lost]\nfrom = \"instance.a\"\nto = \"instance.b\"\n\
         arrivals = { interval = { every = \"1 s\" } }\n";
    let document = Document::parse("tcp.toml", text).unwrap();
    let diagnosis = Plan::new(&document, &[], &[]).unwrap_err().render(false);
    for key in ["tcp.min_rto", "tcp.receive_window", "tcp.initial_window"] {
        assert_eq!(diagnosis.matches(key).count(), 1, "{key} in {diagnosis}");
    }
}
