//! Each severity at its edges.

use super::*;
use proptest::prelude::*;

const PYODIDE: Thresholds = Thresholds::percent(10, 15);

fn exactly(estimate: f64) -> Worsening {
    Worsening {
        estimate,
        surely: estimate,
    }
}

fn effect([low, ratio, high]: [f64; 3]) -> Effect {
    let of = |value| Ratio::new(value).unwrap();
    Effect {
        ratio: of(ratio),
        low: of(low),
        high: of(high),
        confidence: 0.99,
        p_worse: 0.001,
        p_better: 0.9,
        smallest_detectable: of(1.05),
    }
}

#[test]
fn every_level_is_reached_and_a_change_on_a_threshold_is_not_beyond_it() {
    let of = |change| severity(exactly(change), PYODIDE);
    for (change, level) in [
        (0.001, Severity::Low),
        (0.0999, Severity::Low),
        (0.10, Severity::Low),
        (1.1_f64 - 1.0, Severity::Low),
        (0.1001, Severity::Medium),
        (0.125, Severity::Medium),
        (0.1251, Severity::High),
        (0.15, Severity::High),
        (1.15_f64 - 1.0, Severity::High),
        (0.1501, Severity::Critical),
        (f64::INFINITY, Severity::Critical),
    ] {
        assert_eq!(of(change), level, "{change}");
    }
}

#[test]
fn critical_takes_an_interval_that_is_beyond_the_warning() {
    let of = |surely| {
        severity(
            Worsening {
                estimate: 0.3,
                surely,
            },
            PYODIDE,
        )
    };
    assert_eq!(of(0.05), Severity::High);
    assert_eq!(of(0.10), Severity::High);
    assert_eq!(of(0.1001), Severity::Critical);
}

#[test]
fn where_more_is_better_what_was_lost_counts() {
    let lost = |interval| {
        let worse = Worsening::of(Some(&effect(interval)), Better::Higher);
        severity(worse, PYODIDE)
    };
    assert_eq!(lost([0.94, 0.95, 0.96]), Severity::Low);
    assert_eq!(lost([0.87, 0.88, 0.89]), Severity::Medium);
    assert_eq!(lost([0.5, 0.6, 0.7]), Severity::Critical);
    assert_eq!(lost([0.5, 0.6, 0.95]), Severity::High);
    assert_eq!(
        severity(Worsening::of(None, Better::Higher), PYODIDE),
        Severity::Critical
    );
    assert_eq!(
        severity(Worsening::of(None, Better::Lower), PYODIDE),
        Severity::Critical
    );
}

#[test]
fn nothing_but_a_change_for_the_worse_is_grave() {
    let large = effect([1.9, 2.0, 2.1]);
    for verdict in [
        Verdict::Failed,
        Verdict::Missing,
        Verdict::Incomparable,
        Verdict::CannotTell,
        Verdict::Improved,
        Verdict::New,
        Verdict::Unchanged,
    ] {
        let found = severity_of(verdict, Some(&large), Better::Lower, PYODIDE);
        assert_eq!(found, Severity::None, "{verdict:?}");
    }
    let of = |verdict| severity_of(verdict, Some(&large), Better::Lower, PYODIDE);
    assert_eq!(of(Verdict::Regressed), Severity::Critical);
    assert_eq!(of(Verdict::Tolerated), Severity::Critical);
}

#[test]
fn what_to_fail_on_is_the_least_that_fails() {
    for level in Severity::ALL {
        assert!(!level.fails(Severity::None), "{level:?}");
        assert_eq!(level.fails(Severity::Low), level != Severity::None);
        assert_eq!(level.fails(Severity::Critical), level == Severity::Critical);
    }
    assert!(Severity::High.fails(Severity::Medium) && !Severity::Medium.fails(Severity::High));
}

#[test]
fn thresholds_are_numbers_and_in_order() {
    for (warning, critical) in [
        (0.0, 1.0),
        (-0.1, 1.0),
        (0.1, f64::NAN),
        (f64::INFINITY, 1.0),
    ] {
        assert_eq!(Thresholds::new(warning, critical), None);
    }
    let turned = Thresholds::new(0.2, 0.1).unwrap();
    assert!((turned.critical() - 0.2).abs() < 1e-12);
}

#[test]
fn a_verdict_is_as_sure_as_what_it_rests_on() {
    let sure =
        |verdict, interval| confidence_of(verdict, Some(&effect(interval)), Better::Lower, PYODIDE);
    assert_eq!(sure(Verdict::Regressed, [1.1, 1.2, 1.3]), Some(0.999));
    assert_eq!(sure(Verdict::CannotTell, [0.9, 1.2, 1.3]), None);
    let narrow = sure(Verdict::Unchanged, [0.99, 1.0, 1.01]).unwrap();
    let wide = sure(Verdict::Unchanged, [0.85, 1.0, 1.18]).unwrap();
    assert!(
        narrow > 0.999 && wide < narrow && wide > 0.5,
        "{narrow} {wide}"
    );
    let certain = confidence_of(Verdict::Regressed, None, Better::Lower, PYODIDE);
    assert_eq!(certain, Some(1.0));
}

fn thresholds() -> impl Strategy<Value = (f64, f64)> {
    (0.001..2.0_f64, 0.0..2.0_f64).prop_map(|(warning, more)| (warning, warning + more))
}

proptest! {
    #[test]
    fn more_change_is_never_less_grave(
        (warning, critical) in thresholds(),
        change in 0.0..4.0_f64,
        more in 0.0..1.0_f64,
        doubt in 0.0..1.0_f64,
    ) {
        let thresholds = Thresholds::new(warning, critical).unwrap();
        let of = |estimate: f64| severity(Worsening { estimate, surely: estimate - doubt }, thresholds);
        prop_assert!(of(change + more) >= of(change));
    }

    #[test]
    fn more_doubt_is_never_graver(
        (warning, critical) in thresholds(),
        estimate in 0.0..4.0_f64,
        doubt in 0.0..1.0_f64,
        more in 0.0..1.0_f64,
    ) {
        let thresholds = Thresholds::new(warning, critical).unwrap();
        let of = |doubt: f64| severity(Worsening { estimate, surely: estimate - doubt }, thresholds);
        prop_assert!(of(doubt + more) <= of(doubt));
    }

    #[test]
    fn higher_thresholds_are_never_graver(
        (warning, critical) in thresholds(),
        up in 0.0..1.0_f64,
        further in 0.0..1.0_f64,
        estimate in 0.0..4.0_f64,
        doubt in 0.0..1.0_f64,
    ) {
        let worse = Worsening { estimate, surely: estimate - doubt };
        let low = Thresholds::new(warning, critical).unwrap();
        let high = Thresholds::new(warning + up, critical + up + further).unwrap();
        prop_assert!(severity(worse, high) <= severity(worse, low));
    }

    #[test]
    fn a_noisier_interval_is_never_surer(
        (warning, critical) in thresholds(),
        change in 0.5..2.0_f64,
        width in 0.001..0.5_f64,
        wider in 0.0..1.0_f64,
    ) {
        let thresholds = Thresholds::new(warning, critical).unwrap();
        prop_assume!(change - 1.0 < warning);
        let of = |width: f64| {
            let effect = effect([change * (-width).exp(), change, change * width.exp()]);
            confidence_of(Verdict::Unchanged, Some(&effect), Better::Lower, thresholds).unwrap()
        };
        prop_assert!(of(width + wider) <= of(width) + 1e-12);
    }
}
