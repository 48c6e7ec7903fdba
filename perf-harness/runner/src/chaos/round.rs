//! One round: quiet, under stress, and after it.

use std::sync::atomic::AtomicBool;
use std::time::Duration;

use perf_schema::ChaosPlan;

use super::recovery::Calm;
use super::stressors::{Effect, Stressors};
use crate::calibration::Calibration;
use crate::conduct::{Case, Launch};
use crate::settings::{Sampling, Settings};
use crate::stopwatch::Stopwatch;
use crate::visit::{Luck, Trouble, Visit};
use crate::worker::Watch;

/// How long samples are taken in quiet.
const QUIET: Duration = Duration::from_millis(150);

/// How long they are taken under stress: many ticks, in which a stressor's CPU time is counted.
const STRESSED: Duration = Duration::from_millis(300);

/// Samples of either kind at the least.
const LEAST: usize = 10;

/// And at the most that are kept, where they take no time; and that are asked for at once.
const MOST: u32 = 4000;

/// How much undisturbed work is asked for at once: several turns of a scheduler. Who waits for an order every millisecond is given
/// a processor at once when it comes, before those that never wait, and would not be seen to share one with them.
const STRETCH_NS: u64 = 40_000_000;

/// What one round has seen. Samples are wall times of whole batches, in nanoseconds.
#[derive(Clone, Debug, PartialEq)]
pub struct Round {
    /// Iterations of each batch in quiet.
    pub batch: u64,
    /// Iterations of each batch under stress: the same, where a sample of so many does not become several times as long.
    pub stressed_batch: u64,
    /// Before the stress.
    pub quiet_ns: Vec<u64>,
    /// How much of that time its threads waited for a processor, as a share of it, all together; absent where the system does not
    /// tell.
    pub quiet_waited: Option<f64>,
    /// Under it.
    pub stressed_ns: Vec<u64>,
    /// What became of it.
    pub recovery: Recovery,
    /// What each stressor was seen to do, in the order of the plan; a fault is its author's affair.
    pub effects: Vec<Effect>,
}

/// Whether a body became as fast again as it was before the stress.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recovery {
    /// Its samples were among the quiet ones again within this time after the end of the stress.
    Within(Duration),
    /// They were not when this time was over.
    NotWithin(Duration),
}

impl Round {
    /// What an iteration took in quiet: the mean, in nanoseconds. `None` without samples.
    #[must_use]
    pub fn quiet_iteration_ns(&self) -> Option<f64> {
        per_iteration(&self.quiet_ns, self.batch)
    }

    /// The same under stress.
    #[must_use]
    pub fn stressed_iteration_ns(&self) -> Option<f64> {
        per_iteration(&self.stressed_ns, self.stressed_batch)
    }
}

/// The mean over samples of that many iterations each.
fn per_iteration(samples_ns: &[u64], batch: u64) -> Option<f64> {
    let sum: f64 = samples_ns.iter().map(|&ns| ns as f64).sum();
    let iterations = samples_ns.len() as f64 * batch.max(1) as f64;
    (iterations > 0.0).then(|| sum / iterations)
}

/// Goes through a round.
pub(super) fn round(
    case: &Case,
    plan: &ChaosPlan,
    settings: &Settings,
    luck: Luck,
    stop: &AtomicBool,
) -> Result<Round, Trouble> {
    let watch = Watch::begin();
    let mut visit = Visit::start(case, luck, settings.timeout, &watch, stop)?;
    visit.enter(case, luck)?;
    let sampling = calibrated(&mut visit, settings, case.batch)?;
    let begun = (Stopwatch::start(), visit.waited());
    let quiet_ns = take(&mut visit, sampling, QUIET)?;
    let quiet_waited = share_waited(begun.0.elapsed(), begun.1, visit.waited());
    let ((stressed_batch, stressed_ns), effects) = {
        let mut stressors = Stressors::start(plan, case, settings.timeout, luck, &watch, stop)?;
        let stressed = under(&mut visit, plan, settings, sampling.batch);
        let effects = stressors.effects();
        stressors.end();
        (stressed?, effects.map_err(|why| visit.failed(why))?)
    };
    let recovery = recover(&mut visit, plan, cold(sampling), &quiet_ns)?;
    visit.leave()?;
    visit.end()?;
    Ok(Round {
        batch: sampling.batch,
        stressed_batch,
        quiet_ns,
        quiet_waited,
        stressed_ns,
        recovery,
        effects,
    })
}

/// What share of `time` was waited, by what had been waited before it and after it.
fn share_waited(time: Duration, before: Option<Duration>, after: Option<Duration>) -> Option<f64> {
    let waited = after?.saturating_sub(before?);
    (!time.is_zero()).then(|| waited.div_duration_f64(time))
}

/// How to sample the body as it is now, with the `earlier` batch size where that still fits.
fn calibrated(
    visit: &mut Visit<'_>,
    settings: &Settings,
    earlier: Option<u64>,
) -> Result<Sampling, Trouble> {
    let calibration = Calibration::to(settings.sample, earlier);
    let found = visit.calibrate(&calibration.order)?;
    let (batch, sample_ns) = calibration.settle(found);
    Ok(settings.sampling(batch, sample_ns))
}

/// The same without a warm-up.
const fn cold(sampling: Sampling) -> Sampling {
    Sampling {
        warm_up_ns: 0,
        ..sampling
    }
}

/// As many samples as make a stretch, by the shortest so far: others may have been interrupted.
fn stretch(samples_ns: &[u64]) -> u32 {
    let shortest = samples_ns.iter().copied().min().unwrap_or(STRETCH_NS);
    let fitting = STRETCH_NS / shortest.max(1);
    u32::try_from(fitting).unwrap_or(MOST).clamp(1, MOST)
}

/// Samples for as long as that, and no fewer than [`LEAST`].
fn take(
    visit: &mut Visit<'_>,
    mut sampling: Sampling,
    lasting: Duration,
) -> Result<Vec<u64>, Trouble> {
    let begun = Stopwatch::start();
    let mut launch = Launch::default();
    loop {
        visit.sample(sampling, &mut launch)?;
        sampling.warm_up_ns = 0;
        sampling.count = stretch(&launch.wall_ns);
        launch.wall_ns.truncate(MOST as usize);
        launch.cpu_ns.clear();
        launch.gauge_ns.clear();
        if launch.wall_ns.len() >= LEAST && begun.elapsed() >= lasting {
            return Ok(launch.wall_ns);
        }
    }
}

/// Samples under stress and their batch size, and with the fault, if there is one. It is taken away whatever happens meanwhile.
fn under(
    visit: &mut Visit<'_>,
    plan: &ChaosPlan,
    settings: &Settings,
    batch: u64,
) -> Result<(u64, Vec<u64>), Trouble> {
    if !plan.has_fault() {
        return stressed(visit, settings, batch);
    }
    visit.inject()?;
    let stressed = stressed(visit, settings, batch);
    let recovered = match &stressed {
        // The worker is gone, and its fault with it as far as that was in it.
        Err(Trouble::Failed(_)) => Ok(()),
        _ => visit.recover(),
    };
    let stressed = stressed?;
    recovered.map(|()| stressed)
}

/// Samples of the body as it is under stress. A batch that has become several times as long is chosen anew: ten samples are taken
/// however long they last, and a body that is a thousand times slower would take them a thousand times as long.
fn stressed(
    visit: &mut Visit<'_>,
    settings: &Settings,
    batch: u64,
) -> Result<(u64, Vec<u64>), Trouble> {
    let sampling = calibrated(visit, settings, Some(batch))?;
    let samples = take(visit, cold(sampling), STRESSED)?;
    Ok((sampling.batch, samples))
}

/// Samples until they are as quiet as before, for as long as the plan says.
fn recover(
    visit: &mut Visit<'_>,
    plan: &ChaosPlan,
    sampling: Sampling,
    quiet_ns: &[u64],
) -> Result<Recovery, Trouble> {
    let limit = Duration::from_millis(plan.recovery_ms);
    let ended = Stopwatch::start();
    // Of no quiet samples none is as quiet; there always are some.
    let Some(mut calm) = Calm::as_before(quiet_ns) else {
        return Ok(Recovery::NotWithin(limit));
    };
    loop {
        let mut launch = Launch::default();
        visit.sample(sampling, &mut launch)?;
        let now = ended.elapsed();
        match calm.hear(&launch.wall_ns, now) {
            Some(since) if since <= limit => return Ok(Recovery::Within(since)),
            _ if now >= limit => return Ok(Recovery::NotWithin(limit)),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waiting_is_a_share_of_the_time_where_it_is_told() {
        let ms = |ms| Some(Duration::from_millis(ms));
        let time = Duration::from_millis(200);
        assert_eq!(share_waited(time, ms(50), ms(200)), Some(0.75));
        // A thread that has ended takes what it waited with it.
        assert_eq!(share_waited(time, ms(200), ms(50)), Some(0.0));
        assert_eq!(share_waited(time, None, ms(50)), None);
        assert_eq!(share_waited(Duration::ZERO, ms(0), ms(50)), None);
    }

    #[test]
    fn a_stretch_lasts_by_its_undisturbed_samples() {
        assert_eq!(stretch(&[250_000]), 160);
        assert_eq!(stretch(&[30_000_000, 250_000, 8_000_000]), 160);
        assert_eq!(stretch(&[90_000_000]), 1);
        assert_eq!(stretch(&[0, 250_000]), MOST);
        assert_eq!(stretch(&[]), 1);
    }
}
