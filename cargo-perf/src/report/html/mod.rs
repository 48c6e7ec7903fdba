//! The dashboard: one HTML file with its data, style and script inside, which asks nothing of the network.
//!
//! The browser is told so, too: the page's policy permits its own script and style and nothing else. Data stands in a block
//! that is no script, with every `<` escaped, and the script puts text into the document as text.

mod limits;
mod pack;
mod page;

use std::collections::{BTreeMap, HashMap};

use perf_schema::{BenchId, Corrected, Sha};

use super::headline::headline;
use super::model::{Figure, Report, Row};
use super::printable::printable;
use super::quantity::{amount, percent_change};
use super::{advice, budget, order};
use crate::compare::{Effect, Ranked, Verdict};
use crate::hash::short;
pub use pack::{Packed, PackedSeries, pack};
use page::{Page, PageFigure, PageRange, PageRow, PageSeries};

const PAGE: &str = include_str!("page/page.html");
const STYLE: [&str; 2] = [
    include_str!("uplot/uPlot.min.css"),
    include_str!("page/style.css"),
];
const UPLOT: &str = include_str!("uplot/uPlot.iife.min.js");
const LICENCE: &str = include_str!("uplot/LICENSE");
const SCRIPT: [&str; 10] = [
    include_str!("page/base.js"),
    include_str!("page/chart.js"),
    include_str!("page/table.js"),
    include_str!("page/overview.js"),
    include_str!("page/bench.js"),
    include_str!("page/limits.js"),
    include_str!("page/families.js"),
    include_str!("page/four.js"),
    include_str!("page/compare.js"),
    include_str!("page/main.js"),
];

/// What a page tells besides the report and the series.
#[derive(Debug, Default)]
pub struct Besides {
    /// Of the period, name and value.
    pub facts: Vec<(String, String)>,
    /// What commits are called: tags and branches.
    pub names: Vec<(Sha, String)>,
    /// Variants beside each other.
    pub rankings: Vec<Ranked>,
    /// Hardware threads of the machine that the newest run was on.
    pub threads: Option<u32>,
}

/// Renders the page.
#[must_use]
pub fn render(report: &Report, title: &str, besides: Besides, mut series: Packed) -> String {
    let thinned = series.fit();
    let (mut commits, mut series) = series.take();
    commits.call(&besides.names);
    let mut rows: Vec<&Row> = report.rows.iter().collect();
    rows.sort_by(|a, b| order::gravest_first(a, b));
    let places: HashMap<&BenchId, usize> = rows
        .iter()
        .enumerate()
        .map(|(at, row)| (&row.id, at))
        .collect();
    let title = printable(title);
    let page = Page {
        version: 1,
        title: &title,
        headline: printable(&headline(report, str::to_owned)),
        candidate: printable(&report.candidate),
        baseline: report.baseline.as_deref().map(printable),
        facts: besides.facts,
        commits,
        sweeps: limits::sweeps(&report.sweeps, &rows, &places),
        rankings: limits::rankings(&besides.rankings, &places),
        rows: rows
            .iter()
            .map(|row| page_row(row, report, besides.threads, &mut series))
            .collect(),
        expectations: advice::claimed(&report.expectations)
            .iter()
            .map(|text| printable(text))
            .collect(),
        notes: report.notes.iter().map(|note| printable(note)).collect(),
        reproduce: report.reproduce.as_deref().map(printable),
        surroundings: report
            .about
            .surroundings
            .iter()
            .map(|(name, value)| (*name, printable(value)))
            .collect(),
        range: report.about.range.as_ref().map(|range| PageRange {
            from: range.from.as_str().to_owned(),
            to: range.to.as_str().to_owned(),
            url: range.link.clone(),
        }),
        thinned,
        licence: LICENCE,
    };
    // Strings and finite numbers are all that is in it, and those always have a JSON form.
    fill(&title, &serde_json::to_string(&page).unwrap_or_default())
}

/// Puts the parts into the page, in one pass: what a part holds is never looked at again.
fn fill(title: &str, data: &str) -> String {
    // A text that holds its own hash nobody can write, so no data can claim to be ours.
    let nonce = short(data, 32);
    let script = SCRIPT.join("\n");
    let style = STYLE.join("\n");
    let data = data.replace('<', "\\u003c");
    let title = title.replace('&', "&amp;").replace('<', "&lt;");
    let mut text =
        String::with_capacity(data.len() + UPLOT.len() + script.len() + style.len() + PAGE.len());
    let mut rest = PAGE;
    while let Some((before, after)) = rest.split_once("{{") {
        let (name, after) = after.split_once("}}").unwrap_or(("", after));
        text.push_str(before);
        text.push_str(match name {
            "nonce" => &nonce,
            "title" => &title,
            "style" => &style,
            "data" => &data,
            "uplot" => UPLOT,
            "script" => &script,
            _ => "",
        });
        rest = after;
    }
    text.push_str(rest);
    text
}

fn page_row(
    row: &Row,
    report: &Report,
    threads: Option<u32>,
    series: &mut BTreeMap<BenchId, Vec<PageSeries>>,
) -> PageRow {
    let figure = row.headline();
    let effect = figure.and_then(|figure| figure.effect);
    let texts = |texts: Vec<String>| texts.iter().map(|text| printable(text)).collect();
    let mut of_row = series.remove(&row.id).unwrap_or_default();
    if let Some(figure) = figure {
        // The metric that the table shows is drawn first.
        of_row.sort_by_key(|series| series.metric != figure.metric);
    }
    PageRow {
        id: printable(&row.id.to_string()),
        package: row.id.package().to_owned(),
        verdict: row.verdict.map(Verdict::word),
        severity: row.verdict.map(|_| row.severity().word()),
        reason: printable(&row.reason),
        fails: row.fails,
        over: budget::word(row),
        value: figure.and_then(|figure| figure.value?.about()),
        now: figure.map_or("–".to_owned(), |figure| shown(figure, figure.value)),
        change: effect.map_or("–".to_owned(), |effect| percent_change(effect.ratio)),
        interval: effect.map_or_else(String::new, interval),
        ratio: effect.map(|effect| effect.ratio.get()),
        low: effect.map(|effect| effect.low.get()),
        high: effect.map(|effect| effect.high.get()),
        figures: row.figures.iter().map(page_figure).collect(),
        absent: row
            .absent
            .iter()
            .map(|(name, reason)| (name.clone(), printable(reason)))
            .collect(),
        remarks: texts(row.remarks.iter().cloned().chain(row.hinted()).collect()),
        budgets: texts(budget::all_told(row).collect()),
        advice: advice::recommendation(row, report.typed.as_deref()).map(|text| printable(&text)),
        works: works(row),
        limit: limits::limit(row, threads),
        series: of_row,
    }
}

/// What an iteration works through, as far as anybody said.
fn works(row: &Row) -> (u64, &'static str) {
    match (row.throughput.items, row.throughput.bytes) {
        (Some(items), _) => (items, "items"),
        (None, Some(bytes)) => (bytes, "B"),
        (None, None) => (1, "iterations"),
    }
}

fn page_figure(figure: &Figure) -> PageFigure {
    PageFigure {
        metric: printable(&figure.metric),
        baseline: shown(figure, figure.baseline),
        value: shown(figure, figure.value),
        change: figure
            .effect
            .map_or("–".to_owned(), |effect| percent_change(effect.ratio)),
        interval: figure
            .effect
            .filter(|_| !figure.exact)
            .map_or_else(String::new, interval),
        verdict: figure.verdict.map(Verdict::word),
        reason: figure.reason.as_deref().map(printable),
    }
}

fn shown(figure: &Figure, value: Option<Corrected>) -> String {
    value.map_or("–".to_owned(), |value| {
        printable(&amount(value, &figure.unit))
    })
}

fn interval(effect: Effect) -> String {
    format!(
        "{} … {}",
        percent_change(effect.low),
        percent_change(effect.high)
    )
}

#[cfg(test)]
mod tests;
