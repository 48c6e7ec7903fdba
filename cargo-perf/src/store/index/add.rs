//! Taking records in: one change for all of a batch.
//!
//! Of a million results most of the time goes into finding the place of each row. So what is ordered by benchmark goes in by
//! benchmark, all runs of a batch together, and what is ordered by run by run: neighbours follow each other.

use std::collections::{HashMap, HashSet};

use perf_schema::{BenchId, Meaning};
use rusqlite::types::Value;
use rusqlite::{CachedStatement, OptionalExtension, Transaction, TransactionBehavior, params};
use serde::Serialize;

use super::incoming::{Case, Incoming};
use super::limit::Limits;
use super::{Database, IndexError};
use crate::series::Seen;

impl Database {
    pub(super) fn add_all(&mut self, records: &[Incoming]) -> Result<usize, IndexError> {
        if records.is_empty() {
            return Ok(0);
        }
        let change = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)?;
        let added = Adding::to(&change)?.all(records)?;
        change.commit()?;
        Ok(added)
    }
}

/// What goes in in one change.
struct Adding<'a> {
    change: &'a Transaction<'a>,
    case: CachedStatement<'a>,
    result: CachedStatement<'a>,
    samples: CachedStatement<'a>,
    failure: CachedStatement<'a>,
    limits: Limits<'a>,
    /// The metrics that were given a number, or had one: there are few.
    metrics: Vec<(String, Meaning, i64)>,
}

/// A benchmark of a run that is new, by their numbers.
struct Placed<'a> {
    benchmark: i64,
    run: i64,
    case: &'a Case,
}

/// The word that serde has for one of a few values.
pub(super) fn word(value: &impl Serialize) -> Result<String, IndexError> {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => Ok(word),
        other => Err(IndexError::Other(format!("{other:?} is no word"))),
    }
}

/// A number as SQLite has them.
pub(super) fn whole(
    number: impl TryInto<i64, Error: std::fmt::Display>,
) -> Result<i64, IndexError> {
    let whole = number.try_into();
    whole.map_err(|error| IndexError::Other(error.to_string()))
}

impl<'a> Adding<'a> {
    fn to(change: &'a Transaction<'a>) -> Result<Self, IndexError> {
        Ok(Self {
            change,
            case: change.prepare_cached(
                "INSERT INTO cases (benchmark, run, definition, kind, passed, failed) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            )?,
            result: change.prepare_cached(
                "INSERT INTO results (benchmark, run, metric, value, low, high, launches, budget, absent) \
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
            )?,
            samples: change.prepare_cached(
                "INSERT INTO samples (run, benchmark, metric, data) VALUES (?1, ?2, ?3, ?4)",
            )?,
            failure: change.prepare_cached(
                "INSERT INTO failures (benchmark, run, number, kind, signal, launch, elapsed_ms, message) \
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            )?,
            limits: Limits::to(change)?,
            metrics: Vec::new(),
        })
    }

    /// Takes in all; says how many are new.
    fn all(mut self, records: &[Incoming]) -> Result<usize, IndexError> {
        let mut added = 0;
        let mut cases: Vec<Placed<'_>> = Vec::new();
        let mut benchmarks: HashMap<&BenchId, i64> = HashMap::new();
        for incoming in records {
            let Some(run) = self.run(incoming)? else {
                continue;
            };
            added += 1;
            for case in &incoming.cases {
                let benchmark = match benchmarks.get(&case.id) {
                    Some(&number) => number,
                    None => *benchmarks
                        .entry(&case.id)
                        .or_insert(self.number_of(&case.id)?),
                };
                cases.push(Placed {
                    benchmark,
                    run,
                    case,
                });
            }
        }
        cases.sort_unstable_by_key(|placed| (placed.benchmark, placed.run));
        for placed in &cases {
            self.case(placed)?;
        }
        cases.sort_unstable_by_key(|placed| (placed.run, placed.benchmark));
        for placed in &cases {
            self.samples(placed)?;
        }
        Ok(added)
    }

    /// The number of a run that is new; `None` of one that was known, which only gains a file.
    fn run(&self, incoming: &Incoming) -> Result<Option<i64>, IndexError> {
        let known = self
            .change
            .prepare_cached("SELECT id FROM runs WHERE record = ?1")?
            .query_row([incoming.id().as_str()], |row| row.get(0))
            .optional()?;
        let run: i64 = match known {
            Some(run) => run,
            None => self.new_run(incoming)?,
        };
        if let Some(kept) = &incoming.header.kept {
            // One that was read from git first was made here all the same.
            self.change
                .prepare_cached("UPDATE runs SET kept = ?2 WHERE id = ?1 AND kept IS NULL")?
                .execute(params![run, kept])?;
        }
        self.change
            .prepare_cached("INSERT OR IGNORE INTO sources (file, run) VALUES (?1, ?2)")?
            .execute(params![incoming.file, run])?;
        Ok(known.is_none().then_some(run))
    }

    fn new_run(&self, incoming: &Incoming) -> Result<i64, IndexError> {
        let Incoming {
            header,
            circumstances,
            ..
        } = incoming;
        let commit = header.commit.as_ref();
        let json = |value: serde_json::Result<String>| {
            value.map_err(|error| IndexError::Other(error.to_string()))
        };
        let parents = commit.map(|commit| json(serde_json::to_string(&commit.parents)));
        self.change
            .prepare_cached(
                "INSERT INTO runs (record, sha, parents, branch, committed, subject, dirty, source_tree, class, cpu, \
                 build, clock, rustc, cargo_perf, dependencies, governor, virtualisation, memory_mib, \
                 load_before_percent, load_after_percent, kept) \
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21)",
            )?
            .execute(params![
                header.record.as_str(),
                commit.map(|commit| commit.sha.as_str()),
                parents.transpose()?,
                commit.and_then(|commit| commit.branch.as_deref()),
                commit.map(|commit| commit.committed),
                commit.map(|commit| commit.subject.as_str()),
                commit.map(|commit| commit.dirty),
                header.source_tree.as_ref().map(perf_schema::TreeId::as_str),
                header.class,
                header.cpu,
                json(serde_json::to_string(&header.build))?,
                header.clock,
                header.rustc,
                circumstances.cargo_perf,
                header.dependencies,
                header.governor,
                header.virtualisation,
                circumstances.memory_mib.map(whole).transpose()?,
                circumstances.load_before_percent,
                circumstances.load_after_percent,
                header.kept,
            ])?;
        Ok(self.change.last_insert_rowid())
    }

    /// A benchmark of a run, and all that is ordered as it is.
    fn case(&mut self, placed: &Placed<'_>) -> Result<(), IndexError> {
        let Placed {
            benchmark,
            run,
            case,
        } = *placed;
        let definition = u64::from_str_radix(case.definition.as_str(), 16)
            .map_err(|error| IndexError::Other(error.to_string()))?;
        self.case.execute(params![
            benchmark,
            run,
            definition.cast_signed(),
            case.kind,
            case.passed,
            case.failed
        ])?;
        for seen in &case.seen {
            self.result(placed, seen)?;
        }
        for (number, failure) in case.failures.iter().enumerate() {
            self.failure.execute(params![
                benchmark,
                run,
                whole(number)?,
                word(&failure.kind)?,
                failure.signal,
                failure.launch,
                failure.elapsed_ms.cast_signed(),
                failure.message
            ])?;
        }
        match &case.limit {
            Some(limit) => self.limits.limit(benchmark, run, limit),
            None => Ok(()),
        }
    }

    fn result(&mut self, placed: &Placed<'_>, seen: &Seen) -> Result<(), IndexError> {
        let metric = self.metric(&seen.metric, &seen.meaning)?;
        let figure = seen.figure;
        let interval = figure.and_then(|figure| figure.interval);
        let launches = figure.map(|figure| whole(figure.launches));
        self.result.execute(params![
            placed.benchmark,
            placed.run,
            metric,
            figure.map(|figure| figure.value),
            interval.map(|(low, _)| low),
            interval.map(|(_, high)| high),
            launches.transpose()?,
            seen.budget,
            seen.absent,
        ])?;
        Ok(())
    }

    fn samples(&mut self, placed: &Placed<'_>) -> Result<(), IndexError> {
        for sampled in &placed.case.samples {
            let metric = self.metric(&sampled.metric, &sampled.meaning)?;
            self.samples
                .execute(params![placed.run, placed.benchmark, metric, sampled.bytes])?;
        }
        Ok(())
    }

    fn number_of(&self, benchmark: &BenchId) -> Result<i64, IndexError> {
        self.numbered(
            "SELECT id FROM benchmarks WHERE name = ?1",
            "INSERT INTO benchmarks (name) VALUES (?1)",
            &[Value::Text(benchmark.to_string())],
        )
    }

    fn metric(&mut self, name: &str, meaning: &Meaning) -> Result<i64, IndexError> {
        let mut known = self.metrics.iter();
        if let Some((_, _, number)) = known.find(|known| known.0 == name && known.1 == *meaning) {
            return Ok(*number);
        }
        let number = self.numbered(
            "SELECT id FROM metrics WHERE name = ?1 AND unit = ?2 AND better = ?3 AND exact = ?4",
            "INSERT INTO metrics (name, unit, better, exact) VALUES (?1, ?2, ?3, ?4)",
            &[
                Value::Text(name.to_owned()),
                Value::Text(meaning.unit.as_str().to_owned()),
                Value::Text(word(&meaning.better)?),
                Value::Integer(i64::from(meaning.exact)),
            ],
        )?;
        self.metrics
            .push((name.to_owned(), meaning.clone(), number));
        Ok(number)
    }

    /// The number that something has, or is given now.
    fn numbered(&self, find: &str, make: &str, values: &[Value]) -> Result<i64, IndexError> {
        let found = self
            .change
            .prepare_cached(find)?
            .query_row(rusqlite::params_from_iter(values), |row| row.get(0))
            .optional()?;
        if let Some(number) = found {
            return Ok(number);
        }
        self.change
            .prepare_cached(make)?
            .execute(rusqlite::params_from_iter(values))?;
        Ok(self.change.last_insert_rowid())
    }
}

impl Database {
    pub(super) fn all_files(&self) -> Result<HashSet<String>, IndexError> {
        let mut files = self.connection.prepare_cached("SELECT file FROM sources")?;
        let found = files.query_map([], |row| row.get(0))?;
        Ok(found.collect::<Result<_, _>>()?)
    }
}
