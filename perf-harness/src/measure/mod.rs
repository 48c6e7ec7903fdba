//! The one room with clocks: batches between two clock reads, and how long they should be.
//!
//! Nothing here knows of benchmarks, processes or messages.

mod awaited;
mod batch;
mod calibrate;
#[cfg(feature = "latency")]
mod calls;
mod clock;
mod crew;
mod gauge;
mod lap;
mod memory;
mod meter;
#[cfg(test)]
mod no_allocation;
mod overhead;
mod threads;
mod traffic;

pub use awaited::{Awaited, Dropped, Runtime, Teardown};
pub(crate) use awaited::{AwaitedByMut, AwaitedByValue};
pub(crate) use batch::{Batch, ByMut, ByRef, ByValue, Plain, Reading};
pub(crate) use calibrate::{calibrate, warm_up};
#[cfg(feature = "latency")]
pub(crate) use calls::{LIMIT_NS, Quantile, Tally, pair_ns};
pub(crate) use clock::Clock;
pub(crate) use gauge::gauge_ns;
pub(crate) use meter::{Meter, Watch};
pub(crate) use overhead::Overhead;
pub(crate) use threads::Threads;
pub(crate) use traffic::{Course, Work, traffic};
