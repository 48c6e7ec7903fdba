//! What the author of a change claims of it, held against what was found.

use std::fmt;

use perf_schema::metric::names;
use perf_schema::{BenchId, Better, ExitCode, Ratio};

use super::excuse::round;
use super::rules::{MetricKind, Selector};
use super::severity::{Worsening, is_beyond, worsening};
use super::verdict::{Comparison, Judged, MetricVerdict, Verdict};

/// A claim of some benchmarks' time, or of the first metric of those that have none.
#[derive(Clone, Debug, PartialEq)]
pub struct Expectation {
    /// Which benchmarks; all that are compared, if none is named.
    pub select: Option<Selector>,
    /// What is claimed.
    pub claim: Claim,
}

/// What is claimed of a change.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Claim {
    /// Better by this much at least.
    Faster(f64),
    /// Worse, by this much at most.
    Slower(f64),
    /// Neither.
    Unchanged,
}

/// How a claim came out for one benchmark.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// Which benchmark.
    pub benchmark: BenchId,
    /// What was claimed of it.
    pub claim: Claim,
    /// How it came out.
    pub standing: Met,
}

/// How a claim came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Met {
    /// It holds.
    Yes,
    /// It does not.
    No,
    /// It cannot be told.
    Open,
}

impl Met {
    /// The words for it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Yes => "met",
            Self::No => "not met",
            Self::Open => "cannot tell",
        }
    }
}

impl Met {
    /// Whether it stands against the change. `decision`: what cannot be told does, too.
    #[must_use]
    pub fn fails(self, decision: bool) -> bool {
        self == Self::No || decision && self == Self::Open
    }
}

impl fmt::Display for Claim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Faster(by) => write!(f, "faster:{}%", round(100.0 * by)),
            Self::Slower(by) => write!(f, "slower:{}%", round(100.0 * by)),
            Self::Unchanged => f.write_str("unchanged"),
        }
    }
}

impl fmt::Display for Expectation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.select {
            Some(select) => write!(f, "{select}={}", self.claim),
            None => self.claim.fmt(f),
        }
    }
}

impl std::str::FromStr for Expectation {
    type Err = String;

    /// `faster:10%`, `slower:5%` or `unchanged`, after `BENCH=` for some benchmarks only. The last `=` counts: names of
    /// benchmarks may hold others.
    fn from_str(text: &str) -> Result<Self, String> {
        let (select, claim) = match text.rsplit_once('=') {
            Some((select, claim)) => (Some(select), claim),
            None => (None, text),
        };
        let claim = claim_of(claim).ok_or_else(|| {
            "write it as faster:10%, slower:5% or unchanged, or as BENCH=faster:10% for some benchmarks only"
                .to_owned()
        })?;
        let select = select.map(Selector::new).transpose()?;
        Ok(Self { select, claim })
    }
}

fn claim_of(text: &str) -> Option<Claim> {
    if text == "unchanged" {
        return Some(Claim::Unchanged);
    }
    let (word, by) = text.split_once(':')?;
    let by = super::rules::percent(by).ok()?;
    match word {
        "faster" if by < 1.0 => Some(Claim::Faster(by)),
        "slower" => Some(Claim::Slower(by)),
        _ => None,
    }
}

impl Expectation {
    /// Whether it is of this benchmark.
    #[must_use]
    pub fn is_of(&self, id: &BenchId) -> bool {
        self.select.as_ref().is_none_or(|select| select.takes(id))
    }
}

/// How the claims came out, for each benchmark they are of. Where two are of one benchmark, each is held against it.
#[must_use]
pub fn outcomes(comparison: &Comparison, expectations: &[Expectation]) -> Vec<Outcome> {
    let of_all = expectations.iter().flat_map(|expected| {
        let judged = comparison.benchmarks.iter();
        judged
            .filter(|judged| expected.is_of(&judged.id))
            .map(|judged| Outcome {
                benchmark: judged.id.clone(),
                claim: expected.claim,
                standing: standing(expected.claim, judged),
            })
    });
    of_all.collect()
}

/// The claims of these benchmarks where there is nothing to hold them against.
pub fn unanswered<'a>(
    ids: impl Iterator<Item = &'a BenchId>,
    expectations: &[Expectation],
) -> Vec<Outcome> {
    let of = |id: &BenchId| {
        let claims = expectations.iter().filter(|expected| expected.is_of(id));
        let open = claims.map(|expected| Outcome {
            benchmark: id.clone(),
            claim: expected.claim,
            standing: Met::Open,
        });
        open.collect::<Vec<_>>()
    };
    ids.flat_map(of).collect()
}

/// The exit code with what was claimed, where it would be `otherwise` without.
#[must_use]
pub fn exit_code(outcomes: &[Outcome], decision: bool, otherwise: ExitCode) -> ExitCode {
    let any = |met| outcomes.iter().any(|outcome| outcome.standing == met);
    match otherwise {
        ExitCode::Benchmark | ExitCode::Regression => otherwise,
        _ if any(Met::No) => ExitCode::Regression,
        ExitCode::Fine if decision && any(Met::Open) => ExitCode::Undecided,
        _ => otherwise,
    }
}

impl Comparison {
    /// Lets pass what was expected to become slower, up to where that was said.
    pub fn expect(&mut self, expectations: &[Expectation]) {
        let claims: Vec<(BenchId, usize, f64)> = self
            .benchmarks
            .iter()
            .filter_map(|judged| {
                let speaks = speaker(judged)?;
                let most = expectations
                    .iter()
                    .filter(|expected| expected.is_of(&judged.id));
                let most = most.filter_map(|expected| match expected.claim {
                    Claim::Slower(by) => Some(by),
                    Claim::Faster(_) | Claim::Unchanged => None,
                });
                Some((judged.id.clone(), speaks, most.reduce(f64::min)?))
            })
            .collect();
        for (id, speaks, most) in claims {
            let Some(judged) = self.benchmarks.iter_mut().find(|judged| judged.id == id) else {
                continue;
            };
            // What takes longer on the wall clock takes more processor time, too.
            let metric = judged.metrics[speaks].metric.clone();
            let is_meant = |found: &MetricVerdict| {
                let kind = MetricKind::of(&found.metric, &found.unit, found.better);
                found.metric == metric || metric == names::WALL && kind == MetricKind::Time
            };
            judged.excuse(|found| {
                (is_meant(found) && is_within(found, most))
                    .then(|| format!("expected: {}", Claim::Slower(most)))
            });
        }
    }
}

fn is_within(metric: &MetricVerdict, most: f64) -> bool {
    let surely = Worsening::of(metric.effect.as_ref(), metric.better).surely;
    !is_beyond(surely, most)
}

/// The metric a claim is of.
fn speaker(judged: &Judged) -> Option<usize> {
    let wall = judged
        .metrics
        .iter()
        .position(|metric| metric.metric == names::WALL);
    wall.or((!judged.metrics.is_empty()).then_some(0))
}

fn standing(claim: Claim, judged: &Judged) -> Met {
    let Some(metric) = speaker(judged).map(|at| &judged.metrics[at]) else {
        // The same program, which was not measured, is the same.
        return match (judged.verdict, claim) {
            (Verdict::Unchanged | Verdict::Layout, Claim::Faster(_)) => Met::No,
            (Verdict::Unchanged | Verdict::Layout, Claim::Slower(_) | Claim::Unchanged) => Met::Yes,
            _ => Met::Open,
        };
    };
    match claim {
        Claim::Faster(by) => faster(metric, by),
        Claim::Slower(by) => slower(metric, by),
        Claim::Unchanged => match metric.verdict {
            Verdict::Unchanged | Verdict::Layout => Met::Yes,
            Verdict::Regressed | Verdict::Improved | Verdict::Tolerated => Met::No,
            _ => Met::Open,
        },
    }
}

/// It holds when it surely became better, and by as much as was said for all that is known. It does not when less is sure.
fn faster(metric: &MetricVerdict, by: f64) -> Met {
    let Some(effect) = &metric.effect else {
        return match metric.verdict {
            Verdict::Improved => Met::Yes,
            Verdict::Regressed | Verdict::Tolerated | Verdict::Unchanged | Verdict::Layout => {
                Met::No
            }
            _ => Met::Open,
        };
    };
    let best = gain(
        match metric.better {
            Better::Higher => effect.high,
            Better::Lower | Better::Neither => effect.low,
        },
        metric.better,
    );
    match metric.verdict {
        Verdict::Regressed | Verdict::Tolerated | Verdict::Layout => Met::No,
        Verdict::Improved | Verdict::Unchanged | Verdict::CannotTell if is_beyond(by, best) => {
            Met::No
        }
        Verdict::Improved => Met::Yes,
        _ => Met::Open,
    }
}

fn slower(metric: &MetricVerdict, by: f64) -> Met {
    match metric.verdict {
        Verdict::Improved | Verdict::Unchanged | Verdict::Layout => Met::Yes,
        Verdict::Regressed | Verdict::Tolerated if is_within(metric, by) => Met::Yes,
        Verdict::Regressed | Verdict::Tolerated => Met::No,
        _ => Met::Open,
    }
}

/// A ratio as a relative change for the better.
fn gain(ratio: Ratio, better: Better) -> f64 {
    -worsening(ratio, better)
}

#[cfg(test)]
mod tests;
