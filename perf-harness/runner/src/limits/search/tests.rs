use proptest::prelude::*;

use super::*;

/// A search over levels that pass up to `limit`; `load` says what share of the cap a passing level takes.
struct Script<'a> {
    quest: Quest,
    passes: &'a dyn Fn(u64) -> bool,
    load: &'a dyn Fn(u64) -> Option<f64>,
}

impl Script<'_> {
    fn run(&self) -> (Found, Vec<u64>) {
        let mut probed = Vec::new();
        let found = search(&self.quest, &mut |n| {
            probed.push(n);
            Ok::<_, ()>(if (self.passes)(n) {
                Answer::Passed((self.load)(n))
            } else {
                Answer::Broke
            })
        });
        (found.unwrap(), probed)
    }
}

const fn quest(first: u64, last: u64) -> Quest {
    Quest {
        first,
        last,
        precision: 0.05,
        repeats: 3,
    }
}

fn up_to(limit: u64, quest: Quest) -> (Found, Vec<u64>) {
    let script = Script {
        quest,
        passes: &|n| n <= limit,
        load: &|_| None,
    };
    script.run()
}

fn assert_brackets(found: Found, limit: u64, quest: &Quest) {
    let (Some(pass), Some(fail)) = (found.largest_pass, found.smallest_fail) else {
        panic!("no bracket: {found:?}");
    };
    assert!(pass <= limit && limit < fail, "{found:?} around {limit}");
    assert!(quest.is_narrow(pass, fail), "{found:?}");
    assert_eq!(found.end, SearchEnd::Found);
}

#[test]
fn a_small_limit_is_found_exactly() {
    for limit in 1..200 {
        let (found, _) = up_to(limit, quest(1, 1000));
        assert_brackets(found, limit, &quest(1, 1000));
    }
}

#[test]
fn a_range_that_passes_is_not_reached_and_one_that_fails_is_below() {
    let (found, probed) = up_to(u64::MAX, quest(1, 100));
    assert_eq!(found.end, SearchEnd::NotReached);
    assert_eq!((found.largest_pass, found.smallest_fail), (Some(100), None));
    assert_eq!(probed, [1, 2, 4, 8, 16, 32, 64, 100, 100]);
    let (found, probed) = up_to(9, quest(10, 100));
    assert_eq!(found.end, SearchEnd::BelowRange);
    assert_eq!((found.largest_pass, found.smallest_fail), (None, Some(10)));
    assert_eq!(probed, [10, 10]);
    let (found, _) = up_to(5, quest(5, 5));
    assert_eq!(found.end, SearchEnd::NotReached);
}

#[test]
fn one_failure_by_bad_luck_is_outvoted() {
    let mut unlucky = true;
    let mut probe = |n| {
        let broke = n > 1000 || n == 64 && std::mem::replace(&mut unlucky, false);
        Ok::<_, ()>(if broke {
            Answer::Broke
        } else {
            Answer::Passed(None)
        })
    };
    let found = search(&quest(1, 100_000), &mut probe).unwrap();
    assert_brackets(found, 1000, &quest(1, 100_000));
}

#[test]
fn without_repeats_each_level_is_probed_once() {
    let once = Quest {
        repeats: 1,
        ..quest(1, 1 << 40)
    };
    let (found, mut probed) = up_to(123_456, once);
    assert_brackets(found, 123_456, &once);
    let count = probed.len();
    probed.sort_unstable();
    probed.dedup();
    assert_eq!(probed.len(), count);
}

#[test]
fn more_that_is_not_harder_is_looked_for() {
    // A gap: what lies above it passes again.
    let script = Script {
        quest: quest(1, 10_000),
        passes: &|n| !(500..=700).contains(&n),
        load: &|_| None,
    };
    let (found, probed) = script.run();
    assert!(found.smallest_fail.unwrap() <= 525, "{found:?}");
    let fail = found.smallest_fail.unwrap();
    assert!(probed.iter().any(|&n| n > 700 && n > fail), "{probed:?}");
}

#[test]
fn the_bracket_so_far_is_told_when_time_is_over() {
    for last_probe in 0..12 {
        let mut probed = 0;
        let found = search(&quest(1, 1 << 20), &mut |n| {
            probed += 1;
            Ok::<_, ()>(match n {
                _ if probed > last_probe => Answer::TooLate,
                n if n <= 100 => Answer::Passed(None),
                _ => Answer::Broke,
            })
        })
        .unwrap();
        assert_eq!(found.end, SearchEnd::Budget);
        assert!(found.largest_pass.is_none_or(|n| n <= 100));
        assert!(found.smallest_fail.is_none_or(|n| n > 100));
        assert_eq!(found.largest_pass.is_some(), last_probe > 0);
    }
}

#[test]
fn a_fault_ends_the_search() {
    let found = search(&quest(1, 100), &mut |n| {
        Ok::<_, ()>(if n < 8 {
            Answer::Passed(None)
        } else {
            Answer::Fault
        })
    });
    let found = found.unwrap();
    assert_eq!(
        (found.end, found.largest_pass),
        (SearchEnd::Failed, Some(4))
    );
}

#[test]
fn a_line_that_promises_too_much_is_not_followed_to_the_failure() {
    // Half of what it seems to be.
    let script = Script {
        quest: quest(1_000, 1_000_000_000),
        passes: &|n| n <= 500_000,
        load: &|n| Some((n as f64 / 1_000_000.0).min(1.0)),
    };
    let (found, probed) = script.run();
    assert_brackets(found, 500_000, &script.quest);
    let fails: Vec<u64> = probed.iter().copied().filter(|&n| n > 500_000).collect();
    let neighbours = |n: &&u64| {
        fails
            .iter()
            .any(|fail| **n < *fail && fail - **n < **n / 1_000)
    };
    assert_eq!(probed.iter().find(neighbours), None, "{probed:?}");
}

#[test]
fn the_growth_shortens_the_way() {
    for exponent in [0.5, 1.0, 2.0, 3.0] {
        let limit = 1_234_567_f64;
        let load = |n: u64| (n as f64 / limit).powf(exponent);
        let script = Script {
            quest: quest(1, 1_000_000_000),
            passes: &|n| n <= 1_234_567,
            load: &|n| Some(load(n)),
        };
        let (found, probed) = script.run();
        assert_brackets(found, 1_234_567, &script.quest);
        let near = probed.iter().filter(|&&n| load(n) >= 0.25).count();
        // Two or three on the way, both ends twice, one above.
        assert!(near <= 10, "n^{exponent}: {probed:?}");
    }
}

/// Searches a body whose level takes `each` and some luck, a share of that; the search is told what share of the cap that was if
/// `tells`. The answer has to be within five per cent of the truth.
fn assert_near(seed: u64, luck: f64, tells: bool) {
    let mut rng = fastrand::Rng::with_seed(seed);
    let cap = 1e6 * 1000.0_f64.powf(rng.f64());
    let truth = 50.0 * 10_000.0_f64.powf(rng.f64());
    let each = cap / truth;
    let found = search(&quest(1, 1 << 40), &mut |n| {
        let took = n as f64 * each * (1.0 + luck * rng.f64());
        Ok::<_, ()>(if took <= cap {
            Answer::Passed(tells.then_some(took / cap))
        } else {
            Answer::Broke
        })
    });
    let found = found.unwrap();
    let (pass, fail) = (found.largest_pass.unwrap(), found.smallest_fail.unwrap());
    assert_eq!(found.end, SearchEnd::Found);
    assert!(pass as f64 <= truth * 1.05, "{found:?} around {truth}");
    assert!(fail as f64 >= truth / 1.05, "{found:?} around {truth}");
}

#[test]
fn allocations_sleeps_and_recursion_are_found_on_twenty_seeds() {
    for seed in 0..20 {
        // Pages, and what an allocator keeps for itself.
        assert_near(seed, 0.01, true);
        // Who sleeps is woken up late.
        assert_near(seed, 0.02, true);
        // A frame takes the same each time, and of a stack nobody tells how much was used.
        assert_near(seed, 0.0, false);
    }
}

proptest! {
    #[test]
    fn the_bracket_holds_the_truth(
        first in 1_u64..1000,
        span in 1_u64..(1 << 45),
        place in 0.0_f64..1.0,
        precision in 0.001_f64..0.5,
        repeats in 1_u32..6,
        exponent in 0.05_f64..8.0,
        noise in proptest::collection::vec(0.3_f64..3.0, 16),
        tells in any::<bool>(),
    ) {
        let last = first + span;
        // On the scale of ratios, where the search looks.
        let limit = whole(first as f64 * ((last as f64 / first as f64).powf(place)));
        let limit = limit.clamp(first, last - 1);
        let quest = Quest { first, last, precision, repeats };
        let load = |n: u64| {
            let luck = noise[usize::try_from(n % 16).unwrap()];
            tells.then(|| ((n as f64 / limit as f64).powf(exponent) * luck).min(1.0))
        };
        let script = Script { quest, passes: &|n| n <= limit, load: &load };
        let (found, probed) = script.run();
        assert_brackets(found, limit, &quest);
        // Doublings, halvings (two of three steps may not halve), repeats, and one above.
        let doublings = (last as f64 / first as f64).log2();
        let halvings = (2.0_f64.max(4.0).ln() / precision.ln_1p()).log2().max(1.0);
        let bound = doublings + 3.0 * halvings + 2.0 * f64::from(repeats) + 60.0;
        prop_assert!((probed.len() as f64) <= bound, "{} probes: {probed:?}", probed.len());
    }
}
