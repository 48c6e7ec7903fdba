//! Letting go of files that are there no more.

use rusqlite::{TransactionBehavior, params};

use super::{Database, IndexError};
use crate::repository::LOCAL;

impl Database {
    /// Forgets files, all of them or none, and the runs that no other file is of. Says how many runs those are.
    pub(super) fn forget_all(&mut self, files: &[String]) -> Result<usize, IndexError> {
        if files.is_empty() {
            return Ok(0);
        }
        let change = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut runs = Vec::new();
        {
            let mut let_go =
                change.prepare_cached("DELETE FROM sources WHERE file = ?1 RETURNING run")?;
            for file in files {
                let of_file = let_go.query_map([file], |row| row.get::<_, i64>(0))?;
                for run in of_file {
                    runs.push(run?);
                }
            }
        }
        runs.sort_unstable();
        runs.dedup();
        let mut forgotten = 0;
        for run in &runs {
            forgotten += change
                .prepare_cached(
                    "DELETE FROM runs WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM sources WHERE run = ?1)",
                )?
                .execute([run])?;
            // A committed record does not tell when it was made: as if it had never been seen but there.
            change
                .prepare_cached(
                    "UPDATE runs SET kept = NULL WHERE id = ?1 \
                     AND NOT EXISTS (SELECT 1 FROM sources WHERE run = ?1 AND file LIKE ?2)",
                )?
                .execute(params![run, format!("{LOCAL}/%")])?;
        }
        change.execute(
            "DELETE FROM benchmarks WHERE NOT EXISTS (SELECT 1 FROM cases WHERE cases.benchmark = benchmarks.id)",
            [],
        )?;
        change.commit()?;
        Ok(forgotten)
    }

    /// Gives the room of what was forgotten back to the system.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn compact(&self) -> Result<(), IndexError> {
        Ok(self.connection.execute_batch("VACUUM")?)
    }
}
