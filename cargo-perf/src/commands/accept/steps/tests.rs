use super::*;
use crate::compare::Effect;
use perf_schema::{Corrected, Ratio, Unit};

#[test]
fn small_figures_keep_their_digits() {
    let of = |value: f64| short(value).to_string();
    assert_eq!(of(0.000_123_456_789), "0.000123457");
    assert_eq!(of(20_123.456_7), "20123.5");
    assert_eq!(of(0.0), "0");
}

#[test]
fn a_name_that_several_have_is_none() {
    let ids = || {
        ["a/cpu::sort", "b/cpu::sort", "b/io::read"]
            .iter()
            .map(|id| id.parse::<BenchId>().unwrap())
    };
    assert_eq!(one_of(ids(), "read").unwrap().to_string(), "b/io::read");
    assert_eq!(
        one_of(ids(), "b/cpu::sort").unwrap().to_string(),
        "b/cpu::sort"
    );
    for name in ["sort", "cpu::sort"] {
        let failure = one_of(ids(), name).unwrap_err();
        assert_eq!(failure.kind(), Kind::Usage);
        let message = failure.message();
        assert_eq!(message, format!("2 benchmarks are called `{name}`"));
    }
    assert!(one_of(ids(), "write").is_err());
}

#[test]
fn what_varied_is_not_taken_for_exact() {
    let of = |value| Ratio::new(value).unwrap();
    let metric = |confidence| MetricVerdict {
        metric: "allocs".to_owned(),
        unit: Unit::COUNT,
        better: Better::Lower,
        exact: true,
        baseline: Some(Corrected::About(3.0)),
        candidate: Some(Corrected::About(4.5)),
        effect: Some(Effect {
            ratio: of(1.5),
            low: of(1.4),
            high: of(1.6),
            confidence,
            p_worse: 0.0,
            p_better: 1.0,
            smallest_detectable: of(1.05),
        }),
        verdict: Verdict::Regressed,
        reason: String::new(),
        suspected: false,
        sessions: None,
    };
    assert!(!level_of(&metric(0.99)).unwrap().is_exact);
    assert!(level_of(&metric(1.0)).unwrap().is_exact);
}
