//! The two ends of a batch, marked for whoever looks on from outside: Valgrind can write down what it has counted
//! whenever a function of a given name is entered.

use std::hint::black_box;

use crate::measure::{Batch, Clock, Meter, Watch};

/// Runs one batch between the marks; returns how many iterations it had.
pub(crate) fn count(body: &mut dyn Batch, iterations: u64) -> u64 {
    // Two are needed to tell one from what surrounds it, however large an input is.
    let iterations = iterations.clamp(1, body.most().max(2));
    // Nobody asks for the time, and the system's clock is not read: `rustix` reads it from a page that Valgrind takes away.
    body.run(iterations, Meter::watching(Clock::Scripted, &Marks));
    iterations
}

/// Calls [`begin_of_counted_batch`] and [`end_of_counted_batch`]; does nothing else.
struct Marks;

impl Watch for Marks {
    fn open(&self) {
        begin_of_counted_batch();
    }

    fn close(&self) {
        end_of_counted_batch();
    }
}

/// The conductor finds it by this name (`COUNTING_MARKS` of the wire), so it is called, never inlined.
#[inline(never)]
fn begin_of_counted_batch() {
    // Another number than below, lest the linker folds the two into one.
    black_box(1_u8);
}

#[inline(never)]
fn end_of_counted_batch() {
    black_box(2_u8);
}
