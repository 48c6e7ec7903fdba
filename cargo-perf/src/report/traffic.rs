//! The levels of users and rates: what was got done, how long it took, what failed, and how it scales.

use std::collections::BTreeMap;

use perf_schema::{Cap, Latency, Level, LimitRecord, Pace, Traffic, Unit};
use serde::Serialize;

use super::quantity::quantity;
use super::scaling::{self, ScalingFigures, percent, rate};
use super::table::{Column, Line, draw};
use crate::compare::{scaled, throughputs};

/// What a line of the table stands to the right, with the limit's own lines below its name.
const MARGIN: usize = 6;

/// Error kinds that a remark names.
const MOST_KINDS: usize = 3;

/// A level, over its probes.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct ServedLevel {
    n: u64,
    /// Operations that succeeded in a second, the median.
    per_second: f64,
    /// What a user got done beside one at the first level; of a rate, the share that was achieved.
    share: Option<f64>,
    /// Medians, of the probes that could tell.
    p50_ns: Option<f64>,
    p90_ns: Option<f64>,
    p99_ns: Option<f64>,
    max_ns: Option<f64>,
    /// The share of operations that failed.
    error_share: f64,
    /// How many failed, by what they said.
    errors: BTreeMap<String, u64>,
    /// Of a rate, how late one in a hundred was by the generator's own fault, the median.
    late_p99_ns: Option<f64>,
    /// Whether there were more users than hardware threads.
    beyond_threads: Option<bool>,
}

/// The levels of a limit that has users or a rate; empty for others. `threads`: hardware threads of the machine.
pub(super) fn levels(limit: &LimitRecord, threads: Option<u32>) -> Vec<ServedLevel> {
    let Some(plan) = &limit.plan.traffic else {
        return Vec::new();
    };
    let throughputs = throughputs(limit);
    let each = |n: u64, per_second: f64| per_second / n as f64;
    let alone = throughputs
        .get(&limit.plan.first)
        .and_then(|done| median(done))
        .map(|done| each(limit.plan.first, done));
    let level = |(&n, done): (&u64, &Vec<f64>)| {
        let per_second = median(done)?;
        let seen = Seen::at(limit, n);
        let share = match plan.pace {
            Pace::Users => alone.filter(|&alone| alone > 0.0),
            Pace::Rate => Some(1.0),
        };
        Some(ServedLevel {
            n,
            per_second,
            share: share.map(|whole| each(n, per_second) / whole),
            p50_ns: seen.latency(|latency| latency.p50_ns),
            p90_ns: seen.latency(|latency| latency.p90_ns),
            p99_ns: seen.latency(|latency| latency.p99_ns),
            max_ns: seen.latency(|latency| latency.max_ns),
            error_share: seen.error_share(),
            errors: seen.errors(),
            late_p99_ns: seen.median(|traffic| traffic.generator?.late_p99_ns),
            beyond_threads: match plan.pace {
                Pace::Users => threads.map(|threads| n > u64::from(threads)),
                Pace::Rate => None,
            },
        })
    };
    throughputs.iter().filter_map(level).collect()
}

/// The probes of one level.
struct Seen<'a>(Vec<&'a Traffic>);

impl<'a> Seen<'a> {
    fn at(limit: &'a LimitRecord, n: u64) -> Self {
        let known = Level::telling(&limit.levels, n).filter(|level| level.failure.is_none());
        Self(known.filter_map(|level| level.traffic.as_ref()).collect())
    }

    fn median(&self, pick: impl Fn(&Traffic) -> Option<u64>) -> Option<f64> {
        let values = self.0.iter().filter_map(|traffic| pick(traffic));
        median(&values.map(|value| value as f64).collect::<Vec<_>>())
    }

    fn latency(&self, pick: impl Fn(&Latency) -> Option<u64>) -> Option<f64> {
        self.median(|traffic| pick(&traffic.latency))
    }

    fn error_share(&self) -> f64 {
        let begun: u64 = self.0.iter().map(|traffic| traffic.begun).sum();
        let failed: u64 = self.0.iter().map(|traffic| traffic.failed()).sum();
        failed as f64 / begun.max(1) as f64
    }

    fn errors(&self) -> BTreeMap<String, u64> {
        let mut all = BTreeMap::new();
        for (kind, count) in self.0.iter().flat_map(|traffic| &traffic.errors) {
            *all.entry(kind.clone()).or_default() += count;
        }
        all
    }
}

fn median(values: &[f64]) -> Option<f64> {
    perf_stats::median(values).ok()
}

/// Quantiles of latency by their names, in nanoseconds, those that could be told.
pub(super) type Quantiles = [(&'static str, Option<f64>); 4];

/// Of each level the latency of its operations; empty for limits without users or a rate.
pub(super) fn quantiles(limit: &LimitRecord) -> Vec<(u64, Quantiles)> {
    let of = |level: ServedLevel| {
        let quantiles = [
            ("0.5", level.p50_ns),
            ("0.9", level.p90_ns),
            ("0.99", level.p99_ns),
            ("1", level.max_ns),
        ];
        (level.n, quantiles)
    };
    levels(limit, None).into_iter().map(of).collect()
}

/// A table of the levels, its heading first; empty where there are none.
pub(super) fn table(limit: &LimitRecord, threads: Option<u32>) -> Vec<[String; 9]> {
    let levels = levels(limit, threads);
    if levels.is_empty() {
        return Vec::new();
    }
    let heading = columns(is_at_rate(limit)).map(|column| column.heading);
    let time = |ns: Option<f64>| ns.map_or("-".to_owned(), |ns| quantity(ns, &Unit::NANOSECONDS));
    let row = |level: &ServedLevel| {
        [
            level.n.to_string(),
            rate(level.per_second),
            level.share.map_or("-".to_owned(), percent),
            time(level.p50_ns),
            time(level.p90_ns),
            time(level.p99_ns),
            time(level.max_ns),
            percent(level.error_share),
            standing(limit, level),
        ]
    };
    let rows = levels.iter().map(row);
    std::iter::once(heading.map(str::to_owned))
        .chain(rows)
        .collect()
}

/// The table for a person who has so much room, line by line, a little to the right; empty where there are no levels.
pub(super) fn human(limit: &LimitRecord, threads: Option<u32>, width: usize) -> Vec<String> {
    let table = table(limit, threads);
    let Some((_, levels)) = table.split_first() else {
        return Vec::new();
    };
    let lines: Vec<Line> = levels
        .iter()
        .map(|cells| Line {
            cells: cells.to_vec(),
            ..Line::default()
        })
        .collect();
    let columns = columns(is_at_rate(limit));
    let room = width.saturating_sub(MARGIN);
    let drawn = draw(&columns, &lines, room, false);
    drawn.lines().map(|line| format!("  {line}")).collect()
}

/// The headings; `rate`: of a rate and not of users. Where there is no room the latency of two in a hundred says least.
fn columns(is_rate: bool) -> [Column; 9] {
    let (axis, share) = if is_rate {
        ("rate", "achieved")
    } else {
        ("users", "efficiency")
    };
    let columns = [
        (axis, None),
        ("done", None),
        (share, Some(4)),
        ("p50", Some(1)),
        ("p90", Some(0)),
        ("p99", Some(5)),
        ("max", Some(2)),
        ("errors", Some(3)),
        ("", None),
    ];
    columns.map(|(heading, keep)| Column {
        heading,
        words: heading.is_empty(),
        keep,
    })
}

fn is_at_rate(limit: &LimitRecord) -> bool {
    let plan = limit.plan.traffic.as_ref();
    plan.is_some_and(|plan| plan.pace == Pace::Rate)
}

/// What broke there, and whether the machine has as many threads.
fn standing(limit: &LimitRecord, level: &ServedLevel) -> String {
    let at = || Level::telling(&limit.levels, level.n);
    let mut broke: Vec<&str> = at()
        .filter_map(|probe| probe.broke.map(Cap::word))
        .collect();
    broke.sort_unstable();
    broke.dedup();
    let broke = (!broke.is_empty()).then(|| format!("breaks {}", broke.join(", ")));
    let beyond = (level.beyond_threads == Some(true)).then(|| "*".to_owned());
    let disturbed = at()
        .all(|probe| probe.disturbed)
        .then(|| "disturbed".to_owned());
    let parts: Vec<String> = beyond.into_iter().chain(broke).chain(disturbed).collect();
    parts.join(" ")
}

/// What is to be said besides the levels.
pub(super) fn remarks(limit: &LimitRecord, threads: Option<u32>) -> Vec<String> {
    let levels = levels(limit, threads);
    let best = levels
        .iter()
        .max_by(|a, b| a.per_second.total_cmp(&b.per_second));
    let mut remarks = Vec::new();
    if let Some(best) = best.filter(|best| best.per_second > 0.0) {
        let (axis, n) = (&limit.plan.axis, best.n);
        remarks.push(format!(
            "most is done at {axis} = {n}: {}",
            rate(best.per_second)
        ));
    }
    remarks.extend(scaled(limit).map(|scaled| scaling::remark(&scaled, "users")));
    remarks.extend(failures(&levels));
    let is_beyond = levels
        .iter()
        .any(|level| level.beyond_threads == Some(true));
    if let Some(threads) = threads.filter(|_| is_beyond) {
        remarks.push(format!(
            "* more users than the {threads} hardware threads of the machine"
        ));
    }
    remarks
}

/// The commonest kinds of failure over all levels.
fn failures(levels: &[ServedLevel]) -> Option<String> {
    let mut kinds: BTreeMap<&str, u64> = BTreeMap::new();
    for (kind, count) in levels.iter().flat_map(|level| &level.errors) {
        *kinds.entry(kind).or_default() += count;
    }
    let mut kinds: Vec<(&str, u64)> = kinds.into_iter().collect();
    kinds.sort_by_key(|&(_, count)| std::cmp::Reverse(count));
    let named = kinds
        .iter()
        .take(MOST_KINDS)
        .map(|(kind, count)| format!("{kind} ({count})"));
    let mut named: Vec<String> = named.collect();
    if kinds.len() > MOST_KINDS {
        named.push(format!("{} more kinds", kinds.len() - MOST_KINDS));
    }
    (!named.is_empty()).then(|| format!("errors: {}", named.join(", ")))
}

/// How it scales, for programs; `None` where that is no question.
pub(super) fn scaling_figures(limit: &LimitRecord) -> Option<ScalingFigures> {
    Some(scaling::figures(&scaled(limit)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compare::scaling::tests::limit;

    #[test]
    fn levels_are_shown_beside_the_first_and_the_threads_there_are() {
        let mut limit = limit(&[
            (1, 1000.0),
            (2, 1900.0),
            (4, 3000.0),
            (8, 2800.0),
            (8, 2600.0),
        ]);
        let full = Cap::Efficiency;
        for level in limit.levels.iter_mut().filter(|level| level.n == 8) {
            level.broke = Some(full);
            let traffic = level.traffic.as_mut().unwrap();
            traffic.errors = [("full".to_owned(), 27), ("gone\u{1b}".to_owned(), 1)].into();
            traffic.latency.p50_ns = Some(2_000_000);
        }
        let rows = table(&limit, Some(2));
        let lines: Vec<String> = rows.iter().map(|row| row.join("|")).collect();
        assert_eq!(
            lines,
            [
                "users|done|efficiency|p50|p90|p99|max|errors|",
                "1|1.000 k/s|100 %|-|-|-|-|0 %|",
                "2|1.900 k/s|95 %|-|-|-|-|0 %|",
                "4|3.000 k/s|75 %|-|-|-|-|0 %|*",
                "8|2.700 k/s|34 %|2.000 ms|-|-|-|1.0 %|* breaks efficiency",
            ]
        );
        let remarks = remarks(&limit, Some(2));
        assert_eq!(remarks[0], "most is done at users = 4: 3.000 k/s");
        assert!(remarks[1].starts_with("scaling: "), "{remarks:?}");
        assert_eq!(remarks[2], "errors: full (54), gone\u{1b} (2)");
        assert!(remarks[3].contains("the 2 hardware threads"), "{remarks:?}");
        assert!(scaling_figures(&limit).is_some());
    }

    #[test]
    fn a_limit_without_traffic_has_none() {
        let mut limit = limit(&[(1, 1000.0)]);
        limit.plan.kind = perf_schema::LimitKind::Cpu;
        limit.plan.traffic = None;
        assert!(table(&limit, None).is_empty() && scaling_figures(&limit).is_none());
    }
}
