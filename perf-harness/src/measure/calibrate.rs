//! How many iterations make a sample, and when a body is warm.

use super::memory::{RESIDENT, Residence};
use super::{Batch, Clock, Meter, Reading};

/// Finds the number of iterations that takes about `target_ns`, and what that many took.
///
/// The search ends early when a batch with everything around it (making inputs, dropping outputs) takes `limit_ns`:
/// a costly input then makes for shorter samples, not for an endless run. Likewise when inputs and outputs hold as much
/// memory as a batch may. A body that lets no time pass on the scripted
/// clock never will, so one iteration of it is as good as any number.
pub(crate) fn calibrate(
    body: &mut dyn Batch,
    clock: Clock,
    target_ns: u64,
    limit_ns: u64,
) -> (u64, u64) {
    let most = body.most().min(MOST_ITERATIONS);
    let mut iterations = 1;
    let mut single = None;
    loop {
        let mut seen = Trial::of(body, clock, iterations, limit_ns, &mut single);
        if clock == Clock::Scripted && seen.reading.wall_ns == 0 {
            return (iterations, 0);
        }
        let enough =
            |seen: &Trial| seen.reading.wall_ns >= target_ns || iterations >= most.min(seen.room);
        // No more than there would be room for by the first look, even if the second one finds more.
        let room = seen.room.max(iterations.saturating_mul(2));
        // The first time is the slowest (pages are touched, caches filled, branches learned), and any time may be the one
        // at which the machine did something else. Only where a second look would cost the user a wait is there none.
        if enough(&seen) && seen.whole_ns < limit_ns.saturating_mul(10) {
            seen = seen.best(Trial::of(body, clock, iterations, limit_ns, &mut single));
        }
        if enough(&seen) {
            return seen.settle(iterations, target_ns);
        }
        iterations = fitted(iterations, seen.reading, target_ns)
            // At least twice, lest it creeps; at most tenfold, since a short reading says little.
            .clamp(iterations.saturating_mul(2), iterations.saturating_mul(10))
            .min(most.min(room));
    }
}

/// One batch, the time it took with everything around it, and the iterations there would be memory and time for.
#[derive(Clone, Copy)]
struct Trial {
    reading: Reading,
    whole_ns: u64,
    room: u64,
}

impl Trial {
    /// `single` is the memory around a batch of one iteration, the latest there was.
    fn of(
        body: &mut dyn Batch,
        clock: Clock,
        iterations: u64,
        limit_ns: u64,
        single: &mut Option<Residence>,
    ) -> Self {
        let start = clock.mark();
        let meter = Meter::watching(clock, &RESIDENT);
        let (reading, memory) = RESIDENT.during(|| body.run(iterations, meter));
        let whole_ns = clock.since(start);
        if iterations == 1 {
            *single = Some(memory);
        }
        Self {
            reading,
            whole_ns,
            room: memory
                .room(iterations, single.unwrap_or(memory))
                .min(affordable(iterations, whole_ns, limit_ns)),
        }
    }

    /// The faster one, with the room of the one that held less: what a batch leaves behind it does not hold again.
    fn best(self, other: Self) -> Self {
        let faster = if other.reading.wall_ns < self.reading.wall_ns {
            other
        } else {
            self
        };
        Self {
            room: self.room.max(other.room),
            ..faster
        }
    }

    /// The number of iterations to take, no more than were tried and there is room for, and how long that many take.
    fn settle(self, iterations: u64, target_ns: u64) -> (u64, u64) {
        let batch = fitted(iterations, self.reading, target_ns)
            .min(iterations)
            .min(self.room);
        let sample_ns =
            u128::from(self.reading.wall_ns) * u128::from(batch) / u128::from(iterations);
        (batch, u64::try_from(sample_ns).unwrap_or(u64::MAX))
    }
}

/// The iterations that would have taken `limit_ns` with everything around them.
fn affordable(iterations: u64, whole_ns: u64, limit_ns: u64) -> u64 {
    let affordable =
        (u128::from(limit_ns) * u128::from(iterations)).checked_div(u128::from(whole_ns));
    affordable.map_or(u64::MAX, |n| u64::try_from(n).unwrap_or(u64::MAX).max(1))
}

/// The end of the search for a body that seems to take no time at all.
const MOST_ITERATIONS: u64 = 1 << 30;

/// The number of iterations that would have taken `target_ns`, rounded up.
fn fitted(iterations: u64, reading: Reading, target_ns: u64) -> u64 {
    let Some(per_target) =
        (u128::from(iterations) * u128::from(target_ns)).checked_div(u128::from(reading.wall_ns))
    else {
        return u64::MAX;
    };
    u64::try_from(per_target + 1).unwrap_or(u64::MAX)
}

/// Runs batches until the last two were no faster than what came before, for at most `limit_ns`. Returns how long that
/// took. One batch is always run, unless the limit is zero.
pub(crate) fn warm_up(body: &mut dyn Batch, clock: Clock, batch: u64, limit_ns: u64) -> u64 {
    let start = clock.mark();
    let mut best_ns = u64::MAX;
    let mut unimproved = 0;
    while unimproved < 2 && clock.since(start) < limit_ns {
        let Reading { wall_ns, .. } = body.run(batch, Meter::of(clock));
        // A hundredth faster is still warming up; less is chance.
        if u128::from(wall_ns) * 100 < u128::from(best_ns) * 99 {
            best_ns = wall_ns;
            unimproved = 0;
        } else {
            unimproved += 1;
        }
        if wall_ns == 0 {
            // A scripted body that takes no time would never end.
            break;
        }
    }
    clock.since(start)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::{ByRef, Plain};
    use crate::scripted::{alone, spend};

    /// A body of known costs on a clock of its own.
    struct Model {
        each_ns: f64,
        first_extra_ns: u64,
        runs: Vec<u64>,
        most: u64,
    }

    impl Model {
        fn taking(each_ns: f64) -> Self {
            Self {
                each_ns,
                first_extra_ns: 0,
                runs: Vec::new(),
                most: u64::MAX,
            }
        }
    }

    impl Batch for Model {
        fn run(&mut self, iterations: u64, _: Meter) -> Reading {
            let extra = if self.runs.is_empty() {
                self.first_extra_ns
            } else {
                0
            };
            self.runs.push(iterations);
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "small positive numbers"
            )]
            let wall_ns = (self.each_ns * iterations as f64) as u64 + extra;
            Reading {
                wall_ns,
                cpu_ns: wall_ns,
            }
        }

        fn run_empty(&mut self, _: u64, _: Meter) -> Option<Reading> {
            None
        }

        fn most(&self) -> u64 {
            self.most
        }
    }

    const MS: u64 = 1_000_000;

    #[test]
    fn a_sample_comes_out_near_its_target() {
        let _turn = alone();
        for each_ns in [0.3, 1.0, 17.0, 900.0, 40_000.0] {
            let mut body = Model::taking(each_ns);
            let (batch, sample_ns) = calibrate(&mut body, Clock::Monotonic, MS, u64::MAX);
            let took = each_ns * batch as f64;
            assert!(
                (0.9e6..=1.1e6).contains(&took),
                "{each_ns} ns each: {batch} iterations take {took} ns"
            );
            assert!(sample_ns.abs_diff(MS) <= MS / 10, "{sample_ns}");
            assert!(body.runs.len() < 25, "{:?}", body.runs);
        }
    }

    #[test]
    fn a_long_body_is_a_batch_of_one() {
        let _turn = alone();
        assert_eq!(
            calibrate(&mut Model::taking(5e6), Clock::Scripted, MS, 10 * MS),
            (1, 5 * MS)
        );
    }

    #[test]
    fn a_cold_first_iteration_does_not_set_the_batch() {
        let _turn = alone();
        let mut body = Model {
            first_extra_ns: 3 * MS,
            ..Model::taking(1000.0)
        };
        let (batch, _) = calibrate(&mut body, Clock::Scripted, MS, 10 * MS);
        assert_eq!(body.runs[..2], [1, 1], "it looked twice");
        assert!((900..=1100).contains(&batch), "{batch}");
    }

    #[test]
    fn a_body_that_takes_no_time_ends() {
        let _turn = alone();
        let mut body = Model::taking(0.0);
        assert_eq!(
            calibrate(&mut body, Clock::Monotonic, MS, u64::MAX).0,
            MOST_ITERATIONS
        );
        assert_eq!(warm_up(&mut body, Clock::Scripted, 1, MS), 0);
    }

    #[test]
    fn a_body_that_knows_nothing_of_the_scripted_clock_is_run_once() {
        let _turn = alone();
        let mut body = Model::taking(0.0);
        assert_eq!(calibrate(&mut body, Clock::Scripted, MS, 10 * MS), (1, 0));
        assert_eq!(body.runs, [1]);
    }

    #[test]
    fn the_memory_of_a_batch_bounds_it() {
        let _turn = alone();
        let mut body = Model {
            most: 100,
            ..Model::taking(10.0)
        };
        assert_eq!(
            calibrate(&mut body, Clock::Scripted, MS, 10 * MS),
            (100, 1000)
        );
    }

    #[test]
    fn costly_inputs_make_for_shorter_samples() {
        let _turn = alone();
        let make = || spend(20_000);
        let mut body = ByRef::new(make, |()| spend(100));
        let (batch, sample_ns) = calibrate(&mut body, Clock::Scripted, MS, 10 * MS);
        assert!(
            (450..=500).contains(&batch),
            "{batch} of 20 µs within 10 ms"
        );
        assert!(sample_ns.abs_diff(100 * batch) <= 1000, "{sample_ns}");
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn what_inputs_own_bounds_the_batch() {
        let _turn = alone();
        let batch = |bytes: usize, each_ns| {
            let mut body = ByRef::new(move || vec![1_u8; bytes], move |_: &Vec<u8>| spend(each_ns));
            calibrate(&mut body, Clock::Scripted, MS, u64::MAX).0
        };
        let large = batch(10 << 20, 10);
        assert!((1..=4).contains(&large), "{large} inputs of 10 MiB");
        let small = batch(1 << 10, 1000);
        assert!((990..=1010).contains(&small), "{small} inputs of 1 KiB");
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn what_outputs_own_bounds_the_batch() {
        let _turn = alone();
        let mut body = Plain::new(|| {
            spend(10);
            vec![1_u8; 10 << 20]
        });
        let (batch, _) = calibrate(&mut body, Clock::Scripted, MS, u64::MAX);
        assert!((1..=4).contains(&batch), "{batch} outputs of 10 MiB");
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn memory_that_is_there_to_stay_bounds_nothing() {
        let _turn = alone();
        let mut table = Vec::new();
        let mut body = Plain::new(|| {
            spend(1000);
            table.resize(64 << 20, 1_u8);
        });
        let (batch, _) = calibrate(&mut body, Clock::Scripted, MS, u64::MAX);
        assert!((990..=1010).contains(&batch), "{batch}");
    }
}
