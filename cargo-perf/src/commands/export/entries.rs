//! From the index of runs to entries, one benchmark after the other, so that no history is too long.

use std::cell::Cell;
use std::collections::{BTreeMap, HashMap};

use perf_schema::metric::names;
use perf_schema::{BenchId, Samples};

use super::Ended;
use crate::cli::ExportedArgs;
use crate::export::{Entry, Spread};
use crate::series::{Assembly, LeftOut, Order, RunHeader, Seen};
use crate::store::index::{BenchNumber, IndexError, RunIndex, RunNumber};

/// What is wanted of each entry besides its figures.
#[derive(Clone, Copy, Debug)]
pub(super) struct Want {
    spread: bool,
    details: bool,
    samples: bool,
}

impl Want {
    /// Nothing.
    pub(super) const FIGURES: Self = Self {
        spread: false,
        details: false,
        samples: false,
    };
    /// How launches spread.
    pub(super) const SPREAD: Self = Self {
        spread: true,
        ..Self::FIGURES
    };
    /// That, failures, and the levels of limits.
    pub(super) const DETAILS: Self = Self {
        details: true,
        ..Self::SPREAD
    };
    /// All there is.
    pub(super) const SAMPLES: Self = Self {
        samples: true,
        ..Self::DETAILS
    };
}

/// The entries of an index.
pub(super) struct Entries<'a> {
    index: &'a dyn RunIndex,
    headers: Vec<RunHeader>,
    /// Which of them each run is.
    places: HashMap<RunNumber, usize>,
    /// Place on the line, if it has one.
    positions: Vec<Option<usize>>,
    left_out: LeftOut,
    args: &'a ExportedArgs,
    want: Want,
    takes: &'a dyn Fn(&BenchId) -> bool,
    written: Cell<usize>,
}

impl<'a> Entries<'a> {
    pub(super) fn new(
        index: &'a dyn RunIndex,
        order: &Order,
        runs: Vec<(RunNumber, RunHeader)>,
        args: &'a ExportedArgs,
        want: Want,
        takes: &'a dyn Fn(&BenchId) -> bool,
    ) -> Self {
        let (numbers, headers): (Vec<RunNumber>, Vec<RunHeader>) = runs.into_iter().unzip();
        let assembly = Assembly::new(order, headers.clone());
        let numbers = numbers.into_iter().enumerate();
        Self {
            index,
            places: numbers.map(|(at, number)| (number, at)).collect(),
            positions: (0..headers.len()).map(|at| assembly.position(at)).collect(),
            left_out: assembly.left_out(),
            headers,
            args,
            want,
            takes,
            written: Cell::new(0),
        }
    }

    /// Runs that are not on the line.
    pub(super) const fn left_out(&self) -> LeftOut {
        self.left_out
    }

    /// How many entries there were.
    pub(super) fn written(&self) -> usize {
        self.written.get()
    }

    /// Gives every entry to `write`: by name of the benchmark, then along the line.
    ///
    /// # Errors
    /// When the index cannot be read, or with what `write` fails with.
    pub(super) fn each(
        &self,
        write: &mut dyn FnMut(&Entry<'_>) -> std::io::Result<()>,
    ) -> Result<(), Ended> {
        for (number, id) in self.index.benchmarks()? {
            if !(self.takes)(&id) {
                continue;
            }
            for entry in self.of_benchmark(number, &id)? {
                write(&entry)?;
                self.written.set(self.written.get() + 1);
            }
        }
        Ok(())
    }

    fn of_benchmark<'e>(
        &'e self,
        number: BenchNumber,
        id: &'e BenchId,
    ) -> Result<Vec<Entry<'e>>, IndexError> {
        let mut by_run: BTreeMap<usize, Vec<Seen>> = BTreeMap::new();
        for (run, seen) in self.index.seen(number)? {
            if let Some(&at) = self.places.get(&run).filter(|&&at| self.is_wanted(at)) {
                by_run.entry(at).or_default().push(seen);
            }
        }
        let mut entries: BTreeMap<usize, Entry<'e>> = by_run
            .into_iter()
            .map(|(at, seen)| (at, self.entry(id, at, seen)))
            .collect();
        self.fill(number, &mut entries)?;
        let mut ordered: Vec<(usize, Entry<'e>)> = entries.into_iter().collect();
        ordered.sort_by(|(a, _), (b, _)| self.rank(*a).cmp(&self.rank(*b)));
        Ok(ordered.into_iter().map(|(_, entry)| entry).collect())
    }

    fn is_wanted(&self, at: usize) -> bool {
        let machine = self.args.machine.as_deref();
        (self.args.all || self.positions[at].is_some())
            && machine.is_none_or(|class| class == self.headers[at].class)
    }

    fn entry<'e>(&'e self, id: &'e BenchId, at: usize, mut seen: Vec<Seen>) -> Entry<'e> {
        let is_headline = |seen: &Seen| matches!(seen.metric.as_str(), names::WALL | names::LIMIT);
        seen.sort_by(|a, b| {
            let rank = |seen: &Seen| (!is_headline(seen), seen.metric.clone());
            rank(a).cmp(&rank(b))
        });
        Entry {
            benchmark: id,
            run: &self.headers[at],
            on_line: self.positions[at].is_some(),
            seen,
            spread: None,
            failures: Vec::new(),
            probes: Vec::new(),
            samples: BTreeMap::new(),
        }
    }

    /// Adds what is wanted besides figures.
    fn fill(
        &self,
        number: BenchNumber,
        entries: &mut BTreeMap<usize, Entry<'_>>,
    ) -> Result<(), IndexError> {
        let place = |run: &RunNumber| self.places.get(run);
        if self.want.spread {
            for (run, samples) in self.index.samples_of(number, names::WALL)? {
                if let Some(entry) = place(&run).and_then(|at| entries.get_mut(at)) {
                    entry.spread = spread(entry, &samples);
                }
            }
        }
        if self.want.details {
            for (run, failure) in self.index.failures_of(number)? {
                if let Some(entry) = place(&run).and_then(|at| entries.get_mut(at)) {
                    entry.failures.push(failure);
                }
            }
            for (run, probe) in self.index.probes_of(number)? {
                if let Some(entry) = place(&run).and_then(|at| entries.get_mut(at)) {
                    entry.probes.push(probe);
                }
            }
        }
        if self.want.samples {
            let all = entries.values().flat_map(|entry| &entry.seen);
            let mut metrics: Vec<String> = all.map(|seen| seen.metric.to_string()).collect();
            metrics.sort_unstable();
            metrics.dedup();
            for metric in metrics {
                for (run, samples) in self.index.samples_of(number, &metric)? {
                    if let Some(entry) = place(&run).and_then(|at| entries.get_mut(at)) {
                        entry.samples.insert(metric.clone(), samples);
                    }
                }
            }
        }
        Ok(())
    }

    /// Along the line; what is not on it comes behind, in the order of time. The id makes the order the same each time.
    fn rank(&self, at: usize) -> (usize, Option<i64>, Option<&str>, &str) {
        let header = &self.headers[at];
        let off_line = self.positions[at].is_none();
        let committed = header.commit.as_ref().map(|commit| commit.committed);
        (
            self.positions[at].unwrap_or(usize::MAX),
            committed.filter(|_| off_line),
            header.kept.as_deref(),
            header.record.as_str(),
        )
    }
}

fn spread(entry: &Entry<'_>, samples: &Samples) -> Option<Spread> {
    let figure = entry.metric(names::WALL)?.figure?;
    Spread::of(samples, figure.value)
}
