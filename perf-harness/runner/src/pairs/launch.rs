//! One pair of launches.

use std::sync::atomic::AtomicBool;
use std::time::Duration;

use perf_schema::{Failure, Throughput};

use super::{BySide, PairedCase, PairedLaunch, Side};
use crate::conduct::{Case, Launch};
use crate::settings::Sampling;
use crate::stopwatch::Stopwatch;
use crate::visit::{Luck, Trouble, Visit};
use crate::worker::Watch;

/// Why a pair gave nothing.
pub(super) enum PairTrouble {
    /// One side failed; the other was ended with it.
    Failed(Side, Failure),
    Interrupted,
}

impl PairTrouble {
    fn of(side: Side) -> impl Fn(Trouble) -> Self {
        move |trouble| match trouble {
            Trouble::Failed(failure) => Self::Failed(side, failure),
            Trouble::Interrupted => Self::Interrupted,
        }
    }
}

/// Who comes first in what, each drawn by itself.
#[derive(Clone, Copy, Debug)]
pub(super) struct Turns {
    started: Side,
    entered: Side,
    measured: Side,
}

impl Turns {
    pub(super) fn draw(rng: &mut fastrand::Rng) -> Self {
        Self {
            started: Side::draw(rng),
            entered: Side::draw(rng),
            measured: Side::draw(rng),
        }
    }
}

/// The luck of each side: the same seed, and stacks that begin at the same distance although the builds lie in folders whose
/// names are of unlike length, which are on the stack as well.
pub(super) fn lucks(case: &PairedCase, launch: u32, rng: &mut fastrand::Rng) -> BySide<Luck> {
    let luck = Luck::draw(launch, rng);
    let own = BySide {
        baseline: case.baseline.program.bytes_on_stack(),
        candidate: case.candidate.program.bytes_on_stack(),
    };
    let longest = own.baseline.max(own.candidate);
    let padded = |own: usize| Luck {
        padding: luck.padding + longest - own,
        ..luck
    };
    BySide {
        baseline: padded(own.baseline),
        candidate: padded(own.candidate),
    }
}

/// How long to wait for a worker, and whether to wait at all.
#[derive(Clone, Copy, Debug)]
pub(super) struct Patience<'a> {
    pub(super) timeout: Duration,
    pub(super) stop: &'a AtomicBool,
}

/// What a pair gave.
pub(super) struct Visited {
    pub(super) launch: PairedLaunch,
    /// What one iteration of the candidate works through.
    pub(super) throughput: Throughput,
    /// What looking on took on both sides, if it was done.
    pub(super) observing: Option<Duration>,
}

/// Everything there is to see in one launch of each side.
pub(super) fn launch(
    case: &PairedCase,
    lucks: &BySide<Luck>,
    turns: Turns,
    sampling: Sampling,
    observes: bool,
    patience: Patience<'_>,
) -> Result<Visited, PairTrouble> {
    let mut visits = enter(case, lucks, turns, patience)?;
    let mut launches = BySide::<Launch>::default();
    let order = turns.measured.then_other();
    if sampling.warm_up_ns > 0 {
        let warm_up = Sampling {
            count: 0,
            ..sampling
        };
        for side in order {
            sample(&mut visits, side, warm_up, &mut launches)?;
        }
    }
    for count in sampling.turns() {
        let turn = Sampling {
            count,
            warm_up_ns: 0,
            ..sampling
        };
        for side in order {
            sample(&mut visits, side, turn, &mut launches)?;
        }
    }
    let mut observing = None;
    if observes {
        let watch = Stopwatch::start();
        for side in order {
            visits
                .of_mut(side)
                .observe(sampling.batch, launches.of_mut(side))
                .map_err(PairTrouble::of(side))?;
        }
        observing = Some(watch.elapsed());
    }
    // Both are gone before what they left is looked for: among no other processes that is done at a glance.
    let throughput = BySide::make(turns.measured, |side| {
        let left = visits.of_mut(side).leave();
        let (throughput, at_the_end) = left.map_err(PairTrouble::of(side))?;
        launches.of_mut(side).observed.extend(at_the_end);
        Ok(throughput)
    })?;
    visits.turn(turns.measured, |side, visit| {
        visit.end().map_err(PairTrouble::of(side))
    })?;
    let launch = PairedLaunch {
        baseline: launches.baseline,
        candidate: launches.candidate,
        baseline_first: turns.measured == Side::Baseline,
    };
    Ok(Visited {
        launch,
        throughput: throughput.candidate,
        observing,
    })
}

/// Starts both workers and leads both into the case.
fn enter<'a>(
    case: &PairedCase,
    lucks: &BySide<Luck>,
    turns: Turns,
    Patience { timeout, stop }: Patience<'a>,
) -> Result<BySide<Visit<'a>>, PairTrouble> {
    let watch = Watch::begin();
    let started = BySide::make(turns.started, |side| {
        Visit::start(side_of(case, side), *lucks.of(side), timeout, &watch, stop)
            .map_err(PairTrouble::of(side))
    })?;
    started.turn(turns.entered, |side, mut visit| {
        visit
            .enter(side_of(case, side), *lucks.of(side))
            .map_err(PairTrouble::of(side))?;
        Ok(visit)
    })
}

fn sample(
    visits: &mut BySide<Visit<'_>>,
    side: Side,
    sampling: Sampling,
    launches: &mut BySide<Launch>,
) -> Result<(), PairTrouble> {
    visits
        .of_mut(side)
        .sample(sampling, launches.of_mut(side))
        .map_err(PairTrouble::of(side))
}

pub(super) const fn side_of(case: &PairedCase, side: Side) -> &Case {
    match side {
        Side::Baseline => &case.baseline,
        Side::Candidate => &case.candidate,
    }
}
