//! Judging a suite: each benchmark and metric by itself, then all together.

use perf_schema::{BenchId, Better, Corrected, Ratio};
use perf_stats::{Screened, holm, screen};

use super::estimate::{Estimate, Sessions, estimate};
use super::overhead::corrected;
use super::rule::DecisionRule;
use super::side::{Side, Values};
use super::verdict::{Comparison, Effect, Judged, MetricVerdict, Verdict};

/// A benchmark with what each side knows of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Pair {
    /// Which one.
    pub id: BenchId,
    /// The baseline, or why there is none to compare with.
    pub baseline: Result<Side, NoBaseline>,
    /// The candidate; `None` when it no longer has this benchmark.
    pub candidate: Option<Side>,
    /// Why a difference would decide nothing, if that is so.
    pub caveat: Option<String>,
}

/// Why a benchmark has no baseline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoBaseline {
    /// The baseline does not know it.
    New,
    /// The baseline knows it, and cannot be compared with, for a reason.
    Incomparable(String),
}

/// Judges all pairs under one rule.
///
/// The chance of any false alarm among all of them together is held at the rule's level by Holm's correction, over every
/// metric of every benchmark that could be estimated.
#[must_use]
pub fn compare(pairs: &[Pair], rule: &DecisionRule) -> Comparison {
    let mut drafts: Vec<Draft> = pairs.iter().map(|pair| draft(pair, rule)).collect();
    let questions = correct(&mut drafts, rule);
    Comparison {
        benchmarks: drafts
            .into_iter()
            .map(|draft| draft.conclude(rule, questions))
            .collect(),
    }
}

/// A benchmark on its way to a verdict.
struct Draft {
    id: BenchId,
    outcome: Outcome,
}

enum Outcome {
    /// Decided without a look at the numbers.
    Plain(Verdict, String),
    Metrics(Vec<MetricDraft>),
}

/// A metric on its way to a verdict.
struct MetricDraft {
    name: String,
    unit: perf_schema::Unit,
    better: Better,
    estimate: Result<Estimate, NoEstimate>,
    /// What the sides are below of, where they cannot be told from what measuring costs.
    below: (Option<f64>, Option<f64>),
    /// Why a difference would decide nothing, whatever the machine did.
    caveat: Option<String>,
}

/// Why there is no estimate.
enum NoEstimate {
    /// Measuring more would give one.
    TooLittle(String),
    /// Nothing would.
    Incomparable(&'static str),
}

fn draft(pair: &Pair, rule: &DecisionRule) -> Draft {
    let outcome = match (&pair.baseline, &pair.candidate) {
        (_, Some(Side { failure: Some(why), .. })) => Outcome::Plain(Verdict::Failed, why.clone()),
        (Err(NoBaseline::New), Some(_)) => {
            Outcome::Plain(Verdict::New, "the baseline does not have it".to_owned())
        }
        (Err(NoBaseline::Incomparable(why)), Some(_)) => Outcome::Plain(Verdict::Incomparable, why.clone()),
        (_, None) => Outcome::Plain(
            Verdict::Missing,
            "the baseline has it, and this code has not: it was removed, renamed or left out of the build".to_owned(),
        ),
        (Ok(baseline), Some(candidate)) => {
            Outcome::Metrics(metrics(baseline, candidate, pair.caveat.as_deref(), rule))
        }
    };
    Draft {
        id: pair.id.clone(),
        outcome,
    }
}

fn metrics(
    baseline: &Side,
    candidate: &Side,
    caveat: Option<&str>,
    rule: &DecisionRule,
) -> Vec<MetricDraft> {
    let sessions = baseline.session.zip(candidate.session);
    let (baseline, candidate) = &corrected(baseline, candidate);
    let judged = baseline
        .metrics
        .iter()
        .filter(|(name, values)| values.better != Better::Neither && rule.judges(name));
    let mut drafts: Vec<MetricDraft> = judged
        .map(|(name, old)| MetricDraft {
            name: name.clone(),
            unit: old.unit.clone(),
            better: old.better,
            estimate: metric(old, candidate.metrics.get(name), sessions, rule),
            below: (
                old.below,
                candidate.metrics.get(name).and_then(|new| new.below),
            ),
            caveat: caveat.map(str::to_owned),
        })
        .collect();
    // Wall time first: it is what a person waits for.
    drafts.sort_by_key(|draft| draft.name != "wall");
    drafts
}

fn metric(
    old: &Values,
    new: Option<&Values>,
    sessions: Sessions,
    rule: &DecisionRule,
) -> Result<Estimate, NoEstimate> {
    let new = new.ok_or(NoEstimate::Incomparable("it was not measured this time"))?;
    if old.unit != new.unit || old.better != new.better {
        return Err(NoEstimate::Incomparable(
            "its unit or direction is not what it was",
        ));
    }
    estimate(old, new, sessions, rule).map_err(NoEstimate::TooLittle)
}

/// Puts p-values that are corrected for the whole suite in the place of the raw ones, and with them the change that could
/// have been seen. Returns how many questions there were.
fn correct(drafts: &mut [Draft], rule: &DecisionRule) -> usize {
    let mut found: Vec<&mut Estimate> = drafts
        .iter_mut()
        .filter_map(|draft| match &mut draft.outcome {
            Outcome::Metrics(metrics) => Some(metrics),
            Outcome::Plain(..) => None,
        })
        .flatten()
        .filter_map(|metric| metric.estimate.as_mut().ok())
        .collect();
    let questions = found.len();
    let above: Vec<f64> = found.iter().map(|e| e.screened.p_above_floor).collect();
    let below: Vec<f64> = found.iter().map(|e| e.screened.p_below_floor).collect();
    // The p-values come from `screen`, which gives probabilities; were one not, none would be believed.
    let corrected = |raw: Vec<f64>| holm(&raw).unwrap_or_else(|_| vec![1.0; raw.len()]);
    let strict = rule.among(questions);
    for (estimate, (above, below)) in found
        .iter_mut()
        .zip(corrected(above).into_iter().zip(corrected(below)))
    {
        estimate.screened.p_above_floor = above;
        estimate.screened.p_below_floor = below;
        if let Ok(strictly) = screen(&estimate.shift, &rule.session, &strict) {
            estimate.screened.smallest_detectable = strictly.smallest_detectable;
        }
    }
    questions
}

impl Draft {
    fn conclude(self, rule: &DecisionRule, questions: usize) -> Judged {
        match self.outcome {
            Outcome::Plain(verdict, reason) => Judged {
                id: self.id,
                metrics: Vec::new(),
                verdict,
                reason,
            },
            Outcome::Metrics(metrics) => {
                let metrics: Vec<MetricVerdict> = metrics
                    .into_iter()
                    .map(|m| m.conclude(rule, questions))
                    .collect();
                let (verdict, reason) = overall(&metrics);
                Judged {
                    id: self.id,
                    metrics,
                    verdict,
                    reason,
                }
            }
        }
    }
}

/// A regression of any metric is one of the benchmark; otherwise the first metric speaks for it.
fn overall(metrics: &[MetricVerdict]) -> (Verdict, String) {
    let speaker = metrics
        .iter()
        .find(|m| m.verdict == Verdict::Regressed)
        .or_else(|| metrics.first());
    match speaker {
        Some(metric) => (metric.verdict, metric.reason.clone()),
        None => (
            Verdict::Incomparable,
            "the two sides have no metric in common".to_owned(),
        ),
    }
}

impl MetricDraft {
    fn conclude(self, rule: &DecisionRule, questions: usize) -> MetricVerdict {
        let estimate = self.estimate.as_ref().ok();
        let effect = estimate.and_then(|estimate| effect(&estimate.screened, self.better));
        let (verdict, reason) = match (&self.estimate, &effect) {
            (Err(NoEstimate::Incomparable(why)), _) => (Verdict::Incomparable, (*why).to_owned()),
            (Err(NoEstimate::TooLittle(why)), _) => (Verdict::CannotTell, why.clone()),
            (Ok(_), None) => (
                Verdict::CannotTell,
                "the change is past all measure".to_owned(),
            ),
            (Ok(estimate), Some(effect)) => self.judge(estimate, effect, rule, questions),
        };
        let suspected = verdict == Verdict::CannotTell
            && self.caveat.is_none()
            && estimate.is_some_and(|estimate| estimate.doubt.is_none())
            && effect.as_ref().is_some_and(|effect| {
                looks_changed(effect, rule) && effect.p_worse < effect.p_better
            });
        MetricVerdict {
            suspected,
            baseline: estimate.map(|estimate| amount(estimate.baseline, self.below.0)),
            candidate: estimate.map(|estimate| amount(estimate.candidate, self.below.1)),
            metric: self.name,
            unit: self.unit,
            better: self.better,
            effect,
            verdict,
            reason,
        }
    }

    fn judge(
        &self,
        estimate: &Estimate,
        effect: &Effect,
        rule: &DecisionRule,
        questions: usize,
    ) -> (Verdict, String) {
        let alpha = 1.0 - rule.confidence.level();
        let below_floor = (estimate.candidate - estimate.baseline).abs() < rule.floor_ns;
        let explicable =
            effect.low.get() < rule.beyond_machine && effect.high.get() > 1.0 / rule.beyond_machine;
        let machine = estimate.doubt.as_ref().filter(|_| explicable);
        let doubt = self.caveat.as_ref().or(machine);
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
                        percent(rule.floor)
                    ),
                ),
            };
        }
        if below_floor || estimate.screened.p_within_margin < alpha {
            return (
                Verdict::Unchanged,
                format!("no change beyond {} %", percent(rule.margin)),
            );
        }
        let reason = match doubt {
            Some(doubt) => doubt.clone(),
            None => unsure(effect, rule, questions),
        };
        (Verdict::CannotTell, reason)
    }
}

fn amount(centre: f64, below: Option<f64>) -> Corrected {
    below.map_or(Corrected::About(centre), Corrected::Below)
}

/// Whether the whole interval lies beyond the floor, on one side.
fn looks_changed(effect: &Effect, rule: &DecisionRule) -> bool {
    let beyond = |ratio: Ratio| ratio.get().ln().abs() > (1.0 + rule.floor).ln();
    let one_side = (effect.low.get() > 1.0) == (effect.high.get() > 1.0);
    one_side && beyond(effect.low) && beyond(effect.high)
}

/// Why a difference that may be there was not called one.
fn unsure(effect: &Effect, rule: &DecisionRule, questions: usize) -> String {
    if looks_changed(effect, rule) {
        return format!(
            "it seems to have changed, but not surely enough for one of {questions} questions asked at once; \
             take more launches (not --quick), or ask for fewer benchmarks"
        );
    }
    let seen = percent(effect.smallest_detectable.get().ln().abs().exp() - 1.0);
    format!("a change of less than {seen} % could not have been seen")
}

fn percent(relative: f64) -> String {
    let percent = relative * 100.0;
    if percent < 10.0 {
        format!("{percent:.1}")
    } else {
        format!("{percent:.0}")
    }
}

fn effect(screened: &Screened, better: Better) -> Option<Effect> {
    let (p_worse, p_better) = match better {
        Better::Higher => (screened.p_below_floor, screened.p_above_floor),
        Better::Lower | Better::Neither => (screened.p_above_floor, screened.p_below_floor),
    };
    let detectable = match better {
        Better::Higher => 1.0 / screened.smallest_detectable,
        Better::Lower | Better::Neither => screened.smallest_detectable,
    };
    Some(Effect {
        ratio: Ratio::new(screened.ratio)?,
        low: Ratio::new(screened.low)?,
        high: Ratio::new(screened.high)?,
        confidence: screened.confidence.level(),
        p_worse,
        p_better,
        smallest_detectable: Ratio::new(detectable)?,
    })
}

#[cfg(test)]
mod tests {
    use super::super::side::{Launch, Session};
    use super::*;
    use std::collections::BTreeMap;

    /// Launches around `centre`, each a little off, the same each time.
    fn values(centre: f64, better: Better) -> Values {
        let launches = (0..20)
            .map(|i| {
                vec![
                    centre * (1.0 + 0.002 * f64::from(i * 7 % 11) / 11.0),
                    centre * 1.01,
                ]
            })
            .map(|samples| Launch {
                samples,
                gauge_ns: None,
            })
            .collect();
        Values {
            unit: perf_schema::Unit::NANOSECONDS,
            better,
            launches,
            below: None,
        }
    }

    fn side(centre: f64) -> Side {
        side_of(centre, Better::Lower, 1000.0)
    }

    fn side_of(centre: f64, better: Better, gauge: f64) -> Side {
        let mut values = values(centre, better);
        for launch in &mut values.launches {
            launch.gauge_ns = Some(gauge);
        }
        Side {
            metrics: BTreeMap::from([("wall".to_owned(), values)]),
            failure: None,
            session: Some(Session {
                floor_ns: gauge,
                typical_ns: gauge,
            }),
            batch: None,
        }
    }

    fn pair(name: &str, baseline: Side, candidate: Side) -> Pair {
        Pair {
            id: BenchId::new("p", "t", name).unwrap(),
            baseline: Ok(baseline),
            candidate: Some(candidate),
            caveat: None,
        }
    }

    fn verdict_of(pair: Pair) -> Verdict {
        compare(&[pair], &DecisionRule::screen()).benchmarks[0].verdict
    }

    #[test]
    fn a_fifth_slower_is_a_regression_and_a_fifth_faster_is_none() {
        assert_eq!(
            verdict_of(pair("f", side(100.0), side(120.0))),
            Verdict::Regressed
        );
        assert_eq!(
            verdict_of(pair("f", side(120.0), side(100.0))),
            Verdict::Improved
        );
        assert_eq!(
            verdict_of(pair("f", side(100.0), side(100.0))),
            Verdict::Unchanged
        );
        assert_eq!(
            verdict_of(pair("f", side(100.0), side(102.0))),
            Verdict::Unchanged
        );
    }

    #[test]
    fn where_more_is_better_less_is_a_regression() {
        let higher = |centre| side_of(centre, Better::Higher, 1000.0);
        assert_eq!(
            verdict_of(pair("f", higher(120.0), higher(100.0))),
            Verdict::Regressed
        );
        assert_eq!(
            verdict_of(pair("f", higher(100.0), higher(120.0))),
            Verdict::Improved
        );
    }

    #[test]
    fn between_the_floor_and_certainty_it_says_so() {
        let comparison = compare(
            &[pair("f", side(100.0), side(107.0))],
            &DecisionRule::screen(),
        );
        let judged = &comparison.benchmarks[0];
        assert_eq!(judged.verdict, Verdict::CannotTell);
        assert!(
            judged.reason.contains("could not have been seen"),
            "{}",
            judged.reason
        );
        assert!(judged.metrics[0].effect.unwrap().low.get() < 1.07);
    }

    #[test]
    fn a_machine_in_another_state_raises_no_alarm() {
        let slow = side_of(140.0, Better::Lower, 1400.0);
        let comparison = compare(&[pair("f", side(100.0), slow)], &DecisionRule::screen());
        assert_eq!(comparison.benchmarks[0].verdict, Verdict::CannotTell);
        assert!(
            comparison.benchmarks[0].reason.contains("40 % slower"),
            "{}",
            comparison.benchmarks[0].reason
        );
    }

    /// Half of the launches slowed down by a neighbour, as the gauge beside them says.
    fn half_busy(centre: f64) -> Side {
        let mut side = side(centre);
        for (i, launch) in side
            .metrics
            .get_mut("wall")
            .unwrap()
            .launches
            .iter_mut()
            .enumerate()
        {
            let busy = i % 2 == 0;
            launch.gauge_ns = Some(if busy { 1300.0 } else { 1001.0 });
            if busy {
                launch.samples.iter_mut().for_each(|sample| *sample *= 1.3);
            }
        }
        side
    }

    #[test]
    fn launches_with_a_busy_neighbour_do_not_count_where_others_are_left() {
        let ratio = |candidate| {
            let comparison = compare(
                &[pair("f", side(100.0), candidate)],
                &DecisionRule::screen(),
            );
            (
                comparison.benchmarks[0].verdict,
                comparison.benchmarks[0].metrics[0]
                    .effect
                    .unwrap()
                    .ratio
                    .get(),
            )
        };
        let (verdict, same) = ratio(half_busy(100.0));
        assert_eq!(verdict, Verdict::Unchanged);
        assert!((same - 1.0).abs() < 0.002, "{same}");
        let (verdict, slower) = ratio(half_busy(120.0));
        assert_eq!(verdict, Verdict::Regressed);
        assert!((slower - 1.2).abs() < 0.002, "{slower}");
    }

    #[test]
    fn a_change_that_no_machine_explains_is_called_on_any() {
        let slow_machine = |centre| side_of(centre, Better::Lower, 1030.0);
        assert_eq!(
            verdict_of(pair("f", side(100.0), slow_machine(300.0))),
            Verdict::Regressed
        );
        assert_eq!(
            verdict_of(pair("f", side(100.0), slow_machine(20.0))),
            Verdict::Improved
        );
        assert_eq!(
            verdict_of(pair("f", side(100.0), slow_machine(140.0))),
            Verdict::CannotTell
        );
    }

    #[test]
    fn a_machine_that_was_busy_all_the_time_raises_no_alarm() {
        let mut busy = side(120.0);
        for launch in &mut busy.metrics.get_mut("wall").unwrap().launches {
            launch.gauge_ns = Some(1300.0);
        }
        let comparison = compare(&[pair("f", side(100.0), busy)], &DecisionRule::screen());
        let judged = &comparison.benchmarks[0];
        assert_eq!(judged.verdict, Verdict::CannotTell);
        assert!(
            judged.reason.contains("all but 0 launches now"),
            "{}",
            judged.reason
        );
    }

    #[test]
    fn a_metric_that_is_gone_or_was_redefined_is_not_passed_over() {
        let mut without = side(100.0);
        without.metrics.clear();
        assert_eq!(
            verdict_of(pair("f", side(100.0), without)),
            Verdict::Incomparable
        );
        let turned = side_of(100.0, Better::Higher, 1000.0);
        assert_eq!(
            verdict_of(pair("f", side(100.0), turned)),
            Verdict::Incomparable
        );
    }

    #[test]
    fn changes_below_a_tenth_of_a_nanosecond_are_not_spoken_of() {
        assert_eq!(
            verdict_of(pair("f", side(0.25), side(0.33))),
            Verdict::Unchanged
        );
        assert_eq!(
            verdict_of(pair("f", side(25.0), side(33.0))),
            Verdict::Regressed
        );
    }

    #[test]
    fn the_suite_as_a_whole_is_corrected_for() {
        let weak = |i: usize| pair(&format!("f{i}"), side(100.0), side(109.9));
        let alone = compare(&[weak(0)], &DecisionRule::screen()).benchmarks[0].metrics[0]
            .effect
            .unwrap()
            .p_worse;
        let many: Vec<Pair> = (0..50).map(weak).collect();
        let among = compare(&many, &DecisionRule::screen()).benchmarks[0].metrics[0]
            .effect
            .unwrap()
            .p_worse;
        assert!(
            (among / alone - 50.0).abs() < 1e-6,
            "{alone} became {among}"
        );
    }

    #[test]
    fn few_launches_in_a_large_suite_say_that_they_are_too_few() {
        let mut few = side(130.0);
        few.metrics.get_mut("wall").unwrap().launches.truncate(5);
        few.session = None;
        let among = |count: usize| {
            let pairs: Vec<Pair> = (0..count)
                .map(|i| pair(&format!("f{i}"), side(100.0), few.clone()))
                .collect();
            compare(&pairs, &DecisionRule::screen())
                .benchmarks
                .remove(0)
        };
        assert_eq!(among(1).verdict, Verdict::Regressed);
        let judged = among(1000);
        assert_eq!(judged.verdict, Verdict::CannotTell);
        assert!(
            judged.reason.contains("one of 1000 questions"),
            "{}",
            judged.reason
        );
    }

    #[test]
    fn failures_and_gaps_are_named_and_counted() {
        let mut broken = side(100.0);
        broken.failure = Some("it panicked".to_owned());
        let id = |name: &str| BenchId::new("p", "t", name).unwrap();
        let pairs = [
            pair("failed", side(100.0), broken),
            Pair {
                id: id("new"),
                baseline: Err(NoBaseline::New),
                candidate: Some(side(1.0)),
                caveat: None,
            },
            Pair {
                id: id("gone"),
                baseline: Ok(side(1.0)),
                candidate: None,
                caveat: None,
            },
            pair("same", side(100.0), side(100.0)),
        ];
        let comparison = compare(&pairs, &DecisionRule::screen());
        let verdicts: Vec<Verdict> = comparison.benchmarks.iter().map(|b| b.verdict).collect();
        assert_eq!(
            verdicts,
            [
                Verdict::Failed,
                Verdict::New,
                Verdict::Missing,
                Verdict::Unchanged
            ]
        );
        assert_eq!(
            comparison.exit_code(false, false),
            perf_schema::ExitCode::Benchmark
        );
    }

    #[test]
    fn exit_codes_follow_the_gravest_verdict() {
        use perf_schema::ExitCode::{Coverage, Fine, Regression, Undecided};
        let of = |pairs: &[Pair]| compare(pairs, &DecisionRule::screen());
        let same = pair("a", side(100.0), side(100.0));
        let worse = pair("b", side(100.0), side(150.0));
        let gone = Pair {
            candidate: None,
            ..pair("c", side(1.0), side(1.0))
        };
        let unsure = pair("d", side(100.0), side(107.0));
        assert_eq!(of(std::slice::from_ref(&same)).exit_code(false, true), Fine);
        assert_eq!(
            of(&[same.clone(), gone.clone()]).exit_code(false, false),
            Coverage
        );
        assert_eq!(
            of(&[same.clone(), gone.clone()]).exit_code(true, false),
            Fine
        );
        assert_eq!(of(&[worse, gone]).exit_code(false, false), Regression);
        assert_eq!(
            of(&[same.clone(), unsure.clone()]).exit_code(false, false),
            Fine
        );
        assert_eq!(of(&[same, unsure]).exit_code(false, true), Undecided);
    }

    #[test]
    fn too_few_launches_are_said_to_be() {
        let mut few = side(100.0);
        few.metrics.get_mut("wall").unwrap().launches.truncate(2);
        let comparison = compare(&[pair("f", side(100.0), few)], &DecisionRule::screen());
        assert_eq!(comparison.benchmarks[0].verdict, Verdict::CannotTell);
        assert!(!comparison.benchmarks[0].reason.is_empty());
    }
}
