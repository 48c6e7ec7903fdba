//! `cargo bench -- --chaos`: the benchmarks that run under stress, in a line each.

use std::process::ExitCode;

use perf_runner::{ChaosRun, ROUNDS, Recovery, Round, RoundOver, Settings, conduct_chaos};
use perf_schema::{ChaosPlan, Unit};

use super::arguments::Arguments;
use super::measure::{cases, prepare, say};
use super::report::amount;
use super::selection::Selection;
use super::{FAILED, refuse};

/// Disturbs the selected cases and says what came of it, on standard error. An interval is `cargo perf chaos`'s affair.
pub(super) fn run(selection: &Selection, arguments: &Arguments) -> ExitCode {
    let (program, stop) = match prepare(arguments) {
        Ok(prepared) => prepared,
        Err(error) => return refuse(&format!("cannot measure: {error}")),
    };
    let cases = cases(selection, arguments, &program);
    let settings = Settings::standard(fastrand::u64(..));
    let over = |RoundOver { case, run }: RoundOver<'_>| {
        let description = &cases[case].description;
        let is_over = run.failure.is_some() || run.rounds.len() == ROUNDS as usize;
        if let Some(plan) = description.chaos.as_ref().filter(|_| is_over) {
            say(&format!("{}: {}", description.name, told(run, plan)));
        }
    };
    match conduct_chaos(&cases, &settings, &stop, &mut { over }) {
        Ok(runs) if runs.iter().all(|run| run.failure.is_none()) => ExitCode::SUCCESS,
        Ok(_) => ExitCode::from(FAILED),
        Err(interrupted) => refuse(&interrupted.to_string()),
    }
}

/// What came of one case.
fn told(run: &ChaosRun, plan: &ChaosPlan) -> String {
    if let Some(failure) = &run.failure {
        return format!("FAILED: {}", failure.message);
    }
    let each = |mean: fn(&Round) -> Option<f64>| -> Vec<f64> {
        run.rounds.iter().filter_map(mean).collect()
    };
    let (quiet, stressed) = (
        each(Round::quiet_iteration_ns),
        each(Round::stressed_iteration_ns),
    );
    let ratios: Vec<f64> = quiet
        .iter()
        .zip(&stressed)
        .map(|(quiet, stressed)| stressed / quiet)
        .collect();
    let typical = |values: &[f64]| perf_stats::median(values).ok();
    let (Some(quiet), Some(stressed), Some(ratio)) =
        (typical(&quiet), typical(&stressed), typical(&ratios))
    else {
        return "gave no samples".to_owned();
    };
    let time = |ns| amount(ns, &Unit::NANOSECONDS);
    let least = ratios.iter().copied().fold(f64::INFINITY, f64::min);
    let most = ratios.iter().copied().fold(0.0, f64::max);
    format!(
        "{} in quiet, {} under {}: ×{ratio:.2} (×{least:.2} to ×{most:.2} in {} rounds); {}",
        time(quiet),
        time(stressed),
        plan.in_words(),
        run.rounds.len(),
        recovered(&run.rounds)
    )
}

/// How soon it was as fast as before, by the slowest round.
fn recovered(rounds: &[Round]) -> String {
    let time = |time: std::time::Duration| amount(time.as_secs_f64() * 1e9, &Unit::NANOSECONDS);
    let never = rounds.iter().find_map(|round| match round.recovery {
        Recovery::NotWithin(limit) => Some(limit),
        Recovery::Within(_) => None,
    });
    let longest = rounds.iter().filter_map(|round| match round.recovery {
        Recovery::Within(time) => Some(time),
        Recovery::NotWithin(_) => None,
    });
    match (never, longest.max()) {
        (Some(limit), _) => format!("did not recover within {} in each round", time(limit)),
        (None, Some(longest)) => format!("as fast as before within {}", time(longest)),
        (None, None) => "nothing is known of its recovery".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use perf_schema::{Failure, FailureKind, Stress};

    fn round(stressed: u64, recovery: Recovery) -> Round {
        Round {
            batch: 10,
            stressed_batch: 10,
            quiet_ns: vec![1_000; 3],
            quiet_waited: None,
            stressed_ns: vec![stressed],
            recovery,
            effects: Vec::new(),
        }
    }

    #[test]
    fn a_line_tells_what_stress_came_to() {
        let plan = ChaosPlan {
            under: vec![Stress::Cpu(2), Stress::Io],
            recovery_ms: 5000,
        };
        let within = |ms| Recovery::Within(Duration::from_millis(ms));
        let mut run = ChaosRun {
            rounds: vec![
                round(2_000, within(1)),
                round(3_000, within(4)),
                round(2_500, within(2)),
            ],
            failure: None,
        };
        assert_eq!(
            told(&run, &plan),
            "100.0 ns in quiet, 250.0 ns under cpu(2) + io: ×2.50 (×2.00 to ×3.00 in 3 rounds); \
             as fast as before within 4.000 ms"
        );
        run.rounds
            .push(round(2_500, Recovery::NotWithin(Duration::from_secs(5))));
        assert!(told(&run, &plan).ends_with("did not recover within 5.000 s in each round"));
        run.failure = Some(Failure {
            kind: FailureKind::Misuse,
            signal: None,
            launch: 0,
            elapsed_ms: 0,
            message: "io had no effect".to_owned(),
        });
        assert_eq!(told(&run, &plan), "FAILED: io had no effect");
        assert_eq!(told(&ChaosRun::default(), &plan), "gave no samples");
    }
}
