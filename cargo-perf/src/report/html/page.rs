//! What the page is made from, in the shape its script reads: JSON with short members where there are many of them.

use std::collections::{BTreeMap, HashMap};

use perf_schema::Sha;
use serde::Serialize;

use crate::report::printable::printable;
use crate::report::traffic::ServedLevel;

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
    pub(super) sweeps: Vec<PageSweep>,
    pub(super) rankings: Vec<PageRanking>,
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
    /// Which of them tags and branches call by a name, and how.
    pub(super) names: Vec<(usize, String)>,
    /// What is noted: commit and text, of a commit without points at the next one that has some.
    pub(super) notes: Vec<(usize, String)>,
}

impl Commits {
    /// Notes what commits are called; those that have no points are passed over.
    pub(super) fn call(&mut self, names: &[(Sha, String)]) {
        let places: HashMap<&str, usize> = self
            .sha
            .iter()
            .enumerate()
            .map(|(at, sha)| (sha.as_str(), at))
            .collect();
        let mut called: BTreeMap<usize, Vec<String>> = BTreeMap::new();
        for (sha, name) in names {
            if let Some(&at) = places.get(sha.as_str()) {
                called.entry(at).or_default().push(printable(name));
            }
        }
        self.names = called
            .into_iter()
            .map(|(at, names)| (at, names.join(", ")))
            .collect();
    }
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
    /// What an iteration works through: how many, and of what.
    pub(super) works: (u64, &'static str),
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
    pub(super) kind: &'static str,
    pub(super) axis: String,
    pub(super) text: String,
    pub(super) largest: Option<u64>,
    pub(super) smallest: Option<u64>,
    /// How the search ended, as records say it.
    pub(super) end: perf_schema::SearchEnd,
    /// The cap that broke, with what it is.
    pub(super) broke: Option<String>,
    /// Medians at the largest level that passed.
    pub(super) wall_ns: Option<f64>,
    pub(super) memory_bytes: Option<f64>,
    /// The caps that a chart of levels has as lines.
    pub(super) most_wall_ns: Option<u64>,
    pub(super) most_memory_bytes: Option<u64>,
    pub(super) growth: Option<String>,
    /// What else there is to say, growth left out.
    pub(super) remarks: Vec<String>,
    pub(super) levels: Vec<PageLevel>,
    /// Of users or a rate.
    pub(super) served: Option<PageServed>,
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

/// What users, or operations at a rate, got done at each level.
#[derive(Debug, Serialize)]
pub(super) struct PageServed {
    pub(super) levels: Vec<ServedLevel>,
    /// Whether the share of a level is efficiency, of users, or how much of a rate was achieved.
    pub(super) is_rate: bool,
    /// Level and operations per second as the Universal Scalability Law has them; empty where nothing could be fitted.
    pub(super) law: Vec<(u32, f64)>,
    /// The least share and the most latency that were promised, where a chart has a line for them.
    pub(super) least_share: Option<f64>,
    pub(super) most_p99_ns: Option<u64>,
}

/// How time grows over an axis of a benchmark.
#[derive(Debug, Serialize)]
pub(super) struct PageSweep {
    pub(super) id: String,
    pub(super) axis: String,
    pub(super) text: String,
    pub(super) broken: bool,
    /// Value of the axis, nanoseconds of an iteration, and which row it is.
    pub(super) cases: Vec<(f64, Option<f64>, usize)>,
}

/// Variants beside each other, the best first.
#[derive(Debug, Serialize)]
pub(super) struct PageRanking {
    pub(super) id: String,
    pub(super) text: String,
    /// Place, value of the axis, amount as text and number, how it stands to others, and which row it is.
    pub(super) variants: Vec<(String, String, String, f64, String, Option<usize>)>,
}

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
    /// Commit, how it failed, and of how many launches how many did.
    pub(super) failed: Vec<(usize, String, u32, u32)>,
    /// Commit and the medians of its launches.
    pub(super) launches: Vec<(usize, Vec<i64>)>,
}
