//! Steps for the worse that somebody agreed to. What follows one is a level of its own, which nothing before it is held against:
//! else what was agreed to once would be a regression for as long as the window reaches back.

use perf_schema::{Accept, Better, Ratio};

use super::examine::{Examined, Step};
use super::settle::{centre, levels};
use crate::compare::accept::{Stepped, is_of_step};
use crate::compare::worsening;

/// The accepted regressions that count.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AcceptedPoints {
    /// The points, in any order.
    pub points: Vec<Accept>,
    /// The day it is, `YYYY-MM-DD`: a point that has expired counts no longer.
    pub today: String,
}

impl AcceptedPoints {
    /// Notes in each step that was agreed to why it was.
    pub(super) fn note(&self, examined: &mut Examined) {
        let of_it = |point: &&Accept| point.is_of(&examined.key.id, &examined.key.metric);
        let points: Vec<&Accept> = self.points.iter().filter(of_it).collect();
        if points.is_empty() {
            return;
        }
        let found = levels(examined);
        let sides = found
            .windows(2)
            .map(|pair| (centre(pair[0]), centre(pair[1])));
        let reasons: Vec<Option<String>> = examined
            .steps
            .iter()
            .zip(sides)
            .map(|(step, (from, to))| {
                let stepped = Stepped {
                    unit: &examined.unit,
                    better: examined.better,
                    levels: from.zip(to),
                    surely: surely(examined, step),
                };
                let class = &examined.key.class;
                let mut points = points.iter();
                let point = points.find(|point| is_of_step(point, &stepped, class, &self.today));
                point.map(|point| point.reason.clone())
            })
            .collect();
        for (step, reason) in examined.steps.iter_mut().zip(reasons) {
            step.accepted = reason;
        }
    }
}

/// How much worse a step surely is.
fn surely(examined: &Examined, step: &Step) -> Option<f64> {
    let better = examined.better;
    let ratio = step
        .ratio
        .and_then(Ratio::new)
        .filter(|_| !examined.exact)?;
    let Some((low, high)) = step.interval else {
        return Some(Stepped::surely_beyond_sessions(ratio, better));
    };
    let near = if better == Better::Higher { high } else { low };
    Ratio::new(near).map(|near| worsening(near, better))
}

/// Place of the first spot that anything is held against: that after the newest step that was agreed to.
pub(super) fn reference(examined: &Examined) -> usize {
    let accepted = examined.steps.iter().filter(|step| step.accepted.is_some());
    accepted.map(|step| step.at).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use perf_schema::{ACCEPT_VERSION, Amount, Unit};

    use super::*;
    use crate::compare::rules::{Preset, Rules};
    use crate::series::Series;
    use crate::series::fixture::series;
    use crate::trend::{Class, Trend, TrendRule, examine, settle};

    const REASON: &str = "it checks its input now";

    /// Times about each of some levels that scatter a little, the same each time.
    fn levels_of(parts: &[(usize, f64)]) -> Series {
        let scatter = |i: usize| 1.0 + ((i * 37 % 11) as f64 - 5.0) * 4e-4;
        let times = parts
            .iter()
            .flat_map(|&(count, ns)| (0..count).map(move |i| ns * scatter(i)));
        series(&times.collect::<Vec<f64>>())
    }

    fn point(series: &Series, from: f64, to: f64) -> Accept {
        Accept {
            schema: ACCEPT_VERSION,
            benchmark: series.key.id.clone(),
            metric: "wall".to_owned(),
            unit: Unit::NANOSECONDS,
            better: Better::Lower,
            class: Some(series.key.class.clone()),
            from: Amount::new(from).unwrap(),
            to: Amount::new(to).unwrap(),
            reason: REASON.to_owned(),
            who: None,
            expires: Some("2026-06-30".to_owned()),
        }
    }

    fn trend_at(series: &Series, points: &[Accept], today: &str, anchor: Option<usize>) -> Trend {
        let rule = TrendRule {
            window_days: 90,
            anchor,
            accepted: AcceptedPoints {
                points: points.to_vec(),
                today: today.to_owned(),
            },
            ..TrendRule::default()
        };
        let rules = Rules {
            preset: Preset::Pyodide,
            ..Rules::default()
        };
        let examined = examine(series, &rule).unwrap();
        settle(vec![examined], &rule, &rules).remove(0)
    }

    fn trend(series: &Series, points: &[Accept]) -> Trend {
        trend_at(series, points, "2026-06-30", None)
    }

    fn accepted(trend: &Trend) -> Vec<Option<&str>> {
        let steps = trend.steps.iter();
        steps.map(|step| step.accepted.as_deref()).collect()
    }

    #[test]
    fn what_was_agreed_to_is_no_regression_and_the_level_that_follows_is_the_reference() {
        let series = levels_of(&[(12, 100.0), (12, 130.0)]);
        let point = point(&series, 100.0, 130.0);
        assert_eq!(trend(&series, &[]).class, Class::Regression);
        let found = trend(&series, std::slice::from_ref(&point));
        assert_eq!((found.class, found.change), (Class::Stable, None));
        assert_eq!(accepted(&found), [Some(REASON)]);
        let since = found.since.unwrap();
        assert!(
            since.accepted && !since.stands && since.position == 12,
            "{since:?}"
        );
        // An anchor before it is none any more; one after it is.
        let pinned = |at| {
            trend_at(
                &series,
                std::slice::from_ref(&point),
                "2026-01-01",
                Some(at),
            )
        };
        assert_eq!(pinned(3).class, Class::Stable);
        assert!(
            pinned(3)
                .since
                .is_some_and(|since| since.accepted && since.pinned)
        );
        assert!(
            pinned(15)
                .since
                .is_some_and(|since| !since.accepted && since.position == 15)
        );
        // What comes on top is held against the accepted level, not against what was before.
        let worse = levels_of(&[(20, 100.0), (40, 130.0), (20, 260.0)]);
        let found = trend(&worse, std::slice::from_ref(&point));
        assert_eq!(found.class, Class::Regression);
        let change = found.change.unwrap();
        assert!((change.from - 130.0).abs() < 0.5, "{change:?}");
        assert_eq!(accepted(&found), [Some(REASON), None]);
    }

    #[test]
    fn a_point_is_for_one_step_of_one_machine_until_its_last_day() {
        let series = levels_of(&[(12, 100.0), (12, 130.0)]);
        let whole = point(&series, 100.0, 130.0);
        let other = |change: &dyn Fn(&mut Accept)| {
            let mut point = whole.clone();
            change(&mut point);
            trend(&series, &[point]).class
        };
        assert_eq!(other(&|_| {}), Class::Stable);
        assert_eq!(
            other(&|p| p.to = Amount::new(110.0).unwrap()),
            Class::Regression
        );
        assert_eq!(
            other(&|p| p.class = Some("other".to_owned())),
            Class::Regression
        );
        assert_eq!(other(&|p| p.metric = "cpu".to_owned()), Class::Regression);
        assert_eq!(other(&|p| p.unit = Unit::BYTES), Class::Regression);
        // Of a step that was taken before: from 130 on, not from 100.
        let later = point(&series, 130.0, 170.0);
        assert_eq!(trend(&series, &[later]).class, Class::Regression);
        let expired = trend_at(&series, std::slice::from_ref(&whole), "2026-07-01", None);
        assert_eq!(
            (expired.class, accepted(&expired)),
            (Class::Regression, vec![None])
        );
        // What became better is no regression that anybody agrees to.
        let better = levels_of(&[(12, 130.0), (12, 100.0)]);
        let found = trend(&better, &[point(&better, 100.0, 130.0)]);
        assert_eq!(
            (found.class, accepted(&found)),
            (Class::Improvement, vec![None])
        );
    }

    #[test]
    fn the_newest_runs_alone_may_be_the_accepted_level() {
        let series = levels_of(&[(6, 100.0), (1, 140.0)]);
        assert_eq!(trend(&series, &[]).class, Class::Regression);
        let found = trend(&series, &[point(&series, 100.0, 140.0)]);
        assert!(!found.class.is_worse(), "{:?}", found.class);
        assert_eq!(accepted(&found), [Some(REASON)]);
    }
}
