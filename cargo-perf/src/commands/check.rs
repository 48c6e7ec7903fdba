//! `cargo perf check`: run, record, compare, raise alerts, write a report, and one exit code for all that.

use std::collections::{HashMap, HashSet};

use perf_schema::{BenchId, ExitCode};

use super::compare::{Decided, Subject, decide, decide_stored};
use super::indexed::Line;
use super::measuring::Place;
use super::past::{Asked, Past, past, profiles};
use super::{notices, showing};
use crate::alert::{self, Alert, AlertFilter, AlertTerms, Grounds};
use crate::cli::{CheckArgs, CompareArgs, SelectArgs};
use crate::compare::rules::Rules;
use crate::context::Context;
use crate::failure::{Failure, Kind};
use crate::report::{CheckReport, Report};
use crate::store::{instant, keep_report};
use crate::trend::{AcceptedPoints, OpenAlerts, Profile, Trend, summary};

/// How far back the classes of profiles look, in days.
const WINDOW: u32 = 30;

/// Checks.
///
/// # Errors
/// When this code cannot be measured, the baseline's name means nothing, or the report cannot be written.
pub fn exec(args: &CheckArgs, cx: &Context) -> Result<ExitCode, Failure> {
    cx.hush(args.compare.quiet);
    let place = Place::find(cx, args.compare.select.manifest_path.as_deref())?;
    let rendering = showing::rendering(cx, args.compare.format, &place.config);
    let compare = compare_args(args);
    let Decided {
        report,
        alerts: terms,
        rules,
        accepted,
        notify,
        subject,
    } = if args.no_run {
        decide_stored(cx, place, &compare)?
    } else {
        decide(cx, place, &compare)?
    };
    if report.rows.is_empty() {
        return Err(nothing(&report));
    }
    let terms = AlertTerms {
        threshold: args.alert_threshold.or(terms.threshold),
        ..terms
    };
    let report = CheckReport {
        from_store: args.no_run,
        filter: AlertFilter {
            least: args.severity.unwrap_or_default(),
            kinds: args.kinds.clone(),
        },
        ..check(cx, report, terms, (&rules, &accepted), &subject)
    };
    let file = keep_report(&subject.root, cx.now, &report.json())
        .map_err(|error| Failure::new(Kind::Store, error).while_doing("the check was not kept"));
    showing::show_as(
        cx,
        &report.compared,
        rendering,
        &args.compare.output,
        &|rendering, look| report.render(rendering, look),
    )?;
    notices::send(cx, &report.compared, &notify);
    // What was found is shown whatever became of the file.
    cx.mention(format!("report: {}", file?));
    Ok(report.compared.exit_code)
}

/// A check measures, whatever is at hand.
fn compare_args(args: &CheckArgs) -> CompareArgs {
    let mut compare = args.compare.clone();
    compare.remeasure = !args.no_run && !compare.paired;
    compare.select = SelectArgs {
        filters: [compare.select.filters.as_slice(), &args.tests].concat(),
        ..compare.select
    };
    compare
}

/// That nothing was looked at is not that all is well.
fn nothing(report: &Report) -> Failure {
    let why = report.notes.first();
    let why = why.map_or(String::new(), |note| format!(": {note}"));
    Failure::said(
        Kind::Coverage,
        format!("nothing was measured, so nothing was checked{why}"),
    )
    .help("`cargo perf run` measures and shows what there is")
}

/// Raises the alerts, and brings together what was found.
fn check(
    cx: &Context,
    mut compared: Report,
    terms: AlertTerms,
    judge: (&Rules, &AcceptedPoints),
    subject: &Subject,
) -> CheckReport {
    let trends = trends(cx, judge, subject, &mut compared);
    let before = before(&trends, subject);
    let mut alerts = alert::of_results(&Grounds {
        rows: &compared.rows,
        sweeps: &compared.sweeps,
        terms: &terms,
        before: &|id, metric| before.get(&(id, metric)).cloned().unwrap_or_default(),
    });
    alerts.extend(alert::of_past(
        &profiles(&trends, |_| OpenAlerts::default()),
        &terms,
    ));
    alert::sort(&mut alerts);
    let profiles: Vec<Profile> = profiles(&trends, |id| alert::open(&alerts, id));
    compared.exit_code = alert::exit_code(&alerts, compared.exit_code);
    mark(&mut compared, &alerts);
    CheckReport {
        began: instant(cx.now),
        from_store: false,
        filter: AlertFilter::default(),
        summary: summary(&profiles, &trends),
        profiles,
        alerts,
        terms,
        compared,
    }
}

/// How the benchmarks of the report developed, on this machine class and build. A past that cannot be read is told, and takes
/// nothing from what was measured now.
fn trends(
    cx: &Context,
    (rules, accepted): (&Rules, &AcceptedPoints),
    subject: &Subject,
    compared: &mut Report,
) -> Vec<Trend> {
    let shown: HashSet<&BenchId> = compared.rows.iter().map(|row| &row.id).collect();
    let found = past(
        cx.now,
        &Asked {
            line: Line {
                root: &subject.root,
                repository: subject.repository.as_ref(),
                tip: subject.commit.as_ref().map(|commit| &commit.sha),
            },
            anchor: None,
            window_days: WINDOW,
            takes: &|id| shown.contains(id),
            machine: Some(&subject.class),
            rules,
            // Alerts are of measurements.
            noted: &[],
            accepted,
        },
    );
    match found {
        Ok(Past { trends, .. }) => trends
            .into_iter()
            .filter(|trend| trend.key.build == subject.build)
            .collect(),
        Err(failure) => {
            compared.notes.push(format!(
                "earlier runs could not be asked, so nothing is said of reliability and health, and no rule that asks for \
                 several runs comes true: {}",
                failure.message()
            ));
            Vec::new()
        }
    }
}

/// The values before this code, oldest first: of the line that it stands on, without its own.
fn before<'a>(trends: &'a [Trend], subject: &Subject) -> HashMap<(&'a BenchId, &'a str), Vec<f64>> {
    let own = subject.commit.as_ref().filter(|commit| !commit.dirty);
    let is_own = |trend: &Trend| {
        let latest = trend
            .latest
            .as_ref()
            .and_then(|latest| latest.commit.as_ref());
        match (latest, own) {
            (Some(latest), Some(own)) => latest.sha == own.sha,
            // Outside git the newest run is the one that was just kept.
            (None, _) => subject.repository.is_none(),
            (Some(_), None) => false,
        }
    };
    trends
        .iter()
        .map(|trend| {
            let mut values = trend.values.clone();
            if is_own(trend) {
                values.pop();
            }
            ((&trend.key.id, trend.key.metric.as_str()), values)
        })
        .collect()
}

/// Marks what fails by an alert, so that every format tells the same.
fn mark(compared: &mut Report, alerts: &[Alert]) {
    for row in &mut compared.rows {
        row.fails |= alerts
            .iter()
            .any(|alert| alert.fails && alert.benchmark == row.id);
    }
}
