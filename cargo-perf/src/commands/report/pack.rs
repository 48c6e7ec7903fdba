//! The series of a page, and the trails of a table, from the index of runs.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use perf_schema::{BenchId, Sha};

use super::super::pairing::benchmark_of;
use super::super::survey::RunsOnLine;
use super::period::{Period, Whole};
use crate::report::html::{self, Packed, PackedSeries};
use crate::report::{Report, Row, launch_medians};
use crate::series::Series;
use crate::store::index::IndexError;
use crate::trend::{Examined, TrendRule, examine, stand};

/// Runs of which the page shows the launches.
const LAUNCHES_OF: usize = 5;

/// Points of a trail.
const TRAIL: usize = 60;

/// What was seen in one of a benchmark's series.
struct Looked {
    id: BenchId,
    /// Its place among those of the benchmark.
    nth: usize,
    /// Whether it is the one that a table shows.
    is_shown: bool,
    examined: Examined,
}

/// Packs the series, marks in them the steps that `trend` finds too, and gives each row its trail.
///
/// # Errors
/// When the index cannot be read.
pub(super) fn pack(
    runs: &RunsOnLine<'_>,
    wanted: &dyn Fn(&BenchId) -> bool,
    period: Option<&Period>,
    rule: &TrendRule,
    report: &mut Report,
) -> Result<Packed, IndexError> {
    let recent = period.map_or(&[][..], |period| &period.recent);
    let newest = recent.first();
    let class = newest.map(|whole| whole.record.machine.class.as_str());
    let headlines = headlines(report);
    // The series that a table shows: of the metric that counts most, on the machine that the report is of.
    let is_shown = |series: &Series| {
        let metric = headlines.get(&series.key.id);
        Some(series.key.class.as_str()) == class && Some(&series.key.metric) == metric
    };
    let packed = Mutex::new(Packed::default());
    let looked = runs.each(wanted, |mut all| {
        all.sort_by_key(|series| (!is_shown(series), Some(series.key.class.as_str()) != class));
        let pages: Vec<PackedSeries> = all
            .iter()
            .map(|series| {
                let recent = if is_shown(series) { recent } else { &[] };
                html::pack(series, &launches(recent, series))
            })
            .collect();
        if let Some(id) = all.first().map(|series| &series.key.id) {
            // One that panicked took what it held with it; what stands there is whole.
            let mut packed = packed.lock().unwrap_or_else(PoisonError::into_inner);
            packed.add(id, &all, pages);
        }
        let look = |(nth, series): (usize, &Series)| {
            Some(Looked {
                id: series.key.id.clone(),
                nth,
                is_shown: is_shown(series),
                examined: examine(series, rule)?,
            })
        };
        all.iter().enumerate().filter_map(look).collect::<Vec<_>>()
    })?;
    let looked: Vec<Looked> = looked.into_iter().flatten().collect();
    let mut packed = packed.into_inner().unwrap_or_else(PoisonError::into_inner);
    let trails = looked.iter().filter(|looked| looked.is_shown);
    let mut trails: HashMap<BenchId, Vec<f64>> = trails
        .map(|looked| (looked.id.clone(), trail(&looked.examined)))
        .collect();
    for row in &mut report.rows {
        row.trail = trails.remove(&row.id).unwrap_or_default();
    }
    let (places, mut examined): (Vec<(BenchId, usize)>, Vec<Examined>) = looked
        .into_iter()
        .map(|looked| ((looked.id, looked.nth), looked.examined))
        .unzip();
    stand(&mut examined, rule);
    for ((id, nth), examined) in places.iter().zip(&examined) {
        packed.mark(id, *nth, examined);
    }
    Ok(packed)
}

/// The metric of each benchmark that counts most.
fn headlines(report: &Report) -> HashMap<BenchId, String> {
    let rows = report.rows.iter();
    let headline = |row: &Row| Some((row.id.clone(), row.headline()?.metric.clone()));
    rows.filter_map(headline).collect()
}

/// The latest values of the stretch that ends now.
fn trail(examined: &Examined) -> Vec<f64> {
    let spots = &examined.spots;
    let latest = &spots[spots.len().saturating_sub(TRAIL)..];
    latest.iter().map(|spot| spot.value).collect()
}

/// The medians of launches of the latest runs, oldest run first.
fn launches(recent: &[Whole], series: &Series) -> Vec<(Sha, Vec<f64>)> {
    let of = |whole: &Whole| {
        let sha = whole.record.commit.as_ref()?.sha.clone();
        let benchmark = benchmark_of(&whole.record, &series.key.id)?;
        let medians = launch_medians(benchmark, &series.key.metric)?;
        Some((sha, medians))
    };
    let latest = recent.iter().take(LAUNCHES_OF).rev();
    latest.filter_map(of).collect()
}
