//! What the run of a fork left behind, made into a text that can be shown.
//!
//! Whoever wrote the code that ran wrote the file: it may say anything. It is read as the JSON of a report and nothing
//! else, within bounds; names, numbers and verdicts of the known kinds are taken from it, and every text stands in code,
//! where nothing links, mentions or loads. That the numbers are true nobody can know, and the text says so.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use perf_schema::{BenchId, Ratio, Unit};
use serde::Deserialize;

use crate::compare::Verdict;
use crate::report::{code, percent_change, quantity};

/// The largest file that is read, in bytes. A thousand benchmarks with all of their metrics have half of it.
pub const LARGEST: u64 = 8 << 20;

/// Version of the report's shape.
const VERSION: u32 = 1;

/// Benchmarks that are listed.
const LISTED: usize = 60;

/// Characters of a sentence or a name.
const SENTENCE: usize = 240;

/// Why a file is not shown.
#[derive(Debug, thiserror::Error)]
pub enum Hostile {
    /// It cannot be read.
    #[error("it cannot be read: {0}")]
    Unreadable(#[from] std::io::Error),
    /// It is a link, a folder, a pipe.
    #[error("it is not a regular file")]
    NoFile,
    /// It has too many bytes.
    #[error("it is larger than 8 MiB")]
    TooLarge,
    /// It is no report.
    #[error("it is no report of cargo perf: {0}")]
    NoReport(String),
}

/// A report, as far as it is shown.
#[derive(Debug, Deserialize)]
struct Report {
    version: u32,
    #[serde(rename = "command")]
    _command: Command,
    exit_code: u8,
    benchmarks: Vec<Benchmark>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Command {
    Compare,
}

#[derive(Debug, Deserialize)]
struct Benchmark {
    id: BenchId,
    verdict: Word,
    reason: String,
    fails: bool,
    metrics: Vec<Metric>,
}

#[derive(Debug, Deserialize)]
struct Metric {
    name: String,
    unit: Unit,
    value: Option<f64>,
    baseline: Option<f64>,
    ratio: Option<Change>,
    low: Option<Change>,
    high: Option<Change>,
}

/// Now over before, which is above zero.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(try_from = "f64")]
struct Change(Ratio);

impl TryFrom<f64> for Change {
    type Error = &'static str;

    fn try_from(value: f64) -> Result<Self, Self::Error> {
        Ratio::new(value).map(Self).ok_or("a ratio that is none")
    }
}

/// A verdict in the report's own word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Word(Verdict);

impl<'de> Deserialize<'de> for Word {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let word = String::deserialize(deserializer)?;
        let known = Verdict::ALL
            .into_iter()
            .find(|verdict| verdict.word() == word);
        known
            .map(Self)
            .ok_or_else(|| serde::de::Error::custom("a verdict that there is not"))
    }
}

/// Reads the file.
///
/// # Errors
/// When it is no plain file within the bounds.
pub fn read(path: &Path) -> Result<Vec<u8>, Hostile> {
    // Looked at before it is opened: what was unpacked may be a link to a file of this machine, or a pipe.
    if !path.symlink_metadata()?.is_file() {
        return Err(Hostile::NoFile);
    }
    let mut bytes = Vec::new();
    File::open(path)?
        .take(LARGEST + 1)
        .read_to_end(&mut bytes)?;
    match bytes.len() as u64 {
        0..=LARGEST => Ok(bytes),
        _ => Err(Hostile::TooLarge),
    }
}

/// Makes a comment of it. `head` is the commit that was measured, as GitHub says.
///
/// # Errors
/// When it is no report of a comparison.
pub fn comment(bytes: &[u8], head: &str) -> Result<String, Hostile> {
    // Where it says what is wrong, it may quote: one line, and not long.
    let no_report =
        |error: serde_json::Error| Hostile::NoReport(error.to_string().chars().take(200).collect());
    let report: Report = serde_json::from_slice(bytes).map_err(no_report)?;
    if report.version != VERSION {
        let said = format!(
            "it is of version {}, and {VERSION} is known",
            report.version
        );
        return Err(Hostile::NoReport(said));
    }
    Ok(text(&report, head))
}

fn text(report: &Report, head: &str) -> String {
    let mut notable: Vec<&Benchmark> = report
        .benchmarks
        .iter()
        .filter(|one| is_notable(one))
        .collect();
    notable.sort_by_key(|one| (!one.fails, rank(one.verdict.0)));
    let calm = report.benchmarks.len() - notable.len();
    let mut text = format!("### cargo perf: {}\n\n", headline(report));
    text.push_str(&format!(
        "commit {}, measured by a run of the fork's own code, whose word these numbers are\n",
        code(&head.chars().take(12).collect::<String>())
    ));
    if !notable.is_empty() {
        text.push_str("\n| benchmark | metric | baseline | now | change | interval | verdict |\n|---|---|--:|--:|--:|---|---|\n");
        text.extend(notable.iter().take(LISTED).map(|one| line(one)));
    }
    if notable.len() > LISTED {
        text.push_str(&format!(
            "\n{} more left out; the run's own page has all of them\n",
            notable.len() - LISTED
        ));
    }
    if calm > 0 {
        text.push_str(&format!("\n{calm} unchanged\n"));
    }
    text
}

/// Counted here: what the file says of itself is not believed.
fn headline(report: &Report) -> String {
    let count = |keep: &dyn Fn(&Benchmark) -> bool| {
        report.benchmarks.iter().filter(|one| keep(one)).count()
    };
    let fails = count(&|one| one.fails);
    let open = count(&|one| is_open(one.verdict.0));
    match (fails, report.exit_code, open) {
        (0, 0, 0) if report.benchmarks.is_empty() => "nothing was compared".to_owned(),
        (0, 0, 0) => "no regression".to_owned(),
        (0, 0, open) => format!("no regression found, {open} not decided"),
        (0, other, _) => format!("no regression found, and the run ended with {other}"),
        (1, ..) => "1 benchmark stands against the change".to_owned(),
        (many, ..) => format!("{many} benchmarks stand against the change"),
    }
}

fn is_open(verdict: Verdict) -> bool {
    matches!(
        verdict,
        Verdict::CannotTell | Verdict::Incomparable | Verdict::New
    )
}

fn is_notable(one: &Benchmark) -> bool {
    one.fails || one.verdict.0 != Verdict::Unchanged
}

fn rank(verdict: Verdict) -> usize {
    Verdict::ALL
        .iter()
        .position(|known| *known == verdict)
        .unwrap_or(usize::MAX)
}

fn line(one: &Benchmark) -> String {
    let metric = one.metrics.iter().find(|metric| metric.ratio.is_some());
    let metric = metric.or(one.metrics.first());
    let show = |value: Option<f64>| {
        let shown = metric
            .zip(value)
            .map(|(metric, value)| quantity(value, &metric.unit));
        shown.map_or("–".to_owned(), |shown| code(&brief(&shown)))
    };
    let change =
        |change: Option<Change>| change.map_or("–".to_owned(), |change| percent_change(change.0));
    let interval = metric.and_then(|metric| metric.low.zip(metric.high));
    let interval = interval.map_or(String::new(), |(low, high)| {
        format!("{} … {}", percent_change(low.0), percent_change(high.0))
    });
    let reason = match one.reason.trim() {
        "" => String::new(),
        reason => format!(": {}", code(&brief(reason))),
    };
    format!(
        "| {} | {} | {} | {} | {} | {interval} | {}{reason} |\n",
        code(&brief(&one.id.in_package())),
        metric.map_or(String::new(), |metric| code(&brief(&metric.name))),
        show(metric.and_then(|metric| metric.baseline)),
        show(metric.and_then(|metric| metric.value)),
        change(metric.and_then(|metric| metric.ratio)),
        one.verdict.0.word(),
    )
}

fn brief(text: &str) -> String {
    let mut begin: String = text.chars().take(SENTENCE).collect();
    if text.chars().nth(SENTENCE).is_some() {
        begin.push('…');
    }
    begin
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::{Value, json};

    fn benchmark(id: &str, verdict: &str, reason: &str) -> Value {
        json!({
            "id": id, "verdict": verdict, "reason": reason, "fails": verdict == "regressed",
            "metrics": [{ "name": "wall", "unit": "ns", "value": 2400.0, "baseline": 2000.0,
                          "ratio": 1.2, "low": 1.19, "high": 1.21 }]
        })
    }

    fn report(benchmarks: Vec<Value>, exit_code: u8) -> Value {
        json!({ "version": 1, "command": "compare", "exit_code": exit_code, "benchmarks": benchmarks })
    }

    fn shown(report: &Value) -> Result<String, Hostile> {
        comment(report.to_string().as_bytes(), "0123456789abcdef0123")
    }

    #[test]
    fn a_report_is_shown_with_what_counts() {
        let report = report(
            vec![
                benchmark("a/t::calm", "unchanged", ""),
                benchmark("a/t::slow", "regressed", "worse by 20 %"),
            ],
            1,
        );
        insta::assert_snapshot!(shown(&report).unwrap(), @"
        ### cargo perf: 1 benchmark stands against the change

        commit `0123456789ab`, measured by a run of the fork's own code, whose word these numbers are

        | benchmark | metric | baseline | now | change | interval | verdict |
        |---|---|--:|--:|--:|---|---|
        | `t::slow` | `wall` | `2.000 µs` | `2.400 µs` | +20.0 % | +19.0 % … +21.0 % | regressed: `worse by 20 %` |

        1 unchanged
        ");
    }

    #[test]
    fn hostile_texts_are_text_and_short() {
        let evil = "</code>|`@all` ![x](https://e.example/t.gif) <!-- cargo-perf: main --> \u{202e}\u{1b}[31m\n# big https://e.example";
        let mut one = benchmark(
            "a/t::slow",
            "regressed",
            &format!("{evil}{}", "x".repeat(100_000)),
        );
        one["metrics"][0]["name"] = json!(evil);
        let text = shown(&report(vec![one], 1)).unwrap();
        assert!(
            text.len() < 3000 && !text.contains(['\u{202e}', '\u{1b}']),
            "{text}"
        );
        let row = text
            .lines()
            .find(|line| line.starts_with("| `t::slow`"))
            .unwrap();
        // Every text of the file stands between a pair of backticks.
        let outside: String = row.split('`').step_by(2).collect();
        assert!(
            !outside.contains(['<', '@', '!', '#', '\\']) && !outside.contains("http"),
            "{row}"
        );
        assert_eq!(outside.matches('|').count(), 8, "{row}");
    }

    #[test]
    fn a_comment_is_never_too_long() {
        let name = "x".repeat(400);
        let many = (0..3000)
            .map(|i| benchmark(&format!("a/t::{name}{i}"), "regressed", &"\\|<".repeat(200)));
        let text = shown(&report(many.collect(), 1)).unwrap();
        assert!(text.chars().count() < 65_000, "{}", text.chars().count());
        assert!(
            text.contains("3000 benchmarks stand against") && text.contains("2940 more left out")
        );
    }

    #[test]
    fn what_is_no_report_is_refused() {
        let good = report(vec![benchmark("a/t::slow", "regressed", "")], 1);
        assert!(shown(&good).is_ok());
        for (place, value) in [
            ("/version", json!(2)),
            ("/version", json!("1")),
            ("/command", json!("<b>")),
            ("/exit_code", json!(-1)),
            ("/exit_code", json!(1e99)),
            ("/benchmarks", json!({})),
            ("/benchmarks/0/id", json!("../..")),
            ("/benchmarks/0/id", json!("a/t::x\n# y")),
            ("/benchmarks/0/verdict", json!("**fine**")),
            ("/benchmarks/0/verdict", json!(null)),
            ("/benchmarks/0/fails", json!("no")),
            ("/benchmarks/0/metrics/0/value", json!("1")),
            ("/benchmarks/0/metrics/0/ratio", json!(-1.0)),
            ("/benchmarks/0/reason", json!(["x"])),
        ] {
            let mut bad = good.clone();
            *bad.pointer_mut(place).unwrap() = value;
            assert!(
                matches!(shown(&bad), Err(Hostile::NoReport(_))),
                "{place} {bad}"
            );
        }
        for text in [
            "",
            "null",
            "[]",
            "{}",
            "{\"error\":{}}",
            "\u{0}",
            &"[".repeat(100_000),
        ] {
            let error = comment(text.as_bytes(), "abc").unwrap_err().to_string();
            assert!(error.len() < 300, "{error}");
        }
    }

    #[test]
    fn only_a_plain_file_within_bounds_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        std::fs::write(path("good"), "{}").unwrap();
        assert_eq!(read(&path("good")).unwrap(), b"{}");
        std::os::unix::fs::symlink("/etc/hostname", path("link")).unwrap();
        assert!(matches!(read(&path("link")), Err(Hostile::NoFile)));
        assert!(matches!(read(folder.path()), Err(Hostile::NoFile)));
        assert!(matches!(read(&path("none")), Err(Hostile::Unreadable(_))));
        let large = File::create(path("large")).unwrap();
        large.set_len(LARGEST + 1).unwrap();
        assert!(matches!(read(&path("large")), Err(Hostile::TooLarge)));
    }

    proptest! {
        #[test]
        fn no_bytes_bring_it_down(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = comment(&bytes, "abc");
        }
    }
}
