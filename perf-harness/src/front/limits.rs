//! A limit in one line, under `cargo bench`.

use perf_schema::{Bound, Cap, Caps, LimitRecord, SearchEnd, Traffic, Unit};

use super::report::amount;

/// The bracket, what broke, and what the largest level that passed took.
pub(crate) fn told(limit: &LimitRecord) -> String {
    let mut parts = vec![bracket(limit)];
    let walls: Vec<f64> = limit
        .at_largest_pass()
        .filter_map(|level| level.wall_ns)
        .map(|ns| ns as f64)
        .collect();
    let served: Vec<&Traffic> = limit
        .at_largest_pass()
        .filter_map(|level| level.traffic.as_ref())
        .collect();
    if let Some(last) = served.last() {
        parts.push(service(last));
    } else if let Ok(ns) = perf_stats::median(&walls) {
        parts.push(format!("{} there", amount(ns, &Unit::NANOSECONDS)));
    }
    if let Some(ns) = limit.latest_kill_ns() {
        parts.push(format!(
            "killed at most {} late",
            amount(ns as f64, &Unit::NANOSECONDS)
        ));
    }
    if limit.is_disturbed() {
        parts.push(
            "but other programs had the processor when it failed: it may be higher".to_owned(),
        );
    }
    if limit.has_disturbed_base() {
        parts.push(format!(
            "but other programs had the processor at {}, by which the others are measured: it may be lower",
            limit.plan.first
        ));
    }
    if let Some(n) = limit.passed_above() {
        parts.push(format!("but {n} passed again: more is not always harder"));
    }
    parts.join("; ")
}

/// What was got done at a level, and how long it took.
fn service(seen: &Traffic) -> String {
    let latency = seen.latency;
    let shown = [("p50", latency.p50_ns), ("p99", latency.p99_ns)]
        .into_iter()
        .filter_map(|(name, ns)| {
            Some(format!(
                ", {name} {}",
                amount(ns? as f64, &Unit::NANOSECONDS)
            ))
        });
    let per_second = seen.per_second().round();
    format!("{per_second}/s there{}", shown.collect::<String>())
}

fn bracket(limit: &LimitRecord) -> String {
    let axis = &limit.plan.axis;
    let broke = limit.cap().map_or(String::new(), |cap| {
        format!(" breaks {}", cap_of(cap, &limit.plan.caps))
    });
    let found = match (limit.largest_pass, limit.smallest_fail) {
        (Some(pass), Some(fail)) => format!("{axis} = {pass} passes, {fail}{broke}"),
        (Some(pass), None) => format!("{axis} = {pass} passes"),
        (None, Some(fail)) => format!("{axis} = {fail}, the first,{broke}"),
        (None, None) => "nothing was probed".to_owned(),
    };
    match limit.end {
        SearchEnd::Found | SearchEnd::BelowRange | SearchEnd::Failed => found,
        SearchEnd::NotReached => format!("{found}, the last: the limit was not reached"),
        SearchEnd::Budget => format!("{found}; its budget was over, so the two are far apart"),
    }
}

fn cap_of(cap: Cap, caps: &Caps) -> String {
    let bound = caps.bound(cap).map(|bound| match bound {
        Bound::Nanoseconds(most) => amount(most as f64, &Unit::NANOSECONDS),
        Bound::Bytes(most) => amount(most as f64, &Unit::BYTES),
        Bound::AtMost(ppm) | Bound::AtLeast(ppm) => format!("{} %", f64::from(ppm) / 1e4),
    });
    let of = bound.map_or(String::new(), |bound| format!(" ({bound})"));
    format!("{}{of}", cap.word())
}

#[cfg(test)]
mod tests {
    use super::*;
    use perf_schema::{Level, LimitKind, LimitPlan};

    fn limit(end: SearchEnd, pass: Option<u64>, fail: Option<u64>) -> LimitRecord {
        let level = |n, broke| Level {
            broke,
            wall_ns: broke.is_none().then_some(1_950_000),
            late_ns: broke.map(|_| 6_000_000),
            ..Level::untried(n)
        };
        LimitRecord {
            plan: LimitPlan {
                kind: LimitKind::Cpu,
                axis: "n".to_owned(),
                first: 1,
                last: 1000,
                caps: Caps {
                    wall_ns: Some(2_000_000),
                    ..Caps::default()
                },
                precision_ppm: 50_000,
                repeats: 3,
                budget_ms: 10_000,
                fit: None,
                traffic: None,
            },
            end,
            largest_pass: pass,
            smallest_fail: fail,
            backstop: None,
            levels: [
                pass.map(|n| level(n, None)),
                fail.map(|n| level(n, Some(Cap::Wall))),
            ]
            .into_iter()
            .flatten()
            .collect(),
        }
    }

    #[test]
    fn each_end_of_a_search_is_told() {
        assert_eq!(
            told(&limit(SearchEnd::Found, Some(100), Some(104))),
            "n = 100 passes, 104 breaks wall (2.000 ms); 1.950 ms there; killed at most 6.000 ms late"
        );
        assert_eq!(
            told(&limit(SearchEnd::NotReached, Some(1000), None)),
            "n = 1000 passes, the last: the limit was not reached; 1.950 ms there"
        );
        let below = told(&limit(SearchEnd::BelowRange, None, Some(1)));
        assert!(
            below.starts_with("n = 1, the first, breaks wall"),
            "{below}"
        );
        let over = told(&limit(SearchEnd::Budget, Some(100), Some(200)));
        assert!(over.contains("its budget was over"), "{over}");
    }
}
