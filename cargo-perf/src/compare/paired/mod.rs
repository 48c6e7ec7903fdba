//! Judging two builds that were measured side by side. Pure, as all of comparing.
//!
//! Pairs of launches are the observations, and their log-ratios carry no difference between sessions, so a change far
//! smaller than the screen's is seen. How long measuring goes on is decided by the data themselves, at looks that are
//! planned beforehand and share the error among them ([`perf_stats::Looks`]).

pub mod control;
mod estimate;
mod forecast;
mod instructions;
mod judge;
mod metrics;
mod orders;
mod overhead;
mod rule;
#[cfg(test)]
mod tests;

pub use forecast::{Forecast, forecast};
pub use instructions::Instructions;
pub use judge::judge;
pub use orders::{ORDERS, Orders, ROUNDS, judge_orders};
pub use rule::PairedRule;
