//! What an async benchmark says to measure, on a runtime of the user's choice.

use std::marker::PhantomData;
use std::rc::Rc;

use super::{Bench, Session, refuse_wrong_answer};
use crate::measure::{Awaited, AwaitedByMut, AwaitedByValue, Batch, Dropped, Runtime, Teardown};

impl Bench {
    /// Measures async code on `runtime`, which is the only one in the process: a worker measures one case.
    ///
    /// ```no_run
    /// # use perf_harness as perf;
    /// # struct Server;
    /// # impl Server {
    /// #     async fn start() -> Self { Self }
    /// #     async fn call(&self, n: u64) -> u64 { n }
    /// #     async fn stop(self) {}
    /// # }
    /// # struct Local;
    /// # impl perf::Runtime for Local {
    /// #     fn block_on<F: Future>(&self, future: F) -> F::Output {
    /// #         let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    /// #         let mut future = std::pin::pin!(future);
    /// #         loop {
    /// #             if let std::task::Poll::Ready(output) = future.as_mut().poll(&mut context) {
    /// #                 return output;
    /// #             }
    /// #         }
    /// #     }
    /// # }
    /// # fn runtime() -> Local { Local }
    /// use perf::Runtime;
    ///
    /// #[perf::bench]
    /// fn call(b: perf::Bench) {
    ///     let runtime = b.once(runtime);
    ///     let server = runtime.block_on(Server::start());
    ///     b.on(&runtime)
    ///         .input(async || 7)
    ///         .run(async |n| server.call(n).await)
    ///         .check(async |&answer| answer == 7);
    ///     runtime.block_on(server.stop());
    /// }
    /// ```
    ///
    /// The runtime is entered once for each batch, and the clock runs inside: entering it is not measured. CPU time is that
    /// of the whole process, the runtime's own threads included.
    pub fn on<R: Runtime>(self, runtime: &R) -> OnRuntime<'_, R, Dropped> {
        OnRuntime {
            bench: self,
            runtime,
            teardown: Dropped,
        }
    }

    #[track_caller]
    fn drive_awaited(&self, body: &mut dyn Batch) {
        assert!(
            self.threads == 1,
            "a benchmark with a `threads` axis is measured with `run_shared`; of an async one give the threads to its runtime, \
             as an axis of another name"
        );
        self.drive(body);
    }
}

/// An async benchmark; see [`Bench::on`].
#[derive(Debug)]
#[must_use = "nothing is measured until `run` is called"]
pub struct OnRuntime<'r, R, D> {
    bench: Bench,
    runtime: &'r R,
    teardown: D,
}

impl<'r, R: Runtime, D> OnRuntime<'r, R, D> {
    /// Gives every iteration an input of its own, made and awaited before the clock starts.
    pub fn input<I, G: AsyncFnMut() -> I>(self, make: G) -> InputsOnRuntime<'r, R, I, G, D> {
        InputsOnRuntime {
            on: self,
            make,
            input: PhantomData,
        }
    }

    /// Has every value that an iteration leaves (what `run` returns, the input of `run_mut`) given to `teardown`, which is
    /// awaited after the clock has stopped. Without it they are dropped then.
    pub fn teardown<T, N: AsyncFnMut(T)>(self, teardown: N) -> OnRuntime<'r, R, Awaited<N>> {
        OnRuntime {
            bench: self.bench,
            runtime: self.runtime,
            teardown: Awaited(teardown),
        }
    }

    /// Measures `f`, awaited again and again.
    #[track_caller]
    pub fn run<O>(self, mut f: impl AsyncFnMut() -> O) -> RanOnRuntime<'r, R, O, D>
    where
        D: Teardown<O>,
    {
        self.input(async || ()).run(async move |()| f().await)
    }
}

/// An async benchmark whose iterations each get an input of their own; see [`OnRuntime::input`].
#[derive(Debug)]
#[must_use = "nothing is measured until one of the `run` methods is called"]
pub struct InputsOnRuntime<'r, R, I, G, D> {
    on: OnRuntime<'r, R, D>,
    make: G,
    input: PhantomData<fn() -> I>,
}

impl<'r, R: Runtime, I, G: AsyncFnMut() -> I, D> InputsOnRuntime<'r, R, I, G, D> {
    /// As [`OnRuntime::teardown`].
    pub fn teardown<T, N: AsyncFnMut(T)>(
        self,
        teardown: N,
    ) -> InputsOnRuntime<'r, R, I, G, Awaited<N>> {
        InputsOnRuntime {
            on: self.on.teardown(teardown),
            make: self.make,
            input: PhantomData,
        }
    }

    /// Measures `f`, which consumes its input.
    #[track_caller]
    pub fn run<O>(self, f: impl AsyncFnMut(I) -> O) -> RanOnRuntime<'r, R, O, D>
    where
        D: Teardown<O>,
    {
        let OnRuntime {
            bench,
            runtime,
            teardown,
        } = self.on;
        let mut body = AwaitedByValue {
            runtime,
            make: self.make,
            f,
            teardown,
            kept: Vec::new(),
        };
        bench.drive_awaited(&mut body);
        let last = body.kept.pop();
        RanOnRuntime::new(bench.session, runtime, body.teardown, last)
    }

    /// Measures `f`, which changes its input. The input is what a `check` looks at.
    #[track_caller]
    pub fn run_mut<O>(self, f: impl AsyncFnMut(&mut I) -> O) -> RanOnRuntime<'r, R, I, D>
    where
        D: Teardown<I>,
    {
        let OnRuntime {
            bench,
            runtime,
            teardown,
        } = self.on;
        let mut body = AwaitedByMut {
            runtime,
            make: self.make,
            f,
            teardown,
            kept: Vec::new(),
        };
        bench.drive_awaited(&mut body);
        let last = body.kept.pop();
        RanOnRuntime::new(bench.session, runtime, body.teardown, last)
    }
}

/// An async benchmark that has run; its result can be checked. What is left of it is torn down when this is dropped.
#[derive(Debug)]
pub struct RanOnRuntime<'r, R: Runtime, T, D: Teardown<T>> {
    session: Rc<Session>,
    runtime: &'r R,
    teardown: D,
    value: Option<T>,
}

impl<'r, R: Runtime, T, D: Teardown<T>> RanOnRuntime<'r, R, T, D> {
    const fn new(session: Rc<Session>, runtime: &'r R, teardown: D, value: Option<T>) -> Self {
        Self {
            session,
            runtime,
            teardown,
            value,
        }
    }

    /// Fails the benchmark unless `holds` says that the result is right, as [`Ran::check`](crate::Ran::check) does.
    ///
    /// # Panics
    /// When the result is wrong: that is how it is reported.
    #[track_caller]
    pub fn check(self, holds: impl AsyncFnOnce(&T) -> bool) {
        if let Some(value) = &self.value {
            let right = self.runtime.block_on(holds(value));
            refuse_wrong_answer(&self.session, right);
        }
    }
}

impl<R: Runtime, T, D: Teardown<T>> Drop for RanOnRuntime<'_, R, T, D> {
    fn drop(&mut self) {
        let Some(value) = self.value.take() else {
            return;
        };
        // After a panic the process is about to end, and a runtime may be in no state to be entered.
        if !std::thread::panicking() {
            self.runtime.block_on(self.teardown.of(value));
        }
    }
}
