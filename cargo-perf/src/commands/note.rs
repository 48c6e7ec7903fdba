//! `cargo perf note`: what somebody wants to be known of a commit, kept beside the baselines and shown where its measurements are.

use std::collections::HashSet;

use perf_schema::{ExitCode, NOTE_VERSION, Note, Sha};

use super::baseline::{Shelf, report_faults};
use super::measuring::{Place, repository_failure};
use super::run::saving_failed;
use crate::cli::NoteArgs;
use crate::context::Context;
use crate::failure::{Failure, Kind};
use crate::report::{ListedNote, notes_listing, printable};
use crate::store::{Baselines, CommittedBaselines, Fault, Notes, StoredNote};

/// The fewest digits that name a note.
const LEAST_DIGITS: usize = 4;

/// Writes a note, lists those there are, or removes one.
///
/// # Errors
/// When the commit is not known, or the file cannot be written or removed.
pub fn exec(args: &NoteArgs, cx: &Context) -> Result<ExitCode, Failure> {
    let place = Place::find(cx, args.manifest_path.as_deref())?;
    if args.list {
        return list(cx, &place, args);
    }
    if let Some(id) = &args.remove {
        return remove(cx, &place, id);
    }
    let (commit, text) = (args.commit.as_deref(), args.text.as_deref());
    let (repository, target) =
        Shelf::look_up(place.repository.as_ref(), commit.unwrap_or_default())?;
    let source_tree = repository
        .source_tree_of(&target.commit)
        .map_err(repository_failure)?;
    let note = Note {
        schema: NOTE_VERSION,
        commit: target.commit,
        source_tree: Some(source_tree),
        text: text.unwrap_or_default().trim().to_owned(),
        who: args.who.clone(),
    };
    note.check().map_err(|wrong| {
        Failure::said(Kind::Usage, format!("the note was not written: {wrong}"))
    })?;
    let saved = Baselines::at(&place.workspace.root)
        .note(&note)
        .map_err(|error| saving_failed(error, "the note was not written"))?;
    let how = if saved.already_there {
        "was there already"
    } else {
        "is new; commit it, so that everybody sees it"
    };
    cx.print(&format!(
        "{}: {}\n{} {how}\n",
        note.commit.short(12),
        printable(&note.text),
        saved.file
    ))?;
    Ok(ExitCode::Fine)
}

fn list(cx: &Context, place: &Place, args: &NoteArgs) -> Result<ExitCode, Failure> {
    let format = place.format(cx, args.format);
    let Notes { notes, faults } = match &args.reference {
        None => Baselines::at(&place.workspace.root).notes(),
        Some(reference) => {
            let (_, target) = Shelf::look_up(place.repository.as_ref(), reference)?;
            committed(place, &target.commit)?
        }
    };
    let of = |stored: StoredNote| ListedNote {
        id: stored.id.as_str().to_owned(),
        file: stored.file,
        commit: stored.note.commit.as_str().to_owned(),
        text: stored.note.text,
        who: stored.note.who,
    };
    let listed: Vec<ListedNote> = notes.into_iter().map(of).collect();
    cx.print(&notes_listing(&listed, format))?;
    report_faults(cx, &faults)
}

fn remove(cx: &Context, place: &Place, id: &str) -> Result<ExitCode, Failure> {
    let root = &place.workspace.root;
    let notes = Baselines::at(root).notes().notes;
    let is_it = |stored: &&StoredNote| stored.id.as_str().starts_with(id) || stored.file == id;
    let found: Vec<&StoredNote> = notes.iter().filter(is_it).collect();
    let [stored] = found.as_slice() else {
        let said = match found.len() {
            0 => format!("no note here has an id that begins with `{id}`"),
            many => format!("{many} notes have an id that begins with `{id}`"),
        };
        return Err(Failure::said(Kind::Usage, printable(&said))
            .help("`cargo perf note --list` shows them"));
    };
    if id.len() < LEAST_DIGITS {
        return Err(Failure::said(
            Kind::Usage,
            format!("type at least {LEAST_DIGITS} digits of a note's id"),
        ));
    }
    std::fs::remove_file(root.join(&stored.file)).map_err(|error| {
        let what = format!("{} was not removed", stored.file);
        Failure::new(Kind::Store, anyhow::Error::new(error).context(what))
    })?;
    cx.print(&format!(
        "{} is removed: {}\n",
        stored.file,
        printable(&stored.note.text)
    ))?;
    Ok(ExitCode::Fine)
}

fn committed(place: &Place, commit: &Sha) -> Result<Notes, Failure> {
    let Some(repository) = &place.repository else {
        return Ok(Notes::default());
    };
    let committed = CommittedBaselines::of(repository, commit).map_err(repository_failure)?;
    Ok(committed.notes())
}

/// The notes at the end of a line and in the working tree, each once, and the files that are none.
///
/// # Errors
/// When git cannot be read.
pub(super) fn at(place: &Place, tip: Option<&Sha>) -> Result<(Vec<Note>, Vec<Fault>), Failure> {
    let here = Baselines::at(&place.workspace.root).notes();
    let there = match tip {
        Some(tip) => committed(place, tip)?,
        None => Notes::default(),
    };
    let mut known = HashSet::new();
    let all = there.notes.into_iter().chain(here.notes);
    let notes = all
        .filter(|stored| known.insert(stored.id.clone()))
        .map(|stored| stored.note);
    let notes = notes.collect();
    let mut faults = there.faults;
    faults.extend(here.faults);
    faults.sort_by(|a, b| a.file.cmp(&b.file));
    faults.dedup_by(|a, b| a.file == b.file);
    Ok((notes, faults))
}
