//! What the database answers. Whatever does not read as what it should be is damage.

use std::collections::{HashMap, HashSet};

use perf_schema::metric::names;
use perf_schema::{BenchId, Better, Commit, Definition, Failure, Meaning, RecordId, Samples, Unit};
use rusqlite::{OptionalExtension, Row, params};
use serde::de::DeserializeOwned;

use super::{BenchNumber, Database, Incoming, IndexError, Probe, RunIndex, RunNumber};
use crate::series::{Bracket, Failed, Figure, RunHeader, Seen, Text};

impl RunIndex for Database {
    fn files(&self) -> Result<HashSet<String>, IndexError> {
        self.all_files()
    }

    fn add(&mut self, records: &[Incoming]) -> Result<usize, IndexError> {
        self.add_all(records)
    }

    fn forget(&mut self, files: &[String]) -> Result<usize, IndexError> {
        self.forget_all(files)
    }

    fn runs(&self) -> Result<Vec<(RunNumber, RunHeader)>, IndexError> {
        let mut runs = self.connection.prepare_cached(
            "SELECT id, record, sha, parents, branch, committed, subject, dirty, source_tree, class, cpu, build, clock, \
             rustc, dependencies, governor, virtualisation, kept, \
             (SELECT min(file) FROM sources WHERE run = runs.id AND file LIKE 'baselines/%') \
             FROM runs ORDER BY id",
        )?;
        let mut rows = runs.query([])?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            found.push((RunNumber(row.get(0)?), header(row)?));
        }
        Ok(found)
    }

    fn benchmarks(&self) -> Result<Vec<(BenchNumber, BenchId)>, IndexError> {
        let mut benchmarks = self
            .connection
            .prepare_cached("SELECT id, name FROM benchmarks")?;
        let mut rows = benchmarks.query([])?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            let name: String = row.get(1)?;
            let id: BenchId = name.parse().map_err(IndexError::nonsense)?;
            found.push((BenchNumber(row.get(0)?), id));
        }
        found.sort_by(|a, b| a.1.cmp(&b.1));
        Ok(found)
    }

    fn seen(&self, benchmark: BenchNumber) -> Result<Vec<(RunNumber, Seen)>, IndexError> {
        let id = self.id_of(benchmark)?;
        let metrics = self.metrics()?;
        let failures = self.first_failures(benchmark)?;
        let brackets = self.brackets(benchmark)?;
        let mut results = self.connection.prepare_cached(
            "SELECT run, metric, value, low, high, launches, absent, definition, passed, failed, budget \
             FROM results JOIN cases USING (benchmark, run) WHERE benchmark = ?1 ORDER BY run, metric",
        )?;
        let mut rows = results.query([benchmark.0])?;
        let mut found = Vec::new();
        // Hardly ever does it change from run to run.
        let mut known: Option<(i64, Definition)> = None;
        while let Some(row) = rows.next()? {
            let run: i64 = row.get(0)?;
            let (metric, meaning) = metrics
                .get(&row.get(1)?)
                .ok_or_else(|| IndexError::nonsense("a result of no metric"))?;
            let number: i64 = row.get(7)?;
            let definition = match known.take() {
                Some((of, definition)) if of == number => definition,
                _ => definition(number)?,
            };
            known = Some((number, definition.clone()));
            let limit = brackets.get(&run).filter(|_| &**metric == names::LIMIT);
            let seen = Seen {
                id: id.clone(),
                metric: metric.clone(),
                meaning: meaning.clone(),
                definition,
                figure: figure(row)?,
                absent: row.get(6)?,
                failure: failures.get(&run).cloned(),
                bracket: limit.copied(),
                budget: row.get(10)?,
                passed: row.get(8)?,
                failed: row.get(9)?,
            };
            found.push((RunNumber(run), seen));
        }
        Ok(found)
    }

    fn samples(
        &self,
        record: &RecordId,
        benchmark: &BenchId,
        metric: &str,
    ) -> Result<Option<Samples>, IndexError> {
        let bytes: Option<Vec<u8>> = self
            .connection
            .prepare_cached(
                "SELECT data FROM samples JOIN runs ON runs.id = samples.run \
                 JOIN benchmarks ON benchmarks.id = samples.benchmark JOIN metrics ON metrics.id = samples.metric \
                 WHERE runs.record = ?1 AND benchmarks.name = ?2 AND metrics.name = ?3",
            )?
            .query_row(
                params![record.as_str(), benchmark.to_string(), metric],
                |row| row.get(0),
            )
            .optional()?;
        let read = |bytes: Vec<u8>| Samples::from_bytes(&bytes).map_err(IndexError::nonsense);
        bytes.map(read).transpose()
    }

    fn samples_of(
        &self,
        benchmark: BenchNumber,
        metric: &str,
    ) -> Result<Vec<(RunNumber, Samples)>, IndexError> {
        self.all_samples(benchmark, metric)
    }

    fn failures_of(&self, benchmark: BenchNumber) -> Result<Vec<(RunNumber, Failure)>, IndexError> {
        self.all_failures(benchmark)
    }

    fn probes_of(&self, benchmark: BenchNumber) -> Result<Vec<(RunNumber, Probe)>, IndexError> {
        self.all_probes(benchmark)
    }
}

impl Database {
    fn id_of(&self, benchmark: BenchNumber) -> Result<BenchId, IndexError> {
        let name: String = self
            .connection
            .prepare_cached("SELECT name FROM benchmarks WHERE id = ?1")?
            .query_row([benchmark.0], |row| row.get(0))?;
        name.parse().map_err(IndexError::nonsense)
    }

    fn metrics(&self) -> Result<HashMap<i64, (Text, Meaning)>, IndexError> {
        let mut metrics = self
            .connection
            .prepare_cached("SELECT id, name, unit, better, exact FROM metrics")?;
        let mut rows = metrics.query([])?;
        let mut found = HashMap::new();
        while let Some(row) = rows.next()? {
            let unit: String = row.get(2)?;
            let better: Better = named(row, 3)?;
            let meaning = Meaning {
                unit: Unit::new(&unit).map_err(IndexError::nonsense)?,
                better,
                exact: row.get(4)?,
            };
            let name: String = row.get(1)?;
            found.insert(row.get(0)?, (name.as_str().into(), meaning));
        }
        Ok(found)
    }

    fn first_failures(&self, benchmark: BenchNumber) -> Result<HashMap<i64, Failed>, IndexError> {
        let mut failures = self.connection.prepare_cached(
            "SELECT run, kind, message FROM failures WHERE benchmark = ?1 AND number = 0",
        )?;
        let mut rows = failures.query([benchmark.0])?;
        let mut found = HashMap::new();
        while let Some(row) = rows.next()? {
            let failed = Failed {
                kind: named(row, 1)?,
                message: row.get(2)?,
            };
            found.insert(row.get(0)?, failed);
        }
        Ok(found)
    }

    fn brackets(&self, benchmark: BenchNumber) -> Result<HashMap<i64, Bracket>, IndexError> {
        let mut limits = self.connection.prepare_cached(
            "SELECT run, ended, largest_pass, smallest_fail FROM limits WHERE benchmark = ?1",
        )?;
        let mut rows = limits.query([benchmark.0])?;
        let mut found = HashMap::new();
        while let Some(row) = rows.next()? {
            let level = |at| -> Result<Option<u64>, rusqlite::Error> {
                Ok(row.get::<_, Option<i64>>(at)?.map(i64::cast_unsigned))
            };
            let bracket = Bracket {
                largest_pass: level(2)?,
                smallest_fail: level(3)?,
                end: named(row, 1)?,
            };
            found.insert(row.get(0)?, bracket);
        }
        Ok(found)
    }
}

/// A hash, which is kept as the signed number of its bits.
fn definition(number: i64) -> Result<Definition, IndexError> {
    let digits = format!("{:016x}", number.cast_unsigned());
    digits.try_into().map_err(IndexError::nonsense)
}

/// One of a few values, by the word that stands for it.
pub(super) fn named<T: DeserializeOwned>(row: &Row<'_>, at: usize) -> Result<T, IndexError> {
    let text: String = row.get(at)?;
    serde_json::from_value(serde_json::Value::String(text)).map_err(IndexError::nonsense)
}

fn figure(row: &Row<'_>) -> Result<Option<Figure>, IndexError> {
    let value: Option<f64> = row.get(2)?;
    let ends: (Option<f64>, Option<f64>) = (row.get(3)?, row.get(4)?);
    let launches: Option<i64> = row.get(5)?;
    let Some(value) = value else { return Ok(None) };
    let launches = launches.and_then(|launches| usize::try_from(launches).ok());
    Ok(Some(Figure {
        value,
        interval: ends.0.zip(ends.1),
        launches: launches.ok_or_else(|| IndexError::nonsense("a figure of no launches"))?,
    }))
}

fn header(row: &Row<'_>) -> Result<RunHeader, IndexError> {
    let parsed = |at| -> Result<Option<String>, rusqlite::Error> { row.get(at) };
    let id = |text: String| text.try_into().map_err(IndexError::nonsense);
    let tree = |text: String| text.try_into().map_err(IndexError::nonsense);
    let build: String = row.get(11)?;
    Ok(RunHeader {
        record: id(row.get(1)?)?,
        commit: commit(row)?,
        source_tree: parsed(8)?.map(tree).transpose()?,
        class: row.get(9)?,
        cpu: row.get(10)?,
        build: serde_json::from_str(&build).map_err(IndexError::nonsense)?,
        clock: row.get(12)?,
        rustc: row.get(13)?,
        dependencies: row.get(14)?,
        governor: row.get(15)?,
        virtualisation: row.get(16)?,
        kept: row.get(17)?,
        file: row.get(18)?,
    })
}

fn commit(row: &Row<'_>) -> Result<Option<Commit>, IndexError> {
    let Some(sha) = row.get::<_, Option<String>>(2)? else {
        return Ok(None);
    };
    let parents: String = row.get(3)?;
    Ok(Some(Commit {
        sha: sha.try_into().map_err(IndexError::nonsense)?,
        parents: serde_json::from_str(&parents).map_err(IndexError::nonsense)?,
        branch: row.get(4)?,
        committed: row.get(5)?,
        subject: row.get(6)?,
        dirty: row.get(7)?,
    }))
}
