//! How throughput grows with the number of workers: the Universal Scalability Law, with intervals.
//!
//! ```text
//!  X(N) = λN / (1 + σ(N − 1) + κN(N − 1))
//!         λ: what one worker does    σ: the share that only one can do at a time    κ: what each pair costs to agree
//! ```

mod fit;
mod levels;
mod model;

pub use fit::{MIN_LEVELS, Scaling, scaling};
pub use levels::ScalingError;
