//! What this code is judged by: the rules and accepted regressions of what it is compared with, the caller's wishes and the
//! author's claims.
//!
//! A change is not judged by what it brings along itself: of a branch or commit that is compared with, its own
//! `.config/perf.toml` and `baselines/accepts/` count. Only where the baseline is no commit, those of the working tree do.

use perf_schema::{Accept, BenchId, ExitCode};

use super::super::measuring::{Place, Ready, repository_failure, resolve_failure};
use crate::cli::{CompareArgs, MeasureArgs};
use crate::compare::accept::Passed;
use crate::compare::expect::{self, Expectation, Outcome};
use crate::compare::rules::Rules;
use crate::compare::{Assessment, Comparison, Demands, Gates};
use crate::config::{self, Config, FILE};
use crate::context::Context;
use crate::failure::{Failure, Kind};
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
        Some((repository, target)) => (
            their_config(place, repository, target, &mut notes),
            their_accepts(place, repository, target, &mut notes)?,
        ),
        None => {
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
    let args = CompareArgs {
        baseline: Some(baseline),
        measure: MeasureArgs {
            machine,
            ..args.measure.filled(None, own.timeout)
        },
        require_baseline: args.require_baseline || config.require_baseline,
        allow_missing: args.allow_missing || config.allow_missing,
        ..args.clone()
    };
    let terms = Terms {
        rules: Rules {
            asked: args.fail_on,
            preset: args.preset.unwrap_or(config.rules.preset),
            ..config.rules
        },
        accepts: accepts.into_iter().map(|stored| stored.accept).collect(),
        expectations: args.expect.clone(),
        demands: Demands {
            allow_missing: args.allow_missing,
            decision: args.require_baseline,
        },
        // A year past 9999 is no date, and after all of them.
        today: day(cx.now).unwrap_or_else(|| "9999-12-31".to_owned()),
        notes,
    };
    Ok((terms, args))
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
                "the rules of {} cannot be read, so none of them counts, and this code is judged as if there were none: {error}",
                target.typed
            ));
            return Config::default();
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
    let brought: Vec<String> = ours
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

    /// Whether a benchmark has a budget, its author's or ours, or a promise of growth.
    pub(super) fn has_budget(&self, case: &Candidate) -> bool {
        let budgets = self.rules.budgets_of(&case.id, &case.description.budgets);
        let limit = case.description.limit.as_ref();
        !budgets.is_empty() || limit.is_some_and(|plan| plan.fit.is_some())
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
