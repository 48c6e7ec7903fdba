//! Taking off what measuring costs: the same off both sides, so that two estimates of it can never make a difference of
//! the code.

use std::collections::BTreeMap;

use perf_schema::metric::names;
use perf_schema::{BenchmarkRecord, MetricName, Overhead};

use super::side::{Launch, Side, Values};

/// The metric that says what reading the clock adds to a sample of `metric`; `None` for what no clock reads.
pub(super) fn clock_of(metric: &str) -> Option<&'static str> {
    match metric {
        names::WALL => Some(names::CLOCK),
        names::CPU => Some(names::CPU_CLOCK),
        _ => None,
    }
}

/// The median of a context metric over the launches of all `sides`. What no launch saw counts as nothing: records of an
/// older harness are taken as they were read.
fn typical(name: &str, sides: &[&Side]) -> f64 {
    let seen: Vec<f64> = sides
        .iter()
        .filter_map(|side| side.metrics.get(name))
        .flat_map(|values| &values.launches)
        .flat_map(|launch| launch.samples.iter().copied())
        .collect();
    perf_stats::median(&seen).unwrap_or(0.0)
}

/// What it cost to measure a time on `sides`, in samples of `batch` iterations.
fn overhead(metric: &str, sides: &[&Side], batch: u64) -> Option<Overhead> {
    Some(Overhead {
        loop_ns: typical(names::LOOP, sides),
        clock_ns: typical(clock_of(metric)?, sides),
        batch,
    })
}

/// What it cost to measure a time of this benchmark; `None` for other metrics, and where nothing was sampled.
#[must_use]
pub fn overhead_in(benchmark: &BenchmarkRecord, metric: &str) -> Option<Overhead> {
    // Asked of every metric of every record that is taken in, and few of them are read from a clock.
    clock_of(metric)?;
    let side = Side::pooled([benchmark], None);
    overhead(metric, &[&side], benchmark.batch?)
}

/// Both sides without what measuring costs.
///
/// Where one of them cannot be told from it, only the clock is taken off: what is left of the loop would be a ratio of
/// chances.
pub(super) fn corrected(baseline: &Side, candidate: &Side) -> (Side, Side) {
    let (mut old, mut new) = (baseline.clone(), candidate.clone());
    for metric in [names::WALL, names::CPU] {
        let sides = [baseline, candidate];
        let of = |side: &Side| overhead(metric, &sides, side.batch?);
        let (Some(then), Some(now)) = (of(baseline), of(candidate)) else {
            continue;
        };
        let (then_below, now_below) = (
            below(&old.metrics, metric, then),
            below(&new.metrics, metric, now),
        );
        let told = then_below.is_none() && now_below.is_none();
        correct(&mut old.metrics, metric, then, told, then_below);
        correct(&mut new.metrics, metric, now, told, now_below);
    }
    (old, new)
}

/// What the typical value is below of, if it cannot be told from what measuring costs.
fn below(metrics: &BTreeMap<MetricName, Values>, metric: &str, overhead: Overhead) -> Option<f64> {
    let launches = metrics.get(metric)?.launches.iter();
    let medians: Vec<f64> = launches
        .filter_map(|launch| perf_stats::median(&launch.samples).ok())
        .collect();
    overhead.amount(perf_stats::median(&medians).ok()?).below()
}

fn correct(
    metrics: &mut BTreeMap<MetricName, Values>,
    metric: &str,
    overhead: Overhead,
    told: bool,
    below: Option<f64>,
) {
    let Some(values) = metrics.get_mut(metric) else {
        return;
    };
    values.below = below;
    for Launch { samples, .. } in &mut values.launches {
        for sample in samples {
            *sample = if told {
                overhead.corrected(*sample)
            } else {
                overhead.without_clock(*sample)
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use perf_schema::{Better, Meaning, Unit};

    /// A side whose launches all saw the same.
    fn side(wall: f64, loop_ns: f64, clock_ns: f64, batch: u64) -> Side {
        let values = |value: f64| Values {
            meaning: Meaning {
                unit: Unit::NANOSECONDS,
                better: Better::Lower,
                exact: false,
            },
            launches: vec![
                Launch {
                    samples: vec![value],
                    gauge_ns: None,
                };
                3
            ],
            below: None,
        };
        Side {
            metrics: BTreeMap::from([
                (names::WALL.to_owned(), values(wall)),
                (names::LOOP.to_owned(), values(loop_ns)),
                (names::CLOCK.to_owned(), values(clock_ns)),
            ]),
            absent: BTreeMap::new(),
            failure: None,
            session: None,
            limit: None,
            batch: Some(batch),
        }
    }

    fn wall(side: &Side) -> (f64, Option<f64>) {
        let values = &side.metrics[names::WALL];
        (values.launches[0].samples[0], values.below)
    }

    #[test]
    fn equal_times_stay_equal_whatever_each_side_thinks_of_its_overhead() {
        let (old, new) = corrected(&side(100.0, 0.3, 20.0, 10), &side(100.0, 0.9, 80.0, 10));
        assert_eq!(wall(&old), wall(&new));
        assert_eq!(wall(&old), (95.0, None));
        let (old, new) = corrected(&side(0.5, 0.3, 20.0, 1000), &side(0.5, 0.5, 20.0, 1000));
        assert_eq!(wall(&old), wall(&new));
    }

    #[test]
    fn samples_of_another_size_pay_for_the_clock_by_their_own() {
        let (old, new) = corrected(&side(120.0, 0.3, 20.0, 1), &side(102.0, 0.3, 20.0, 10));
        assert_eq!((wall(&old).0, wall(&new).0), (100.0, 100.0));
    }

    #[test]
    fn a_side_that_cannot_be_told_keeps_its_loop_and_so_does_the_other() {
        let (old, new) = corrected(&side(0.5, 0.3, 0.0, 1000), &side(0.3, 0.3, 0.0, 1000));
        assert_eq!(wall(&old), (0.5, None));
        assert_eq!(wall(&new), (0.3, Some(0.3)));
    }

    #[test]
    fn records_of_an_older_harness_are_taken_as_they_were_read() {
        let mut before = side(0.5, 0.0, 0.0, 1000);
        before.metrics.remove(names::LOOP);
        before.metrics.remove(names::CLOCK);
        let (old, new) = corrected(&before, &before);
        assert_eq!((wall(&old), wall(&new)), ((0.5, None), (0.5, None)));
    }
}
