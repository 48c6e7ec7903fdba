//! The laws of growth that are told apart, by name.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

/// How time grows with the size `n`, from the slowest growth to the fastest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Law {
    /// Not at all.
    Constant,
    /// With the logarithm.
    Logarithmic,
    /// In proportion.
    Linear,
    /// As `n log n`.
    Linearithmic,
    /// With the square.
    Quadratic,
    /// With the cube.
    Cubic,
    /// As `c^n`, whatever the base: at least tenfold over the sizes seen, or it is not told from a line.
    Exponential,
}

/// A text that names no law.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{0:?} is no law of growth; there are 1, log n, n, n log n, n^2, n^3 and c^n")]
pub struct NotALaw(
    /// What was given.
    pub String,
);

impl Law {
    /// All of them, the slowest growth first.
    pub const ALL: [Self; 7] = [
        Self::Constant,
        Self::Logarithmic,
        Self::Linear,
        Self::Linearithmic,
        Self::Quadratic,
        Self::Cubic,
        Self::Exponential,
    ];

    /// As people write it, `n log n`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Constant => "1",
            Self::Logarithmic => "log n",
            Self::Linear => "n",
            Self::Linearithmic => "n log n",
            Self::Quadratic => "n²",
            Self::Cubic => "n³",
            Self::Exponential => "c^n",
        }
    }

    /// The law that grows faster than this and slower than all others that do.
    pub(super) fn next(self) -> Option<Self> {
        Self::ALL.into_iter().find(|law| *law > self)
    }

    /// The logarithm of what the law says for a size of at least 1, up to a constant; minus infinity for zero.
    /// None for [`Law::Exponential`], whose base is not known beforehand.
    pub(super) fn log_shape(self, size: f64) -> Option<f64> {
        let log = size.ln();
        match self {
            Self::Constant => Some(0.0),
            Self::Logarithmic => Some(log.ln()),
            Self::Linear => Some(log),
            Self::Linearithmic => Some(log + log.ln()),
            Self::Quadratic => Some(2.0 * log),
            Self::Cubic => Some(3.0 * log),
            Self::Exponential => None,
        }
    }
}

impl fmt::Display for Law {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Law {
    type Err = NotALaw;

    /// Case and spaces do not matter; `n^2` and `n^3` may be written for `n²` and `n³`, `2^n` for `c^n`.
    fn from_str(text: &str) -> Result<Self, NotALaw> {
        let compact: String = text
            .chars()
            .filter(|c| !c.is_whitespace())
            .flat_map(char::to_lowercase)
            .collect();
        match compact.as_str() {
            "1" => Ok(Self::Constant),
            "logn" => Ok(Self::Logarithmic),
            "n" => Ok(Self::Linear),
            "nlogn" => Ok(Self::Linearithmic),
            "n²" | "n^2" => Ok(Self::Quadratic),
            "n³" | "n^3" => Ok(Self::Cubic),
            "c^n" | "2^n" => Ok(Self::Exponential),
            _ => Err(NotALaw(text.to_owned())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_back() {
        for law in Law::ALL {
            assert_eq!(law.to_string().parse(), Ok(law));
        }
        assert_eq!(" N  Log N".parse(), Ok(Law::Linearithmic));
        assert_eq!("n^2".parse(), Ok(Law::Quadratic));
        assert_eq!("2^n".parse(), Ok(Law::Exponential));
        for bad in ["", "n^4", "O(n)", "log", "n n"] {
            assert_eq!(bad.parse::<Law>(), Err(NotALaw(bad.to_owned())));
        }
    }

    #[test]
    fn they_stand_in_the_order_of_growth() {
        assert!(Law::ALL.is_sorted());
        let shapes = |size: f64| Law::ALL.map(|law| law.log_shape(size));
        assert!(shapes(1000.0)[..6].is_sorted());
        assert_eq!(Law::Linear.next(), Some(Law::Linearithmic));
        assert_eq!(Law::Exponential.next(), None);
    }
}
