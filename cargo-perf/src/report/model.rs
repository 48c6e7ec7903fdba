//! What a report says, before anyone decides how it looks.

use std::collections::BTreeMap;

use perf_schema::metric::names;
use perf_schema::{
    BenchId, BenchmarkRecord, Better, Corrected, ExitCode, Gate, Hint, LimitRecord, Metric,
    Overhead, RunRecord, Samples, Throughput, Unit,
};

use super::about::{About, Source};
use super::advice;
use super::growth;
use super::limits::bracket;
use super::method::Method;
use super::order::natural;
use super::quantity::change;
use crate::compare::expect::Outcome;
use crate::compare::family::THREADS;
use crate::compare::noise::SessionNoise;
use crate::compare::rules::Rules;
use crate::compare::{
    Assessed, Assessment, Comparison, Effect, Grown, Held, Judged, MetricVerdict, Session,
    Severity, Standing, Swept, Verdict, held, overhead_in, warned,
};

/// Which command the report is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command {
    /// `run`.
    Run,
    /// `compare`.
    Compare,
    /// `report`, of what is recorded.
    Report,
}

impl Command {
    /// The word for it in machine output.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Run => "run",
            Self::Compare => "compare",
            Self::Report => "report",
        }
    }
}

/// A report.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    /// Which command it is of.
    pub command: Command,
    /// What was measured: branch, commit, machine class.
    pub candidate: String,
    /// What it is compared with; `None` when there is nothing.
    pub baseline: Option<String>,
    /// The same as it was typed.
    pub typed: Option<String>,
    /// A line for each benchmark.
    pub rows: Vec<Row>,
    /// How time grows over the axes of benchmarks.
    pub sweeps: Vec<Swept>,
    /// What the author claims of the change, and how it came out.
    pub expectations: Vec<Outcome>,
    /// What else should be known, a sentence each.
    pub notes: Vec<String>,
    /// The command that asks the same again.
    pub reproduce: Option<String>,
    /// Under what circumstances, and of which commits.
    pub about: About,
    /// The exit code that goes with it.
    pub exit_code: ExitCode,
}

impl Report {
    /// How many benchmarks grow faster over an axis than was promised.
    #[must_use]
    pub fn broken_sweeps(&self) -> usize {
        let broken = |swept: &&Swept| swept.grown.is_broken();
        self.sweeps.iter().filter(broken).count()
    }

    /// What was claimed and came out so, what repeats, the notes, and the hints for single benchmarks.
    #[must_use]
    pub fn all_notes(&self) -> Vec<String> {
        let hints = self.rows.iter().filter_map(Row::hinted);
        let told = advice::claimed(&self.expectations).into_iter();
        let folded = advice::folded(self);
        let notes = self.notes.iter().cloned();
        told.chain(folded).chain(notes).chain(hints).collect()
    }
}

/// A benchmark.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Which one.
    pub id: BenchId,
    /// Where it is written, if that is known.
    pub source: Option<Source>,
    /// The answer of the comparison, if there was one.
    pub verdict: Option<Verdict>,
    /// Why, or how it failed.
    pub reason: String,
    /// Whether it stands against the change: without it, the command would end with another exit code, or for another reason.
    pub fails: bool,
    /// How the answer came about, if there is one.
    pub method: Option<Method>,
    /// Where the baseline comes from, where that differs from benchmark to benchmark.
    pub origin: Option<String>,
    /// What one iteration works through.
    pub throughput: Throughput,
    /// Its metrics, the one that counts most first, those that only explain others last.
    pub figures: Vec<Figure>,
    /// What its author lets pass, as this record says it.
    pub gate: Option<Gate>,
    /// How it stands to its budgets.
    pub budgets: Vec<Held>,
    /// How it stands to what the project wants to be warned of.
    pub warnings: Vec<Held>,
    /// What no figure of the table shows: exact metrics that changed, and metrics that are gone, in words.
    pub remarks: Vec<String>,
    /// Metrics that could not be had, and why.
    pub absent: Vec<(String, String)>,
    /// What its author should know of it.
    pub hint: Option<Hint>,
    /// Its values of before, oldest first, in the unit of its headline: as far back as they may be set beside each other. Empty
    /// where nobody looked.
    pub trail: Vec<f64>,
    /// Of a limit, what the search found.
    pub limit: Option<LimitRecord>,
    /// Of a limit, how its time grows.
    pub grown: Option<Grown>,
}

/// A metric of a benchmark.
#[derive(Clone, Debug, PartialEq)]
pub struct Figure {
    /// Name of the metric.
    pub metric: String,
    /// What it is counted in.
    pub unit: Unit,
    /// Which direction is good.
    pub better: Better,
    /// Whether it must be the same each time.
    pub exact: bool,
    /// The centre that was compared; without a comparison, the median over launches of each launch's median.
    pub value: Option<Corrected>,
    /// Half the distance between the quartiles over launches.
    pub spread: Option<f64>,
    /// Launches it was seen in.
    pub launches: usize,
    /// What each of them came to, without what measuring costs.
    pub medians: Vec<f64>,
    /// The baseline's centre, by the summary that was compared.
    pub baseline: Option<Corrected>,
    /// The change, where it could be estimated.
    pub effect: Option<Effect>,
    /// The answer for this metric.
    pub verdict: Option<Verdict>,
    /// What sessions were taken to differ by, where stored records were compared.
    pub sessions: Option<SessionNoise>,
    /// Why.
    pub reason: Option<String>,
    /// What the rules say of it.
    pub assessed: Option<Assessed>,
}

impl Row {
    /// Takes in what the rules say.
    pub fn assess(&mut self, assessment: &Assessment) {
        for figure in &mut self.figures {
            figure.assessed = assessment.of(&self.id, &figure.metric);
        }
    }

    /// How grave its gravest change is; nothing is, where nothing was compared.
    #[must_use]
    pub fn severity(&self) -> Severity {
        let assessed = self.figures.iter().filter_map(|figure| figure.assessed);
        let severities = assessed.map(|assessed| assessed.severity);
        severities.max().unwrap_or_default()
    }

    /// How sure its verdict is.
    #[must_use]
    pub fn certainty(&self) -> Option<f64> {
        let speaks = self
            .figures
            .iter()
            .find(|figure| figure.verdict == self.verdict);
        speaks?.assessed?.confidence
    }

    /// The hint for this benchmark as a sentence, if there is one.
    #[must_use]
    pub fn hinted(&self) -> Option<String> {
        self.hint.map(|hint| format!("{} {hint}", self.id))
    }

    /// The rows of a record, judged by `comparison` if there is one, and of the benchmarks that only the comparison knows;
    /// sorted by name. What fails whatever it is compared with is marked; the rest is for who knows what was demanded.
    #[must_use]
    pub fn of(record: &RunRecord, comparison: Option<&Comparison>) -> Vec<Self> {
        let mut judged: BTreeMap<&BenchId, &Judged> = comparison
            .iter()
            .flat_map(|c| &c.benchmarks)
            .map(|judged| (&judged.id, judged))
            .collect();
        let session = Session::of(record);
        let mut rows: Vec<Self> = record
            .benchmarks
            .iter()
            .map(|benchmark| row(benchmark, session, judged.remove(&benchmark.id)))
            .collect();
        rows.extend(judged.into_values().map(gone));
        rows.sort_by(|a, b| natural(&a.id.to_string(), &b.id.to_string()));
        rows
    }

    /// Holds the rows of a record to what the project wants to be warned of.
    pub fn warn(rows: &mut [Self], rules: &Rules, record: &RunRecord) {
        let session = Session::of(record);
        for benchmark in &record.benchmarks {
            let warnings = rules.warnings_of(benchmark);
            if let Some(row) = rows.iter_mut().find(|row| row.id == benchmark.id) {
                row.warnings = warned(benchmark, &warnings, session);
            }
        }
    }

    /// Whether it took more than it may, gave less than it has to, or grows faster than was promised.
    #[must_use]
    pub fn breaks_a_budget(&self) -> bool {
        self.oversteps() || self.grows_too_fast()
    }

    /// Whether it took more than it may, or gave less than it has to.
    #[must_use]
    pub fn oversteps(&self) -> bool {
        let broken = |held: &Held| held.standing == Standing::Broken;
        self.budgets.iter().any(broken)
    }

    /// Whether it grows faster than was promised.
    #[must_use]
    pub fn grows_too_fast(&self) -> bool {
        self.grown.as_ref().is_some_and(Grown::is_broken)
    }

    /// The metric that a person looks at first. What is exact needs no interval, and is told in a remark.
    #[must_use]
    pub fn headline(&self) -> Option<&Figure> {
        let speaks = |figure: &&Figure| {
            matches!(
                self.verdict,
                Some(Verdict::Regressed | Verdict::Layout | Verdict::Tolerated)
            ) && figure.verdict == self.verdict
                && !figure.exact
        };
        self.figures
            .iter()
            .find(speaks)
            .or_else(|| self.figures.first())
    }
}

fn row(benchmark: &BenchmarkRecord, session: Option<Session>, judged: Option<&Judged>) -> Row {
    let failure = benchmark.outcome.failures.first();
    let mut figures: Vec<Figure> = benchmark
        .metrics
        .iter()
        .filter_map(|(name, metric)| figure(name, metric, overhead_in(benchmark, name), judged))
        .collect();
    figures.sort_by_key(|figure| (figure.metric != "wall", figure.better == Better::Neither));
    let mut remarks: Vec<String> = figures.iter().filter_map(exact_change).collect();
    remarks.extend(judged.iter().flat_map(|judged| gone_metrics(judged)));
    remarks.extend(benchmark.limit.as_ref().map(bracket));
    let grown = Grown::of(benchmark);
    remarks.extend(grown.as_ref().and_then(growth::told));
    let mut row = Row {
        fails: failure.is_some(),
        id: benchmark.id.clone(),
        source: None,
        verdict: judged
            .map(|j| j.verdict)
            .or(failure.map(|_| Verdict::Failed)),
        reason: failure
            .map(|f| f.message.clone())
            .or(judged.map(|j| j.reason.clone()))
            .unwrap_or_default(),
        method: judged.map(|_| Method::Records),
        origin: None,
        throughput: throughput(benchmark),
        figures,
        gate: benchmark.gate,
        budgets: held(benchmark, session),
        warnings: Vec::new(),
        remarks,
        absent: absent(benchmark),
        hint: hint(benchmark),
        trail: Vec::new(),
        limit: benchmark.limit.clone(),
        grown,
    };
    row.fails |= row.breaks_a_budget();
    row
}

/// Metrics that can no longer be compared, apart from one that the benchmark's own reason is of.
fn gone_metrics(judged: &Judged) -> impl Iterator<Item = String> {
    let gone = |metric: &&MetricVerdict| {
        // One note says that what is taken on request was not asked for.
        metric.verdict == Verdict::Incomparable
            && metric.reason != judged.reason
            && metric.metric != names::INSTRUCTIONS_VALGRIND
    };
    let metrics = judged.metrics.iter().filter(gone);
    metrics.map(|metric| format!("{}: {}", metric.metric, metric.reason))
}

fn exact_change(figure: &Figure) -> Option<String> {
    let changed = matches!(
        figure.verdict,
        Some(Verdict::Regressed | Verdict::Tolerated | Verdict::Improved)
    );
    let from = figure.baseline.and_then(Corrected::about)?;
    let to = figure.value.and_then(Corrected::about)?;
    (figure.exact && changed)
        .then(|| format!("{} {}", figure.metric, change(from, to, &figure.unit)))
}

fn absent(benchmark: &BenchmarkRecord) -> Vec<(String, String)> {
    let reason = |metric: &Metric| match metric {
        Metric::Absent { reason } => Some(reason.clone()),
        Metric::Measured { .. } => None,
    };
    let metrics = benchmark.metrics.iter();
    metrics
        .filter_map(|(name, metric)| Some((name.clone(), reason(metric)?)))
        .collect()
}

/// What is worked through in the time of one iteration: as many iterations as there are threads.
fn throughput(benchmark: &BenchmarkRecord) -> Throughput {
    let threads = benchmark
        .parameters
        .get(THREADS)
        .and_then(|n| n.parse().ok())
        .unwrap_or(1_u64);
    let all = |each: Option<u64>| each.map(|n| n.saturating_mul(threads));
    Throughput {
        items: all(benchmark.throughput.items),
        bytes: all(benchmark.throughput.bytes),
    }
}

fn gone(judged: &Judged) -> Row {
    Row {
        id: judged.id.clone(),
        source: None,
        fails: judged.verdict == Verdict::Failed,
        verdict: Some(judged.verdict),
        reason: judged.reason.clone(),
        method: Some(Method::Records),
        origin: None,
        throughput: Throughput::default(),
        figures: Vec::new(),
        gate: None,
        budgets: Vec::new(),
        warnings: Vec::new(),
        remarks: Vec::new(),
        absent: Vec::new(),
        hint: None,
        trail: Vec::new(),
        limit: None,
        grown: None,
    }
}

/// What the record says of a benchmark that does not measure what its author thinks.
fn hint(benchmark: &BenchmarkRecord) -> Option<Hint> {
    let Some(Metric::Measured { samples, .. }) = benchmark.metrics.get(names::WALL) else {
        return None;
    };
    let typical = perf_stats::median(&medians(samples)).ok()?;
    overhead_in(benchmark, names::WALL)?.hint(typical)
}

/// What each launch of a benchmark came to in a metric, without what measuring costs; `None` where it was not measured.
#[must_use]
pub fn launch_medians(benchmark: &BenchmarkRecord, metric: &str) -> Option<Vec<f64>> {
    let Metric::Measured { samples, .. } = benchmark.metrics.get(metric)? else {
        return None;
    };
    let overhead = overhead_in(benchmark, metric);
    let corrected = |value| overhead.map_or(value, |overhead| overhead.corrected(value));
    Some(medians(samples).into_iter().map(corrected).collect())
}

/// The median of each launch.
fn medians(samples: &Samples) -> Vec<f64> {
    samples
        .launches()
        .iter()
        .filter_map(|launch| perf_stats::median(launch).ok())
        .collect()
}

fn figure(
    name: &str,
    metric: &Metric,
    overhead: Option<Overhead>,
    judged: Option<&Judged>,
) -> Option<Figure> {
    let Metric::Measured {
        unit,
        better,
        exact,
        samples,
    } = metric
    else {
        return None;
    };
    let launches = medians(samples);
    let quantile = |q| perf_stats::quantile(&launches, q).ok();
    let amount =
        |value| overhead.map_or(Corrected::About(value), |overhead| overhead.amount(value));
    let judged = judged.and_then(|j| j.metrics.iter().find(|m| m.metric == name));
    Some(Figure {
        metric: name.to_owned(),
        unit: unit.clone(),
        better: *better,
        exact: *exact,
        // Beside a baseline, the centre that was compared with it: the two and their ratio then belong together.
        value: judged
            .and_then(|m| m.candidate)
            .or(quantile(0.5).map(amount)),
        spread: quantile(0.75)
            .zip(quantile(0.25))
            .map(|(high, low)| (high - low) / 2.0),
        launches: launches.len(),
        medians: launches
            .iter()
            .map(|&value| overhead.map_or(value, |overhead| overhead.corrected(value)))
            .collect(),
        baseline: judged.and_then(|m| m.baseline),
        effect: judged.and_then(|m| m.effect),
        sessions: judged.and_then(|m| m.sessions),
        verdict: judged.map(|m| m.verdict),
        reason: judged.map(|m| m.reason.clone()),
        assessed: None,
    })
}
