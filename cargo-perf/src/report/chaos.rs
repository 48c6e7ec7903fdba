//! Benchmarks under stress: how much slower, and how soon as fast as before.

use perf_runner::Effect;
use perf_schema::{BenchId, ChaosPlan, ExitCode, Stress, Unit};
use serde::Serialize;

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
            Format::Json => self.json(),
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

    fn json(&self) -> String {
        let document = Document {
            version: VERSION,
            command: "chaos",
            candidate: &self.title,
            exit_code: self.exit_code().code(),
            notes: &self.notes,
            benchmarks: self.rows.iter().map(Listed::of).collect(),
        };
        // Strings and finite numbers are all that is in it, and those always have a JSON form.
        serde_json::to_string_pretty(&document).unwrap_or_default() + "\n"
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

/// Version of the JSON shape. Members are only ever added.
const VERSION: u32 = 1;

#[derive(Serialize)]
struct Document<'a> {
    version: u32,
    command: &'static str,
    candidate: &'a str,
    exit_code: u8,
    notes: &'a [String],
    benchmarks: Vec<Listed<'a>>,
}

#[derive(Serialize)]
struct Listed<'a> {
    id: String,
    under: Vec<String>,
    quiet_ns: Option<f64>,
    stressed_ns: Option<f64>,
    ratio: Option<f64>,
    ratio_low: Option<f64>,
    ratio_high: Option<f64>,
    confidence: Option<f64>,
    no_interval: Option<&'a str>,
    recovery: Option<Recovering>,
    effects: Vec<Did>,
    failure: Option<&'a str>,
}

#[derive(Serialize)]
struct Recovering {
    median_ns: Option<f64>,
    longest_ns: Option<f64>,
    not_within: usize,
    rounds: usize,
    limit_ns: f64,
}

/// The least that a stressor did in a round.
#[derive(Serialize)]
struct Did {
    stress: String,
    /// Nanoseconds of CPU time, or bytes resident or written.
    amount: u64,
    unit: &'static str,
    during_ns: f64,
}

impl<'a> Listed<'a> {
    fn of(row: &'a ChaosRow) -> Self {
        let seen = row.degraded.as_ref();
        let ratio = seen.and_then(|seen| seen.ratio.as_ref().ok());
        Self {
            id: row.id.to_string(),
            under: row.plan.under.iter().map(Stress::to_string).collect(),
            quiet_ns: seen.map(|seen| seen.quiet_ns),
            stressed_ns: seen.map(|seen| seen.stressed_ns),
            ratio: ratio.map(|ratio| ratio.ratio),
            ratio_low: ratio.map(|ratio| ratio.low),
            ratio_high: ratio.map(|ratio| ratio.high),
            confidence: ratio.map(|ratio| ratio.confidence.level()),
            no_interval: seen.and_then(|seen| seen.ratio.as_ref().err().map(String::as_str)),
            recovery: seen.map(|seen| Recovering::of(&seen.recovered)),
            effects: seen
                .iter()
                .flat_map(|seen| &seen.effects)
                .map(Did::of)
                .collect(),
            failure: row.failure.as_deref(),
        }
    }
}

impl Recovering {
    const fn of(recovered: &Recovered) -> Self {
        let Recovered {
            median_ns,
            longest_ns,
            not_within,
            rounds,
            limit_ns,
        } = *recovered;
        Self {
            median_ns,
            longest_ns,
            not_within,
            rounds,
            limit_ns,
        }
    }
}

impl Did {
    fn of(effect: &Effect) -> Self {
        Self {
            stress: effect.stress.to_string(),
            amount: effect.amount,
            unit: match effect.stress {
                Stress::Cpu(_) => "ns",
                _ => "B",
            },
            during_ns: effect.during.as_secs_f64() * 1e9,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use perf_runner::{ChaosRun, Recovery, Round};

    const LOOK: Look = Look {
        quiet: false,
        colours: false,
        width: None,
    };

    fn row(name: &str, recovery: impl Fn(u64) -> Recovery) -> ChaosRow {
        let rounds = (1..=8).map(|i| Round {
            batch: 10,
            stressed_batch: 10,
            quiet_ns: vec![1_000_000],
            stressed_ns: vec![2_100_000 + 10_000 * i],
            recovery: recovery(i),
            effects: vec![
                Effect {
                    stress: Stress::Cpu(2),
                    amount: 500_000_000 + i,
                    during: Duration::from_millis(300),
                },
                Effect {
                    stress: Stress::Memory(64 << 20),
                    amount: 65 << 20,
                    during: Duration::from_millis(300),
                },
            ],
        });
        let run = ChaosRun {
            rounds: rounds.collect(),
            failure: None,
        };
        ChaosRow {
            id: BenchId::new("p", "t", name).unwrap(),
            plan: ChaosPlan {
                under: vec![Stress::Cpu(2), Stress::MemoryPercent(70)],
                recovery_ms: 5000,
            },
            degraded: Degraded::of(&run, 5000),
            failure: None,
        }
    }

    fn report() -> ChaosReport {
        let within = |i| Recovery::Within(Duration::from_millis(i));
        let never = Recovery::NotWithin(Duration::from_secs(5));
        let mut broken = row("broken|x", within);
        broken.degraded = None;
        broken.failure = Some("mem(70%): it would take more\u{1b}[31m".to_owned());
        ChaosReport {
            title: "main abc".to_owned(),
            rows: vec![
                row("steady", within),
                row("stuck", |i| if i > 6 { never } else { within(i) }),
                broken,
            ],
            notes: Vec::new(),
        }
    }

    #[test]
    fn it_fits_the_width() {
        for width in 60..130 {
            let look = Look {
                quiet: false,
                colours: false,
                width: Some(width),
            };
            let text = report().render(Format::Human, look);
            let longest = text.lines().map(|line| line.chars().count()).max();
            assert!(longest <= Some(width), "{width}:\n{text}");
        }
    }

    #[test]
    fn a_person_sees_ratio_recovery_and_effects() {
        insta::assert_snapshot!(report().render(Format::Human, LOOK), @r"
        main abc

        benchmark    under                 quiet  stressed  ratio           recovered
        t::steady    cpu(2) + mem(70%)  100.0 µs  214.5 µs  ×2.14          ≤ 4.500 ms
            ×2.11…2.18 with a confidence of 99 %, over 8 rounds
            as fast as before within 4.500 ms, 8.000 ms at the latest
            seen to take effect: cpu(2) had 500.0 ms of CPU time in 300.0 ms; mem had 65.00 MiB resident
        t::stuck     cpu(2) + mem(70%)  100.0 µs  214.5 µs  ×2.14  not within 5.000 s
            ×2.11…2.18 with a confidence of 99 %, over 8 rounds
            did not recover within 5.000 s in 2 of 8 rounds; else as fast as before within 3.500 ms, 6.000 ms at the latest
            seen to take effect: cpu(2) had 500.0 ms of CPU time in 300.0 ms; mem had 65.00 MiB resident
        t::broken|x  cpu(2) + mem(70%)         -         -      -                   -
            mem(70%): it would take more [31m
        ");
    }

    #[test]
    fn markdown_is_harmless() {
        insta::assert_snapshot!(report().render(Format::Markdown, LOOK), @r"
        ### Under stress

        main abc

        | benchmark | under | quiet | stressed | ratio | recovered | |
        |---|---|--:|--:|--:|--:|---|
        | `t::steady` | cpu(2) + mem(70%) | 100.0 µs | 214.5 µs | ×2.14 | ≤ 4.500 ms | ×2.11…2.18 with a confidence of 99 %, over 8 rounds; as fast as before within 4.500 ms, 8.000 ms at the latest; seen to take effect: cpu(2) had 500.0 ms of CPU time in 300.0 ms; mem had 65.00 MiB resident |
        | `t::stuck` | cpu(2) + mem(70%) | 100.0 µs | 214.5 µs | ×2.14 | not within 5.000 s | ×2.11…2.18 with a confidence of 99 %, over 8 rounds; did not recover within 5.000 s in 2 of 8 rounds; else as fast as before within 3.500 ms, 6.000 ms at the latest; seen to take effect: cpu(2) had 500.0 ms of CPU time in 300.0 ms; mem had 65.00 MiB resident |
        | `t::broken\|x` | cpu(2) + mem(70%) | - | - | - | - | mem(70%): it would take more \[31m |
        ");
    }

    #[test]
    fn json_has_the_same_numbers_and_the_exit_code() {
        let value: serde_json::Value =
            serde_json::from_str(&report().render(Format::Json, LOOK)).unwrap();
        assert_eq!(
            (&value["version"], &value["exit_code"]),
            (&1.into(), &12.into())
        );
        let [steady, stuck, broken] = [0, 1, 2].map(|index| &value["benchmarks"][index]);
        assert_eq!(steady["under"][1], "mem(70%)");
        assert_eq!(steady["quiet_ns"], 100_000.0);
        let ratio = steady["ratio"].as_f64().unwrap();
        assert!((2.11..2.18).contains(&ratio), "{ratio}");
        assert_eq!(steady["confidence"], 0.99);
        assert_eq!(steady["effects"][0]["amount"], 500_000_001);
        assert_eq!(steady["recovery"]["longest_ns"], 8e6);
        assert_eq!(stuck["recovery"]["not_within"], 2);
        assert_eq!(broken["ratio"], serde_json::Value::Null);
        assert!(broken["failure"].as_str().unwrap().starts_with("mem(70%)"));
    }
}
