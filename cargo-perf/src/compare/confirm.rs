//! What looks worse is looked at once more: side by side with the baseline's code, or, where that cannot be had, by measuring
//! it again, since a burst of someone else's work seldom comes twice.

use perf_schema::{BenchId, BenchmarkRecord};

use super::judge::overall;
use super::verdict::{Comparison, Judged, MetricVerdict, Verdict};

impl Comparison {
    /// What has to be measured again before anyone is alarmed, or calmed: what was called regressed, and what looks so much
    /// worse that only the number of questions asked at once kept it from being called.
    #[must_use]
    pub fn alarms(&self) -> Vec<&BenchId> {
        let looks_worse = |judged: &&Judged| {
            judged.verdict == Verdict::Regressed
                || judged.metrics.iter().any(|metric| metric.suspected)
        };
        self.benchmarks
            .iter()
            .filter(looks_worse)
            .map(|judged| &judged.id)
            .collect()
    }

    /// Calls those benchmarks failed that are, whatever was said of them before.
    pub fn fail(&mut self, measured: &[BenchmarkRecord]) {
        for benchmark in measured {
            let failure = benchmark.outcome.failures.first();
            let judged = self
                .benchmarks
                .iter_mut()
                .find(|judged| judged.id == benchmark.id);
            if let Some((failure, judged)) = failure.zip(judged) {
                judged.fail(&failure.message);
            }
        }
    }

    /// Takes in what measuring the [alarms](Self::alarms) side by side gave: where that says anything of the change it is the
    /// better answer, whatever it is. Returns those of which it says nothing.
    pub fn settle(&mut self, side_by_side: Self) -> Vec<BenchId> {
        let mut open = Vec::new();
        for second in side_by_side.benchmarks {
            let nothing_said = matches!(
                second.verdict,
                Verdict::New | Verdict::Missing | Verdict::Incomparable
            );
            if nothing_said {
                open.push(second.id);
            } else if let Some(first) = self
                .benchmarks
                .iter_mut()
                .find(|judged| judged.id == second.id)
            {
                first.settle(second);
            }
        }
        open
    }

    /// Takes in what measuring the [alarms](Self::alarms) again gave.
    ///
    /// A regression stands only if the same metric is regressed again. A mere suspicion becomes one if the second measuring,
    /// which asks fewer questions of fresh data, calls it so.
    pub fn confirm(&mut self, again: Self) {
        for second in &again.benchmarks {
            let first = self
                .benchmarks
                .iter_mut()
                .find(|judged| judged.id == second.id);
            if let Some(first) = first {
                first.confirm(second);
            }
        }
    }
}

impl Judged {
    fn fail(&mut self, reason: &str) {
        self.verdict = Verdict::Failed;
        reason.clone_into(&mut self.reason);
    }

    /// Takes the place of what was said before, but for metrics that measuring side by side did not look at: instructions
    /// that Valgrind counted, for one. They are as exact as they were. What has no metrics was not measured, since it
    /// failed or the code is the same.
    fn settle(&mut self, mut second: Self) {
        if !second.metrics.is_empty() {
            let seen =
                |metric: &MetricVerdict| second.metrics.iter().any(|m| m.metric == metric.metric);
            let unseen: Vec<MetricVerdict> = self.metrics.drain(..).filter(|m| !seen(m)).collect();
            let regressed = unseen.iter().any(|m| m.verdict == Verdict::Regressed);
            second.metrics.extend(unseen);
            if regressed {
                (second.verdict, second.reason) = overall(&second.metrics);
            }
        }
        *self = second;
    }

    fn confirm(&mut self, again: &Self) {
        if again.verdict == Verdict::Failed {
            self.fail(&again.reason);
            return;
        }
        let mut overruled = None;
        for metric in &mut self.metrics {
            let second = again.metrics.iter().find(|m| m.metric == metric.metric);
            if let Some(reason) = metric.confirm(second, &again.reason) {
                overruled.get_or_insert(reason);
            }
        }
        let (verdict, reason) = overall(&self.metrics);
        match overruled {
            _ if verdict == Verdict::Regressed => (self.verdict, self.reason) = (verdict, reason),
            // What seemed worse is not called unchanged because another metric is.
            Some(why) => (self.verdict, self.reason) = (Verdict::CannotTell, why),
            None => {}
        }
    }
}

impl MetricVerdict {
    /// Returns why this is not regressed after all, if it seemed to be.
    fn confirm(&mut self, again: Option<&Self>, benchmark: &str) -> Option<String> {
        let verdict = again.map(|again| again.verdict);
        match (self.verdict, verdict) {
            (Verdict::Regressed, Some(Verdict::Regressed)) => None,
            (Verdict::Regressed, _) => {
                let why = again.map_or(benchmark, |again| &again.reason);
                let reason = format!("it seemed worse, and did not when measured again ({why})");
                self.verdict = Verdict::CannotTell;
                reason.clone_into(&mut self.reason);
                Some(reason)
            }
            (_, Some(Verdict::Regressed)) if self.suspected => {
                self.clone_from(again?);
                None
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use perf_schema::{BenchId, Better, Unit};

    fn metric(name: &str, verdict: Verdict) -> MetricVerdict {
        MetricVerdict {
            metric: name.to_owned(),
            unit: Unit::COUNT,
            better: Better::Lower,
            exact: false,
            baseline: None,
            candidate: None,
            effect: None,
            verdict,
            reason: format!("{name} is {}", verdict.word()),
            sessions: None,
            suspected: verdict == Verdict::CannotTell,
        }
    }

    /// A benchmark with these verdicts of wall time and of allocations.
    fn judged(name: &str, verdicts: [Verdict; 2]) -> Judged {
        let metrics = vec![metric("wall", verdicts[0]), metric("allocs", verdicts[1])];
        let (verdict, reason) = overall(&metrics);
        Judged {
            id: BenchId::new("p", "t", name).unwrap(),
            metrics,
            verdict,
            reason,
        }
    }

    fn after(first: [Verdict; 2], second: [Verdict; 2]) -> Judged {
        let mut comparison = Comparison {
            benchmarks: vec![judged("f", first), judged("g", [Verdict::Unchanged; 2])],
        };
        comparison.confirm(Comparison {
            benchmarks: vec![judged("f", second)],
        });
        assert_eq!(
            comparison.benchmarks[1],
            judged("g", [Verdict::Unchanged; 2]),
            "nothing else is touched"
        );
        comparison.benchmarks.remove(0)
    }

    #[test]
    fn a_regression_has_to_hold_twice() {
        use Verdict::{CannotTell, Improved, Regressed, Unchanged};
        let of = |first, second| after([first, Unchanged], [second, Unchanged]).verdict;
        assert_eq!(of(Regressed, Regressed), Regressed);
        assert_eq!(of(Regressed, Unchanged), CannotTell);
        assert_eq!(of(Regressed, Improved), CannotTell);
    }

    #[test]
    fn side_by_side_has_the_last_word_where_it_has_one() {
        use Verdict::{CannotTell, Improved, Incomparable, New, Regressed, Unchanged};
        let after = |second| {
            let mut comparison = Comparison {
                benchmarks: vec![
                    judged("f", [Regressed, Unchanged]),
                    judged("g", [Unchanged; 2]),
                ],
            };
            let open = comparison.settle(Comparison {
                benchmarks: vec![judged("f", [second, Unchanged])],
            });
            assert_eq!(comparison.benchmarks[1].verdict, Unchanged);
            (comparison.benchmarks[0].verdict, open.len())
        };
        for second in [Regressed, Unchanged, Improved, CannotTell] {
            assert_eq!(after(second), (second, 0));
        }
        for second in [New, Incomparable] {
            assert_eq!(after(second), (Regressed, 1));
        }
    }

    #[test]
    fn what_side_by_side_does_not_look_at_stands() {
        use Verdict::{Regressed, Unchanged};
        let mut comparison = Comparison {
            benchmarks: vec![judged("f", [Regressed; 2])],
        };
        let mut only_time = judged("f", [Unchanged; 2]);
        only_time.metrics.truncate(1);
        comparison.settle(Comparison {
            benchmarks: vec![only_time.clone()],
        });
        let judged = &comparison.benchmarks[0];
        let verdicts: Vec<Verdict> = judged.metrics.iter().map(|m| m.verdict).collect();
        assert_eq!(verdicts, [Unchanged, Regressed]);
        assert_eq!(judged.reason, "allocs is regressed");
        // The same machine code is not measured, and has the last word all the same.
        only_time.metrics.clear();
        comparison.settle(Comparison {
            benchmarks: vec![only_time],
        });
        assert_eq!(comparison.benchmarks[0].verdict, Unchanged);
    }

    #[test]
    fn a_suspicion_becomes_a_regression_only_by_the_second_look() {
        use Verdict::{CannotTell, Regressed, Unchanged};
        let of = |first, second| after([first, Unchanged], [second, Unchanged]).verdict;
        assert_eq!(of(CannotTell, Regressed), Regressed);
        assert_eq!(of(CannotTell, Unchanged), CannotTell);
        assert_eq!(
            of(Unchanged, Regressed),
            Unchanged,
            "it was not asked about"
        );
    }

    #[test]
    fn each_metric_has_to_hold_by_itself() {
        use Verdict::{CannotTell, Regressed, Unchanged};
        let judged = after([Regressed, Regressed], [Unchanged, Regressed]);
        let verdicts: Vec<Verdict> = judged.metrics.iter().map(|m| m.verdict).collect();
        assert_eq!(verdicts, [CannotTell, Regressed]);
        assert_eq!(judged.verdict, Regressed);
        assert_eq!(judged.reason, "allocs is regressed");
        let judged = after([Unchanged, Regressed], [Regressed, Unchanged]);
        assert_eq!(judged.verdict, CannotTell);
        assert!(
            judged.reason.ends_with("(allocs is unchanged)"),
            "{}",
            judged.reason
        );
    }

    #[test]
    fn failing_the_second_time_is_a_failure() {
        let mut comparison = Comparison {
            benchmarks: vec![judged("f", [Verdict::Regressed; 2])],
        };
        let failed = Judged {
            id: comparison.benchmarks[0].id.clone(),
            metrics: Vec::new(),
            verdict: Verdict::Failed,
            reason: "it panicked".to_owned(),
        };
        comparison.confirm(Comparison {
            benchmarks: vec![failed],
        });
        let judged = &comparison.benchmarks[0];
        assert_eq!(
            (judged.verdict, judged.reason.as_str()),
            (Verdict::Failed, "it panicked")
        );
    }
}
