//! Accepted regressions: up to a point that somebody agreed to, a change for the worse is let pass.
//!
//! An accepted point is for the step from one level to another, once. When the baseline has taken the step, it says
//! nothing any more: the same step again is another regression.

use perf_schema::{Accept, BenchId, Better, Ratio, Unit};

use super::excuse::is_better;
use super::severity::{Worsening, is_beyond, worsening};
use super::verdict::{Comparison, MetricVerdict, Verdict};

/// How much slower or faster a machine may be than when the point was written, before that is taken for a part of the step.
const SESSIONS: f64 = 0.05;

/// An accepted point and why it did not let a regression pass.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Passed {
    /// The benchmark and the metric that regressed in spite of it.
    pub benchmark: BenchId,
    /// The metric.
    pub metric: String,
    /// Why, as the rest of a sentence about the accepted point.
    pub why: String,
}

impl Comparison {
    /// Lets pass what lies within accepted points. `class` is the machine's: times of another are not comparable. `today` is
    /// `YYYY-MM-DD`. Returns the points that did not do, with the reason.
    pub fn accept(&mut self, accepts: &[Accept], class: &str, today: &str) -> Vec<Passed> {
        let mut passed = Vec::new();
        for judged in &self.benchmarks {
            for metric in &judged.metrics {
                if metric.verdict != Verdict::Regressed {
                    continue;
                }
                let of_it: Vec<&Accept> = accepts
                    .iter()
                    .filter(|accept| accept.is_of(&judged.id, &metric.metric))
                    .collect();
                let found = of_it
                    .iter()
                    .map(|accept| holds(accept, metric, class, today));
                let found: Vec<Result<(), String>> = found.collect();
                if found.iter().any(Result::is_ok) {
                    continue;
                }
                passed.extend(found.into_iter().filter_map(Result::err).map(|why| Passed {
                    benchmark: judged.id.clone(),
                    metric: metric.metric.clone(),
                    why,
                }));
            }
        }
        self.excuse(|id, metric| {
            let mut of_it = accepts.iter().filter(|a| a.is_of(id, &metric.metric));
            let accept = of_it.find(|accept| holds(accept, metric, class, today).is_ok())?;
            Some(format!("accepted: {}", accept.reason))
        });
        passed
    }
}

/// Whether an accepted point lets this change pass on a machine of this class.
#[must_use]
pub fn lets_pass(accept: &Accept, metric: &MetricVerdict, class: &str, today: &str) -> bool {
    holds(accept, metric, class, today).is_ok()
}

/// A change of a metric that an accepted point may be of.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stepped<'a> {
    /// What is counted.
    pub unit: &'a Unit,
    /// Which direction is good.
    pub better: Better,
    /// The level before, and the one after, where both are known.
    pub levels: Option<(f64, f64)>,
    /// How much worse it surely is, relative; absent for what is the same each time, and where a level is zero.
    pub surely: Option<f64>,
}

impl Stepped<'_> {
    /// The least that a ratio of levels can be, for the worse, when each was seen in a session of its own.
    #[must_use]
    pub fn surely_beyond_sessions(ratio: Ratio, better: Better) -> f64 {
        let ratio = ratio.get();
        match better {
            Better::Higher => 1.0 - ratio * (1.0 + SESSIONS),
            Better::Lower | Better::Neither => ratio / (1.0 + SESSIONS) - 1.0,
        }
    }
}

/// Whether an accepted point is of a step that was seen on a machine of this class, and of all of it. A step that began well before the
/// level that somebody knew is another one: the line reaches back further than what was agreed to.
#[must_use]
pub fn is_of_step(accept: &Accept, step: &Stepped<'_>, class: &str, today: &str) -> bool {
    let from = match step.better {
        Better::Higher => accept.from.get() * (1.0 + SESSIONS),
        Better::Lower | Better::Neither => accept.from.get() / (1.0 + SESSIONS),
    };
    let begins_there = step
        .levels
        .is_some_and(|(level, _)| !is_better(level, from, step.better));
    begins_there && held(accept, step, class, today).is_ok()
}

/// Why an accepted point does not let this change pass, if it does not.
fn holds(accept: &Accept, metric: &MetricVerdict, class: &str, today: &str) -> Result<(), String> {
    let level = |side: Option<perf_schema::Corrected>| side.map(perf_schema::Corrected::number);
    let better = metric.better;
    let noisy = metric.effect.filter(|effect| !effect.is_exact());
    let surely = noisy.map(|effect| Worsening::of(Some(&effect), better).surely);
    let step = Stepped {
        unit: &metric.unit,
        better,
        levels: level(metric.baseline).zip(level(metric.candidate)),
        surely,
    };
    held(accept, &step, class, today)
}

fn held(accept: &Accept, step: &Stepped<'_>, class: &str, today: &str) -> Result<(), String> {
    let exact = step.surely.is_none();
    if accept.is_expired(today) {
        let until = accept.expires.as_deref().unwrap_or_default();
        return Err(format!("expired on {until}"));
    }
    if accept.unit != *step.unit || accept.better != step.better {
        return Err("is of a metric of another unit or direction".to_owned());
    }
    if !exact && accept.class.as_deref() != Some(class) {
        return Err("is of another kind of machine".to_owned());
    }
    let (from, to, better) = (accept.from.get(), accept.to.get(), step.better);
    let Some((baseline, candidate)) = step.levels else {
        return Err("cannot be held against a change without values".to_owned());
    };
    if !is_better(baseline, from.midpoint(to), better) {
        return Err(
            "is used up: the baseline is at the accepted level already, so this is another change"
                .to_owned(),
        );
    }
    let within = match (step.surely, accept.ratio()) {
        (Some(surely), Some(ratio)) => {
            if is_beyond(surely, worsening(ratio, better)) {
                false
            } else if is_beyond(surely, left(to, baseline, better)) {
                return Err(
                    "is used up in part: the baseline has taken some of the step, and this goes beyond the accepted level"
                        .to_owned(),
                );
            } else {
                true
            }
        }
        // A count is what it is, but for the last binary digit of a mean.
        _ => !is_better(to, candidate, better) || (candidate - to).abs() <= 1e-9 * to.abs(),
    };
    if within {
        Ok(())
    } else {
        Err("is of a smaller change than this one".to_owned())
    }
}

/// How much worse than the baseline the accepted level is, on a machine that may be a little slower now than it was then. By
/// the step's ratio alone it could be taken twice: half of it, and from there the whole.
fn left(to: f64, baseline: f64, better: Better) -> f64 {
    match better {
        Better::Higher => 1.0 - to / (1.0 + SESSIONS) / baseline,
        Better::Lower | Better::Neither => to * (1.0 + SESSIONS) / baseline - 1.0,
    }
}

#[cfg(test)]
mod tests {
    use super::super::verdict::{Effect, Judged};
    use super::*;
    use perf_schema::{Amount, Corrected, Ratio, Unit};

    fn accept() -> Accept {
        Accept {
            schema: perf_schema::ACCEPT_VERSION,
            benchmark: BenchId::new("p", "t", "f").unwrap(),
            metric: "wall".to_owned(),
            unit: Unit::NANOSECONDS,
            better: Better::Lower,
            class: Some("k3v9".to_owned()),
            from: Amount::new(100.0).unwrap(),
            to: Amount::new(110.0).unwrap(),
            reason: "it checks its input now".to_owned(),
            who: None,
            expires: Some("2026-06-30".to_owned()),
        }
    }

    fn regressed(baseline: f64, [low, ratio, high]: [f64; 3], exact: bool) -> Comparison {
        let of = |value| Ratio::new(value).unwrap();
        Comparison {
            benchmarks: vec![Judged {
                id: BenchId::new("p", "t", "f").unwrap(),
                metrics: vec![MetricVerdict {
                    metric: "wall".to_owned(),
                    unit: Unit::NANOSECONDS,
                    better: Better::Lower,
                    exact,
                    baseline: Some(Corrected::About(baseline)),
                    candidate: Some(Corrected::About(baseline * ratio)),
                    effect: Some(Effect {
                        ratio: of(ratio),
                        low: of(low),
                        high: of(high),
                        confidence: if exact { 1.0 } else { 0.99 },
                        p_worse: 0.0,
                        p_better: 1.0,
                        smallest_detectable: of(1.05),
                    }),
                    verdict: Verdict::Regressed,
                    reason: "worse".to_owned(),
                    suspected: false,
                    sessions: None,
                }],
                verdict: Verdict::Regressed,
                reason: "worse".to_owned(),
            }],
        }
    }

    /// The verdict, and why the point did not do.
    fn after(
        accept: &Accept,
        mut comparison: Comparison,
        class: &str,
        today: &str,
    ) -> (Verdict, String) {
        let passed = comparison.accept(std::slice::from_ref(accept), class, today);
        let judged = &comparison.benchmarks[0];
        let why = passed
            .first()
            .map_or(judged.reason.clone(), |passed| passed.why.clone());
        (judged.verdict, why)
    }

    #[test]
    fn what_lies_within_the_accepted_point_is_tolerated_and_what_is_surely_beyond_is_not() {
        let of = |interval| {
            after(
                &accept(),
                regressed(100.0, interval, false),
                "k3v9",
                "2026-06-30",
            )
        };
        assert_eq!(
            of([1.05, 1.08, 1.11]),
            (
                Verdict::Tolerated,
                "accepted: it checks its input now".to_owned()
            )
        );
        assert_eq!(
            of([1.10, 1.12, 1.14]).0,
            Verdict::Tolerated,
            "not surely beyond"
        );
        let beyond = of([1.11, 1.13, 1.15]);
        assert_eq!(
            beyond,
            (
                Verdict::Regressed,
                "is of a smaller change than this one".to_owned()
            )
        );
    }

    #[test]
    fn the_same_step_again_is_another_regression() {
        let again = regressed(110.0, [1.09, 1.1, 1.11], false);
        let (verdict, why) = after(&accept(), again, "k3v9", "2026-01-01");
        assert_eq!(verdict, Verdict::Regressed);
        assert!(why.starts_with("is used up"), "{why}");
        // A machine that is a little slower today has not taken the step.
        let slower = regressed(103.0, [1.09, 1.1, 1.11], false);
        assert_eq!(
            after(&accept(), slower, "k3v9", "2026-01-01").0,
            Verdict::Tolerated
        );
    }

    #[test]
    fn a_large_step_is_not_taken_twice_by_halves() {
        let doubled = Accept {
            to: Amount::new(200.0).unwrap(),
            ..accept()
        };
        // Nearly half of the step was merged; from there on what is left of it is accepted, and not the whole once more.
        let of = |interval| {
            let comparison = regressed(145.0, interval, false);
            after(&doubled, comparison, "k3v9", "2026-01-01")
        };
        let (verdict, why) = of([1.95, 2.0, 2.05]);
        assert_eq!(verdict, Verdict::Regressed);
        assert!(why.starts_with("is used up in part"), "{why}");
        assert_eq!(of([1.5, 1.52, 1.54]).0, Verdict::Regressed);
        assert_eq!(of([1.36, 1.38, 1.40]).0, Verdict::Tolerated, "to 200");
        assert_eq!(
            of([1.43, 1.46, 1.49]).0,
            Verdict::Tolerated,
            "not surely beyond"
        );
    }

    #[test]
    fn where_more_is_better_the_rest_of_the_step_lies_below() {
        let halved = Accept {
            better: Better::Higher,
            to: Amount::new(50.0).unwrap(),
            ..accept()
        };
        let of = |baseline, interval| {
            let mut comparison = regressed(baseline, interval, false);
            comparison.benchmarks[0].metrics[0].better = Better::Higher;
            after(&halved, comparison, "k3v9", "2026-01-01").0
        };
        assert_eq!(of(100.0, [0.49, 0.5, 0.51]), Verdict::Tolerated);
        assert_eq!(of(77.5, [0.49, 0.5, 0.51]), Verdict::Regressed, "to 39");
        assert_eq!(of(77.5, [0.63, 0.645, 0.66]), Verdict::Tolerated, "to 50");
    }

    #[test]
    fn what_varied_is_of_the_machine_it_was_seen_on_though_it_should_be_exact() {
        let mut varied = regressed(100.0, [1.05, 1.08, 1.1], false);
        varied.benchmarks[0].metrics[0].exact = true;
        assert_eq!(
            after(&accept(), varied, "k3v9", "2026-01-01").0,
            Verdict::Tolerated
        );
    }

    #[test]
    fn it_expires_and_is_of_one_kind_of_machine() {
        let change = || regressed(100.0, [1.05, 1.08, 1.1], false);
        let of = |class, today| after(&accept(), change(), class, today);
        assert_eq!(
            of("k3v9", "2026-07-01"),
            (Verdict::Regressed, "expired on 2026-06-30".to_owned())
        );
        assert_eq!(of("other", "2026-01-01").1, "is of another kind of machine");
        let metric = Accept {
            metric: "cpu".to_owned(),
            ..accept()
        };
        assert_eq!(
            after(&metric, change(), "k3v9", "2026-01-01"),
            (Verdict::Regressed, "worse".to_owned())
        );
    }

    #[test]
    fn what_is_exact_is_held_to_the_value_on_any_machine() {
        let exact = |ratio| {
            let comparison = regressed(100.0, [ratio; 3], true);
            after(&accept(), comparison, "other", "2026-01-01").0
        };
        assert_eq!(exact(1.10), Verdict::Tolerated);
        assert_eq!(exact(1.11), Verdict::Regressed);
        // From nothing there is no ratio.
        let mut from_nothing = regressed(1.0, [1.1; 3], true);
        let metric = &mut from_nothing.benchmarks[0].metrics[0];
        (metric.effect, metric.baseline, metric.candidate) = (
            None,
            Some(Corrected::About(0.0)),
            Some(Corrected::About(3.0)),
        );
        let three = Accept {
            from: Amount::new(0.0).unwrap(),
            to: Amount::new(3.0).unwrap(),
            ..accept()
        };
        assert_eq!(
            after(&three, from_nothing, "other", "2026-01-01").0,
            Verdict::Tolerated
        );
    }
}
