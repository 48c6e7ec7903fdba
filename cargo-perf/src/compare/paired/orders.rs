//! Judging two builds of which each was linked in several orders: what is the code's doing, and what is only its place in the
//! binary. The order is the unit of observation; see [`perf_stats::over_orders`].

mod values;

use std::iter::zip;

use perf_runner::{BySide, OrderedRun};
use perf_schema::metric::names;
use perf_schema::{BenchId, Better, Ratio, Unit};
use perf_stats::{
    AlarmOverOrders, Confidence, OverOrders, median, orders_needed, over_orders, settle_alarm,
};

use super::super::judge::{overall, percent};
use super::super::rule::Floor;
use super::super::verdict::{Comparison, Effect, Judged, MetricVerdict, Verdict};
use super::instructions::Instructions;
use super::judge::judge;
use super::metrics::{self, all};
use super::rule::PairedRule;
use values::by_order;

/// Link orders of each side. With ten, a change of 5 % is nearly always seen in code of two speeds that lie far apart; with eight
/// hardly ever (`perf-harness/stats/tests/orders_coverage.rs`).
pub const ORDERS: usize = 10;

/// Rounds of launches of all orders, at least.
pub const ROUNDS: usize = 3;

/// A ratio from which on no order of functions is asked whether it is to blame. The most that was seen of one is 1.35.
const BEYOND_LAYOUT: f64 = 2.0;

/// A difference this seldom by chance seems to be one.
const SEEMS: f64 = 0.05;

/// So many times besides wall time are provided for when it is said how many orders a rule needs.
const OTHER_TIMES: usize = 3;

/// What was found out about a benchmark over several link orders.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Orders {
    /// Orders of each side.
    pub orders: usize,
    /// Pairs of launches over all orders.
    pub pairs: usize,
    /// Candidate over baseline.
    pub ratio: Ratio,
    /// Lower end of its interval.
    pub low: Ratio,
    /// Upper end.
    pub high: Ratio,
    /// Level of the interval.
    pub confidence: f64,
    /// The slowest order of a side over its fastest.
    pub spread: Ratio,
}

impl Judged {
    /// The change of time that may come from nothing but where the code lies: it is worse in that and in nothing else that could
    /// explain it.
    #[must_use]
    pub fn may_be_layout(&self) -> Option<Ratio> {
        self.changed_in_time_alone(Verdict::Regressed)
    }

    fn changed_in_time_alone(&self, to: Verdict) -> Option<Ratio> {
        let mut changed = self.metrics.iter().filter(|m| m.verdict == to);
        if self.verdict != to || !changed.clone().all(is_time) {
            return None;
        }
        let ratio = changed.next()?.effect?.ratio;
        (ratio.get().ln().abs() < BEYOND_LAYOUT.ln()).then_some(ratio)
    }

    /// Whether it is better in time and in nothing else that could explain it: for all that is known, only by where the code lies.
    fn may_be_better_by_layout(&self) -> bool {
        let Some(ratio) = self.changed_in_time_alone(Verdict::Improved) else {
            return false;
        };
        let as_if_worse = self.counted().zip(Ratio::new(1.0 / ratio.get()));
        !as_if_worse.is_some_and(|(counted, ratio)| counted.the_other_way().explain(ratio))
    }

    /// Instructions as the processor counted them, where it did on both sides.
    #[must_use]
    pub fn counted(&self) -> Option<Instructions> {
        let metric = self
            .metrics
            .iter()
            .find(|m| m.metric == names::INSTRUCTIONS)?;
        Some(Instructions {
            baseline: metric.baseline?.about()?,
            candidate: metric.candidate?.about()?,
        })
    }

    /// Adds to the reasons of what is worse.
    pub fn explain(&mut self, why: &str) {
        for metric in &mut self.metrics {
            if metric.verdict == Verdict::Regressed {
                metric.reason = format!("{}; {why}", metric.reason);
            }
        }
        self.reason = format!("{}; {why}", self.reason);
    }

    /// Judges anew the times that are called regressed, by what several link orders say.
    ///
    /// # Errors
    /// With the reason in words, when they say nothing. Then nothing is changed.
    pub fn settle_by_orders(
        &mut self,
        seen: &OrderedRun,
        instructions: Option<Instructions>,
        rule: &PairedRule,
    ) -> Result<Orders, String> {
        let sharing = sharing(&self.metrics);
        let is_asked =
            |metric: &&mut MetricVerdict| metric.verdict == Verdict::Regressed && is_time(metric);
        let mut settled = Vec::new();
        let mut first = None;
        for metric in self.metrics.iter_mut().filter(is_asked) {
            let found = Found::of(seen, metric, Directions::One, sharing, rule)?;
            let effect = metric.effect.map_or(1.0, |effect| effect.ratio.get());
            let said = found.of_an_alarm(effect, &metric.reason, instructions)?;
            first.get_or_insert(found.told()?);
            settled.push((metric, said));
        }
        for (metric, said) in settled {
            (metric.verdict, metric.reason) = said;
        }
        let first = first.ok_or("nothing is regressed")?;
        (self.verdict, self.reason) = overall(&self.metrics);
        Ok(first)
    }
}

impl Comparison {
    /// Says of what is better in nothing but time that it may be so by layout alone, where nobody asked. It fails nothing, so no
    /// twenty links are spent on it; but that the code became better is not known either. `can_be_asked`: whether other link
    /// orders would tell, and have not told yet.
    pub fn doubt_improvements(&mut self, can_be_asked: impl Fn(&BenchId) -> bool) {
        for judged in &mut self.benchmarks {
            if judged.may_be_better_by_layout() && can_be_asked(&judged.id) {
                judged.reason = match judged.reason.as_str() {
                    "" => BETTER_BY_LAYOUT.to_owned(),
                    reason => format!("{reason}; {BETTER_BY_LAYOUT}"),
                };
            }
        }
    }
}

/// What is not known of an improvement that was not looked into.
const BETTER_BY_LAYOUT: &str =
    "perhaps by no more than where the linker put the code, which --relink would tell";

impl PairedRule {
    /// The fewest link orders of each side that can decide anything from the start, in both directions.
    #[must_use]
    pub fn orders_needed(&self) -> usize {
        orders_needed(Directions::Both.share(self.error_over_orders(OTHER_TIMES)))
    }
}

/// Judges benchmarks that were measured in several link orders from the start. Times by orders, everything else as ever.
#[must_use]
pub fn judge_orders(
    runs: &[(BenchId, OrderedRun)],
    rule: &PairedRule,
) -> (Comparison, Vec<(BenchId, Orders)>) {
    let pairs: Vec<_> = runs
        .iter()
        .map(|(id, seen)| (id.clone(), seen.run.clone()))
        .collect();
    let mut comparison = judge(&pairs, rule);
    let mut all = Vec::new();
    for (judged, (id, seen)) in zip(&mut comparison.benchmarks, runs) {
        let sharing = sharing(&judged.metrics);
        for metric in &mut judged.metrics {
            if !is_time(metric) || metric.verdict == Verdict::Incomparable {
                continue;
            }
            let found = Found::of(seen, metric, Directions::Both, sharing, rule);
            match found.and_then(|found| Ok((found.told()?, found))) {
                Ok((told, found)) => {
                    found.decide(metric, told);
                    if metric.metric == names::WALL {
                        all.push((id.clone(), told));
                    }
                }
                Err(why) => (metric.verdict, metric.reason) = (Verdict::CannotTell, why),
            }
        }
        if !judged.metrics.is_empty() {
            (judged.verdict, judged.reason) = overall(&judged.metrics);
        }
    }
    (comparison, all)
}

/// Whether it may depend on where code lies: whatever is counted in nanoseconds, and the less the better.
fn is_time(metric: &MetricVerdict) -> bool {
    metric.unit == Unit::NANOSECONDS && metric.better == Better::Lower
}

/// How many times besides wall time share one half of a benchmark's error.
fn sharing(metrics: &[MetricVerdict]) -> usize {
    let times = metrics.iter().filter(|metric| is_time(metric));
    times.filter(|metric| metric.metric != names::WALL).count()
}

/// In which directions a change is looked for, which share the error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Directions {
    /// Slower alone: an alarm was raised.
    One,
    Both,
}

impl Directions {
    fn share(self, error: f64) -> f64 {
        match self {
            Self::One => error,
            Self::Both => error / 2.0,
        }
    }
}

/// What the orders say of one time.
struct Found {
    orders: usize,
    pairs: usize,
    sides: BySide<Vec<f64>>,
    over: OverOrders,
    /// The relative change that is not spoken of.
    floor: f64,
    margin: f64,
    /// What is allowed for calling it changed in one direction.
    error: f64,
}

impl Found {
    fn of(
        seen: &OrderedRun,
        metric: &MetricVerdict,
        directions: Directions,
        sharing: usize,
        rule: &PairedRule,
    ) -> Result<Self, String> {
        let name = &metric.metric;
        let found = all(&seen.run).into_iter().find(|(own, _)| own == name);
        let values = match found {
            Some((_, metrics::Found::Values(values))) => values,
            Some((_, metrics::Found::Incomparable(_, why))) => return Err(why),
            None => return Err(format!("{name} was not seen in other orders")),
        };
        let sharing = if name == names::WALL { 1 } else { sharing };
        let error = directions.share(rule.error_over_orders(sharing));
        let (sides, noise) = by_order(&values, &seen.orders)?;
        let [old, new] = [&sides.baseline, &sides.candidate];
        let needed = orders_needed(error);
        if old.len() < needed {
            return Err(format!(
                "{} link orders of each side are too few to decide anything, {needed} would be the least",
                old.len()
            ));
        }
        let typical = median(old).map_err(|error| error.to_string())?;
        let unspoken = values.floor.unwrap_or(Floor {
            relative: rule.floor,
            absolute: rule.floor_ns,
        });
        let least = unspoken.relative.max(unspoken.absolute / typical);
        let floor = rule.floor.max(least);
        let over = over_orders(old, new, floor, noise, Confidence::P99)
            .map_err(|error| error.to_string())?;
        Ok(Self {
            orders: old.len(),
            pairs: seen.orders.len(),
            sides,
            over,
            floor,
            margin: rule.margin.max(least),
            error,
        })
    }

    /// What is left of an alarm: it stands if the orders bear it out, or if nothing but the code can be behind it. If it is
    /// neither that nor layout, nobody can tell.
    fn of_an_alarm(
        &self,
        effect: f64,
        alarm: &str,
        instructions: Option<Instructions>,
    ) -> Result<(Verdict, String), String> {
        let also = instructions.map_or(String::new(), |count| format!(", and {}", count.told()));
        let but = instructions.map_or(String::new(), |count| format!("; {}", count.told()));
        let all = self.in_words();
        let BySide {
            baseline,
            candidate,
        } = &self.sides;
        let settled = settle_alarm(baseline, candidate, &self.over, effect, self.error)
            .map_err(|error| error.to_string())?;
        Ok(match settled {
            AlarmOverOrders::BorneOut => (Verdict::Regressed, format!("{alarm}, and {all}{but}")),
            AlarmOverOrders::Unexplained => (
                Verdict::Regressed,
                format!("{alarm}; {all}, too little for layout to explain it{but}"),
            ),
            AlarmOverOrders::Layout => (
                Verdict::Layout,
                format!("slower in this link order only: {all}{also}"),
            ),
            AlarmOverOrders::Open => (
                Verdict::CannotTell,
                format!(
                    "slower by {} % in this link order; {all}, which neither bears it out nor explains it{but}",
                    percent(effect - 1.0)
                ),
            ),
        })
    }

    fn decide(&self, metric: &mut MetricVerdict, told: Orders) {
        let OverOrders {
            low,
            high,
            p_above: worse,
            p_below: better,
            ..
        } = self.over;
        let (floor, all) = (percent(self.floor), self.in_words());
        (metric.verdict, metric.reason) = if worse <= self.error {
            (
                Verdict::Regressed,
                format!("worse by more than {floor} %: {all}"),
            )
        } else if better <= self.error {
            (
                Verdict::Improved,
                format!("better by more than {floor} %: {all}"),
            )
        } else if low * (1.0 + self.margin) > 1.0 && high < 1.0 + self.margin {
            let margin = percent(self.margin);
            (
                Verdict::Unchanged,
                format!("no change beyond {margin} %: {all}"),
            )
        } else {
            (Verdict::CannotTell, format!("no verdict: {all}"))
        };
        // About: beyond the floor by as much as the interval is wide on one side.
        let detectable = (1.0 + self.floor) * (told.high.get() / told.low.get()).sqrt();
        metric.effect = Ratio::new(detectable).map(|smallest_detectable| Effect {
            ratio: told.ratio,
            low: told.low,
            high: told.high,
            confidence: told.confidence,
            p_worse: worse,
            p_better: better,
            smallest_detectable,
        });
    }

    /// How much it is, and the ends of that: where orders of like speed were what told, by them. Over all orders it may lie on the
    /// other side of one.
    fn change(&self) -> [f64; 3] {
        let over = &self.over;
        let is_told = over.p_above.min(over.p_below) <= self.error;
        if is_told && over.speeds > 1 {
            [over.within, over.within_low, over.within_high]
        } else {
            [over.ratio, over.low, over.high]
        }
    }

    fn in_words(&self) -> String {
        let OverOrders {
            ratio,
            low,
            high,
            within,
            speeds,
            spread,
            p_above,
            p_below,
            ..
        } = self.over;
        let by_speed = if speeds > 1 && p_above.min(p_below) <= SEEMS {
            format!(
                "{} where orders of like speed are compared, ",
                signed(within)
            )
        } else {
            String::new()
        };
        format!(
            "over {} link orders of each side {by_speed}{} ({} … {}; orders of one side differ by up to {} %)",
            self.orders,
            signed(ratio),
            signed(low),
            signed(high),
            percent(spread - 1.0)
        )
    }

    fn told(&self) -> Result<Orders, String> {
        let ratio = |value| Ratio::new(value).ok_or("times of link orders are no numbers");
        let [at, low, high] = self.change();
        Ok(Orders {
            orders: self.orders,
            pairs: self.pairs,
            ratio: ratio(at)?,
            low: ratio(low)?,
            high: ratio(high)?,
            confidence: Confidence::P99.level(),
            spread: ratio(self.over.spread)?,
        })
    }
}

/// A change in per cent, with its sign.
fn signed(ratio: f64) -> String {
    let change = ratio - 1.0;
    let sign = if change < 0.0 { '−' } else { '+' };
    format!("{sign}{} %", percent(change.abs()))
}

#[cfg(test)]
mod tests;
