//! What a benchmark executes on both sides, and whether that explains what it takes.

use perf_schema::Ratio;

use super::super::judge::percent;

/// What a benchmark executes in one iteration, on both sides.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Instructions {
    /// The baseline.
    pub baseline: f64,
    /// The candidate.
    pub candidate: f64,
}

impl Instructions {
    /// Less than this much more is no reason for anything: how a program begins and where its memory lies make it count a little
    /// differently.
    const FLOOR: f64 = 0.001;

    /// The part of a change of time that instructions have to have for them to be taken for its cause. Instructions differ in
    /// what they cost, and more of them seldom cost more than four times what the others do.
    const PART: f64 = 0.25;

    /// Candidate over baseline.
    #[must_use]
    pub fn ratio(self) -> f64 {
        self.candidate / self.baseline
    }

    /// The same with the sides in each other's place.
    #[must_use]
    pub const fn the_other_way(self) -> Self {
        Self {
            baseline: self.candidate,
            candidate: self.baseline,
        }
    }

    /// Whether so many more instructions explain that it takes `time` times as long.
    #[must_use]
    pub fn explain(self, time: Ratio) -> bool {
        self.ratio().ln() >= (Self::PART * time.get().ln()).max(Self::FLOOR.ln_1p())
    }

    /// How they compare, in words.
    #[must_use]
    pub fn told(self) -> String {
        let ratio = self.ratio();
        if ratio.ln().abs() < Self::FLOOR.ln_1p() {
            "it executes the same instructions".to_owned()
        } else {
            let more = if ratio > 1.0 { "more" } else { "fewer" };
            let by = percent((ratio - 1.0).abs());
            format!("it executes {by} % {more} instructions")
        }
    }
}
