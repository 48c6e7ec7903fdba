//! Judging one metric of one benchmark: what it is, what was found of it, and, once the whole suite is known, its verdict.

mod doubt;

use perf_schema::metric::names;
use perf_schema::{Better, Corrected, Unit};

use super::estimate::{Estimate, Sessions, estimate};
use super::exact::{self, Constancy};
use super::judge::{effect, percent};
use super::limit::{self, Bracket};
use super::noise::{Noise, SessionNoise};
use super::overhead::corrected;
use super::rule::{DecisionRule, Policy};
use super::side::{Launch, Side, Values};
use super::steadiness::Drift;
use super::verdict::{Effect, MetricVerdict, Verdict};
use doubt::{is_near_floor, looks_changed, unsure};

/// A metric on its way to a verdict.
pub(super) struct MetricDraft {
    name: String,
    unit: Unit,
    better: Better,
    exact: bool,
    pub(super) finding: Result<Finding, NoFinding>,
    /// What the sides are below of, where they cannot be told from what measuring costs.
    below: (Option<f64>, Option<f64>),
    /// Why a difference would decide nothing, whatever the machine did.
    pub(super) caveat: Option<String>,
    /// How far the same code moved within its session.
    pub(super) drift: Option<Drift>,
    /// What else is to be said.
    remark: Option<String>,
}

/// What was found of a metric.
pub(super) enum Finding {
    Estimate(Estimate),
    /// The one value of each side.
    Exact(f64, f64),
    /// The bracket of each side.
    Limit(Bracket, Bracket),
}

/// Why there is nothing to judge.
pub(super) enum NoFinding {
    /// Measuring more would give something.
    TooLittle(String),
    /// Nothing would.
    Incomparable(String),
}

/// What was found of each metric that is judged.
pub(super) fn metrics(
    baseline: &Side,
    candidate: &Side,
    noise: &Noise,
    rule: &DecisionRule,
) -> Vec<MetricDraft> {
    if baseline.limit.is_some() || candidate.limit.is_some() {
        return vec![limit_draft(baseline, candidate)];
    }
    let sessions = baseline.session.zip(candidate.session);
    let (baseline, candidate) = &corrected(baseline, candidate);
    let mut drafts = Vec::new();
    for (name, old) in &baseline.metrics {
        let policy = rule.policy(name, &old.meaning);
        if policy == Policy::Context {
            continue;
        }
        let both = both(name, old, candidate).and_then(|new| match policy {
            Policy::Noisy { whole: true, .. } => same_batch(baseline, candidate).map(|()| new),
            _ => Ok(new),
        });
        let remark = both.as_ref().ok().and_then(|new| differs(policy, old, new));
        drafts.push(MetricDraft {
            name: name.clone(),
            unit: old.meaning.unit.clone(),
            better: old.meaning.better,
            exact: old.meaning.exact,
            below: (
                old.below,
                candidate.metrics.get(name).and_then(|new| new.below),
            ),
            finding: both.and_then(|new| {
                let session = noise.get(name).copied();
                let session = session.unwrap_or_else(|| SessionNoise::assumed(rule));
                find(old, new, policy, sessions, session, rule)
            }),
            caveat: None,
            drift: None,
            remark,
        });
    }
    // Wall time first: it is what a person waits for.
    drafts.sort_by_key(|draft| draft.name != "wall");
    drafts
}

/// A limit has one metric, which is judged by its bracket.
fn limit_draft(baseline: &Side, candidate: &Side) -> MetricDraft {
    let bracket = |side: &Side, when: &str| {
        let none = || Err("it was no limit".to_owned());
        let found = side.limit.clone().unwrap_or_else(none);
        found.map_err(|why| NoFinding::Incomparable(format!("{when}: {why}")))
    };
    let finding = bracket(baseline, "then").and_then(|old| {
        let new = bracket(candidate, "now")?;
        Ok(Finding::Limit(old, new))
    });
    MetricDraft {
        name: names::LIMIT.to_owned(),
        unit: Unit::COUNT,
        better: limit::BETTER,
        // A bracket is an estimate, however narrow.
        exact: false,
        finding,
        below: (None, None),
        caveat: None,
        remark: None,
        drift: None,
    }
}

/// The candidate's values of a metric that the baseline has, if the two can be compared.
fn both<'a>(name: &str, old: &Values, candidate: &'a Side) -> Result<&'a Values, NoFinding> {
    let Some(new) = candidate.metrics.get(name) else {
        let why = match candidate.absent.get(name) {
            Some(reason) => format!("it was not measured this time: {reason}"),
            None => "it was not measured this time".to_owned(),
        };
        return Err(NoFinding::Incomparable(why));
    };
    if old.meaning == new.meaning {
        Ok(new)
    } else {
        let why = "its unit, its direction or whether it is exact is not what it was";
        Err(NoFinding::Incomparable(why.to_owned()))
    }
}

fn same_batch(baseline: &Side, candidate: &Side) -> Result<(), NoFinding> {
    let why = match (baseline.batch, candidate.batch) {
        (Some(old), Some(new)) if old == new => return Ok(()),
        (Some(old), Some(new)) => format!(
            "it is of the whole process, in which the inputs and outputs of a batch are alive together, and that had {old} \
             iterations then and has {new} now"
        ),
        _ => "it is of the whole process, and the batches were not of one size".to_owned(),
    };
    Err(NoFinding::Incomparable(why))
}

fn find(
    old: &Values,
    new: &Values,
    policy: Policy,
    sessions: Sessions,
    session: SessionNoise,
    rule: &DecisionRule,
) -> Result<Finding, NoFinding> {
    let estimated = match policy {
        Policy::Noisy { floor, gauged, .. } => {
            estimate(old, new, sessions.filter(|_| gauged), session, floor, rule)
        }
        Policy::Exact | Policy::Context => match (constancy(old), constancy(new)) {
            (Constancy::Always(old), Constancy::Always(new)) => {
                return Ok(Finding::Exact(old, new));
            }
            (Constancy::Unproven, _) | (_, Constancy::Unproven) => {
                Err("one launch does not show that it is the same each time".to_owned())
            }
            // Not exact after all, and judged like what never was. A count's mean says more than its median.
            _ => {
                let session = SessionNoise::assumed(rule);
                estimate(&means(old), &means(new), None, session, rule.floor, rule)
            }
        },
    };
    estimated
        .map(Finding::Estimate)
        .map_err(NoFinding::TooLittle)
}

fn constancy(values: &Values) -> Constancy {
    Constancy::of(
        values
            .launches
            .iter()
            .map(|launch| launch.samples.as_slice()),
    )
}

/// What is to be said of a metric that should be the same each time and is not.
fn differs(policy: Policy, old: &Values, new: &Values) -> Option<String> {
    let range = [("then", constancy(old)), ("now", constancy(new))]
        .into_iter()
        .find_map(|(when, constancy)| match constancy {
            Constancy::Differs { least, most } => Some(format!("{least} to {most} {when}")),
            Constancy::Always(_) | Constancy::Unproven => None,
        })?;
    (policy == Policy::Exact).then(|| format!("it is not the same each time ({range})"))
}

/// Each launch reduced to the mean of its values.
fn means(values: &Values) -> Values {
    let launch = |launch: &Launch| Launch {
        samples: vec![launch.samples.iter().sum::<f64>() / launch.samples.len() as f64],
        gauge_ns: launch.gauge_ns,
    };
    Values {
        meaning: values.meaning.clone(),
        launches: values.launches.iter().map(launch).collect(),
        below: values.below,
    }
}

/// What is said of a metric.
struct Said {
    verdict: Verdict,
    reason: String,
    centres: Option<(f64, f64)>,
    effect: Option<Effect>,
    suspected: bool,
}

impl Said {
    const fn nothing(verdict: Verdict, reason: String) -> Self {
        Self {
            verdict,
            reason,
            centres: None,
            effect: None,
            suspected: false,
        }
    }
}

impl MetricDraft {
    pub(super) fn conclude(self, rule: &DecisionRule, questions: usize) -> MetricVerdict {
        let mut said = match &self.finding {
            Err(NoFinding::Incomparable(why)) => Said::nothing(Verdict::Incomparable, why.clone()),
            Err(NoFinding::TooLittle(why)) => Said::nothing(Verdict::CannotTell, why.clone()),
            Ok(Finding::Exact(old, new)) => self.exactly(*old, *new),
            Ok(Finding::Limit(old, new)) => self.limited(old, new),
            Ok(Finding::Estimate(estimate)) => self.estimated(estimate, rule, questions),
        };
        if let Some(remark) = &self.remark {
            said.reason = format!("{remark}: {}", said.reason);
        }
        MetricVerdict {
            suspected: said.suspected,
            baseline: said.centres.map(|(centre, _)| amount(centre, self.below.0)),
            candidate: said.centres.map(|(_, centre)| amount(centre, self.below.1)),
            metric: self.name,
            unit: self.unit,
            better: self.better,
            exact: self.exact,
            effect: said.effect,
            verdict: said.verdict,
            reason: said.reason,
            sessions: match &self.finding {
                Ok(Finding::Estimate(estimate)) => Some(estimate.session),
                Ok(Finding::Exact(..) | Finding::Limit(..)) | Err(_) => None,
            },
        }
    }

    fn exactly(&self, baseline: f64, candidate: f64) -> Said {
        let (verdict, reason, effect) = exact::judge(baseline, candidate, self.better);
        let (verdict, reason) = match &self.caveat {
            Some(caveat) if verdict != Verdict::Unchanged => (Verdict::CannotTell, caveat.clone()),
            _ => (verdict, reason),
        };
        Said {
            verdict,
            reason,
            centres: Some((baseline, candidate)),
            effect,
            suspected: false,
        }
    }

    fn limited(&self, old: &Bracket, new: &Bracket) -> Said {
        let limit::Answer {
            verdict,
            reason,
            effect,
        } = limit::judge(old, new);
        let (verdict, reason) = match &self.caveat {
            Some(caveat) if verdict != Verdict::Unchanged => (Verdict::CannotTell, caveat.clone()),
            _ => (verdict, reason),
        };
        Said {
            verdict,
            reason,
            centres: Some((old.shown(), new.shown())),
            effect,
            suspected: false,
        }
    }

    fn estimated(&self, estimate: &Estimate, rule: &DecisionRule, questions: usize) -> Said {
        let effect = effect(&estimate.screened, self.better);
        let (verdict, reason) = match &effect {
            None => (
                Verdict::CannotTell,
                "the change is past all measure".to_owned(),
            ),
            Some(effect) => self.judge(estimate, effect, rule, questions),
        };
        let trusted = self.caveat.is_none() && estimate.doubt.is_none();
        let looks_worse = |effect: &Effect| {
            looks_changed(effect, estimate.floor) && effect.p_worse < effect.p_better
        };
        Said {
            suspected: verdict == Verdict::CannotTell
                && trusted
                && effect.as_ref().is_some_and(looks_worse),
            verdict,
            reason,
            centres: Some((estimate.baseline, estimate.candidate)),
            effect,
        }
    }

    /// Why a change of a time is not believed that the session might have made by itself.
    fn drifted(&self, effect: &Effect) -> Option<&String> {
        let drift = self
            .drift
            .as_ref()
            .filter(|_| self.unit == Unit::NANOSECONDS)?;
        let (low, high) = (effect.low.get().ln(), effect.high.get().ln());
        let nearest = low.abs().min(high.abs());
        let is_clear = (low > 0.0) == (high > 0.0) && nearest > drift.log;
        (!is_clear).then_some(&drift.said)
    }

    fn judge(
        &self,
        estimate: &Estimate,
        effect: &Effect,
        rule: &DecisionRule,
        questions: usize,
    ) -> (Verdict, String) {
        let alpha = 1.0 - rule.confidence.level();
        let below_floor = (estimate.candidate - estimate.baseline).abs() < estimate.floor.absolute;
        let explicable =
            effect.low.get() < rule.beyond_machine && effect.high.get() > 1.0 / rule.beyond_machine;
        let machine = estimate.doubt.as_ref().filter(|_| explicable);
        let doubt = self
            .caveat
            .as_ref()
            .or(machine)
            .or_else(|| self.drifted(effect));
        let changed = match () {
            () if below_floor => None,
            () if effect.p_worse < alpha => Some((Verdict::Regressed, "worse")),
            () if effect.p_better < alpha => Some((Verdict::Improved, "better")),
            () => None,
        };
        if let Some((verdict, word)) = changed {
            return match doubt {
                Some(doubt) => (Verdict::CannotTell, doubt.clone()),
                None => (
                    verdict,
                    format!(
                        "{word} by more than {} %, beyond what sessions differ by",
                        percent(estimate.floor.relative)
                    ),
                ),
            };
        }
        if estimate.screened.p_within_margin < alpha {
            return (
                Verdict::Unchanged,
                format!("no change beyond {} %", percent(rule.margin)),
            );
        }
        if below_floor && is_near_floor(effect, estimate) {
            let unit = self.unit.as_str();
            return (
                Verdict::Unchanged,
                format!(
                    "a change of less than {} {unit} is not spoken of",
                    estimate.floor.absolute
                ),
            );
        }
        let reason = match doubt {
            Some(doubt) => doubt.clone(),
            None => unsure(effect, estimate, rule, questions),
        };
        (Verdict::CannotTell, reason)
    }
}

/// The centre of a side, or what it is below of.
pub(super) fn amount(centre: f64, below: Option<f64>) -> Corrected {
    below.map_or(Corrected::About(centre), Corrected::Below)
}
