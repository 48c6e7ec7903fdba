//! Thinning the runs of one benchmark that may be set beside each other.

use std::collections::BTreeSet;

use super::rule::{Keep, Many, Rule};
use crate::store::{day, week};

/// Runs on either side of a step that are kept: as many as must follow one before it is no longer provisional.
pub const NEIGHBOURS: usize = 5;

const DAY: i64 = 86_400;

/// Which of some runs are kept. `times`: when each was made, in seconds since 1970 UTC, any order; one that is not known is kept.
/// `now`: the same.
#[must_use]
pub fn thinned(rule: &Rule, times: &[Option<i64>], now: i64) -> Vec<bool> {
    if rule.keeps_all() {
        return vec![true; times.len()];
    }
    let mut newest_first: Vec<usize> = (0..times.len()).collect();
    newest_first.sort_by_key(|&at| std::cmp::Reverse((times[at], at)));
    let mut kept: Vec<bool> = times.iter().map(Option::is_none).collect();
    let newest = usize::try_from(rule.newest()).unwrap_or(usize::MAX);
    for &at in newest_first.iter().take(newest) {
        kept[at] = true;
    }
    let dated = || {
        let dated = newest_first.iter();
        dated.filter_map(|&at| Some((at, times[at]?)))
    };
    for part in rule.parts() {
        match part {
            Keep::All | Keep::Last(_) => {}
            Keep::Within(days) => {
                let since = now.saturating_sub(i64::from(*days) * DAY);
                for (at, _) in dated().filter(|&(_, time)| time >= since) {
                    kept[at] = true;
                }
            }
            Keep::Daily(many) => first_of_each(dated(), *many, day, &mut kept),
            Keep::Weekly(many) => first_of_each(dated(), *many, week, &mut kept),
            Keep::Monthly(many) => {
                first_of_each(dated(), *many, |time| begin(time, 7), &mut kept);
            }
            Keep::Yearly(many) => {
                first_of_each(dated(), *many, |time| begin(time, 4), &mut kept);
            }
        }
    }
    kept
}

/// So much of a day's text: its month or its year.
fn begin(time: i64, characters: usize) -> Option<String> {
    Some(day(time)?.chars().take(characters).collect())
}

/// Keeps the first, which is the newest, of each span of time, for the newest so many spans.
fn first_of_each(
    dated: impl Iterator<Item = (usize, i64)>,
    many: Many,
    span: impl Fn(i64) -> Option<String>,
    kept: &mut [bool],
) {
    let mut met: BTreeSet<String> = BTreeSet::new();
    for (at, time) in dated {
        match span(time) {
            Some(span) if met.contains(&span) => {}
            Some(span) => {
                let room = match many {
                    Many::All => true,
                    Many::Of(most) => u32::try_from(met.len()).is_ok_and(|met| met < most),
                };
                if !room {
                    return;
                }
                met.insert(span);
                kept[at] = true;
            }
            // A time in no year that has a name.
            None => kept[at] = true,
        }
    }
}

/// The places around steps that are kept. `steps`: the first place of each new level, among `count` places.
#[must_use]
pub fn neighbours(steps: &[usize], count: usize) -> BTreeSet<usize> {
    let around = |&step: &usize| step.saturating_sub(NEIGHBOURS)..(step + NEIGHBOURS).min(count);
    steps.iter().flat_map(around).collect()
}

/// The place whose value is nearest to `level`, the last of several.
#[must_use]
pub fn nearest(values: &[f64], level: f64) -> Option<usize> {
    let distance = |at: usize| (values[at] - level).abs();
    (0..values.len())
        .rev()
        .min_by(|&a, &b| distance(a).total_cmp(&distance(b)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const NOW: i64 = 1_700_000_000;

    fn rule(text: &str) -> Rule {
        let parts = text.split(',').map(|part| part.parse().unwrap());
        Rule::new(parts.collect())
    }

    /// A run each day, the newest last.
    fn daily(days: i64) -> Vec<Option<i64>> {
        (0..days).rev().map(|ago| Some(NOW - ago * DAY)).collect()
    }

    fn count(text: &str, times: &[Option<i64>]) -> usize {
        let kept = thinned(&rule(text), times, NOW);
        kept.iter().filter(|kept| **kept).count()
    }

    #[test]
    fn runs_are_thinned_by_age() {
        let times = daily(400);
        assert_eq!(count("all", &times), 400);
        assert_eq!(count("last=1", &times), 1);
        assert_eq!(count("within=1d,last=1", &times), 2, "both ends");
        assert_eq!(count("daily=30,last=1", &times), 30);
        assert_eq!(count("weekly=4,last=1", &times), 4);
        // 2022-10-11 to 2023-11-14.
        assert_eq!(count("monthly=all,last=1", &times), 14);
        assert_eq!(count("yearly=all,last=1", &times), 2);
        assert_eq!(
            count("within=0001d", &times),
            10,
            "the newest ten unless it is said"
        );
        // The newest of each.
        let kept = thinned(&rule("yearly=all,last=1"), &times, NOW);
        assert!(kept[399] && kept[399 - 318], "2022-12-31");
    }

    #[test]
    fn what_has_no_date_is_kept() {
        assert_eq!(
            thinned(&rule("last=1"), &[None, Some(0), Some(1), None], NOW),
            [true, false, true, true]
        );
    }

    #[test]
    fn steps_keep_what_shows_them() {
        assert_eq!(
            neighbours(&[20], 40).into_iter().collect::<Vec<_>>(),
            (15..25).collect::<Vec<_>>()
        );
        assert_eq!(neighbours(&[2, 3], 4).len(), 4);
        assert!(neighbours(&[], 4).is_empty());
        assert_eq!(nearest(&[1.0, 2.0, 3.0, 2.0], 2.1), Some(3));
        assert_eq!(nearest(&[], 2.1), None);
    }

    fn parts() -> impl Strategy<Value = Vec<Keep>> {
        let many = prop_oneof![Just(Many::All), (1..50_u32).prop_map(Many::Of)];
        let part = prop_oneof![
            (1..20_u32).prop_map(Keep::Last),
            (1..400_u32).prop_map(Keep::Within),
            many.clone().prop_map(Keep::Daily),
            many.clone().prop_map(Keep::Weekly),
            many.clone().prop_map(Keep::Monthly),
            many.prop_map(Keep::Yearly),
        ];
        prop::collection::vec(part, 1..4)
    }

    proptest! {
        #[test]
        fn the_newest_stays_and_who_says_more_keeps_no_less(
            times in prop::collection::vec(NOW - 900 * DAY..NOW, 1..60),
            parts in parts(),
            more in parts(),
        ) {
            let times: Vec<Option<i64>> = times.into_iter().map(Some).collect();
            let last = |parts: &[Keep]| parts.iter().any(|part| matches!(part, Keep::Last(_)));
            let kept = thinned(&Rule::new(parts.clone()), &times, NOW);
            let newest = (0..times.len()).max_by_key(|&at| (times[at], at)).unwrap();
            prop_assert!(kept[newest]);
            // A rule that says how many of the newest are kept takes the place of the ten that nobody asked for.
            if last(&parts) || !last(&more) {
                let both = thinned(&Rule::new([parts, more].concat()), &times, NOW);
                prop_assert!(kept.iter().zip(&both).all(|(one, both)| !one || *both));
            }
        }

        #[test]
        fn what_was_thinned_is_thinned_no_further(
            times in prop::collection::vec(NOW - 900 * DAY..NOW, 1..60),
            parts in parts(),
        ) {
            let rule = Rule::new(parts);
            let times: Vec<Option<i64>> = times.into_iter().map(Some).collect();
            let kept = thinned(&rule, &times, NOW);
            let left: Vec<Option<i64>> = times.iter().zip(&kept).filter(|(_, kept)| **kept).map(|(time, _)| *time).collect();
            prop_assert!(thinned(&rule, &left, NOW).iter().all(|kept| *kept));
        }
    }
}
