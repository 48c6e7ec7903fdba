//! Past runs that tell what sessions of this machine differ by: the target's own records on its line of commits, and the local
//! history. Nothing that the measured code brings along is among them.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use perf_schema::{RecordHeader, RunRecord};

use super::lineage::Chain;
use super::rejection::comparable;
use super::{Query, Resolution, Sources};
use crate::store::name::SHA_DIGITS;
use crate::store::{
    HistoryEntry, RecordEntry, RecordFile, RecordName, Session, StoredRecord, date, disguise,
    load_all,
};

/// Records of the line that are read at most, and runs of the local history. More would take longer and hardly say more.
const READ: usize = 10;

/// Runs of the local history whose headers are looked at.
const LOOKED_AT: usize = 100;

/// A record on the line, by name.
#[derive(Clone, Debug)]
pub struct OnLine {
    entry: RecordEntry,
    /// Commits back from the anchor.
    step: usize,
    committed: i64,
}

/// A past run.
#[derive(Clone, Debug)]
pub struct Past {
    /// What it says.
    pub record: Arc<RunRecord>,
    /// The day it is of, as `YYYYMMDD`: that of the commit, where there is no other.
    pub day: String,
    /// Its place on the line, later commits having greater ones; `None` for one of the local history.
    pub step: Option<usize>,
}

/// The target's records of commits on the line, nearest first, by name only.
pub(super) fn on_line(at_tip: &[RecordEntry], class: &str, chain: &Chain) -> Vec<OnLine> {
    let mut of_commit: HashMap<&str, Vec<&RecordEntry>> = HashMap::new();
    for entry in at_tip.iter().filter(|entry| entry.class == class) {
        of_commit.entry(entry.name.sha()).or_default().push(entry);
    }
    let of = |sha: &str| of_commit.get(sha).map_or(&[][..], Vec::as_slice);
    let links = chain.links.iter().enumerate();
    links
        .flat_map(|(step, link)| {
            let entries = of(link.sha.short(SHA_DIGITS)).iter();
            entries.map(move |&entry| OnLine {
                entry: entry.clone(),
                step,
                committed: link.committed,
            })
        })
        .take(READ)
        .collect()
}

/// Whether the files of the local history are this machine's own, and none that a commit brought.
#[must_use]
pub fn trusts_local(query: &Query<'_>, sources: &Sources<'_>) -> bool {
    let head = query.measured.and_then(|state| state.commit.as_ref());
    match (sources.repository, head) {
        (Some(repository), Some(head)) => {
            disguise::look(repository, &head.sha).is_ok_and(|disguised| !disguised.runs)
        }
        _ => true,
    }
}

/// The past runs that say something of sessions like those that are compared: same class, build, compiler and clock.
///
/// What cannot be read is passed over; whoever chooses the baseline tells of it.
#[must_use]
pub fn past(query: &Query<'_>, sources: &Sources<'_>, resolution: &Resolution) -> Vec<Past> {
    let mut known = HashSet::new();
    let mut past = Vec::new();
    for (on_line, stored) in load(&resolution.line, sources, resolution) {
        if fits(query, &stored.record) && known.insert(stored.id) {
            past.push(Past {
                record: stored.record,
                day: date::day(on_line.committed)
                    .unwrap_or_default()
                    .replace('-', ""),
                step: Some(usize::MAX - on_line.step),
            });
        }
    }
    if trusts_local(query, sources) {
        for (entry, _) in of_equal_code(local(query, sources)) {
            let Ok(stored) = entry.load() else {
                continue;
            };
            if known.insert(stored.id) {
                past.push(Past {
                    record: stored.record,
                    day: entry.stamp.chars().take(8).collect(),
                    step: None,
                });
            }
        }
    }
    past
}

/// The records on the line that can be read. Those that are compared with were read already.
fn load<'a>(
    line: &'a [OnLine],
    sources: &Sources<'_>,
    resolution: &Resolution,
) -> Vec<(&'a OnLine, StoredRecord)> {
    let nearest = resolution
        .nearest
        .iter()
        .flat_map(|nearest| &nearest.records);
    let name = |stored: &StoredRecord| {
        let commit = stored.record.commit.as_ref()?;
        Some(RecordName::new(&commit.sha, &stored.id))
    };
    let mut read: HashMap<RecordName, StoredRecord> = nearest
        .filter_map(|stored| Some((name(stored)?, StoredRecord::clone(stored))))
        .collect();
    let entries = line.iter().map(|on_line| &on_line.entry);
    let unread: Vec<RecordFile<'_>> = entries
        .filter(|entry| !read.contains_key(&entry.name))
        .map(RecordFile::Committed)
        .collect();
    let loaded = load_all(&unread, sources.repository).into_iter().flatten();
    read.extend(loaded.filter_map(|stored| Some((name(&stored)?, stored))));
    line.iter()
        .filter_map(|on_line| Some((on_line, read.get(&on_line.entry.name)?.clone())))
        .collect()
}

/// The sessions of calibrations that say something of sessions like those that are compared.
#[must_use]
pub fn of_calibrations(query: &Query<'_>, sessions: Vec<Session>) -> Vec<Past> {
    let fitting = sessions
        .into_iter()
        .filter(|session| fits(query, &session.record));
    fitting
        .map(|session| Past {
            record: Arc::new(session.record),
            day: session.day,
            step: None,
        })
        .collect()
}

fn fits(query: &Query<'_>, record: &RunRecord) -> bool {
    record.environment.rustc == query.rustc
        && comparable(query, &record.machine, &record.environment).is_ok()
}

/// The newest runs of the local history that are like those compared.
fn local(query: &Query<'_>, sources: &Sources<'_>) -> Vec<(HistoryEntry, RecordHeader)> {
    let (entries, _) = sources.history.entries();
    let fits = |header: &RecordHeader| {
        header.environment.binaries.is_some()
            && header.environment.rustc == query.rustc
            && comparable(query, &header.machine, &header.environment).is_ok()
    };
    entries
        .into_iter()
        .take(LOOKED_AT)
        .filter_map(|entry| Some((entry.header().ok()?, entry)))
        .filter(|(header, _)| fits(header))
        .map(|(header, entry)| (entry, header))
        .collect()
}

/// Those of which there is another of the very same binaries. While a person is changing code, neighbours say more about that than
/// about the machine.
fn of_equal_code(runs: Vec<(HistoryEntry, RecordHeader)>) -> Vec<(HistoryEntry, RecordHeader)> {
    let mut counts: HashMap<Option<String>, usize> = HashMap::new();
    for (_, header) in &runs {
        *counts
            .entry(header.environment.binaries.clone())
            .or_default() += 1;
    }
    let is_twin = |header: &RecordHeader| counts[&header.environment.binaries] > 1;
    runs.into_iter()
        .filter(|(_, header)| is_twin(header))
        .take(READ)
        .collect()
}
