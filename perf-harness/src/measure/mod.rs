//! The one room with clocks: batches between two clock reads, and how long they should be.
//!
//! Nothing here knows of benchmarks, processes or messages.

mod batch;
mod calibrate;
mod clock;
mod gauge;
mod lap;
mod memory;
mod meter;
#[cfg(test)]
mod no_allocation;
mod overhead;
mod threads;

pub(crate) use batch::{Batch, ByMut, ByRef, ByValue, Plain, Reading};
pub(crate) use calibrate::{calibrate, warm_up};
pub(crate) use clock::Clock;
pub(crate) use gauge::gauge_ns;
pub(crate) use meter::Meter;
pub(crate) use overhead::Overhead;
pub(crate) use threads::Threads;
