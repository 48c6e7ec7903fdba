//! Thinning old runs: of the local history, or of the baselines in the working tree. What git does not have is never removed.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use perf_schema::{Accept, ExitCode, RecordId, Sha, TreeId};

use super::baseline::report_faults;
use super::indexed::{Indexed, ask_along};
use super::measuring::{Place, repository_failure, repository_tip};
use super::note;
use crate::cli::PruneArgs;
use crate::context::Context;
use crate::failure::{Failure, Kind};
use crate::repository::Repository;
use crate::retention::{Rule, nearest, neighbours, thinned};
use crate::series::{Assembly, RunHeader, Seen, Series, build_digest};
use crate::store::index::{IndexError, on_disk};
use crate::store::{
    Baselines, CommittedBaselines, RecordEntry, RecordFile, remove, seconds_of_stamp,
};
use crate::trend::{TrendRule, examine};

/// Which runs are thinned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Of {
    /// Those of the local history.
    History,
    /// Those of the working tree's `baselines/`.
    Baselines,
}

/// Thins runs, or says what that would come to.
///
/// # Errors
/// When the runs cannot be read, or a file not be removed.
pub(super) fn exec(of: Of, args: &PruneArgs, cx: &Context) -> Result<ExitCode, Failure> {
    let place = Place::find(cx, args.manifest_path.as_deref())?;
    let rule = Rule::new(args.keep.clone());
    if rule.keeps_all() {
        cx.print("everything is kept: --keep says what is to be kept, as in --keep within=90d,weekly=52,monthly=all\n")?;
        return Ok(ExitCode::Fine);
    }
    let tip = repository_tip(place.repository.as_ref(), None)?;
    let (notes, _) = note::at(&place, tip.as_ref())?;
    let baselines = Baselines::at(&place.workspace.root);
    let pinned = Pinned {
        accepts: baselines
            .accepts()
            .accepts
            .into_iter()
            .map(|stored| stored.accept)
            .collect(),
        commits: notes.iter().map(|note| note.commit.clone()).collect(),
        trees: notes
            .iter()
            .filter_map(|note| note.source_tree.clone())
            .collect(),
    }
    .with_tags(place.repository.as_ref())?;
    let records = baselines.read_working_tree().entries;
    let in_git = in_git(&place, tip.as_ref(), &records)?;
    let asked = Thinning {
        of,
        rule: &rule,
        pinned: &pinned,
        now: cx.now,
    };
    let (plan, said) = ask_along(cx.now, &place.line(tip.as_ref()), |indexed| {
        let files = match of {
            Of::History => indexed.listing.runs.iter().map(RecordFile::Local).collect(),
            Of::Baselines => records.iter().map(RecordFile::Committed).collect(),
        };
        asked.plan(indexed, files, &in_git)
    })?;
    said.iter().for_each(|note| cx.say(format!("note: {note}")));
    if args.dry_run {
        cx.print(&plan.told(true))?;
        return Ok(ExitCode::Fine);
    }
    carry_out(cx, &place, of, &plan)
}

fn carry_out(cx: &Context, place: &Place, of: Of, plan: &Plan) -> Result<ExitCode, Failure> {
    let root = &place.workspace.root;
    for (file, _) in &plan.gone {
        remove(root, file).map_err(|error| {
            Failure::new(Kind::Store, error)
                .help("what was removed before that is gone; the same command goes on from there")
        })?;
    }
    cx.print(&plan.told(false))?;
    if of == Of::Baselines {
        if !plan.gone.is_empty() {
            cx.say("note: git still has them; commit the removal: git add --all baselines && git commit");
        }
        return report_faults(cx, &[]);
    }
    if !plan.gone.is_empty() {
        // The index lets go of what is not there any more whenever it is asked.
        let tip = repository_tip(place.repository.as_ref(), None)?;
        let ((), said) = ask_along(cx.now, &place.line(tip.as_ref()), |_| Ok(()))?;
        said.iter().for_each(|note| cx.say(format!("note: {note}")));
        if let Err(error) = on_disk(root, cx.now, |index| index.compact()) {
            cx.say(format!(
                "note: the index of all runs keeps its size: {error}"
            ));
        }
    }
    Ok(ExitCode::Fine)
}

/// The records of the working tree that the commit has, byte for byte.
fn in_git(
    place: &Place,
    tip: Option<&Sha>,
    records: &[RecordEntry],
) -> Result<HashSet<String>, Failure> {
    let (Some(repository), Some(tip)) = (&place.repository, tip) else {
        return Ok(HashSet::new());
    };
    let committed = CommittedBaselines::of(repository, tip).map_err(repository_failure)?;
    let committed = committed.index().entries;
    let there: HashMap<&str, &RecordEntry> = committed
        .iter()
        .map(|entry| (entry.file.as_str(), entry))
        .collect();
    let is_same = |entry: &&RecordEntry| {
        there
            .get(entry.file.as_str())
            .is_some_and(|committed| entry.is_same_as(committed, repository))
    };
    let same = records.iter().filter(is_same);
    Ok(same.map(|entry| entry.file.clone()).collect())
}

/// What is kept whatever its age.
struct Pinned {
    accepts: Vec<Accept>,
    /// Commits that have a tag or a note.
    commits: HashSet<Sha>,
    /// What those hold.
    trees: HashSet<TreeId>,
}

impl Pinned {
    fn with_tags(mut self, repository: Option<&Repository>) -> Result<Self, Failure> {
        let Some(repository) = repository else {
            return Ok(self);
        };
        for commit in repository.tagged().map_err(repository_failure)? {
            let tree = repository.source_tree_of(&commit);
            self.trees.insert(tree.map_err(repository_failure)?);
            self.commits.insert(commit);
        }
        Ok(self)
    }

    fn holds(&self, run: &RunHeader) -> bool {
        let commit = run.commit.as_ref();
        commit.is_some_and(|commit| self.commits.contains(&commit.sha))
            || run
                .source_tree
                .as_ref()
                .is_some_and(|tree| self.trees.contains(tree))
    }
}

/// What is asked.
struct Thinning<'a> {
    of: Of,
    rule: &'a Rule,
    pinned: &'a Pinned,
    now: i64,
}

/// What comes of it.
#[derive(Debug, Default)]
struct Plan {
    /// Files that go, and their bytes.
    gone: Vec<(String, u64)>,
    /// How many there are.
    all: usize,
    /// Bytes of all of them.
    bytes: u64,
    /// Files that the rule would give up and git does not have.
    not_in_git: usize,
}

impl Plan {
    fn told(&self, dry_run: bool) -> String {
        let mut text = String::new();
        if dry_run {
            for (file, bytes) in &self.gone {
                text.push_str(&format!("{file}  {}\n", size(*bytes)));
            }
        }
        let bytes = self.gone.iter().map(|(_, bytes)| bytes).sum();
        let verb = if dry_run {
            "would be removed"
        } else {
            "removed"
        };
        text.push_str(&format!(
            "{} of {} runs {verb}, {} of {}\n",
            self.gone.len(),
            self.all,
            size(bytes),
            size(self.bytes)
        ));
        if self.not_in_git > 0 {
            text.push_str(&format!(
                "kept, since git does not have them as they are here: {}\n",
                self.not_in_git
            ));
        }
        text
    }
}

fn size(bytes: u64) -> String {
    match bytes {
        0..10_240 => format!("{bytes} B"),
        10_240..10_485_760 => format!("{} KiB", bytes >> 10),
        _ => format!("{} MiB", bytes >> 20),
    }
}

/// Runs that may be set beside each other: class, build, branch, whether the code was committed, and whether there is a value.
type Group<'a> = (&'a str, &'a str, Option<&'a str>, bool, bool);

impl Thinning<'_> {
    fn plan(
        &self,
        indexed: Indexed<'_>,
        files: Vec<RecordFile<'_>>,
        in_git: &HashSet<String>,
    ) -> Result<Plan, IndexError> {
        let Indexed {
            index, runs, order, ..
        } = indexed;
        let (numbers, headers): (Vec<_>, Vec<RunHeader>) = runs.into_iter().unzip();
        let places: HashMap<_, usize> = numbers
            .into_iter()
            .enumerate()
            .map(|(at, number)| (number, at))
            .collect();
        let runs_of = by_name(&headers);
        let run_of =
            |file: &RecordFile<'_>| match runs_of.get(file.short_record()).map(Vec::as_slice) {
                // Two whose ids begin alike are not told apart by a name.
                Some([one]) if file.is_of(&headers[*one]) => Some(*one),
                _ => None,
            };
        let candidates: HashSet<usize> = files.iter().filter_map(run_of).collect();
        let mut needed: HashSet<usize> = (0..headers.len())
            .filter(|&at| self.pinned.holds(&headers[at]))
            .collect();
        let mut met: HashSet<usize> = HashSet::new();
        let builds: Vec<String> = headers
            .iter()
            .map(|run| build_digest(&run.build, &run.clock))
            .collect();
        let by_record: HashMap<&RecordId, usize> = headers
            .iter()
            .enumerate()
            .map(|(at, run)| (&run.record, at))
            .collect();
        let assembly = Assembly::new(&order, headers.clone());
        for (number, _) in index.benchmarks()? {
            let seen: Vec<(usize, Seen)> = index
                .seen(number)?
                .into_iter()
                .filter_map(|(run, seen)| Some((*places.get(&run)?, seen)))
                .collect();
            let mut groups: BTreeMap<Group<'_>, BTreeSet<usize>> = BTreeMap::new();
            for (at, seen) in seen.iter().filter(|(at, _)| candidates.contains(at)) {
                met.insert(*at);
                let run = &headers[*at];
                let commit = run.commit.as_ref();
                let group = (
                    run.class.as_str(),
                    builds[*at].as_str(),
                    commit.and_then(|commit| commit.branch.as_deref()),
                    commit.is_some_and(|commit| commit.dirty),
                    seen.figure.is_some(),
                );
                groups.entry(group).or_default().insert(*at);
            }
            for group in groups.into_values() {
                let group: Vec<usize> = group.into_iter().collect();
                let times: Vec<Option<i64>> =
                    group.iter().map(|&at| self.time(&headers[at])).collect();
                let kept = thinned(self.rule, &times, self.now);
                needed.extend(
                    group
                        .iter()
                        .zip(kept)
                        .filter(|(_, kept)| *kept)
                        .map(|(at, _)| at),
                );
            }
            for series in assembly.series(seen) {
                let records = self.telling(&series);
                needed.extend(records.iter().filter_map(|record| by_record.get(record)));
            }
        }
        let mut plan = Plan {
            all: files.len(),
            ..Plan::default()
        };
        for file in &files {
            let bytes = file.size().unwrap_or_default();
            plan.bytes += bytes;
            // A run of which no benchmark says anything is no old point: nobody knows what it is good for.
            let gone = run_of(file).filter(|at| met.contains(at) && !needed.contains(at));
            if gone.is_none() {
                continue;
            }
            if self.of == Of::Baselines && !in_git.contains(&file.file()) {
                plan.not_in_git += 1;
            } else {
                plan.gone.push((file.file(), bytes));
            }
        }
        plan.gone.sort();
        Ok(plan)
    }

    /// When a run was made: of a committed record that is not known, and its commit's time stands for it.
    fn time(&self, run: &RunHeader) -> Option<i64> {
        let committed = run.commit.as_ref().map(|commit| commit.committed);
        match self.of {
            Of::Baselines => committed,
            Of::History => run.kept.as_deref().and_then(seconds_of_stamp).or(committed),
        }
    }

    /// The records that tell what became of a series: all around each step, and the newest at the ends of each stretch and at the
    /// levels of accepted steps. More candidates for steps are looked at than stand in the end, so that none is lost which other series would uphold.
    fn telling(&self, series: &Series) -> HashSet<RecordId> {
        let mut whole: BTreeSet<usize> = BTreeSet::new();
        let mut newest: BTreeSet<usize> = BTreeSet::new();
        for stretch in series.stretches() {
            newest.extend([stretch.start, stretch.end - 1]);
            let part = Series {
                points: series.points[stretch.clone()].to_vec(),
                ..series.clone()
            };
            let measured: Vec<usize> = stretch
                .filter(|&at| series.points[at].figure.is_some())
                .collect();
            let examined = examine(&part, &TrendRule::default());
            let steps = examined.iter().flat_map(|examined| &examined.steps);
            let steps: Vec<usize> = steps.map(|step| step.at).collect();
            whole.extend(
                neighbours(&steps, measured.len())
                    .into_iter()
                    .filter_map(|at| measured.get(at)),
            );
        }
        let points = series.points.iter().enumerate();
        let (places, values): (Vec<usize>, Vec<f64>) = points
            .filter_map(|(at, point)| Some((at, point.figure?.value)))
            .unzip();
        let key = &series.key;
        let accepts = self.pinned.accepts.iter().filter(|accept| {
            accept.is_of(&key.id, &key.metric)
                && accept
                    .class
                    .as_ref()
                    .is_none_or(|class| *class == key.class)
        });
        for accept in accepts {
            for level in [accept.from, accept.to] {
                newest.extend(nearest(&values, level.get()).map(|at| places[at]));
            }
        }
        let all = whole.into_iter().flat_map(|at| &series.points[at].records);
        let last = newest
            .into_iter()
            .filter_map(|at| series.points[at].records.last());
        all.chain(last).cloned().collect()
    }
}

/// Runs by the digits that names of files have of their ids.
fn by_name(headers: &[RunHeader]) -> HashMap<&str, Vec<usize>> {
    let mut found: HashMap<&str, Vec<usize>> = HashMap::new();
    for (at, run) in headers.iter().enumerate() {
        let short = RecordFile::short_of(&run.record);
        found.entry(short).or_default().push(at);
    }
    found
}
