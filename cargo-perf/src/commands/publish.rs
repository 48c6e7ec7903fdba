//! `cargo perf publish`: what a comparison came to, where it is read. It judges nothing: its exit code says whether the text
//! is there, and not what the text says.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use perf_schema::ExitCode;

use crate::cli::PublishArgs;
use crate::context::Context;
use crate::failure::{Failure, Kind};
use crate::publish::courier::Courier;
use crate::publish::event::{self, Event, Run};
use crate::publish::github::GitHub;
use crate::publish::gitlab::{GitLab, Project};
use crate::publish::sticky::{self, Done, Forge, Place};
use crate::publish::wire::Network;
use crate::publish::{Address, PublishError, untrusted};

/// The largest text that is read, in bytes. GitHub takes less.
const LARGEST: u64 = 1 << 20;

/// Finds out where the text belongs, and puts it there.
///
/// # Errors
/// When there is no text, no place for it, or the forge does not take it.
pub fn exec(args: &PublishArgs, cx: &Context) -> Result<ExitCode, Failure> {
    let network = Network::default();
    let courier = Courier::new(&network, &std::thread::sleep, cx.now);
    match (&args.untrusted, &args.file) {
        (Some(file), _) => of_a_fork(cx, args, courier, &cx.directory.join(file)),
        (None, Some(file)) => own(cx, args, courier, &cx.directory.join(file)),
        (None, None) => Err(Failure::said(Kind::Usage, "there is nothing to publish")),
    }
}

/// A text of our own, for the pull request that the job runs for or the one that is named.
fn own(
    cx: &Context,
    args: &PublishArgs,
    courier: Courier<'_>,
    file: &Path,
) -> Result<ExitCode, Failure> {
    let bytes = bounded(file, LARGEST)?;
    let text = String::from_utf8(bytes).map_err(|error| unreadable(file, error))?;
    if args.dry_run {
        cx.print(&sticky::marked(&args.name, &text).map_err(failed)?)?;
        return Ok(ExitCode::Fine);
    }
    let issue = || args.issue.clone().map(Place::Issue);
    if let Some(project) = &args.project {
        let place = issue().or(args.merge_request.map(Place::Change));
        let place = place.ok_or_else(|| {
            Failure::said(Kind::Usage, "this job runs for no merge request")
                .help("--merge-request NUMBER, or --issue TITLE")
        })?;
        return put(
            cx,
            args,
            &gitlab(cx, args, project, courier)?,
            &place,
            &text,
        );
    }
    let place = match issue() {
        Some(place) => place,
        None => Place::Change(number(cx, args)?),
    };
    put(cx, args, &github(cx, args, courier)?, &place, &text)
}

/// A text made of what a stranger's run left behind, for the pull request that GitHub says that run was of.
fn of_a_fork(
    cx: &Context,
    args: &PublishArgs,
    courier: Courier<'_>,
    file: &Path,
) -> Result<ExitCode, Failure> {
    let run = match event(cx)? {
        Event::WorkflowRun(run) => run,
        _ => {
            return Err(Failure::said(
                Kind::Usage,
                "--untrusted is for a job that runs after another workflow (on: workflow_run), which is who knows the pull request",
            ));
        }
    };
    let hostile = |error| {
        Failure::new(Kind::Usage, error).while_doing(format!("{} is not published", file.display()))
    };
    let bytes = untrusted::read(file).map_err(hostile)?;
    // Read before anybody is asked: what is no report is worth no request.
    untrusted::comment(&bytes, "").map_err(hostile)?;
    let github = github(cx, args, courier)?;
    let Some(verified) = verified(cx, &run, &github)? else {
        return Ok(ExitCode::Fine);
    };
    let text = untrusted::comment(&bytes, &verified.head).map_err(hostile)?;
    if args.dry_run {
        cx.print(&sticky::marked(&args.name, &text).map_err(failed)?)?;
        return Ok(ExitCode::Fine);
    }
    put(cx, args, &github, &Place::Change(verified.number), &text)
}

/// A run that is outdated or was of something else is no failure, and nothing is published of it.
fn verified(
    cx: &Context,
    run: &Run,
    github: &GitHub<'_>,
) -> Result<Option<event::Verified>, Failure> {
    match run.verify(github).map_err(failed)? {
        Ok(verified) => Ok(Some(verified)),
        Err(why) => {
            cx.say(format!("nothing is published: {why}"));
            Ok(None)
        }
    }
}

fn put(
    cx: &Context,
    args: &PublishArgs,
    forge: &dyn Forge,
    place: &Place,
    text: &str,
) -> Result<ExitCode, Failure> {
    let kept = sticky::keep(forge, place, &args.name, text);
    let (done, address) = kept.map_err(|error| refused(error, args))?;
    let what = match (place, &args.project) {
        (Place::Change(number), None) => format!("comment of pull request {number}"),
        (Place::Change(number), Some(_)) => format!("comment of merge request {number}"),
        (Place::Issue(_), _) => "issue".to_owned(),
    };
    let done = match done {
        Done::Made => "made",
        Done::Changed => "changed",
        Done::Kept => "left as it is",
    };
    let at = address.map_or(String::new(), |address| format!(": {address}"));
    cx.say(format!("{what} {done}{at}"));
    Ok(ExitCode::Fine)
}

fn number(cx: &Context, args: &PublishArgs) -> Result<u64, Failure> {
    if let Some(number) = args.pull_request {
        return Ok(number);
    }
    match event(cx)? {
        Event::PullRequest(number) => Ok(number),
        Event::WorkflowRun(_) => Err(Failure::said(
            Kind::Usage,
            "this job runs after another workflow, and what that left behind is not ours",
        )
        .help("--untrusted FILE, with its JSON")),
        Event::Other => Err(
            Failure::said(Kind::Usage, "this job runs for no pull request")
                .help("--pull-request NUMBER, or --issue TITLE"),
        ),
    }
}

fn event(cx: &Context) -> Result<Event, Failure> {
    let Some(file) = &cx.ci.github_event else {
        return Err(Failure::said(
            Kind::Usage,
            "it is not known for which pull request this is: GITHUB_EVENT_PATH is not set",
        )
        .help("--pull-request NUMBER"));
    };
    let bytes = bounded(file, event::LARGEST)?;
    Event::read(&bytes).map_err(|error| unreadable(file, error))
}

fn github<'a>(
    cx: &Context,
    args: &PublishArgs,
    courier: Courier<'a>,
) -> Result<GitHub<'a>, Failure> {
    let repository = args.repository.clone().ok_or_else(|| {
        Failure::said(
            Kind::Usage,
            "the repository is not known: GITHUB_REPOSITORY is not set",
        )
        .help("--repository OWNER/NAME")
    })?;
    let token = cx.ci.github_token.clone().ok_or_else(|| {
        Failure::said(Kind::Usage, "GITHUB_TOKEN is not set").help(
            "in a workflow: env: GITHUB_TOKEN: ${{ github.token }}; --dry-run prints the text instead",
        )
    })?;
    Ok(GitHub {
        courier,
        api: match &args.api {
            Some(api) => api.clone(),
            None => known("https://api.github.com")?,
        },
        repository,
        token,
    })
}

fn gitlab<'a>(
    cx: &Context,
    args: &PublishArgs,
    project: &Project,
    courier: Courier<'a>,
) -> Result<GitLab<'a>, Failure> {
    let token = cx.ci.gitlab_token.clone().ok_or_else(|| {
        Failure::said(Kind::Usage, "GITLAB_TOKEN is not set")
            .help("a project access token with the scope `api`, as a masked variable; --dry-run prints the text instead")
    })?;
    let of_job = cx.ci.gitlab_api.as_deref();
    Ok(GitLab {
        courier,
        api: match &args.api {
            Some(api) => api.clone(),
            None => known(of_job.unwrap_or("https://gitlab.com/api/v4"))?,
        },
        project: project.clone(),
        token,
    })
}

/// An address that nobody typed.
fn known(address: &str) -> Result<Address, Failure> {
    let parsed = address.parse();
    parsed.map_err(|why: String| Failure::said(Kind::Usage, format!("CI_API_V4_URL: {why}")))
}

fn bounded(file: &Path, most: u64) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    File::open(file)
        .and_then(|opened| opened.take(most + 1).read_to_end(&mut bytes))
        .map_err(|error| unreadable(file, error))?;
    match bytes.len() as u64 <= most {
        true => Ok(bytes),
        false => Err(Failure::said(
            Kind::Usage,
            format!("{} is larger than {} KiB", file.display(), most >> 10),
        )),
    }
}

fn unreadable(file: &Path, error: impl Into<anyhow::Error>) -> Failure {
    Failure::new(Kind::Usage, error.into()).while_doing(format!("reading {}", file.display()))
}

/// The same of whoever was asked to write.
fn refused(error: PublishError, args: &PublishArgs) -> Failure {
    let is_about_rights = matches!(
        error,
        PublishError::Refused {
            status: 401 | 403 | 404,
            ..
        }
    );
    match &args.project {
        Some(_) if is_about_rights => Failure::new(Kind::Setup, error)
            .help("GITLAB_TOKEN has to be a project access token with the scope `api` and the role Reporter; that of a job may not write comments"),
        _ => failed(error),
    }
}

fn failed(error: PublishError) -> Failure {
    let help = match &error {
        PublishError::Refused { status: 401, .. } => {
            Some("the token has expired, or is of somebody else")
        }
        PublishError::Refused {
            status: 403 | 404, ..
        } => Some(
            "the job needs `permissions: pull-requests: write` (or `issues: write`); the job of a fork never has it: publish --untrusted",
        ),
        _ => None,
    };
    let failure = Failure::new(Kind::Setup, error);
    match help {
        Some(help) => failure.help(help),
        None => failure,
    }
}
