//! What the index holds of a benchmark beyond figures: samples, failures, the probes of limits.

use perf_schema::{Failure, Samples};
use rusqlite::{Row, params};

use super::ask::named;
use super::{BenchNumber, Database, IndexError, RunNumber};

/// A probe of a limit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Probe {
    /// The level.
    pub n: u64,
    /// The cap that broke, by its word.
    pub broke: Option<String>,
    /// What went wrong, if no cap broke.
    pub failure: Option<String>,
    /// How long it took.
    pub wall_ns: Option<u64>,
    /// CPU time of it.
    pub cpu_ns: Option<u64>,
    /// The most memory it held.
    pub memory_bytes: Option<u64>,
}

impl Database {
    pub(super) fn all_samples(
        &self,
        benchmark: BenchNumber,
        metric: &str,
    ) -> Result<Vec<(RunNumber, Samples)>, IndexError> {
        let mut samples = self.connection.prepare_cached(
            "SELECT run, data FROM results JOIN samples USING (run, benchmark, metric) \
             JOIN metrics ON metrics.id = metric WHERE benchmark = ?1 AND metrics.name = ?2 ORDER BY run",
        )?;
        let mut rows = samples.query(params![benchmark.0, metric])?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            let bytes: Vec<u8> = row.get(1)?;
            let samples = Samples::from_bytes(&bytes).map_err(IndexError::nonsense)?;
            found.push((RunNumber(row.get(0)?), samples));
        }
        Ok(found)
    }

    pub(super) fn all_failures(
        &self,
        benchmark: BenchNumber,
    ) -> Result<Vec<(RunNumber, Failure)>, IndexError> {
        let mut failures = self.connection.prepare_cached(
            "SELECT run, kind, signal, launch, elapsed_ms, message FROM failures WHERE benchmark = ?1 ORDER BY run, number",
        )?;
        let mut rows = failures.query([benchmark.0])?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            let failure = Failure {
                kind: named(row, 1)?,
                signal: row.get(2)?,
                launch: row.get(3)?,
                elapsed_ms: row.get::<_, i64>(4)?.cast_unsigned(),
                message: row.get(5)?,
            };
            found.push((RunNumber(row.get(0)?), failure));
        }
        Ok(found)
    }

    pub(super) fn all_probes(
        &self,
        benchmark: BenchNumber,
    ) -> Result<Vec<(RunNumber, Probe)>, IndexError> {
        let mut levels = self.connection.prepare_cached(
            "SELECT run, n, broke, failure, wall_ns, cpu_ns, memory_bytes FROM levels WHERE benchmark = ?1 \
             ORDER BY run, number",
        )?;
        let mut rows = levels.query([benchmark.0])?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            let probe = Probe {
                n: row.get::<_, i64>(1)?.cast_unsigned(),
                broke: row.get(2)?,
                failure: row.get(3)?,
                wall_ns: bits(row, 4)?,
                cpu_ns: bits(row, 5)?,
                memory_bytes: bits(row, 6)?,
            };
            found.push((RunNumber(row.get(0)?), probe));
        }
        Ok(found)
    }
}

/// 64 bits without a sign, kept as the signed number of the same bits.
fn bits(row: &Row<'_>, at: usize) -> Result<Option<u64>, IndexError> {
    Ok(row.get::<_, Option<i64>>(at)?.map(i64::cast_unsigned))
}
