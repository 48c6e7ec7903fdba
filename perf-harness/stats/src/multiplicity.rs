//! P-values of many questions asked at once, adjusted so that each can be held against the level meant for all.

use thiserror::Error;

/// A number given as a p-value that is none.
#[derive(Debug, Clone, Copy, PartialEq, Error)]
#[error("p-value {index} is {value}, which is not between 0 and 1")]
pub struct NotAProbability {
    /// Its place in the slice, from 0.
    pub index: usize,
    /// The number.
    pub value: f64,
}

/// Adjusted p-values that keep the chance of *any* false alarm in the suite at the level, whatever hangs together.
///
/// `p_values`: any order, which the answer keeps; none is fine. For a gate, where one false alarm spoils the run.
/// Source: Holm, Scandinavian Journal of Statistics 6 (1979). Checked in `tests/reference.rs`.
///
/// # Errors
///
/// [`NotAProbability`] for a number outside 0 to 1.
pub fn holm(p_values: &[f64]) -> Result<Vec<f64>, NotAProbability> {
    let order = rising(p_values)?;
    let mut adjusted = vec![0.0; p_values.len()];
    let mut largest = 0.0_f64;
    for (smaller, &at) in order.iter().enumerate() {
        let left = (p_values.len() - smaller) as f64;
        largest = largest.max((left * p_values[at]).min(1.0));
        adjusted[at] = largest;
    }
    Ok(adjusted)
}

/// Adjusted p-values that keep the expected *share* of false alarms among the alarms at the level.
///
/// `p_values`: any order, which the answer keeps; none is fine. Assumes them independent or positively dependent, as benchmarks of one
/// session are. For a list that somebody will look through, or one that is measured again.
/// Source: Benjamini & Hochberg, Journal of the Royal Statistical Society B 57 (1995). Checked in `tests/reference.rs`.
///
/// # Errors
///
/// [`NotAProbability`] for a number outside 0 to 1.
pub fn benjamini_hochberg(p_values: &[f64]) -> Result<Vec<f64>, NotAProbability> {
    let order = rising(p_values)?;
    let mut adjusted = vec![0.0; p_values.len()];
    let mut smallest = 1.0_f64;
    for (smaller, &at) in order.iter().enumerate().rev() {
        // Divided before it is multiplied, so that a share of exactly 1 leaves the p-value as it is.
        let share = p_values.len() as f64 / (smaller + 1) as f64;
        smallest = smallest.min(share * p_values[at]);
        adjusted[at] = smallest;
    }
    Ok(adjusted)
}

/// Places of the p-values from the smallest up.
fn rising(p_values: &[f64]) -> Result<Vec<usize>, NotAProbability> {
    if let Some(index) = p_values.iter().position(|p| !(0.0..=1.0).contains(p)) {
        return Err(NotAProbability {
            index,
            value: p_values[index],
        });
    }
    let mut order: Vec<usize> = (0..p_values.len()).collect();
    order.sort_by(|&a, &b| p_values[a].total_cmp(&p_values[b]));
    Ok(order)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(got: &[f64], want: &[f64]) -> bool {
        got.len() == want.len() && got.iter().zip(want).all(|(g, w)| (g - w).abs() < 1e-12)
    }

    #[test]
    fn by_hand() {
        let p = [0.04, 0.01, 0.03];
        assert!(close(&holm(&p).unwrap(), &[0.06, 0.03, 0.06]));
        assert!(close(&benjamini_hochberg(&p).unwrap(), &[0.04, 0.03, 0.04]));
    }

    #[test]
    fn nothing_and_one_are_left_alone() {
        assert!(holm(&[]).unwrap().is_empty());
        assert!(close(&holm(&[0.2]).unwrap(), &[0.2]));
        assert!(close(&benjamini_hochberg(&[0.2]).unwrap(), &[0.2]));
    }

    #[test]
    fn a_p_value_is_asked_for() {
        for bad in [-0.1, 1.1, f64::NAN] {
            assert!(matches!(
                holm(&[0.5, bad]),
                Err(NotAProbability { index: 1, .. })
            ));
            assert!(benjamini_hochberg(&[bad]).is_err());
        }
    }
}
