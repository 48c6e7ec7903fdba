//! The text, read back by the rules of the OpenMetrics specification 1.0: what a strict reader takes, and what it then knows.

use std::collections::{BTreeMap, BTreeSet};

use perf_schema::Unit;

use super::render;
use crate::report::fixture::{empty, failing, figure, hostile, populated, undecided};
use crate::report::model::Report;

/// A family as it was read.
#[derive(Default)]
struct Read {
    kind: String,
    unit: Option<String>,
    helped: bool,
    /// Name, labels, value.
    samples: Vec<(String, BTreeMap<String, String>, f64)>,
}

/// What a strict reader makes of a text, or what it objects to.
fn read(text: &str) -> Result<BTreeMap<String, Read>, String> {
    let body = text
        .strip_suffix("# EOF\n")
        .ok_or("it does not end with # EOF and a line's end")?;
    let mut families: BTreeMap<String, Read> = BTreeMap::new();
    let mut current = String::new();
    for line in body.lines() {
        if let Some(comment) = line.strip_prefix("# ") {
            let mut words = comment.splitn(3, ' ');
            let (keyword, name, rest) = (words.next(), words.next(), words.next());
            let (Some(keyword), Some(name), Some(rest)) = (keyword, name, rest) else {
                return Err(format!("a line of neither metadata nor samples: {line}"));
            };
            if name != current {
                if families.contains_key(name) {
                    return Err(format!("{name} is in two places"));
                }
                is_name(name)?;
                name.clone_into(&mut current);
                families.insert(name.to_owned(), Read::default());
            }
            let family = families.get_mut(name).ok_or("unknown")?;
            if !family.samples.is_empty() {
                return Err(format!("metadata of {name} after its samples"));
            }
            let again = match keyword {
                "TYPE" => !std::mem::replace(&mut family.kind, rest.to_owned()).is_empty(),
                "UNIT" => family.unit.replace(rest.to_owned()).is_some(),
                "HELP" => std::mem::replace(&mut family.helped, true),
                other => return Err(format!("{other} is no keyword")),
            };
            if again {
                return Err(format!("{keyword} of {name} twice"));
            }
            continue;
        }
        let (name, labels, value) = sample(line)?;
        let family = families
            .get_mut(&current)
            .ok_or("a sample before any family")?;
        let suffix = name
            .strip_prefix(&current)
            .ok_or_else(|| format!("{name} among samples of {current}"))?;
        fits(&family.kind, suffix, &labels, value).map_err(|why| format!("{why}: {line}"))?;
        let sample = (name, labels, value);
        if family
            .samples
            .iter()
            .any(|(name, labels, _)| *name == sample.0 && *labels == sample.1)
        {
            return Err(format!("the same sample twice: {line}"));
        }
        family.samples.push(sample);
    }
    for (name, family) in &families {
        if let Some(unit) = &family.unit
            && !name.ends_with(&format!("_{unit}"))
        {
            return Err(format!("{name} does not end in its unit {unit}"));
        }
        if family.samples.is_empty() || !family.helped {
            return Err(format!("{name} has no samples or no help"));
        }
    }
    clash(&families)?;
    Ok(families)
}

fn is_name(name: &str) -> Result<(), String> {
    let begins = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    let goes_on = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    (begins && goes_on)
        .then_some(())
        .ok_or_else(|| format!("{name:?} is no name"))
}

/// What a kind of family may have.
fn fits(
    kind: &str,
    suffix: &str,
    labels: &BTreeMap<String, String>,
    value: f64,
) -> Result<(), String> {
    let quantile = labels.get("quantile");
    let holds = match (kind, suffix) {
        ("info", "_info") => (value - 1.0).abs() < f64::EPSILON,
        ("gauge", "") => quantile.is_none(),
        ("summary", "") => {
            let quantile: Option<f64> = quantile.and_then(|text| text.parse().ok());
            quantile.is_some_and(|at| (0.0..=1.0).contains(&at)) && value >= 0.0
        }
        ("summary", "_sum") => quantile.is_none() && value >= 0.0,
        ("summary", "_count") => quantile.is_none() && value >= 0.0 && value.fract() == 0.0,
        _ => false,
    };
    holds
        .then_some(())
        .ok_or_else(|| format!("no sample of a {kind}"))
}

/// No family may look like a sample of another.
fn clash(families: &BTreeMap<String, Read>) -> Result<(), String> {
    for (name, family) in families {
        let suffixes: &[&str] = match family.kind.as_str() {
            "info" => &["_info"],
            "summary" => &["_sum", "_count", "_created"],
            _ => &[],
        };
        if let Some(suffix) = suffixes
            .iter()
            .find(|suffix| families.contains_key(&format!("{name}{suffix}")))
        {
            return Err(format!("{name}{suffix} is a family and a sample"));
        }
    }
    Ok(())
}

/// `name{label="value",…} 1.5`.
fn sample(line: &str) -> Result<(String, BTreeMap<String, String>, f64), String> {
    let (name, rest) = line
        .split_once('{')
        .ok_or_else(|| format!("no labels: {line}"))?;
    is_name(name)?;
    let mut labels = BTreeMap::new();
    let mut rest = rest;
    while !rest.starts_with('}') {
        let (label, after) = rest
            .split_once("=\"")
            .ok_or_else(|| format!("no label: {line}"))?;
        is_name(label)?;
        let (value, after) = quoted(after).ok_or_else(|| format!("no value of {label}: {line}"))?;
        if labels.insert(label.to_owned(), value).is_some() {
            return Err(format!("{label} twice: {line}"));
        }
        rest = after.strip_prefix(',').unwrap_or(after);
    }
    let value = rest
        .strip_prefix("} ")
        .ok_or_else(|| format!("no value: {line}"))?;
    let number: f64 = value
        .parse()
        .map_err(|_| format!("{value:?} is no number: {line}"))?;
    number
        .is_finite()
        .then_some(())
        .ok_or_else(|| format!("{value} is not finite"))?;
    Ok((name.to_owned(), labels, number))
}

/// The text up to the quote that ends it, with its escapes resolved, of which there are three; and what follows.
fn quoted(text: &str) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return Some((value, &text[at + 1..])),
            '\\' => value.push(match chars.next()?.1 {
                '\\' => '\\',
                '"' => '"',
                'n' => '\n',
                _ => return None,
            }),
            '\n' => return None,
            other => value.push(other),
        }
    }
    None
}

#[test]
fn a_strict_reader_takes_every_kind_of_report() {
    for report in [
        populated(),
        empty(),
        failing(),
        undecided(),
        hostile(),
        with_latency(),
    ] {
        let text = render(&report);
        let families = read(&text).unwrap_or_else(|why| panic!("{why}\n{text}"));
        assert_eq!(families["cargo_perf"].kind, "info");
    }
}

#[test]
fn the_reader_objects_to_what_is_wrong() {
    let text = render(&populated());
    for (right, wrong) in [
        ("# EOF\n", ""),
        ("# EOF\n", "# EOF\n\n"),
        ("# TYPE cargo_perf_fails gauge\n", ""),
        (
            "# UNIT cargo_perf_size_bytes bytes",
            "# UNIT cargo_perf_size_bytes seconds",
        ),
        ("quantile=\"0.25\"", "quantile=\"1.25\""),
        ("metric=\"wall\"", "metric=\"wa\"ll\""),
        ("_count{", "_number{"),
        (" 20\n", " 20.5\n"),
    ] {
        assert!(text.contains(right), "{right}");
        assert!(
            read(&text.replace(right, wrong)).is_err(),
            "{right} as {wrong}"
        );
    }
}

#[test]
fn distributions_are_summaries_whose_quantiles_rise_around_the_median() {
    let text = render(&populated());
    let families = read(&text).unwrap();
    let launches = &families["cargo_perf_launch_seconds"];
    let of = |suffix: &str| -> Vec<(Option<&str>, f64)> {
        let samples = launches.samples.iter();
        let name = format!("cargo_perf_launch_seconds{suffix}");
        let own =
            samples.filter(|(n, labels, _)| *n == name && labels["benchmark"] == "demo/cpu::parse");
        own.map(|(_, labels, value)| (labels.get("quantile").map(String::as_str), *value))
            .collect()
    };
    let quantiles = of("");
    let at: BTreeSet<&str> = quantiles.iter().filter_map(|(at, _)| *at).collect();
    assert_eq!(
        at.into_iter().collect::<Vec<_>>(),
        ["0", "0.25", "0.5", "0.75", "1"]
    );
    assert!(
        quantiles.windows(2).all(|pair| pair[0].1 < pair[1].1),
        "{quantiles:?}"
    );
    // Launches of 1234 ns from 1 % below to 0.9 % above.
    assert!(
        (quantiles[0].1 - 1221.66e-9).abs() < 1e-15 && (quantiles[4].1 - 1245.106e-9).abs() < 1e-15
    );
    assert_eq!(of("_count"), [(None, 20.0)]);
    assert!(
        (of("_sum")[0].1 - 20.0 * 1233.383e-9).abs() < 1e-14,
        "{:?}",
        of("_sum")
    );
    // What is exact has none, and sizes have theirs.
    assert_eq!(
        families["cargo_perf_launch_bytes"].unit.as_deref(),
        Some("bytes")
    );
}

fn with_latency() -> Report {
    let mut report = populated();
    let calls = [
        ("latency-p50", 1e3),
        ("latency-p99", 5e3),
        ("latency-max", 9e6),
    ];
    let figures = calls.map(|(metric, ns)| figure(metric, Unit::NANOSECONDS, ns));
    report.rows[0].figures.extend(figures);
    report
}

#[test]
fn latency_of_calls_is_one_summary_and_no_distribution_of_launches() {
    let text = render(&with_latency());
    let families = read(&text).unwrap();
    let samples = &families["cargo_perf_latency_seconds"].samples;
    let told: Vec<(&str, f64)> = samples
        .iter()
        .map(|(_, labels, value)| (labels["quantile"].as_str(), *value))
        .collect();
    assert_eq!(told.len(), 3);
    assert!(
        told[1].0 == "0.99" && (told[1].1 - 5e-6).abs() < 1e-12,
        "{told:?}"
    );
    let launches = families["cargo_perf_launch_seconds"].samples.iter();
    let metrics: BTreeSet<&str> = launches
        .map(|(_, labels, _)| labels["metric"].as_str())
        .collect();
    assert_eq!(metrics.into_iter().collect::<Vec<_>>(), ["wall"]);
}
