//! How far a benchmark goes: levels are probed, each in a process of its own, until the largest that passes and the smallest
//! that fails are as near each other as was asked for.
//!
//! [`search`] decides which level comes next and knows of no process; [`probe`] runs one level and knows of no other;
//! [`disturbed`] tells an answer of the level from one of its neighbours; [`service`] judges the levels of users and rates;
//! [`seek`] lets the one have the other's answers, for as long as the search may take.

mod disturbed;
mod probe;
mod search;
mod seek;
mod service;

pub(crate) use seek::seek;
