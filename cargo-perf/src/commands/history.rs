//! `cargo perf history`: the runs of this machine, and the index of all that are known.

use std::path::Path;

use perf_schema::ExitCode;

use super::baseline::{Shelf, report_faults};
use super::measuring::{Place, repository_failure};
use super::prune::{self, Of};
use crate::cli::HistoryCommand;
use crate::context::Context;
use crate::failure::{Failure, Kind};
use crate::store::Listing;
use crate::store::index::{Synced, on_disk};

/// Brings the index up to date, or thins the runs it is of.
///
/// # Errors
/// When a name means nothing, or the index cannot be written.
pub fn exec(command: &HistoryCommand, cx: &Context) -> Result<ExitCode, Failure> {
    match command {
        HistoryCommand::Sync {
            references,
            manifest_path,
        } => sync(cx, manifest_path.as_deref(), references),
        HistoryCommand::Prune(args) => prune::exec(Of::History, args, cx),
    }
}

fn sync(cx: &Context, manifest: Option<&Path>, references: &[String]) -> Result<ExitCode, Failure> {
    let place = Place::find(cx, manifest)?;
    let repository = place.repository.as_ref();
    let mut tips = Vec::new();
    for reference in references {
        tips.push(Some(Shelf::look_up(repository, reference)?.1.commit));
    }
    if tips.is_empty() {
        // Before the first commit, and outside git, there are still the folders.
        let head = repository.and_then(|repository| repository.look_up("HEAD").ok());
        tips.push(head.map(|head| head.commit));
    }
    let root = &place.workspace.root;
    let listings = tips
        .iter()
        .map(|tip| Listing::at(root, repository, tip.as_ref()).map_err(repository_failure))
        .collect::<Result<Vec<Listing>, Failure>>()?;
    let brought = on_disk(root, cx.now, |index| {
        index.check()?;
        listings
            .iter()
            .map(|listing| Synced::with(index, listing, repository))
            .collect::<Result<Vec<Synced>, _>>()
    });
    let (brought, note) = brought.map_err(|error| {
        Failure::said(Kind::Store, format!("the index of all runs: {error}"))
            .help("runs themselves are in .perf/runs/ and baselines/, and lose nothing with it")
    })?;
    let added: usize = brought.iter().map(|synced| synced.added).sum();
    let known: usize = brought.iter().map(|synced| synced.known).sum();
    let mut faults: Vec<_> = brought
        .into_iter()
        .flat_map(|synced| synced.faults)
        .collect();
    for listing in listings {
        listing
            .notes
            .iter()
            .for_each(|note| cx.say(format!("note: {note}")));
        faults.extend(listing.faults);
    }
    if let Some(note) = note {
        cx.say(format!("note: {note}"));
    }
    faults.sort_by(|a, b| a.file.cmp(&b.file));
    faults.dedup_by(|a, b| a.file == b.file);
    cx.print(&format!(
        "new runs: {added}; files that were known: {known}\n"
    ))?;
    report_faults(cx, &faults)
}
