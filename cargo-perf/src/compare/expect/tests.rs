//! Claims, and what comes of them.

use super::super::verdict::Effect;
use super::*;
use perf_schema::Unit;

fn comparison(verdict: Verdict, [low, ratio, high]: [f64; 3]) -> Comparison {
    let of = |value| Ratio::new(value).unwrap();
    Comparison {
        benchmarks: vec![Judged {
            id: BenchId::new("p", "t", "f[n=1]").unwrap(),
            metrics: vec![MetricVerdict {
                metric: "wall".to_owned(),
                unit: Unit::NANOSECONDS,
                better: Better::Lower,
                exact: false,
                baseline: None,
                candidate: None,
                effect: Some(Effect {
                    ratio: of(ratio),
                    low: of(low),
                    high: of(high),
                    confidence: 0.99,
                    p_worse: 0.5,
                    p_better: 0.5,
                    smallest_detectable: of(1.05),
                }),
                verdict,
                reason: String::new(),
                suspected: false,
                sessions: None,
            }],
            verdict,
            reason: String::new(),
        }],
    }
}

fn met(claim: &str, verdict: Verdict, interval: [f64; 3]) -> Met {
    let expected = [claim.parse::<Expectation>().unwrap()];
    let mut comparison = comparison(verdict, interval);
    comparison.expect(&expected);
    outcomes(&comparison, &expected)[0].standing
}

#[test]
fn a_claim_is_read_with_or_without_a_benchmark() {
    let of = |text: &str| text.parse::<Expectation>();
    let all = of("faster:10%").unwrap();
    assert_eq!((all.select, all.claim), (None, Claim::Faster(0.1)));
    let one = of("cpu::sort[n=10]=slower:2.5%").unwrap();
    assert_eq!(one.select.unwrap().as_str(), "cpu::sort[n=10]");
    assert_eq!(one.claim.to_string(), "slower:2.5%");
    assert_eq!(of("sort=unchanged").unwrap().claim, Claim::Unchanged);
    for text in [
        "",
        "faster",
        "faster:",
        "faster:10",
        "faster:100%",
        "faster:-1%",
        "better:1%",
        "sort[n=10]",
        "=unchanged",
    ] {
        assert!(of(text).is_err(), "{text}");
    }
}

#[test]
fn a_gain_has_to_be_sure_and_as_large_as_was_said() {
    let of = |verdict, interval| met("faster:10%", verdict, interval);
    assert_eq!(of(Verdict::Improved, [0.7, 0.75, 0.8]), Met::Yes);
    assert_eq!(
        of(Verdict::Improved, [0.9, 0.92, 0.94]),
        Met::Yes,
        "by as much, for all that is known"
    );
    assert_eq!(of(Verdict::Improved, [0.92, 0.94, 0.96]), Met::No);
    assert_eq!(of(Verdict::CannotTell, [0.8, 0.9, 1.1]), Met::Open);
    assert_eq!(of(Verdict::CannotTell, [0.95, 1.0, 1.1]), Met::No);
    assert_eq!(of(Verdict::Unchanged, [0.99, 1.0, 1.01]), Met::No);
    assert_eq!(of(Verdict::Regressed, [1.1, 1.2, 1.3]), Met::No);
    assert_eq!(of(Verdict::Failed, [1.0, 1.0, 1.0]), Met::Open);
}

#[test]
fn an_expected_slowdown_is_tolerated_up_to_where_it_was_expected() {
    let expected = ["f=slower:5%".parse::<Expectation>().unwrap()];
    let after = |interval| {
        let mut comparison = comparison(Verdict::Regressed, interval);
        comparison.expect(&expected);
        let met = outcomes(&comparison, &expected)[0].standing;
        (
            comparison.benchmarks[0].verdict,
            comparison.benchmarks[0].reason.clone(),
            met,
        )
    };
    let within = after([1.02, 1.04, 1.06]);
    assert_eq!(
        within,
        (
            Verdict::Tolerated,
            "expected: slower:5%".to_owned(),
            Met::Yes
        )
    );
    assert_eq!(after([1.05, 1.06, 1.07]).2, Met::Yes, "at the bound");
    let beyond = after([1.06, 1.08, 1.1]);
    assert_eq!((beyond.0, beyond.2), (Verdict::Regressed, Met::No));
    assert_eq!(
        met("slower:5%", Verdict::Improved, [0.8, 0.9, 0.95]),
        Met::Yes
    );
    assert_eq!(
        met("slower:5%", Verdict::CannotTell, [0.9, 1.0, 1.2]),
        Met::Open
    );
}

#[test]
fn unchanged_is_a_verdict() {
    assert_eq!(
        met("unchanged", Verdict::Unchanged, [0.99, 1.0, 1.01]),
        Met::Yes
    );
    assert_eq!(
        met("unchanged", Verdict::Improved, [0.7, 0.8, 0.9]),
        Met::No
    );
    assert_eq!(
        met("unchanged", Verdict::CannotTell, [0.7, 1.0, 1.2]),
        Met::Open
    );
}

#[test]
fn what_is_not_met_is_a_regression_and_what_cannot_be_told_is_open_where_a_decision_is_required() {
    let outcome = |standing| {
        [Outcome {
            benchmark: BenchId::new("p", "t", "f").unwrap(),
            claim: Claim::Unchanged,
            standing,
        }]
    };
    let code = |met, decision, otherwise| exit_code(&outcome(met), decision, otherwise);
    assert_eq!(code(Met::No, false, ExitCode::Fine), ExitCode::Regression);
    assert_eq!(
        code(Met::No, false, ExitCode::Undecided),
        ExitCode::Regression
    );
    assert_eq!(
        code(Met::No, false, ExitCode::Benchmark),
        ExitCode::Benchmark
    );
    assert_eq!(code(Met::Open, false, ExitCode::Fine), ExitCode::Fine);
    assert_eq!(code(Met::Open, true, ExitCode::Fine), ExitCode::Undecided);
    assert_eq!(
        code(Met::Open, true, ExitCode::Coverage),
        ExitCode::Coverage
    );
    assert_eq!(code(Met::Yes, true, ExitCode::Fine), ExitCode::Fine);
}
