//! `cargo perf export`: what is known of all runs, for other programs. Nothing is measured and nothing judged.

mod entries;
mod sink;

use std::io::{self, Write};

use perf_schema::{BenchId, ExitCode, Sha};

use super::indexed::{Indexed, ask_along};
use super::measuring::{Place, repository_failure, repository_tip};
use crate::cli::{ExportCommand, ExportCsvArgs, ExportJsonArgs, ExportedArgs};
use crate::context::Context;
use crate::export::{Columns, Document, Head, Names, Table, schema};
use crate::failure::{Failure, Kind};
use crate::plan::{Selection, Wanted};
use crate::report::left_out;
use crate::store::index::IndexError;
use crate::store::{Listing, export_key, instant};
use entries::{Entries, Want};
use sink::Sink;

/// Writes an export.
///
/// # Errors
/// When a name means nothing, the runs cannot be read, or the export cannot be written.
pub fn exec(command: &ExportCommand, cx: &Context) -> Result<ExitCode, Failure> {
    match command {
        ExportCommand::Csv(args) => csv(args, cx),
        ExportCommand::Json(args) if args.schema => {
            cx.print(schema())?;
            Ok(ExitCode::Fine)
        }
        ExportCommand::Json(args) => json(args, cx),
    }
}

fn csv(args: &ExportCsvArgs, cx: &Context) -> Result<ExitCode, Failure> {
    let (columns, want) = if args.compat {
        (Columns::Compat, Want::SPREAD)
    } else {
        (Columns::Full, Want::FIGURES)
    };
    export(&args.what, want, cx, |entries, about, to| {
        let mut table = Table::begin(to, columns, about.names, &args.metrics)?;
        entries.each(&mut |entry| table.entry(entry))?;
        Ok(table.end()?)
    })
}

fn json(args: &ExportJsonArgs, cx: &Context) -> Result<ExitCode, Failure> {
    let want = if args.samples {
        Want::SAMPLES
    } else {
        Want::DETAILS
    };
    export(&args.what, want, cx, |entries, about, to| {
        let head = Head {
            reference: args.what.reference.as_deref(),
            tip: about.tip.map(Sha::as_str),
            generated: instant(cx.now),
            left_out: entries.left_out(),
        };
        let mut document = Document::begin(to, &head, about.names)?;
        entries.each(&mut |entry| document.entry(entry))?;
        Ok(document.end()?)
    })
}

/// What surrounds the entries.
struct AboutExport<'a> {
    names: &'a Names,
    tip: Option<&'a Sha>,
}

/// Why an export ended early.
#[derive(Debug)]
enum Ended {
    /// The index could not be read.
    Index(IndexError),
    /// It could not be written.
    Write(io::Error),
}

impl From<IndexError> for Ended {
    fn from(error: IndexError) -> Self {
        Self::Index(error)
    }
}

impl From<io::Error> for Ended {
    fn from(error: io::Error) -> Self {
        Self::Write(error)
    }
}

fn export(
    args: &ExportedArgs,
    want: Want,
    cx: &Context,
    write: impl Fn(&Entries<'_>, &AboutExport<'_>, &mut dyn Write) -> Result<(), Ended>,
) -> Result<ExitCode, Failure> {
    let place = Place::find(cx, args.manifest_path.as_deref())?;
    let tip = repository_tip(place.repository.as_ref(), args.reference.as_deref())?;
    let names = names(args, &place, tip.as_ref())?;
    let selection = Selection {
        filters: args.filters.clone(),
        exact: args.exact,
        ignored: true,
        wanted: Wanted::InQuiet,
    };
    let about = AboutExport {
        names: &names,
        tip: tip.as_ref(),
    };
    let mut sink = Sink::open(cx, args.output.as_deref())?;
    let (exported, notes) = ask_along(cx.now, &place.line(tip.as_ref()), |indexed| {
        let Indexed {
            index, runs, order, ..
        } = indexed;
        let takes = |id: &BenchId| selection.takes(id, false);
        let entries = Entries::new(index, &order, runs, args, want, &takes);
        // A damaged index is built anew and asked again; what was written before that is of no use.
        let begun = sink.begin();
        let done = begun
            .map_err(Ended::from)
            .and_then(|()| write(&entries, &about, &mut sink));
        match done {
            Ok(()) => Ok(Ok((entries.written(), entries.left_out()))),
            Err(Ended::Index(error)) => Err(error),
            Err(Ended::Write(error)) => Ok(Err(error)),
        }
    })?;
    let written = match exported {
        Ok((written, left)) => {
            notes_of(cx, &notes, (!args.all).then_some(left));
            written
        }
        Err(error) => return sink.refused(error),
    };
    sink.deliver()?;
    if written == 0 {
        // No failure in the form of one: what was written is a whole document, and may be all that somebody waits for.
        cx.say(format!("error: {}", nothing(args)));
        return Ok(ExitCode::Coverage);
    }
    Ok(ExitCode::Fine)
}

fn notes_of(cx: &Context, notes: &[String], left: Option<crate::series::LeftOut>) {
    let mut left = left.and_then(left_out);
    if let Some(left) = &mut left {
        left.push_str("; --all exports them, too");
    }
    for note in notes.iter().chain(&left) {
        cx.say(format!("note: {note}"));
    }
}

fn names(args: &ExportedArgs, place: &Place, tip: Option<&Sha>) -> Result<Names, Failure> {
    if !args.hash_names {
        return Ok(Names::Plain);
    }
    let root = &place.workspace.root;
    let listing = Listing::at(root, place.repository.as_ref(), tip).map_err(repository_failure)?;
    if !listing.is_local {
        return Err(Failure::said(
            Kind::Setup,
            "names cannot be hashed: .perf/ is committed, so that its key is known to everybody who has the repository",
        )
        .help("git rm -r --cached .perf, and remove .perf/export-key"));
    }
    let key = export_key(root).map_err(|error| Failure::new(Kind::Store, error))?;
    Ok(Names::Hashed(key))
}

fn nothing(args: &ExportedArgs) -> &'static str {
    if args.filters.is_empty() && args.machine.is_none() {
        "no run is known on this line, so the export is empty; `cargo perf run` keeps a run, and --all exports those of other branches \
         and of uncommitted code, too"
    } else {
        "no run on this line has such a benchmark, so the export is empty; `cargo perf trend` lists those there are"
    }
}
