//! What is asked and what is answered.

use crate::confidence::Confidence;
use crate::estimate::Estimate;

/// What counts as a change point.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ChangeRule {
    /// One minus how often an unchanged series may show any change point.
    pub confidence: Confidence,
    /// Changes up to this ratio are not spoken of, 0.01 for one per cent either way. At least 0; take the largest of what the user
    /// asks for and what launches leave in doubt of one run.
    pub floor: f64,
    /// The fewest runs on one level, at least 2. What goes back earlier is a spike.
    pub min_segment: usize,
    /// How many runs on the new level make a change point certain; before, it is provisional.
    pub confirmed_by: usize,
}

impl Default for ChangeRule {
    /// 99 %, a floor of 1 %, three runs on a level, certain from five on.
    fn default() -> Self {
        Self {
            confidence: Confidence::P99,
            floor: 0.01,
            min_segment: 3,
            confirmed_by: 5,
        }
    }
}

/// A lasting change of level.
#[derive(Debug, Clone, PartialEq)]
pub struct ChangePoint {
    /// The first run on the new level that fits best, as a place in the series. The one before is the last on the old level.
    pub index: usize,
    /// The last run that is on the old level beyond doubt (95 %): what is to blame came after it.
    pub last_before: usize,
    /// The first run that is on the new level beyond doubt (95 %): what is to blame came with it or before.
    pub first_after: usize,
    /// New level over old.
    pub ratio: f64,
    /// The interval of [`ChangePoint::ratio`], of up to 30 runs on each side; None when there are too few for the level asked for.
    /// It knows nothing of having been looked for.
    pub interval: Option<Estimate>,
    /// Probability of a split as clear anywhere in an unchanged series, at most.
    pub p_value: f64,
    /// Fewer runs have followed than confirm it.
    pub provisional: bool,
}

/// The change points of a series.
#[derive(Debug, Clone, PartialEq)]
pub struct Steps {
    /// In order of time.
    pub points: Vec<ChangePoint>,
    /// Probability of a split as clear as the clearest, anywhere in an unchanged series, at most. For
    /// [`crate::benjamini_hochberg`] over many series: keep the points of those series that it keeps.
    pub p_value: f64,
}
