//! OpenMetrics text: what Prometheus and its kin take in, as from the folder of node_exporter's text files.

mod distributions;
#[cfg(test)]
mod tests;

use perf_schema::Unit;
use std::collections::BTreeMap;
use std::fmt::Write;

use super::model::{Figure, Report, Row};
use super::printable::printable;
use crate::compare::Verdict;

/// A family of samples: its name, what it is, and its lines.
struct Family {
    name: &'static str,
    kind: Kind,
    unit: Option<&'static str>,
    help: &'static str,
    samples: Vec<Sample>,
}

/// What a family is.
#[derive(Clone, Copy)]
enum Kind {
    Gauge,
    Summary,
}

/// A line: what follows the family's name, the labels, and the value.
struct Sample {
    suffix: &'static str,
    labels: String,
    value: f64,
}

/// Renders the report. What was not measured has no sample.
pub(super) fn render(report: &Report) -> String {
    let mut text = String::new();
    let about = report.about.surroundings.iter();
    let about = about.map(|(name, value)| (name.replace(' ', "_"), value.as_str()));
    let info: Vec<(String, &str)> = about.collect();
    let info = labels(info.iter().map(|(name, value)| (name.as_str(), *value)));
    text.push_str("# TYPE cargo_perf info\n# HELP cargo_perf Where it was measured.\n");
    let _ = writeln!(text, "cargo_perf_info{info} 1");
    for family in families(report) {
        if family.samples.is_empty() {
            continue;
        }
        let Family {
            name,
            kind,
            unit,
            help,
            samples,
        } = family;
        let kind = match kind {
            Kind::Gauge => "gauge",
            Kind::Summary => "summary",
        };
        let _ = writeln!(text, "# TYPE {name} {kind}");
        if let Some(unit) = unit {
            let _ = writeln!(text, "# UNIT {name} {unit}");
        }
        let _ = writeln!(text, "# HELP {name} {help}");
        for Sample {
            suffix,
            labels,
            value,
        } in samples
        {
            let _ = writeln!(text, "{name}{suffix}{labels} {value}");
        }
    }
    text.push_str("# EOF\n");
    text
}

fn families(report: &Report) -> Vec<Family> {
    let family = |name, unit, help, samples| Family {
        name,
        kind: Kind::Gauge,
        unit,
        help,
        samples,
    };
    let summary = |name, unit, help, samples| Family {
        kind: Kind::Summary,
        ..family(name, Some(unit), help, samples)
    };
    let of_unit = |unit: Option<&Unit>, per: f64| {
        figures(report, |figure| {
            let known = [Unit::NANOSECONDS, Unit::BYTES, Unit::COUNT];
            let is_it = match unit {
                Some(unit) => figure.unit == *unit,
                None => !known.contains(&figure.unit),
            };
            let value = figure.value.filter(|_| is_it)?.about()?;
            Some(value / per)
        })
    };
    let ratio = |pick: fn(&crate::compare::Effect) -> f64| {
        figures(report, move |figure| figure.effect.as_ref().map(pick))
    };
    vec![
        family(
            "cargo_perf_time_seconds",
            Some("seconds"),
            "Times of an iteration, the median of launches.",
            of_unit(Some(&Unit::NANOSECONDS), NANOSECONDS),
        ),
        family(
            "cargo_perf_size_bytes",
            Some("bytes"),
            "Sizes, the median of launches.",
            of_unit(Some(&Unit::BYTES), 1.0),
        ),
        family(
            "cargo_perf_count",
            None,
            "Counts, the median of launches.",
            of_unit(Some(&Unit::COUNT), 1.0),
        ),
        family(
            "cargo_perf_value",
            None,
            "Figures in units of their own, the median of launches.",
            of_unit(None, 1.0),
        ),
        summary(
            "cargo_perf_launch_seconds",
            "seconds",
            "Times of an iteration over launches.",
            distributions::of_launches(report, &Unit::NANOSECONDS, NANOSECONDS),
        ),
        summary(
            "cargo_perf_launch_bytes",
            "bytes",
            "Sizes over launches.",
            distributions::of_launches(report, &Unit::BYTES, 1.0),
        ),
        summary(
            "cargo_perf_latency_seconds",
            "seconds",
            "Latency of single calls, the medians of launches.",
            distributions::of_calls(report),
        ),
        summary(
            "cargo_perf_level_latency_seconds",
            "seconds",
            "Latency of operations at a level of users or of a rate.",
            distributions::of_levels(report),
        ),
        family(
            "cargo_perf_ratio",
            None,
            "Candidate over baseline.",
            ratio(|effect| effect.ratio.get()),
        ),
        family(
            "cargo_perf_ratio_low",
            None,
            "Lower end of the interval of the ratio.",
            ratio(|effect| effect.low.get()),
        ),
        family(
            "cargo_perf_ratio_high",
            None,
            "Upper end of the interval of the ratio.",
            ratio(|effect| effect.high.get()),
        ),
        family(
            "cargo_perf_fails",
            None,
            "1 where a benchmark stands against the change.",
            fails(report),
        ),
        family(
            "cargo_perf_benchmarks",
            None,
            "Benchmarks by verdict.",
            verdicts(report),
        ),
    ]
}

/// Nanoseconds of a second.
const NANOSECONDS: f64 = 1e9;

impl Sample {
    /// A line that has the family's own name.
    fn plain(labels: String, value: f64) -> Self {
        Self {
            suffix: "",
            labels,
            value,
        }
    }
}

fn figures(report: &Report, value: impl Fn(&Figure) -> Option<f64>) -> Vec<Sample> {
    let of_row = |row: &Row| {
        let figures = row.figures.iter();
        let sample = |figure: &Figure| {
            let labels = labels([
                ("benchmark", row.id.to_string().as_str()),
                ("metric", &figure.metric),
                ("unit", figure.unit.as_str()),
            ]);
            Some(Sample::plain(labels, value(figure)?))
        };
        figures.filter_map(sample).collect::<Vec<_>>()
    };
    report.rows.iter().flat_map(of_row).collect()
}

fn fails(report: &Report) -> Vec<Sample> {
    let sample = |row: &Row| {
        let labels = labels([("benchmark", row.id.to_string().as_str())]);
        Sample::plain(labels, f64::from(u8::from(row.fails)))
    };
    report.rows.iter().map(sample).collect()
}

fn verdicts(report: &Report) -> Vec<Sample> {
    let mut counts: BTreeMap<&str, u32> = BTreeMap::new();
    for row in &report.rows {
        let word = row.verdict.map_or("measured", Verdict::word);
        *counts.entry(word).or_default() += 1;
    }
    let sample =
        |(word, count): (&str, u32)| Sample::plain(labels([("verdict", word)]), f64::from(count));
    counts.into_iter().map(sample).collect()
}

/// `{name="value",…}`.
fn labels<'a>(all: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let label = |(name, value): (&str, &str)| {
        let value = printable(value).replace('\\', "\\\\").replace('"', "\\\"");
        format!("{name}=\"{value}\"")
    };
    let labels: Vec<String> = all.into_iter().map(label).collect();
    format!("{{{}}}", labels.join(","))
}
