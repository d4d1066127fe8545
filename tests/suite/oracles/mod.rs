//! Engine and stations against exact answers of queueing theory.
//!
//! An estimate passes within 4 standard errors of the exact value. The standard error is derived
//! from the (asymptotic) variance where theory has one, otherwise from 32 independent replications
//! (s/√R). A standard error so large that the test could hardly fail is an error, too. Seeds are
//! fixed, so a test that passes once passes always.

mod chance;
mod fluid;
mod fluid_properties;
mod model;
mod networks;
mod properties;
mod queueing;
mod shaping;
mod tcp;

/// Standard errors between an estimate and the exact value that are put down to chance.
const TOLERANCE: f64 = 4.0;
/// The largest tolerated distance, as a share of the exact value.
const POWER: f64 = 0.25;

/// Holds `estimate`, of known standard error, to the exact value.
pub(crate) fn agrees(what: &str, estimate: f64, standard_error: f64, exact: f64) {
    let tolerated = TOLERANCE * standard_error;
    assert!(
        tolerated <= POWER * exact,
        "{what}: {exact} ± {tolerated} shows too little; the run is too short"
    );
    assert!(
        (estimate - exact).abs() <= tolerated,
        "{what}: {estimate} is not {exact} ± {tolerated}"
    );
}

/// Holds the mean of `estimates` from independent replications to the exact value.
pub(crate) fn agree(what: &str, estimates: &[f64], exact: f64) {
    let replications = estimates.len() as f64;
    let mean = estimates.iter().sum::<f64>() / replications;
    let squares: f64 = estimates.iter().map(|x| (x - mean).powi(2)).sum();
    let variance = squares / (replications - 1.0);
    agrees(what, mean, (variance / replications).sqrt(), exact);
}
