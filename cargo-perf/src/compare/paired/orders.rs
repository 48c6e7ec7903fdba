//! Judging two builds of which each was linked in several orders: what is the code's doing, and what is only its place in the
//! binary. The order is the unit of observation; see [`perf_stats::over_orders`].

use std::iter::zip;

use perf_runner::{BySide, OrderedRun};
use perf_schema::metric::names;
use perf_schema::{BenchId, Better, Ratio};
use perf_stats::{
    Confidence, OverOrders, choose_summary_of_pairs, median, orders_needed, over_orders,
};

use super::super::judge::{overall, percent};
use super::super::verdict::{Comparison, Effect, Judged, MetricVerdict, Verdict};
use super::judge::judge;
use super::metrics::{Values, cpu, wall};
use super::rule::PairedRule;

/// Link orders of each side. With ten, a change of 5 % is nearly always seen in code of two speeds that lie far apart; with eight
/// hardly ever (`perf-harness/stats/tests/orders_coverage.rs`).
pub const ORDERS: usize = 10;

/// Rounds of launches of all orders, at least.
pub const ROUNDS: usize = 3;

/// Times that depend on where code lies.
const TIMES: [&str; 2] = [names::WALL, names::CPU];

/// A ratio from which on no order of functions is asked whether it is to blame. The most that was seen of one is 1.35.
const BEYOND_LAYOUT: f64 = 2.0;

/// A difference this seldom by chance seems to be one: too much to be called layout.
const SEEMS: f64 = 0.05;

/// The part of an alarm, on the log scale, that may be left over all orders for it to be called layout.
const LEFT: f64 = 0.5;

/// What a benchmark executes in one iteration, on both sides.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Instructions {
    /// The baseline.
    pub baseline: f64,
    /// The candidate.
    pub candidate: f64,
}

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

impl Instructions {
    /// Less than this much more is no reason for anything: how a program begins and where its memory lies make it count a little
    /// differently.
    const FLOOR: f64 = 0.001;

    /// The part of a change of time that instructions have to have for them to be taken for its cause. Instructions differ in
    /// what they cost, and more of them seldom cost more than four times what the others do.
    const PART: f64 = 0.25;

    /// Candidate over baseline.
    #[must_use]
    pub fn ratio(self) -> f64 {
        self.candidate / self.baseline
    }

    /// Whether so many more instructions explain that it takes `time` times as long.
    #[must_use]
    pub fn explain(self, time: Ratio) -> bool {
        self.ratio().ln() >= (Self::PART * time.get().ln()).max(Self::FLOOR.ln_1p())
    }

    /// How they compare, in words.
    #[must_use]
    pub fn told(self) -> String {
        let ratio = self.ratio();
        if ratio.ln().abs() < Self::FLOOR.ln_1p() {
            "it executes the same instructions".to_owned()
        } else {
            let more = if ratio > 1.0 { "more" } else { "fewer" };
            let by = percent((ratio - 1.0).abs());
            format!("it executes {by} % {more} instructions")
        }
    }
}

impl Judged {
    /// The change of time that may come from nothing but where the code lies: it is worse in that and in nothing else that could
    /// explain it.
    #[must_use]
    pub fn may_be_layout(&self) -> Option<Ratio> {
        let mut worse = self
            .metrics
            .iter()
            .filter(|m| m.verdict == Verdict::Regressed);
        let is_time = |metric: &MetricVerdict| TIMES.contains(&metric.metric.as_str());
        if self.verdict != Verdict::Regressed || !worse.clone().all(is_time) {
            return None;
        }
        let ratio = worse.next()?.effect?.ratio;
        (ratio.get() < BEYOND_LAYOUT).then_some(ratio)
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
    /// With the reason in words, when they say nothing.
    pub fn settle_by_orders(
        &mut self,
        seen: &OrderedRun,
        instructions: Option<Instructions>,
        rule: &PairedRule,
    ) -> Result<Orders, String> {
        let mut first = None;
        for metric in &mut self.metrics {
            if metric.verdict == Verdict::Regressed && TIMES.contains(&metric.metric.as_str()) {
                let found = Found::of(seen, &metric.metric, rule)?;
                let effect = metric.effect.map_or(1.0, |effect| effect.ratio.get());
                (metric.verdict, metric.reason) =
                    found.of_an_alarm(effect, &metric.reason, instructions, rule);
                first.get_or_insert(found.told()?);
            }
        }
        let worst = [Verdict::Regressed, Verdict::CannotTell, Verdict::Layout]
            .into_iter()
            .find_map(|verdict| self.metrics.iter().find(|m| m.verdict == verdict));
        if let Some(speaker) = worst {
            (self.verdict, self.reason) = (speaker.verdict, speaker.reason.clone());
        }
        first.ok_or_else(|| "nothing is regressed".to_owned())
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
        for metric in &mut judged.metrics {
            if !TIMES.contains(&metric.metric.as_str()) || metric.verdict == Verdict::Incomparable {
                continue;
            }
            match Found::of(seen, &metric.metric, rule).and_then(|found| Ok((found.told()?, found)))
            {
                Ok((told, found)) => {
                    found.decide(metric, rule);
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

/// What the orders say of one time.
struct Found {
    orders: usize,
    pairs: usize,
    over: OverOrders,
    /// The relative change that is not spoken of.
    floor: f64,
    margin: f64,
}

impl Found {
    fn of(seen: &OrderedRun, metric: &str, rule: &PairedRule) -> Result<Self, String> {
        let values = if metric == names::WALL {
            wall(&seen.run)
        } else {
            cpu(&seen.run)
        };
        let sides = by_order(&values, &seen.orders)?;
        let [old, new] = [&sides.baseline, &sides.candidate];
        let needed = orders_needed(rule.error_of_an_order_test());
        if old.len() < needed {
            return Err(format!(
                "{} link orders of each side are too few to decide anything, {needed} would be the least",
                old.len()
            ));
        }
        let typical = median(old).map_err(|error| error.to_string())?;
        let least = rule.floor_ns / typical;
        let floor = rule.floor.max(least);
        let over =
            over_orders(old, new, floor, Confidence::P99).map_err(|error| error.to_string())?;
        Ok(Self {
            orders: old.len(),
            pairs: seen.orders.len(),
            over,
            floor,
            margin: rule.margin.max(least),
        })
    }

    /// What is left of an alarm: it stands if the orders bear it out. If the one code seems slower without that being sure, if much
    /// of the alarm is left over all orders, or if they do not differ by as much as it said, nobody can tell.
    fn of_an_alarm(
        &self,
        effect: f64,
        alarm: &str,
        instructions: Option<Instructions>,
        rule: &PairedRule,
    ) -> (Verdict, String) {
        let also = instructions.map_or(String::new(), |count| format!(", and {}", count.told()));
        let but = instructions.map_or(String::new(), |count| format!("; {}", count.told()));
        let all = self.in_words();
        if self.over.p_above <= rule.error_of_an_order_test() {
            return (Verdict::Regressed, format!("{alarm}, and {all}{but}"));
        }
        let is_explained = effect <= self.over.spread || self.over.high < effect;
        let is_much_less = self.over.ratio.ln() <= LEFT * effect.ln();
        if self.over.p_above > SEEMS && is_explained && is_much_less {
            let reason = format!("slower in this link order only: {all}{also}");
            (Verdict::Layout, reason)
        } else {
            let reason = format!(
                "slower by {} % in this link order; {all}, which neither bears it out nor explains it{but}",
                percent(effect - 1.0)
            );
            (Verdict::CannotTell, reason)
        }
    }

    fn decide(&self, metric: &mut MetricVerdict, rule: &PairedRule) {
        let OverOrders {
            low,
            high,
            p_above,
            p_below,
            ..
        } = self.over;
        let error = rule.error_of_an_order_test();
        let (worse, better) = match metric.better {
            Better::Higher => (p_below, p_above),
            Better::Lower | Better::Neither => (p_above, p_below),
        };
        let (floor, all) = (percent(self.floor), self.in_words());
        (metric.verdict, metric.reason) = if worse <= error {
            (
                Verdict::Regressed,
                format!("worse by more than {floor} %: {all}"),
            )
        } else if better <= error {
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
        metric.effect = self.told().ok().and_then(|told| {
            Some(Effect {
                ratio: told.ratio,
                low: told.low,
                high: told.high,
                confidence: told.confidence,
                p_worse: worse,
                p_better: better,
                // About: beyond the floor by as much as the interval is wide on one side.
                smallest_detectable: Ratio::new((1.0 + self.floor) * (high / low).sqrt())?,
            })
        });
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
            ..
        } = self.over;
        let by_speed = if speeds > 1 && p_above <= SEEMS {
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
        Ok(Orders {
            orders: self.orders,
            pairs: self.pairs,
            ratio: ratio(self.over.ratio)?,
            low: ratio(self.over.low)?,
            high: ratio(self.over.high)?,
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

/// One value of each order: the median over its launches. What the machine did to a whole round is taken off first, by the
/// median of the round, both sides together.
fn by_order(values: &Values, orders: &[BySide<usize>]) -> Result<BySide<Vec<f64>>, String> {
    let chosen = choose_summary_of_pairs(&values.baseline, &values.candidate)
        .map_err(|error| error.to_string())?;
    let count = orders
        .iter()
        .map(|orders| orders.baseline + 1)
        .max()
        .unwrap_or(0);
    let mut launches = [vec![Vec::new(); count], vec![Vec::new(); count]];
    let mut rounds = Vec::new();
    let pairs: Vec<_> = zip(zip(&chosen.baseline, &chosen.candidate), orders).collect();
    // The last one is left out if a side failed in it.
    for round in pairs.chunks_exact(count.max(1)) {
        let all = round
            .iter()
            .flat_map(|((old, new), _)| [old.ln(), new.ln()]);
        let centre = centre(&all.collect::<Vec<_>>())?;
        rounds.push(centre);
        for ((old, new), orders) in round {
            launches[0][orders.baseline].push(old.ln() - centre);
            launches[1][orders.candidate].push(new.ln() - centre);
        }
    }
    let level = centre(&rounds)?;
    let side = |launches: &[Vec<f64>]| -> Result<Vec<f64>, String> {
        let value = |of: &Vec<f64>| Ok((centre(of)? + level).exp());
        launches.iter().map(value).collect()
    };
    let [baseline, candidate] = launches;
    Ok(BySide {
        baseline: side(&baseline)?,
        candidate: side(&candidate)?,
    })
}

fn centre(values: &[f64]) -> Result<f64, String> {
    median(values).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests;
