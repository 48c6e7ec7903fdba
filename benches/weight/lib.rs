//! The code under test. The script changes `SEED` to have it built anew.

pub const SEED: u64 = 0;

pub fn noise(n: usize) -> Vec<u64> {
    let mut state = SEED;
    let next = |_| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        state
    };
    (0..n).map(next).collect()
}

pub fn sum(values: &[u64]) -> u64 {
    values.iter().fold(SEED, |sum, value| sum.wrapping_add(*value))
}
