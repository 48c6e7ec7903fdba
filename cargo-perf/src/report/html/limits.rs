//! What the page shows of limits, of growth over sizes, and of variants beside each other.

use std::collections::HashMap;

use perf_schema::metric::names;
use perf_schema::{BenchId, Bound, Cap, Level, LimitRecord, Pace, Unit};

use super::page::{PageLevel, PageLimit, PageRanking, PageServed, PageSweep};
use crate::compare::{Ranked, Swept, scaled};
use crate::report::limits::{LimitRow, bracket, cap_in_words};
use crate::report::model::Row;
use crate::report::printable::printable;
use crate::report::quantity::quantity;
use crate::report::{growth, ranking, traffic};

/// Points of a law that is drawn.
const LAW: u32 = 64;

/// Of a row that is a limit, what was found. `threads`: hardware threads of the machine.
pub(super) fn limit(row: &Row, threads: Option<u32>) -> Option<PageLimit> {
    let found = LimitRow::of_row(row)?;
    let limit = &found.limit;
    let caps = &limit.plan.caps;
    // Users and rates run for as long as they are told to: nothing grows there.
    let grows = limit.largest_pass.is_some() && limit.plan.traffic.is_none();
    let growth = grows.then(|| growth::remark(&found.grown));
    let remarks = found.remarks(threads).into_iter();
    let remarks = remarks.filter(|remark| Some(remark) != growth.as_ref());
    Some(PageLimit {
        kind: limit.plan.kind.word(),
        axis: printable(&limit.plan.axis),
        text: printable(&bracket(limit)),
        largest: limit.largest_pass,
        smallest: limit.smallest_fail,
        end: limit.end,
        broke: limit.cap().map(|cap| cap_in_words(cap, caps)),
        wall_ns: found.wall_ns(),
        memory_bytes: found.memory_bytes(),
        most_wall_ns: caps.wall_ns,
        most_memory_bytes: caps.memory_bytes,
        remarks: remarks.map(|remark| printable(&remark)).collect(),
        growth: growth.map(|growth| printable(&growth)),
        levels: limit.levels.iter().map(level).collect(),
        served: served(limit, threads),
    })
}

fn level(level: &Level) -> PageLevel {
    let late = |ns: u64| format!(", killed {} late", quantity(ns as f64, &Unit::NANOSECONDS));
    let broke = level.broke.map(|cap| {
        format!(
            "{} broke{}{}",
            cap.word(),
            level.late_ns.map_or_else(String::new, late),
            if level.disturbed { ", disturbed" } else { "" }
        )
    });
    let failure = level.failure.as_ref();
    let failure = failure.map(|failure| printable(&failure.message));
    PageLevel(
        level.n,
        level.wall_ns,
        level.memory_bytes,
        level.passed(),
        failure.or(broke),
    )
}

fn served(limit: &LimitRecord, threads: Option<u32>) -> Option<PageServed> {
    let plan = limit.plan.traffic.as_ref()?;
    let levels = traffic::levels(limit, threads);
    let service = limit.plan.caps.service;
    let share = |cap: Cap| match service?.bound(cap)? {
        Bound::AtLeast(ppm) => Some(f64::from(ppm) / 1e6),
        _ => None,
    };
    let latency = |cap: Cap| match service?.bound(cap)? {
        Bound::Nanoseconds(most) => Some(most),
        _ => None,
    };
    let is_rate = plan.pace == Pace::Rate;
    (!levels.is_empty()).then(|| PageServed {
        levels,
        is_rate,
        law: law(limit),
        least_share: share(if is_rate { Cap::Rate } else { Cap::Efficiency }),
        most_p99_ns: latency(Cap::P99),
    })
}

/// The law from the first level to the last that was seen, where there is one.
fn law(limit: &LimitRecord) -> Vec<(u32, f64)> {
    let Some(Ok(scaling)) = scaled(limit) else {
        return Vec::new();
    };
    let levels = limit.levels.iter().map(|level| level.n);
    let Some(last) = levels.max().and_then(|n| u32::try_from(n).ok()) else {
        return Vec::new();
    };
    let mut at: Vec<u32> = (0..=LAW)
        .map(|n| u32::max(1, last / LAW * n + last % LAW * n / LAW))
        .collect();
    at.dedup();
    at.into_iter().map(|n| (n, scaling.throughput(n))).collect()
}

/// The sweeps; `places`: where each benchmark stands among the rows.
pub(super) fn sweeps(
    all: &[Swept],
    rows: &[&Row],
    places: &HashMap<&BenchId, usize>,
) -> Vec<PageSweep> {
    let time = |at: usize| {
        let wall = rows[at]
            .figures
            .iter()
            .find(|figure| figure.metric == names::WALL)?;
        wall.value?.about()
    };
    let case = |(size, id): &(f64, BenchId)| {
        let at = *places.get(id)?;
        Some((*size, time(at), at))
    };
    let sweep = |swept: &Swept| PageSweep {
        id: printable(&swept.id.to_string()),
        axis: printable(&swept.axis),
        text: printable(&growth::remark(&swept.grown)),
        broken: swept.grown.is_broken(),
        cases: swept.cases.iter().filter_map(case).collect(),
    };
    all.iter().map(sweep).collect()
}

/// The rankings.
pub(super) fn rankings(all: &[Ranked], places: &HashMap<&BenchId, usize>) -> Vec<PageRanking> {
    let one = |ranked: &Ranked| PageRanking {
        id: printable(&ranked.id.to_string()),
        text: printable(&ranking::heading(ranked)),
        variants: (0..ranked.variants.len())
            .map(|at| {
                let [place, value, amount, remark] =
                    ranking::cells(ranked, at).map(|cell| printable(&cell));
                let variant = &ranked.variants[at];
                let row = places.get(&variant.id).copied();
                (place, value, amount, variant.amount, remark, row)
            })
            .collect(),
    };
    all.iter().map(one).collect()
}
