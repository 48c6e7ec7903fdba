//! One file per subcommand: what it does with its flags, then its helpers.

pub mod accept;
pub mod baseline;
pub mod calibrate;
mod caution;
pub mod chaos;
pub mod compare;
mod counting;
pub mod doctor;
mod growth;
pub mod history;
pub mod init;
mod keep;
mod known_noise;
pub mod limits;
mod measuring;
pub mod new;
mod notices;
mod own_runs;
pub mod pairing;
pub mod publish;
pub mod report;
mod reproduce;
pub mod run;
mod showing;
pub mod survey;
mod title;
pub mod trend;
