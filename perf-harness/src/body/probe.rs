//! What the body of a limit is handed: it makes what a level needs, and says what is measured of it.

use std::rc::Rc;

use perf_schema::FailureKind;

use super::Bench;
use super::session::Session;

/// The level of a limit that is being probed. Call [`measure`](Self::measure), once.
///
/// ```no_run
/// # use perf_harness as perf;
/// # fn json(n: u64) -> String { "x".repeat(n as usize) }
/// # fn parse(text: &str) -> usize { text.len() }
/// #[perf::limit(n in 1..=1_000_000_000, wall = "2s", rss = "512MiB")]
/// fn largest_parse(p: perf::Probe, n: u64) {
///     let text = p.untimed(|| json(n));
///     let parsed = p.measure(|| parse(&text));
///     p.check(parsed == text.len());
/// }
/// ```
#[derive(Debug)]
#[must_use = "nothing is measured until `measure` is called"]
pub struct Probe {
    session: Rc<Session>,
    seed: u64,
}

impl Probe {
    /// The probe of a level, and the level.
    pub(crate) fn of(bench: Bench) -> (Self, u64) {
        let level = bench.session.level();
        let probe = Self {
            session: bench.session,
            seed: bench.seed,
        };
        (probe, level)
    }

    /// Makes something that the level needs. Its time is not part of the deadline, its memory is part of the memory cap.
    pub fn untimed<T>(&self, make: impl FnOnce() -> T) -> T {
        make()
    }

    /// Measures `f`: this is what has to keep to the deadline. What it returns is to be [checked](Self::check).
    ///
    /// # Panics
    /// When it is called twice: the benchmark has failed.
    #[track_caller]
    pub fn measure<T>(&self, f: impl FnOnce() -> T) -> T {
        if !self.session.begin_probe() {
            self.session.blame(FailureKind::Misuse);
            panic!("a limit measures once: put all that belongs to a level into one `measure`");
        }
        self.session.probe(f)
    }

    /// Fails the benchmark unless the answer is right. A level that gives a wrong answer has not passed.
    ///
    /// # Panics
    /// When the answer is wrong: that is how it is reported.
    #[track_caller]
    pub fn check(&self, holds: bool) {
        super::refuse_wrong_answer(&self.session, holds);
    }

    /// A number that differs from probe to probe and is the same again when a run is repeated with the same seed.
    #[must_use]
    pub const fn seed(&self) -> u64 {
        self.seed
    }
}
