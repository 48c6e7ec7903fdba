//! What a program prints: read as fast as it comes, so that it never waits for a reader.

use std::io::{self, PipeReader, Read};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

/// The most that is kept for a check.
const MOST: usize = 64 << 20;

/// How much of the end is kept without a check, in case it has to explain a failure.
const TAIL: usize = 4096;

/// How long a stream may stay open after the program has ended. Whoever holds it was left behind by the program.
///
/// Long enough for a busy machine to let the reading thread see the end of a stream that nobody holds.
const GRACE: Duration = Duration::from_secs(10);

/// One of a program's streams, while it is read.
pub(super) struct Capture(Receiver<Printed>);

/// What was read.
#[derive(Debug, Default)]
pub(super) struct Printed {
    pub(super) bytes: Vec<u8>,
    /// Whether there was more than is kept.
    pub(super) is_cut: bool,
}

impl Capture {
    /// Begins to read. All of it is kept if it is to be checked.
    pub(super) fn of(reader: PipeReader, is_checked: bool) -> io::Result<Self> {
        let (sender, receiver) = channel();
        // Not joined: a process that the program left behind may hold the pipe open for as long as it likes.
        std::thread::Builder::new()
            .name("command output".to_owned())
            .spawn(move || {
                let printed = if is_checked {
                    whole(reader)
                } else {
                    tail(reader)
                };
                // Nobody waits for it any more.
                let _late = sender.send(printed);
            })?;
        Ok(Self(receiver))
    }

    /// What was read, once the program has ended; `None` when somebody still holds the stream open.
    pub(super) fn end(self) -> Option<Printed> {
        self.0.recv_timeout(GRACE).ok()
    }
}

impl Printed {
    /// The last lines, on one line; with a colon in front, if there are any.
    pub(super) fn last_words(&self) -> String {
        let text = String::from_utf8_lossy(&self.bytes[self.bytes.len().saturating_sub(TAIL)..]);
        let lines: Vec<&str> = text
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty())
            .collect();
        let last = lines[lines.len().saturating_sub(6)..].join(" | ");
        let last: String = last.chars().filter(|c| !c.is_control()).collect();
        if last.is_empty() {
            last
        } else {
            format!(": {last}")
        }
    }
}

fn whole(reader: PipeReader) -> Printed {
    let mut bytes = Vec::new();
    each_chunk(reader, |chunk| {
        bytes.extend_from_slice(&chunk[..chunk.len().min(MOST + 1 - bytes.len())]);
    });
    let is_cut = bytes.len() > MOST;
    bytes.truncate(MOST);
    Printed { bytes, is_cut }
}

fn tail(reader: PipeReader) -> Printed {
    let mut printed = Printed::default();
    each_chunk(reader, |chunk| {
        let Printed { bytes, is_cut } = &mut printed;
        bytes.extend_from_slice(&chunk[chunk.len().saturating_sub(TAIL)..]);
        let surplus = bytes.len().saturating_sub(TAIL);
        bytes.drain(..surplus);
        *is_cut |= surplus > 0 || chunk.len() > TAIL;
    });
    printed
}

/// Reads to the end. A stream that cannot be read has ended.
fn each_chunk(mut reader: PipeReader, mut take: impl FnMut(&[u8])) {
    let mut chunk = [0; 16 * 1024];
    loop {
        match reader.read(&mut chunk) {
            Ok(0) => return,
            Ok(count) => take(&chunk[..count]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(_) => return,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn printed(is_checked: bool, chunks: &[&[u8]]) -> Printed {
        let (reader, mut writer) = io::pipe().unwrap();
        let capture = Capture::of(reader, is_checked).unwrap();
        for chunk in chunks {
            writer.write_all(chunk).unwrap();
        }
        drop(writer);
        capture.end().unwrap()
    }

    #[test]
    fn all_is_kept_for_a_check_and_the_end_without_one() {
        let megabyte = vec![b'.'; 1 << 20];
        let checked = printed(true, &[&megabyte, b"\nend\n"]);
        assert_eq!(
            (checked.bytes.len(), checked.is_cut),
            ((1 << 20) + 5, false)
        );
        let unchecked = printed(false, &[&megabyte, b"\n\x1b[31mlast\n\nend\n"]);
        assert_eq!((unchecked.bytes.len(), unchecked.is_cut), (TAIL, true));
        assert!(unchecked.last_words().ends_with(". | [31mlast | end"));
        assert_eq!(printed(true, &[]).last_words(), "");
        assert!(!printed(false, &[b"short"]).is_cut);
    }

    #[test]
    fn what_is_too_long_for_a_check_is_cut_and_says_so() {
        let megabyte = vec![b'.'; 1 << 20];
        let chunks = vec![&megabyte[..]; 65];
        let checked = printed(true, &chunks);
        assert_eq!((checked.bytes.len(), checked.is_cut), (MOST, true));
    }
}
