//! One JSON line after another, over a socket pair that no benchmark can print to.

use std::io::{self, Read, Write};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::time::Duration;

use perf_schema::wire::{MAX_LINE, Order};

/// The conductor's end.
#[derive(Debug)]
pub(crate) struct Channel {
    stream: UnixStream,
    /// Bytes of lines that are not complete yet.
    pending: Vec<u8>,
    /// How many of them are known to hold no end of a line, lest a long line is searched again with each piece of it.
    searched: usize,
}

/// What came through the channel.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Received {
    Line(Vec<u8>),
    /// Nothing yet.
    Nothing,
    /// Nothing any more.
    End,
}

impl Channel {
    /// Both ends: ours, and the one that becomes the worker's standard input.
    pub(crate) fn pair() -> io::Result<(Self, OwnedFd)> {
        let (ours, theirs) = UnixStream::pair()?;
        // A worker that does not read must not hold the conductor up.
        ours.set_write_timeout(Some(Duration::from_secs(5)))?;
        let channel = Self {
            stream: ours,
            pending: Vec::new(),
            searched: 0,
        };
        Ok((channel, theirs.into()))
    }

    pub(crate) fn send(&mut self, order: &Order) -> io::Result<()> {
        let mut line = serde_json::to_vec(order)?;
        line.push(b'\n');
        self.stream.write_all(&line)
    }

    /// The next line, without its end. Waits for at most `timeout`, longer only while a line keeps coming.
    pub(crate) fn receive(&mut self, timeout: Duration) -> io::Result<Received> {
        // Zero would mean "for ever".
        self.stream
            .set_read_timeout(Some(timeout.max(Duration::from_millis(1))))?;
        self.read_line()
    }

    /// The next line, without its end, if it is here already.
    pub(crate) fn receive_present(&mut self) -> io::Result<Received> {
        // Not a short timeout, which a signal could make shorter still.
        self.stream.set_nonblocking(true)?;
        let received = self.read_line();
        self.stream.set_nonblocking(false)?;
        received
    }

    fn read_line(&mut self) -> io::Result<Received> {
        loop {
            if let Some(line) = self.take_line() {
                return Ok(Received::Line(line));
            }
            if self.pending.len() > MAX_LINE {
                return Err(io::Error::other("the worker sent a line without end"));
            }
            let mut chunk = [0; 8192];
            match self.stream.read(&mut chunk) {
                Ok(0) => return Ok(Received::End),
                Ok(count) => self.pending.extend_from_slice(&chunk[..count]),
                Err(error)
                    if matches!(
                        error.kind(),
                        io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut
                    ) =>
                {
                    return Ok(Received::Nothing);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {
                    return Ok(Received::Nothing);
                }
                Err(error) if error.kind() == io::ErrorKind::ConnectionReset => {
                    return Ok(Received::End);
                }
                Err(error) => return Err(error),
            }
        }
    }

    fn take_line(&mut self) -> Option<Vec<u8>> {
        let Some(offset) = self.pending[self.searched..]
            .iter()
            .position(|&byte| byte == b'\n')
        else {
            self.searched = self.pending.len();
            return None;
        };
        let mut line: Vec<u8> = self.pending.drain(..=self.searched + offset).collect();
        self.searched = 0;
        line.pop();
        Some(line)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair() -> (Channel, UnixStream) {
        let (channel, theirs) = Channel::pair().unwrap();
        (channel, UnixStream::from(theirs))
    }

    #[test]
    fn lines_arrive_whole_however_they_were_sent() {
        let (mut channel, mut theirs) = pair();
        let moment = Duration::from_millis(1);
        theirs.write_all(b"one\ntw").unwrap();
        assert_eq!(
            channel.receive(moment).unwrap(),
            Received::Line(b"one".to_vec())
        );
        assert_eq!(channel.receive(moment).unwrap(), Received::Nothing);
        theirs.write_all(b"o\n").unwrap();
        assert_eq!(
            channel.receive(moment).unwrap(),
            Received::Line(b"two".to_vec())
        );
        drop(theirs);
        assert_eq!(channel.receive(moment).unwrap(), Received::End);
    }

    #[test]
    fn what_is_here_is_received_without_waiting_even_after_the_end() {
        let (mut channel, mut theirs) = pair();
        assert_eq!(channel.receive_present().unwrap(), Received::Nothing);
        theirs.write_all(b"last word\n").unwrap();
        drop(theirs);
        assert_eq!(
            channel.receive_present().unwrap(),
            Received::Line(b"last word".to_vec())
        );
        assert_eq!(channel.receive_present().unwrap(), Received::End);
    }

    #[test]
    fn a_line_without_end_is_an_error_and_not_all_memory() {
        let (mut channel, mut theirs) = pair();
        let writer = std::thread::spawn(move || {
            let megabyte = vec![b'x'; 1 << 20];
            while theirs.write_all(&megabyte).is_ok() {}
        });
        let error = channel.receive(Duration::from_secs(5)).unwrap_err();
        assert!(error.to_string().contains("without end"), "{error}");
        drop(channel);
        writer.join().unwrap();
    }
}
