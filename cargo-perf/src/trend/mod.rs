//! What a series says: where its level changed and by how much, how it slides, what that amounts to, and how healthy a benchmark
//! is. Pure: series and rules in, values out.
//!
//! ```text
//!  Series ──examine──▶ Examined: its newest stretch, and the steps in it
//!  all Examined ──stand──▶ the same with the steps that stand among so many series
//!               ──settle──▶ Trend: these, level, slope, class
//!  Trends of a benchmark ──Profile::of──▶ executions, reliability, health
//! ```
//!
//! Nothing is compared across a mark: another machine class or build is another series, another compiler or definition another
//! stretch, and only the newest stretch is looked at. Failures are counted and never enter a level.

mod accepted;
mod class;
mod examine;
mod health;
mod newest;
#[cfg(test)]
mod old_rules;
mod profile;
mod settle;
mod slope;

use perf_stats::ChangeRule;

pub use accepted::AcceptedPoints;
pub use class::Class;
pub use examine::{Examined, Runs, Spot, Step, examine};
pub use health::{Evidence, Health, Reliability, Status};
pub use profile::{OpenAlerts, Profile, Summary, summary};
pub use settle::{Change, Latest, Since, Trend, settle, stand};
pub use slope::{Forecast, Slope, Track};

/// What is looked at, and when a change counts.
#[derive(Clone, Debug)]
pub struct TrendRule {
    /// When a change of level counts; its floor is raised to what suits the metric.
    pub change: ChangeRule,
    /// How far back from the newest run a class looks, in days.
    pub window_days: u32,
    /// The commit whose level the newest is held against besides, as a place on the line.
    pub anchor: Option<usize>,
    /// What somebody agreed to: nothing before such a step is a reference any more.
    pub accepted: AcceptedPoints,
}

impl Default for TrendRule {
    /// Thirty days, no pinned anchor, nothing accepted.
    fn default() -> Self {
        Self {
            change: ChangeRule::default(),
            window_days: 30,
            anchor: None,
            accepted: AcceptedPoints::default(),
        }
    }
}
