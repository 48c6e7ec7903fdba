//! What the body of a limit of concurrency or load is handed: it makes what users share and what each has, and says what
//! they do.

use std::fmt::Display;
use std::rc::Rc;

use perf_schema::{FailureKind, TrafficPlan};

use super::session::Session;
use super::{Bench, Thread};
use crate::measure::{Course, Runtime, Work};

/// The level of users, or of operations per second, that is being probed. Say what they do with [`run`](Self::run), or with
/// [`user`](Self::user) where each has something of its own; once.
///
/// ```no_run
/// # use perf_harness as perf;
/// # struct Pool;
/// # struct Connection;
/// # impl Pool { fn new() -> Self { Pool } fn connect(&self) -> Connection { Connection } }
/// # impl Connection { fn get(&mut self, key: u64) -> Result<u64, String> { Ok(key) } }
/// #[perf::limit(users in 1..=64, p99 <= "10ms", errors <= "1%", efficiency >= "50%")]
/// fn pool(load: perf::Load) {
///     let pool = load.once(Pool::new);
///     load.user(|_| pool.connect())
///         .run(|connection, user| connection.get(user.rng().u64(..)));
/// }
/// ```
#[derive(Debug)]
#[must_use = "nothing is measured until one of the `run` methods is called"]
pub struct Load {
    session: Rc<Session>,
    seed: u64,
    plan: TrafficPlan,
}

/// What an operation returns: whether it succeeded, and if not, why. The first line of the error's text is the kind under
/// which it is counted. What comes with success is dropped as part of the operation.
#[diagnostic::on_unimplemented(
    message = "an operation returns `()` or a `Result` whose error can be shown, not `{Self}`",
    note = "end it with `;` where what it returns does not matter"
)]
pub trait Served {
    /// Why it failed, if it did.
    fn error(self) -> Option<String>;
}

impl Served for () {
    fn error(self) -> Option<String> {
        None
    }
}

impl<T, E: Display> Served for Result<T, E> {
    fn error(self) -> Option<String> {
        self.err().map(|error| error.to_string())
    }
}

/// An operation as it is called.
type Operation<'f, S> = Box<dyn Fn(&mut S, &mut Thread) -> Result<(), String> + Sync + 'f>;

impl Load {
    /// The load of a level, and the level.
    pub(crate) fn of(bench: Bench, plan: TrafficPlan) -> (Self, u64) {
        let level = bench.session.level();
        let load = Self {
            session: bench.session,
            seed: bench.seed,
            plan,
        };
        (load, level)
    }

    /// Makes something that all users share. Its time is not measured.
    pub fn once<T>(&self, make: impl FnOnce() -> T) -> T {
        make()
    }

    /// How many users there are, or operations per second.
    #[must_use]
    pub fn level(&self) -> u64 {
        self.session.level()
    }

    /// A number that differs from probe to probe and is the same again when a run is repeated with the same seed.
    #[must_use]
    pub const fn seed(&self) -> u64 {
        self.seed
    }

    /// Measures `operate`, which every user does again and again, or at a rate whichever client is free.
    ///
    /// # Panics
    /// As [`Tasks::run`] does.
    #[track_caller]
    pub fn run<O: Served>(self, operate: impl Fn(&mut Thread) -> O + Sync) {
        self.user(|_| ()).run(move |(), thread| operate(thread));
    }

    /// Gives every user something of its own, made on the user's thread before the common start. At a rate every client has
    /// it, which does one operation at a time.
    pub fn user<'f, S: 'f>(self, make: impl Fn(&mut Thread) -> S + Sync + 'f) -> Users<'f, S> {
        Users {
            load: self,
            make: Box::new(make),
        }
    }
}

/// Users that each have something of their own; see [`Load::user`].
#[must_use = "nothing is measured until `run` is called"]
pub struct Users<'f, S> {
    load: Load,
    make: Box<dyn Fn(&mut Thread) -> S + Sync + 'f>,
}

impl<S> std::fmt::Debug for Users<'_, S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Users")
            .field("load", &self.load)
            .finish_non_exhaustive()
    }
}

impl<'f, S: 'f> Users<'f, S> {
    /// Measures `operate`, which every user does again and again, or at a rate whichever client is free.
    ///
    /// # Panics
    /// As [`Tasks::run`] does.
    #[track_caller]
    pub fn run<O: Served>(self, operate: impl Fn(&mut S, &mut Thread) -> O + Sync + 'f) {
        self.task(1, operate).run();
    }

    /// The same, awaited on `runtime`, which each user enters for each operation: what entering it takes is part of the
    /// operation.
    ///
    /// # Panics
    /// As [`Tasks::run`] does.
    #[track_caller]
    pub fn run_on<R: Runtime + Sync, O: Served>(
        self,
        runtime: &'f R,
        operate: impl AsyncFn(&mut S, &mut Thread) -> O + Sync + 'f,
    ) {
        self.task_on(1, runtime, operate).run();
    }

    /// One of several things that users do: which it is, each draws for itself by their weights.
    ///
    /// ```no_run
    /// # use perf_harness as perf;
    /// # use std::{collections::HashMap, sync::RwLock};
    /// #[perf::limit(users in 1..=64, p99 <= "1ms", kind = load, think = "1ms")]
    /// fn shop(load: perf::Load) {
    ///     let stock = load.once(|| RwLock::new(HashMap::from([(7_u64, 100_u64)])));
    ///     load.user(|_| 7)
    ///         .task(9, |item, _| stock.read().unwrap().get(item).copied().ok_or("sold out"))
    ///         .task(1, |item, _| stock.write().unwrap().insert(*item, 99).ok_or("sold out"))
    ///         .run();
    /// }
    /// ```
    pub fn task<O: Served>(
        self,
        weight: u32,
        operate: impl Fn(&mut S, &mut Thread) -> O + Sync + 'f,
    ) -> Tasks<'f, S> {
        let tasks = Vec::new();
        Tasks { users: self, tasks }.task(weight, operate)
    }

    /// The same, awaited on `runtime`; see [`run_on`](Self::run_on).
    pub fn task_on<R: Runtime + Sync, O: Served>(
        self,
        weight: u32,
        runtime: &'f R,
        operate: impl AsyncFn(&mut S, &mut Thread) -> O + Sync + 'f,
    ) -> Tasks<'f, S> {
        self.task(weight, move |state, thread| {
            runtime.block_on(operate(state, thread))
        })
    }
}

/// Several things that users do; see [`Users::task`].
#[must_use = "nothing is measured until `run` is called"]
pub struct Tasks<'f, S> {
    users: Users<'f, S>,
    tasks: Vec<(u32, Operation<'f, S>)>,
}

impl<S> std::fmt::Debug for Tasks<'_, S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tasks")
            .field("users", &self.users)
            .field("tasks", &self.tasks.len())
            .finish()
    }
}

impl<'f, S: 'f> Tasks<'f, S> {
    /// Another one; see [`Users::task`].
    pub fn task<O: Served>(
        mut self,
        weight: u32,
        operate: impl Fn(&mut S, &mut Thread) -> O + Sync + 'f,
    ) -> Self {
        let operation = move |state: &mut S, thread: &mut Thread| {
            operate(state, thread).error().map_or(Ok(()), Err)
        };
        self.tasks.push((weight, Box::new(operation)));
        self
    }

    /// Another one, awaited on `runtime`; see [`Users::run_on`].
    pub fn task_on<R: Runtime + Sync, O: Served>(
        self,
        weight: u32,
        runtime: &'f R,
        operate: impl AsyncFn(&mut S, &mut Thread) -> O + Sync + 'f,
    ) -> Self {
        self.task(weight, move |state, thread| {
            runtime.block_on(operate(state, thread))
        })
    }

    /// Measures them.
    ///
    /// # Panics
    /// When no task has a weight, and under `cargo test` when an operation fails: the benchmark has failed.
    #[track_caller]
    pub fn run(self) {
        let Self { users, tasks } = self;
        let Users { load, make } = users;
        let total: u64 = tasks.iter().map(|(weight, _)| u64::from(*weight)).sum();
        if total == 0 {
            load.session.blame(FailureKind::Misuse);
            panic!("none of the tasks has a weight: users have nothing to do");
        }
        let drawn = |state: &mut S, thread: &mut Thread| match tasks.as_slice() {
            [(_, only)] => only(state, thread),
            several => {
                let at = thread.rng().u64(0..total);
                pick(several, at).map_or(Ok(()), |operate| operate(state, thread))
            }
        };
        let once = || {
            let mut thread = Thread::new(0, 1, load.seed);
            let mut state = make(&mut thread);
            for (_, operate) in &tasks {
                if let Err(what) = operate(&mut state, &mut thread) {
                    panic!("an operation failed: {what}");
                }
            }
        };
        let work = Work {
            make: &*make,
            operate: &drawn,
        };
        let course = Course {
            plan: load.plan,
            level: load.level(),
            seed: load.seed,
        };
        load.session.serve(&course, &work, once);
    }
}

/// The task in whose share of the weights this number lies.
fn pick<'t, 'f, S>(tasks: &'t [(u32, Operation<'f, S>)], at: u64) -> Option<&'t Operation<'f, S>> {
    let mut below = 0;
    let drawn = tasks.iter().find(|(weight, _)| {
        below += u64::from(*weight);
        at < below
    });
    drawn.map(|(_, operate)| operate)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::RefCell;
    use std::panic::{AssertUnwindSafe, catch_unwind};
    use std::sync::atomic::{AtomicU64, Ordering};

    use perf_schema::wire::{Event, Order};
    use perf_schema::{Pace, Traffic};

    use crate::body::Visit;
    use crate::measure::Clock;
    use crate::scripted::{alone, spend};

    /// Who asks for one probe, and keeps the answers.
    struct Asks(bool, Rc<RefCell<Vec<Event>>>);

    impl Visit for Asks {
        fn order(&mut self) -> Option<Order> {
            std::mem::replace(&mut self.0, false).then_some(Order::Probe)
        }

        fn tell(&mut self, event: &Event) {
            self.1.borrow_mut().push(event.clone());
        }
    }

    const PLAN: TrafficPlan = TrafficPlan {
        pace: Pace::Users,
        warm_up_ns: 0,
        window_ns: 1_000_000_000,
        ramp_ns: 0,
        think_ns: 0,
        clients: 1,
    };

    fn of(session: Session, users: u64) -> Load {
        let session = Rc::new(session.at_level(users));
        let (load, level) = Load::of(Bench::new(session, 1, 7), PLAN);
        assert_eq!((level, load.level()), (users, users));
        load
    }

    fn seen(users: u64, body: impl FnOnce(Load)) -> Traffic {
        let told = Rc::new(RefCell::new(Vec::new()));
        let visit = Asks(true, Rc::clone(&told));
        body(of(
            Session::measured(Clock::Scripted, Box::new(visit)),
            users,
        ));
        let told = told.borrow();
        match told.as_slice() {
            [Event::Prepared, Event::Probed { traffic, .. }] => *traffic.clone().expect("traffic"),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn tasks_are_drawn_by_weight_and_errors_are_told() {
        let _turn = alone();
        let traffic = seen(4, |load| {
            load.user(|user| user.index())
                .task(3, |_, _| spend(1_000_000))
                .task(1, |index, _| {
                    spend(1_000_000);
                    Err::<(), _>(format!("user {index} is refused"))
                })
                .run();
        });
        // Four users, a thousand operations each; a quarter of them fails, give or take four standard deviations.
        assert_eq!(traffic.begun, 4000);
        assert!((890..=1110).contains(&traffic.failed()), "{traffic:?}");
        assert_eq!(traffic.errors.len(), 4);
        // Those that fail count by when they began; the last of each user ends when the window has closed.
        let last = 4000 - traffic.done - traffic.failed();
        assert!(last <= 4, "{traffic:?}");
    }

    /// Polls until it is ready.
    struct Polls;

    impl Runtime for Polls {
        fn block_on<F: Future>(&self, future: F) -> F::Output {
            let mut context = std::task::Context::from_waker(std::task::Waker::noop());
            let mut future = std::pin::pin!(future);
            loop {
                if let std::task::Poll::Ready(output) = future.as_mut().poll(&mut context) {
                    return output;
                }
            }
        }
    }

    #[test]
    fn operations_are_awaited_on_the_runtime() {
        let _turn = alone();
        let traffic = seen(2, |load| {
            load.user(|_| 0_u64).run_on(&Polls, async |count, _| {
                *count += 1;
                std::future::ready(()).await;
                spend(1_000_000);
                if *count % 10 == 0 {
                    Err("tenth")
                } else {
                    Ok(())
                }
            });
        });
        assert_eq!((traffic.begun, traffic.errors["tenth"]), (2000, 200));
    }

    #[test]
    fn a_test_does_every_task_once_and_fails_with_the_first_that_fails() {
        let _turn = alone();
        let calls = [AtomicU64::new(0), AtomicU64::new(0)];
        let count = |at: usize| calls[at].fetch_add(1, Ordering::Relaxed);
        let run = |fails: bool, weights: [u32; 2]| {
            let load = of(Session::smoke(Clock::Scripted, false), 8);
            let session = Rc::clone(&load.session);
            let body = || {
                load.user(|_| ())
                    .task(weights[0], |(), _| {
                        count(0);
                    })
                    .task(weights[1], |(), _| {
                        count(1);
                        if fails { Err("no such thing") } else { Ok(()) }
                    })
                    .run();
            };
            let panic = catch_unwind(AssertUnwindSafe(body)).err();
            let message = panic.map(|panic| match panic.downcast::<String>() {
                Ok(text) => *text,
                Err(other) => (*other.downcast::<&str>().expect("a text")).to_owned(),
            });
            (message, session.kind_of_panic())
        };
        assert_eq!(run(false, [1, 0]).0, None);
        assert_eq!(calls.each_ref().map(|c| c.load(Ordering::Relaxed)), [1, 1]);
        let (message, _) = run(true, [1, 1]);
        assert_eq!(
            message.as_deref(),
            Some("an operation failed: no such thing")
        );
        let (message, kind) = run(false, [0, 0]);
        assert!(message.is_some_and(|text| text.contains("nothing to do")));
        assert_eq!(kind, FailureKind::Misuse);
    }
}
