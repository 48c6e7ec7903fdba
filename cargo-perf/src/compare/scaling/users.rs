//! Users of a limit: what was got done at each level, by its probes.

use std::collections::{BTreeMap, BTreeSet};

use perf_schema::{Level, LimitKind, LimitRecord, Traffic};
use perf_stats::Scaling;

use super::fit;

/// What was got done in a second at each level, by its probes: by those that nobody disturbed, where there are some.
#[must_use]
pub fn throughputs(limit: &LimitRecord) -> BTreeMap<u64, Vec<f64>> {
    let all: BTreeSet<u64> = limit.levels.iter().map(|level| level.n).collect();
    let done = |&n: &u64| {
        let known = Level::telling(&limit.levels, n).filter(|level| level.failure.is_none());
        let done = known.filter_map(|level| level.traffic.as_ref().map(Traffic::per_second));
        (n, done.collect::<Vec<_>>())
    };
    let levels = all.iter().map(done);
    levels.filter(|(_, done)| !done.is_empty()).collect()
}

/// How it scales, or why that cannot be told; `None` where users do more than operate, or it is no such limit.
#[must_use]
pub fn scaled(limit: &LimitRecord) -> Option<Result<Scaling, String>> {
    (limit.plan.kind == LimitKind::Concurrency).then(|| fitted(limit))
}

fn fitted(limit: &LimitRecord) -> Result<Scaling, String> {
    // What is known only of a level that others disturbed would bend the curve.
    let is_calm = |n: u64| Level::telling(&limit.levels, n).any(|level| !level.disturbed);
    fit(throughputs(limit).into_iter().filter(|&(n, _)| is_calm(n)))
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use perf_schema::{Caps, Latency, LimitPlan, Pace, SearchEnd, TrafficPlan};

    /// A limit of concurrency whose levels got so much done in a second.
    pub(crate) fn limit(levels: &[(u64, f64)]) -> LimitRecord {
        let level = |&(n, per_second): &(u64, f64)| {
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "positive and small"
            )]
            let done = per_second.round() as u64;
            Level {
                wall_ns: Some(1_050_000_000),
                traffic: Some(Traffic {
                    window_ns: 1_000_000_000,
                    begun: done,
                    unstarted: 0,
                    done,
                    errors: BTreeMap::new(),
                    latency: Latency::default(),
                    processor: None,
                    generator: None,
                }),
                ..Level::untried(n)
            }
        };
        LimitRecord {
            plan: LimitPlan {
                kind: LimitKind::Concurrency,
                axis: "users".to_owned(),
                first: 1,
                last: 64,
                caps: Caps::default(),
                precision_ppm: 50_000,
                repeats: 3,
                budget_ms: 10_000,
                fit: None,
                traffic: Some(TrafficPlan {
                    pace: Pace::Users,
                    warm_up_ns: 0,
                    window_ns: 1_000_000_000,
                    ramp_ns: 0,
                    think_ns: 0,
                    clients: 64,
                }),
            },
            end: SearchEnd::NotReached,
            largest_pass: levels.iter().map(|(n, _)| *n).max(),
            smallest_fail: None,
            backstop: None,
            levels: levels.iter().map(level).collect(),
        }
    }

    fn law(sigma: f64, kappa: f64) -> impl Fn(u64) -> f64 {
        move |n| {
            let n = n as f64;
            100_000.0 * n / (1.0 + sigma * (n - 1.0) + kappa * n * (n - 1.0))
        }
    }

    #[test]
    fn contention_and_coherence_are_found_again() {
        let truth = law(0.05, 0.001);
        let levels = [1, 1, 2, 4, 8, 16, 32, 64].map(|n| (n, truth(n)));
        let scaling = scaled(&limit(&levels)).unwrap().unwrap();
        assert!((scaling.sigma.value - 0.05).abs() < 0.005, "{scaling:?}");
        assert!((scaling.kappa.value - 0.001).abs() < 1e-4, "{scaling:?}");
        let best = scaling.best_level.unwrap();
        assert!(
            (best.value - (0.95_f64 / 0.001).sqrt()).abs() < 2.0,
            "{best:?}"
        );
    }

    #[test]
    fn what_others_disturbed_bends_no_curve() {
        let truth = law(0.05, 0.001);
        let levels = [1, 2, 4, 8, 8, 16, 32, 64].map(|n| (n, truth(n)));
        let mut busy = limit(&levels);
        let starved = |level: &mut Level| {
            level.disturbed = true;
            if let Some(traffic) = &mut level.traffic {
                traffic.done /= 10;
            }
        };
        // One of two probes, and all there are of another level.
        starved(&mut busy.levels[4]);
        starved(&mut busy.levels[6]);
        let scaling = scaled(&busy).unwrap().unwrap();
        assert!((scaling.sigma.value - 0.05).abs() < 0.005, "{scaling:?}");
        let shown = throughputs(&busy);
        assert_eq!(shown[&8], [truth(8).round()]);
        assert!(shown[&32][0] < truth(32) / 9.0, "it is shown, and says so");
    }

    #[test]
    fn what_the_levels_do_not_carry_is_not_told() {
        let truth = law(0.05, 0.001);
        let few = [1, 2, 4].map(|n| (n, truth(n)));
        let why = scaled(&limit(&few)).unwrap().unwrap_err();
        assert!(why.contains("there are 3"), "{why}");
        // Nothing succeeds at the last.
        let failing = [(1, 100.0), (2, 200.0), (4, 400.0), (8, 0.0)];
        let why = scaled(&limit(&failing)).unwrap().unwrap_err();
        assert!(why.contains("there are 3"), "{why}");
        // Repeats that agree, of levels on no such curve.
        let saw = [1, 2, 3, 4, 5, 6].map(|n| (n, 1000.0 * (1 + n % 2) as f64));
        let saw: Vec<_> = saw.iter().chain(&saw).copied().collect();
        let why = scaled(&limit(&saw)).unwrap().unwrap_err();
        assert!(why.contains("do not follow"), "{why}");
        let mut load = limit(&saw);
        load.plan.kind = LimitKind::Load;
        assert_eq!(scaled(&load), None);
    }
}
