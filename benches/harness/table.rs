//! The table, in Markdown.

use std::time::Duration;

use crate::answer::Answer;
use crate::bodies::LINES;
use crate::yardstick::{Tool, typical};

/// What one tool answered in one go, and what was true meanwhile.
pub struct Round {
    pub tool: Tool,
    /// One for each line.
    pub answers: Vec<Answer>,
    pub step_ns: f64,
    /// How much slower the machine was on the other side of it.
    pub drift: f64,
    /// What a body cost the user.
    pub took: Duration,
}

/// One line for each body: the truth, and for each tool how far its answers were from it.
pub fn table(rounds: &[Round]) -> String {
    let mut text = format!("{}\n\n| body | truth |", conditions(rounds));
    for tool in Tool::ALL {
        text.push_str(&format!(" {} |", tool.name()));
    }
    text.push_str("\n|---|--:|--:|--:|--:|\n");
    for (line, (name, steps)) in LINES.iter().enumerate() {
        let truth = median(rounds.iter().map(|round| round.step_ns * *steps as f64));
        text.push_str(&format!("| `{name}` | {} |", time(truth)));
        for tool in Tool::ALL {
            text.push_str(&format!(" {} |", cell(rounds, tool, line, *steps)));
        }
        text.push('\n');
    }
    text.push_str("| seconds for each body | |");
    for tool in Tool::ALL {
        let took = of(rounds, tool).map(|round| round.took).collect();
        text.push_str(&format!(" {:.2} |", typical(took).as_secs_f64()));
    }
    text
}

fn of(rounds: &[Round], tool: Tool) -> impl Iterator<Item = &Round> {
    rounds.iter().filter(move |round| round.tool == tool)
}

/// The median error over rounds, and the one farthest from the truth. Where a tool gives a bound that holds, the error is
/// that of what it says is left without its loop, and the bound stands beside it.
fn cell(rounds: &[Round], tool: Tool, line: usize, steps: usize) -> String {
    let mut errors = Vec::new();
    let mut bounds = Vec::new();
    for round in of(rounds, tool) {
        let truth = round.step_ns * steps as f64;
        match round.answers[line] {
            Answer::About(ns) => errors.push(ns - truth),
            Answer::Below { bound, rest } if truth <= bound => {
                errors.push(rest - truth);
                bounds.push(bound);
            }
            // A bound that does not hold is an error like any other.
            Answer::Below { bound, .. } => errors.push(bound - truth),
        }
    }
    let mut parts = Vec::new();
    if !errors.is_empty() {
        let farthest = errors
            .iter()
            .copied()
            .max_by(|a, b| a.abs().total_cmp(&b.abs()));
        parts.push(format!(
            "{} ({})",
            signed(median(errors.iter().copied())),
            signed(farthest.unwrap_or(f64::NAN))
        ));
    }
    if let Some(widest) = bounds.iter().copied().max_by(f64::total_cmp) {
        parts.push(format!("said as < {}", time(widest)));
    }
    parts.join(", ")
}

fn conditions(rounds: &[Round]) -> String {
    let steps: Vec<f64> = rounds.iter().map(|round| round.step_ns).collect();
    let slowest = steps.iter().copied().fold(0.0, f64::max);
    let fastest = steps.iter().copied().fold(f64::INFINITY, f64::min);
    let drift = rounds.iter().map(|round| round.drift).fold(0.0, f64::max);
    let count = of(rounds, Tool::Ours).count();
    format!(
        "Rounds of each tool: {count}. A step took {fastest:.4} ns at its fastest and {slowest:.4} ns in the slowest round; from \
         before a tool to after it, it changed by up to {:.1} %. In a cell: the median error over rounds, and in \
         brackets the one farthest from the truth; where a tool gives a bound that holds, what it \
         says is left without its loop, and the bound.",
        drift * 100.0
    )
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let values: Vec<f64> = values.collect();
    perf_stats::median(&values).unwrap_or(f64::NAN)
}

/// A difference of times with its sign.
fn signed(ns: f64) -> String {
    let sign = if ns < 0.0 { "−" } else { "+" };
    format!("{sign}{}", time(ns.abs()))
}

fn time(ns: f64) -> String {
    match ns {
        ns if ns < 999.5 => format!("{ns:.3} ns"),
        ns if ns < 999_500.0 => format!("{:.3} µs", ns / 1e3),
        ns => format!("{:.3} ms", ns / 1e6),
    }
}
