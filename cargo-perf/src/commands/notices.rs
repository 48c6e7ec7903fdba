//! What a run or a comparison came to, told where somebody asked for it. A notice that does not arrive is warned of and changes
//! nothing else.

use serde::Serialize;

use crate::context::Context;
use crate::publish::courier::Courier;
use crate::publish::wire::Network;
use crate::publish::{Channel, Notify, desktop, webhook};
use crate::report::{Report, headline, printable};

/// Version of the shape of what a webhook gets.
const VERSION: u32 = 1;

/// Benchmarks that a notice names.
const NAMED: usize = 50;

/// What a webhook gets. Members are only ever added.
#[derive(Serialize)]
struct Document<'a> {
    version: u32,
    /// Seconds since 1970: whoever gets the same notice again can tell by it.
    sent: i64,
    command: &'static str,
    headline: String,
    exit_code: u8,
    /// How many benchmarks stand against the change.
    failures: usize,
    candidate: &'a str,
    baseline: Option<&'a str>,
    /// Those that stand against the change; fifty at most.
    benchmarks: Vec<Named<'a>>,
}

#[derive(Serialize)]
struct Named<'a> {
    id: String,
    verdict: Option<&'static str>,
    severity: &'static str,
    reason: &'a str,
}

/// Tells all who asked, if there is something to tell.
pub(super) fn send(cx: &Context, report: &Report, notify: &Notify) {
    let is_fine = report.exit_code.code() == 0;
    if is_fine && !notify.always {
        return;
    }
    let headline = headline(report, str::to_owned);
    for channel in &notify.channels {
        let sent = match channel {
            Channel::Desktop => {
                let title = format!("cargo perf: {}", printable(&headline));
                desktop::show(&cx.search_path, &title, &printable(&report.candidate))
            }
            Channel::Webhook(address) => {
                let network = Network::default();
                let courier = Courier::new(&network, &std::thread::sleep, cx.now);
                let document = document(report, headline.clone(), cx.now);
                webhook::send(&courier, address, cx.ci.webhook_key.as_ref(), document)
                    .map_err(|error| error.to_string())
            }
        };
        if let Err(why) = sent {
            cx.say(format!("warning: a notice was not delivered: {why}"));
        }
    }
}

fn document(report: &Report, headline: String, now: i64) -> String {
    let failing = report.rows.iter().filter(|row| row.fails);
    let document = Document {
        version: VERSION,
        sent: now,
        command: report.command.word(),
        headline,
        exit_code: report.exit_code.code(),
        failures: failing.clone().count(),
        candidate: &report.candidate,
        baseline: report.baseline.as_deref(),
        benchmarks: failing
            .take(NAMED)
            .map(|row| Named {
                id: row.id.to_string(),
                verdict: row.verdict.map(|verdict| verdict.word()),
                severity: row.severity().word(),
                reason: &row.reason,
            })
            .collect(),
    };
    // Texts and whole numbers always have a form in JSON.
    serde_json::to_string(&document).unwrap_or_default()
}
