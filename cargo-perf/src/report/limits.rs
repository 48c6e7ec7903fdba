//! Limits: what each bracket is, what broke, and what the largest level that passed took. This is what is said of them;
//! [`table`], [`markdown`] and [`json`] write it down.

mod json;
mod markdown;
mod table;

use perf_schema::{
    Backstop, BenchId, BenchmarkRecord, Bound, Cap, Caps, LimitKind, LimitRecord, SearchEnd, Unit,
};

use super::growth;
use super::model::Row;
use super::order::natural;
use super::quantity::quantity;
use super::traffic;
use super::{Format, Look};
use crate::compare::{Grown, Ranked, Swept, Threaded, Verdict};

/// A list of limits.
#[derive(Clone, Debug, PartialEq)]
pub struct LimitsReport {
    /// What they are of: branch, commit, machine class.
    pub title: String,
    /// First digits of the record's id; absent where it could not be kept.
    pub record: Option<String>,
    /// The limits.
    pub rows: Vec<LimitRow>,
    /// How time grows over the axes of benchmarks that are no limits.
    pub sweeps: Vec<Swept>,
    /// How benchmarks scale with their threads.
    pub threaded: Vec<Threaded>,
    /// Variants beside each other.
    pub rankings: Vec<Ranked>,
    /// Hardware threads of the machine they were found on; absent where that is not known.
    pub threads: Option<u32>,
    /// What else should be known.
    pub notes: Vec<String>,
}

/// A limit.
#[derive(Clone, Debug, PartialEq)]
pub struct LimitRow {
    /// Which one.
    pub id: BenchId,
    /// What was found of it.
    pub limit: LimitRecord,
    /// Why the search failed, if it did.
    pub failure: Option<String>,
    /// How its time grows.
    pub grown: Grown,
}

impl LimitRow {
    /// The row of a benchmark, if it is a limit.
    #[must_use]
    pub fn of(benchmark: &BenchmarkRecord) -> Option<Self> {
        Some(Self {
            id: benchmark.id.clone(),
            grown: Grown::of(benchmark)?,
            limit: benchmark.limit.clone()?,
            failure: benchmark
                .outcome
                .failures
                .first()
                .map(|failure| failure.message.clone()),
        })
    }

    /// The same of a report's row.
    #[must_use]
    pub fn of_row(row: &Row) -> Option<Self> {
        let failed = row.verdict == Some(Verdict::Failed);
        Some(Self {
            id: row.id.clone(),
            grown: row.grown.clone()?,
            limit: row.limit.clone()?,
            failure: failed.then(|| row.reason.clone()),
        })
    }

    /// What the probes at the largest passing level say of something: the median.
    fn there(&self, pick: impl Fn(&perf_schema::Level) -> Option<u64>) -> Option<f64> {
        let values: Vec<f64> = self
            .limit
            .at_largest_pass()
            .filter_map(pick)
            .map(|value| value as f64)
            .collect();
        perf_stats::median(&values).ok()
    }

    /// None of users or a rate, which run for as long as they are told to.
    pub(super) fn wall_ns(&self) -> Option<f64> {
        self.there(|level| level.wall_ns.filter(|_| level.traffic.is_none()))
    }

    pub(super) fn memory_bytes(&self) -> Option<f64> {
        self.there(|level| level.memory_bytes)
    }

    /// What is to be said besides the figures.
    pub(super) fn remarks(&self, threads: Option<u32>) -> Vec<String> {
        let limit = &self.limit;
        let mut remarks = Vec::new();
        remarks.extend(self.failure.clone());
        remarks.extend(traffic::remarks(limit, threads));
        // Where nothing passed, there is nothing that could have grown; and users or a rate run for as long as they are told to.
        if limit.largest_pass.is_some() && limit.plan.traffic.is_none() {
            remarks.push(growth::remark(&self.grown));
        }
        if limit.end == SearchEnd::Budget {
            remarks.push(format!(
                "the search ended with its budget of {}",
                quantity(limit.plan.budget_ms as f64 * 1e6, &Unit::NANOSECONDS)
            ));
        }
        if limit.is_disturbed() {
            remarks.push(DISTURBED.to_owned());
        }
        if limit.has_disturbed_base() {
            let (axis, first) = (&limit.plan.axis, limit.plan.first);
            remarks.push(format!(
                "{DISTURBED_BASE} {axis} = {first}, by which the others are measured: the limit may be lower"
            ));
        }
        if let Some((n, fail)) = limit.passed_above().zip(limit.smallest_fail) {
            remarks.push(format!(
                "{} = {n} passed although {fail} fails: more is not always harder",
                limit.plan.axis
            ));
        }
        remarks.extend(limit.backstop.as_ref().map(behind));
        if let Some(ns) = limit.latest_kill_ns() {
            remarks.push(format!(
                "killed at most {} after the deadline",
                quantity(ns as f64, &Unit::NANOSECONDS)
            ));
        } else if limit.plan.kind == LimitKind::Timeout && limit.end == SearchEnd::Found {
            remarks.push("it was never seen that the deadline kills".to_owned());
        }
        remarks
    }
}

/// What stood behind the cap on memory, in words.
fn behind(backstop: &Backstop) -> String {
    match backstop {
        Backstop::ControlGroup => "memory: watched, with a control group behind it".to_owned(),
        Backstop::DataLimit { reason } => {
            format!("memory: watched, with RLIMIT_DATA behind it ({reason})")
        }
    }
}

/// What is to be known of a search that met no answer of its own.
const DISTURBED: &str = "other programs had the processor where it failed first, however often it was tried: the limit may be higher";

/// And of one whose levels are measured by what others disturbed.
const DISTURBED_BASE: &str = "other programs had the processor whenever it was at";

/// The bracket in words.
#[must_use]
pub fn bracket(limit: &LimitRecord) -> String {
    let axis = &limit.plan.axis;
    let broke = limit.cap().map_or_else(String::new, |cap| {
        format!(" breaks {}", cap_in_words(cap, &limit.plan.caps))
    });
    match (limit.end, limit.largest_pass, limit.smallest_fail) {
        (SearchEnd::NotReached, Some(pass), _) => {
            format!("{axis} = {pass} passes, the last of its range: not reached")
        }
        (_, Some(pass), Some(fail)) => format!("{axis} = {pass} passes, {fail}{broke}"),
        (_, Some(pass), None) => format!("{axis} = {pass} passes, and more was not probed"),
        (_, None, Some(fail)) => format!("{axis} = {fail}, the first of its range,{broke}"),
        (_, None, None) => "no level gave an answer".to_owned(),
    }
}

pub(super) fn cap_in_words(cap: Cap, caps: &Caps) -> String {
    let bound = caps.bound(cap).map(|bound| match bound {
        Bound::Nanoseconds(most) => quantity(most as f64, &Unit::NANOSECONDS),
        Bound::Bytes(most) => quantity(most as f64, &Unit::BYTES),
        Bound::AtMost(ppm) | Bound::AtLeast(ppm) => format!("{} %", f64::from(ppm) / 1e4),
    });
    let bound = bound.map_or(String::new(), |bound| format!(" ({bound})"));
    format!("{}{bound}", cap.word())
}

/// Renders the list.
#[must_use]
pub fn limits(report: &LimitsReport, format: Format, look: Look) -> String {
    let mut report = report.clone();
    report
        .rows
        .sort_by(|a, b| natural(&a.id.to_string(), &b.id.to_string()));
    match format {
        Format::Human => table::render(&report, look),
        Format::Markdown => markdown::render(&report),
        Format::Json => json::render(&report),
    }
}

const HEADINGS: [&str; 7] = [
    "limit",
    "kind",
    "largest pass",
    "smallest fail",
    "broke",
    "time there",
    "memory there",
];

fn cells(row: &LimitRow) -> [String; 7] {
    let limit = &row.limit;
    let number = |n: Option<u64>, none: &str| n.map_or(none.to_owned(), |n| n.to_string());
    let broke = limit
        .cap()
        .map_or("-".to_owned(), |cap| cap_in_words(cap, &limit.plan.caps));
    let amount =
        |value: Option<f64>, unit| value.map_or("-".to_owned(), |value| quantity(value, &unit));
    let fail = match limit.end {
        SearchEnd::NotReached => "not reached".to_owned(),
        _ => number(limit.smallest_fail, "-"),
    };
    [
        row.id.in_package(),
        limit.plan.kind.word().to_owned(),
        number(limit.largest_pass, "below range"),
        fail,
        broke,
        amount(row.wall_ns(), Unit::NANOSECONDS),
        amount(row.memory_bytes(), Unit::BYTES),
    ]
}

fn source(report: &LimitsReport) -> String {
    match &report.record {
        Some(record) => format!("{} (record {record})", report.title),
        None => report.title.clone(),
    }
}

#[cfg(test)]
mod tests;
