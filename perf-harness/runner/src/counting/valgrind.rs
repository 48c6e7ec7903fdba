//! Valgrind's Callgrind: whether it is here, and how a worker is run by it.

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use perf_schema::wire::COUNTING_MARKS;

/// A Valgrind that is installed, and the folder it may write to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Valgrind {
    program: PathBuf,
    folder: PathBuf,
}

impl Valgrind {
    /// Looks for Valgrind where the system looks for programs. It will write files to `folder`, which are removed when they
    /// were read.
    ///
    /// # Errors
    /// With the reason in words, when there is none that works.
    pub fn find(folder: &Path) -> Result<Self, String> {
        Self::at(Path::new("valgrind"), folder)
    }

    fn at(program: &Path, folder: &Path) -> Result<Self, String> {
        let mut version = Command::new(program);
        version
            .arg("--version")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        match version.status() {
            Ok(status) if status.success() => Ok(Self {
                program: program.to_owned(),
                folder: folder.to_owned(),
            }),
            Ok(status) => Err(format!("`valgrind --version` failed ({status})")),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                Err("valgrind is not installed".to_owned())
            }
            Err(error) => Err(format!("valgrind could not be started: {error}")),
        }
    }

    /// What a worker is started by. All that a user's own settings of Valgrind could change of the count is set here, since
    /// the command line has the last word.
    pub(super) fn command(&self) -> Vec<OsString> {
        let mut command = vec![self.program.clone().into_os_string()];
        command.extend(
            [
                "-q",
                "--tool=callgrind",
                // No pipes in the temporary folder for a debugger that never comes.
                "--vgdb=no",
                "--trace-children=no",
                "--cache-sim=no",
                "--branch-sim=no",
                "--collect-systime=no",
                "--collect-bus=no",
                "--collect-atstart=yes",
                "--instr-atstart=yes",
                "--separate-threads=no",
                "--combine-dumps=no",
                "--dump-line=no",
                // Threads get their turns one after the other, also those that wait by spinning.
                "--fair-sched=try",
            ]
            .map(OsString::from),
        );
        command.push(format!("--dump-before={COUNTING_MARKS}").into());
        let mut out = OsString::from("--callgrind-out-file=");
        out.push(&self.folder);
        out.push("/%p");
        command.push(out);
        command
    }

    /// The path that the names of the files which a process writes begin with.
    pub(super) fn files_of(&self, process: u32) -> PathBuf {
        self.folder.join(process.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_there_is_said_to_be_missing() {
        let found = Valgrind::at(Path::new("no-such-program-as-this"), Path::new("."));
        assert_eq!(found, Err("valgrind is not installed".to_owned()));
        let failing = Valgrind::at(Path::new("false"), Path::new("."));
        assert_eq!(
            failing,
            Err("`valgrind --version` failed (exit status: 1)".to_owned())
        );
    }
}
