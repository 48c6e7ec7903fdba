//! Samples in a few bytes, for a database: the integers of the stored shape, each in as many groups of seven bits as it takes.

use super::deltas::Deltas;
use super::{QuantiseError, Samples, Wire};

/// The shape that these bytes have.
const VERSION: u64 = 1;

/// Set in every byte of a number but its last.
const GOES_ON: u8 = 0x80;

impl Samples {
    /// The samples as bytes: version, exponent, base, number of launches, and of each the number of samples and what each has
    /// above the base.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let launches = self.launches.lists();
        let mut bytes = Vec::with_capacity(16);
        // The exponent is small and has a sign, which goes into the lowest bit.
        let exponent = u64::from(self.exponent.unsigned_abs()) << 1 | u64::from(self.exponent < 0);
        for number in [VERSION, exponent, self.base, launches.len() as u64] {
            put(&mut bytes, number);
        }
        for launch in launches {
            put(&mut bytes, launch.len() as u64);
            launch.iter().for_each(|&delta| put(&mut bytes, delta));
        }
        bytes
    }

    /// The samples that [`to_bytes`](Self::to_bytes) wrote.
    ///
    /// # Errors
    /// When the bytes are anything else.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, QuantiseError> {
        let wire = read(bytes).ok_or(QuantiseError::Bytes)?;
        Self::try_from(wire)
    }
}

fn read(mut bytes: &[u8]) -> Option<Wire> {
    let mut number = || take(&mut bytes);
    if number()? != VERSION {
        return None;
    }
    let exponent = number()?;
    let amount = i16::try_from(exponent >> 1).ok()?;
    let exponent = if exponent & 1 == 1 { -amount } else { amount };
    let base = number()?;
    let count = number()?;
    let mut launches = Deltas::default();
    for _ in 0..count {
        // Nothing is set aside for what is claimed: a number that is not there ends it.
        let samples = number()?;
        let launch = (0..samples).map(|_| number().ok_or(()));
        launches.add(launch).ok()?;
    }
    bytes.is_empty().then_some(Wire {
        exponent,
        base,
        launches,
    })
}

fn put(bytes: &mut Vec<u8>, mut number: u64) {
    loop {
        let [low, ..] = number.to_le_bytes();
        number >>= 7;
        if number == 0 {
            bytes.push(low & !GOES_ON);
            return;
        }
        bytes.push(low | GOES_ON);
    }
}

fn take(bytes: &mut &[u8]) -> Option<u64> {
    let mut number = 0_u64;
    for shift in (0..64).step_by(7) {
        let (&byte, rest) = bytes.split_first()?;
        *bytes = rest;
        let part = u64::from(byte & !GOES_ON);
        number |= part.checked_shl(shift).filter(|n| n >> shift == part)?;
        if byte & GOES_ON == 0 {
            return Some(number);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_come_back_as_they_were() {
        for launches in [
            vec![vec![0.0]],
            vec![vec![3.0, 3.0], vec![3.0]],
            vec![vec![0.37, 12.001], vec![1e-9]],
            vec![vec![1_234_567_890.0, 1_234_567_891.0]],
            vec![vec![3e12, 3.1e12], vec![2.9e12; 4]],
        ] {
            for samples in [Samples::exactly(&launches), Samples::quantise(&launches)] {
                let samples = samples.unwrap();
                assert_eq!(Samples::from_bytes(&samples.to_bytes()), Ok(samples));
            }
        }
    }

    #[test]
    fn every_cut_and_every_longer_text_is_an_error() {
        let launches = vec![vec![100.0, 250.5, 1e6]; 3];
        let bytes = Samples::quantise(&launches).unwrap().to_bytes();
        for end in 0..bytes.len() {
            assert!(Samples::from_bytes(&bytes[..end]).is_err(), "{end}");
        }
        let mut longer = bytes;
        longer.push(0);
        assert!(Samples::from_bytes(&longer).is_err());
        // A number of launches that nobody has room for, a number past 64 bits, a version that never was.
        for hostile in [
            vec![1, 0, 0, 0xff, 0xff, 0xff, 0xff, 0x7f],
            vec![
                1, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f, 1, 1, 0,
            ],
            vec![2, 0, 0, 1, 1, 0],
        ] {
            assert!(Samples::from_bytes(&hostile).is_err());
        }
    }

    #[test]
    fn a_thousand_results_of_a_second_of_measuring_take_less_than_a_megabyte() {
        let spread = |i: u32| 1000.0 + f64::from(i * 7919 % 101);
        let launches: Vec<Vec<f64>> = (0..40)
            .map(|launch| (0..5).map(|sample| spread(5 * launch + sample)).collect())
            .collect();
        let samples = Samples::quantise(&launches).unwrap();
        assert!(1000 * samples.to_bytes().len() <= 1_000_000);
    }
}
