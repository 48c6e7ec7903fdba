//! A check: a comparison, and the alerts that were raised. One model, in each format.

mod json;
#[cfg(test)]
mod tests;
mod words;

use super::markdown;
use super::model::Report;
use super::{Look, Rendering, render};
use crate::alert::{Alert, AlertFilter, AlertKind, AlertTerms};
use crate::compare::Verdict;
use crate::trend::{Profile, Summary};

/// What a check found.
#[derive(Clone, Debug)]
pub struct CheckReport {
    /// The comparison. Its exit code is that of the whole check.
    pub compared: Report,
    /// What was raised, the gravest first.
    pub alerts: Vec<Alert>,
    /// By what it was raised.
    pub terms: AlertTerms,
    /// Which of it is shown.
    pub filter: AlertFilter,
    /// The benchmarks that were looked at, over their runs.
    pub profiles: Vec<Profile>,
    /// How many of those are how.
    pub summary: Summary,
    /// When the check began: `YYYY-MM-DDTHH:MM:SSZ`.
    pub began: Option<String>,
    /// Whether everything was stored before.
    pub from_store: bool,
}

/// What a check amounts to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SystemHealth {
    /// Something has to be looked at.
    IssuesDetected,
    /// Nothing has to, and not everything could be told.
    Unknown,
    /// Everything was compared, and nothing has to be looked at.
    Healthy,
}

impl SystemHealth {
    /// The word for it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::IssuesDetected => "issues_detected",
            Self::Unknown => "unknown",
            Self::Healthy => "healthy",
        }
    }
}

impl CheckReport {
    /// What it amounts to. Nothing compared is nothing known.
    #[must_use]
    pub fn system_health(&self) -> SystemHealth {
        let open = |verdict| {
            matches!(
                verdict,
                None | Some(Verdict::CannotTell | Verdict::Incomparable | Verdict::New)
            )
        };
        let rows = &self.compared.rows;
        if !self.alerts.is_empty() || rows.iter().any(|row| row.fails) {
            SystemHealth::IssuesDetected
        } else if rows.is_empty() || rows.iter().any(|row| open(row.verdict)) {
            SystemHealth::Unknown
        } else {
            SystemHealth::Healthy
        }
    }

    /// Alerts that the check fails by, shown or not.
    #[must_use]
    pub fn failures(&self) -> usize {
        self.alerts.iter().filter(|alert| alert.fails).count()
    }

    /// The alerts that are shown, the gravest first.
    pub fn shown(&self) -> impl Iterator<Item = &Alert> {
        self.alerts.iter().filter(|alert| self.filter.takes(alert))
    }

    /// How many are not.
    #[must_use]
    pub fn left_out(&self) -> usize {
        self.alerts.len() - self.shown().count()
    }

    /// Alerts of one kind.
    #[must_use]
    pub fn count(&self, kind: AlertKind) -> usize {
        self.alerts
            .iter()
            .filter(|alert| alert.kind == kind)
            .count()
    }

    /// Renders it. What other tools read as theirs (JUnit, OpenMetrics, annotations) shows the comparison, in which
    /// everything that fails is marked.
    #[must_use]
    pub fn render(&self, rendering: Rendering, look: Look) -> String {
        match rendering {
            Rendering::Json => self.json(),
            Rendering::Human | Rendering::Github => {
                render(&self.compared, rendering, look) + &words::human(self, look)
            }
            Rendering::Markdown | Rendering::MarkdownBrief => {
                let text = render(&self.compared, rendering, look);
                let room = markdown::MOST.saturating_sub(text.len());
                text + &words::markdown(self, room, markdown::escape)
            }
            Rendering::Junit | Rendering::Openmetrics | Rendering::Traceability => {
                render(&self.compared, rendering, look)
            }
        }
    }

    /// The document that is kept of it.
    #[must_use]
    pub fn json(&self) -> String {
        json::render(self)
    }
}
