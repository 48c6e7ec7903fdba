//! How what many at once get done grows with their number, in words and for programs: of users of a limit and of threads alike.

use perf_schema::Unit;
use perf_stats::{Estimate, Scaling};
use serde::Serialize;

use super::quantity::quantity;

/// How it scales, or why that cannot be told. `who`: what there are more and more of.
pub(super) fn remark(scaled: &Result<Scaling, String>, who: &str) -> String {
    match scaled {
        Ok(scaling) => in_words(scaling, who),
        Err(reason) => format!("scaling: cannot tell; {reason}"),
    }
}

fn in_words(scaling: &Scaling, who: &str) -> String {
    let share = |of: &Estimate| {
        let [value, low, high] = [of.value, of.low, of.high].map(|share| share * 100.0);
        format!("{value:.2} % ({low:.2}…{high:.2})")
    };
    let best = match &scaling.best_level {
        Some(best) => format!(
            "best at {:.0} {who} ({:.0}…{:.0})",
            best.value, best.low, best.high
        ),
        None => "no level seen from which throughput falls".to_owned(),
    };
    format!(
        "scaling: contention {}, coherence {}; {best}, 90 % of the most from {} on",
        share(&scaling.sigma),
        share(&scaling.kappa),
        scaling.knee
    )
}

/// How it scales, for programs.
#[derive(Serialize)]
pub(super) struct ScalingFigures {
    sigma: Option<Interval>,
    kappa: Option<Interval>,
    best_level: Option<Interval>,
    knee: Option<u32>,
    p_of_fit: Option<f64>,
    /// Why it cannot be told, where it cannot.
    reason: Option<String>,
}

#[derive(Serialize)]
struct Interval {
    value: f64,
    low: f64,
    high: f64,
    confidence: f64,
}

/// The same as figures.
pub(super) fn figures(scaled: &Result<Scaling, String>) -> ScalingFigures {
    let interval = |of: &Estimate| Interval {
        value: of.value,
        low: of.low,
        high: of.high,
        confidence: of.confidence.level(),
    };
    let known = scaled.as_ref().ok();
    ScalingFigures {
        sigma: known.map(|scaling| interval(&scaling.sigma)),
        kappa: known.map(|scaling| interval(&scaling.kappa)),
        best_level: known.and_then(|scaling| scaling.best_level.as_ref().map(interval)),
        knee: known.map(|scaling| scaling.knee),
        p_of_fit: known.and_then(|scaling| scaling.p_of_fit),
        reason: scaled.as_ref().err().cloned(),
    }
}

/// Operations per second.
pub(super) fn rate(per_second: f64) -> String {
    format!("{}/s", quantity(per_second, &Unit::COUNT))
}

/// A share in per cent, with a digit behind the point below ten.
pub(super) fn percent(share: f64) -> String {
    match share * 100.0 {
        percent if percent > 0.0 && percent < 9.95 => format!("{percent:.1} %"),
        percent => format!("{percent:.0} %"),
    }
}
