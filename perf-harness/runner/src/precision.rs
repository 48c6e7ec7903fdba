//! When more launches would settle nothing: their centre is known better than what two sessions on one machine differ by.

use crate::conduct::Launch;

/// Half the width of the interval of the centre, relative to it, below which it is precise. Sessions differ by about two
/// per cent; with this added, squared as standard deviations are, their difference is as uncertain as before to within a
/// fiftieth.
const PRECISE: f64 = 0.005;

/// Launches during which the machine was quiet without which nothing is precise, however close they lie: with fewer a
/// body of two speeds may have shown one of them by chance.
const QUIET_LAUNCHES: usize = 12;

/// How far above the quietest gauge of the run a launch may be for it to count. It is what a comparison takes for quiet.
const QUIET: f64 = 1.01;

/// Whether the centre of `launches` is known so well that more of them would change no verdict. `quietest_ns` is the
/// quietest gauge of the whole run.
///
/// The interval is of order statistics, which a body of two speeds keeps wide: it encloses both until one of them is
/// clearly the usual one. By the minimum or by the median of each launch, whichever is known better, as in a comparison.
pub(crate) fn is_precise(launches: &[Launch], quietest_ns: u64) -> bool {
    let quiet: Vec<&Launch> = launches
        .iter()
        .filter(|launch| gauge(launch).is_some_and(|ns| ns as f64 <= QUIET * quietest_ns as f64))
        .collect();
    if quiet.len() < QUIET_LAUNCHES {
        return false;
    }
    let smallest = |launch: &Launch| launch.wall_ns.iter().min().map(|&ns| ns as f64);
    let middle = |launch: &Launch| {
        let mut samples = launch.wall_ns.clone();
        samples.sort_unstable();
        samples.get(samples.len() / 2).map(|&ns| ns as f64)
    };
    is_narrow(&quiet, smallest) || is_narrow(&quiet, middle)
}

/// The quietest gauge of a launch.
pub(crate) fn gauge(launch: &Launch) -> Option<u64> {
    launch.gauge_ns.iter().copied().min()
}

/// Whether the order statistics that enclose the centre lie close together.
fn is_narrow(launches: &[&Launch], summary: impl Fn(&Launch) -> Option<f64>) -> bool {
    let mut values: Vec<f64> = launches
        .iter()
        .filter_map(|launch| summary(launch))
        .collect();
    values.sort_by(f64::total_cmp);
    let below = values_outside(values.len());
    let (Some(low), Some(high)) = (values.get(below), values.iter().rev().nth(below)) else {
        return false;
    };
    high - low <= PRECISE * (high + low)
}

/// How many of so many values can be left out at each end so that the rest still encloses the true median nineteen times
/// out of twenty: the number below it is as that of heads among as many coins. perf-stats has the general case; here one
/// level will do, and a bench target is built without what judges.
fn values_outside(count: usize) -> usize {
    const EACH_TAIL: f64 = 0.025;
    let mut chance = 0.5_f64.powi(i32::try_from(count).unwrap_or(i32::MAX));
    let mut tail = chance;
    for outside in 0..count {
        chance *= (count - outside) as f64 / (outside + 1) as f64;
        tail += chance;
        if tail > EACH_TAIL {
            return outside;
        }
    }
    0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn launches(
        count: u32,
        wall_ns: impl Fn(u32) -> u64,
        gauge_ns: impl Fn(u32) -> u64,
    ) -> Vec<Launch> {
        (0..count)
            .map(|i| Launch {
                wall_ns: vec![wall_ns(i), wall_ns(i) + 7],
                gauge_ns: vec![gauge_ns(i), 2 * gauge_ns(i)],
                ..Launch::default()
            })
            .collect()
    }

    const fn steady(i: u32) -> u64 {
        1_000_000 + 300 * (i as u64 % 7)
    }

    #[test]
    fn the_rest_encloses_the_median_nineteen_times_out_of_twenty() {
        // As the interval of a sign test: from the third of 12 to the third from above, from the tenth of 30.
        assert_eq!(
            [6, 8, 9, 12, 20, 30].map(values_outside),
            [0, 0, 1, 2, 5, 9]
        );
    }

    #[test]
    fn a_dozen_steady_launches_are_enough() {
        assert!(is_precise(&launches(12, steady, |_| 7000), 7000));
        assert!(!is_precise(&launches(11, steady, |_| 7000), 7000));
    }

    #[test]
    fn launches_that_differ_are_not() {
        let wild = |i: u32| 1_000_000 + 20_000 * (u64::from(i) * 7 % 13);
        assert!(!is_precise(&launches(30, wild, |_| 7000), 7000));
    }

    #[test]
    fn a_body_of_two_speeds_is_not_taken_for_one() {
        let two = |i: u32| if i % 5 < 3 { 1_000_000 } else { 1_100_000 };
        assert!(!is_precise(&launches(20, two, |_| 7000), 7000));
    }

    #[test]
    fn launches_on_a_busy_machine_do_not_count() {
        let busy = |i: u32| if i < 11 { 7000 } else { 9000 };
        assert!(!is_precise(&launches(30, steady, busy), 7000));
        // Quiet among themselves, and slower than the machine was for others.
        assert!(!is_precise(&launches(30, steady, |_| 7000), 6000));
    }

    #[test]
    fn what_takes_no_time_is_as_precise_as_it_gets() {
        assert!(is_precise(&launches(12, |_| 0, |_| 1), 1));
        assert!(!is_precise(&[], 1));
    }
}
