//! Brackets by hand, and what is said of them.

use super::*;
use Verdict::{CannotTell, Improved, Regressed, Unchanged};
use perf_schema::Caps;

const fn bracket(pass: u64, fail: Option<u64>, is_timed: bool) -> Bracket {
    Bracket {
        pass,
        fail,
        is_timed,
        is_sharp: true,
        place: match (pass, fail) {
            (_, None) => Place::Beyond,
            (0, _) => Place::Before,
            _ => Place::Inside,
        },
        is_disturbed: false,
        has_disturbed_base: false,
        shown: pass,
    }
}

/// A search with these caps that ended so. Levels: how often each passed, how often it broke, and the memory it took.
fn found(
    end: SearchEnd,
    (pass, fail): (Option<u64>, Option<u64>),
    broken: Cap,
    levels: &[(u64, u32, u32, u64)],
) -> Bracket {
    let level = |n, broke, memory| Level {
        broke,
        memory_bytes: Some(memory),
        ..Level::untried(n)
    };
    let levels = levels.iter().flat_map(|&(n, passed, broke, memory)| {
        let passed = (0..passed).map(move |_| level(n, None, memory));
        passed.chain((0..broke).map(move |_| level(n, Some(broken), memory)))
    });
    let mut limit: LimitRecord = serde_json::from_str(
        r#"{"plan":{"kind":"cpu","axis":"n","first":1,"last":1000000,"caps":{},"precision_ppm":50000,
            "repeats":3,"budget_ms":10000},"end":"found","levels":[]}"#,
    )
    .unwrap();
    limit.plan.caps = Caps {
        wall_ns: (broken == Cap::Wall).then_some(1),
        memory_bytes: (broken == Cap::Memory).then_some(1_000_000),
        stack_bytes: (broken == Cap::Stack).then_some(1_000_000),
        ..Caps::default()
    };
    limit.end = end;
    (limit.largest_pass, limit.smallest_fail) = (pass, fail);
    limit.levels = levels.collect();
    Bracket::of_search(&limit).unwrap()
}

/// A search with a deadline that found these ends, the upper one only while other programs had the processor; above it, `sure`
/// failed by itself.
fn disturbed(pass: Option<u64>, fail: u64, sure: Option<u64>) -> Bracket {
    let broke = |n, disturbed| Level {
        broke: Some(Cap::Wall),
        disturbed,
        ..Level::untried(n)
    };
    let mut limit: LimitRecord = serde_json::from_str(
        r#"{"plan":{"kind":"cpu","axis":"n","first":1,"last":1000000,"caps":{"wall_ns":1},"precision_ppm":50000,
            "repeats":3,"budget_ms":10000},"end":"found","levels":[]}"#,
    )
    .unwrap();
    limit.levels = pass.map(Level::untried).into_iter().collect();
    limit.levels.extend([broke(fail, true), broke(fail, true)]);
    limit.levels.extend(sure.map(|n| broke(n, false)));
    if pass.is_none() {
        limit.end = SearchEnd::BelowRange;
    }
    (limit.largest_pass, limit.smallest_fail) = (pass, Some(fail));
    Bracket::of_search(&limit).unwrap()
}

fn verdict_of(old: (u64, Option<u64>), new: (u64, Option<u64>), is_timed: bool) -> Verdict {
    judge(
        &bracket(old.0, old.1, is_timed),
        &bracket(new.0, new.1, is_timed),
    )
    .verdict
}

#[test]
fn a_fifth_less_is_a_regression_whatever_broke() {
    for is_timed in [false, true] {
        let of = |new| verdict_of((1000, Some(1050)), new, is_timed);
        assert_eq!(of((800, Some(840))), Regressed);
        assert_eq!(of((1250, Some(1310))), Improved);
        assert_eq!(of((1000, Some(1050))), Unchanged);
        assert_eq!(of((1020, Some(1071))), Unchanged);
        assert_eq!(of((500, Some(2000))), CannotTell);
    }
}

#[test]
fn what_memory_or_a_stack_ends_is_known_to_the_bracket() {
    let of = |new, is_timed| verdict_of((1000, Some(1050)), new, is_timed);
    assert_eq!(of((930, Some(970)), false), Regressed);
    assert_eq!(of((930, Some(970)), true), Unchanged);
    assert_eq!(of((1100, Some(1150)), false), Improved);
    // Single levels.
    assert_eq!(verdict_of((10, Some(11)), (9, Some(10)), false), Regressed);
    assert_eq!(verdict_of((10, Some(11)), (11, Some(12)), false), Improved);
    assert_eq!(verdict_of((10, Some(11)), (10, Some(11)), false), Unchanged);
}

#[test]
fn what_lies_beyond_the_range_is_compared_as_such() {
    let reached = (400, Some(420));
    let (open, below) = ((1000, None), (0, Some(10)));
    assert_eq!(verdict_of(reached, open, true), Improved);
    assert_eq!(verdict_of(open, reached, true), Regressed);
    assert_eq!(verdict_of(open, open, true), Unchanged);
    assert_eq!(verdict_of(below, below, true), Unchanged);
    assert_eq!(verdict_of(below, reached, true), Improved);
    assert_eq!(verdict_of(reached, below, true), Regressed);
    assert_eq!(verdict_of((990, Some(1000)), open, true), CannotTell);
    assert_eq!(verdict_of(open, (500, None), true), CannotTell);
}

#[test]
fn a_failure_that_other_programs_caused_is_no_regression() {
    let then = bracket(1000, Some(1050), true);
    let now = |bracket: &Bracket| judge(&then, bracket);
    for sure in [None, Some(1600)] {
        let answer = now(&disturbed(Some(400), 420, sure));
        assert_eq!(answer.verdict, CannotTell);
        assert!(
            answer.reason.contains("other programs"),
            "{}",
            answer.reason
        );
    }
    assert_eq!(now(&disturbed(None, 1, None)).verdict, CannotTell);
    // What failed by itself a little above is proof enough, and so is what passed in spite of everything.
    assert_eq!(
        now(&disturbed(Some(400), 420, Some(500))).verdict,
        Regressed
    );
    assert_eq!(now(&disturbed(Some(2000), 2100, None)).verdict, Improved);
    // A baseline that others held back makes no improvement of what is as it was.
    let answer = judge(&disturbed(Some(400), 420, None), &then);
    assert_eq!(answer.verdict, CannotTell);
    let both = disturbed(Some(400), 420, None).or(&bracket(500, Some(520), true));
    assert_eq!(judge(&then, &both).verdict, CannotTell);
}

/// A search for users, each of whom has to do half of what one does alone, where others had the processor whenever that was looked at.
fn of_starved_base(pass: u64, fail: Option<u64>) -> Bracket {
    let mut limit: LimitRecord = serde_json::from_str(
        r#"{"plan":{"kind":"concurrency","axis":"users","first":1,"last":64,"caps":{"service":{"efficiency_ppm":500000}},
            "precision_ppm":50000,"repeats":3,"budget_ms":10000},"end":"found","levels":[]}"#,
    )
    .unwrap();
    let starved = Level {
        disturbed: true,
        ..Level::untried(1)
    };
    let failed = fail.map(|n| Level {
        broke: Some(Cap::Efficiency),
        ..Level::untried(n)
    });
    limit.levels = vec![starved.clone(), starved, Level::untried(pass)];
    limit.levels.extend(failed);
    if fail.is_none() {
        limit.end = SearchEnd::NotReached;
    }
    (limit.largest_pass, limit.smallest_fail) = (Some(pass), fail);
    Bracket::of_search(&limit).unwrap()
}

#[test]
fn what_is_measured_by_a_level_that_others_disturbed_cannot_be_told() {
    let firm = bracket(8, Some(9), true);
    for starved in [
        of_starved_base(8, Some(9)),
        of_starved_base(32, Some(33)),
        of_starved_base(64, None),
    ] {
        for answer in [judge(&firm, &starved), judge(&starved, &firm)] {
            let told = (answer.verdict, answer.reason.contains("the first level"));
            assert_eq!(told, (CannotTell, true), "{}", answer.reason);
        }
        assert_eq!(judge(&starved, &starved).verdict, CannotTell);
        assert_eq!(judge(&firm, &starved.or(&firm)).verdict, CannotTell);
    }
    // What fails beside so little would fail beside more.
    let fallen = of_starved_base(2, Some(3));
    assert_eq!(judge(&firm, &fallen).verdict, Regressed);
    assert_eq!(judge(&fallen, &firm).verdict, Improved);
    // It is shown as it was found.
    assert!((fallen.shown() - 2.0).abs() < 1e-9);
}

#[test]
fn a_search_that_was_broken_off_proves_what_a_majority_stands_behind() {
    let of = |end, ends, levels: &[(u64, u32, u32, u64)]| found(end, ends, Cap::Wall, levels);
    // On its way up: the range has not been exhausted.
    let early = |n| {
        of(
            SearchEnd::Budget,
            (Some(n), None),
            &[(n / 2, 1, 0, 1), (n, 1, 0, 1)],
        )
    };
    assert_eq!(judge(&early(64), &early(64)).verdict, CannotTell);
    assert_eq!(judge(&early(64), &early(1024)).verdict, CannotTell);
    assert_eq!(judge(&early(1024), &early(64)).verdict, CannotTell);
    let answer = judge(&early(64), &early(64));
    assert!(answer.reason.contains("budget"), "{}", answer.reason);
    assert!((early(64).shown() - 64.0).abs() < 1e-9);
    // One probe that broke is no proof of a fall, two are.
    let whole = of(
        SearchEnd::Found,
        (Some(1000), Some(1050)),
        &[(1000, 2, 0, 1), (1050, 0, 2, 1)],
    );
    let fallen = |broke| {
        of(
            SearchEnd::Budget,
            (Some(400), Some(500)),
            &[(400, 1, 0, 1), (500, 0, broke, 1)],
        )
    };
    assert_eq!(judge(&whole, &fallen(1)).verdict, CannotTell);
    assert_eq!(judge(&whole, &fallen(2)).verdict, Regressed);
    assert_eq!(judge(&fallen(2), &whole).verdict, Improved);
    // Both ends sure, though the bracket is wider than was asked for.
    let wide = of(
        SearchEnd::Budget,
        (Some(950), Some(1050)),
        &[(950, 2, 0, 1), (1050, 0, 2, 1)],
    );
    assert_eq!(judge(&wide, &wide).verdict, Unchanged);
}

#[test]
fn neighbouring_levels_are_exact_where_memory_is_not_near_its_cap() {
    let of = |pass, cap, took: (u64, u64)| {
        let levels = [(pass, 2, 0, took.0), (pass + 1, 0, 2, took.1)];
        found(SearchEnd::Found, (Some(pass), Some(pass + 1)), cap, &levels)
    };
    let fallen = |cap, took| judge(&of(100, cap, took), &of(99, cap, took)).verdict;
    assert_eq!(fallen(Cap::Stack, (1, 1)), Regressed);
    assert_eq!(fallen(Cap::Memory, (980_000, 1_020_000)), Regressed);
    // Within what memory flutters by, on either end.
    assert_eq!(fallen(Cap::Memory, (980_000, 1_002_000)), Unchanged);
    assert_eq!(fallen(Cap::Memory, (998_000, 1_020_000)), Unchanged);
    assert_eq!(fallen(Cap::Wall, (1, 1)), Unchanged);
}

#[test]
fn swapped_sides_invert_the_answer() {
    let ends = [
        (1, Some(2)),
        (10, Some(11)),
        (10, None),
        (0, Some(1)),
        (12, Some(13)),
        (7, Some(30)),
    ];
    for is_timed in [false, true] {
        for old in ends {
            for new in ends {
                let there = verdict_of(old, new, is_timed);
                let back = verdict_of(new, old, is_timed);
                let inverted = match there {
                    Regressed => Improved,
                    Improved => Regressed,
                    other => other,
                };
                let open = old.1.is_none() && new.1.is_none();
                assert!(
                    back == inverted || open,
                    "{old:?} {new:?} {is_timed}: {there:?} {back:?}"
                );
            }
        }
    }
}

#[test]
fn several_searches_are_as_wide_as_all_of_them() {
    let one = bracket(10, Some(11), false);
    let two = bracket(12, Some(13), true);
    assert_eq!(one.or(&two), bracket(10, Some(13), true));
    let open = Bracket {
        place: Place::Inside,
        ..bracket(10, None, false)
    };
    assert_eq!(one.or(&bracket(20, None, false)), open);
}
