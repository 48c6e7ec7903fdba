//! Limits on their way in: the bracket, its probes, and what was seen of users at each.

use perf_schema::{Cap, Latency, Level, LimitRecord, Traffic};
use rusqlite::{CachedStatement, Transaction, params};

use super::IndexError;
use super::add::{whole, word};

/// What takes limits in.
pub(super) struct Limits<'a> {
    limit: CachedStatement<'a>,
    level: CachedStatement<'a>,
    traffic: CachedStatement<'a>,
}

/// 64 bits without a sign, as the signed number that SQLite has for them.
fn bits(number: Option<u64>) -> Option<i64> {
    number.map(u64::cast_signed)
}

impl<'a> Limits<'a> {
    pub(super) fn to(change: &'a Transaction<'a>) -> Result<Self, IndexError> {
        Ok(Self {
            limit: change.prepare_cached(
                "INSERT INTO limits (benchmark, run, kind, axis, ended, largest_pass, smallest_fail) \
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            )?,
            level: change.prepare_cached(
                "INSERT INTO levels (benchmark, run, number, n, broke, failure_kind, failure, wall_ns, cpu_ns, memory_bytes, \
                 late_ns, disturbed) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
            )?,
            traffic: change.prepare_cached(
                "INSERT INTO traffic (benchmark, run, number, window_ns, begun, unstarted, done, errors, p50_ns, p90_ns, \
                 p99_ns, max_ns, waited_ns, others_ns, late_p99_ns, busy_ppm, own_p50_ns, own_p90_ns, own_p99_ns, own_max_ns) \
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20)",
            )?,
        })
    }

    /// Takes in the limit of a benchmark of a run.
    pub(super) fn limit(
        &mut self,
        benchmark: i64,
        run: i64,
        limit: &LimitRecord,
    ) -> Result<(), IndexError> {
        self.limit.execute(params![
            benchmark,
            run,
            limit.plan.kind.word(),
            limit.plan.axis,
            word(&limit.end)?,
            bits(limit.largest_pass),
            bits(limit.smallest_fail)
        ])?;
        for (number, level) in limit.levels.iter().enumerate() {
            self.level((benchmark, run, whole(number)?), level)?;
        }
        Ok(())
    }

    fn level(&mut self, at: (i64, i64, i64), level: &Level) -> Result<(), IndexError> {
        let (benchmark, run, number) = at;
        let failure = level.failure.as_ref();
        let kind = failure.map(|failure| word(&failure.kind));
        self.level.execute(params![
            benchmark,
            run,
            number,
            level.n.cast_signed(),
            level.broke.map(Cap::word),
            kind.transpose()?,
            failure.map(|failure| &failure.message),
            bits(level.wall_ns),
            bits(level.cpu_ns),
            bits(level.memory_bytes),
            bits(level.late_ns),
            level.disturbed,
        ])?;
        match &level.traffic {
            Some(traffic) => self.traffic(at, traffic),
            None => Ok(()),
        }
    }

    fn traffic(&mut self, at: (i64, i64, i64), traffic: &Traffic) -> Result<(), IndexError> {
        let (benchmark, run, number) = at;
        let errors = (!traffic.errors.is_empty()).then(|| serde_json::to_string(&traffic.errors));
        let errors = errors.transpose();
        let generator = traffic.generator.as_ref();
        let own = generator.map_or_else(Latency::default, |generator| generator.without);
        let latency = traffic.latency;
        self.traffic.execute(params![
            benchmark,
            run,
            number,
            traffic.window_ns.cast_signed(),
            traffic.begun.cast_signed(),
            traffic.unstarted.cast_signed(),
            traffic.done.cast_signed(),
            errors.map_err(|error| IndexError::Other(error.to_string()))?,
            bits(latency.p50_ns),
            bits(latency.p90_ns),
            bits(latency.p99_ns),
            bits(latency.max_ns),
            bits(traffic.processor.map(|processor| processor.waited_ns)),
            bits(traffic.processor.map(|processor| processor.others_ns)),
            bits(generator.and_then(|generator| generator.late_p99_ns)),
            generator.map(|generator| generator.busy_ppm),
            bits(own.p50_ns),
            bits(own.p90_ns),
            bits(own.p99_ns),
            bits(own.max_ns),
        ])?;
        Ok(())
    }
}
