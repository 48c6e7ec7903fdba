//! Estimating the change of one metric from pairs of launches, and what can be said of it at one look.

use perf_stats::{
    Confidence, RatioEstimate, ScreenRule, Screened, Spread, choose_summary_of_pairs,
    expected_half_width, median, paired_ratio, pairs_to_see, screen, wilcoxon_signed_rank,
};

use super::super::rule::Floor;
use super::metrics::Values;
use super::rule::{Levels, PairedRule};

/// A difference this seldom by chance seems to be one: enough to look further, not to say so.
const SEEMS: f64 = 0.05;

/// What can be said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Finding {
    /// The candidate's values lie above the baseline's, by more than the floor.
    Above,
    /// They lie below by more than the floor.
    Below,
    /// They are the same within the margin.
    Same,
    /// Nothing yet.
    Open,
}

/// The change of one metric.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Estimate {
    pub(super) pairs: usize,
    /// How far the log-ratios of pairs lie apart.
    pub(super) spread: f64,
    /// Centre of the baseline's launches.
    pub(super) baseline: f64,
    /// Centre of the candidate's launches.
    pub(super) candidate: f64,
    /// The ratio at the level at which a change is called, and what that comes to against the floor.
    pub(super) screened: Screened,
    /// The ratio at the level at which sameness is.
    same: RatioEstimate,
    /// Chance of such differences if there were no change at all.
    p_value: f64,
    /// The relative change that is not spoken of.
    pub(super) floor: f64,
    /// The relative change within which the sides count as unchanged.
    pub(super) margin: f64,
}

impl Estimate {
    /// Estimates the ratio of two sides.
    ///
    /// # Errors
    /// With the reason in words, when there is too little to estimate from.
    pub(super) fn of(values: &Values, levels: &Levels, rule: &PairedRule) -> Result<Self, String> {
        Self::try_of(values, levels, rule).map_err(|error| error.to_string())
    }

    fn try_of(
        values: &Values,
        levels: &Levels,
        rule: &PairedRule,
    ) -> Result<Self, Box<dyn std::error::Error>> {
        let chosen = choose_summary_of_pairs(&values.baseline, &values.candidate)?;
        let at = |confidence| paired_ratio(&chosen.baseline, &chosen.candidate, confidence);
        let ratio = at(levels.changed)?;
        let (baseline, candidate) = (median(&chosen.baseline)?, median(&chosen.candidate)?);
        // What is less than a loop costs is not spoken of, however many per cent it is.
        let unspoken = values.floor.unwrap_or(Floor {
            relative: rule.floor,
            absolute: rule.floor_ns,
        });
        let least = unspoken.relative.max(unspoken.absolute / baseline);
        let (floor, margin) = (rule.floor.max(least), rule.margin.max(least));
        let against = ScreenRule {
            floor,
            margin,
            confidence: levels.changed,
        };
        let differences: Vec<f64> = std::iter::zip(&chosen.baseline, &chosen.candidate)
            .map(|(old, new)| new.ln() - old.ln())
            .collect();
        Ok(Self {
            pairs: chosen.baseline.len(),
            spread: chosen.spread,
            baseline,
            candidate,
            screened: screen(&ratio.log_shift(), &Spread::NONE, &against)?,
            same: at(levels.same)?,
            p_value: wilcoxon_signed_rank(&differences)?,
            floor,
            margin,
        })
    }

    /// What can be said at this look.
    pub(super) fn finding(&self) -> Finding {
        if self.screened.low.ln() > self.floor.ln_1p() {
            Finding::Above
        } else if self.screened.high.ln() < -self.floor.ln_1p() {
            Finding::Below
        } else if self.is_within(self.margin) {
            Finding::Same
        } else {
            Finding::Open
        }
    }

    /// Whether a relative change as large as this is excluded.
    pub(super) fn is_within(&self, relative: f64) -> bool {
        let most = relative.ln_1p();
        self.same.low.ln() > -most && self.same.high.ln() < most
    }

    /// Whether there seems to be a change beyond the floor, without regard to how often that was asked.
    pub(super) fn seems_changed(&self) -> bool {
        self.p_value < SEEMS && self.screened.ratio.ln().abs() > self.floor.ln_1p()
    }

    /// Whether so many times as many pairs can be expected to settle it: intervals shrink, and the estimate moves by no more
    /// than about half the width that one of 95 % has now.
    pub(super) fn would_settle(&self, growth: f64) -> bool {
        let pairs = self.pairs as f64;
        let half_width =
            |pairs, level| expected_half_width(self.spread, pairs, level).unwrap_or(f64::INFINITY);
        let effect = self.screened.ratio.ln().abs();
        let moves = Confidence::new(0.95).map_or(0.0, |level| half_width(pairs, level));
        let later = pairs * growth;
        let called = effect + moves - half_width(later, self.screened.confidence);
        let same = effect - moves + half_width(later, self.same.confidence);
        called > self.floor.ln_1p() || same < self.margin.ln_1p()
    }

    /// About how many pairs it would take to see a change as large as the margin four times out of five.
    pub(super) fn pairs_needed(&self) -> Option<f64> {
        let beyond = self.margin.ln_1p() - self.floor.ln_1p();
        pairs_to_see(self.spread, beyond, self.screened.confidence).ok()
    }
}
