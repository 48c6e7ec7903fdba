//! What the page is made from, in the shape its script reads: JSON with short members where there are many of them.

use serde::Serialize;

/// The whole page.
#[derive(Debug, Serialize)]
pub(super) struct Page<'a> {
    /// Version of this shape. The script comes with the data, so no other ever reads it.
    pub(super) version: u32,
    pub(super) title: &'a str,
    pub(super) headline: String,
    pub(super) candidate: String,
    pub(super) baseline: Option<String>,
    /// What is told of the period: name and value.
    pub(super) facts: Vec<(String, String)>,
    pub(super) commits: Commits,
    pub(super) rows: Vec<PageRow>,
    pub(super) expectations: Vec<String>,
    pub(super) notes: Vec<String>,
    pub(super) reproduce: Option<String>,
    pub(super) surroundings: Vec<(&'static str, String)>,
    pub(super) range: Option<PageRange>,
    /// What was left out of the series, if anything was.
    pub(super) thinned: Option<String>,
    pub(super) licence: &'static str,
}

/// The commits that have points, oldest first; columns of equal length.
#[derive(Debug, Default, Serialize)]
pub(super) struct Commits {
    pub(super) sha: Vec<String>,
    pub(super) subject: Vec<String>,
    /// Seconds since 1970 UTC; absent outside git.
    pub(super) time: Vec<Option<i64>>,
}

#[derive(Debug, Serialize)]
pub(super) struct PageRange {
    pub(super) from: String,
    pub(super) to: String,
    pub(super) url: Option<String>,
}

/// A benchmark. Amounts are told twice where they are sorted by: as the text that every report has, and as a number.
#[derive(Debug, Serialize)]
pub(super) struct PageRow {
    pub(super) id: String,
    pub(super) package: String,
    pub(super) verdict: Option<&'static str>,
    pub(super) severity: Option<&'static str>,
    pub(super) reason: String,
    pub(super) fails: bool,
    pub(super) over: Option<&'static str>,
    pub(super) value: Option<f64>,
    pub(super) now: String,
    pub(super) change: String,
    pub(super) interval: String,
    pub(super) ratio: Option<f64>,
    pub(super) low: Option<f64>,
    pub(super) high: Option<f64>,
    pub(super) figures: Vec<PageFigure>,
    pub(super) absent: Vec<(String, String)>,
    pub(super) remarks: Vec<String>,
    pub(super) budgets: Vec<String>,
    pub(super) advice: Option<String>,
    pub(super) limit: Option<PageLimit>,
    pub(super) series: Vec<PageSeries>,
}

/// A metric of the latest run.
#[derive(Debug, Serialize)]
pub(super) struct PageFigure {
    pub(super) metric: String,
    pub(super) baseline: String,
    pub(super) value: String,
    pub(super) change: String,
    pub(super) interval: String,
    pub(super) verdict: Option<&'static str>,
    pub(super) reason: Option<String>,
}

/// What the search of a limit found.
#[derive(Debug, Serialize)]
pub(super) struct PageLimit {
    pub(super) axis: String,
    pub(super) text: String,
    pub(super) largest: Option<u64>,
    pub(super) smallest: Option<u64>,
    pub(super) broke: Option<&'static str>,
    pub(super) growth: Option<String>,
    pub(super) levels: Vec<PageLevel>,
}

/// Level, nanoseconds, bytes, whether it passed, and what went wrong.
#[derive(Debug, Serialize)]
pub(super) struct PageLevel(
    pub(super) u64,
    pub(super) Option<u64>,
    pub(super) Option<u64>,
    pub(super) bool,
    pub(super) Option<String>,
);

/// A series. Amounts are whole multiples of `scale`, which has four digits or more of the smallest of them.
#[derive(Clone, Debug, Serialize)]
pub(super) struct PageSeries {
    pub(super) metric: String,
    pub(super) unit: String,
    pub(super) better: perf_schema::Better,
    /// Machine and build.
    #[serde(rename = "where")]
    pub(super) place: String,
    pub(super) scale: f64,
    /// Which commits it has: first and length of each stretch without a gap.
    pub(super) at: Vec<usize>,
    pub(super) c: Vec<i64>,
    /// How far the interval goes down and up; absent where the series was thinned, `null` where there is none.
    pub(super) lo: Option<Vec<Option<i64>>>,
    pub(super) hi: Option<Vec<Option<i64>>>,
    /// Commit and what changed beside the code.
    pub(super) marks: Vec<(usize, String)>,
    /// Commit, ratio (`null` where the old level is zero), and the step in words.
    pub(super) steps: Vec<(usize, Option<f64>, String)>,
    /// Commit and how it failed.
    pub(super) failed: Vec<(usize, String)>,
    /// Commit and the medians of its launches.
    pub(super) launches: Vec<(usize, Vec<i64>)>,
}
