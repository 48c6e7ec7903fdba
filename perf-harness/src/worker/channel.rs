//! The worker's end of the channel: taken from standard input, and out of the benchmark's reach.

use std::cell::RefCell;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Write};
use std::os::unix::net::UnixStream;
use std::rc::Rc;

use perf_schema::wire::{Event, Order};

use crate::body::Visit;

/// The worker's end. Clones are the same channel.
#[derive(Clone, Debug)]
pub(crate) struct Channel(Rc<RefCell<BufReader<UnixStream>>>);

impl Channel {
    /// Moves the channel away from standard input, which becomes empty. Processes that the benchmark starts do not
    /// inherit it.
    pub(crate) fn take_stdin() -> io::Result<Self> {
        const FIRST_FREE: i32 = 3;
        let channel = rustix::io::fcntl_dupfd_cloexec(io::stdin(), FIRST_FREE)?;
        rustix::stdio::dup2_stdin(File::open("/dev/null")?)?;
        Ok(Self(Rc::new(RefCell::new(BufReader::new(
            UnixStream::from(channel),
        )))))
    }

    /// What another thread needs to make the same channel of; `None` while there are clones.
    pub(crate) fn into_parts(self) -> Option<BufReader<UnixStream>> {
        Rc::into_inner(self.0).map(RefCell::into_inner)
    }

    /// The channel of [`into_parts`](Self::into_parts).
    pub(crate) fn of_parts(parts: BufReader<UnixStream>) -> Self {
        Self(Rc::new(RefCell::new(parts)))
    }

    /// The next order; `None` when the conductor is gone or says something that no conductor of this version says.
    pub(crate) fn order(&self) -> Option<Order> {
        let mut line = String::new();
        let length = self.0.borrow_mut().read_line(&mut line).ok()?;
        if length == 0 {
            None
        } else {
            serde_json::from_str(&line).ok()
        }
    }

    /// Sends an event. A conductor that is gone cannot hear it and needs no answer.
    pub(crate) fn tell(&self, event: &Event) {
        if let Ok(mut line) = serde_json::to_vec(event) {
            line.push(b'\n');
            let _gone = self.0.borrow_mut().get_mut().write_all(&line);
        }
    }
}

impl Visit for Channel {
    fn order(&mut self) -> Option<Order> {
        Self::order(self)
    }

    fn tell(&mut self, event: &Event) {
        Self::tell(self, event);
    }
}
