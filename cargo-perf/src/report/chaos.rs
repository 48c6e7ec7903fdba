//! Benchmarks under stress: how much slower, and how soon as fast as before.

mod json;
#[cfg(test)]
mod tests;

use perf_runner::Effect;
use perf_schema::{BenchId, ChaosPlan, ExitCode, Stress, Unit};

use super::markdown::{code, escape};
use super::printable::{printable, printable_lines};
use super::quantity::quantity;
use super::table::{Column, Line, WIDTH, draw, wrapped};
use super::{Format, Look};
use crate::compare::chaos::{Degraded, Recovered};

/// What was seen under stress.
#[derive(Clone, Debug, PartialEq)]
pub struct ChaosReport {
    /// What it is of: branch, commit, machine class.
    pub title: String,
    /// The benchmarks.
    pub rows: Vec<ChaosRow>,
    /// What else should be known.
    pub notes: Vec<String>,
}

/// A benchmark under stress.
#[derive(Clone, Debug, PartialEq)]
pub struct ChaosRow {
    /// Which one.
    pub id: BenchId,
    /// What it was under.
    pub plan: ChaosPlan,
    /// What that came to; absent where it failed in its first round.
    pub degraded: Option<Degraded>,
    /// Why it failed, if it did.
    pub failure: Option<String>,
}

impl ChaosReport {
    /// The exit code: slower is no failure here, and a failure is.
    #[must_use]
    pub fn exit_code(&self) -> ExitCode {
        if self.rows.iter().any(|row| row.failure.is_some()) {
            ExitCode::Benchmark
        } else {
            ExitCode::Fine
        }
    }

    /// Renders it.
    #[must_use]
    pub fn render(&self, format: Format, look: Look) -> String {
        match format {
            Format::Human => self.human(look),
            Format::Markdown => self.markdown(),
            Format::Json => json::render(self),
        }
    }

    fn human(&self, look: Look) -> String {
        let mut text = wrapped(&printable(&self.title), "", look.width) + "\n";
        let lines: Vec<Line> = self.rows.iter().map(ChaosRow::line).collect();
        let width = look.width.unwrap_or(WIDTH);
        text.push_str(&draw(&columns(), &lines, width, look.width.is_some()));
        if !self.notes.is_empty() {
            text.push('\n');
        }
        for note in &self.notes {
            let note = format!("note: {}", printable_lines(note));
            text.push_str(&wrapped(&note, "", look.width));
        }
        text
    }

    fn markdown(&self) -> String {
        let mut text = format!("### Under stress\n\n{}\n\n", escape(&self.title));
        text.push_str(&format!("| {} | |\n", HEADINGS.join(" | ")));
        text.push_str("|---|---|--:|--:|--:|--:|---|\n");
        for row in &self.rows {
            let [name, rest @ ..] = row.cells();
            let rest: Vec<String> = rest.iter().map(|cell| escape(cell)).collect();
            text.push_str(&format!(
                "| {} | {} | {} |\n",
                code(&name),
                rest.join(" | "),
                escape(&row.remarks().join("; "))
            ));
        }
        for note in &self.notes {
            text.push_str(&format!("\n> {}\n", escape(note)));
        }
        text
    }
}

const HEADINGS: [&str; 6] = [
    "benchmark",
    "under",
    "quiet",
    "stressed",
    "ratio",
    "recovered",
];

const NOTHING: &str = "-";

fn columns() -> [Column; 6] {
    // What it is under is in the code; the ratio is the answer.
    let keep = [None, Some(0), Some(1), Some(2), None, None];
    std::array::from_fn(|at| Column {
        heading: HEADINGS[at],
        words: at < 2,
        keep: keep[at],
    })
}

impl ChaosRow {
    fn line(&self) -> Line {
        Line {
            cells: self.cells().map(|cell| printable(&cell)).to_vec(),
            below: self.remarks().iter().map(|line| printable(line)).collect(),
            colour: None,
        }
    }

    fn cells(&self) -> [String; 6] {
        let time = |pick: fn(&Degraded) -> f64| {
            let degraded = self.degraded.as_ref();
            degraded.map_or(NOTHING.to_owned(), |seen| {
                quantity(pick(seen), &Unit::NANOSECONDS)
            })
        };
        let ratio = self
            .degraded
            .as_ref()
            .and_then(|seen| seen.ratio.as_ref().ok());
        [
            self.id.in_package(),
            self.plan.in_words(),
            time(|seen| seen.quiet_ns),
            time(|seen| seen.stressed_ns),
            ratio.map_or(NOTHING.to_owned(), |ratio| format!("×{:.2}", ratio.ratio)),
            self.degraded
                .as_ref()
                .map_or(NOTHING.to_owned(), |seen| in_short(&seen.recovered)),
        ]
    }

    fn remarks(&self) -> Vec<String> {
        let mut remarks: Vec<String> = self.failure.iter().cloned().collect();
        let Some(seen) = &self.degraded else {
            return remarks;
        };
        remarks.push(match &seen.ratio {
            Ok(ratio) => format!(
                "×{:.2}…{:.2} with a confidence of 99 %, over {} rounds",
                ratio.low, ratio.high, seen.recovered.rounds
            ),
            Err(why) => format!("no interval: {why}"),
        });
        remarks.extend(seen.quiet_waited.and_then(not_quiet));
        remarks.push(in_full(&seen.recovered));
        let effects: Vec<String> = seen.effects.iter().map(effect).collect();
        if !effects.is_empty() {
            remarks.push(format!("seen to take effect: {}", effects.join("; ")));
        }
        remarks
    }
}

fn time(ns: f64) -> String {
    quantity(ns, &Unit::NANOSECONDS)
}

/// From what share of quiet time spent in waiting for a processor on that time is not called quiet.
const MUCH: f64 = 0.1;

fn not_quiet(waited: f64) -> Option<String> {
    (waited >= MUCH).then(|| {
        format!(
            "not quiet: in quiet it waited for a processor for {:.0} % of the time, so stress costs more than this shows; others \
             were at work, or it has more threads than there are cores",
            waited * 100.0
        )
    })
}

fn in_short(recovered: &Recovered) -> String {
    match recovered.median_ns {
        _ if recovered.not_within > 0 => format!("not within {}", time(recovered.limit_ns)),
        Some(ns) => format!("≤ {}", time(ns)),
        None => NOTHING.to_owned(),
    }
}

fn in_full(recovered: &Recovered) -> String {
    let Recovered {
        median_ns,
        longest_ns,
        not_within,
        rounds,
        limit_ns,
    } = *recovered;
    let times = median_ns.zip(longest_ns).map(|(median, longest)| {
        format!(
            "as fast as before within {}, {} at the latest",
            time(median),
            time(longest)
        )
    });
    match (not_within, times) {
        (0, Some(times)) => times,
        (_, None) => format!("did not recover within {}", time(limit_ns)),
        (_, Some(times)) => format!(
            "did not recover within {} in {not_within} of {rounds} rounds; else {times}",
            time(limit_ns)
        ),
    }
}

/// What a stressor did, in words.
fn effect(effect: &Effect) -> String {
    let during = time(effect.during.as_secs_f64() * 1e9);
    let amount = |unit| quantity(effect.amount as f64, &unit);
    match effect.stress {
        Stress::Cpu(_) => format!(
            "{} had {} of CPU time in {during}",
            effect.stress,
            amount(Unit::NANOSECONDS)
        ),
        Stress::Memory(_) => format!("mem had {} resident", amount(Unit::BYTES)),
        _ => format!(
            "{} wrote {} in {during}",
            effect.stress,
            amount(Unit::BYTES)
        ),
    }
}
