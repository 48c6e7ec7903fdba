//! Batches of futures, run by the user's own runtime.
//!
//! A batch is one future, so the runtime is entered once for each batch, and the clocks are read inside: entering and
//! leaving are not measured, nor is the making of inputs. Between the clock reads each iteration is awaited by the same
//! `await` that the user would write; nothing is boxed, spawned or woken by us.

use std::hint::black_box;
use std::mem::{MaybeUninit, needs_drop, size_of};
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use rustix::time::ClockId;

use super::batch::{count, kept_size, most_of};
use super::{Batch, Meter, Reading};

/// Runs futures to their end. Implement it for the runtime that your code runs on; for `tokio::runtime::Runtime` the cargo
/// feature `tokio` does.
///
/// ```no_run
/// # use perf_harness as perf;
/// # mod smol {
/// #     pub fn block_on<F: Future>(future: F) -> F::Output {
/// #         let mut context = std::task::Context::from_waker(std::task::Waker::noop());
/// #         let mut future = std::pin::pin!(future);
/// #         loop {
/// #             if let std::task::Poll::Ready(output) = future.as_mut().poll(&mut context) {
/// #                 return output;
/// #             }
/// #         }
/// #     }
/// # }
/// struct Smol;
///
/// impl perf::Runtime for Smol {
///     fn block_on<F: Future>(&self, future: F) -> F::Output {
///         smol::block_on(future)
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not known as a runtime",
    note = "implement `perf_harness::Runtime` for it; for tokio's the cargo feature `tokio` of perf-harness does"
)]
pub trait Runtime {
    /// Runs `future` on this thread until it is ready.
    fn block_on<F: Future>(&self, future: F) -> F::Output;
}

#[cfg(feature = "tokio")]
impl Runtime for tokio::runtime::Runtime {
    fn block_on<F: Future>(&self, future: F) -> F::Output {
        Self::block_on(self, future)
    }
}

/// What is done with each value that a batch leaves, after the clock has stopped.
pub trait Teardown<T> {
    /// Whether every value has to be kept for it.
    const KEEPS: bool;

    /// Does it.
    #[expect(
        async_fn_in_trait,
        reason = "it is awaited where it is made; the trait cannot be named by users"
    )]
    async fn of(&mut self, value: T);
}

/// Values are dropped.
#[derive(Clone, Copy, Debug)]
pub struct Dropped;

impl<T> Teardown<T> for Dropped {
    const KEEPS: bool = needs_drop::<T>();

    async fn of(&mut self, value: T) {
        drop(value);
    }
}

/// Values are given to an async closure.
#[derive(Clone, Copy, Debug)]
pub struct Awaited<D>(pub(crate) D);

impl<T, D: AsyncFnMut(T)> Teardown<T> for Awaited<D> {
    const KEEPS: bool = true;

    async fn of(&mut self, value: T) {
        (self.0)(value).await;
    }
}

/// `f(input).await`: every iteration consumes an input of its own.
pub(crate) struct AwaitedByValue<'r, R, G, F, D, O> {
    pub(crate) runtime: &'r R,
    pub(crate) make: G,
    pub(crate) f: F,
    pub(crate) teardown: D,
    pub(crate) kept: Vec<O>,
}

impl<R, I, O, G, F, D> Batch for AwaitedByValue<'_, R, G, F, D, O>
where
    R: Runtime,
    G: AsyncFnMut() -> I,
    F: AsyncFnMut(I) -> O,
    D: Teardown<O>,
{
    fn run(&mut self, iterations: u64, meter: Meter) -> Reading {
        let Self {
            runtime,
            make,
            f,
            teardown,
            kept,
        } = self;
        runtime.block_on(async {
            tear_down(kept, 0, teardown).await;
            let mut inputs = made(make, iterations).await;
            let reading = lap(inputs.drain(..), D::KEEPS, kept, meter, f).await;
            tear_down(kept, 1, teardown).await;
            reading
        })
    }

    fn run_empty(&mut self, iterations: u64, meter: Meter) -> Option<Reading> {
        let mut inputs = nothings::<I>(iterations);
        lap_of_nothing::<_, O>(inputs.drain(..), D::KEEPS, meter)
    }

    fn most(&self) -> u64 {
        let output = if D::KEEPS { size_of::<O>() } else { 0 };
        most_of(size_of::<I>() + output)
    }
}

/// `f(&mut input).await`: every iteration changes an input of its own.
pub(crate) struct AwaitedByMut<'r, R, G, F, D, I> {
    pub(crate) runtime: &'r R,
    pub(crate) make: G,
    pub(crate) f: F,
    pub(crate) teardown: D,
    pub(crate) kept: Vec<I>,
}

impl<R, I, O, G, F, D> Batch for AwaitedByMut<'_, R, G, F, D, I>
where
    R: Runtime,
    G: AsyncFnMut() -> I,
    F: AsyncFnMut(&mut I) -> O,
    D: Teardown<I>,
{
    fn run(&mut self, iterations: u64, meter: Meter) -> Reading {
        let Self {
            runtime,
            make,
            f,
            teardown,
            kept,
        } = self;
        runtime.block_on(async {
            tear_down(kept, 0, teardown).await;
            *kept = made(make, iterations).await;
            let mut outputs = Vec::new();
            let keeps = needs_drop::<O>();
            let reading = lap(kept.iter_mut(), keeps, &mut outputs, meter, f).await;
            drop(outputs);
            tear_down(kept, 1, teardown).await;
            reading
        })
    }

    fn run_empty(&mut self, iterations: u64, meter: Meter) -> Option<Reading> {
        let mut inputs = nothings::<I>(iterations);
        lap_of_nothing::<_, O>(inputs.iter_mut(), needs_drop::<O>(), meter)
    }

    fn most(&self) -> u64 {
        most_of(size_of::<I>() + kept_size::<O>())
    }
}

/// The loop: `f` is awaited with each of `inputs`. If `keeps`, all outputs are added to `kept`, otherwise the last one.
async fn lap<I, O>(
    inputs: impl ExactSizeIterator<Item = I>,
    keeps: bool,
    kept: &mut Vec<O>,
    meter: Meter,
    f: &mut impl AsyncFnMut(I) -> O,
) -> Reading {
    if keeps {
        kept.reserve(inputs.len());
        let running = meter.start(ClockId::ProcessCPUTime);
        for input in inputs {
            kept.push(black_box(f(input).await));
        }
        running.stop().0
    } else {
        let mut last = None;
        let running = meter.start(ClockId::ProcessCPUTime);
        for input in inputs {
            last = Some(black_box(f(input).await));
        }
        let (reading, _) = running.stop();
        kept.extend(last);
        reading
    }
}

/// The same loop around what is ready at once. It needs no runtime: nothing in it ever waits.
fn lap_of_nothing<I, O>(
    inputs: impl ExactSizeIterator<Item = I>,
    keeps: bool,
    meter: Meter,
) -> Option<Reading> {
    let mut kept: Vec<MaybeUninit<O>> = Vec::new();
    let mut nothing = async |_| MaybeUninit::uninit();
    let lap = pin!(lap(inputs, keeps, &mut kept, meter, &mut nothing));
    match lap.poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(reading) => Some(reading),
        Poll::Pending => None,
    }
}

/// Room for inputs, of which the optimiser knows nothing.
fn nothings<I>(iterations: u64) -> Vec<MaybeUninit<I>> {
    let mut inputs = Vec::new();
    inputs.resize_with(count(iterations), MaybeUninit::uninit);
    black_box(inputs)
}

async fn made<I>(make: &mut impl AsyncFnMut() -> I, iterations: u64) -> Vec<I> {
    let mut inputs = Vec::with_capacity(count(iterations));
    for _ in 0..iterations {
        inputs.push(make().await);
    }
    black_box(&mut inputs);
    inputs
}

/// Does away with all but the first few.
async fn tear_down<T>(kept: &mut Vec<T>, but: usize, teardown: &mut impl Teardown<T>) {
    for value in kept.drain(but.min(kept.len())..) {
        teardown.of(value).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::Clock;
    use crate::scripted::{alone, spend};
    use std::cell::Cell;

    /// Polls again and again. Entering and leaving takes its time, as it does on a real one.
    struct Busy;

    impl Runtime for Busy {
        fn block_on<F: Future>(&self, future: F) -> F::Output {
            spend(1_000_000);
            let mut future = pin!(future);
            let mut context = Context::from_waker(Waker::noop());
            loop {
                if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
                    spend(1_000_000);
                    return output;
                }
                spend(5);
            }
        }
    }

    /// Is ready when it is polled for the second time.
    async fn later() {
        let mut polled = false;
        std::future::poll_fn(|_| {
            if std::mem::replace(&mut polled, true) {
                Poll::Ready(())
            } else {
                Poll::Pending
            }
        })
        .await;
    }

    fn meter() -> Meter {
        Meter::of(Clock::Scripted)
    }

    #[test]
    fn only_what_is_awaited_by_an_iteration_is_timed() {
        let _turn = alone();
        let torn_down = Cell::new(0);
        let mut by_value = AwaitedByValue {
            runtime: &Busy,
            make: async || {
                later().await;
                spend(300);
                7_u64
            },
            f: async |n| {
                // The runtime's polling is part of what awaiting costs.
                later().await;
                spend(10);
                n
            },
            teardown: Awaited(async |n| {
                later().await;
                spend(500);
                torn_down.set(torn_down.get() + n);
            }),
            kept: Vec::new(),
        };
        for _ in 0..2 {
            let reading = by_value.run(4, meter());
            assert_eq!((reading.wall_ns, reading.cpu_ns), (60, 60));
        }
        // All but the one that a check may look at.
        assert_eq!((torn_down.get(), &by_value.kept), (7 * 7, &vec![7]));
        let mut by_mut = AwaitedByMut {
            runtime: &Busy,
            make: async || {
                spend(300);
                vec![3, 1, 2]
            },
            f: async |v: &mut Vec<i32>| {
                later().await;
                spend(10);
                v.sort_unstable();
                String::new()
            },
            teardown: Dropped,
            kept: Vec::new(),
        };
        assert_eq!(by_mut.run(4, meter()).wall_ns, 60);
        assert_eq!(by_mut.kept, [vec![1, 2, 3]]);
    }

    #[test]
    fn values_without_teardown_are_not_kept() {
        let _turn = alone();
        let calls = Cell::new(0_u64);
        let mut body = AwaitedByValue {
            runtime: &Busy,
            make: async || (),
            f: async |()| {
                calls.set(calls.get() + 1);
                calls.get()
            },
            teardown: Dropped,
            kept: Vec::new(),
        };
        assert_eq!(body.most(), u64::MAX);
        for iterations in [1, 2, 1000] {
            calls.set(0);
            body.run(iterations, meter());
            assert_eq!(body.kept, [iterations]);
        }
    }

    #[test]
    #[cfg(feature = "tokio")]
    fn tasks_of_tokio_run_inside_and_outside_the_clock() {
        let _turn = alone();
        let multi = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .build();
        let single = tokio::runtime::Builder::new_current_thread().build();
        for runtime in [multi.unwrap(), single.unwrap()] {
            let mut body = AwaitedByValue {
                runtime: &runtime,
                make: async || tokio::spawn(async { spend(300) }).await.unwrap(),
                f: async |()| {
                    tokio::task::yield_now().await;
                    tokio::spawn(async { spend(10) }).await.unwrap();
                    7
                },
                teardown: Awaited(async |_| {
                    tokio::spawn(async { spend(500) }).await.unwrap();
                }),
                kept: Vec::new(),
            };
            for _ in 0..3 {
                assert_eq!(body.run(8, meter()).wall_ns, 80);
            }
            assert_eq!(body.kept, [7]);
        }
    }
}
