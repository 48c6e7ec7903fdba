//! How time grows with size: the exponent, which of the usual laws it can be, and whether it is worse than one of them.
//!
//! Every law is fitted with a constant overhead beside it, `a + b·f(n)` with neither below zero, because small sizes show
//! the overhead and not the law. Noise is taken as relative, so distances are measured on logarithms: a size is not worth
//! more for being slow.
//!
//! ```text
//!  sizes, seconds ──Sweep::new──▶ Sweep ──growth──────▶ Growth { exponent, laws, best, scatter }
//!                                   └────worse_than──▶ Yes / No / CannotTell
//! ```

mod curve;
mod fit;
mod law;
mod sweep;
mod worse;

pub use fit::{Growth, LARGEST_EXPONENT};
pub use law::{Law, NotALaw};
pub use sweep::{MIN_SIZES, Sweep, SweepError};
pub use worse::Worse;
