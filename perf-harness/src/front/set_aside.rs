//! Standard output, kept free of what benchmarks print.

use std::io::{self, Write};
use std::os::fd::OwnedFd;

/// While it lives, what the process prints on standard output goes to standard error. Of one thread only: the streams
/// are the whole process's.
pub(crate) struct SetAside(OwnedFd);

impl SetAside {
    pub(crate) fn stdout() -> io::Result<Self> {
        const FIRST_FREE: i32 = 3;
        // What was printed before is still meant for where it was printed.
        io::stdout().flush()?;
        let kept = rustix::io::fcntl_dupfd_cloexec(io::stdout(), FIRST_FREE)?;
        rustix::stdio::dup2_stdout(io::stderr())?;
        Ok(Self(kept))
    }
}

impl Drop for SetAside {
    fn drop(&mut self) {
        // A line without its end is still held back. If standard error is closed, nobody wants it.
        let _closed = io::stdout().flush();
        // A file descriptor that is open can be copied; if not, there is no output left to be printed on.
        let _open = rustix::stdio::dup2_stdout(&self.0);
    }
}
