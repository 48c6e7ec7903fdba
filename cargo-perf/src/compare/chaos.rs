//! What stress came to: how much slower a body was, and how long it took to be as fast as before. Pure.
//!
//! A round is the unit of observation, as a launch is elsewhere: its mean under stress over its mean in quiet. The mean, as it is
//! throughput that stress costs: a processor that others have had shows in a few samples that are long, and in no median.

use perf_runner::{ChaosRun, Effect, Recovery, Round};
use perf_stats::{Confidence, RatioEstimate, median, paired_ratio};

/// How a benchmark did under stress.
#[derive(Clone, Debug, PartialEq)]
pub struct Degraded {
    /// Median over rounds of what an iteration took in quiet, in nanoseconds.
    pub quiet_ns: f64,
    /// The same under stress.
    pub stressed_ns: f64,
    /// Under stress over in quiet, or why there is no interval.
    pub ratio: Result<RatioEstimate, String>,
    /// How much of its quiet time its threads waited for a processor, as a share of that time: the median over rounds, as far as
    /// the system told.
    pub quiet_waited: Option<f64>,
    /// What became of it afterwards.
    pub recovered: Recovered,
    /// Of each stressor, the least that it was seen to do in a round.
    pub effects: Vec<Effect>,
}

/// How long it took to be as fast as before.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Recovered {
    /// Median over the rounds in which it was, in nanoseconds.
    pub median_ns: Option<f64>,
    /// The longest of them.
    pub longest_ns: Option<f64>,
    /// Rounds in which it was not, while it was waited for.
    pub not_within: usize,
    /// Rounds.
    pub rounds: usize,
    /// How long it was waited for, in nanoseconds.
    pub limit_ns: f64,
}

impl Degraded {
    /// What the rounds come to. `None` where there is not one.
    #[must_use]
    pub fn of(run: &ChaosRun, recovery_ms: u64) -> Option<Self> {
        let each = |mean: fn(&Round) -> Option<f64>| -> Option<Vec<f64>> {
            run.rounds.iter().map(mean).collect()
        };
        let quiet = each(Round::quiet_iteration_ns)?;
        let stressed = each(Round::stressed_iteration_ns)?;
        Some(Self {
            quiet_ns: median(&quiet).ok()?,
            stressed_ns: median(&stressed).ok()?,
            ratio: paired_ratio(&quiet, &stressed, Confidence::P99)
                .map_err(|error| error.to_string()),
            quiet_waited: quiet_waited(&run.rounds),
            recovered: recovered(&run.rounds, recovery_ms),
            effects: least_effects(&run.rounds),
        })
    }
}

fn quiet_waited(rounds: &[Round]) -> Option<f64> {
    let told: Vec<f64> = rounds
        .iter()
        .filter_map(|round| round.quiet_waited)
        .collect();
    median(&told).ok()
}

fn recovered(rounds: &[Round], recovery_ms: u64) -> Recovered {
    let times: Vec<f64> = rounds
        .iter()
        .filter_map(|round| match round.recovery {
            Recovery::Within(time) => Some(time.as_secs_f64() * 1e9),
            Recovery::NotWithin(_) => None,
        })
        .collect();
    Recovered {
        median_ns: median(&times).ok(),
        longest_ns: times.iter().copied().reduce(f64::max),
        not_within: rounds.len() - times.len(),
        rounds: rounds.len(),
        limit_ns: recovery_ms as f64 * 1e6,
    }
}

/// Every round has the same stressors, in the same order.
fn least_effects(rounds: &[Round]) -> Vec<Effect> {
    let count = rounds.first().map_or(0, |round| round.effects.len());
    (0..count)
        .filter_map(|index| {
            let seen = rounds.iter().filter_map(|round| round.effects.get(index));
            seen.copied().min_by_key(|effect| effect.amount)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use perf_schema::Stress;

    fn round(quiet: u64, stressed: u64, recovery: Recovery, written: u64) -> Round {
        Round {
            batch: 10,
            stressed_batch: 10,
            quiet_ns: vec![quiet / 2, quiet, 3 * quiet / 2],
            quiet_waited: (written > 2).then_some(0.01 * written as f64),
            stressed_ns: vec![stressed],
            recovery,
            effects: vec![Effect {
                stress: Stress::Io,
                amount: written,
                during: Duration::from_millis(300),
            }],
        }
    }

    fn run(rounds: Vec<Round>) -> ChaosRun {
        ChaosRun {
            rounds,
            failure: None,
        }
    }

    #[test]
    fn rounds_come_to_a_ratio_with_an_interval() {
        let within = |ms| Recovery::Within(Duration::from_millis(ms));
        let rounds = (1..=8).map(|i| round(1000 * i, 3000 * i, within(i), 1 << i));
        let degraded = Degraded::of(&run(rounds.collect()), 5000).unwrap();
        let ratio = degraded.ratio.unwrap();
        assert!((ratio.ratio - 3.0).abs() < 1e-9 && ratio.low > 2.99 && ratio.high < 3.01);
        assert!(
            (degraded.quiet_ns - 450.0).abs() < 1e-9,
            "{}",
            degraded.quiet_ns
        );
        assert!((degraded.stressed_ns - 1350.0).abs() < 1e-9);
        assert_eq!(degraded.recovered.median_ns, Some(4.5e6));
        assert_eq!(degraded.recovered.longest_ns, Some(8e6));
        assert_eq!(degraded.recovered.not_within, 0);
        assert_eq!(degraded.effects[0].amount, 2);
        // Of the seven rounds that tell.
        assert_eq!(degraded.quiet_waited, Some(0.32));
    }

    #[test]
    fn a_batch_of_its_own_is_counted_under_stress() {
        let within = Recovery::Within(Duration::from_millis(1));
        // A thousand times slower, and a sample is one iteration.
        let slow = Round {
            stressed_batch: 1,
            ..round(1000, 100_000, within, 1)
        };
        let degraded = Degraded::of(&run(vec![slow; 8]), 5000).unwrap();
        assert!((degraded.stressed_ns - 100_000.0).abs() < 1e-6);
        assert!((degraded.ratio.unwrap().ratio - 1000.0).abs() < 1e-6);
    }

    #[test]
    fn what_did_not_recover_is_no_time() {
        let never = Recovery::NotWithin(Duration::from_secs(5));
        let rounds = (1..=8).map(|i| round(1000, 2000 + i, never, 1));
        let recovered = Degraded::of(&run(rounds.collect()), 5000)
            .unwrap()
            .recovered;
        assert_eq!((recovered.median_ns, recovered.longest_ns), (None, None));
        assert_eq!((recovered.not_within, recovered.rounds), (8, 8));
    }

    #[test]
    fn few_rounds_give_no_interval_and_none_give_nothing() {
        let few = vec![round(1000, 2000, Recovery::Within(Duration::ZERO), 1); 3];
        let degraded = Degraded::of(&run(few), 5000).unwrap();
        assert!(degraded.ratio.is_err());
        assert_eq!(Degraded::of(&ChaosRun::default(), 5000), None);
    }
}
