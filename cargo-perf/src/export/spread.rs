//! How the launches of a run spread.

use perf_schema::Samples;

/// Of the medians of a run's launches.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spread {
    /// Their mean.
    pub mean: f64,
    /// Their median, which is the value of the run.
    pub median: f64,
    /// The largest.
    pub max: f64,
    /// The smallest.
    pub min: f64,
    /// Their standard deviation, by n − 1; absent for a single one.
    pub stdev: Option<f64>,
}

impl Spread {
    /// Of the samples of a run whose value is `value`. What measuring costs is in samples and not in the value; the difference is taken
    /// off all of them, as it is off each where an iteration is longer than the loop around it.
    ///
    /// `None` where no launch has a sample.
    #[must_use]
    pub fn of(samples: &Samples, value: f64) -> Option<Self> {
        let launches = samples.launches();
        let medians = launches.iter();
        let medians: Vec<f64> = medians
            .filter_map(|launch| perf_stats::median(launch).ok())
            .collect();
        let cost = perf_stats::median(&medians).ok()? - value;
        let medians: Vec<f64> = medians.iter().map(|it| (it - cost).max(0.0)).collect();
        let count = medians.len() as f64;
        let mean = medians.iter().sum::<f64>() / count;
        let squares: f64 = medians.iter().map(|it| (it - mean).powi(2)).sum();
        Some(Self {
            mean,
            median: value,
            max: medians.iter().copied().fold(f64::NEG_INFINITY, f64::max),
            min: medians.iter().copied().fold(f64::INFINITY, f64::min),
            stdev: (medians.len() > 1).then(|| (squares / (count - 1.0)).sqrt()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn it_is_of_launches_and_not_of_samples() {
        let samples =
            Samples::exactly(&[vec![9.0, 10.0, 11.0], vec![12.0], vec![14.0, 14.0]]).unwrap();
        let spread = Spread::of(&samples, 11.0).unwrap();
        // The medians 10, 12, 14, less the 1 that measuring cost.
        let expected = Spread {
            mean: 11.0,
            median: 11.0,
            max: 13.0,
            min: 9.0,
            stdev: Some(2.0),
        };
        assert_eq!(spread, expected);
    }

    #[test]
    fn one_launch_has_no_deviation() {
        let samples = Samples::exactly(&[vec![5.0]]).unwrap();
        assert_eq!(Spread::of(&samples, 5.0).unwrap().stdev, None);
    }

    proptest! {
        #[test]
        fn it_is_in_order(launches in prop::collection::vec(1.0..1e9_f64, 1..20)) {
            let lists: Vec<Vec<f64>> = launches.iter().map(|&value| vec![value]).collect();
            let samples = Samples::exactly(&lists).unwrap();
            let value = perf_stats::median(&launches).unwrap();
            let spread = Spread::of(&samples, value).unwrap();
            let slack = 1e-6 * spread.max;
            prop_assert!(spread.min <= spread.median + slack && spread.median <= spread.max + slack);
            prop_assert!(spread.min <= spread.mean + slack && spread.mean <= spread.max + slack);
        }
    }
}
