//! Taking records in.

use std::collections::{HashMap, HashSet};

use perf_schema::{BenchId, BenchmarkRecord, Better, Cap, Failure, Meaning, Metric, RunRecord};
use rusqlite::types::Value;
use rusqlite::{OptionalExtension, Transaction, TransactionBehavior, params};
use serde::Serialize;

use super::{Database, Incoming, IndexError};
use crate::series::Seen;

impl Database {
    pub(super) fn add_all(&mut self, records: &[Incoming]) -> Result<usize, IndexError> {
        if records.is_empty() {
            return Ok(0);
        }
        let change = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut adding = Adding {
            change: &change,
            benchmarks: HashMap::new(),
            metrics: HashMap::new(),
        };
        let mut added = 0;
        for incoming in records {
            added += usize::from(adding.record(incoming)?);
        }
        change.commit()?;
        Ok(added)
    }
}

/// What was given a number in this change, or had one.
struct Adding<'a> {
    change: &'a Transaction<'a>,
    benchmarks: HashMap<BenchId, i64>,
    metrics: HashMap<(String, Meaning), i64>,
}

/// The word that serde has for one of a few values.
pub(super) fn word(value: &impl Serialize) -> Result<String, IndexError> {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => Ok(word),
        other => Err(IndexError::Other(format!("{other:?} is no word"))),
    }
}

/// 64 bits without a sign, as the signed number that SQLite has for them.
fn bits(number: Option<u64>) -> Option<i64> {
    number.map(u64::cast_signed)
}

impl Adding<'_> {
    /// Whether the record is new.
    fn record(&mut self, incoming: &Incoming) -> Result<bool, IndexError> {
        let id = incoming.stored.id.as_str();
        let known = self
            .change
            .prepare_cached("SELECT id FROM runs WHERE record = ?1")?
            .query_row([id], |row| row.get(0))
            .optional()?;
        let run = match known {
            Some(run) => run,
            None => self.run(incoming)?,
        };
        if let Some(kept) = &incoming.kept {
            // One that was read from git first was made here all the same.
            self.change
                .prepare_cached("UPDATE runs SET kept = ?2 WHERE id = ?1 AND kept IS NULL")?
                .execute(params![run, kept])?;
        }
        self.change
            .prepare_cached("INSERT OR IGNORE INTO sources (file, run) VALUES (?1, ?2)")?
            .execute(params![incoming.file, run])?;
        Ok(known.is_none())
    }

    fn run(&mut self, incoming: &Incoming) -> Result<i64, IndexError> {
        let RunRecord {
            commit,
            source_tree,
            machine,
            environment,
            benchmarks,
            ..
        } = &*incoming.stored.record;
        let commit = commit.as_ref();
        let json = |value: serde_json::Result<String>| {
            value.map_err(|error| IndexError::Other(error.to_string()))
        };
        let parents = commit.map(|commit| json(serde_json::to_string(&commit.parents)));
        self.change
            .prepare_cached(
                "INSERT INTO runs (record, sha, parents, branch, committed, subject, dirty, source_tree, class, cpu, \
                 build, clock, rustc, dependencies, governor, virtualisation, kept) \
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)",
            )?
            .execute(params![
                incoming.stored.id.as_str(),
                commit.map(|commit| commit.sha.as_str()),
                parents.transpose()?,
                commit.and_then(|commit| commit.branch.as_deref()),
                commit.map(|commit| commit.committed),
                commit.map(|commit| commit.subject.as_str()),
                commit.map(|commit| commit.dirty),
                source_tree.as_ref().map(perf_schema::TreeId::as_str),
                machine.class,
                machine.cpu,
                json(serde_json::to_string(&environment.build))?,
                environment.clock,
                environment.rustc,
                environment.dependencies,
                environment.governor,
                environment.virtualisation,
                incoming.kept,
            ])?;
        let run = self.change.last_insert_rowid();
        for benchmark in benchmarks {
            self.benchmark(run, benchmark)?;
        }
        Ok(run)
    }

    fn benchmark(&mut self, run: i64, benchmark: &BenchmarkRecord) -> Result<(), IndexError> {
        let id = self.number_of(&benchmark.id)?;
        let definition = u64::from_str_radix(benchmark.definition.as_str(), 16)
            .map_err(|error| IndexError::Other(error.to_string()))?;
        self.change
            .prepare_cached(
                "INSERT INTO cases (benchmark, run, definition, kind, passed, failed) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            )?
            .execute(params![
                id,
                run,
                definition.cast_signed(),
                benchmark.kind.word(),
                benchmark.outcome.passed,
                benchmark.outcome.failed
            ])?;
        for seen in Seen::of(benchmark) {
            self.result(id, run, &seen)?;
        }
        for (name, metric) in &benchmark.metrics {
            self.samples(id, run, name, metric)?;
        }
        for (number, failure) in benchmark.outcome.failures.iter().enumerate() {
            self.failure(id, run, number, failure)?;
        }
        self.limit(id, run, benchmark)
    }

    fn result(&mut self, benchmark: i64, run: i64, seen: &Seen) -> Result<(), IndexError> {
        let metric = self.metric(&seen.metric, &seen.meaning)?;
        let figure = seen.figure;
        let interval = figure.and_then(|figure| figure.interval);
        let launches = figure.map(|figure| i64::try_from(figure.launches));
        self.change
            .prepare_cached(
                "INSERT INTO results (benchmark, run, metric, value, low, high, launches, budget, absent) \
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
            )?
            .execute(params![
                benchmark,
                run,
                metric,
                figure.map(|figure| figure.value),
                interval.map(|(low, _)| low),
                interval.map(|(_, high)| high),
                launches
                    .transpose()
                    .map_err(|error| IndexError::Other(error.to_string()))?,
                seen.budget,
                seen.absent,
            ])?;
        Ok(())
    }

    fn samples(
        &mut self,
        benchmark: i64,
        run: i64,
        name: &str,
        metric: &Metric,
    ) -> Result<(), IndexError> {
        let Metric::Measured {
            unit,
            better,
            exact,
            samples,
        } = metric
        else {
            return Ok(());
        };
        let meaning = Meaning {
            unit: unit.clone(),
            better: *better,
            exact: *exact,
        };
        let metric = self.metric(name, &meaning)?;
        self.change
            .prepare_cached(
                "INSERT INTO samples (run, benchmark, metric, data) VALUES (?1, ?2, ?3, ?4)",
            )?
            .execute(params![run, benchmark, metric, samples.to_bytes()])?;
        Ok(())
    }

    fn failure(
        &self,
        benchmark: i64,
        run: i64,
        number: usize,
        failure: &Failure,
    ) -> Result<(), IndexError> {
        self.change
            .prepare_cached(
                "INSERT INTO failures (benchmark, run, number, kind, signal, launch, elapsed_ms, message) \
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            )?
            .execute(params![
                benchmark,
                run,
                position(number)?,
                word(&failure.kind)?,
                failure.signal,
                failure.launch,
                failure.elapsed_ms.cast_signed(),
                failure.message
            ])?;
        Ok(())
    }

    fn limit(&self, id: i64, run: i64, benchmark: &BenchmarkRecord) -> Result<(), IndexError> {
        let Some(limit) = &benchmark.limit else {
            return Ok(());
        };
        self.change
            .prepare_cached(
                "INSERT INTO limits (benchmark, run, ended, largest_pass, smallest_fail) VALUES (?1, ?2, ?3, ?4, ?5)",
            )?
            .execute(params![
                id,
                run,
                word(&limit.end)?,
                bits(limit.largest_pass),
                bits(limit.smallest_fail)
            ])?;
        let mut probes = self.change.prepare_cached(
            "INSERT INTO levels (benchmark, run, number, n, broke, failure, wall_ns, cpu_ns, memory_bytes) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        )?;
        for (number, level) in limit.levels.iter().enumerate() {
            probes.execute(params![
                id,
                run,
                position(number)?,
                level.n.cast_signed(),
                level.broke.map(Cap::word),
                level.failure.as_ref().map(|failure| &failure.message),
                bits(level.wall_ns),
                bits(level.cpu_ns),
                bits(level.memory_bytes),
            ])?;
        }
        Ok(())
    }

    fn number_of(&mut self, benchmark: &BenchId) -> Result<i64, IndexError> {
        if let Some(&number) = self.benchmarks.get(benchmark) {
            return Ok(number);
        }
        let name = benchmark.to_string();
        let number = self.numbered(
            "SELECT id FROM benchmarks WHERE name = ?1",
            "INSERT INTO benchmarks (name) VALUES (?1)",
            &[Value::Text(name)],
        )?;
        self.benchmarks.insert(benchmark.clone(), number);
        Ok(number)
    }

    fn metric(&mut self, name: &str, meaning: &Meaning) -> Result<i64, IndexError> {
        let key = (name.to_owned(), meaning.clone());
        if let Some(&number) = self.metrics.get(&key) {
            return Ok(number);
        }
        let better: &Better = &meaning.better;
        let number = self.numbered(
            "SELECT id FROM metrics WHERE name = ?1 AND unit = ?2 AND better = ?3 AND exact = ?4",
            "INSERT INTO metrics (name, unit, better, exact) VALUES (?1, ?2, ?3, ?4)",
            &[
                Value::Text(name.to_owned()),
                Value::Text(meaning.unit.as_str().to_owned()),
                Value::Text(word(better)?),
                Value::Integer(i64::from(meaning.exact)),
            ],
        )?;
        self.metrics.insert(key, number);
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

fn position(number: usize) -> Result<i64, IndexError> {
    i64::try_from(number).map_err(|error| IndexError::Other(error.to_string()))
}

impl Database {
    pub(super) fn all_files(&self) -> Result<HashSet<String>, IndexError> {
        let mut files = self.connection.prepare_cached("SELECT file FROM sources")?;
        let found = files.query_map([], |row| row.get(0))?;
        Ok(found.collect::<Result<_, _>>()?)
    }
}
