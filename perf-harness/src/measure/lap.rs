//! The loop itself: one call of the body after the other between two clock reads, and the same loop around nothing.
//!
//! It has one call site of the body, so that the body is compiled into it once. An iteration costs one store of the
//! output to where it stays: what is handed to `black_box` by value or by reference would be stored once more.

use std::hint::black_box;
use std::mem::{MaybeUninit, needs_drop};

use rustix::time::ClockId;

use super::clock::Mark;
use super::{Meter, Reading};

/// What a batch took, and the two moments between which it did.
pub(super) type Lap = (Reading, (Mark, Mark));

/// Calls `f` with each of `inputs`. Outputs that need dropping are all added to `kept`, of others the last one.
///
/// An output that `f` leaves behind when it panics is not dropped.
#[inline(always)]
pub(super) fn lap<I, O>(
    inputs: impl ExactSizeIterator<Item = I>,
    kept: &mut Vec<O>,
    meter: Meter,
    cpu: ClockId,
    f: impl FnMut(I) -> O,
) -> Lap {
    if needs_drop::<O>() {
        keeping_all(inputs, kept, meter, cpu, f)
    } else {
        keeping_the_last(inputs, kept, meter, cpu, f)
    }
}

/// The same for a body that takes and gives nothing, where outputs are of the size of `O` and treated as those of `O`.
#[inline(always)]
pub(super) fn lap_of_nothing<I, O>(
    inputs: impl ExactSizeIterator<Item = I>,
    meter: Meter,
    cpu: ClockId,
) -> Lap {
    let mut kept: Vec<MaybeUninit<O>> = Vec::new();
    let nothing = |_| MaybeUninit::uninit();
    if needs_drop::<O>() {
        keeping_all(inputs, &mut kept, meter, cpu, nothing)
    } else {
        keeping_the_last(inputs, &mut kept, meter, cpu, nothing)
    }
}

#[inline(always)]
#[expect(
    unsafe_code,
    reason = "an output is written to where it stays, at the cost of one store"
)]
fn keeping_all<I, O>(
    inputs: impl ExactSizeIterator<Item = I>,
    kept: &mut Vec<O>,
    meter: Meter,
    cpu: ClockId,
    mut f: impl FnMut(I) -> O,
) -> Lap {
    let count = inputs.len();
    let before = kept.len();
    kept.reserve(count);
    let slots = &mut kept.spare_capacity_mut()[..count];
    // From here on the optimiser must take every store into the slots for one that somebody looks at.
    let slots = black_box(slots);
    let running = meter.start(cpu);
    for (slot, input) in slots.iter_mut().zip(inputs) {
        slot.write(f(input));
        black_box(());
    }
    let lap = running.stop();
    // SAFETY: as many slots behind `before` were written as the iterator said it had inputs; one that gave fewer would
    // break the promise of `ExactSizeIterator`, which those of this crate keep.
    unsafe { kept.set_len(before + count) };
    lap
}

#[inline(always)]
#[expect(
    unsafe_code,
    reason = "an output is written to where it stays, at the cost of one store"
)]
fn keeping_the_last<I, O>(
    inputs: impl ExactSizeIterator<Item = I>,
    kept: &mut Vec<O>,
    meter: Meter,
    cpu: ClockId,
    mut f: impl FnMut(I) -> O,
) -> Lap {
    let has_last = inputs.len() > 0;
    let mut last = MaybeUninit::uninit();
    let slot = black_box(&mut last);
    let running = meter.start(cpu);
    for input in inputs {
        slot.write(f(input));
        black_box(());
    }
    let lap = running.stop();
    if has_last {
        // SAFETY: there was an input, so it was written.
        kept.push(unsafe { last.assume_init() });
    }
    lap
}
