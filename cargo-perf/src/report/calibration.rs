//! What a calibration found: a line for each benchmark, in each format.

use perf_schema::BenchId;
use serde::Serialize;

use super::markdown::escape;
use super::printable::{printable, printable_lines};
use super::table::{Column, Line, WIDTH, draw, wrapped};
use super::{Format, Look};
use crate::compare::noise::SessionNoise;
use crate::compare::paired::Forecast;

/// Version of the JSON shape.
const VERSION: u32 = 1;

/// What a calibration found.
#[derive(Clone, Debug, PartialEq)]
pub struct Calibration {
    /// What was measured.
    pub title: String,
    /// How many sessions were taken.
    pub sessions: usize,
    /// Each benchmark.
    pub benchmarks: Vec<Calibrated>,
    /// What else should be known.
    pub notes: Vec<String>,
}

/// What a calibration found of one benchmark.
#[derive(Clone, Debug, PartialEq)]
pub struct Calibrated {
    /// Which one.
    pub id: BenchId,
    /// How it failed, if it did.
    pub failure: Option<String>,
    /// How well pairs of launches repeat, and what it takes to see 2 %.
    pub forecast: Option<Forecast>,
    /// What sessions differ by.
    pub sessions: Option<SessionNoise>,
    /// The smallest change to be seen against a stored record, as a ratio.
    pub seen_by_screen: Option<f64>,
    /// The smallest change that was to be seen side by side, as a ratio.
    pub seen_by_pairs: Option<f64>,
    /// Pairs of launches that were taken.
    pub pairs: usize,
    /// Metrics that were called changed, over all comparisons.
    pub alarms: usize,
}

const HEADINGS: [&str; 7] = [
    "benchmark",
    "launches",
    "sessions",
    "seen by records",
    "seen by --paired",
    "2 % takes",
    "alarms",
];

fn columns() -> [Column; 7] {
    // What can be seen, and whether something was that is not there, is what one calibrates for.
    let keep = [None, Some(0), Some(1), Some(3), Some(4), Some(2), None];
    std::array::from_fn(|at| Column {
        heading: HEADINGS[at],
        words: at == 0,
        keep: keep[at],
    })
}

impl Calibration {
    /// Renders it.
    #[must_use]
    pub fn render(&self, format: Format, look: Look) -> String {
        match format {
            Format::Human => self.human(look),
            Format::Json => self.json(),
            Format::Markdown => self.markdown(),
        }
    }

    fn alarms(&self) -> usize {
        self.benchmarks
            .iter()
            .map(|benchmark| benchmark.alarms)
            .sum()
    }

    fn summary(&self) -> String {
        match self.alarms() {
            0 => "no false alarm: nothing was called changed, and nothing was".to_owned(),
            1 => "1 false alarm: this code was called changed against itself".to_owned(),
            alarms => format!("{alarms} false alarms: this code was called changed against itself"),
        }
    }

    fn human(&self, look: Look) -> String {
        let mut text = wrapped(&printable(&self.title), "", look.width) + "\n";
        let lines: Vec<Line> = self
            .benchmarks
            .iter()
            .map(|benchmark| Line {
                cells: benchmark.cells().to_vec(),
                ..Line::default()
            })
            .collect();
        let width = look.width.unwrap_or(WIDTH);
        text.push_str(&draw(&columns(), &lines, width, look.width.is_some()));
        text.push('\n');
        for note in self.all_notes() {
            let note = format!("note: {}", printable_lines(&note));
            text.push_str(&wrapped(&note, "", look.width));
        }
        text + &wrapped(&self.summary(), "", look.width)
    }

    fn markdown(&self) -> String {
        let mut text = format!(
            "### cargo perf calibrate: {}\n\n{}\n\n",
            self.summary(),
            escape(&self.title)
        );
        text.push_str(&format!(
            "| {} |\n|---|--:|--:|--:|--:|--:|--:|\n",
            HEADINGS.join(" | ")
        ));
        for benchmark in &self.benchmarks {
            text.push_str(&format!(
                "| {} |\n",
                benchmark.cells().map(|cell| escape(&cell)).join(" | ")
            ));
        }
        text.push('\n');
        for note in self.all_notes() {
            text.push_str(&format!("- {}\n", escape(&note)));
        }
        text
    }

    fn all_notes(&self) -> Vec<String> {
        let failures = self.benchmarks.iter().filter_map(|benchmark| {
            let why = benchmark.failure.as_ref()?;
            Some(format!("{} failed: {why}", benchmark.id))
        });
        self.notes.iter().cloned().chain(failures).collect()
    }

    fn json(&self) -> String {
        let document = Document {
            version: VERSION,
            command: "calibrate",
            title: &self.title,
            sessions: self.sessions,
            alarms: self.alarms(),
            notes: &self.notes,
            benchmarks: self.benchmarks.iter().map(json).collect(),
        };
        // Strings and finite numbers are all that is in it, and those always have a JSON form.
        serde_json::to_string_pretty(&document).unwrap_or_default() + "\n"
    }
}

impl Calibrated {
    fn cells(&self) -> [String; 7] {
        let none = || "-".to_owned();
        let ratio = |ratio: Option<f64>| ratio.map_or_else(none, |ratio| percent(ratio - 1.0));
        [
            printable(&self.id.in_package()),
            self.forecast
                .map_or_else(none, |forecast| percent(forecast.spread)),
            self.sessions.map_or_else(none, |noise| noise.words()),
            ratio(self.seen_by_screen),
            ratio(self.seen_by_pairs),
            self.forecast.map_or_else(none, |forecast| {
                format!("{:.1} s", forecast.time.as_secs_f64())
            }),
            self.alarms.to_string(),
        ]
    }
}

fn percent(relative: f64) -> String {
    format!("{:.2} %", relative * 100.0)
}

#[derive(Serialize)]
struct Document<'a> {
    version: u32,
    command: &'static str,
    title: &'a str,
    sessions: usize,
    alarms: usize,
    notes: &'a [String],
    benchmarks: Vec<Benchmark<'a>>,
}

#[derive(Serialize)]
struct Benchmark<'a> {
    id: String,
    failure: Option<&'a str>,
    /// Standard deviation of the log-ratio of two launches beside each other.
    launch_spread: Option<f64>,
    /// Standard deviation of a session's centre, on the log scale.
    session_sd: Option<f64>,
    /// From how many sessions that was learned; 0 where it is assumed.
    session_runs: Option<usize>,
    /// As ratios.
    smallest_detectable_by_records: Option<f64>,
    smallest_detectable_side_by_side: Option<f64>,
    pairs: usize,
    /// What it takes to see 2 % side by side: pairs of launches, and seconds on each side.
    pairs_for_two_per_cent: Option<f64>,
    seconds_for_two_per_cent: Option<f64>,
    alarms: usize,
}

fn json(benchmark: &Calibrated) -> Benchmark<'_> {
    Benchmark {
        id: benchmark.id.to_string(),
        failure: benchmark.failure.as_deref(),
        launch_spread: benchmark.forecast.map(|forecast| forecast.spread),
        session_sd: benchmark.sessions.map(|noise| noise.spread.sd),
        session_runs: benchmark.sessions.map(|noise| noise.runs),
        smallest_detectable_by_records: benchmark.seen_by_screen,
        smallest_detectable_side_by_side: benchmark.seen_by_pairs,
        pairs: benchmark.pairs,
        pairs_for_two_per_cent: benchmark.forecast.map(|forecast| forecast.pairs),
        seconds_for_two_per_cent: benchmark
            .forecast
            .map(|forecast| forecast.time.as_secs_f64()),
        alarms: benchmark.alarms,
    }
}
