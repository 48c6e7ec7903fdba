//! A process that never rests, as other people's on a shared machine.

use std::io::{self, Read};
use std::process::{Child, Command, ExitCode, Stdio};

/// What tells the binary to be one.
pub(crate) const ARGUMENT: &str = "--never-rest";

/// One that lives as long as this value.
pub(crate) struct Neighbour(Child);

impl Neighbour {
    pub(crate) fn start() -> io::Result<Self> {
        Command::new(std::env::current_exe()?)
            .arg(ARGUMENT)
            .stdin(Stdio::piped())
            .spawn()
            .map(Self)
    }
}

impl Drop for Neighbour {
    fn drop(&mut self) {
        // It ends when its standard input does, also when whoever started it was killed.
        drop(self.0.stdin.take());
        let _gone = self.0.wait();
    }
}

/// Walks through some megabytes of memory until standard input ends.
pub(crate) fn spin() -> ExitCode {
    std::thread::spawn(|| {
        let mut memory = vec![1_u64; 1 << 19];
        loop {
            for i in 1..memory.len() {
                memory[i] = memory[i].wrapping_mul(memory[i - 1] | 1).wrapping_add(3);
            }
            std::hint::black_box(&mut memory);
        }
    });
    let _ended = io::stdin().read_to_end(&mut Vec::new());
    ExitCode::SUCCESS
}
