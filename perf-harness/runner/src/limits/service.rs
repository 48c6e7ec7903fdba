//! Whether users, or operations at a rate, were served as well as was promised at a level, and whether that can be told.
//!
//! A generator that came late is accused only where it was its own fault. Where other programs had the processor that it was ready
//! for, and it could have kept up with what it lost to them, a promise broke like any other, and [`disturbed`](super::disturbed) says
//! that it tells little of the level.

use perf_schema::{
    Cap, Failure, FailureKind, Latency, Level, LimitKind, LimitPlan, Pace, ServiceLevel, Traffic,
    TrafficPlan, WHOLE_PPM,
};

use super::disturbed;

/// How often a level is run that told nothing, before that is what is told of it.
pub(super) const ATTEMPTS: u32 = 3;

/// Where a rate was not achieved and an operation took less than this share of what clients spent on it and on issuing it, it
/// was the generator that was too slow, and not the body.
const BUSY_PPM: u32 = 500_000;

/// What a level's traffic comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Judged {
    Met,
    Broke(Cap),
    /// The cap broke, and it was the generator that did not keep up.
    Saturated(Cap, Slow),
    /// There was nothing to judge.
    Nothing(String),
}

/// How the generator did not keep up.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Slow {
    why: String,
    /// How many times as many operations as it issued would have kept the promise, in millionths: a million where they were only late.
    needed_ppm: u64,
}

/// Judges a level by its traffic, if it has any. `before` are the levels so far; the first of them are what efficiency is
/// measured by.
pub(super) fn judge(level: &mut Level, plan: &LimitPlan, before: &[Level]) {
    let (Some(traffic), Some(service), Some(how)) =
        (&level.traffic, &plan.caps.service, &plan.traffic)
    else {
        return;
    };
    let base = (level.n > plan.first).then(|| base(plan.first, before));
    let failed = |kind, message| Failure {
        kind,
        signal: None,
        launch: u32::try_from(before.len()).unwrap_or(u32::MAX),
        elapsed_ms: level.wall_ns.unwrap_or(0) / 1_000_000,
        message,
    };
    match served(level.n, traffic, service, how, base.flatten()) {
        Judged::Met => {}
        Judged::Broke(cap) => level.broke = Some(cap),
        Judged::Saturated(cap, slow) if disturbed::explains(level, slow.needed_ppm) => {
            level.broke = Some(cap);
        }
        Judged::Saturated(_, slow) => {
            level.failure = Some(failed(FailureKind::Saturated, slow.why));
        }
        Judged::Nothing(why) => level.failure = Some(failed(FailureKind::Misuse, why)),
    }
}

/// Whether nothing is known of a level, and another attempt may tell: its generator did not keep up, or nothing began while other
/// programs had the processor.
pub(super) fn is_untold(level: &Level) -> bool {
    let kind = level.failure.as_ref().map(|failure| failure.kind);
    let is_empty = level
        .traffic
        .as_ref()
        .is_some_and(|traffic| traffic.begun == 0);
    kind == Some(FailureKind::Saturated)
        || is_empty && disturbed::explains(level, u64::from(WHOLE_PPM))
}

/// Whether others are measured by what is done at this level, so that the luck of one process must not decide it.
pub(super) fn is_base(plan: &LimitPlan, n: u64) -> bool {
    let service = plan.caps.service.as_ref();
    let is_shared = service.is_some_and(|service| service.efficiency_ppm.is_some());
    n == plan.first && (plan.kind == LimitKind::Concurrency || is_shared)
}

/// What a user gets done in a second at the first level: the median of its probes, of those that nobody disturbed if there are some.
fn base(first: u64, levels: &[Level]) -> Option<f64> {
    let mut done: Vec<f64> = Level::telling(levels, first)
        .filter_map(|level| level.traffic.as_ref())
        .map(|traffic| traffic.per_second() / first as f64)
        .collect();
    done.sort_unstable_by(f64::total_cmp);
    let upper = done.get(done.len() / 2).copied()?;
    let lower = done.get(done.len().saturating_sub(1) / 2).copied()?;
    Some(f64::midpoint(lower, upper))
}

fn served(
    n: u64,
    traffic: &Traffic,
    service: &ServiceLevel,
    how: &TrafficPlan,
    base: Option<f64>,
) -> Judged {
    if traffic.begun == 0 {
        let window = traffic.window_ns / 1_000_000;
        return Judged::Nothing(format!(
            "no operation began within the {window} ms that count: a longer `window` would hold some"
        ));
    }
    if exceeds(traffic.failed(), traffic.begun, service.errors_ppm) {
        return Judged::Broke(Cap::Errors);
    }
    let broke = too_slow(&traffic.latency, service);
    let broke = broke.or_else(|| falls_short(traffic, service).then_some(Cap::Rate));
    if let Some(cap) = broke {
        return saturated(cap, traffic, service).unwrap_or(Judged::Broke(cap));
    }
    match (how.pace, service.efficiency_ppm, base) {
        (Pace::Users, Some(least), Some(base)) => {
            let each = traffic.per_second() / n as f64;
            if each * f64::from(WHOLE_PPM) < base * f64::from(least) {
                return Judged::Broke(Cap::Efficiency);
            }
            Judged::Met
        }
        _ => Judged::Met,
    }
}

/// The cap on latency that broke, the narrowest first.
fn too_slow(latency: &Latency, service: &ServiceLevel) -> Option<Cap> {
    let caps = [
        (Cap::P50, service.p50_ns),
        (Cap::P90, service.p90_ns),
        (Cap::P99, service.p99_ns),
        (Cap::Max, service.max_ns),
    ];
    let broke = |&(cap, most): &(Cap, Option<u64>)| {
        let seen = latency.at(cap).zip(most);
        seen.is_some_and(|(seen, most)| seen > most)
    };
    caps.into_iter().find(broke).map(|(cap, _)| cap)
}

/// Whether fewer operations ended than were due. One is always let pass: where few are due, where the window begins decides
/// about one.
fn falls_short(traffic: &Traffic, service: &ServiceLevel) -> bool {
    let ended = traffic.done + traffic.failed() + 1;
    let least = service.achieved_ppm.map(|ppm| WHOLE_PPM - ppm);
    exceeds(traffic.begun.saturating_sub(ended), traffic.begun, least)
}

/// Whether a part is more of the whole than so many millionths.
fn exceeds(part: u64, whole: u64, most_ppm: Option<u32>) -> bool {
    let share =
        |most| u128::from(part) * u128::from(WHOLE_PPM) > u128::from(whole) * u128::from(most);
    most_ppm.is_some_and(share)
}

/// That it was the generator that kept operations waiting, where it was.
fn saturated(cap: Cap, traffic: &Traffic, service: &ServiceLevel) -> Option<Judged> {
    let generator = traffic.generator.as_ref()?;
    let told = |needed_ppm, why: String| {
        let why = format!("generator saturated: {why}");
        Some(Judged::Saturated(cap, Slow { why, needed_ppm }))
    };
    if generator.busy_ppm < BUSY_PPM && falls_short(traffic, service) {
        let why = format!(
            "it takes longer to issue an operation than to do it, which is {} % of both; a rate this high cannot be told on \
             this machine",
            generator.busy_ppm / 10_000
        );
        return told(shortfall_ppm(traffic, service), why);
    }
    let only_late = cap != Cap::Rate && too_slow(&generator.without, service).is_none();
    if only_late {
        let late = match generator.late_p99_ns {
            Some(ns) => format!("one in a hundred by {} µs or more", ns / 1_000),
            None => "some of them".to_owned(),
        };
        let why = format!(
            "it began operations late though a client was free, {late}; without that {} would have held",
            cap.word()
        );
        return told(u64::from(WHOLE_PPM), why);
    }
    None
}

/// How many times as many operations as have ended would have been enough, in millionths.
fn shortfall_ppm(traffic: &Traffic, service: &ServiceLevel) -> u64 {
    let least = u128::from(service.achieved_ppm.unwrap_or(0)) * u128::from(traffic.begun);
    let ended = u128::from(traffic.done + traffic.failed() + 1);
    u64::try_from(least / ended).unwrap_or(u64::MAX)
}

#[cfg(test)]
#[path = "service/tests.rs"]
mod tests;
