//! Throughput by level, checked and summed up.

use thiserror::Error;

use super::fit::MIN_LEVELS;
use crate::values::{self, ValueError};

/// Why levels and throughputs cannot be fitted.
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum ScalingError {
    /// There are not as many lists of throughputs as levels.
    #[error("{levels} levels, but throughputs of {throughputs}")]
    Unpaired {
        /// How many levels.
        levels: usize,
        /// How many lists of throughputs.
        throughputs: usize,
    },
    /// Three unknowns need more levels to be told from noise.
    #[error("scaling needs throughputs of at least {needed} levels, found {found}")]
    TooFewLevels {
        /// [`MIN_LEVELS`].
        needed: usize,
        /// How many there were.
        found: usize,
    },
    /// A level is zero, or not above the one before it.
    #[error("level {index} is {level}: levels must be at least 1 and each above the one before")]
    Level {
        /// Its place, from 0.
        index: usize,
        /// The level.
        level: u32,
    },
    /// A throughput cannot be used.
    #[error("throughputs of level {index}: {source}")]
    Throughputs {
        /// The place of the level, from 0.
        index: usize,
        /// What is wrong with them.
        source: ValueError,
    },
}

/// One level: what its repeats come to.
#[derive(Debug, Clone, Copy)]
pub(super) struct Level {
    pub(super) workers: f64,
    pub(super) repeats: f64,
    /// Mean logarithm of the throughput.
    pub(super) log: f64,
}

/// All levels, and how far repeats of one level scatter.
#[derive(Debug, Clone)]
pub(super) struct Levels {
    pub(super) levels: Vec<Level>,
    /// Squared distances of repeats from the mean of their level.
    pub(super) within: f64,
    /// How many of those are free.
    pub(super) freedom_within: f64,
}

impl Levels {
    pub(super) fn new(levels: &[u32], throughputs: &[Vec<f64>]) -> Result<Self, ScalingError> {
        if levels.len() != throughputs.len() {
            return Err(ScalingError::Unpaired {
                levels: levels.len(),
                throughputs: throughputs.len(),
            });
        }
        values::at_least(levels.len(), MIN_LEVELS).map_err(|_| ScalingError::TooFewLevels {
            needed: MIN_LEVELS,
            found: levels.len(),
        })?;
        let mut all = Self {
            levels: Vec::with_capacity(levels.len()),
            within: 0.0,
            freedom_within: 0.0,
        };
        let mut before = 0;
        for (index, (&level, repeats)) in levels.iter().zip(throughputs).enumerate() {
            if level <= before {
                return Err(ScalingError::Level { index, level });
            }
            before = level;
            values::positive(repeats, 1)
                .map_err(|source| ScalingError::Throughputs { index, source })?;
            all.add(level, &values::logs(repeats));
        }
        Ok(all)
    }

    fn add(&mut self, level: u32, logs: &[f64]) {
        let repeats = logs.len() as f64;
        let mean = logs.iter().sum::<f64>() / repeats;
        self.within += logs.iter().map(|log| (log - mean).powi(2)).sum::<f64>();
        self.freedom_within += repeats - 1.0;
        self.levels.push(Level {
            workers: f64::from(level),
            repeats,
            log: mean,
        });
    }
}
