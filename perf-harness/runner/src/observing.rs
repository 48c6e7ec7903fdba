//! In which launches more is looked at than time.
//!
//! What must be the same each time is seen in a few launches as well as in all; a long body would take twice as long if
//! each launch ran it once more. What turns out not to be the same is looked at as often as time, if that is cheap. What is
//! noisy and is judged all the same, as latencies are that the author has asked for, is looked at in every launch.

use std::collections::BTreeMap;
use std::time::Duration;

use perf_schema::{Better, MetricName, Observed};

use crate::conduct::Launch;

/// Launches that are looked at whatever it costs. With fewer, what comes out one way or the other would too often seem to
/// be the same each time.
pub(crate) const LEAST: u32 = 3;

/// Launches that are enough where what must be the same is.
const ENOUGH: u32 = 5;

/// What looking on has come to so far.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Observing {
    pub(crate) launches: u32,
    pub(crate) spent: Duration,
}

impl Observing {
    /// Whether the next launch is to be looked at, after `launches` that took `spent` in all.
    pub(crate) fn goes_on<'a>(
        &self,
        launches: impl DoubleEndedIterator<Item = &'a Launch> + Clone,
        spent: Duration,
    ) -> bool {
        let cheap = self.spent * 10 < spent;
        self.launches < LEAST
            || cheap && (self.launches < ENOUGH || differ(launches.clone()))
            || launches.clone().next_back().is_some_and(is_noisy)
    }
}

/// Whether what is looked at differs from launch to launch by its nature, and has a good direction. The largest memory
/// of the process does, too, but is seen without looking.
fn is_noisy(launch: &Launch) -> bool {
    let judged = |(name, seen): (&MetricName, &Observed)| match seen {
        Observed::Value { meaning, .. } => {
            name.starts_with("latency-") && !meaning.exact && meaning.better != Better::Neither
        }
        Observed::Absent { .. } => false,
    };
    launch.observed.iter().any(judged)
}

/// Whether something that must be the same each time was not.
fn differ<'a>(launches: impl Iterator<Item = &'a Launch>) -> bool {
    let mut first: BTreeMap<&str, &[f64]> = BTreeMap::new();
    launches
        .flat_map(|launch| &launch.observed)
        .any(|(name, seen)| match seen {
            Observed::Value { meaning, values } if meaning.exact => {
                values.len() > 1 || *first.entry(name).or_insert(values) != values.as_slice()
            }
            _ => false,
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use perf_schema::{Meaning, Unit};

    fn launch(observed: Observed) -> Launch {
        Launch {
            observed: BTreeMap::from([("m".to_owned(), observed)]),
            ..Launch::default()
        }
    }

    fn looked_at(launches: &[Launch], observing_ms: u64) -> u32 {
        let mut observing = Observing {
            launches: 0,
            spent: Duration::from_millis(observing_ms),
        };
        while observing.launches < 99 && observing.goes_on(launches.iter(), Duration::from_secs(1))
        {
            observing.launches += 1;
        }
        observing.launches
    }

    #[test]
    fn latencies_are_looked_at_in_every_launch() {
        let seen = |name: &str, better| {
            let meaning = Meaning {
                unit: Unit::NANOSECONDS,
                better,
                exact: false,
            };
            let values = vec![1.0];
            Launch {
                observed: BTreeMap::from([(name.to_owned(), Observed::Value { meaning, values })]),
                ..Launch::default()
            }
        };
        let after = |launch: Launch| {
            let observing = Observing {
                launches: 20,
                spent: Duration::from_secs(1),
            };
            observing.goes_on([launch].iter(), Duration::from_secs(2))
        };
        assert!(after(seen("latency-p50", Better::Lower)));
        assert!(!after(seen("latency-clock", Better::Neither)));
        assert!(!after(seen("peak-rss", Better::Lower)));
    }

    #[test]
    fn what_is_the_same_each_time_is_seen_in_a_few_launches() {
        let exact = |value| launch(Observed::exact(Unit::COUNT, value));
        let noisy = |value| launch(Observed::noisy(Unit::COUNT, value));
        assert_eq!(looked_at(&[exact(3.0), exact(3.0)], 1), ENOUGH);
        assert_eq!(looked_at(&[noisy(3.0), noisy(4.0)], 1), ENOUGH);
        assert_eq!(looked_at(&[exact(3.0), exact(4.0)], 1), 99);
        let each = launch(Observed::exact_each(Unit::COUNT, [1.0, 2.0]));
        assert_eq!(looked_at(&[each.clone(), each], 1), 99);
    }

    #[test]
    fn a_costly_look_is_taken_no_more_often_than_it_must() {
        let exact = |value| launch(Observed::exact(Unit::COUNT, value));
        assert_eq!(looked_at(&[exact(3.0), exact(4.0)], 101), LEAST);
    }
}
