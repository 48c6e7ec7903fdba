//! A step of a series in words, wherever it is told.

use perf_schema::Ratio;

use super::percent_change;
use super::printable::printable;
use crate::trend::Step;

/// What changed: `+40.0 %`.
pub(super) fn change(step: &Step) -> String {
    step.ratio.map_or_else(|| "from zero".to_owned(), percent)
}

/// How sure that is, and which commits may be to blame.
pub(super) fn circumstances(step: &Step) -> String {
    let interval = step.interval.map(in_brackets).unwrap_or_default();
    let place = match (&step.after, &step.by) {
        (Some(_), Some(by)) if step.commits == 1 => {
            format!(" at {} {}", by.sha.short(7), printable(&by.subject))
        }
        (Some(after), Some(by)) => format!(
            " after {}, up to {} ({} commits)",
            after.sha.short(7),
            by.sha.short(7),
            step.commits
        ),
        _ => String::new(),
    };
    let provisional = if step.provisional {
        "; provisional, until more runs follow"
    } else {
        ""
    };
    let accepted = step.accepted.as_ref();
    let accepted = accepted.map(|reason| format!("; accepted: {}", printable(reason)));
    format!(
        "{interval}{place}{provisional}{}",
        accepted.unwrap_or_default()
    )
}

pub(super) fn percent(ratio: f64) -> String {
    Ratio::new(ratio).map_or_else(|| "to zero".to_owned(), percent_change)
}

pub(super) fn in_brackets((low, high): (f64, f64)) -> String {
    format!(" [{}, {}]", percent(low), percent(high))
}
