//! CSV, a row at a time.

use std::io::{self, Write};

use super::{Entry, Names, compat, rows};

/// Which columns a table has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Columns {
    /// A row for each metric of each benchmark of each run.
    Full,
    /// A row for each benchmark of each run, with the few columns of the performance tracking suite that others read already.
    Compat,
}

/// A table that is being written.
pub struct Table<'a, W: Write> {
    writer: ::csv::Writer<W>,
    columns: Columns,
    names: &'a Names,
    /// Only these metrics, if any is named.
    metrics: &'a [String],
}

impl<'a, W: Write> Table<'a, W> {
    /// Writes the headings. `metrics`: only rows of these, if any is named.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn begin(
        to: W,
        columns: Columns,
        names: &'a Names,
        metrics: &'a [String],
    ) -> io::Result<Self> {
        let mut writer = ::csv::Writer::from_writer(to);
        match columns {
            Columns::Full => writer.write_record(rows::COLUMNS)?,
            Columns::Compat => writer.write_record(compat::COLUMNS)?,
        }
        Ok(Self {
            writer,
            columns,
            names,
            metrics,
        })
    }

    /// Writes the rows of an entry.
    ///
    /// # Errors
    /// When they cannot be written.
    pub fn entry(&mut self, entry: &Entry<'_>) -> io::Result<()> {
        match self.columns {
            Columns::Compat => self.writer.write_record(compat::cells(entry, self.names))?,
            Columns::Full => {
                let wanted = |name: &str| {
                    self.metrics.is_empty() || self.metrics.iter().any(|metric| metric == name)
                };
                for seen in entry.seen.iter().filter(|seen| wanted(&seen.metric)) {
                    self.writer
                        .write_record(rows::cells(entry, seen, self.names))?;
                }
            }
        }
        Ok(())
    }

    /// Writes what is left.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn end(mut self) -> io::Result<()> {
        self.writer.flush()
    }
}
