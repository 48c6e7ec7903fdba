//! What this code is judged by: the rules and accepted regressions of what it is compared with, the caller's wishes and the
//! author's claims.
//!
//! A change is not judged by what it brings along itself: of a branch or commit that is compared with, its own
//! `.config/perf.toml` and `baselines/accepts/` count. Only where the baseline is no commit, those of the working tree do.

use perf_schema::{Accept, BenchId, ExitCode, RunRecord};

use super::super::measuring::{Place, Ready, repository_failure, resolve_failure};
use crate::alert::AlertTerms;
use crate::cli::{CompareArgs, MeasureArgs};
use crate::compare::accept::Passed;
use crate::compare::expect::{self, Expectation, Met, Outcome};
use crate::compare::rules::{Bounds, BudgetsThen, Preset, Rules};
use crate::compare::{Assessment, Comparison, Demands, Gates, Severity};
use crate::config::{self, Config, FILE};
use crate::context::Context;
use crate::failure::{Failure, Kind};
use crate::publish::Notify;
use crate::report::quoted;
use crate::repository::{Repository, Target};
use crate::run::Candidate;
use crate::store::resolve::check_name;
use crate::store::{Accepts, Baselines, CommittedBaselines, StoredAccept, day};

/// All that a comparison is judged by.
pub(super) struct Terms {
    pub(super) rules: Rules,
    accepts: Vec<Accept>,
    expectations: Vec<Expectation>,
    demands: Demands,
    today: String,
    /// What `check` raises alerts by.
    pub(super) alerts: AlertTerms,
    /// Who is told: those who were named on the command line, and in the file of what it is compared with.
    pub(super) notify: Notify,
    /// What should be known of where they come from.
    pub(super) notes: Vec<String>,
}

/// How a comparison came out under its terms.
pub(super) struct Judged {
    pub(super) assessment: Assessment,
    pub(super) outcomes: Vec<Outcome>,
    pub(super) notes: Vec<String>,
}

/// The terms, and what they make of the flags.
///
/// # Errors
/// When no baseline is named, its name means nothing, or what counts cannot be read.
pub(super) fn find(
    cx: &Context,
    place: &Place,
    args: &CompareArgs,
) -> Result<(Terms, CompareArgs), Failure> {
    let own = &place.config.config;
    let Some(baseline) = args.baseline.clone().or_else(|| own.baseline.clone()) else {
        return Err(Failure::said(Kind::Usage, "--baseline is missing: what is this code to be compared with?")
            .help(format!(
                "--baseline main, or another branch, tag or commit; `baseline = \"main\"` in {FILE} makes it the usual one"
            )));
    };
    let repository = place.repository.as_ref();
    let target = check_name(repository, &baseline).map_err(resolve_failure)?;
    let mut notes = Vec::new();
    let (config, accepts) = match repository.zip(target.as_ref()) {
        Some((repository, target)) => {
            let theirs = their_config(place, repository, target, &mut notes);
            if args.baseline.is_none() && !names_itself(target, &theirs) {
                return Err(unvouched(&baseline));
            }
            (
                theirs,
                their_accepts(place, repository, target, &mut notes)?,
            )
        }
        None => {
            let has_commits = |repository: &Repository| repository.look_up("HEAD").is_ok();
            if args.baseline.is_none() && repository.is_some_and(has_commits) {
                return Err(unvouched(&baseline));
            }
            let accepts = Baselines::at(&place.workspace.root).accepts();
            notes.extend(faults_of(&accepts));
            (own.clone(), accepts.accepts)
        }
    };
    let machine = args
        .measure
        .machine
        .clone()
        .or_else(|| config.machine.clone());
    let on = |is_on: bool| is_on.then_some(true);
    // Where nobody vouches for the file, it is not asked whom to call.
    let vouched = target.is_some().then(|| config.notify.clone());
    let notify = args.notify.and(vouched.unwrap_or_default());
    let args = CompareArgs {
        baseline: Some(baseline),
        measure: MeasureArgs {
            machine,
            ..args.measure.filled(None, own.timeout)
        },
        require_baseline: args.require_baseline.or(on(config.require_baseline)),
        allow_missing: args.allow_missing.or(on(config.allow_missing)),
        ..args.clone()
    };
    let terms = Terms {
        rules: Rules {
            asked: args.fail_on,
            preset: args.preset.unwrap_or(config.rules.preset),
            // A preset that is asked for brings what it fails on.
            fail_on: config.rules.fail_on.filter(|_| args.preset.is_none()),
            ..config.rules
        },
        accepts: accepts.into_iter().map(|stored| stored.accept).collect(),
        expectations: args.expect.clone(),
        notify,
        demands: Demands {
            allow_missing: args.allows_missing(),
            decision: args.requires_decision(),
        },
        // A year past 9999 is no date, and after all of them.
        today: day(cx.now).unwrap_or_else(|| "9999-12-31".to_owned()),
        alerts: config.alerts,
        notes,
    };
    Ok((terms, args))
}

/// Whether a target's own file names that target. What is relative to the code that is here is chosen by that.
fn names_itself(target: &Target, theirs: &Config) -> bool {
    let name = &target.typed;
    let is_relative = name.starts_with("HEAD") || name.contains(['~', '^', '@']);
    (target.is_branch() || !is_relative) && theirs.baseline.as_ref() == Some(name)
}

/// A change could otherwise choose its judge.
fn unvouched(baseline: &str) -> Failure {
    Failure::said(
        Kind::Usage,
        format!(
            "`baseline = \"{baseline}\"` stands in the {FILE} of this code and not in one of {baseline} itself, and a change \
             does not choose what it is compared with"
        ),
    )
    .help(format!(
        "--baseline {} says it, or CARGO_PERF_BASELINE; what decides, as CI does, should always say it",
        quoted(baseline)
    ))
}

/// What is held where nobody knows the rules: none gives leave to anything, a decision is required, and budgets, which only
/// ask for more, are those of this code.
fn strictest(own: &Config) -> Config {
    Config {
        require_baseline: true,
        rules: Rules {
            preset: Preset::Strict,
            fail_on: Some(Severity::Low),
            budgets: own.rules.budgets.clone(),
            ..Rules::default()
        },
        alerts: AlertTerms {
            threshold: None,
            fail_on: Some(Severity::Low),
            rules: own.alerts.rules.clone(),
        },
        ..Config::default()
    }
}

/// The file that counts is the target's. One that cannot be read gives no leave to anything, and does not stop the change
/// that mends it.
fn their_config(
    place: &Place,
    repository: &Repository,
    target: &Target,
    notes: &mut Vec<String>,
) -> Config {
    let own = &place.config.config;
    let theirs = match config::in_commit(repository, &target.commit) {
        Ok(found) => found,
        Err(error) => {
            notes.push(format!(
                "the rules of {} cannot be read, so none of them counts: every regression fails, a decision is required, and \
                 budgets and alerts are those of this code: {error}",
                target.typed
            ));
            return strictest(own);
        }
    };
    let differing = own.differences(&theirs.config);
    if !differing.is_empty() {
        let what = if !theirs.exists {
            format!("{} has no {FILE}", target.typed)
        } else if place.config.exists {
            format!("{FILE} is not the one of {}", target.typed)
        } else {
            format!("{FILE} is gone, and {} has one", target.typed)
        };
        notes.push(format!(
            "{what}, which is what counts; here it differs in {}, and that counts once it is there",
            differing.join(", ")
        ));
    }
    theirs.config
}

/// Accepted regressions of the target; those that only this code brings are listed.
fn their_accepts(
    place: &Place,
    repository: &Repository,
    target: &Target,
    notes: &mut Vec<String>,
) -> Result<Vec<StoredAccept>, Failure> {
    let committed =
        CommittedBaselines::of(repository, &target.commit).map_err(repository_failure)?;
    let theirs = committed.accepts();
    notes.extend(faults_of(&theirs));
    let ours = Baselines::at(&place.workspace.root).accepts().accepts;
    let mut brought: Vec<String> = ours
        .iter()
        .filter(|our| theirs.accepts.iter().all(|their| their.id != our.id))
        .map(|our| {
            format!(
                "{} of {}",
                our.accept.metric,
                our.accept.benchmark.in_package()
            )
        })
        .collect();
    // Not in the order of their ids, which nobody knows.
    brought.sort();
    if !brought.is_empty() {
        notes.push(format!(
            "accepted here and not in {}, so it counts once it is there: {}",
            target.typed,
            brought.join(", ")
        ));
    }
    Ok(theirs.accepts)
}

fn faults_of(accepts: &Accepts) -> impl Iterator<Item = String> {
    accepts
        .faults
        .iter()
        .map(|fault| format!("left out: {fault}"))
}

impl Judged {
    /// What stored records alone say against a claim is no more than a suspicion: the machine may be what changed.
    pub(super) fn doubt_claims(&mut self, is_by_records: impl Fn(&BenchId) -> bool) {
        for outcome in &mut self.outcomes {
            if outcome.standing == Met::No && is_by_records(&outcome.benchmark) {
                outcome.standing = Met::Open;
            }
        }
    }
}

impl Terms {
    /// Objects to claims of nothing, and says which rules are for nothing, before time is spent.
    ///
    /// # Errors
    /// When a claim is of no benchmark.
    pub(super) fn check(&mut self, ready: &Ready) -> Result<(), Failure> {
        let selected: Vec<&BenchId> = ready.discovered.cases.iter().map(|case| &case.id).collect();
        let of_nothing = |expected: &&Expectation| !selected.iter().any(|id| expected.is_of(id));
        if let Some(claim) = self.expectations.iter().find(of_nothing) {
            let select = claim.select.as_ref().map_or("", |select| select.as_str());
            return Err(Failure::said(
                Kind::Usage,
                format!("--expect {select}={} is of no benchmark that is compared", claim.claim),
            )
            .help("the part before the last `=` is a part of a benchmark's name, or its whole with `*` in it"));
        }
        if ready.is_whole() {
            self.notes.extend(unmatched_note(&self.rules, ready));
        }
        Ok(())
    }

    /// Lets pass what may.
    pub(super) fn apply(
        &self,
        comparison: &mut Comparison,
        gates: &Gates,
        class: &str,
    ) -> Vec<Passed> {
        comparison.gate(gates);
        comparison.apply(&self.rules);
        let passed = comparison.accept(&self.accepts, class, &self.today);
        comparison.expect(&self.expectations);
        passed
    }

    /// The same once and for all, and what comes of it.
    pub(super) fn judge(&self, comparison: &mut Comparison, gates: &Gates, class: &str) -> Judged {
        let passed = self.apply(comparison, gates, class);
        let assessment = comparison.assess(&self.rules);
        let outcomes = expect::outcomes(comparison, &self.expectations);
        let mut notes: Vec<String> = passed.iter().map(passed_note).collect();
        notes.extend(lenient_note(comparison, &assessment));
        Judged {
            assessment,
            outcomes,
            notes,
        }
    }

    /// The exit code of a judged comparison.
    pub(super) fn exit_code(&self, comparison: &Comparison, judged: &Judged) -> ExitCode {
        let code = comparison.exit_code(&judged.assessment, self.demands);
        expect::exit_code(&judged.outcomes, self.demands.decision, code)
    }

    /// Whether a benchmark stands against the change.
    pub(super) fn fails(&self, comparison: &Comparison, judged: &Judged, id: &BenchId) -> bool {
        let mut benchmarks = comparison.benchmarks.iter().filter(|found| found.id == *id);
        let by_verdict = benchmarks
            .any(|found| found.exit_code(&judged.assessment, self.demands) != ExitCode::Fine);
        let mut claims = judged.outcomes.iter().filter(|out| out.benchmark == *id);
        by_verdict || claims.any(|out| out.standing.fails(self.demands.decision))
    }

    /// Benchmarks of which something is claimed that does not show yet, and that could be measured.
    pub(super) fn unmet(&self, comparison: &Comparison) -> Vec<BenchId> {
        let outcomes = expect::outcomes(comparison, &self.expectations);
        let measured = |id: &BenchId| {
            let mut benchmarks = comparison.benchmarks.iter();
            benchmarks.any(|found| found.id == *id && !found.metrics.is_empty())
        };
        let unmet = outcomes
            .into_iter()
            .filter(|outcome| outcome.standing != Met::Yes);
        unmet
            .map(|outcome| outcome.benchmark)
            .filter(measured)
            .collect()
    }

    /// The claims where there is nothing to hold them against.
    pub(super) fn unanswered(&self, ready: &Ready) -> Vec<Outcome> {
        let ids = ready.discovered.cases.iter().map(|case| &case.id);
        expect::unanswered(ids, &self.expectations)
    }

    /// Whether a benchmark has a budget, its author's, the baseline's or ours, or a promise of growth.
    pub(super) fn has_budget(&self, case: &Candidate, then: &BudgetsThen) -> bool {
        let of_then = then
            .get(&case.id)
            .is_some_and(|budgets| !budgets.is_empty());
        let budgets = Bounds::declared(&case.description);
        let budgets = self.rules.budgets_of(&case.id, budgets);
        let limit = case.description.limit.as_ref();
        let promises =
            case.description.fit.is_some() || limit.is_some_and(|plan| plan.fit.is_some());
        of_then || !budgets.is_empty() || promises
    }
}

/// Rules that are for nothing keep nothing, and nobody would notice.
pub(in super::super) fn unmatched_note(rules: &Rules, ready: &Ready) -> Option<String> {
    let unmatched = rules.unmatched(&ready.discovered.known);
    let quoted: Vec<String> = unmatched
        .iter()
        .map(|select| format!("`{select}`"))
        .collect();
    (!quoted.is_empty()).then(|| {
        format!(
            "{FILE} has rules or budgets for benchmarks that there are not: {}",
            quoted.join(", ")
        )
    })
}

/// The same of rules for metrics, which are known once there are results.
pub(in super::super) fn no_metric_note(
    rules: &Rules,
    ready: &Ready,
    record: &RunRecord,
) -> Option<String> {
    if !ready.is_whole() {
        return None;
    }
    let cases = ready.discovered.cases.iter();
    let ids: Vec<BenchId> = cases.map(|case| case.id.clone()).collect();
    let names = rules.of_no_metric(&ids, record);
    (!names.is_empty()).then(|| {
        format!(
            "{FILE} has rules for metrics that their benchmarks do not have: {}",
            names.join(", ")
        )
    })
}

fn passed_note(passed: &Passed) -> String {
    format!(
        "{} of {} is regressed, and what was accepted of it {}",
        passed.metric,
        passed.benchmark.in_package(),
        passed.why
    )
}

/// What is regressed and does not fail is not passed over.
fn lenient_note(comparison: &Comparison, assessment: &Assessment) -> Option<String> {
    let names: Vec<String> = comparison
        .benchmarks
        .iter()
        .filter(|judged| judged.verdict == crate::compare::Verdict::Regressed)
        .filter(|judged| !assessment.fails(&judged.id))
        .map(|judged| {
            format!(
                "{} ({})",
                judged.id.in_package(),
                assessment.gravest(&judged.id).word()
            )
        })
        .collect();
    (!names.is_empty()).then(|| {
        format!(
            "regressed, and not grave enough to fail: {}",
            names.join(", ")
        )
    })
}
