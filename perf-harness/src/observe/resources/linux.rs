//! The counters that Linux tells in `/proc`.
//!
//! Read into a buffer on the stack: between the two ends of a batch nothing of ours allocates.

use std::cell::Cell;
use std::fs::File;
use std::io::Read;

use super::Told;

thread_local! {
    static SWITCHES: Cell<Told<2>> = const { Cell::new(Ok([0; 2])) };
}

/// Keeps what this thread's switches were.
pub(super) fn remember(switches: Told<2>) {
    SWITCHES.set(switches);
}

pub(super) fn remembered() -> Told<2> {
    SWITCHES.get()
}

/// Page faults of the process: minor, major.
pub(super) fn faults(own: &mut u64) -> Told<2> {
    let mut buffer = [0; 1024];
    let text = read("/proc/self/stat", &mut buffer, own)
        .ok_or("/proc/self/stat, which tells of page faults, could not be read")?;
    faults_in(text).ok_or("/proc/self/stat has no numbers of page faults")
}

/// Context switches of this thread: voluntary, involuntary. The process's own file tells of its first thread only.
pub(super) fn switches(own: &mut u64) -> Told<2> {
    let mut buffer = [0; 4096];
    let text = read("/proc/thread-self/status", &mut buffer, own)
        .ok_or("/proc/thread-self/status, which tells of context switches, could not be read")?;
    numbers(
        text,
        ["voluntary_ctxt_switches:", "nonvoluntary_ctxt_switches:"],
    )
    .ok_or("/proc/thread-self/status has no numbers of context switches")
}

/// Bytes of the process: by system calls read and written, from and to storage.
pub(super) fn io(own: &mut u64) -> Told<4> {
    let mut buffer = [0; 1024];
    let text = read("/proc/self/io", &mut buffer, own)
        .ok_or("/proc/self/io, which tells of bytes read and written, could not be read")?;
    numbers(text, ["rchar:", "wchar:", "read_bytes:", "write_bytes:"])
        .ok_or("/proc/self/io has no numbers of bytes read and written")
}

/// The beginning of a file, all of it if the buffer is large enough: these files are told in one piece.
fn read<'a>(path: &str, buffer: &'a mut [u8], own: &mut u64) -> Option<&'a str> {
    let length = File::open(path).ok()?.read(buffer).ok()?;
    *own += length as u64;
    std::str::from_utf8(&buffer[..length]).ok()
}

/// The numbers behind these names, each at the beginning of a line.
fn numbers<const N: usize>(text: &str, names: [&str; N]) -> Option<[u64; N]> {
    let mut found = [0; N];
    for (number, name) in found.iter_mut().zip(names) {
        let rest = text.lines().find_map(|line| line.strip_prefix(name))?;
        *number = rest.trim().parse().ok()?;
    }
    Some(found)
}

/// The tenth and the twelfth field. The second is the name of the program in parentheses, which may hold anything.
fn faults_in(stat: &str) -> Option<[u64; 2]> {
    let (_, rest) = stat.rsplit_once(')')?;
    let mut fields = rest.split_ascii_whitespace().skip(7);
    let minor = fields.next()?.parse().ok()?;
    let major = fields.nth(1)?.parse().ok()?;
    Some([minor, major])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_are_found_behind_any_name() {
        let stat = "7 (a) 1 (b) S 1 7 7 0 -1 4194304 111 22 3 4 5 6 7 8";
        assert_eq!(faults_in(stat), Some([111, 3]));
        assert_eq!(faults_in("7 (a) S 1 7"), None);
        assert_eq!(faults_in(""), None);
    }

    #[test]
    fn numbers_are_found_by_whole_names() {
        let io = "rchar: 5\nwchar: 6\nsyscr: 1\nread_bytes: 7\nwrite_bytes: 8\ncancelled_write_bytes: 9\n";
        assert_eq!(
            numbers(io, ["wchar:", "write_bytes:", "read_bytes:"]),
            Some([6, 8, 7])
        );
        let status = "voluntary_ctxt_switches:\t12\nnonvoluntary_ctxt_switches:\t3\n";
        assert_eq!(
            numbers(
                status,
                ["nonvoluntary_ctxt_switches:", "voluntary_ctxt_switches:"]
            ),
            Some([3, 12])
        );
        assert_eq!(numbers("wchar: x\n", ["wchar:"]), None);
        assert_eq!(numbers(io, ["none:"]), None);
    }
}
