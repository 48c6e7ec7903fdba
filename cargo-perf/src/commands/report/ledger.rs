//! What all runs saw, in little room: half a million figures have to fit, whole records would not.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use perf_schema::{BenchId, Definition, Meaning, MetricName, RecordId};

use crate::repository::Repository;
use crate::series::{Bracket, Failed, Figure, Run, RunHeader, Seen};
use crate::store::Listing;
use crate::store::{Fault, HistoryEntry, RecordEntry, StoredRecord};

/// Threads that read. More would wait for the disk.
const READERS: usize = 8;

/// A file that may hold a record.
#[derive(Clone, Copy, Debug)]
pub(super) enum File<'a> {
    Committed(&'a RecordEntry),
    Local(&'a HistoryEntry),
}

impl File<'_> {
    /// Reads the record.
    ///
    /// # Errors
    /// When it is none.
    pub(super) fn load(self, repository: Option<&Repository>) -> Result<StoredRecord, Fault> {
        match self {
            Self::Committed(entry) => entry.load(repository),
            Self::Local(entry) => entry.load(),
        }
    }
}

/// What a metric of a benchmark was at the time.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Kind {
    metric: MetricName,
    unit: String,
    better: u8,
    exact: bool,
    definition: Definition,
}

/// What a run saw of a metric, without what many have in common.
#[derive(Debug)]
struct Slim {
    run: u32,
    kind: u32,
    passed: u32,
    failed: u32,
    figure: Option<Figure>,
    rest: Option<Box<Rest>>,
}

/// What few have.
#[derive(Debug)]
struct Rest {
    absent: Option<String>,
    failure: Option<Failed>,
    bracket: Option<Bracket>,
    budget: Option<f64>,
}

/// Runs, and what they saw of each benchmark.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    /// Each record once: who it is, and the number of its file.
    pub(super) runs: Vec<(RunHeader, usize)>,
    /// Files that could not be read.
    pub(super) faults: Vec<Fault>,
    known: HashSet<RecordId>,
    kinds: Vec<(Meaning, MetricName, Definition)>,
    by_kind: HashMap<Kind, u32>,
    seen: BTreeMap<BenchId, Vec<Slim>>,
}

/// The files of a listing, those in git first.
pub(super) fn files(listing: &Listing) -> Vec<File<'_>> {
    let committed = listing.records.iter().map(File::Committed);
    committed
        .chain(listing.runs.iter().map(File::Local))
        .collect()
}

/// Reads all files, a few at once.
pub(super) fn read(
    root: &Path,
    files: &[File<'_>],
    wanted: impl Fn(&BenchId) -> bool + Sync,
) -> Ledger {
    let ledger = Mutex::new(Ledger::default());
    let next = AtomicUsize::new(0);
    let reader = || {
        // Each has its own: libgit2's handles are not to be shared. Without one, what needs it is a fault.
        let repository = Repository::discover(root).ok().flatten();
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(file) = files.get(at) else { break };
            let run = file
                .load(repository.as_ref())
                .map(|stored| run_of(*file, &stored));
            // A reader that panicked took its own file with it; what stands there is whole.
            let mut ledger = ledger
                .lock()
                .unwrap_or_else(std::sync::PoisonError::into_inner);
            match run {
                Ok(run) => ledger.take(run, at, &wanted),
                Err(fault) => ledger.faults.push(fault),
            }
        }
    };
    let readers = thread::available_parallelism()
        .map_or(1, usize::from)
        .min(READERS);
    thread::scope(|scope| {
        for _ in 0..readers {
            scope.spawn(reader);
        }
    });
    ledger
        .into_inner()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
}

fn run_of(file: File<'_>, stored: &StoredRecord) -> Run {
    let mut run = Run::of(stored.id.clone(), &stored.record);
    match file {
        File::Committed(entry) => run.header.file = Some(entry.file.clone()),
        File::Local(entry) => run.header.kept = Some(entry.stamp.clone()),
    }
    run
}

impl Ledger {
    /// Takes in a run, once. Of a run that is in git and in the local history it does not matter which file is read.
    fn take(&mut self, run: Run, file: usize, wanted: impl Fn(&BenchId) -> bool) {
        if !self.known.insert(run.header.record.clone()) {
            return;
        }
        let Ok(number) = u32::try_from(self.runs.len()) else {
            return;
        };
        self.runs.push((run.header, file));
        for seen in run.seen.into_iter().filter(|seen| wanted(&seen.id)) {
            let slim = Slim {
                run: number,
                kind: self.kind(&seen),
                passed: seen.passed,
                failed: seen.failed,
                figure: seen.figure,
                rest: rest(seen.absent, seen.failure, seen.bracket, seen.budget),
            };
            self.seen.entry(seen.id).or_default().push(slim);
        }
    }

    fn kind(&mut self, seen: &Seen) -> u32 {
        let kind = Kind {
            metric: seen.metric.clone(),
            unit: seen.meaning.unit.as_str().to_owned(),
            better: seen.meaning.better as u8,
            exact: seen.meaning.exact,
            definition: seen.definition.clone(),
        };
        let next = u32::try_from(self.kinds.len()).unwrap_or(u32::MAX);
        let number = *self.by_kind.entry(kind).or_insert(next);
        if number == next {
            self.kinds.push((
                seen.meaning.clone(),
                seen.metric.clone(),
                seen.definition.clone(),
            ));
        }
        number
    }

    /// The benchmarks that any run saw.
    pub(super) fn benchmarks(&self) -> impl Iterator<Item = &BenchId> {
        self.seen.keys()
    }

    /// What runs saw of a benchmark, each with the run's number.
    pub(super) fn seen<'a>(&'a self, id: &'a BenchId) -> impl Iterator<Item = (usize, Seen)> + 'a {
        let all = self.seen.get(id).into_iter().flatten();
        all.filter_map(move |slim| {
            let (meaning, metric, definition) = self.kinds.get(slim.kind as usize)?;
            let rest = slim.rest.as_deref();
            let seen = Seen {
                id: id.clone(),
                metric: metric.clone(),
                meaning: meaning.clone(),
                definition: definition.clone(),
                figure: slim.figure,
                absent: rest.and_then(|rest| rest.absent.clone()),
                failure: rest.and_then(|rest| rest.failure.clone()),
                bracket: rest.and_then(|rest| rest.bracket),
                budget: rest.and_then(|rest| rest.budget),
                passed: slim.passed,
                failed: slim.failed,
            };
            Some((slim.run as usize, seen))
        })
    }
}

fn rest(
    absent: Option<String>,
    failure: Option<Failed>,
    bracket: Option<Bracket>,
    budget: Option<f64>,
) -> Option<Box<Rest>> {
    let any = absent.is_some() || failure.is_some() || bracket.is_some() || budget.is_some();
    any.then(|| {
        Box::new(Rest {
            absent,
            failure,
            bracket,
            budget,
        })
    })
}
