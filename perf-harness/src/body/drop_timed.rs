//! Benchmarks in which dropping what an iteration returns is part of what is measured.

use std::hint::black_box;

use super::{Bench, Inputs, Ran};

/// A benchmark whose outputs are dropped within the time; see [`Bench::drop_timed`].
#[derive(Debug)]
#[must_use = "nothing is measured until one of the `run` methods is called"]
pub struct DropTimed<B>(B);

impl Bench {
    /// Counts dropping what an iteration returns as part of it. Otherwise outputs are kept, and dropped after the clock has
    /// stopped. With the output gone, there is nothing that a `check` could look at but the input of `run_mut`.
    ///
    /// ```no_run
    /// # use perf_harness as perf;
    /// #[perf::bench]
    /// fn build_and_tear_down(b: perf::Bench) {
    ///     b.drop_timed().run(|| vec![String::from("leaf"); 1000]);
    /// }
    /// ```
    pub const fn drop_timed(self) -> DropTimed<Self> {
        DropTimed(self)
    }
}

impl DropTimed<Bench> {
    /// As [`Bench::input`]: making inputs, and dropping those that the body only borrows, is not counted.
    pub fn input<I, G: FnMut() -> I>(self, make: G) -> DropTimed<Inputs<I, G>> {
        DropTimed(self.0.input(make))
    }

    /// Measures `f` and the drop of what it returns.
    #[track_caller]
    pub fn run<O>(self, mut f: impl FnMut() -> O) -> Ran<()> {
        self.0.run(move || finish(f()))
    }
}

impl<I, G: FnMut() -> I> DropTimed<Inputs<I, G>> {
    /// Measures `f`, which consumes its input, and the drop of what it returns.
    #[track_caller]
    pub fn run<O>(self, mut f: impl FnMut(I) -> O) -> Ran<()> {
        self.0.run(move |input| finish(f(input)))
    }

    /// Measures `f`, which changes its input, and the drop of what it returns.
    #[track_caller]
    pub fn run_mut<O>(self, mut f: impl FnMut(&mut I) -> O) -> Ran<I> {
        self.0.run_mut(move |input| finish(f(input)))
    }

    /// Measures `f`, which looks at its input, and the drop of what it returns.
    #[track_caller]
    pub fn run_ref<O>(self, mut f: impl FnMut(&I) -> O) -> Ran<()> {
        self.0.run_ref(move |input| finish(f(input)))
    }
}

/// Drops an output that the optimiser must take for one that somebody has looked at.
#[inline(always)]
fn finish<O>(output: O) {
    black_box(&output);
    drop(output);
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::rc::Rc;

    use perf_schema::wire::{Event, Order};

    use super::*;
    use crate::body::{Session, Visit};
    use crate::measure::Clock;
    use crate::scripted::{alone, spend};

    /// Takes 100 ns when it is dropped.
    struct Slow;

    impl Drop for Slow {
        fn drop(&mut self) {
            spend(100);
        }
    }

    /// Orders one sample of three iterations and notes what it took.
    struct Once {
        orders: Vec<Order>,
        took: Rc<RefCell<Vec<u64>>>,
    }

    impl Visit for Once {
        fn order(&mut self) -> Option<Order> {
            self.orders.pop()
        }

        fn tell(&mut self, event: &Event) {
            if let Event::Sampled { wall_ns, .. } = event {
                self.took.borrow_mut().extend(wall_ns);
            }
        }
    }

    fn took(run: impl FnOnce(Bench)) -> u64 {
        let took = Rc::default();
        let visit = Once {
            orders: vec![Order::Sample {
                batch: 3,
                count: 1,
                warm_up_ns: 0,
            }],
            took: Rc::clone(&took),
        };
        let session = Session::measured(Clock::Scripted, Box::new(visit));
        run(Bench::new(Rc::new(session), 1, 1));
        let took = took.borrow();
        took[0]
    }

    #[test]
    fn the_drop_of_an_output_is_counted_where_it_is_asked_for() {
        let _turn = alone();
        let body = || {
            spend(10);
            Slow
        };
        assert_eq!(took(|b| drop(b.run(body))), 30);
        assert_eq!(took(|b| drop(b.drop_timed().run(body))), 330);
    }

    #[test]
    fn inputs_that_are_only_borrowed_are_not_counted() {
        let _turn = alone();
        let times = [
            took(|b| drop(b.drop_timed().input(|| Slow).run_ref(|_| Slow))),
            took(|b| drop(b.drop_timed().input(|| Slow).run_mut(|_| Slow))),
            took(|b| drop(b.drop_timed().input(|| Slow).run(|input| input))),
        ];
        assert_eq!(times, [300; 3]);
    }
}
