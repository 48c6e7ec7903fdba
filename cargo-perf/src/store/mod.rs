//! Where records are kept: committed in `baselines/`, in the commits of git, and in the local history `.perf/`.
//!
//! [`Baselines`] writes and reads the files of the working tree, [`CommittedBaselines`] reads them from any commit
//! without a checkout, [`History`] keeps every run, and [`resolve`] chooses what to compare with. A reader takes regular
//! files of the right name, size and id; anything else is a [`Fault`] that names the file, and the rest is still read.
//! Nothing here measures or judges.

mod accepts;
mod atomic;
mod baseline;
mod by_content;
mod calibrations;
mod date;
mod disguise;
mod entry;
mod export_key;
mod fault;
mod files;
#[cfg(test)]
pub(crate) mod fixture;
mod history;
pub mod index;
mod local;
mod name;
mod notes;
mod past_line;
mod record_file;
mod removal;
mod reports;
pub mod resolve;
mod shelf;
mod tree;

pub use accepts::{Accepts, StoredAccept};
pub use atomic::WriteError;
pub use baseline::{Baselines, SaveError, Saved};
pub use calibrations::{Calibrations, NotKept, Session};
pub use date::{day, instant, instant_of_stamp, seconds_of_stamp, week};
pub use entry::{Place, RecordEntry};
pub use export_key::{KeyError, export_key};
pub use fault::{Fault, Reason};
pub use files::{RecordFile, load_all, readers};
pub use history::{History, HistoryEntry, HistoryError};
pub use local::local_folder;
pub use name::{RecordName, branch_folder};
pub use notes::{Notes, StoredNote};
pub use past_line::{Along, Listing, along, order};
pub use record_file::{MAX_RECORD, StoredRecord};
pub use removal::remove;
pub use reports::{ReportError, keep_report};
pub use shelf::{Index, MAX_ENTRIES};
pub use tree::CommittedBaselines;
