//! Lasting steps of series: found in each, and kept as far as a suite of series may show any by chance.

use std::collections::BTreeMap;

use perf_schema::{BenchId, Better};
use perf_stats::{ChangePoint, ChangeRule, benjamini_hochberg, change_points};

use crate::report::html::Step;
use crate::series::{Point, Series};

/// The share of series with a step among those shown that may have none.
const FALSE_SHARE: f64 = 0.01;

/// Steps of a series, with the place in it of what was looked at.
#[derive(Debug)]
struct Found {
    p_value: f64,
    steps: Vec<Step>,
}

/// Steps of many series.
#[derive(Debug, Default)]
pub(super) struct Steps {
    found: BTreeMap<(BenchId, String), Found>,
}

impl Steps {
    /// Looks at a series: at its newest stretch, within which values may be set beside each other.
    pub(super) fn look(&mut self, series: &Series) {
        if series.exact || series.better == Better::Neither {
            return;
        }
        let stretch = series.newest_stretch();
        let first = series.points.len() - stretch.len();
        let measured = stretch.iter().enumerate();
        let measured = measured.filter_map(|(at, point)| Some((first + at, point.figure?.value)));
        let (places, values): (Vec<usize>, Vec<f64>) = measured.unzip();
        // Too few runs, or a value of zero, show no step.
        let Ok(found) = change_points(&values, &ChangeRule::default()) else {
            return;
        };
        let step = |point: &ChangePoint| {
            let at = |index: usize| series.points.get(*places.get(index)?);
            Some(Step {
                at: *places.get(point.index)?,
                ratio: point.ratio,
                text: words(point, at(point.last_before)?, at(point.first_after)?),
            })
        };
        let key = (series.key.id.clone(), series.key.metric.clone());
        self.found.insert(
            key,
            Found {
                p_value: found.p_value,
                steps: found.points.iter().filter_map(step).collect(),
            },
        );
    }

    /// Leaves out what many series together show by chance.
    pub(super) fn corrected(mut self) -> Self {
        let p_values: Vec<f64> = self.found.values().map(|found| found.p_value).collect();
        // Probabilities that are none cannot come; were there one, nothing would be shown.
        let adjusted = benjamini_hochberg(&p_values).unwrap_or_else(|_| vec![1.0; p_values.len()]);
        for (found, adjusted) in self.found.values_mut().zip(adjusted) {
            if adjusted > FALSE_SHARE {
                found.steps.clear();
            }
        }
        self
    }

    /// The steps of a series.
    pub(super) fn of(&self, series: &Series) -> &[Step] {
        let key = (series.key.id.clone(), series.key.metric.clone());
        self.found.get(&key).map_or(&[], |found| &found.steps)
    }
}

fn words(point: &ChangePoint, before: &Point, after: &Point) -> String {
    let name = |point: &Point| {
        let commit = point.commit.as_ref();
        commit.map_or_else(
            || "a run".to_owned(),
            |commit| commit.sha.short(9).to_owned(),
        )
    };
    let provisional = if point.provisional {
        ", provisional: few runs have followed"
    } else {
        ""
    };
    format!(
        "after {}, with {} at the latest{provisional}",
        name(before),
        name(after)
    )
}
