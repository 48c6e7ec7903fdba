//! Both codes, built here and measured beside each other.

use std::collections::BTreeMap;
use std::time::Duration;

use perf_runner::{CaseRun, PairSettings, PairedCase, PairedRun, Settings, conduct_pairs};
use perf_schema::{BenchId, Gate, Kind as CaseKind, RunRecord, Sha};

use super::super::measuring::Ready;
use super::super::pairing::benchmark_in;
use super::matching::{Matched, matched};
use super::relinked::{self, Codes, InOrders, Sides, paired_case};
use super::searches;
use super::{cause, the_same};
use crate::base::{self, Base, Harness, Request};
use crate::cli::CompareArgs;
use crate::compare::paired::control::{self, Control};
use crate::compare::paired::{PairedRule, judge, judge_orders};
use crate::compare::rules::{Bounds, BudgetsThen};
use crate::compare::{Comparison, Verdict};
use crate::context::Context;
use crate::failure::{Failure, Kind};
use crate::plan::BenchTarget;
use crate::report::{Examined, Method};
use crate::run::{self, Candidate, Reporter};

/// What was seen of each pair of benchmarks.
type Runs = Vec<(BenchId, PairedRun)>;

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
    /// What they may take, by the same.
    pub(super) budgets: BudgetsThen,
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
    // Of what is not measured side by side, too.
    let budgets = sides.pairs.iter();
    let budgets = budgets
        .map(|(then, _)| (then.id.clone(), Bounds::declared(&then.description)))
        .collect();
    let mut methods = BTreeMap::new();
    let same = the_same::settle(ready, question.commit, &base, &mut sides, &mut notes)?;
    methods.extend(same.into_iter().map(|id| (id, Method::MachineCode)));
    let limits = take_limits(&mut sides);
    let rule = limited(PairedRule::standard(sides.pairs.len()), args);
    let settings = PairSettings {
        timeout: args.measure.timeout(),
        ..rule.settings(Ready::settings(&args.measure).seed)
    };
    let gates = sides
        .pairs
        .iter()
        .chain(&limits)
        .filter_map(|(then, _)| Some((then.id.clone(), then.description.gate?)))
        .collect();
    let (ordered, pairs) = in_orders(cx, args, ready, &base, &sides, &rule, &mut notes)?;
    // All of them, those that are measured in many orders too, depend on the machine.
    let chosen = steadiest(ready, &sides.pairs);
    let (mut runs, control) = conduct(cx, &pairs, &settings, &rule, chosen)?;
    methods.extend(
        runs.iter()
            .map(|(id, run)| (id.clone(), Method::SideBySide(run.launches.len()))),
    );
    let mut comparison = judge(&runs, &rule);
    let (over_orders, figures) = judge_orders(&ordered, &rule);
    comparison.benchmarks.extend(over_orders.benchmarks);
    methods.extend(figures.into_iter().map(|(id, orders)| {
        let examined = Examined {
            pairs: 0,
            orders: Some(orders),
            instructions: None,
        };
        (id, Method::Examined(examined))
    }));
    let searched = if limits.is_empty() {
        None
    } else {
        let searched = searches::search(cx, ready, &Ready::settings(&args.measure), &limits)?;
        comparison.benchmarks.extend(searched.comparison.benchmarks);
        notes.extend(searched.notes);
        Some(searched.benchmarks)
    };
    // When all is said that times have a part in, and before anything is linked again for what is not believed.
    if let Some(control) = control {
        if let Some(doubt) = control.doubt() {
            comparison.disbelieve_times(&doubt);
        }
        notes.push(control.words());
    }
    if let Some(doubt) = control::unsteady(&runs) {
        comparison.disbelieve_times(&doubt);
        notes.push(doubt);
    }
    let codes = Codes { ready, base: &base };
    let seen = cause::Seen {
        pairs: &pairs,
        runs: &runs,
        comparison: &mut comparison,
        methods: &mut methods,
        notes: &mut notes,
    };
    cause::find(cx, args, codes, seen)?;
    comparison.benchmarks.extend(sides.settled);
    runs.extend(ordered.into_iter().map(|(id, seen)| (id, seen.run)));
    let candidates: Vec<Candidate> = runs
        .iter()
        .filter_map(|(id, _)| sides.pairs.iter().find(|(_, now)| now.id == *id))
        .map(|(_, now)| now.clone())
        .collect();
    let mut record = record(cx, ready, &settings, &candidates, &runs);
    if let Some(benchmarks) = searched {
        let ids = limits.iter().map(|(_, now)| now.id.clone());
        methods.extend(ids.map(|id| (id, Method::Searches)));
        record.add(benchmarks);
    }
    Ok(SideBySide {
        record,
        gates,
        budgets,
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

/// What is measured in several link orders from the start, if that was asked for; and the pairs that are left.
fn in_orders(
    cx: &Context,
    args: &CompareArgs,
    ready: &Ready,
    base: &Base,
    sides: &Matched,
    rule: &PairedRule,
    notes: &mut Vec<String>,
) -> Result<(Vec<InOrders>, Vec<Sides>), Failure> {
    let Some(orders) = args.relink else {
        return Ok((Vec::new(), sides.pairs.clone()));
    };
    let codes = Codes { ready, base };
    let (asked, needed) = (usize::from(orders), rule.orders_needed());
    if asked < needed && !sides.pairs.is_empty() {
        notes.push(format!(
            "{needed} link orders of each side were taken instead of {asked}: fewer decide nothing in a suite of this size"
        ));
    }
    let orders = asked.max(needed);
    let measured = relinked::measure(cx, args, codes, &sides.pairs, orders, rule)?;
    let is_left = |id: &BenchId| measured.left.iter().any(|(left, _)| left == id);
    let pairs = sides.pairs.iter().filter(|(_, now)| is_left(&now.id));
    notes.extend(
        measured
            .left
            .iter()
            .map(|(id, why)| format!("{} was measured in one link order: {why}", id.in_package())),
    );
    let pairs = pairs.cloned().collect();
    Ok((measured.runs, pairs))
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
    let asked = run::ask(cx, &base.made.binaries, args.measure.nocapture).map_err(|failure| {
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
        .filter(|case| ready.selection.takes_case(&case.id, &case.description))
        .collect();
    let mut matched = matched(&then, question.cases, &ready.discovered.known);
    if !question.is_all {
        matched
            .settled
            .retain(|judged| judged.verdict != Verdict::Missing);
    }
    Ok(matched)
}

/// A rule that ends as soon as was asked for.
pub(super) fn limited(mut rule: PairedRule, args: &CompareArgs) -> PairedRule {
    if args.measure.quick {
        rule.budget = Duration::from_millis(200);
        rule.limit = Duration::from_secs(1);
    }
    rule
}

fn conduct(
    cx: &Context,
    pairs: &[Sides],
    settings: &PairSettings,
    rule: &PairedRule,
    control: Option<&Candidate>,
) -> Result<(Runs, Option<Control>), Failure> {
    if pairs.is_empty() && control.is_none() {
        return Ok((Vec::new(), None));
    }
    let mut cases: Vec<PairedCase> = pairs
        .iter()
        .map(|(then, now)| paired_case(then, now))
        .collect();
    // The baseline's program against itself, taking turns with all the others.
    cases.extend(control.map(|then| paired_case(then, then)));
    let candidates: Vec<Candidate> = pairs.iter().map(|(_, now)| now.clone()).collect();
    let mut reporter = Reporter::new(cx, &candidates).with_control(control);
    let mut look = |index, run: &PairedRun| {
        if index < candidates.len() {
            rule.look(run)
        } else {
            control::look(run, rule)
        }
    };
    let runs = conduct_pairs(&cases, settings, &cx.stop, &mut reporter, &mut look);
    reporter.finish();
    let runs = runs.map_err(|error| Failure::new(Kind::Interrupted, error))?;
    let control = control
        .zip(runs.get(candidates.len()))
        .and_then(|(then, run)| Control::of(&then.id, run, rule));
    let ids = candidates.into_iter().map(|case| case.id);
    Ok((ids.zip(runs).collect(), control))
}

/// The baseline's benchmark that repeated best in the last run, as far as one is known: the steadier it is, the less the machine can
/// do unseen. One of long samples is not taken where there is another: too few of its launches fit into the control's time.
fn steadiest<'a>(ready: &Ready, pairs: &'a [Sides]) -> Option<&'a Candidate> {
    // Without a last run any of them will do.
    let last = ready.resolve("last", &[]).ok();
    let rank = |then: &Candidate| {
        let record = last
            .as_ref()
            .and_then(|last| last.choices.get(&then.id))
            .and_then(|choice| choice.records.first());
        let benchmark = record.and_then(|stored| benchmark_in(stored, &then.id));
        benchmark.map_or((true, f64::INFINITY), control::rank)
    };
    let all = pairs.iter().map(|(then, _)| (rank(then), then));
    let least = all.min_by(|((slow, spread), _), ((other_slow, other), _)| {
        slow.cmp(other_slow).then(spread.total_cmp(other))
    });
    least.map(|(_, then)| then)
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
