//! How what many at once get done grows with their number: the Universal Scalability Law, fitted to the levels of a limit of users, and
//! to the numbers of threads of a benchmark.
//!
//! The fit is `perf_stats::scaling`'s; this module says which levels count, and when they carry no answer.

mod threads;
mod users;

use perf_stats::{Confidence, Scaling, ScalingError, scaling};

#[cfg(test)]
pub(crate) use threads::tests::cases as threads_cases;
pub use threads::{Threaded, is_of_threads};
#[cfg(test)]
pub(crate) use users::tests;
pub use users::{scaled, throughputs};

/// The level of every answer.
const CONFIDENCE: Confidence = Confidence::P95;

/// Below this probability the levels are taken not to follow the law.
const MISFIT: f64 = 0.05;

/// An interval of the share that only one can do at a time that is wider than this is no answer.
const WIDEST: f64 = 0.5;

/// The law of levels in rising order, each with what was got done in a second by its repeats; or why it cannot be told.
fn fit(levels: impl IntoIterator<Item = (u64, Vec<f64>)>) -> Result<Scaling, String> {
    let mut workers = Vec::new();
    let mut done = Vec::new();
    for (n, repeats) in levels {
        // Where nothing succeeds there is no throughput to speak of.
        if let (Ok(n), true) = (u32::try_from(n), repeats.iter().all(|&done| done > 0.0)) {
            workers.push(n);
            done.push(repeats);
        }
    }
    let scaling = scaling(&workers, &done, CONFIDENCE).map_err(|error| match error {
        ScalingError::TooFewLevels { needed, found } => {
            format!("it takes {needed} levels with successes, and there are {found}")
        }
        other => other.to_string(),
    })?;
    if let Some(p) = scaling.p_of_fit.filter(|&p| p < MISFIT) {
        return Err(format!(
            "the levels do not follow the Universal Scalability Law (p = {p:.3})"
        ));
    }
    if scaling.sigma.high - scaling.sigma.low > WIDEST {
        return Err(format!(
            "the levels allow any contention from {:.0} to {:.0} %",
            scaling.sigma.low * 100.0,
            scaling.sigma.high * 100.0
        ));
    }
    Ok(scaling)
}
