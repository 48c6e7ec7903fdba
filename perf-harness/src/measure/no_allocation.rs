//! Shows that nothing of ours allocates or frees between the two clock reads of a batch.
//!
//! The unit tests of this crate run on an allocator that lets a nanosecond of the scripted clock pass for each call, on
//! the threads that ask for it. What a batch then takes is the number of calls between its clock reads, exactly.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

use super::{
    Awaited, AwaitedByMut, AwaitedByValue, Batch, ByMut, ByRef, ByValue, Clock, Dropped, Meter,
    Plain, Runtime, Threads,
};
use crate::body::Thread;
use crate::scripted;

struct Counting;

#[global_allocator]
static COUNTING: Counting = Counting;

thread_local! {
    static COUNTED: Cell<bool> = const { Cell::new(false) };
}

fn count() {
    // A thread that is ending has no such variable any more, and is not counted.
    if COUNTED.try_with(Cell::get).unwrap_or(false) {
        scripted::spend(1);
    }
}

#[expect(unsafe_code, reason = "an allocator cannot be written without")]
// SAFETY: every call goes to `System` as it came; counting it touches an atomic and a thread local without a destructor,
// and so neither allocates nor unwinds.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count();
        // SAFETY: the caller keeps the contract of this same method.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        count();
        // SAFETY: as above.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count();
        // SAFETY: as above; `pointer` came from `System`, since all of them do.
        unsafe { System.realloc(pointer, layout, size) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        count();
        // SAFETY: as for `realloc`.
        unsafe { System.dealloc(pointer, layout) }
    }
}

/// How often a batch calls the allocator between its clock reads: as it is run first, and again with what it kept.
fn calls(mut body: impl Batch, iterations: u64) -> [u64; 2] {
    [(); 2].map(|()| {
        COUNTED.set(true);
        let reading = body.run(iterations, Meter::of(Clock::Scripted));
        COUNTED.set(false);
        reading.wall_ns
    })
}

/// Needs dropping, and frees something when it is dropped.
fn owned() -> String {
    String::from("text")
}

#[test]
fn a_call_of_the_allocator_in_the_body_is_seen() {
    let _turn = scripted::alone();
    assert_eq!(calls(Plain::new(owned), 7), [7, 7]);
    assert_eq!(calls(Plain::new(|| drop(owned())), 7), [14, 14]);
    assert_eq!(calls(ByValue::new(owned, drop), 7), [7, 7]);
}

/// Polls on this thread, which is the one that is counted.
struct Here;

impl Runtime for Here {
    fn block_on<F: Future>(&self, future: F) -> F::Output {
        let mut future = std::pin::pin!(future);
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        loop {
            if let std::task::Poll::Ready(output) = future.as_mut().poll(&mut context) {
                return output;
            }
        }
    }
}

#[test]
fn awaiting_calls_no_allocator_of_its_own() {
    let _turn = scripted::alone();
    for n in [1, 2, 1000] {
        let by_value = AwaitedByValue {
            runtime: &Here,
            make: async || owned(),
            f: async |input: String| input,
            teardown: Awaited(async |output: String| drop(output)),
            kept: Vec::new(),
        };
        assert_eq!(calls(by_value, n), [0, 0], "value, {n} iterations");
        let by_mut = AwaitedByMut {
            runtime: &Here,
            make: async || owned(),
            f: async |input: &mut String| {
                input.make_ascii_uppercase();
                String::new()
            },
            teardown: Dropped,
            kept: Vec::new(),
        };
        assert_eq!(calls(by_mut, n), [0, 0], "mut, {n} iterations");
        let allocating = AwaitedByValue {
            runtime: &Here,
            make: async || (),
            f: async |()| owned(),
            teardown: Dropped,
            kept: Vec::new(),
        };
        assert_eq!(calls(allocating, n), [n, n], "{n} iterations");
    }
}

#[test]
fn nothing_of_ours_calls_the_allocator_between_two_clock_reads() {
    let _turn = scripted::alone();
    for n in [1, 2, 1000] {
        let seen = [
            ("plain", calls(Plain::new(|| 1_u64), n)),
            // An empty string needs dropping, and takes no memory.
            ("output", calls(Plain::new(String::new), n)),
            ("value", calls(ByValue::new(owned, |input| input), n)),
            (
                "mut",
                calls(
                    ByMut::new(owned, |x: &mut String| x.make_ascii_uppercase()),
                    n,
                ),
            ),
            (
                "mut, output",
                calls(ByMut::new(owned, |_: &mut String| String::new()), n),
            ),
            ("ref", calls(ByRef::new(owned, |x: &String| x.len()), n)),
            (
                "ref, output",
                calls(ByRef::new(owned, |_: &String| String::new()), n),
            ),
            // One thread is run on the caller's own, and so is counted; several run the same code.
            (
                "shared",
                calls(Threads::new(&1, |x: &i32, _: &mut Thread| *x, 1, 1), n),
            ),
            (
                "shared, output",
                calls(
                    Threads::new(&(), |(): &(), _: &mut Thread| String::new(), 1, 1),
                    n,
                ),
            ),
        ];
        for (body, calls) in seen {
            assert_eq!(calls, [0, 0], "{body}, {n} iterations");
        }
    }
}

#[test]
fn the_empty_loop_is_like_the_real_one_and_runs_nothing() {
    let _turn = scripted::alone();
    let never = || -> String { unreachable!("nothing is run") };
    let by_value = AwaitedByValue {
        runtime: &Here,
        make: async || never(),
        f: async |_: String| never(),
        teardown: Dropped,
        kept: Vec::new(),
    };
    let by_mut = AwaitedByMut {
        runtime: &Here,
        make: async || never(),
        f: async |_: &mut String| never(),
        teardown: Dropped,
        kept: Vec::new(),
    };
    let mut bodies: [Box<dyn Batch>; 7] = [
        Box::new(by_value),
        Box::new(by_mut),
        Box::new(Plain::new(never)),
        Box::new(ByValue::new(never, |_: String| never())),
        Box::new(ByMut::new(never, |_: &mut String| never())),
        Box::new(ByRef::new(never, |_: &String| never())),
        Box::new(Threads::new(&(), |(): &(), _: &mut Thread| never(), 2, 1)),
    ];
    for body in &mut bodies {
        for n in [0, 1, 1000] {
            COUNTED.set(true);
            let reading = body.run_empty(n, Meter::of(Clock::Scripted));
            COUNTED.set(false);
            assert_eq!(reading, Some(super::Reading::default()), "{n} iterations");
        }
    }
}
