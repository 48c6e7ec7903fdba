//! What `doctor` found, in each format.

use perf_schema::ExitCode;
use serde::Serialize;

use super::markdown::escape;
use super::printable::printable;
use super::table::wrapped;
use super::{Format, Look};
use crate::doctor::{Finding, Level};

/// Version of the JSON shape.
const VERSION: u32 = 1;

/// Room for the longest word of a level.
const LEVEL: usize = 7;

/// What was found, in the order it was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnosis {
    /// Each finding.
    pub findings: Vec<Finding>,
}

#[derive(Serialize)]
struct Document<'a> {
    version: u32,
    command: &'static str,
    exit_code: u8,
    findings: &'a [Finding],
}

impl Diagnosis {
    /// The exit code: only what makes measuring impossible is a failure.
    #[must_use]
    pub fn exit_code(&self) -> ExitCode {
        if self.findings.iter().any(|finding| finding.blocks) {
            ExitCode::Setup
        } else {
            ExitCode::Fine
        }
    }

    /// Renders it.
    #[must_use]
    pub fn render(&self, format: Format, look: Look) -> String {
        match format {
            Format::Human => self.human(look),
            Format::Json => self.json(),
            Format::Markdown => self.markdown(),
        }
    }

    fn count(&self, level: Level) -> usize {
        self.findings
            .iter()
            .filter(|finding| finding.level == level)
            .count()
    }

    fn summary(&self) -> String {
        let problems = match self.count(Level::Problem) {
            1 => "1 problem".to_owned(),
            count => format!("{count} problems"),
        };
        let (advice, fine) = (self.count(Level::Advice), self.count(Level::Ok));
        format!(
            "{problems}, {advice} with advice, {fine} as it should be, {} unknown",
            self.count(Level::Unknown)
        )
    }

    fn human(&self, look: Look) -> String {
        let names = self.findings.iter().map(|found| found.name.chars().count());
        let width = names.max().unwrap_or(0);
        let mut text = String::new();
        for finding in &self.findings {
            let (level, name) = (finding.level.word(), finding.name);
            // Where a line is too long it goes on below itself.
            let margin = " ".repeat(LEVEL + 2 + width + 2);
            let found = wrapped(&printable(&finding.found), &margin, look.width);
            let begin = format!("{level:<LEVEL$}  {name:<width$}  {}", found.trim_start());
            text.push_str(begin.trim_end());
            text.push('\n');
            // What helps may be a command, which is copied whole: so it has more room.
            let margin = " ".repeat(LEVEL + 2);
            for more in [&finding.why, &finding.help] {
                if !more.is_empty() {
                    text.push_str(&wrapped(&printable(more), &margin, look.width));
                }
            }
        }
        text.push('\n');
        text + &wrapped(&self.summary(), "", look.width)
    }

    fn markdown(&self) -> String {
        let mut text = format!(
            "### cargo perf doctor: {}\n\n| level | what | found | why | what helps |\n|---|---|---|---|---|\n",
            self.summary()
        );
        for finding in &self.findings {
            let cells = [
                finding.level.word(),
                finding.name,
                &finding.found,
                &finding.why,
                &finding.help,
            ];
            text.push_str(&format!("| {} |\n", cells.map(escape).join(" | ")));
        }
        text
    }

    fn json(&self) -> String {
        let document = Document {
            version: VERSION,
            command: "doctor",
            exit_code: self.exit_code().code(),
            findings: &self.findings,
        };
        // Strings and numbers are all that is in it, and those always have a JSON form.
        serde_json::to_string_pretty(&document).unwrap_or_default() + "\n"
    }
}
