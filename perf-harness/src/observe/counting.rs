//! The allocator that counts, and what it counted.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::atomic::{AtomicI64, AtomicU32, AtomicU64};

/// An allocator that counts what it is asked for while somebody wants to know, and otherwise hands everything on to the
/// one it wraps: for that it costs one load and one branch. With it benchmarks have the metrics `allocs`, `alloc-bytes`
/// and `peak`.
///
/// [`main!`](crate::main) installs it over the system's allocator:
///
/// ```no_run
/// # use perf_harness as perf;
/// perf::main!(alloc = counting);
/// ```
///
/// or over another that is a constant of its own type, as most are: `perf::main!(alloc = counting(MiMalloc))`. One that
/// has to be made is wrapped by hand, and `main!` told nothing of it:
///
/// ```no_run
/// # use perf_harness as perf;
/// # mod my { pub use std::alloc::System as Allocator; }
/// #[global_allocator]
/// static ALLOCATOR: perf::Counting<my::Allocator> = perf::Counting::new(my::Allocator);
///
/// perf::main!();
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Counting<A = System>(A);

impl<A> Counting<A> {
    /// Counts what is asked of `allocator`.
    #[must_use]
    pub const fn new(allocator: A) -> Self {
        Self(allocator)
    }
}

/// How many batches are being counted. In a cache line of its own: every allocation of every thread reads it, and nothing
/// that is written often may lie beside it.
static OPEN: Aligned = Aligned(AtomicU32::new(0));

#[repr(align(128))]
struct Aligned(AtomicU32);

static TALLY: Tally = Tally {
    calls: AtomicU64::new(0),
    frees: AtomicU64::new(0),
    bytes: AtomicU64::new(0),
    live: AtomicI64::new(0),
    peak: AtomicI64::new(0),
};

struct Tally {
    calls: AtomicU64,
    frees: AtomicU64,
    bytes: AtomicU64,
    /// What is live beyond what was at the beginning; below zero when more was freed since.
    live: AtomicI64,
    peak: AtomicI64,
}

thread_local! {
    /// Whether this thread is at work for the harness, so that what it allocates is not the benchmark's. Threads that
    /// nobody told are the benchmark's own.
    static OURS: Cell<bool> = const { Cell::new(false) };
}

/// What was asked of the allocator.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tallied {
    /// Blocks that were got or resized.
    pub(crate) calls: u64,
    /// Blocks that were given back.
    pub(crate) frees: u64,
    /// Bytes that were asked for; of a block that grew, those it grew by.
    pub(crate) bytes: u64,
    /// The most that was live at once, beyond what was live at the beginning.
    pub(crate) peak: u64,
}

/// From now on what this thread allocates is the harness's own, until [`open`].
pub(super) fn stand_aside() {
    OURS.set(true);
}

/// Nothing is counted any more, and what this thread allocates is the benchmark's again. A body that panicked has left
/// something open.
pub(super) fn rejoin() {
    OPEN.0.store(0, Relaxed);
    OURS.set(false);
}

/// Begins anew. Nothing may be open.
pub(super) fn reset() {
    let Tally {
        calls,
        frees,
        bytes,
        live,
        peak,
    } = &TALLY;
    for counter in [calls, frees, bytes] {
        counter.store(0, Relaxed);
    }
    for level in [live, peak] {
        level.store(0, Relaxed);
    }
}

/// Counts from now on what this thread and all that are not the harness's own ask for.
pub(super) fn open() {
    OURS.set(false);
    OPEN.0.fetch_add(1, Relaxed);
}

/// This thread is the harness's own again. When the last one that was opened is closed, nothing is counted any more.
pub(super) fn close() {
    OPEN.0.fetch_sub(1, Relaxed);
    OURS.set(true);
}

/// What was counted since [`reset`].
pub(super) fn tallied() -> Tallied {
    Tallied {
        calls: TALLY.calls.load(Relaxed),
        frees: TALLY.frees.load(Relaxed),
        bytes: TALLY.bytes.load(Relaxed),
        peak: TALLY.peak.load(Relaxed).unsigned_abs(),
    }
}

/// Whether this moment on this thread is counted. Nothing that is called here may allocate.
#[inline]
fn counted() -> bool {
    OPEN.0.load(Relaxed) != 0 && benchmarks_own()
}

#[cold]
fn benchmarks_own() -> bool {
    // Without a destructor the variable outlives whatever a thread does at its end.
    !OURS.try_with(Cell::get).unwrap_or(true)
}

fn got(bytes: usize) {
    TALLY.calls.fetch_add(1, Relaxed);
    grown(bytes);
}

fn resized(from: usize, to: usize) {
    TALLY.calls.fetch_add(1, Relaxed);
    match to.checked_sub(from) {
        Some(more) => grown(more),
        None => shrunk(from - to),
    }
}

fn grown(bytes: usize) {
    TALLY.bytes.fetch_add(bytes as u64, Relaxed);
    let bytes = signed(bytes);
    let live = TALLY.live.fetch_add(bytes, Relaxed) + bytes;
    TALLY.peak.fetch_max(live, Relaxed);
}

fn shrunk(bytes: usize) {
    TALLY.live.fetch_sub(signed(bytes), Relaxed);
}

/// No block is larger than `isize::MAX`.
fn signed(bytes: usize) -> i64 {
    i64::try_from(bytes).unwrap_or(i64::MAX)
}

#[expect(unsafe_code, reason = "an allocator cannot be written without")]
// SAFETY: every call goes to the wrapped allocator as it came, and its answer back as it is; counting touches atomics and
// a thread-local without a destructor, and so neither allocates nor unwinds.
unsafe impl<A: GlobalAlloc> GlobalAlloc for Counting<A> {
    #[inline]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller keeps the contract of this same method.
        let block = unsafe { self.0.alloc(layout) };
        if counted() && !block.is_null() {
            got(layout.size());
        }
        block
    }

    #[inline]
    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as for `alloc`.
        let block = unsafe { self.0.alloc_zeroed(layout) };
        if counted() && !block.is_null() {
            got(layout.size());
        }
        block
    }

    #[inline]
    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: as for `alloc`; `block` is the wrapped allocator's, since all of ours are.
        let moved = unsafe { self.0.realloc(block, layout, size) };
        if counted() && !moved.is_null() {
            resized(layout.size(), size);
        }
        moved
    }

    #[inline]
    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        if counted() {
            TALLY.frees.fetch_add(1, Relaxed);
            shrunk(layout.size());
        }
        // SAFETY: as for `realloc`.
        unsafe { self.0.dealloc(block, layout) }
    }
}
