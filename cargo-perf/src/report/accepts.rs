//! Accepted regressions, one or a list of them.

use perf_schema::{Ratio, Unit};
use serde::Serialize;

use super::Format;
use super::markdown::escape;
use super::printable::printable;
use super::quantity::{percent_change, quantity};

/// An accepted regression to be shown.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Accepted {
    /// Path from the workspace root.
    pub file: String,
    /// The benchmark.
    pub benchmark: String,
    /// The metric.
    pub metric: String,
    /// What that is counted in.
    pub unit: Unit,
    /// The level before.
    pub from: f64,
    /// The level that is accepted.
    pub to: f64,
    /// The kind of machine; none where it does not matter.
    pub class: Option<String>,
    /// Why.
    pub reason: String,
    /// Who accepted it, if they said so.
    pub who: Option<String>,
    /// The last day it counts.
    pub expires: Option<String>,
    /// Whether that is over.
    pub expired: bool,
}

impl Accepted {
    fn step(&self) -> String {
        let level = |value| quantity(value, &self.unit);
        let by = Ratio::new(self.to / self.from).map_or(String::new(), |ratio| {
            format!(" ({})", percent_change(ratio))
        });
        format!("{} → {}{by}", level(self.from), level(self.to))
    }

    fn until(&self) -> Option<String> {
        let word = if self.expired { "expired on" } else { "until" };
        self.expires.as_ref().map(|day| format!("{word} {day}"))
    }
}

/// One, for the person who made it.
#[must_use]
pub fn accepted(accepted: &Accepted) -> String {
    let mut first = format!(
        "{} of {}: {}",
        accepted.metric,
        accepted.benchmark,
        accepted.step()
    );
    if let Some(class) = &accepted.class {
        first.push_str(&format!(", on {class}"));
    }
    let said = [
        Some(accepted.reason.clone()),
        accepted
            .who
            .as_ref()
            .map(|who| format!("accepted by {who}")),
        accepted.until(),
    ];
    let said: Vec<String> = said.into_iter().flatten().collect();
    let lines = [
        first,
        format!("    {}", said.join("; ")),
        format!("    {}", accepted.file),
    ];
    lines.map(|line| format!("{}\n", printable(&line))).concat()
}

/// All of them.
#[must_use]
pub fn accepts(all: &[Accepted], format: Format) -> String {
    match format {
        // Texts and finite numbers only, which always have a JSON form.
        Format::Json => serde_json::to_string_pretty(all).unwrap_or_default() + "\n",
        _ if all.is_empty() => "nothing is accepted\n".to_owned(),
        Format::Human => all.iter().map(accepted).collect(),
        Format::Markdown => {
            let mut text =
                "| benchmark | metric | accepted | reason | until |\n|---|---|---|---|---|\n"
                    .to_owned();
            for one in all {
                let cells = [
                    one.benchmark.clone(),
                    one.metric.clone(),
                    one.step(),
                    one.reason.clone(),
                    one.until().unwrap_or_default(),
                ];
                let cells = cells.map(|cell| escape(&cell));
                text.push_str(&format!("| {} |\n", cells.join(" | ")));
            }
            text
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one() -> Accepted {
        Accepted {
            file: "baselines/accepts/0123456789ab.json".to_owned(),
            benchmark: "demo/cpu::sort".to_owned(),
            metric: "wall".to_owned(),
            unit: Unit::NANOSECONDS,
            from: 20_000.0,
            to: 24_000.0,
            class: Some("k3v9".to_owned()),
            reason: "checks | its \u{1b}[31minput".to_owned(),
            who: None,
            expires: Some("2026-12-31".to_owned()),
            expired: false,
        }
    }

    #[test]
    fn the_step_the_reason_and_the_last_day_are_told_and_made_harmless() {
        insta::assert_snapshot!(accepts(&[one()], Format::Human), @r"
        wall of demo/cpu::sort: 20.00 µs → 24.00 µs (+20.0 %), on k3v9
            checks | its  [31minput; until 2026-12-31
            baselines/accepts/0123456789ab.json
        ");
        let over = Accepted {
            expired: true,
            who: Some("Ada".to_owned()),
            ..one()
        };
        assert!(accepted(&over).contains("accepted by Ada; expired on 2026-12-31"));
        let markdown = accepts(&[one()], Format::Markdown);
        assert!(
            markdown.contains(r"| checks \| its  \[31minput |"),
            "{markdown}"
        );
        let json = accepts(&[one()], Format::Json);
        assert!(
            json.contains(r#""from": 20000.0"#) && json.contains(r#""expired": false"#),
            "{json}"
        );
        assert_eq!(accepts(&[], Format::Human), "nothing is accepted\n");
        assert_eq!(accepts(&[], Format::Json), "[]\n");
    }
}
