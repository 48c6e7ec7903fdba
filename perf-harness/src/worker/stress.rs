//! A worker that measures nothing and takes what others need, until its conductor has had enough.

use std::fs::{self, File, OpenOptions};
use std::hint::black_box;
use std::io::{self, Seek, Write};
use std::thread;
use std::time::Duration;

use perf_schema::wire::Event;
use perf_schema::{FailureKind, Stress};

use super::channel::Channel;
use super::failed;

/// How often memory that is held is touched, so that it stays where it is.
const TOUCH: Duration = Duration::from_millis(100);

/// The smallest page there is.
const PAGE: usize = 4096;

/// What is written at once, and how much the file grows to before it is written anew.
const BLOCK: usize = 1 << 20;
const BLOCKS: u32 = 64;

/// How often what was written has to be on the disk.
const SYNCED: u32 = 4;

/// Does as `stress` says and tells when it is at work. Returns when the channel ends; the threads end with the process.
pub(super) fn serve(stress: Stress, channel: &Channel) {
    let begun = match stress {
        Stress::Cpu(threads) => compute(threads),
        Stress::Memory(bytes) => hold(bytes),
        Stress::Io => write_on(),
        Stress::MemoryPercent(_) | Stress::Fault => {
            Err(format!("{stress} is no order for a worker"))
        }
    };
    match begun {
        Ok(()) => channel.tell(&Event::Stressing),
        Err(why) => return channel.tell(&failed(FailureKind::Misuse, why)),
    }
    while channel.order().is_some() {}
}

fn spawn(body: impl FnOnce() + Send + 'static) -> Result<(), String> {
    let thread = thread::Builder::new().name("stress".to_owned());
    let started = thread.spawn(body);
    started
        .map(drop)
        .map_err(|error| format!("no thread could be started: {error}"))
}

fn compute(threads: u32) -> Result<(), String> {
    for _ in 0..threads {
        spawn(|| {
            let mut number = 1_u64;
            loop {
                number = black_box(number).wrapping_mul(6_364_136_223_846_793_005) | 1;
            }
        })?;
    }
    Ok(())
}

fn hold(bytes: u64) -> Result<(), String> {
    let size = usize::try_from(bytes).map_err(|error| error.to_string())?;
    // Should memory run out all the same, this process goes before any of the user's. Where that cannot be said, it is one of many.
    let _unsupported = fs::write("/proc/self/oom_score_adj", "1000");
    let mut held: Vec<u8> = Vec::new();
    held.try_reserve_exact(size)
        .map_err(|error| format!("the memory could not be had: {error}"))?;
    // Pages of zeros might be one and the same.
    held.resize(size, 0xa5);
    spawn(move || {
        loop {
            for page in held.iter_mut().step_by(PAGE) {
                *page = black_box(page.wrapping_add(1));
            }
            thread::sleep(TOUCH);
        }
    })
}

fn write_on() -> Result<(), String> {
    let refused =
        |error: io::Error| format!("nothing could be written beside the benchmark: {error}");
    let mut file = nameless_file().map_err(refused)?;
    let block = vec![0xa5_u8; BLOCK];
    write_through(&mut file, &block).map_err(refused)?;
    spawn(move || {
        // A disk that is full ends the thread, and whoever looks at what is written sees it.
        while write_through(&mut file, &block).is_ok() {}
    })
}

/// Writes the whole file once, from its beginning.
fn write_through(file: &mut File, block: &[u8]) -> io::Result<()> {
    file.rewind()?;
    for number in 1..=BLOCKS {
        file.write_all(block)?;
        if number.is_multiple_of(SYNCED) {
            file.sync_data()?;
        }
    }
    Ok(())
}

/// A file beside the benchmark's binary, which is on a disk where temporary folders may be none. It has no name any more, and goes
/// with the process.
fn nameless_file() -> io::Result<File> {
    let binary = std::env::current_exe()?;
    let path = binary.with_file_name(format!("perf-harness-stress-{}", std::process::id()));
    let mut options = OpenOptions::new();
    let file = options
        .read(true)
        .write(true)
        .create_new(true)
        .open(&path)?;
    fs::remove_file(&path)?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_on_no_list() {
        let mut file = nameless_file().unwrap();
        file.write_all(b"x").unwrap();
        let binary = std::env::current_exe().unwrap();
        let name = format!("perf-harness-stress-{}", std::process::id());
        assert!(!binary.with_file_name(name).exists());
    }

    #[test]
    fn what_cannot_be_had_is_refused_with_the_reason() {
        let refused = hold(1 << 62).unwrap_err();
        assert!(refused.contains("could not be had"), "{refused}");
    }
}
