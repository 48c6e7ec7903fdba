//! What a benchmark prints: read away as fast as it comes, its end kept in case it has to explain a failure.

use std::collections::VecDeque;
use std::io::{self, PipeReader, PipeWriter, Read, Write};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// How much of the end is kept, in bytes.
const KEPT: usize = 4096;

/// The printing of one worker.
#[derive(Debug)]
pub(crate) struct Output {
    tail: Arc<Mutex<VecDeque<u8>>>,
    /// Closed when the last byte was read.
    done: Receiver<()>,
}

impl Output {
    /// The output, and the pipe the worker prints into. With `show` everything is passed on to standard error.
    pub(crate) fn new(show: bool) -> io::Result<(Self, PipeWriter)> {
        let (reader, writer) = io::pipe()?;
        let tail = Arc::new(Mutex::new(VecDeque::with_capacity(KEPT)));
        let (open, done) = channel();
        let kept = Arc::clone(&tail);
        // Not joined: a process that escaped the worker's group may hold the pipe open for as long as it likes.
        std::thread::Builder::new()
            .name("worker output".to_owned())
            .spawn(move || {
                drain(reader, &kept, show);
                drop(open);
            })?;
        Ok((Self { tail, done }, writer))
    }

    /// The last lines, on one line, once the process is gone.
    pub(crate) fn last_words(&self) -> String {
        match self.done.recv_timeout(Duration::from_millis(200)) {
            Ok(()) | Err(RecvTimeoutError::Disconnected | RecvTimeoutError::Timeout) => {}
        }
        let tail = self.tail.lock().unwrap_or_else(PoisonError::into_inner);
        let bytes: Vec<u8> = tail.iter().copied().collect();
        let text = String::from_utf8_lossy(&bytes);
        let lines: Vec<&str> = text
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty())
            .collect();
        let last = &lines[lines.len().saturating_sub(6)..];
        last.join(" | ")
            .chars()
            .filter(|c| !c.is_control())
            .collect()
    }
}

fn drain(mut reader: PipeReader, tail: &Mutex<VecDeque<u8>>, show: bool) {
    let mut chunk = [0; 16 * 1024];
    loop {
        match reader.read(&mut chunk) {
            Ok(0) => return,
            Ok(count) => {
                let new = &chunk[..count];
                if show {
                    // A closed standard error is no reason to stop reading: the benchmark would stall.
                    let _closed = io::stderr().write_all(new);
                }
                let mut tail = tail.lock().unwrap_or_else(PoisonError::into_inner);
                tail.extend(&new[count.saturating_sub(KEPT)..]);
                let surplus = tail.len().saturating_sub(KEPT);
                tail.drain(..surplus);
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(_) => return,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn megabytes_are_swallowed_and_the_end_is_kept() {
        let (output, mut pipe) = Output::new(false).unwrap();
        pipe.write_all(&vec![b'.'; 4 << 20]).unwrap();
        pipe.write_all(b"\nfirst\n\n\x1b[31msecond\n").unwrap();
        drop(pipe);
        let words = output.last_words();
        assert!(words.ends_with("first | [31msecond"), "{words:?}");
        assert!(words.len() <= KEPT + 16);
    }
}
