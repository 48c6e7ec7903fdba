//! The statistics of cargo perf: pure functions over slices.
//!
//! The crate knows no file, flag, clock or schema, and draws no random number: the same values in give the same answer
//! out. It also knows no good or bad direction; it says *above* and *below*, and whoever knows the metric says *slower*
//! and *faster*. What cannot be answered is an error, never a NaN.
//!
//! # The way from samples to a judgement
//!
//! ```text
//!  samples by launch ──choose_summary──▶ one value per launch ──ratio / paired_ratio──▶ RatioEstimate
//!  past runs ──pooled_sd / adjacent_difference_sd──▶ learned_session_sd┐                     │
//!                                                                      └──────▶ screen ◀─────┘
//!                                                                                  │
//!                      p-values of a whole suite ──holm / benjamini_hochberg──▶ adjusted p-values
//! ```
//!
//! 1. **A launch is one observation.** Samples of one process share its layout and its luck, so [`choose_summary`] turns
//!    each launch into one value, and everything after counts launches. Which summary is taken is decided without
//!    looking at which side is which.
//! 2. **Effects are ratios**, candidate over baseline, 1.0 = no change. They are estimated on logarithms, so that swapped
//!    sides give the inverse ratio and the inverse interval. [`ratio`] is for two runs taken apart, [`paired_ratio`] for
//!    launches that took turns; both rest on ranks (Hodges & Lehmann, Mann & Whitney, Wilcoxon), because benchmark noise is
//!    skewed, has two states, and bursts.
//! 3. **Two sessions differ even when the code does not.** [`screen`] widens an interval by what sessions are known to
//!    differ ([`learned_session_sd`]) and tests against an effect floor, not against "no change at all".
//! 4. **Who looks often errs often.** [`Looks`] divides the error among all looks at pairs that become more.
//! 5. **A build is one draw of an order of code.** [`over_orders`] counts link orders instead of launches.
//! 6. **Many questions, many chances to be wrong.** [`holm`] and [`benjamini_hochberg`] adjust for the size of the suite.
//!
//! 7. **Several variants are several questions, too.** [`ranking`] gives each the places that it may have.
//! 8. **Some questions are about a curve or a series.** [`Sweep`] tells the law by which time grows with size, [`scaling`] how
//!    throughput grows with workers, [`change_points`] where a series of runs changes its level, [`drift`] how fast it slides.
//!    Each says when the data cannot tell.
//!
//! # What may be relied on
//!
//! Intervals from ranks are exact (up to 33 launches a side or 63 pairs, by a normal approximation beyond): their coverage
//! is at least the [`Confidence`] asked for whatever the noise looks like, as long as launches are independent and the
//! sides differ by a shift on the log scale. With few launches they are wider than they need be, and below a minimum they are
//! refused with the number that would be enough. What [`screen`] adds for sessions takes session noise as normal.
//! `tests/coverage.rs` measures all this, `tests/reference.rs` compares with SciPy and statsmodels,
//! `tests/properties.rs` holds the laws; `tests/growth.rs`, `tests/scaling.rs` and `tests/steps.rs` measure the curves and series.
//!
//! ```
//! use perf_stats::{Confidence, ScreenRule, Spread, ratio, screen};
//!
//! let baseline = [100.2, 100.4, 100.1, 100.9, 100.3, 100.2, 100.5, 100.3];
//! let candidate = [105.1, 105.4, 105.2, 106.0, 105.3, 105.2, 105.8, 105.1];
//! let estimate = ratio(&baseline, &candidate, Confidence::new(0.99)?)?;
//! assert!(estimate.low > 1.04 && estimate.high < 1.06);
//!
//! // Had the two runs been taken on different days, with days known to differ by 3 %, nothing could be said:
//! let rule = ScreenRule { floor: 0.01, margin: 0.02, confidence: Confidence::new(0.99)? };
//! let judged = screen(&estimate.log_shift(), &Spread::known(0.03), &rule)?;
//! assert!(judged.low < 1.0 && judged.p_above_floor > 0.1);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Features
//!
//! `inference`, on by default, is everything that judges. Without it there are the median and other quantiles, which is
//! all that a bench target shows, and no statrs to compile.

mod bound;
#[cfg(feature = "inference")]
mod centre;
#[cfg(feature = "inference")]
mod chance;
#[cfg(feature = "inference")]
mod confidence;
#[cfg(feature = "inference")]
mod drift;
#[cfg(feature = "inference")]
mod estimate;
#[cfg(feature = "inference")]
mod forecast;
#[cfg(feature = "inference")]
mod growth;
#[cfg(feature = "inference")]
mod location;
#[cfg(feature = "inference")]
mod looks;
#[cfg(feature = "inference")]
mod minimum;
#[cfg(feature = "inference")]
mod multiplicity;
#[cfg(feature = "inference")]
mod orders;
#[cfg(feature = "inference")]
mod paired;
mod quantile;
#[cfg(feature = "inference")]
mod rank;
#[cfg(feature = "inference")]
mod ranking;
#[cfg(feature = "inference")]
mod robust;
#[cfg(feature = "inference")]
mod scaling;
#[cfg(feature = "inference")]
mod screen;
#[cfg(feature = "inference")]
mod sessions;
#[cfg(feature = "inference")]
mod shift;
#[cfg(feature = "inference")]
mod sides;
#[cfg(feature = "inference")]
mod steps;
#[cfg(feature = "inference")]
mod student;
mod values;

pub use bound::{Bound, Doubt, Kept, UNKNOWN_SESSION_SD, holds, holds_exactly};
#[cfg(feature = "inference")]
pub use centre::interval_of_median;
#[cfg(feature = "inference")]
pub use chance::chance_below;
#[cfg(feature = "inference")]
pub use confidence::{Confidence, NotAConfidence};
#[cfg(feature = "inference")]
pub use drift::{Drift, DriftError, drift};
#[cfg(feature = "inference")]
pub use estimate::{Estimate, LogShift, RatioEstimate};
#[cfg(feature = "inference")]
pub use forecast::{expected_half_width, launches_to_settle, pairs_to_see};
#[cfg(feature = "inference")]
pub use growth::{Growth, LARGEST_EXPONENT, Law, MIN_SIZES, NotALaw, Sweep, SweepError, Worse};
#[cfg(feature = "inference")]
pub use location::{ChosenSummary, MIN_LAUNCHES, Summary, choose_summary, choose_summary_of_pairs};
#[cfg(feature = "inference")]
pub use looks::{Looks, Spending, pairs_needed};
#[cfg(feature = "inference")]
pub use multiplicity::{NotAProbability, benjamini_hochberg, holm};
#[cfg(feature = "inference")]
pub use orders::{AlarmOverOrders, OverOrders, orders_needed, over_orders, settle_alarm};
#[cfg(feature = "inference")]
pub use paired::{hodges_lehmann_centre, paired_ratio, wilcoxon_signed_rank};
pub use quantile::{
    QuantileError, median, median_absolute_deviation, quantile, quantile_of_sorted,
    scaled_median_absolute_deviation,
};
#[cfg(feature = "inference")]
pub use ranking::{Beside, Place, Ranking, places, ranking};
#[cfg(feature = "inference")]
pub use robust::{MIN_SERIES, Spread, adjacent_difference_sd, pairwise_difference_sd};
#[cfg(feature = "inference")]
pub use scaling::{MIN_LEVELS, Scaling, ScalingError, scaling};
#[cfg(feature = "inference")]
pub use screen::{ScreenError, ScreenRule, Screened, screen};
#[cfg(feature = "inference")]
pub use sessions::{LEAST_SESSION_SD, learned_session_sd, pooled_sd};
#[cfg(feature = "inference")]
pub use shift::{hodges_lehmann_shift, mann_whitney, ratio};
#[cfg(feature = "inference")]
pub use sides::SidesError;
#[cfg(feature = "inference")]
pub use steps::{ChangePoint, ChangeRule, Steps, change_points};
pub use values::ValueError;
