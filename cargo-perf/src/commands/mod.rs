//! One file per subcommand: what it does with its flags, then its helpers.

pub mod accept;
pub mod baseline;
mod caution;
pub mod compare;
mod counting;
pub mod limits;
mod measuring;
mod own_runs;
pub mod pairing;
mod reproduce;
pub mod run;
mod title;
