//! Functions on AWS whose share of cold starts and number of instances was measured for hours.

use super::{Case, results};

/// One run.
struct Run {
    /// Invocations per second.
    rate: f64,
    /// Warm service time in seconds.
    service: f64,
    /// Measured share of cold starts, with its standard error.
    cold: f64,
    standard_error: f64,
    /// Measured mean number of instances.
    instances: f64,
}

const fn run(rate: f64, service: f64, cold: f64, standard_error: f64, instances: f64) -> Run {
    Run {
        rate,
        service,
        cold,
        standard_error,
        instances,
    }
}

/// Half of the runs of pacslab's keep-alive experiments on AWS Lambda (python3.6, 128 MB, us-east-1,
/// May and June 2020; `SimFaaS`, notebook 04).
const RUNS: [Run; 10] = [
    run(0.001_863_1, 1.955_0, 0.342_99, 0.031_76, 0.674_19),
    run(0.002_881_6, 1.952_4, 0.145_43, 0.024_18, 0.779_47),
    run(0.004_248_0, 1.958_3, 0.079_480, 0.012_39, 0.945_90),
    run(0.007_850_9, 1.969_6, 0.033_821, 0.005_196, 1.129_08),
    run(0.050_120, 1.967_1, 0.008_542_1, 0.000_936_1, 2.113_58),
    run(0.100_377, 1.975_9, 0.005_658_5, 0.000_415_8, 2.888_80),
    run(0.301_791, 1.991_7, 0.002_939_5, 0.000_199_9, 4.421_76),
    run(0.499_673, 2.006_7, 0.001_913_3, 0.000_097_5, 5.694_20),
    run(0.697_266, 2.012_7, 0.001_751_2, 0.000_113_8, 6.927_72),
    run(0.902_459, 2.016_0, 0.001_513_4, 0.000_066_4, 7.869_84),
];

/// With nothing but the arrival rate, the mean service time and a keep-alive of ten minutes.
///
/// The mean absolute percentage error of the share of cold starts is all but chance of the measurements,
/// whose own standard errors are 10 % on average: the exact theory of M/M/∞ leaves 15.4 % in these runs, and 12.75 %
/// in all twenty of the experiment. The simulation is held to that, and to no more than four of the runs'
/// standard errors in each; the mean number of instances to 3.5 %.
#[test]
fn measured_cold_starts_and_instances() {
    let (mut cold, mut instances) = (0.0, 0.0);
    for run in RUNS {
        // Some 15,000 to 2 million invocations in each.
        let days = (2.0 / run.rate / 100.0 + 1.0).ceil().min(8.0);
        let experiment = Case {
            arrivals: &format!(r#"poisson = {{ rate = "{}/s" }}"#, run.rate),
            handler: &format!(r#"{{ exponential = {{ mean = "{} s" }} }}"#, run.service),
            keys: r#"keep_alive = "600 s""#,
            warmup: "1000 s",
            duration: &format!("{days} d"),
            replications: 12,
            ..Case::DEFAULT
        }
        .run();
        let (function, _) = results(&experiment);
        let share = function.cold_starts as f64 / function.invocations as f64;
        assert!(
            (share - run.cold).abs() <= 4.0 * run.standard_error,
            "{} /s: {share} is not {} ± 4 × {}",
            run.rate,
            run.cold,
            run.standard_error
        );
        cold += (share / run.cold - 1.0).abs();
        instances += (function.environments.sums.mean() / run.instances - 1.0).abs();
    }
    let runs = RUNS.len() as f64;
    let (cold, instances) = (cold / runs, instances / runs);
    // The simulation's own standard error is a quarter of a percentage point.
    assert!(
        (cold - 0.154).abs() <= 0.01,
        "P(cold): {:.2} %",
        100.0 * cold
    );
    assert!(instances <= 0.035, "instances: {:.2} %", 100.0 * instances);
}
