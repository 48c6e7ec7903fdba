//! The two sides of a comparison.

/// One of the two builds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Side {
    /// The one compared with.
    Baseline,
    /// The one in question.
    Candidate,
}

impl Side {
    /// One of the two, by the toss of a coin.
    pub(crate) fn draw(rng: &mut fastrand::Rng) -> Self {
        if rng.bool() {
            Self::Baseline
        } else {
            Self::Candidate
        }
    }

    /// This one and the other one.
    pub(crate) const fn then_other(self) -> [Self; 2] {
        match self {
            Self::Baseline => [Self::Baseline, Self::Candidate],
            Self::Candidate => [Self::Candidate, Self::Baseline],
        }
    }
}

/// One of something for each side.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BySide<T> {
    /// The baseline's.
    pub baseline: T,
    /// The candidate's.
    pub candidate: T,
}

impl<T> BySide<T> {
    /// That of one side.
    pub const fn of(&self, side: Side) -> &T {
        match side {
            Side::Baseline => &self.baseline,
            Side::Candidate => &self.candidate,
        }
    }

    /// That of one side, to change it.
    pub const fn of_mut(&mut self, side: Side) -> &mut T {
        match side {
            Side::Baseline => &mut self.baseline,
            Side::Candidate => &mut self.candidate,
        }
    }

    /// Makes one for each side, beginning with that of `first`.
    ///
    /// # Errors
    /// The first error that `make` gives; then the other side is not asked for, or what it gave is dropped.
    pub(crate) fn make<E>(
        first: Side,
        mut make: impl FnMut(Side) -> Result<T, E>,
    ) -> Result<Self, E> {
        let [one, other] = first.then_other();
        let (one, other) = (make(one)?, make(other)?);
        Ok(match first {
            Side::Baseline => Self {
                baseline: one,
                candidate: other,
            },
            Side::Candidate => Self {
                baseline: other,
                candidate: one,
            },
        })
    }

    /// Turns each into something else, beginning with that of `first`.
    ///
    /// # Errors
    /// As for [`BySide::make`].
    pub(crate) fn turn<U, E>(
        self,
        first: Side,
        mut turn: impl FnMut(Side, T) -> Result<U, E>,
    ) -> Result<BySide<U>, E> {
        let (mut baseline, mut candidate) = (Some(self.baseline), Some(self.candidate));
        BySide::make(first, |side| {
            let taken = match side {
                Side::Baseline => baseline.take(),
                Side::Candidate => candidate.take(),
            };
            match taken {
                Some(value) => turn(side, value),
                None => unreachable!("each side is made once"),
            }
        })
    }
}
