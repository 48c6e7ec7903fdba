//! Rankings: as SciPy gives them, whatever the order, and how often they are wrong. `reference/ranking.py` asks SciPy and writes
//! `reference/ranking.rs`.

use perf_stats::{Confidence, Place, Ranking, SidesError, places, ranking};
use proptest::prelude::*;

#[path = "reference/ranking.rs"]
#[rustfmt::skip]
mod table;

pub(crate) struct RankingCase {
    variants: &'static [&'static [f64]],
    margin: f64,
    level: f64,
    /// Which, beside which, ratio, low, high.
    pairs: &'static [&'static [f64]],
    best: &'static [usize],
    worst: &'static [usize],
}

fn close(got: f64, want: f64) -> bool {
    (got - want).abs() <= 1e-9 * want.abs()
}

#[test]
fn as_scipy_ranks_them() {
    for (index, case) in table::RANKINGS.iter().enumerate() {
        let variants: Vec<Vec<f64>> = case.variants.iter().map(|v| v.to_vec()).collect();
        let level = Confidence::new(case.level).unwrap();
        let Ranking { places, pairs } = ranking(&variants, case.margin, level).unwrap();
        assert_eq!(pairs.len(), case.pairs.len());
        for (pair, want) in pairs.iter().zip(case.pairs) {
            let ratio = pair.ratio;
            let got = [
                pair.one as f64,
                pair.other as f64,
                ratio.value,
                ratio.low,
                ratio.high,
            ];
            let is_close = got.iter().zip(*want).all(|(got, want)| close(*got, *want));
            assert!(is_close, "case {index}: {got:?}, not {want:?}");
        }
        let best: Vec<usize> = places.iter().map(|place| place.best).collect();
        let worst: Vec<usize> = places.iter().map(|place| place.worst).collect();
        assert_eq!((best.as_slice(), worst.as_slice()), (case.best, case.worst));
    }
}

#[test]
fn too_few_launches_say_how_many_would_do() {
    let of = |launches| vec![vec![1.0; launches]; 4];
    assert!(matches!(
        ranking(&of(5), 0.01, Confidence::P99),
        Err(SidesError::TooFew {
            needed: 7,
            found: 5
        })
    ));
    assert!(ranking(&of(7), 0.01, Confidence::P99).is_ok());
}

#[test]
fn a_tie_spans_the_places_of_all_who_share_it() {
    // 0 is before all others, of which 1 and 2 are tied and 3 is after both.
    let found = places(4, |one, other| {
        one == 0 && other > 0 || one < 3 && other == 3
    });
    let place = |best, worst| Place { best, worst };
    assert_eq!(found, [place(1, 1), place(2, 3), place(2, 3), place(4, 4)]);
    assert!(found[0].is_sure() && !found[1].is_sure());
    assert_eq!(places(1, |_, _| false), [place(1, 1)]);
}

fn variants() -> impl Strategy<Value = Vec<Vec<f64>>> {
    let variant = (50.0..200.0, prop::collection::vec(0.9..1.3, 10));
    let variant = variant.prop_map(|(centre, noise)| noise.iter().map(|n| centre * n).collect());
    prop::collection::vec(variant, 2..5)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn neither_the_order_of_variants_nor_the_unit_matters(all in variants(), by in 1e-3..1e3) {
        let found = ranking(&all, 0.01, Confidence::P95).unwrap();
        let mut turned: Vec<Vec<f64>> = all.iter().map(|v| v.iter().map(|x| x * by).collect()).collect();
        turned.reverse();
        let mut other = ranking(&turned, 0.01, Confidence::P95).unwrap();
        other.places.reverse();
        prop_assert_eq!(&found.places, &other.places);
        for place in &found.places {
            prop_assert!(1 <= place.best && place.best <= place.worst && place.worst <= all.len());
        }
    }
}

/// Two of three variants are equal, and the third is slower by a tenth. Over many draws with the noise of benchmarks (skewed, a
/// tenth of the launches slow) the equal ones are told apart in no more of them than the level allows, and the slow one is last.
#[test]
fn equal_variants_are_ties_as_often_as_is_promised() {
    const DRAWS: u32 = 2000;
    let (mut told_apart, mut last) = (0, 0);
    for seed in 0..DRAWS {
        let mut rng = fastrand::Rng::with_seed(u64::from(seed));
        let mut launches = |centre: f64| -> Vec<f64> {
            let noise = |rng: &mut fastrand::Rng| {
                let slow = if rng.f64() < 0.1 { 1.2 } else { 1.0 };
                slow * (1.0 - 0.02 * rng.f64().max(1e-9).ln())
            };
            (0..20).map(|_| centre * noise(&mut rng)).collect()
        };
        let variants = [launches(100.0), launches(100.0), launches(110.0)];
        let Ranking { places, pairs } = ranking(&variants, 0.0, Confidence::P99).unwrap();
        told_apart += u32::from(pairs[0].is_sure);
        last += u32::from(places[2] == Place { best: 3, worst: 3 });
    }
    println!("of {DRAWS}: equal ones told apart {told_apart}, the slow one last {last}");
    // One of the three intervals has a third of the hundredth.
    assert!(told_apart <= DRAWS / 100, "{told_apart}");
    assert!(last >= DRAWS * 95 / 100, "{last}");
}
