//! What `run` and `compare` have in common: build this code, find its benchmarks, measure them.

use std::path::Path;

use perf_runner::{Case, CaseRun, Settings, conduct};
use perf_schema::{Build, Environment, Machine, RecordId, RunRecord, Sha};

use super::counting;
use super::known_noise::KnownNoise;
use super::title::title_of;

use crate::cli::{MeasureArgs, SelectArgs};
use crate::compare::DecisionRule;
use crate::config;
use crate::context::Context;
use crate::environment::{self, Toolchain, toolchain};
use crate::failure::{Failure, Kind};
use crate::plan::{BenchTarget, Selection, Wanted, Workspace};
use crate::report::Format;
use crate::repository::{Repository, RepositoryError, State};
use crate::run::{self, Artefacts, BuildOptions, Candidate, Discovered, Reporter, Surroundings};
use crate::store::resolve::{self, Limits, Query, Resolution, ResolveError, Sources};
use crate::store::{Baselines, History};

/// This code, built and ready to be measured.
pub(super) struct Ready {
    pub(super) workspace: Workspace,
    pub(super) repository: Option<Repository>,
    /// What git says of the code that was built.
    pub(super) state: Option<State>,
    pub(super) machine: Machine,
    pub(super) environment: Environment,
    pub(super) discovered: Discovered,
    /// How it was built, and what came of it.
    pub(super) options: BuildOptions,
    pub(super) made: Artefacts,
    /// What was asked for.
    pub(super) selection: Selection,
    filters: Vec<String>,
}

/// Opens the repository around a workspace.
///
/// # Errors
/// When there is one that cannot be used.
pub(super) fn open_repository(root: &Path) -> Result<Option<Repository>, Failure> {
    Repository::discover(root).map_err(repository_failure)
}

pub(super) fn repository_failure(error: RepositoryError) -> Failure {
    Failure::new(Kind::Setup, error)
}

/// The commit that a name means, or that is checked out; `None` outside git and before the first commit.
///
/// # Errors
/// When a name means nothing, or git cannot be read.
pub(super) fn repository_tip(
    repository: Option<&Repository>,
    reference: Option<&str>,
) -> Result<Option<Sha>, Failure> {
    let named = |git: &Repository, name: &str| {
        let target = git.look_up(name);
        let target = target.map_err(|error| Failure::new(Kind::Usage, error))?;
        Ok(Some(target.commit))
    };
    match (repository, reference) {
        (Some(git), Some(name)) => named(git, name),
        (None, Some(_)) => Err(Failure::said(
            Kind::Setup,
            "--ref names a commit, and there is no git repository here",
        )),
        (Some(git), None) => {
            let state = git.state().map_err(repository_failure)?;
            Ok(state.commit.map(|commit| commit.sha))
        }
        (None, None) => Ok(None),
    }
}

/// The exit code of a baseline that could not be resolved.
pub(super) fn resolve_failure(error: ResolveError) -> Failure {
    let kind = if error.is_usage() {
        Kind::Usage
    } else {
        Kind::Setup
    };
    Failure::new(kind, error)
}

/// Where a command was started: nothing is built yet.
pub(super) struct Place {
    pub(super) workspace: Workspace,
    pub(super) repository: Option<Repository>,
    /// What the file of the working tree says.
    pub(super) config: config::Found,
}

impl Place {
    /// Looks around.
    ///
    /// # Errors
    /// When there is no workspace, or its repository or configuration cannot be used.
    pub(super) fn find(cx: &Context, manifest: Option<&Path>) -> Result<Self, Failure> {
        let workspace = Workspace::find(cx, manifest)?;
        let repository = open_repository(&workspace.root)?;
        let config = config::in_working_tree(&workspace.root)
            .map_err(|error| Failure::new(Kind::Usage, error))?;
        Ok(Self {
            workspace,
            repository,
            config,
        })
    }

    /// How to show results: as was asked, else as the file says.
    pub(super) fn format(&self, cx: &Context, asked: Option<Format>) -> Format {
        let format = asked.or(self.config.config.format).unwrap_or_default();
        cx.show_errors_as(format);
        format
    }
}

/// Builds what was selected and asks it for its benchmarks.
///
/// # Errors
/// Whatever stands in the way of measuring.
pub(super) fn prepare(
    cx: &Context,
    place: Place,
    select: &SelectArgs,
    measure: &MeasureArgs,
) -> Result<Ready, Failure> {
    prepare_those(cx, place, select, measure, Wanted::InQuiet)
}

/// The same, of benchmarks of one sort.
///
/// # Errors
/// Whatever stands in the way of measuring.
pub(super) fn prepare_those(
    cx: &Context,
    place: Place,
    select: &SelectArgs,
    measure: &MeasureArgs,
    wanted: Wanted,
) -> Result<Ready, Failure> {
    let Place {
        workspace,
        repository,
        ..
    } = place;
    let targets = workspace.bench_targets(&select.packages, &select.benches)?;
    let options = build_options(select);
    let (targets, left_out) = split(targets, &options, &select.benches)?;
    let compiler =
        toolchain(&cx.rustc, &workspace.root).map_err(|error| Failure::new(Kind::Setup, error))?;
    let (made, state) = build_steadily(cx, repository.as_ref(), &targets, &options)?;
    let selection = Selection {
        filters: select.filters.clone(),
        exact: select.exact,
        ignored: select.include_ignored,
        wanted,
    };
    let mut discovered = run::discover(cx, &made.binaries, &selection, measure.nocapture)?;
    discovered.notes.extend(left_out);
    let mut environment = environment(cx, &workspace.root, &options, compiler, &discovered.clock);
    environment.binaries = run::hash_of(&made.binaries);
    Ok(Ready {
        environment,
        machine: environment::machine(measure.machine.as_deref()),
        filters: recorded_filters(select),
        workspace,
        repository,
        state,
        discovered,
        options,
        made,
        selection,
    })
}

/// The targets that cargo would build, and a note for each of the others. One that was named is built whatever it needs,
/// since cargo's own message then says what that is.
fn split(
    targets: Vec<BenchTarget>,
    options: &BuildOptions,
    named: &[String],
) -> Result<(Vec<BenchTarget>, Vec<String>), Failure> {
    let (built, passed): (Vec<_>, Vec<_>) = targets
        .into_iter()
        .partition(|target| named.contains(&target.name) || options.allow(target));
    let note = |target: &BenchTarget| {
        let needs = target.required_features.join(" ");
        format!(
            "bench target `{}` is left out, as it needs --features '{needs}'",
            target.name
        )
    };
    let notes: Vec<String> = passed.iter().map(note).collect();
    if built.is_empty() {
        return Err(Failure::said(Kind::Coverage, notes.join("; ")));
    }
    Ok((built, notes))
}

fn build_options(select: &SelectArgs) -> BuildOptions {
    BuildOptions {
        manifest: select.manifest_path.clone(),
        features: select.features.clone(),
        all_features: select.all_features,
        no_default_features: select.no_default_features,
        profile: select.profile.clone(),
        ..BuildOptions::default()
    }
}

/// Everything that narrows the run, so that a record says whether it is of the whole suite.
fn recorded_filters(select: &SelectArgs) -> Vec<String> {
    let mut filters = select.filters.clone();
    filters.extend(
        select
            .packages
            .iter()
            .map(|package| format!("--package={package}")),
    );
    filters.extend(
        select
            .benches
            .iter()
            .map(|bench| format!("--bench={bench}")),
    );
    filters
}

/// Builds until the files before and after are the same, so that the record names the code that is in the binary. The
/// first build of a new package may itself write a file: its `Cargo.lock`.
fn build_steadily(
    cx: &Context,
    repository: Option<&Repository>,
    targets: &[BenchTarget],
    options: &BuildOptions,
) -> Result<(Artefacts, Option<State>), Failure> {
    let look = || {
        repository
            .map(Repository::state)
            .transpose()
            .map_err(repository_failure)
    };
    let mut before = look()?;
    for _ in 0..3 {
        let built = run::build(cx, targets, options)?;
        let after = look()?;
        if before == after {
            return Ok((built, after));
        }
        before = after;
    }
    Err(Failure::said(Kind::Setup, "files of the repository keep changing while they are built, so nothing can be said of them")
        .help("stop what changes them, or let git ignore files that a build writes"))
}

fn environment(
    cx: &Context,
    root: &Path,
    options: &BuildOptions,
    compiler: Toolchain,
    clock: &str,
) -> Environment {
    Environment {
        build: Build {
            profile: options.recorded_profile(),
            target: compiler.host,
            features: options.recorded_features(),
            flags: cx.flags.clone(),
        },
        rustc: compiler.version,
        cargo_perf: env!("CARGO_PKG_VERSION").to_owned(),
        clock: clock.to_owned(),
        dependencies: environment::dependencies(root),
        binaries: None,
        memory_mib: environment::memory_mib(),
        governor: environment::governor(),
        virtualisation: environment::virtualisation(),
        load_before_percent: environment::load_percent(),
        load_after_percent: None,
    }
}

impl Ready {
    /// What is to be compared with. `exclude` are records of the measured side itself.
    ///
    /// # Errors
    /// When the name means nothing, or the repository cannot be read.
    pub(super) fn resolve(
        &self,
        baseline: &str,
        exclude: &[RecordId],
    ) -> Result<Resolution, Failure> {
        self.asking(baseline, exclude, |query, sources| {
            resolve::resolve(query, sources).map_err(resolve_failure)
        })
    }

    /// What sessions of this machine are known to differ by.
    pub(super) fn known_noise(&self, resolution: &Resolution) -> KnownNoise {
        self.asking(&resolution.typed, &[], |query, sources| {
            KnownNoise::read(query, sources, resolution, &self.workspace.root)
        })
    }

    fn asking<T>(
        &self,
        baseline: &str,
        exclude: &[RecordId],
        ask: impl FnOnce(&Query<'_>, &Sources<'_>) -> T,
    ) -> T {
        let wanted: Vec<_> = self
            .discovered
            .cases
            .iter()
            .map(|case| (case.id.clone(), case.definition.clone()))
            .collect();
        let query = Query {
            baseline,
            measured: self.state.as_ref(),
            exclude,
            class: &self.machine.class,
            build: &self.environment.build,
            rustc: &self.environment.rustc,
            clock: &self.environment.clock,
            wanted: &wanted,
            limits: Limits::default(),
        };
        let (baselines, history) = (
            Baselines::at(&self.workspace.root),
            History::at(&self.workspace.root),
        );
        let sources = Sources {
            repository: self.repository.as_ref(),
            baselines: &baselines,
            history: &history,
        };
        ask(&query, &sources)
    }

    /// How much is to be measured.
    pub(super) fn settings(args: &MeasureArgs) -> Settings {
        // Within what a JSON number can hold exactly in any language.
        let seed = args.seed.unwrap_or_else(|| fastrand::u64(..1 << 53));
        let settings = if args.quick {
            Settings::quick(seed)
        } else {
            Settings::standard(seed)
        };
        Settings {
            timeout: args.timeout(),
            ..settings
        }
    }

    /// What should be known of any report about this code.
    pub(super) fn notes(&self) -> Vec<String> {
        let mut notes = self.discovered.notes.clone();
        if self.environment.clock != "monotonic" {
            notes.push(format!(
                "timed by the {} clock, which tests set: no real time was measured",
                self.environment.clock
            ));
        }
        notes
    }

    /// What is measured, in words.
    pub(super) fn title(&self) -> String {
        let commit = self.state.as_ref().and_then(|state| state.commit.as_ref());
        title_of(commit, &self.machine.class)
    }

    /// Measures `candidates`, which are some or all of those that were discovered. `batch` knows the batch size of a case
    /// that is to be compared with an earlier run.
    ///
    /// # Errors
    /// When it was interrupted.
    pub(super) fn measure(
        &mut self,
        cx: &Context,
        args: &MeasureArgs,
        candidates: &[Candidate],
        batch: impl Fn(&Candidate) -> Option<u64>,
    ) -> Result<RunRecord, Failure> {
        let mut settings = Self::settings(args);
        let questions = DecisionRule::NOISY * candidates.len();
        let needed = DecisionRule::screen().launches_for(questions);
        settings.min_launches = settings.min_launches.max(needed);
        settings.launches = settings.launches.max(settings.min_launches);
        let cases: Vec<Case> = candidates
            .iter()
            .map(|candidate| Case {
                program: candidate.program.clone(),
                description: candidate.description.clone(),
                batch: batch(candidate),
            })
            .collect();
        let counting = counting::is_wanted(args).then(|| counting::expected(&cases));
        let mut reporter = Reporter::new(cx, candidates).announcing(counting);
        let runs = conduct(&cases, &settings, &cx.stop, &mut reporter)
            .map_err(|error| Failure::new(Kind::Interrupted, error))
            .and_then(|mut runs| {
                if counting.is_some() {
                    counting::count(cx, settings.timeout, &cases, &mut runs, &mut reporter)?;
                }
                Ok(runs)
            });
        reporter.finish();
        Ok(self.record(cx, &settings, candidates, &runs?))
    }

    /// The record of what was seen of `candidates`.
    pub(super) fn record(
        &mut self,
        cx: &Context,
        settings: &Settings,
        candidates: &[Candidate],
        runs: &[CaseRun],
    ) -> RunRecord {
        self.environment.load_after_percent = environment::load_percent();
        let surroundings = Surroundings {
            commit: self.state.as_ref().and_then(|state| state.commit.clone()),
            source_tree: self.state.as_ref().map(|state| state.source_tree.clone()),
            machine: self.machine.clone(),
            environment: self.environment.clone(),
            filters: self.filters_of(candidates),
            home: cx.home.clone(),
        };
        run::record(surroundings, settings, candidates, runs)
    }

    /// What the record says it was narrowed to.
    fn filters_of(&self, candidates: &[Candidate]) -> Vec<String> {
        if candidates.len() == self.discovered.cases.len() {
            self.filters.clone()
        } else {
            candidates.iter().map(|case| case.id.to_string()).collect()
        }
    }

    /// Whether the whole suite was selected.
    pub(super) fn is_whole(&self) -> bool {
        self.filters.is_empty()
    }
}
