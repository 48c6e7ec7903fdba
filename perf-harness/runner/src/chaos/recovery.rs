//! When a body is as fast again as it was before. Pure.

use std::time::Duration;

/// Samples in a row that have to be no slower than the slow ones of before.
const IN_A_ROW: u32 = 5;

/// Of a hundred samples taken in quiet this many are no slower than what counts as quiet afterwards.
const QUIET_PERCENT: usize = 95;

/// Waits for a row of samples that are as fast as the quiet ones were.
#[derive(Clone, Debug)]
pub(super) struct Calm {
    ceiling_ns: u64,
    row: u32,
    /// When the first sample of the row was heard.
    began: Duration,
}

impl Calm {
    /// What is quiet, by samples that were taken in quiet. `None` of no samples.
    pub(super) fn as_before(quiet_ns: &[u64]) -> Option<Self> {
        let mut sorted = quiet_ns.to_vec();
        sorted.sort_unstable();
        // Of few samples the slowest.
        let place = (sorted.len() * QUIET_PERCENT)
            .div_ceil(100)
            .checked_sub(1)?;
        Some(Self {
            ceiling_ns: *sorted.get(place)?,
            row: 0,
            began: Duration::ZERO,
        })
    }

    /// Hears the samples that came at `now`. Once a row is complete, when its first was heard.
    pub(super) fn hear(&mut self, samples_ns: &[u64], now: Duration) -> Option<Duration> {
        for &sample in samples_ns {
            if sample > self.ceiling_ns {
                self.row = 0;
                continue;
            }
            if self.row == 0 {
                self.began = now;
            }
            self.row += 1;
            if self.row == IN_A_ROW {
                return Some(self.began);
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: Duration = Duration::from_millis(1);
    const TWO: Duration = Duration::from_millis(2);
    const THREE: Duration = Duration::from_millis(3);

    fn calm() -> Calm {
        let quiet: Vec<u64> = (1..=100).collect();
        Calm::as_before(&quiet).unwrap()
    }

    #[test]
    fn the_slow_samples_of_a_quiet_time_are_quiet_too() {
        assert_eq!(calm().ceiling_ns, 95);
        assert_eq!(Calm::as_before(&[7]).unwrap().ceiling_ns, 7);
        assert_eq!(Calm::as_before(&[3, 1, 9, 2]).unwrap().ceiling_ns, 9);
        assert!(Calm::as_before(&[]).is_none());
    }

    #[test]
    fn a_row_is_quiet_since_its_first_sample() {
        assert_eq!(calm().hear(&[1, 2, 3, 4, 95], ONE), Some(ONE));
        assert_eq!(calm().hear(&[500, 1, 2, 3, 4, 5], ONE), Some(ONE));
        let mut calm = calm();
        assert_eq!(calm.hear(&[500, 1, 2], ONE), None);
        assert_eq!(calm.hear(&[3, 4, 5], TWO), Some(ONE));
    }

    #[test]
    fn one_slow_sample_ends_the_row() {
        let mut calm = calm();
        assert_eq!(calm.hear(&[1, 2, 3, 4, 96], ONE), None);
        assert_eq!(calm.hear(&[1, 96, 2, 3], TWO), None);
        assert_eq!(calm.hear(&[4, 5, 6], THREE), Some(TWO));
    }
}
