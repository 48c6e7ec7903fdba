//! Estimating the change of one metric: which launches count, what their ratio is, and whether the machine can be
//! trusted to have been the same.

use perf_stats::{LogShift, Screened, choose_summary, median, ratio, screen};

use super::noise::SessionNoise;
use super::rule::{DecisionRule, Floor};
use super::side::{Session, Values};

/// What can be said of one metric before the rest of the suite is looked at.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Estimate {
    /// Centre of the baseline's launches that count.
    pub(super) baseline: f64,
    /// Centre of the candidate's launches that count.
    pub(super) candidate: f64,
    /// The logarithm of their ratio, by the launches alone.
    pub(super) shift: LogShift,
    /// Their ratio, and how well it is known.
    pub(super) screened: Screened,
    /// Launches that counted, on the side that has fewer.
    pub(super) launches: usize,
    /// What sessions differ by.
    pub(super) session: SessionNoise,
    /// The change that is not spoken of.
    pub(super) floor: Floor,
    /// Why a difference would not be believed.
    pub(super) doubt: Option<String>,
}

/// The sessions of both sides, where both have a gauge.
pub(super) type Sessions = Option<(Session, Session)>;

/// Estimates the ratio of two sides. `sessions` is `None` for a metric that does not depend on how fast the machine is.
///
/// Launches while the machine was busy are left out where enough others remain. The gauge that tells is not the code that
/// is judged, so leaving out by it favours neither side. Where too few remain all are taken, and in doubt.
///
/// # Errors
/// With the reason in words, when there is too little to estimate from.
pub(super) fn estimate(
    old: &Values,
    new: &Values,
    sessions: Sessions,
    session: SessionNoise,
    floor: Floor,
    rule: &DecisionRule,
) -> Result<Estimate, String> {
    let limit_ns = sessions.map_or(f64::INFINITY, |(old, new)| {
        old.floor_ns.min(new.floor_ns) * rule.quiet
    });
    let mut launches = (old.quiet(limit_ns), new.quiet(limit_ns));
    let mut doubt = None;
    if launches.0.len().min(launches.1.len()) < rule.quiet_launches {
        doubt = sessions.map(|sessions| busy(sessions, (launches.0.len(), launches.1.len()), rule));
        launches = (old.quiet(f64::INFINITY), new.quiet(f64::INFINITY));
    }
    let chosen = choose_summary(&launches.0, &launches.1).map_err(|error| error.to_string())?;
    let centre = |values: &[f64]| median(values).map_err(|error| error.to_string());
    let ratio = ratio(&chosen.baseline, &chosen.candidate, rule.confidence)
        .map_err(|error| error.to_string())?;
    let shift = ratio.log_shift();
    let screened = screen(&shift, &session.spread, &rule.as_screen_rule(floor))
        .map_err(|error| error.to_string())?;
    Ok(Estimate {
        baseline: centre(&chosen.baseline)?,
        candidate: centre(&chosen.candidate)?,
        shift,
        screened,
        launches: chosen.baseline.len().min(chosen.candidate.len()),
        session,
        floor,
        doubt,
    })
}

/// Why the machine was not the same on both sides, when only `quiet` launches of each were quiet.
fn busy((old, new): (Session, Session), quiet: (usize, usize), rule: &DecisionRule) -> String {
    let apart = new.floor_ns / old.floor_ns;
    if apart.max(1.0 / apart) > rule.quiet {
        // How far apart the quietest moments are decides; what the sessions were like for the most part is told.
        let typical = new.typical_ns / old.typical_ns;
        let told = if (typical > 1.0) == (apart > 1.0) {
            typical.max(1.0 / typical)
        } else {
            apart.max(1.0 / apart)
        };
        let percent = (told - 1.0) * 100.0;
        let which = if apart > 1.0 { "slower" } else { "faster" };
        return format!(
            "the machine itself was {percent:.0} % {which} than when the baseline was measured (a fixed piece of \
             arithmetic says so); measure again when it is as it was"
        );
    }
    let (count, which) = if quiet.1 < quiet.0 {
        (quiet.1, "now; measure again when it is quieter")
    } else {
        (
            quiet.0,
            "when the baseline was measured; measure that again when it is quieter",
        )
    };
    format!("the machine was busy with something else during all but {count} launches {which}")
}
