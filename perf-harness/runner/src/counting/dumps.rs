//! The files that Callgrind writes whenever a mark is passed: what was executed since the mark before.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::PathBuf;

/// Instructions that were executed for a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Executed {
    /// From the first mark to the last. Of several threads all marks lie between those two, and all that is executed between
    /// them counts, by whichever thread.
    pub(super) within: u64,
    /// With what came before the first mark: dropping what the batch before had made, and making the inputs.
    pub(super) altogether: u64,
}

/// The dumps of one process, in the order they are written.
#[derive(Debug)]
pub(super) struct Dumps {
    /// What the names begin with; a number follows.
    base: PathBuf,
    next: u32,
}

impl Dumps {
    pub(super) const fn new(base: PathBuf) -> Self {
        Self { base, next: 1 }
    }

    /// What was executed since the last call.
    ///
    /// # Errors
    /// With the reason, when no marks were seen or a file is not what it should be.
    pub(super) fn take_batch(&mut self) -> Result<Executed, String> {
        let mut parts = Vec::new();
        while let Some(part) = self.take()? {
            parts.push(part);
        }
        match parts.split_first() {
            Some((before, between)) if !between.is_empty() => {
                let within = between.iter().sum();
                Ok(Executed {
                    within,
                    altogether: before + within,
                })
            }
            _ => Err(
                "the binary has no symbols, by which Valgrind finds the ends of a batch; build it with `strip = false` \
                 or `strip = \"debuginfo\"` in its profile"
                    .to_owned(),
            ),
        }
    }

    /// The next file's total, if it is there.
    fn take(&mut self) -> Result<Option<u64>, String> {
        let path = self.path(self.next);
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(format!("what Valgrind wrote cannot be read: {error}")),
        };
        self.next += 1;
        // It was read, and the folder is removed in the end; a file that stays until then does no harm.
        let _stays = fs::remove_file(path);
        total(&text)
            .map(Some)
            .ok_or_else(|| "what Valgrind wrote has no total".to_owned())
    }

    fn path(&self, number: u32) -> PathBuf {
        let mut name = OsString::from(&self.base);
        name.push(format!(".{number}"));
        name.into()
    }
}

impl Drop for Dumps {
    fn drop(&mut self) {
        // What it opens first and writes to last.
        let _never_written = fs::remove_file(&self.base);
        while fs::remove_file(self.path(self.next)).is_ok() {
            self.next += 1;
        }
    }
}

/// `totals: 1831`. The first of several numbers is that of instructions.
fn total(text: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix("totals:"))?;
    line.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_parts_but_the_first_lie_between_the_marks() {
        let folder = tempfile::tempdir().unwrap();
        let base = folder.path().join("7");
        let write = |number: u32, text: &str| {
            fs::write(folder.path().join(format!("7.{number}")), text).unwrap();
        };
        let mut dumps = Dumps::new(base.clone());
        fs::write(&base, "").unwrap();
        write(1, "events: Ir\nsummary: 900\n\ntotals: 900\n");
        write(2, "events: Ir\nsummary: 30\n\ntotals: 31\n");
        let executed = |within, altogether| Ok(Executed { within, altogether });
        assert_eq!(dumps.take_batch(), executed(31, 931));
        // Two threads: open, open, close, close.
        for (number, total) in [(3, 500), (4, 10), (5, 20), (6, 12)] {
            write(number, &format!("totals: {total} 5\n"));
        }
        assert_eq!(dumps.take_batch(), executed(42, 542));
        write(7, "totals: 1\n");
        let reason = dumps.take_batch().unwrap_err();
        assert!(reason.starts_with("the binary has no symbols"), "{reason}");
        write(8, "nothing of the kind\n");
        assert_eq!(
            dumps.take_batch().unwrap_err(),
            "what Valgrind wrote has no total"
        );
        write(9, "");
        write(10, "");
        drop(dumps);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}
