//! What has a distribution, as summaries: quantiles, and where it is known of how many.

use perf_schema::metric::names;
use perf_schema::{BenchId, Unit};

use super::{NANOSECONDS, Sample, labels};
use crate::report::model::{Figure, Report, Row};
use crate::report::traffic;

/// The quantiles of launches: the ends, the quartiles and the median.
const OF_LAUNCHES: [(f64, &str); 5] = [
    (0.0, "0"),
    (0.25, "0.25"),
    (0.5, "0.5"),
    (0.75, "0.75"),
    (1.0, "1"),
];

/// The metrics that are quantiles of single calls.
const OF_CALLS: [(&str, &str); 5] = [
    (names::LATENCY_P50, "0.5"),
    (names::LATENCY_P90, "0.9"),
    (names::LATENCY_P99, "0.99"),
    (names::LATENCY_P99_9, "0.999"),
    (names::LATENCY_MAX, "1"),
];

/// What the launches came to in a unit, of which there are `per` in one that is shown; what is exact has no distribution.
pub(super) fn of_launches(report: &Report, unit: &Unit, per: f64) -> Vec<Sample> {
    let is_spread = |figure: &&Figure| {
        figure.unit == *unit
            && !figure.exact
            && !OF_CALLS.iter().any(|(metric, _)| *metric == figure.metric)
            // A summary has no values below zero.
            && figure.medians.iter().all(|&value| value >= 0.0)
    };
    let of_row = |row: &Row| -> Vec<Sample> {
        let figures = row.figures.iter().filter(is_spread);
        figures
            .flat_map(|figure| launches(&row.id, figure, per))
            .collect()
    };
    report.rows.iter().flat_map(of_row).collect()
}

fn launches(id: &BenchId, figure: &Figure, per: f64) -> Vec<Sample> {
    let id = id.to_string();
    let own = [("benchmark", id.as_str()), ("metric", &figure.metric)];
    let quantile = |&(at, word): &(f64, &'static str)| {
        let value = perf_stats::quantile(&figure.medians, at).ok()?;
        Some(Sample::plain(
            labels(own.into_iter().chain([("quantile", word)])),
            value / per,
        ))
    };
    let mut samples: Vec<Sample> = OF_LAUNCHES.iter().filter_map(quantile).collect();
    if !samples.is_empty() {
        let rest = |suffix, value| Sample {
            suffix,
            labels: labels(own),
            value,
        };
        samples.push(rest("_sum", figure.medians.iter().sum::<f64>() / per));
        samples.push(rest("_count", figure.medians.len() as f64));
    }
    samples
}

/// Latency of single calls. How many there were is no metric, so no count is told.
pub(super) fn of_calls(report: &Report) -> Vec<Sample> {
    let of_row = |row: &Row| -> Vec<Sample> {
        let id = row.id.to_string();
        let sample = |&(metric, quantile): &(&str, &'static str)| {
            let figure = row.figures.iter().find(|figure| figure.metric == metric)?;
            let value = figure.value?.about()?;
            Some(Sample::plain(
                labels([("benchmark", id.as_str()), ("quantile", quantile)]),
                value / NANOSECONDS,
            ))
        };
        OF_CALLS.iter().filter_map(sample).collect()
    };
    report.rows.iter().flat_map(of_row).collect()
}

/// Latency of operations at each level of a limit that has users or a rate.
pub(super) fn of_levels(report: &Report) -> Vec<Sample> {
    let of_row = |row: &Row| -> Vec<Sample> {
        let Some(limit) = &row.limit else {
            return Vec::new();
        };
        let id = row.id.to_string();
        let of_level = |(level, quantiles): (u64, traffic::Quantiles)| {
            let level = level.to_string();
            let own = [
                ("benchmark", id.as_str()),
                ("axis", limit.plan.axis.as_str()),
                ("level", &level),
            ];
            let sample = |(quantile, ns): (&'static str, Option<f64>)| {
                let labels = labels(own.into_iter().chain([("quantile", quantile)]));
                Some(Sample::plain(labels, ns? / NANOSECONDS))
            };
            quantiles.into_iter().filter_map(sample).collect::<Vec<_>>()
        };
        traffic::quantiles(limit)
            .into_iter()
            .flat_map(of_level)
            .collect()
    };
    report.rows.iter().flat_map(of_row).collect()
}
