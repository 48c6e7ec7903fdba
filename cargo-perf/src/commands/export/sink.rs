//! Where an export goes: standard output as it comes, or a file that is there whole or not at all.

use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, Seek, Write};
use std::path::{Path, PathBuf};

use perf_schema::ExitCode;
use tempfile::NamedTempFile;

use crate::context::Context;
use crate::failure::{Failure, Kind};

/// Where an export goes.
pub(super) struct Sink {
    to: BufWriter<To>,
    begun: bool,
}

enum To {
    /// Standard output.
    Out(io::Stdout),
    /// Beside the file, to take its place at the end.
    Beside { file: NamedTempFile, path: PathBuf },
    /// What is there and no regular file: a pipe, a device.
    Through { file: File, path: PathBuf },
}

impl Sink {
    /// Finds where to write, and makes the folders above it.
    ///
    /// # Errors
    /// When the system refuses.
    pub(super) fn open(cx: &Context, output: Option<&Path>) -> Result<Self, Failure> {
        let to = match output {
            None => To::Out(io::stdout()),
            Some(path) => {
                let path = cx.directory.join(path);
                To::of(&path).map_err(|error| refused(&path.display().to_string(), error))?
            }
        };
        Ok(Self {
            to: BufWriter::new(to),
            begun: false,
        })
    }

    /// Begins, or begins again where that can be done.
    ///
    /// # Errors
    /// When something was given away that cannot be taken back.
    pub(super) fn begin(&mut self) -> io::Result<()> {
        if std::mem::replace(&mut self.begun, true) {
            self.to.flush()?;
            let To::Beside { file, .. } = self.to.get_mut() else {
                return Err(io::Error::other(
                    "the index turned out damaged when a part was written; it is built anew: type the same again",
                ));
            };
            file.rewind()?;
            file.as_file().set_len(0)?;
        }
        Ok(())
    }

    /// Gives it its name.
    ///
    /// # Errors
    /// When the system refuses.
    pub(super) fn deliver(mut self) -> Result<(), Failure> {
        if let Err(error) = self.to.flush() {
            return self.refused(error).map(|_| ());
        }
        // Nothing is left in the buffer.
        let (to, _) = self.to.into_parts();
        match to {
            To::Beside { file, path } => file
                .persist(&path)
                .map(|_| ())
                .map_err(|error| refused(&path.display().to_string(), error.error)),
            To::Out(_) | To::Through { .. } => Ok(()),
        }
    }

    /// What it means that something could not be written. A reader that has seen enough is no failure.
    ///
    /// # Errors
    /// In all other cases.
    pub(super) fn refused(&self, error: io::Error) -> Result<ExitCode, Failure> {
        match self.to.get_ref() {
            To::Out(_) if error.kind() == io::ErrorKind::BrokenPipe => Ok(ExitCode::Fine),
            To::Out(_) => Err(refused("standard output", error)),
            To::Beside { path, .. } | To::Through { path, .. } => {
                Err(refused(&path.display().to_string(), error))
            }
        }
    }
}

impl To {
    fn of(path: &Path) -> io::Result<Self> {
        // A file in the place of a device would be one no longer.
        let is_special = std::fs::metadata(path).is_ok_and(|found| !found.is_file());
        if is_special {
            let file = OpenOptions::new().write(true).open(path)?;
            let path = path.to_owned();
            return Ok(Self::Through { file, path });
        }
        // The file that a link leads to is replaced, not the link.
        let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
        let folder = path.parent().unwrap_or(Path::new("."));
        std::fs::create_dir_all(folder)?;
        let mut builder = tempfile::Builder::new();
        #[cfg(unix)]
        {
            // As readable as any other file: the user's mask still applies.
            use std::os::unix::fs::PermissionsExt;
            builder.permissions(std::fs::Permissions::from_mode(0o666));
        }
        let file = builder.prefix(".tmp-").tempfile_in(folder)?;
        Ok(Self::Beside { file, path })
    }
}

impl Write for To {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Out(out) => out.write(bytes),
            Self::Beside { file, .. } => file.write(bytes),
            Self::Through { file, .. } => file.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Out(out) => out.flush(),
            Self::Beside { file, .. } => file.flush(),
            Self::Through { file, .. } => file.flush(),
        }
    }
}

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.to.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }
}

fn refused(what: &str, error: io::Error) -> Failure {
    let said = format!("the export could not be written to {what}");
    Failure::new(Kind::Setup, anyhow::Error::new(error).context(said))
}
