//! From records to verdicts. Pure: no file, no clock, no randomness; the same records give the same verdicts.
//!
//! This is the *screen*: it judges two sessions that were measured apart. The launch is the unit of observation, what
//! sessions of one machine differ by is added to the uncertainty, an effect has to exceed a floor, and the whole suite is
//! corrected for the number of questions asked. [`paired`] judges two builds that were measured side by side.

pub mod accept;
mod assess;
pub mod budget;
pub mod chaos;
mod confirm;
mod estimate;
mod exact;
mod excuse;
pub mod expect;
pub mod family;
mod fitness;
mod gate;
pub mod growth;
mod judge;
mod limit;
mod metric;
pub mod noise;
mod overhead;
pub mod paired;
pub mod ranking;
#[cfg(test)]
mod recorded;
mod rule;
pub mod rules;
pub mod scaling;
mod severity;
mod side;
pub mod steadiness;
mod verdict;

pub use assess::{Assessed, Assessment};
pub use budget::{Held, Standing, held, warned};
pub use fitness::disturbed;
pub use gate::Gates;
pub use growth::{Grown, Promise, Swept};
pub use judge::{NoBaseline, Pair, compare};
pub use overhead::overhead_in;
pub use ranking::Ranked;
pub use rule::{DecisionRule, Floor, Policy};
pub use scaling::{scaled, throughputs};
pub use severity::{Severity, Thresholds, Worsening, is_beyond, worsening};
pub use side::{Session, Side};
pub use verdict::{Comparison, Demands, Effect, Judged, MetricVerdict, Verdict};
