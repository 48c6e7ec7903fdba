//! How benchmarks developed: one model, in each format.

mod human;
mod markdown;
mod words;

use perf_schema::Sha;
use serde::Serialize;

pub use words::left_out;

use super::{Format, Look};
use crate::series::{LeftOut, Noted};
use crate::trend::{Profile, Summary, Trend};

/// Version of the JSON shape.
const VERSION: u32 = 1;

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum View {
    /// Levels, changes, classes.
    Trend,
    /// The newest results.
    Latest,
    /// Executions, reliability, health.
    Profile,
}

/// How benchmarks developed along a line of commits.
#[derive(Clone, Debug)]
pub struct TrendReport {
    /// The line, as it was named.
    pub reference: String,
    /// Its end; absent outside git.
    pub tip: Option<Sha>,
    /// The anchor, as it was named.
    pub anchor: Option<String>,
    /// How far back classes look.
    pub window_days: u32,
    /// What is asked for.
    pub view: View,
    /// How many benchmarks are how.
    pub summary: Summary,
    /// Each benchmark over its runs.
    pub profiles: Vec<Profile>,
    /// The series that are shown.
    pub trends: Vec<Trend>,
    /// Runs that are in no series.
    pub left_out: LeftOut,
    /// What is noted of commits of the line, the oldest first.
    pub noted: Vec<Noted>,
    /// What else should be known.
    pub notes: Vec<String>,
}

#[derive(Serialize)]
struct Document<'a> {
    version: u32,
    command: &'static str,
    reference: &'a str,
    tip: Option<&'a Sha>,
    anchor: Option<&'a str>,
    window_days: u32,
    summary: &'a Summary,
    trends: &'a [Trend],
    profiles: &'a [Profile],
    left_out: LeftOut,
    noted: &'a [Noted],
    notes: &'a [String],
}

impl TrendReport {
    /// Renders it.
    #[must_use]
    pub fn render(&self, format: Format, look: Look) -> String {
        match format {
            Format::Human => human::render(self, look),
            Format::Json => self.json(),
            Format::Markdown => markdown::render(self),
        }
    }

    fn json(&self) -> String {
        let document = Document {
            version: VERSION,
            command: "trend",
            reference: &self.reference,
            tip: self.tip.as_ref(),
            anchor: self.anchor.as_deref(),
            window_days: self.window_days,
            summary: &self.summary,
            trends: &self.trends,
            profiles: &self.profiles,
            left_out: self.left_out,
            noted: &self.noted,
            notes: &self.notes,
        };
        // Strings, maps with names as keys and finite numbers always have a JSON form.
        serde_json::to_string_pretty(&document).unwrap_or_default() + "\n"
    }

    /// The machine classes and builds that are shown, in order.
    fn groups(&self) -> Vec<(&str, &str)> {
        let mut groups: Vec<(&str, &str)> = match self.view {
            View::Profile => {
                let profiles = self.profiles.iter();
                profiles
                    .map(|p| (p.class.as_str(), p.build.as_str()))
                    .collect()
            }
            View::Trend | View::Latest => {
                let trends = self.trends.iter();
                trends
                    .map(|t| (t.key.class.as_str(), t.key.build.as_str()))
                    .collect()
            }
        };
        groups.sort_unstable();
        groups.dedup();
        groups
    }
}

#[cfg(test)]
mod tests;
