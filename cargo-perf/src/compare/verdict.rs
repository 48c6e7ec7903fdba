//! What is thought of a comparison.

use super::noise::SessionNoise;
use perf_schema::metric::names;
use perf_schema::{BenchId, Better, Corrected, ExitCode, MetricName, Ratio, Unit};

use super::assess::Assessment;

/// The answer for one metric or one benchmark.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict {
    /// The candidate is worse.
    Regressed,
    /// The candidate failed to run.
    Failed,
    /// The baseline has it, the candidate has not.
    Missing,
    /// The two cannot be compared, for a reason that more measuring would not remove.
    Incomparable,
    /// The data cannot carry a verdict.
    CannotTell,
    /// The candidate is slower as it was linked, and not in other orders of its functions: no fault of the change.
    Layout,
    /// The candidate is worse, and its author lets that pass.
    Tolerated,
    /// The candidate is better.
    Improved,
    /// The candidate has it, the baseline has not.
    New,
    /// No change beyond the margin.
    Unchanged,
}

impl Verdict {
    /// Every verdict, the gravest first.
    pub const ALL: [Self; 10] = [
        Self::Regressed,
        Self::Failed,
        Self::Missing,
        Self::Incomparable,
        Self::CannotTell,
        Self::Layout,
        Self::Tolerated,
        Self::Improved,
        Self::New,
        Self::Unchanged,
    ];

    /// The word for it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Regressed => "regressed",
            Self::Failed => "failed",
            Self::Missing => "missing",
            Self::Incomparable => "incomparable",
            Self::CannotTell => "cannot tell",
            Self::Layout => "layout",
            Self::Tolerated => "tolerated",
            Self::Improved => "improved",
            Self::New => "new",
            Self::Unchanged => "unchanged",
        }
    }
}

/// How large a change is, and how well that is known.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Effect {
    /// Candidate over baseline.
    pub ratio: Ratio,
    /// Lower end of the interval.
    pub low: Ratio,
    /// Upper end of the interval.
    pub high: Ratio,
    /// Level of the interval.
    pub confidence: f64,
    /// Chance of seeing this much change for the worse if there were none beyond the floor; corrected for the suite.
    pub p_worse: f64,
    /// The same for the better.
    pub p_better: f64,
    /// The smallest change for the worse that would have been called one, in this suite, four times out of five.
    pub smallest_detectable: Ratio,
}

impl Effect {
    /// Whether it is the ratio of two values that were the same each time, and no estimate.
    #[must_use]
    pub fn is_exact(&self) -> bool {
        self.confidence >= 1.0
    }

    /// The smallest change that would have been called one, as a part of the baseline.
    #[must_use]
    pub fn least_seen(&self) -> f64 {
        self.smallest_detectable.get().ln().abs().exp_m1()
    }
}

/// The answer for one metric of one benchmark.
#[derive(Clone, Debug, PartialEq)]
pub struct MetricVerdict {
    /// Name of the metric.
    pub metric: MetricName,
    /// What it is counted in.
    pub unit: Unit,
    /// Which direction is good.
    pub better: Better,
    /// Whether it is said to be the same each time. That it was is [`Effect::is_exact`].
    pub exact: bool,
    /// Centre of the baseline's launches.
    pub baseline: Option<Corrected>,
    /// Centre of the candidate's launches.
    pub candidate: Option<Corrected>,
    /// The change, where one could be estimated.
    pub effect: Option<Effect>,
    /// The answer.
    pub verdict: Verdict,
    /// Why.
    pub reason: String,
    /// Whether it looks worse beyond the floor, and only the number of questions asked at once kept it from being called.
    pub suspected: bool,
    /// What sessions were taken to differ by, for what was judged by stored records.
    pub sessions: Option<SessionNoise>,
}

/// The answer for one benchmark.
#[derive(Clone, Debug, PartialEq)]
pub struct Judged {
    /// Which one.
    pub id: BenchId,
    /// Its metrics, the one that counts most first.
    pub metrics: Vec<MetricVerdict>,
    /// The answer.
    pub verdict: Verdict,
    /// Why.
    pub reason: String,
}

impl Judged {
    /// The exit code that this one amounts to.
    #[must_use]
    pub fn exit_code(&self, assessment: &Assessment, demands: Demands) -> ExitCode {
        let open = || self.is_open() && !assessment.ignores(&self.id);
        match self.verdict {
            Verdict::Failed => ExitCode::Benchmark,
            Verdict::Regressed if assessment.fails(&self.id) => ExitCode::Regression,
            Verdict::Missing if !demands.allow_missing => ExitCode::Coverage,
            _ if demands.decision && open() => ExitCode::Undecided,
            _ => ExitCode::Fine,
        }
    }

    /// Whether something is left undecided.
    fn is_open(&self) -> bool {
        let open = |verdict| matches!(verdict, Verdict::CannotTell | Verdict::Incomparable);
        // What is let pass of another metric answers nothing of the one that counts most.
        let first = self.metrics.first();
        self.verdict == Verdict::New
            || open(self.verdict)
            || first.is_some_and(|metric| open(metric.verdict))
            || self.lost_a_metric()
    }

    /// Whether something that the author counts on can no longer be compared. What is taken on request only, and memory of
    /// the whole process, which depends on the size of the batch, may come and go.
    fn lost_a_metric(&self) -> bool {
        let may_go = [
            names::INSTRUCTIONS,
            names::INSTRUCTIONS_VALGRIND,
            names::PEAK_RSS,
        ];
        self.metrics.iter().any(|metric| {
            metric.verdict == Verdict::Incomparable && !may_go.contains(&metric.metric.as_str())
        })
    }
}

/// The answer for a suite, in the order the benchmarks were given.
#[derive(Clone, Debug, PartialEq)]
pub struct Comparison {
    /// The benchmarks.
    pub benchmarks: Vec<Judged>,
}

impl Comparison {
    /// How many benchmarks have this verdict.
    #[must_use]
    pub fn count(&self, verdict: Verdict) -> usize {
        self.benchmarks
            .iter()
            .filter(|b| b.verdict == verdict)
            .count()
    }

    /// The exit code that the verdicts amount to. A benchmark that failed weighs most, since what it hides is unknown;
    /// then a regression that is grave enough, then a benchmark that is gone. What is ignored demands nothing.
    #[must_use]
    pub fn exit_code(&self, assessment: &Assessment, demands: Demands) -> ExitCode {
        const GRAVEST_FIRST: [ExitCode; 4] = [
            ExitCode::Benchmark,
            ExitCode::Regression,
            ExitCode::Coverage,
            ExitCode::Undecided,
        ];
        let judged = self.benchmarks.iter();
        let codes: Vec<ExitCode> = judged
            .map(|judged| judged.exit_code(assessment, demands))
            .collect();
        let mut gravest = GRAVEST_FIRST.into_iter();
        gravest
            .find(|code| codes.contains(code))
            .unwrap_or(ExitCode::Fine)
    }
}

/// What is demanded of a comparison besides that nothing regressed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Demands {
    /// Benchmarks may be gone.
    pub allow_missing: bool,
    /// Every benchmark has to be decided.
    pub decision: bool,
}
