//! Distributions of durations: how they are written, and how a sample is drawn.
//!
//! Written as a plain duration (a constant) or as an inline table with one key:
//! `{ lognormal = { p50 = "20 ms", p99 = "120 ms" } }`. Families are given by quantiles or moments,
//! as measured data is.

use std::collections::BTreeMap;
use std::fmt;

use rand_distr::{Distribution as _, Exp1, Gamma, StandardNormal};
use schemars::JsonSchema;
use serde::de::value::MapAccessDeserializer;
use serde::de::{self, Deserialize, Deserializer, MapAccess, Visitor};
use thiserror::Error;

use super::Draw;
use crate::units::{Duration, PS_PER_SECOND, parse_duration};

/// The standard normal quantile at 0.99.
const Z_99: f64 = 2.326_347_874_040_841;

/// A distribution of durations. Parameters are in picoseconds.
#[derive(Debug, Clone, PartialEq)]
pub struct Distribution(Family);

#[derive(Debug, Clone, PartialEq)]
enum Family {
    Constant(Duration),
    Exponential {
        mean: f64,
    },
    Uniform {
        min: f64,
        width: f64,
    },
    LogNormal {
        mu: f64,
        sigma: f64,
    },
    Gamma {
        sampler: Gamma<f64>,
        mean: f64,
    },
    Weibull {
        scale: f64,
        inverse_shape: f64,
        mean: f64,
    },
    Pareto {
        min: f64,
        inverse_shape: f64,
        mean: f64,
    },
    /// (probability, quantile) points from 0 to 1, interpolated linearly.
    Empirical(Vec<(f64, f64)>),
    /// (cumulative weight, component); the last weight is 1.
    Mixture(Vec<(f64, Distribution)>),
}

/// Why a table is not a distribution.
#[derive(Debug, Clone, PartialEq, Error)]
#[error("{0}")]
pub struct DistributionError(String);

impl Distribution {
    /// Always `value`.
    #[must_use]
    pub const fn constant(value: Duration) -> Self {
        Self(Family::Constant(value))
    }

    /// Exponential with the given mean.
    #[must_use]
    pub fn exponential(mean: Duration) -> Self {
        Self(Family::Exponential {
            mean: mean.as_ps() as f64,
        })
    }

    /// Log-normal with the given median and 99th percentile.
    ///
    /// # Errors
    /// Unless 0 < p50 ≤ p99.
    pub fn lognormal_by_quantiles(p50: Duration, p99: Duration) -> Result<Self, DistributionError> {
        if p50 == Duration::ZERO || p99 < p50 {
            return Err(DistributionError("a lognormal needs 0 < p50 <= p99".into()));
        }
        let mu = (p50.as_ps() as f64).ln();
        Ok(Self(Family::LogNormal {
            mu,
            sigma: ((p99.as_ps() as f64).ln() - mu) / Z_99,
        }))
    }

    /// The one value this distribution takes, if it takes only one.
    #[must_use]
    pub fn as_constant(&self) -> Option<Duration> {
        match self.0 {
            Family::Constant(value) => Some(value),
            Family::Exponential { .. }
            | Family::Uniform { .. }
            | Family::LogNormal { .. }
            | Family::Gamma { .. }
            | Family::Weibull { .. }
            | Family::Pareto { .. }
            | Family::Empirical(_)
            | Family::Mixture(_) => None,
        }
    }

    /// One sample.
    #[inline]
    #[must_use]
    pub fn sample(&self, draw: &mut Draw) -> Duration {
        match &self.0 {
            Family::Constant(value) => *value,
            Family::Exponential { mean } => {
                let unit: f64 = Exp1.sample(draw);
                Duration::from_ps_f64(unit * mean)
            }
            Family::Uniform { min, width } => Duration::from_ps_f64(min + width * draw.unit()),
            Family::LogNormal { mu, sigma } => {
                let normal: f64 = StandardNormal.sample(draw);
                Duration::from_ps_f64((mu + sigma * normal).exp())
            }
            Family::Gamma { sampler, .. } => Duration::from_ps_f64(sampler.sample(draw)),
            Family::Weibull {
                scale,
                inverse_shape,
                ..
            } => Duration::from_ps_f64(scale * (-draw.unit().ln()).powf(*inverse_shape)),
            Family::Pareto {
                min, inverse_shape, ..
            } => Duration::from_ps_f64(min * draw.unit().powf(-inverse_shape)),
            Family::Empirical(points) => Duration::from_ps_f64(interpolate(points, draw.unit())),
            Family::Mixture(components) => {
                let unit = draw.unit();
                let chosen = components.partition_point(|(cumulative, _)| *cumulative < unit);
                components[chosen.min(components.len() - 1)].1.sample(draw)
            }
        }
    }

    /// The mean in seconds; infinite for a Pareto with shape at most 1.
    #[must_use]
    pub fn mean_secs(&self) -> f64 {
        self.mean_ps() / PS_PER_SECOND as f64
    }

    fn mean_ps(&self) -> f64 {
        match &self.0 {
            Family::Constant(value) => value.as_ps() as f64,
            Family::Exponential { mean }
            | Family::Gamma { mean, .. }
            | Family::Weibull { mean, .. }
            | Family::Pareto { mean, .. } => *mean,
            Family::Uniform { min, width } => min + width / 2.0,
            Family::LogNormal { mu, sigma } => (mu + sigma * sigma / 2.0).exp(),
            Family::Empirical(points) => points
                .windows(2)
                .map(|w| (w[1].0 - w[0].0) * (w[0].1 + w[1].1) / 2.0)
                .sum(),
            Family::Mixture(components) => {
                let mut before = 0.0;
                let mut mean = 0.0;
                for (cumulative, component) in components {
                    mean += (cumulative - before) * component.mean_ps();
                    before = *cumulative;
                }
                mean
            }
        }
    }
}

/// The value of the piecewise linear function through `points` at `p`.
fn interpolate(points: &[(f64, f64)], p: f64) -> f64 {
    let right = points
        .partition_point(|&(at, _)| at < p)
        .clamp(1, points.len() - 1);
    let ((p0, v0), (p1, v1)) = (points[right - 1], points[right]);
    v0 + (v1 - v0) * ((p - p0) / (p1 - p0)).clamp(0.0, 1.0)
}

/// A distribution as it is written; exactly one key.
#[derive(serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Written {
    exponential: Option<ByMean>,
    uniform: Option<ByRange>,
    lognormal: Option<ByQuantilesOrMoments>,
    gamma: Option<ByMoments>,
    weibull: Option<ByScaleAndShape>,
    pareto: Option<ByMinAndShape>,
    /// Quantiles by percentile, from `p0` to `p100`, interpolated linearly: `{ p0 = "1 ms", p50 =
    /// "2 ms", "p99.9" = "7 ms", p100 = "9 ms" }`.
    empirical: Option<BTreeMap<String, Duration>>,
    mixture: Option<Vec<Component>>,
}

/// An exponential distribution by its mean.
#[derive(serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct ByMean {
    mean: Duration,
}

/// A uniform distribution by its ends.
#[derive(serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct ByRange {
    min: Duration,
    max: Duration,
}

/// A log-normal distribution by `p50` and `p99`, or by `mean` and `stddev`.
#[derive(serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct ByQuantilesOrMoments {
    p50: Option<Duration>,
    p99: Option<Duration>,
    mean: Option<Duration>,
    stddev: Option<Duration>,
}

/// A gamma distribution by its moments.
#[derive(serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct ByMoments {
    mean: Duration,
    stddev: Duration,
}

/// A Weibull distribution: P(X > x) = exp(-(x/scale)^shape).
#[derive(serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct ByScaleAndShape {
    scale: Duration,
    shape: f64,
}

/// A Pareto distribution: P(X > x) = (min/x)^shape.
#[derive(serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct ByMinAndShape {
    min: Duration,
    shape: f64,
}

/// One component of a mixture; weights are relative to their sum.
#[derive(serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Component {
    weight: f64,
    value: Distribution,
}

impl TryFrom<Written> for Distribution {
    type Error = DistributionError;

    fn try_from(written: Written) -> Result<Self, DistributionError> {
        let candidates = [
            written.exponential.map(|d| Ok(Self::exponential(d.mean))),
            written.uniform.map(|d| uniform(&d)),
            written.lognormal.map(|d| lognormal(&d)),
            written.gamma.map(|d| gamma(&d)),
            written.weibull.map(|d| weibull(&d)),
            written.pareto.map(|d| pareto(&d)),
            written.empirical.map(|d| empirical(&d)),
            written.mixture.map(mixture),
        ];
        let mut given = candidates.into_iter().flatten();
        match (given.next(), given.next()) {
            (Some(distribution), None) => distribution,
            _ => Err(DistributionError(
                "a distribution has exactly one of the keys exponential, uniform, lognormal, gamma, \
                 weibull, pareto, empirical, mixture"
                    .into(),
            )),
        }
    }
}

fn ps(d: Duration) -> f64 {
    d.as_ps() as f64
}

fn uniform(d: &ByRange) -> Result<Distribution, DistributionError> {
    if d.max < d.min {
        return Err(DistributionError(
            "a uniform distribution needs min <= max".into(),
        ));
    }
    Ok(Distribution(Family::Uniform {
        min: ps(d.min),
        width: ps(d.max) - ps(d.min),
    }))
}

fn lognormal(d: &ByQuantilesOrMoments) -> Result<Distribution, DistributionError> {
    match (d.p50, d.p99, d.mean, d.stddev) {
        (Some(p50), Some(p99), None, None) => Distribution::lognormal_by_quantiles(p50, p99),
        (None, None, Some(mean), Some(stddev)) if mean > Duration::ZERO => {
            let sigma2 = (1.0 + (ps(stddev) / ps(mean)).powi(2)).ln();
            let mu = ps(mean).ln() - sigma2 / 2.0;
            Ok(Distribution(Family::LogNormal {
                mu,
                sigma: sigma2.sqrt(),
            }))
        }
        _ => Err(DistributionError(
            "a lognormal is given by p50 and p99, or by a positive mean and a stddev".into(),
        )),
    }
}

fn gamma(d: &ByMoments) -> Result<Distribution, DistributionError> {
    if d.mean == Duration::ZERO || d.stddev == Duration::ZERO {
        return Err(DistributionError(
            "a gamma needs a positive mean and stddev".into(),
        ));
    }
    let shape = (ps(d.mean) / ps(d.stddev)).powi(2);
    let sampler = Gamma::new(shape, ps(d.mean) / shape)
        .map_err(|error| DistributionError(error.to_string()))?;
    Ok(Distribution(Family::Gamma {
        sampler,
        mean: ps(d.mean),
    }))
}

fn weibull(d: &ByScaleAndShape) -> Result<Distribution, DistributionError> {
    if !(d.shape.is_finite() && d.shape > 0.0) {
        return Err(DistributionError("a weibull needs a positive shape".into()));
    }
    let inverse_shape = 1.0 / d.shape;
    let mean = ps(d.scale) * statrs::function::gamma::gamma(1.0 + inverse_shape);
    Ok(Distribution(Family::Weibull {
        scale: ps(d.scale),
        inverse_shape,
        mean,
    }))
}

fn pareto(d: &ByMinAndShape) -> Result<Distribution, DistributionError> {
    if !(d.shape.is_finite() && d.shape > 0.0) || d.min == Duration::ZERO {
        return Err(DistributionError(
            "a pareto needs a positive min and shape".into(),
        ));
    }
    let mean = if d.shape > 1.0 {
        ps(d.min) * d.shape / (d.shape - 1.0)
    } else {
        f64::INFINITY
    };
    Ok(Distribution(Family::Pareto {
        min: ps(d.min),
        inverse_shape: 1.0 / d.shape,
        mean,
    }))
}

fn empirical(points: &BTreeMap<String, Duration>) -> Result<Distribution, DistributionError> {
    let mut table = Vec::with_capacity(points.len());
    for (name, value) in points {
        let percentile: Option<f64> = name.strip_prefix('p').and_then(|p| p.parse().ok());
        let percentile = percentile
            .filter(|p| (0.0..=100.0).contains(p))
            .ok_or_else(|| {
                DistributionError(format!(
                    "`{name}` is not a percentile such as p0, p50 or p99.9"
                ))
            })?;
        table.push((percentile / 100.0, ps(*value)));
    }
    table.sort_by(|a, b| a.0.total_cmp(&b.0));
    let ends = (
        table.first().map(|&(p, _)| p),
        table.last().map(|&(p, _)| p),
    );
    if table.len() < 2 || ends != (Some(0.0), Some(1.0)) {
        return Err(DistributionError(
            "empirical quantiles run from p0 to p100".into(),
        ));
    }
    if table
        .windows(2)
        .any(|w| w[1].1 < w[0].1 || w[0].0 >= w[1].0)
    {
        return Err(DistributionError(
            "empirical quantiles do not decrease".into(),
        ));
    }
    Ok(Distribution(Family::Empirical(table)))
}

fn mixture(components: Vec<Component>) -> Result<Distribution, DistributionError> {
    let total: f64 = components.iter().map(|c| c.weight).sum();
    if !total.is_finite() || total <= 0.0 || components.iter().any(|c| c.weight < 0.0) {
        return Err(DistributionError(
            "mixture weights are not negative, and one is positive".into(),
        ));
    }
    let mut cumulative = 0.0;
    let components = components.into_iter().map(|c| {
        cumulative += c.weight / total;
        (cumulative, c.value)
    });
    Ok(Distribution(Family::Mixture(components.collect())))
}

impl<'de> Deserialize<'de> for Distribution {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct TextOrTable;
        impl<'de> Visitor<'de> for TextOrTable {
            type Value = Distribution;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(
                    "a duration such as \"20 ms\" or a distribution such as \
                     { lognormal = { p50 = \"20 ms\", p99 = \"120 ms\" } }",
                )
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Distribution, E> {
                parse_duration(text)
                    .map(Distribution::constant)
                    .map_err(E::custom)
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Distribution, A::Error> {
                let written = Written::deserialize(MapAccessDeserializer::new(map))?;
                Distribution::try_from(written).map_err(de::Error::custom)
            }
        }
        deserializer.deserialize_any(TextOrTable)
    }
}

impl JsonSchema for Distribution {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Distribution".into()
    }
    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let duration = generator.subschema_for::<Duration>();
        let table = generator.subschema_for::<Written>();
        schemars::json_schema!({
            "description": "a duration (a constant), or a distribution of durations",
            "anyOf": [duration, table]
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::StreamFamily;

    fn parse(text: &str) -> Result<Distribution, String> {
        #[derive(serde::Deserialize)]
        struct Holder {
            d: Distribution,
        }
        toml::from_str::<Holder>(&format!("d = {text}"))
            .map(|h| h.d)
            .map_err(|error| error.message().to_owned())
    }

    /// The sample mean of 2¹⁷ draws within 4 standard errors (from the sample variance) of the
    /// exact mean, and the sample quantiles where the definition puts them.
    #[test]
    fn samples_follow_the_definition() {
        let cases = [
            (
                r#"{ exponential = { mean = "2 ms" } }"#,
                2e-3,
                Some((0.5, 2e-3 * 2_f64.ln())),
            ),
            (
                r#"{ uniform = { min = "1 s", max = "3 s" } }"#,
                2.0,
                Some((0.25, 1.5)),
            ),
            (
                r#"{ lognormal = { p50 = "20 ms", p99 = "120 ms" } }"#,
                0.026_905_7,
                Some((0.99, 0.120)),
            ),
            (
                r#"{ lognormal = { mean = "1 s", stddev = "1 s" } }"#,
                1.0,
                Some((0.5, 0.5_f64.sqrt())),
            ),
            (
                r#"{ gamma = { mean = "10 us", stddev = "5 us" } }"#,
                10e-6,
                None,
            ),
            (
                r#"{ weibull = { scale = "1 s", shape = 2.0 } }"#,
                0.886_227,
                Some((0.5, 0.832_555)),
            ),
            (
                r#"{ pareto = { min = "1 s", shape = 3.0 } }"#,
                1.5,
                Some((0.875, 2.0)),
            ),
            (
                r#"{ empirical = { p0 = "0 s", p50 = "1 s", p99 = "2 s", p100 = "4 s" } }"#,
                0.25 + 0.49 * 1.5 + 0.01 * 3.0,
                Some((0.99, 2.0)),
            ),
            (
                r#"{ mixture = [{ weight = 99, value = "50 us" }, { weight = 1, value = "5 ms" }] }"#,
                99.5e-6,
                None,
            ),
        ];
        for (index, (text, mean, quantile)) in cases.into_iter().enumerate() {
            let distribution = parse(text).unwrap();
            let relative = (distribution.mean_secs() / mean - 1.0).abs();
            assert!(relative < 1e-4, "{text}: mean {}", distribution.mean_secs());
            let stream = StreamFamily::new(5, 0).stream("test", &index.to_string());
            let n = 1_u64 << 17;
            let mut samples: Vec<f64> = (0..n)
                .map(|i| distribution.sample(&mut stream.draw(i)).as_secs_f64())
                .collect();
            let average = samples.iter().sum::<f64>() / n as f64;
            let variance =
                samples.iter().map(|x| (x - average).powi(2)).sum::<f64>() / (n - 1) as f64;
            let error = 4.0 * (variance / n as f64).sqrt();
            assert!(
                (average - mean).abs() < error,
                "{text}: {average} is not {mean} ± {error}"
            );
            if let Some((p, value)) = quantile {
                samples.sort_by(f64::total_cmp);
                // The rank of the exact quantile, within 4 standard deviations of a binomial.
                let rank = samples.partition_point(|&x| x < value) as f64 / n as f64;
                let error = 4.0 * (p * (1.0 - p) / n as f64).sqrt() + 1e-9;
                assert!(
                    (rank - p).abs() < error,
                    "{text}: rank {rank} is not {p} ± {error}"
                );
            }
        }
    }

    #[test]
    fn wrong_distributions_say_what_is_wrong() {
        let error = |text| parse(text).unwrap_err();
        assert!(error(r#"{ lognormal = { p50 = "2 s" } }"#).contains("p50 and p99"));
        assert!(
            error(r#"{ exponential = { mean = "1 s" }, uniform = { min = "0 s", max = "1 s" } }"#)
                .contains("exactly one")
        );
        assert!(
            error(r#"{ empirical = { p10 = "1 s", p100 = "2 s" } }"#).contains("from p0 to p100")
        );
        assert!(
            error(r#"{ empirical = { p0 = "3 s", p100 = "2 s" } }"#).contains("do not decrease")
        );
        assert!(error(r#"{ normal = { mean = "1 s" } }"#).contains("unknown field `normal`"));
        assert!(error("5").contains("a duration such as"));
        assert!(error(r#""5""#).contains("has no unit"));
    }
}
