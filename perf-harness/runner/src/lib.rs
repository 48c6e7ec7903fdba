//! The conductor: starts benchmark workers, gives them orders, listens, and ends them.
//!
//! A *worker* is one launch of a bench binary that measures one case; see [`perf_schema::wire`] for what is said. The
//! launch is the unit of replication, so [`conduct()`] takes many short launches of each case, one of every case in turn,
//! in an order drawn anew each round. Whatever a benchmark does to its own process is a [`perf_schema::Failure`] of that
//! benchmark and of no other. A limit is searched for, level by level, after all that is timed. [`conduct_pairs()`] does the same with two builds beside each other,
//! [`conduct_chaos()`] with one beside what disturbs it.
//!
//! This crate judges nothing, draws nothing and stores nothing.

mod budget;
mod calibration;
mod chaos;
mod conduct;
mod counting;
mod describe;
mod limits;
mod observing;
mod pairs;
mod precision;
mod settings;
mod signals;
mod stopwatch;
mod visit;
mod worker;

pub use chaos::{ChaosRun, Effect, ROUNDS, Recovery, Round, RoundOver, conduct_chaos};
pub use conduct::{Case, CaseRun, Interrupted, Launch, Listener, Progress, conduct};
pub use counting::{
    BothCounts, Count, Valgrind, count_both, count_instructions, expected_counting,
};
pub use describe::{DescribeError, Description, describe};
pub use pairs::{
    BySide, End, Look, OrderedCase, OrderedRun, PairSettings, PairedCase, PairedLaunch, PairedRun,
    Side, conduct_orders, conduct_pairs,
};
pub use settings::Settings;
pub use signals::stop_flag;
pub use worker::{Program, StartError};
