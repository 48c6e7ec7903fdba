//! What measuring itself costs, measured in the launch that measures: the clock and our loop around nothing.

use super::{Batch, Clock, Meter, Reading};

/// What was seen of our own doings. Not yet taken off anything: samples stay as they were read.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Overhead {
    /// The shortest time but zero between two reads of the clock with nothing between them: what reading it costs, or its
    /// step where that is longer.
    pub(crate) clock: Reading,
    /// An iteration of the loop around nothing, the clock not counted.
    pub(crate) loop_ns: f64,
}

/// Looks at the clock. With the processor's time, which asks the kernel, each takes nearly a microsecond.
const CLOCK_READS: u32 = 100;

/// Iterations of the empty loop: long enough for the clock, and at a cycle or two each over in microseconds.
const ITERATIONS: u64 = 1 << 14;

/// How often the empty loop is run. The shortest counts, as whatever else the machine does makes it longer.
const TRIES: u32 = 7;

impl Overhead {
    /// Measures what it costs to measure `body`, which itself is not run. `None` where the loop is not ours.
    pub(crate) fn of(body: &mut dyn Batch, clock: Clock) -> Option<Self> {
        let meter = Meter::of(clock);
        let mut seen = Self::default();
        for _ in 0..CLOCK_READS {
            let Reading { wall_ns, cpu_ns } = body.run_empty(0, meter)?;
            seen.clock.wall_ns = smallest(seen.clock.wall_ns, wall_ns);
            seen.clock.cpu_ns = smallest(seen.clock.cpu_ns, cpu_ns);
        }
        let iterations = ITERATIONS.min(body.most());
        let mut shortest = u64::MAX;
        for _ in 0..TRIES {
            shortest = shortest.min(body.run_empty(iterations, meter)?.wall_ns);
        }
        let without_clock = shortest.saturating_sub(seen.clock.wall_ns);
        seen.loop_ns = without_clock as f64 / iterations as f64;
        Some(seen)
    }
}

/// The smaller one of those that are not zero; zero if both are.
fn smallest(a: u64, b: u64) -> u64 {
    match (a, b) {
        (0, other) | (other, 0) => other,
        (a, b) => a.min(b),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads of the clock that give what they are told to, in turn; a loop of known length.
    struct Model {
        clock_ns: Vec<u64>,
        each_ns: u64,
        most: u64,
        longest: u64,
    }

    impl Batch for Model {
        fn run(&mut self, _: u64, _: Meter) -> Reading {
            unreachable!("the body is not run")
        }

        fn run_empty(&mut self, iterations: u64, _: Meter) -> Option<Reading> {
            self.clock_ns.rotate_left(1);
            self.longest = self.longest.max(iterations);
            let wall_ns = self.clock_ns[0] + self.each_ns * iterations;
            Some(Reading {
                wall_ns,
                cpu_ns: 10 * wall_ns,
            })
        }

        fn most(&self) -> u64 {
            self.most
        }
    }

    fn seen(clock_ns: &[u64], each_ns: u64, most: u64) -> (Overhead, u64) {
        let mut model = Model {
            clock_ns: clock_ns.to_vec(),
            each_ns,
            most,
            longest: 0,
        };
        let overhead = Overhead::of(&mut model, Clock::Scripted).unwrap();
        (overhead, model.longest)
    }

    #[test]
    fn the_clock_is_not_counted_for_the_loop() {
        let (overhead, longest) = seen(&[30, 20, 25, 90], 2, u64::MAX);
        let clock = Reading {
            wall_ns: 20,
            cpu_ns: 200,
        };
        assert_eq!(overhead.clock, clock);
        assert!((overhead.loop_ns - 2.0).abs() < 1e-9);
        assert_eq!(longest, ITERATIONS);
    }

    #[test]
    fn a_coarse_clock_is_worth_its_step() {
        assert_eq!(seen(&[0, 0, 42, 0, 84], 1, u64::MAX).0.clock.wall_ns, 42);
    }

    #[test]
    fn where_no_time_passes_nothing_costs_any() {
        let (overhead, _) = seen(&[0], 0, u64::MAX);
        assert_eq!(overhead, Overhead::default());
    }

    #[test]
    fn the_empty_loop_holds_no_more_memory_than_a_batch_may() {
        assert_eq!(seen(&[20], 2, 100).1, 100);
    }
}
