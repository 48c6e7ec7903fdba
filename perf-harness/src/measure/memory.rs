//! How much memory a batch holds at once: what its inputs and outputs own on the heap, which their size does not tell.

use std::sync::atomic::{AtomicU64, Ordering};

use super::meter::Watch;

/// What a batch may hold: about what a large shared cache holds. Beyond that every input would come from main memory,
/// and a batch of large ones would take all there is.
pub(super) const MOST_HELD: u64 = 32 << 20;

/// Looks at the resident memory when the body has ended, while all inputs and outputs are still there.
pub(super) struct Resident {
    at_the_end: AtomicU64,
}

pub(super) static RESIDENT: Resident = Resident {
    at_the_end: AtomicU64::new(0),
};

impl Resident {
    /// Runs a batch and looks at the resident memory before it and at its end. Both are zero where the system does not tell.
    pub(super) fn during<R>(&self, batch: impl FnOnce() -> R) -> (R, Residence) {
        self.at_the_end.store(0, Ordering::Relaxed);
        let before = now().unwrap_or(0);
        let result = batch();
        let at_the_end = self.at_the_end.load(Ordering::Relaxed);
        (result, Residence { before, at_the_end })
    }
}

/// Resident memory around a batch, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Residence {
    pub(super) before: u64,
    pub(super) at_the_end: u64,
}

impl Residence {
    /// The iterations there is memory for after a batch of so many. `single` is what was seen at a batch of one iteration.
    ///
    /// A single one is charged with all that was not there before it. Of several only what they hold beyond a single one
    /// counts: what a body makes once and keeps is no more for more iterations.
    pub(super) fn room(self, iterations: u64, single: Self) -> u64 {
        let (held, holders) = if iterations > 1 {
            (
                self.at_the_end.saturating_sub(single.at_the_end),
                iterations - 1,
            )
        } else {
            (self.at_the_end.saturating_sub(self.before), 1)
        };
        let room = (u128::from(MOST_HELD) * u128::from(holders)).checked_div(u128::from(held));
        room.map_or(u64::MAX, |room| {
            u64::try_from(room).unwrap_or(u64::MAX).max(1)
        })
    }
}

impl Watch for Resident {
    fn open(&self) {}

    fn close(&self) {
        self.at_the_end
            .fetch_max(now().unwrap_or(0), Ordering::Relaxed);
    }
}

/// Bytes of resident memory.
#[cfg(target_os = "linux")]
fn now() -> Option<u64> {
    use std::io::Read;
    // No `String`: a watch does not allocate.
    let mut text = [0; 128];
    let mut file = std::fs::File::open("/proc/self/statm").ok()?;
    let length = file.read(&mut text).ok()?;
    let page = u64::try_from(rustix::param::page_size()).ok()?;
    of_statm(text.get(..length)?).map(|pages| pages * page)
}

#[cfg(not(target_os = "linux"))]
fn now() -> Option<u64> {
    None
}

/// The second number of `1500 375 ...`: resident pages.
#[cfg(any(target_os = "linux", test))]
fn of_statm(text: &[u8]) -> Option<u64> {
    let text = std::str::from_utf8(text).ok()?;
    text.split_ascii_whitespace().nth(1)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_number_counts() {
        assert_eq!(of_statm(b"1500 375 300 1 0 100 0\n"), Some(375));
        for damaged in ["", "1500", "1500 -3", "1500 many"] {
            assert_eq!(of_statm(damaged.as_bytes()), None, "{damaged}");
        }
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn what_is_there_at_the_end_is_seen() {
        let _turn = crate::scripted::alone();
        const MIB: usize = 1 << 20;
        let (kept, seen) = RESIDENT.during(|| {
            let kept = vec![1_u8; 64 * MIB];
            RESIDENT.close();
            kept
        });
        assert_eq!(kept.len(), 64 * MIB);
        let held = seen.at_the_end - seen.before;
        assert!(held >= 48 << 20, "{held} bytes of 64 MiB");
    }

    #[test]
    fn there_is_room_for_what_fits() {
        let seen = |before: u64, at_the_end: u64| Residence {
            before: before << 20,
            at_the_end: at_the_end << 20,
        };
        let single = seen(5, 15);
        assert_eq!(single.room(1, single), 3);
        assert_eq!(seen(5, 35).room(3, single), 3);
        assert_eq!(seen(5, 5005).room(1, single), 1);
        // A table of 10 MiB was made by the first iteration, and is used by all.
        assert_eq!(seen(15, 15).room(1, single), u64::MAX);
        assert_eq!(seen(15, 15).room(10, single), u64::MAX);
        assert_eq!(seen(15, 16).room(101, single), 3200);
    }
}
