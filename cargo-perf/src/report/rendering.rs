//! The ways in which a comparison is shown, and files that take further ones.

use std::path::PathBuf;
use std::str::FromStr;

use clap::ValueEnum;

use super::{Format, Look, Report, github, json, junit, markdown, openmetrics, terminal, trace};

/// How a run, a comparison or a report is rendered: what [`Format`] has, and what only these have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Rendering {
    /// A table for a terminal.
    #[default]
    Human,
    /// JSON for programs; `cargo perf report --schema` prints its schema.
    Json,
    /// Markdown, for a comment in a pull request.
    Markdown,
    /// The same in short: what changed and what to do.
    MarkdownBrief,
    /// The table, and annotations at the lines of benchmarks; in GitHub Actions also the job's summary and outputs.
    Github,
    /// JUnit XML, one test case for each benchmark.
    Junit,
    /// OpenMetrics text, to be picked up by Prometheus.
    Openmetrics,
    /// Markdown of what is tracked, how it stands and since when.
    Traceability,
}

impl From<Format> for Rendering {
    fn from(format: Format) -> Self {
        match format {
            Format::Human => Self::Human,
            Format::Json => Self::Json,
            Format::Markdown => Self::Markdown,
        }
    }
}

impl Rendering {
    /// How failures are told where results are shown so.
    #[must_use]
    pub const fn errors(self) -> Format {
        match self {
            Self::Json => Format::Json,
            _ => Format::Human,
        }
    }
}

/// A file that takes the report in one more way: `FORMAT=FILE`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Output {
    /// How it is rendered.
    pub rendering: Rendering,
    /// Where it goes.
    pub file: PathBuf,
}

impl FromStr for Output {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (format, file) = text
            .split_once('=')
            .filter(|(_, file)| !file.is_empty())
            .ok_or("write it as FORMAT=FILE, such as markdown=comment.md")?;
        Ok(Self {
            rendering: Rendering::from_str(format, false)?,
            file: PathBuf::from(file),
        })
    }
}

/// Renders a report. `look` matters to what is for a terminal only.
#[must_use]
pub fn render(report: &Report, rendering: Rendering, look: Look) -> String {
    match rendering {
        Rendering::Human => terminal::render(report, look),
        Rendering::Json => json::render(report),
        Rendering::Markdown => markdown::render(report, markdown::Length::Full),
        Rendering::MarkdownBrief => markdown::render(report, markdown::Length::Brief),
        Rendering::Github => github::render(report, look),
        Rendering::Junit => junit::render(report),
        Rendering::Openmetrics => openmetrics::render(report),
        Rendering::Traceability => trace::render(report),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_named_with_its_format() {
        let output: Output = "markdown-brief=a=b.md".parse().unwrap();
        assert_eq!(output.rendering, Rendering::MarkdownBrief);
        assert_eq!(output.file, PathBuf::from("a=b.md"));
        for text in ["", "json", "json=", "=x", "xml=x"] {
            assert!(text.parse::<Output>().is_err(), "{text}");
        }
    }
}
