//! The same questions put to SciPy, statsmodels and NumPy. `reference/make.py` asks them and writes `reference/table.rs`.

use perf_stats::{
    Confidence, Estimate, LogShift, MIN_SERIES, ScreenRule, Screened, Spread,
    adjacent_difference_sd, benjamini_hochberg, expected_half_width, hodges_lehmann_centre,
    hodges_lehmann_shift, holm, interval_of_median, learned_session_sd, mann_whitney, median,
    median_absolute_deviation, over_orders, pairs_to_see, pairwise_difference_sd, pooled_sd,
    quantile, scaled_median_absolute_deviation, screen, wilcoxon_signed_rank,
};

#[path = "reference/table.rs"]
#[rustfmt::skip]
mod table;

pub(crate) struct QuantileCase {
    values: &'static [f64],
    q: f64,
    want: f64,
}

pub(crate) struct SpreadCase {
    values: &'static [f64],
    deviation: f64,
    scaled_deviation: f64,
    adjacent: f64,
    pairwise: f64,
}

pub(crate) struct PooledCase {
    values: &'static [f64],
    sizes: &'static [f64],
    pooled: f64,
    learned: f64,
}

pub(crate) struct SidesCase {
    name: &'static str,
    baseline: &'static [f64],
    candidate: &'static [f64],
    want: f64,
}

pub(crate) struct DifferencesCase {
    name: &'static str,
    values: &'static [f64],
    want: f64,
}

pub(crate) struct AdjustedCase {
    p_values: &'static [f64],
    holm: &'static [f64],
    benjamini_hochberg: &'static [f64],
}

pub(crate) struct OneSampleCase {
    values: &'static [f64],
    level: f64,
    value: f64,
    low: f64,
    high: f64,
}

pub(crate) struct TwoSampleCase {
    baseline: &'static [f64],
    candidate: &'static [f64],
    level: f64,
    value: f64,
    low: f64,
    high: f64,
}

pub(crate) struct ScreenCase {
    value: f64,
    standard_error: f64,
    degrees: f64,
    sd: f64,
    sd_degrees: f64,
    floor: f64,
    margin: f64,
    level: f64,
    low: f64,
    high: f64,
    above: f64,
    below: f64,
    within: f64,
    detectable: f64,
}

pub(crate) struct WelchCase {
    value: f64,
    standard_error: f64,
    degrees: f64,
    sd: f64,
    sd_degrees: f64,
    level: f64,
    freedom: f64,
    low: f64,
    high: f64,
    above: f64,
}

pub(crate) struct ForecastCase {
    spread: f64,
    pairs: f64,
    beyond: f64,
    level: f64,
    half_width: f64,
    needed: f64,
}

pub(crate) struct OrdersCase {
    name: &'static str,
    baseline: &'static [f64],
    candidate: &'static [f64],
    floor: f64,
    above: f64,
    below: f64,
    speeds: f64,
    within: f64,
}

/// Equal to nine digits, or both nothing.
#[track_caller]
fn same(what: &str, got: f64, want: f64) {
    assert!(
        (got - want).abs() <= 1e-9 * want.abs() + 1e-15,
        "{what}: got {got}, want {want}"
    );
}

#[track_caller]
fn same_estimate(what: &str, got: &Estimate, value: f64, low: f64, high: f64) {
    same(&format!("{what} value"), got.value, value);
    same(&format!("{what} low"), got.low, low);
    same(&format!("{what} high"), got.high, high);
}

fn at(level: f64) -> Confidence {
    Confidence::new(level).expect("a level")
}

#[test]
fn quantiles_are_numpys() {
    for case in table::QUANTILES {
        let got = quantile(case.values, case.q).unwrap();
        same("quantile", got, case.want);
        if (case.q - 0.5).abs() < 1e-12 {
            same("median", median(case.values).unwrap(), case.want);
        }
    }
}

#[test]
fn spreads_are_scipys() {
    for case in table::SPREADS {
        let values = case.values;
        same(
            "deviation",
            median_absolute_deviation(values).unwrap(),
            case.deviation,
        );
        same(
            "scaled deviation",
            scaled_median_absolute_deviation(values).unwrap(),
            case.scaled_deviation,
        );
        same(
            "pairwise",
            pairwise_difference_sd(values).unwrap(),
            case.pairwise,
        );
        if values.len() >= MIN_SERIES {
            same(
                "adjacent",
                adjacent_difference_sd(values).unwrap().sd,
                case.adjacent,
            );
        }
    }
}

#[test]
fn pooled_deviations_are_numpys() {
    for case in table::POOLED {
        let mut rest = case.values;
        let groups: Vec<&[f64]> = case
            .sizes
            .iter()
            .map(|&size| {
                let (group, others) =
                    rest.split_at((0_u32..).take_while(|&n| f64::from(n) < size).count());
                rest = others;
                group
            })
            .collect();
        let logs: Vec<Vec<f64>> = groups
            .iter()
            .map(|group| group.iter().map(|value| value.ln()).collect())
            .collect();
        same(
            "pooled",
            pooled_sd(&groups).unwrap().unwrap().sd,
            case.pooled,
        );
        let learned = learned_session_sd(&[pooled_sd(&logs).unwrap().unwrap()]);
        same("learned", learned.unwrap().sd, case.learned);
    }
}

#[test]
fn mann_whitney_is_scipys() {
    for case in table::MANN_WHITNEY {
        let got = mann_whitney(case.baseline, case.candidate).unwrap();
        same(case.name, got, case.want);
    }
}

#[test]
fn wilcoxon_is_scipys() {
    for case in table::WILCOXON {
        same(
            case.name,
            wilcoxon_signed_rank(case.values).unwrap(),
            case.want,
        );
    }
}

#[test]
fn adjusted_p_values_are_statsmodels() {
    for case in table::ADJUSTED {
        for (got, want) in [
            (holm(case.p_values).unwrap(), case.holm),
            (
                benjamini_hochberg(case.p_values).unwrap(),
                case.benjamini_hochberg,
            ),
        ] {
            assert_eq!(got.len(), want.len());
            for (got, want) in got.iter().zip(want) {
                same("adjusted", *got, *want);
            }
        }
    }
}

#[test]
fn the_interval_of_the_median_is_scipys() {
    for case in table::MEDIANS {
        let got = interval_of_median(case.values, at(case.level)).unwrap();
        same_estimate("median", &got, case.value, case.low, case.high);
    }
}

#[test]
fn shifts_are_what_scipys_test_does_not_reject() {
    for case in table::SHIFTS {
        let got = hodges_lehmann_shift(case.baseline, case.candidate, at(case.level)).unwrap();
        let what = format!("{} against {}", case.baseline.len(), case.candidate.len());
        same_estimate(&what, &got, case.value, case.low, case.high);
    }
}

#[test]
fn centres_are_what_scipys_test_does_not_reject() {
    for case in table::CENTRES {
        let got = hodges_lehmann_centre(case.values, at(case.level)).unwrap();
        let what = format!("{} values", case.values.len());
        same_estimate(&what, &got, case.value, case.low, case.high);
    }
}

#[test]
fn screening_is_scipys_t() {
    for case in table::SCREENS {
        let Screened {
            ratio,
            low,
            high,
            p_above_floor,
            p_below_floor,
            p_within_margin,
            smallest_detectable,
            ..
        } = screen(
            &LogShift::symmetric(case.value, case.standard_error, case.degrees),
            &Spread {
                sd: case.sd,
                degrees_of_freedom: case.sd_degrees,
            },
            &ScreenRule {
                floor: case.floor,
                margin: case.margin,
                confidence: at(case.level),
            },
        )
        .unwrap();
        same("ratio", ratio, case.value.exp());
        same("low", low, case.low);
        same("high", high, case.high);
        same("above", p_above_floor, case.above);
        same("below", p_below_floor, case.below);
        same("within", p_within_margin, case.within);
        same("detectable", smallest_detectable, case.detectable);
    }
}

#[test]
fn two_variances_add_up_as_in_scipys_welch_test() {
    for case in table::WELCH {
        let got = screen(
            &LogShift::symmetric(case.value, case.standard_error, case.degrees),
            &Spread {
                sd: case.sd,
                degrees_of_freedom: case.sd_degrees,
            },
            &ScreenRule {
                floor: 0.0,
                margin: 0.1,
                confidence: at(case.level),
            },
        )
        .unwrap();
        same("degrees of freedom", got.degrees_of_freedom, case.freedom);
        same("low", got.low, case.low);
        same("high", got.high, case.high);
        same("above", got.p_above_floor, case.above);
    }
}

#[test]
fn forecasts_are_scipys_normal() {
    for case in table::FORECASTS {
        let (spread, level) = (case.spread, at(case.level));
        let half_width = expected_half_width(spread, case.pairs, level).unwrap();
        same("half width", half_width, case.half_width);
        let needed = pairs_to_see(spread, case.beyond, level).unwrap();
        same("needed", needed, case.needed);
    }
}

#[test]
fn orders_are_judged_as_by_counting_all_labellings() {
    for case in table::ORDERS {
        let found = over_orders(case.baseline, case.candidate, case.floor, 0.0, at(0.99)).unwrap();
        same(&format!("{} above", case.name), found.p_above, case.above);
        same(&format!("{} below", case.name), found.p_below, case.below);
        same(&format!("{} within", case.name), found.within, case.within);
        same(
            &format!("{} speeds", case.name),
            found.speeds as f64,
            case.speeds,
        );
    }
}
