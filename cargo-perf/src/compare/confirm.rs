//! Measuring again what looks worse: a burst of someone else's work seldom comes twice.

use perf_schema::BenchId;

use super::verdict::{Comparison, Judged, Verdict};

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

    /// Takes in what measuring the [alarms](Self::alarms) again gave.
    ///
    /// A regression stands only if it is one again. A mere suspicion becomes one if the second measuring, which asks fewer
    /// questions of fresh data, calls it so.
    pub fn confirm(&mut self, again: Self) {
        for second in again.benchmarks {
            let Some(first) = self
                .benchmarks
                .iter_mut()
                .find(|judged| judged.id == second.id)
            else {
                continue;
            };
            match (first.verdict, second.verdict) {
                (Verdict::Regressed, Verdict::Regressed) => {}
                (_, Verdict::Failed) => first.overrule(Verdict::Failed, &second.reason),
                (Verdict::Regressed, _) => {
                    let reason = format!(
                        "it seemed worse, and did not when measured again ({})",
                        second.reason
                    );
                    first.overrule(Verdict::CannotTell, &reason);
                }
                (_, Verdict::Regressed) => *first = second,
                _ => {}
            }
        }
    }
}

impl Judged {
    /// Replaces the verdict of the benchmark, and of those of its metrics that had the same.
    fn overrule(&mut self, verdict: Verdict, reason: &str) {
        for metric in self
            .metrics
            .iter_mut()
            .filter(|metric| metric.verdict == self.verdict)
        {
            metric.verdict = verdict;
            reason.clone_into(&mut metric.reason);
        }
        self.verdict = verdict;
        reason.clone_into(&mut self.reason);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(name: &str, verdict: Verdict) -> Judged {
        Judged {
            id: BenchId::new("p", "t", name).unwrap(),
            metrics: Vec::new(),
            verdict,
            reason: "first".to_owned(),
        }
    }

    fn after(first: Verdict, second: Verdict) -> Verdict {
        let mut comparison = Comparison {
            benchmarks: vec![judged("f", first), judged("g", Verdict::Unchanged)],
        };
        comparison.confirm(Comparison {
            benchmarks: vec![judged("f", second)],
        });
        assert_eq!(
            comparison.benchmarks[1].verdict,
            Verdict::Unchanged,
            "nothing else is touched"
        );
        comparison.benchmarks[0].verdict
    }

    #[test]
    fn a_regression_has_to_hold_twice() {
        use Verdict::{CannotTell, Failed, Improved, Regressed, Unchanged};
        assert_eq!(after(Regressed, Regressed), Regressed);
        assert_eq!(after(Regressed, Unchanged), CannotTell);
        assert_eq!(after(Regressed, Improved), CannotTell);
        assert_eq!(after(Regressed, Failed), Failed);
    }

    #[test]
    fn a_suspicion_becomes_a_regression_only_by_the_second_look() {
        use Verdict::{CannotTell, Regressed, Unchanged};
        assert_eq!(after(CannotTell, Regressed), Regressed);
        assert_eq!(after(CannotTell, Unchanged), CannotTell);
    }
}
