//! Both codes, built here and measured beside each other.

use std::collections::BTreeMap;
use std::time::Duration;

use perf_runner::{Case, CaseRun, PairSettings, PairedCase, PairedRun, Settings, conduct_pairs};
use perf_schema::{BenchId, Gate, Kind as CaseKind, RunRecord, Sha, Unit};

use super::super::measuring::Ready;
use super::matching::{Matched, matched};
use super::searches::{self, Searched};
use super::the_same;
use crate::base::{self, Base, Harness, Request};
use crate::cli::CompareArgs;
use crate::compare::paired::{PairedRule, judge};
use crate::compare::{Comparison, Judged, MetricVerdict, Verdict};
use crate::context::Context;
use crate::failure::{Failure, Kind};
use crate::plan::BenchTarget;
use crate::report::Method;
use crate::run::{self, Candidate, Reporter};

/// What came of it.
pub(super) struct SideBySide {
    /// The verdicts, in the order they were reached.
    pub(super) comparison: Comparison,
    /// How each was reached, where it was not by a look at the names alone.
    pub(super) methods: BTreeMap<BenchId, Method>,
    /// What was seen of this code.
    pub(super) record: RunRecord,
    /// What the baseline's benchmarks let pass, by its own words.
    pub(super) gates: BTreeMap<BenchId, Gate>,
    /// What should be known.
    pub(super) notes: Vec<String>,
}

/// What is measured side by side.
pub(super) struct Question<'a> {
    /// The baseline.
    pub(super) commit: &'a Sha,
    /// Benchmarks of this code.
    pub(super) cases: &'a [Candidate],
    /// Whether these are all that were selected, so that what only the baseline has is missing.
    pub(super) is_all: bool,
}

/// Builds the baseline and measures the benchmarks of both.
///
/// # Errors
/// When the baseline cannot be built or asked, or it was interrupted.
pub(super) fn measure(
    cx: &Context,
    args: &CompareArgs,
    ready: &mut Ready,
    question: &Question<'_>,
) -> Result<SideBySide, Failure> {
    let base = build(cx, args, ready, question)?;
    let mut notes = base.notes.clone();
    let mut sides = match_up(cx, args, ready, question, &base, &mut notes)?;
    let mut methods = BTreeMap::new();
    let same = the_same::settle(ready, question.commit, &base, &mut sides, &mut notes)?;
    methods.extend(same.into_iter().map(|id| (id, Method::MachineCode)));
    let limits = take_limits(&mut sides);
    let rule = rule(args, sides.pairs.len());
    let settings = PairSettings {
        timeout: args.measure.timeout(),
        ..rule.settings(Ready::settings(&args.measure).seed)
    };
    let candidates: Vec<Candidate> = sides.pairs.iter().map(|(_, now)| now.clone()).collect();
    let gates = sides
        .pairs
        .iter()
        .chain(&limits)
        .filter_map(|(then, _)| Some((then.id.clone(), then.description.gate?)))
        .collect();
    let runs = conduct(cx, &sides, &settings, &rule, &candidates)?;
    methods.extend(
        runs.iter()
            .map(|(id, run)| (id.clone(), Method::SideBySide(run.launches.len()))),
    );
    let mut comparison = judge(&runs, &rule);
    notes.extend(layout_note(&comparison));
    comparison.benchmarks.extend(sides.settled);
    let mut record = record(cx, ready, &settings, &candidates, &runs);
    if !limits.is_empty() {
        methods.extend(
            limits
                .iter()
                .map(|(_, now)| (now.id.clone(), Method::Searches)),
        );
        let Searched {
            comparison: found,
            benchmarks,
        } = searches::search(cx, ready, &Ready::settings(&args.measure), &limits)?;
        comparison.benchmarks.extend(found.benchmarks);
        record.add(benchmarks);
    }
    Ok(SideBySide {
        record,
        gates,
        comparison,
        methods,
        notes,
    })
}

/// The pairs that are limits, which are searched for and not timed.
fn take_limits(sides: &mut Matched) -> Vec<(Candidate, Candidate)> {
    let pairs = std::mem::take(&mut sides.pairs).into_iter();
    let (limits, timed) = pairs.partition(|(_, now)| now.description.kind == CaseKind::Limit);
    sides.pairs = timed;
    limits
}

/// A regression up to this ratio is small enough for the place alone that the linker gave the code to be a likely cause. It decides
/// over a note and over nothing else.
const LAYOUT: f64 = 1.25;

/// What is seen side by side is real, and need not be the change's own doing.
fn layout_note(comparison: &Comparison) -> Option<String> {
    let may_be_layout = |judged: &Judged| {
        let mut worse = judged
            .metrics
            .iter()
            .filter(|metric| metric.verdict == Verdict::Regressed);
        let is_small_time = |metric: &MetricVerdict| {
            metric.unit == Unit::NANOSECONDS
                && metric
                    .effect
                    .is_some_and(|effect| effect.ratio.get() < LAYOUT)
        };
        judged.verdict == Verdict::Regressed && worse.all(is_small_time)
    };
    let names: Vec<String> = comparison
        .benchmarks
        .iter()
        .filter(|judged| may_be_layout(judged))
        .map(|judged| judged.id.in_package())
        .collect();
    (!names.is_empty()).then(|| {
        format!(
            "{}: the cause may be no more than where the linker put the code, since a change elsewhere in the program can move a \
             function that nobody touched; whether its instructions changed is told by --metric instructions (without --paired)",
            names.join(", ")
        )
    })
}

fn build(
    cx: &Context,
    args: &CompareArgs,
    ready: &Ready,
    question: &Question<'_>,
) -> Result<Base, Failure> {
    let Some(repository) = &ready.repository else {
        return Err(Failure::said(
            Kind::Setup,
            "there is no git repository here, so there is no commit to build",
        ));
    };
    let request = Request {
        repository,
        commit: question.commit,
        workspace: &ready.workspace,
        options: &ready.options,
        units: &ready.made.units,
        harness: args.harness_from,
    };
    let select = &args.select;
    let is_asked = |all: &[String], name: &String| all.is_empty() || all.contains(name);
    let holds_a_case = |target: &BenchTarget| {
        let mut ids = question.cases.iter().map(|case| &case.id);
        ids.any(|id| id.package() == target.package && id.target() == target.name)
    };
    base::build(cx, &request, |target| {
        let is_selected =
            is_asked(&select.packages, &target.package) && is_asked(&select.benches, &target.name);
        is_selected && (question.is_all || holds_a_case(target))
    })
}

/// Asks the baseline for its benchmarks and sets them beside those of this code.
fn match_up(
    cx: &Context,
    args: &CompareArgs,
    ready: &Ready,
    question: &Question<'_>,
    base: &Base,
    notes: &mut Vec<String>,
) -> Result<Matched, Failure> {
    let asked = run::ask(cx, &base.built, args.measure.nocapture).map_err(|failure| {
        let commit = question.commit.short(12);
        let failure = failure.while_doing(format!("the baseline {commit}"));
        match args.harness_from {
            Harness::Base => {
                failure.help("--harness-from head measures its code with the benchmarks of now")
            }
            Harness::Head => failure,
        }
    })?;
    notes.extend(
        asked
            .notes
            .iter()
            .map(|note| format!("in the baseline, {note}")),
    );
    let then: Vec<Candidate> = asked
        .cases
        .into_iter()
        .filter(|case| ready.selection.takes(&case.id, case.description.ignored))
        .collect();
    let mut matched = matched(&then, question.cases, &ready.discovered.known);
    if !question.is_all {
        matched
            .settled
            .retain(|judged| judged.verdict != Verdict::Missing);
    }
    Ok(matched)
}

fn rule(args: &CompareArgs, questions: usize) -> PairedRule {
    let mut rule = PairedRule::standard(questions);
    if args.measure.quick {
        rule.budget = Duration::from_millis(200);
        rule.limit = Duration::from_secs(1);
    }
    rule
}

fn conduct(
    cx: &Context,
    sides: &Matched,
    settings: &PairSettings,
    rule: &PairedRule,
    candidates: &[Candidate],
) -> Result<Vec<(BenchId, PairedRun)>, Failure> {
    if candidates.is_empty() {
        return Ok(Vec::new());
    }
    let case = |candidate: &Candidate| Case {
        program: candidate.program.clone(),
        description: candidate.description.clone(),
        batch: None,
    };
    let cases: Vec<PairedCase> = sides
        .pairs
        .iter()
        .map(|(then, now)| PairedCase {
            baseline: case(then),
            candidate: case(now),
        })
        .collect();
    let mut reporter = Reporter::new(cx, candidates);
    let mut look = |_, run: &PairedRun| rule.look(run);
    let runs = conduct_pairs(&cases, settings, &cx.stop, &mut reporter, &mut look);
    reporter.finish();
    let runs = runs.map_err(|error| Failure::new(Kind::Interrupted, error))?;
    let ids = candidates.iter().map(|case| case.id.clone());
    Ok(ids.zip(runs).collect())
}

/// What was seen of this code, as any run of it is recorded.
fn record(
    cx: &Context,
    ready: &mut Ready,
    settings: &PairSettings,
    candidates: &[Candidate],
    runs: &[(BenchId, PairedRun)],
) -> RunRecord {
    let most = runs.iter().map(|(_, run)| run.launches.len()).max();
    let settings = Settings {
        launches: most.and_then(|most| u32::try_from(most).ok()).unwrap_or(0),
        samples: settings.samples,
        sample: settings.sample,
        ..Settings::standard(settings.seed)
    };
    let runs: Vec<CaseRun> = runs
        .iter()
        .map(|(_, run)| CaseRun {
            batch: run.batch,
            launches: run
                .launches
                .iter()
                .map(|pair| pair.candidate.clone())
                .collect(),
            failures: run.failures.candidate.clone(),
            throughput: run.throughput,
            count: None,
            limit: None,
        })
        .collect();
    ready.record(cx, &settings, candidates, &runs)
}
