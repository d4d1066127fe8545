//! Cold starts from end to end against published measurements: medians within 5 %, p99 within 10 %.
//!
//! A published total is what a client saw of a cold start of a trivial function; simulated, it is the
//! latency of an invocation whose handler takes 1 ms.
//!
//! *Fit* says that the series was used for the figures, *check* that it was held back: agreement there is
//! a prediction.

use netsim::report::{PhaseSummary, PointSummary};

use super::cold_starts::{MEMORY, phase, run};
use crate::world::{Measured, Named};

/// A published series: who, how many samples, median and p99 in seconds.
struct Series(&'static str, u32, f64, f64);

/// A series of a runtime.
type OfRuntime = (&'static str, Series);

/// What does not agree.
#[derive(Default)]
struct Deviations(Vec<String>);

impl Deviations {
    fn compare(&mut self, series: &Series, p50: f64, p99: f64) {
        let Series(name, samples, published_p50, published_p99) = series;
        for (quantile, simulated, published, tolerance) in [
            ("p50", p50, published_p50, 0.05),
            ("p99", p99, published_p99, 0.10),
        ] {
            let deviation = simulated / published - 1.0;
            if deviation.abs() > tolerance {
                self.0.push(format!(
                    "{name} (n = {samples}), {quantile}: {simulated:.4} s is {:+.1} % of {published} s",
                    100.0 * deviation
                ));
            }
        }
    }

    fn none(self) {
        assert!(self.0.is_empty(), "\n{}", self.0.join("\n"));
    }
}

/// The scenario with a trivial handler, 100 000 cold starts a point.
fn totals(edits: &[&str]) -> Vec<PointSummary> {
    let common = [r#"function.api.duration="1 ms""#, "replications=50"];
    run(&[&common, edits].concat()).points
}

/// The point with this value of a swept key.
fn at<'a>(points: &'a [PointSummary], key: &str, value: &str) -> &'a PointSummary {
    let is = |point: &&PointSummary| point.parameters[key] == value;
    points.iter().find(is).unwrap()
}

fn total(point: &PointSummary) -> (f64, f64) {
    let latency = point.workload("users").latency();
    (latency.p50, latency.p99)
}

fn init(point: &PointSummary) -> &PhaseSummary {
    phase(point.function("api"), "runtime_init")
}

/// Outside a VPC, by language and date: mikhailshilkov/mikhailio-hugo @feb74c7. Fit. The publication does not
/// say with how much memory, and it must not matter.
#[test]
fn totals_by_language_from_2019_to_2021() {
    let published = [
        (
            "nodejs8.10-2019-02",
            Series("JavaScript, 2019-02", 291, 0.29188, 1.15151),
        ),
        (
            "nodejs8.10",
            Series("JavaScript, 2019-04", 942, 0.20691, 0.77946),
        ),
        (
            "nodejs8.10",
            Series("JavaScript, 2019-06", 736, 0.20214, 0.93213),
        ),
        (
            "nodejs8.10",
            Series("JavaScript, 2019-09", 1893, 0.19853, 0.93225),
        ),
        (
            "nodejs10.x",
            Series("JavaScript, 2020-04", 650, 0.26025, 0.69512),
        ),
        (
            "nodejs12.x",
            Series("JavaScript, 2021-01", 686, 0.26414, 0.84734),
        ),
        (
            "python3.7",
            Series("Python, 2019-02", 286, 0.24563, 0.78692),
        ),
        (
            "python3.8",
            Series("Python, 2021-01", 678, 0.21543, 0.67118),
        ),
        (
            "java8-2019-02",
            Series("Java, 2019-02", 280, 0.39245, 0.93769),
        ),
        ("java8", Series("Java, 2021-01", 624, 0.37207, 0.76778)),
        (
            "go1.x-2019-02",
            Series("Go, 2019-02", 302, 0.37807, 0.70341),
        ),
        ("go1.x", Series("Go, 2021-01", 658, 0.30662, 0.81664)),
        (
            "dotnetcore2.1",
            Series("C#, 2019-02", 609, 1.70033, 4.94052),
        ),
        (
            "dotnetcore3.1",
            Series("C#, 2021-01", 293, 0.51708, 0.83993),
        ),
        (
            "ruby2.5-2019-02",
            Series("Ruby, 2019-02", 283, 0.32907, 1.12726),
        ),
        ("ruby2.7", Series("Ruby, 2021-01", 697, 0.277, 0.67841)),
    ];
    let mut runtimes: Vec<_> = published.iter().map(|(runtime, _)| runtime).collect();
    runtimes.dedup();
    let mut deviations = Deviations::default();
    for memory in ["128 MB", "2048 MB"] {
        let sweep = format!("sweep={{ \"function.api.runtime\" = {runtimes:?} }}");
        let points = totals(&[&sweep, &format!("function.api.memory={memory:?}")]);
        for (runtime, series) in &published {
            let (p50, p99) = total(at(&points, "function.api.runtime", runtime));
            deviations.compare(series, p50, p99);
        }
    }
    deviations.none();
}

/// simplybusiness/lambda-coldstart-comparison @2dcabfd, March 2019, Node.js 6.10 outside a VPC. Fit.
#[test]
fn totals_of_nodejs_by_memory_in_2019() {
    let sweep = format!(
        "sweep={{ \"function.api.memory\" = {MEMORY:?}, \"function.api.runtime\" = [\"nodejs6.10\"] }}"
    );
    let published = [
        Series("128 MB", 619, 0.27, 0.521),
        Series("256 MB", 619, 0.245, 0.479),
        Series("512 MB", 619, 0.249, 0.51028),
        Series("1024 MB", 619, 0.292, 0.53374),
        Series("2048 MB", 619, 0.418, 0.55278),
        Series("3008 MB", 620, 0.398, 0.50391),
    ];
    let mut deviations = Deviations::default();
    let points = totals(&[&sweep]);
    for (point, series) in points.iter().zip(&published) {
        let (p50, p99) = total(point);
        deviations.compare(series, p50, p99);
    }
    deviations.none();
}

/// The same source: init durations of Ruby 2.5. Fit.
#[test]
fn initialisation_of_ruby_by_memory_in_2019() {
    let sweep = format!(
        "sweep={{ \"function.api.memory\" = {MEMORY:?}, \"function.api.runtime\" = [\"ruby2.5\"] }}"
    );
    let published = [
        Series("128 MB", 618, 0.0902, 0.18665),
        Series("256 MB", 619, 0.0915, 0.19441),
        Series("512 MB", 619, 0.0969, 0.20644),
        Series("1024 MB", 618, 0.15765, 0.23557),
        Series("2048 MB", 618, 0.16995, 0.2253),
        Series("3008 MB", 620, 0.1699, 0.28581),
    ];
    let mut deviations = Deviations::default();
    for (point, series) in totals(&[&sweep]).iter().zip(&published) {
        deviations.compare(series, init(point).p50, init(point).p99);
    }
    deviations.none();
}

/// In a VPC with a shared interface: mikhailshilkov/mikhailio-hugo @feb74c7. Fit. September 2019 takes the
/// tunnel that docs/model.md gives for it.
#[test]
fn totals_in_a_vpc_from_september_2019_to_2021() {
    let mut deviations = Deviations::default();
    let points = totals(&[
        r#"sweep={ "function.api.runtime" = ["nodejs10.x", "nodejs12.x"] }"#,
        r#"function.api.vpc_attachment="hyperplane""#,
        r#"function.api.memory="512 MB""#,
    ]);
    for (runtime, series) in [
        ("nodejs10.x", Series("2020-04", 666, 0.47018, 0.89892)),
        ("nodejs12.x", Series("2021-01", 676, 0.49668, 0.89268)),
    ] {
        let (p50, p99) = total(at(&points, "function.api.runtime", runtime));
        deviations.compare(&series, p50, p99);
    }
    let points = totals(&[
        r#"sweep={ "function.api.runtime" = ["nodejs8.10"] }"#,
        r#"function.api.vpc_attachment="hyperplane""#,
        r#"function.api.memory="512 MB""#,
        r#"profile."lambda.vpc_attach.hyperplane"={ mixture = [{ weight = 0.988, value = { lognormal = { p50 = "78 ms", p99 = "110 ms" } } }, { weight = 0.008, value = { uniform = { min = "300 ms", max = "1.5 s" } } }, { weight = 0.004, value = { uniform = { min = "7 s", max = "16 s" } } }] }"#,
    ]);
    let (p50, p99) = total(&points[0]);
    deviations.compare(&Series("2019-09", 2223, 0.28104, 1.225), p50, p99);
    deviations.none();
}

/// In a VPC with an interface per environment: the same source. Check, but for one point between p97.5 and
/// p99 of the interfaces' times, which was placed with a view to April: the interfaces are those of another
/// source. About half of the cold starts created one, as many as in the other source between 512 and
/// 1024 MB. The median of all then lies in the gap between 0.5 and 6 s, so that the share stands for it.
/// February had 84 samples and a p99 of 17.2 s, which is not met.
#[test]
fn totals_in_a_vpc_before_september_2019() {
    let points = totals(&[
        r#"sweep={ "function.api.runtime" = ["nodejs8.10"] }"#,
        r#"function.api.vpc_attachment="per_environment_eni""#,
        r#"function.api.memory="640 MB""#,
    ]);
    let function = points[0].function("api");
    let created = phase(function, "vpc_attach.create_network_interface").count as f64;
    let share = created / function.cold_starts as f64;
    assert!((0.48..=0.52).contains(&share), "{share}");
    let p99 = points[0].workload("users").latency().p99;
    for (date, published) in [("2019-04", 18.21604), ("2019-06", 20.7955)] {
        let deviation = p99 / published - 1.0;
        assert!(deviation.abs() <= 0.10, "{date}: {p99} s, {deviation:+.3}");
    }
}

/// Container images of Node.js, January 2021: the same source. Fit.
#[test]
fn totals_of_container_images_in_2021() {
    let points = totals(&[
        r#"sweep={ "function.api.memory" = ["128 MB", "2048 MB"] }"#,
        r#"function.api.runtime="nodejs12.x""#,
        r#"function.api.package_type="image""#,
    ]);
    let mut deviations = Deviations::default();
    for point in &points {
        let (p50, p99) = total(point);
        for series in [
            Series("smallest image", 683, 0.79452, 1.63245),
            Series("100 MB", 678, 0.86767, 1.50829),
            Series("5 GB", 654, 0.81794, 1.41035),
        ] {
            deviations.compare(&series, p50, p99);
        }
    }
    deviations.none();
}

/// Zip archives of Node.js with all their modules: the same source. Medians of 2021: fit; the p99 with
/// 14 MB and all of 2019 (with the time for each MB that docs/model.md gives): check. The p99 with 35 MB,
/// 6.1 and 6.3 s, is not met: loading takes the same time for each MB.
#[test]
fn totals_of_large_archives() {
    let mut deviations = Deviations::default();
    let of = |runtime: &str, per_mb: &str| {
        totals(&[
            r#"sweep={ "function.api.code_size" = ["14 MB", "35 MB"] }"#,
            r#"function.api.memory="512 MB""#,
            &format!("function.api.runtime={runtime:?}"),
            &format!("profile.\"lambda.code_per_mb\"={per_mb:?}"),
        ])
    };
    let points = of("nodejs12.x", "103 ms");
    let (p50, p99) = total(&points[0]);
    deviations.compare(&Series("14 MB, 2021-01", 674, 1.69546, 2.13795), p50, p99);
    let p50 = total(&points[1]).0;
    deviations.compare(&Series("35 MB, 2021-01", 627, 3.8748, p50), p50, p50);
    let points = of("nodejs8.10-2019-02", "115 ms");
    let (p50, p99) = total(&points[0]);
    deviations.compare(&Series("14 MB, 2019-02", 119, 1.90955, 2.58586), p50, p99);
    let p50 = total(&points[1]).0;
    deviations.compare(&Series("35 MB, 2019-02", 271, 4.21086, p50), p50, p50);
    deviations.none();
}

/// Init durations of 2026 at 256 MB: maxday/lambda-perf, daily cold starts 2026-02-22 to 2026-08-22. Check:
/// the figures are medians over 128, 512 and 1024 MB. What is outside the tolerances is listed.
#[test]
fn initialisation_in_2026() {
    let published: [(&str, &str, &[OfRuntime]); 4] = [
        ("zip", "x86_64", &ZIP),
        ("zip", "arm64", &ZIP_ARM64),
        ("image", "x86_64", &IMAGE),
        ("image", "arm64", &IMAGE_ARM64),
    ];
    let mut deviations = Deviations::default();
    for (package, architecture, published) in published {
        let runtimes: Vec<_> = published.iter().map(|(runtime, _)| runtime).collect();
        let points = totals(&[
            &format!("sweep={{ \"function.api.runtime\" = {runtimes:?} }}"),
            r#"function.api.memory="256 MB""#,
            &format!("function.api.package_type={package:?}"),
            &format!("function.api.architecture={architecture:?}"),
            "replications=20",
        ]);
        for (runtime, series) in published {
            let init = init(at(&points, "function.api.runtime", runtime));
            deviations.compare(series, init.p50, init.p99);
        }
    }
    let outside = [
        "ruby3.4, zip, arm64 (n = 1332), p50",
        "ruby3.4, image, arm64 (n = 1328), p50",
        "provided.al2023-dotnet8-aot, image, arm64 (n = 1341), p99",
    ];
    let expected = |(found, expected): (&String, &&str)| found.starts_with(expected);
    assert!(
        deviations.0.len() == outside.len() && deviations.0.iter().zip(&outside).all(expected),
        "{:#?}",
        deviations.0
    );
}

const ZIP: [(&str, Series); 15] = [
    (
        "python3.9",
        Series("python3.9, zip, x86_64", 1337, 0.08045, 0.13103),
    ),
    (
        "python3.12",
        Series("python3.12, zip, x86_64", 1338, 0.08846, 0.14044),
    ),
    (
        "python3.13",
        Series("python3.13, zip, x86_64", 1332, 0.09914, 0.17883),
    ),
    (
        "nodejs20.x",
        Series("nodejs20.x, zip, x86_64", 1337, 0.14537, 0.23229),
    ),
    (
        "nodejs22.x",
        Series("nodejs22.x, zip, x86_64", 1332, 0.14375, 0.21463),
    ),
    (
        "nodejs24.x",
        Series("nodejs24.x, zip, x86_64", 1337, 0.14118, 0.22293),
    ),
    (
        "java8.al2",
        Series("java8.al2, zip, x86_64", 1344, 0.24978, 0.5294),
    ),
    (
        "java21",
        Series("java21, zip, x86_64", 1344, 0.24509, 0.59954),
    ),
    (
        "java25",
        Series("java25, zip, x86_64", 1336, 0.20125, 0.50169),
    ),
    (
        "dotnet8",
        Series("dotnet8, zip, x86_64", 1341, 0.25662, 0.63763),
    ),
    (
        "dotnet10",
        Series("dotnet10, zip, x86_64", 1272, 0.2724, 0.71579),
    ),
    (
        "ruby3.4",
        Series("ruby3.4, zip, x86_64", 1350, 0.22856, 0.47299),
    ),
    (
        "provided.al2023-go",
        Series("provided.al2023-go, zip, x86_64", 1336, 0.05063, 0.07315),
    ),
    (
        "provided.al2023-rust",
        Series("provided.al2023-rust, zip, x86_64", 1338, 0.01631, 0.04968),
    ),
    (
        "provided.al2023-dotnet8-aot",
        Series(
            "provided.al2023-dotnet8-aot, zip, x86_64",
            1338,
            0.08816,
            0.12436,
        ),
    ),
];

const ZIP_ARM64: [(&str, Series); 15] = [
    (
        "python3.9",
        Series("python3.9, zip, arm64", 1343, 0.07374, 0.15668),
    ),
    (
        "python3.12",
        Series("python3.12, zip, arm64", 1329, 0.08022, 0.14578),
    ),
    (
        "python3.13",
        Series("python3.13, zip, arm64", 1332, 0.08242, 0.15003),
    ),
    (
        "nodejs20.x",
        Series("nodejs20.x, zip, arm64", 1350, 0.1299, 0.18099),
    ),
    (
        "nodejs22.x",
        Series("nodejs22.x, zip, arm64", 1338, 0.12623, 0.17939),
    ),
    (
        "nodejs24.x",
        Series("nodejs24.x, zip, arm64", 1342, 0.12209, 0.18503),
    ),
    (
        "java8.al2",
        Series("java8.al2, zip, arm64", 1332, 0.2505, 0.51299),
    ),
    (
        "java21",
        Series("java21, zip, arm64", 1340, 0.24601, 0.34781),
    ),
    (
        "java25",
        Series("java25, zip, arm64", 1344, 0.19405, 0.44437),
    ),
    (
        "dotnet8",
        Series("dotnet8, zip, arm64", 1344, 0.28741, 0.67995),
    ),
    (
        "dotnet10",
        Series("dotnet10, zip, arm64", 1284, 0.26333, 0.65893),
    ),
    (
        "ruby3.4",
        Series("ruby3.4, zip, arm64", 1332, 0.22048, 0.40294),
    ),
    (
        "provided.al2023-go",
        Series("provided.al2023-go, zip, arm64", 1344, 0.04205, 0.05037),
    ),
    (
        "provided.al2023-rust",
        Series("provided.al2023-rust, zip, arm64", 1332, 0.0138, 0.04412),
    ),
    (
        "provided.al2023-dotnet8-aot",
        Series(
            "provided.al2023-dotnet8-aot, zip, arm64",
            1338,
            0.07643,
            0.09531,
        ),
    ),
];

const IMAGE: [(&str, Series); 15] = [
    (
        "python3.9",
        Series("python3.9, image, x86_64", 1323, 0.14848, 0.34869),
    ),
    (
        "python3.12",
        Series("python3.12, image, x86_64", 1329, 0.15768, 0.37957),
    ),
    (
        "python3.13",
        Series("python3.13, image, x86_64", 1340, 0.16992, 0.3987),
    ),
    (
        "nodejs20.x",
        Series("nodejs20.x, image, x86_64", 1343, 0.28245, 0.79155),
    ),
    (
        "nodejs22.x",
        Series("nodejs22.x, image, x86_64", 1323, 0.2938, 0.80278),
    ),
    (
        "nodejs24.x",
        Series("nodejs24.x, image, x86_64", 1325, 0.28135, 0.81337),
    ),
    (
        "java8.al2",
        Series("java8.al2, image, x86_64", 1349, 0.33629, 0.73929),
    ),
    (
        "java21",
        Series("java21, image, x86_64", 1323, 0.34889, 0.81884),
    ),
    (
        "java25",
        Series("java25, image, x86_64", 1336, 0.24731, 0.63091),
    ),
    (
        "dotnet8",
        Series("dotnet8, image, x86_64", 1331, 0.40301, 0.81661),
    ),
    (
        "dotnet10",
        Series("dotnet10, image, x86_64", 1275, 0.41245, 0.86762),
    ),
    (
        "ruby3.4",
        Series("ruby3.4, image, x86_64", 1330, 0.26957, 0.49342),
    ),
    (
        "provided.al2023-go",
        Series("provided.al2023-go, image, x86_64", 1341, 0.04663, 0.12483),
    ),
    (
        "provided.al2023-rust",
        Series(
            "provided.al2023-rust, image, x86_64",
            1347,
            0.03569,
            0.10443,
        ),
    ),
    (
        "provided.al2023-dotnet8-aot",
        Series(
            "provided.al2023-dotnet8-aot, image, x86_64",
            1338,
            0.06168,
            0.16969,
        ),
    ),
];

const IMAGE_ARM64: [(&str, Series); 15] = [
    (
        "python3.9",
        Series("python3.9, image, arm64", 1341, 0.1216, 0.30399),
    ),
    (
        "python3.12",
        Series("python3.12, image, arm64", 1338, 0.12845, 0.35046),
    ),
    (
        "python3.13",
        Series("python3.13, image, arm64", 1330, 0.13932, 0.36243),
    ),
    (
        "nodejs20.x",
        Series("nodejs20.x, image, arm64", 1328, 0.2277, 0.69123),
    ),
    (
        "nodejs22.x",
        Series("nodejs22.x, image, arm64", 1346, 0.23234, 0.72779),
    ),
    (
        "nodejs24.x",
        Series("nodejs24.x, image, arm64", 1334, 0.22507, 0.73254),
    ),
    (
        "java8.al2",
        Series("java8.al2, image, arm64", 1337, 0.30816, 0.61563),
    ),
    (
        "java21",
        Series("java21, image, arm64", 1349, 0.30581, 0.73878),
    ),
    (
        "java25",
        Series("java25, image, arm64", 1349, 0.23642, 0.54778),
    ),
    (
        "dotnet8",
        Series("dotnet8, image, arm64", 1342, 0.41023, 0.82697),
    ),
    (
        "dotnet10",
        Series("dotnet10, image, arm64", 1282, 0.36677, 0.82039),
    ),
    (
        "ruby3.4",
        Series("ruby3.4, image, arm64", 1328, 0.258, 0.41274),
    ),
    (
        "provided.al2023-go",
        Series("provided.al2023-go, image, arm64", 1337, 0.03824, 0.09585),
    ),
    (
        "provided.al2023-rust",
        Series("provided.al2023-rust, image, arm64", 1342, 0.0292, 0.08766),
    ),
    (
        "provided.al2023-dotnet8-aot",
        Series(
            "provided.al2023-dotnet8-aot, image, arm64",
            1341,
            0.05361,
            0.33571,
        ),
    ),
];
