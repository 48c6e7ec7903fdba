//! What was measured, kept in a file line by line, and the table of it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::path::Path;

use cargo_perf::compare::{Judged, Verdict};
use perf_runner::PairedRun;
use perf_stats::choose_summary_of_pairs;

/// One body, compared once.
#[derive(Clone, Debug)]
pub(crate) struct Comparison {
    condition: String,
    suite: usize,
    /// How much more the candidate did, in per cent.
    more: u32,
    body: String,
    verdict: String,
    ratio: f64,
    pairs: usize,
    /// Seconds spent on each side, on everything.
    spent: f64,
    /// Seconds of them within samples.
    sampled: f64,
    /// Standard deviation of one launch, log scale.
    spread: f64,
}

impl Comparison {
    pub(crate) fn new(
        condition: &str,
        suite: usize,
        more: u32,
        run: &PairedRun,
        judged: &Judged,
    ) -> Self {
        let ratio = judged.metrics.first().and_then(|metric| metric.effect);
        Self {
            condition: condition.to_owned(),
            suite,
            more,
            body: judged.id.name().to_owned(),
            verdict: judged.verdict.word().to_owned(),
            ratio: ratio.map_or(f64::NAN, |effect| effect.ratio.get()),
            pairs: run.launches.len(),
            spent: run.spent.as_secs_f64(),
            sampled: sampled(run),
            spread: spread(run),
        }
    }

    fn read(line: &str) -> Option<Self> {
        let fields: Vec<&str> = line.split('\t').collect();
        let [
            condition,
            suite,
            more,
            body,
            verdict,
            ratio,
            pairs,
            spent,
            sampled,
            spread,
        ] = fields[..]
        else {
            return None;
        };
        Some(Self {
            condition: condition.to_owned(),
            suite: suite.parse().ok()?,
            more: more.parse().ok()?,
            body: body.to_owned(),
            verdict: verdict.to_owned(),
            ratio: ratio.parse().ok()?,
            pairs: pairs.parse().ok()?,
            spent: spent.parse().ok()?,
            sampled: sampled.parse().ok()?,
            spread: spread.parse().ok()?,
        })
    }

    fn line(&self) -> String {
        let Self {
            condition,
            suite,
            more,
            body,
            verdict,
            ratio,
            pairs,
            spent,
            sampled,
            spread,
        } = self;
        format!(
            "{condition}\t{suite}\t{more}\t{body}\t{verdict}\t{ratio:.5}\t{pairs}\t{spent:.3}\t{sampled:.4}\t{spread:.5}"
        )
    }

    fn is(&self, verdict: Verdict) -> bool {
        self.verdict == verdict.word()
    }

    /// A change where there was none.
    fn is_false_alarm(&self) -> bool {
        self.more == 0 && (self.is(Verdict::Regressed) || self.is(Verdict::Improved))
    }
}

/// Seconds between two reads of the clock with the body between them, on each side.
fn sampled(run: &PairedRun) -> f64 {
    let pairs = run.launches.iter();
    let ns: u64 = pairs
        .flat_map(|pair| pair.baseline.wall_ns.iter().chain(&pair.candidate.wall_ns))
        .sum();
    ns as f64 / 2e9
}

fn spread(run: &PairedRun) -> f64 {
    let side = |pick: fn(&perf_runner::PairedLaunch) -> &perf_runner::Launch| -> Vec<Vec<f64>> {
        let launches = run.launches.iter();
        launches
            .map(|pair| pick(pair).wall_ns.iter().map(|&ns| ns as f64).collect())
            .collect()
    };
    choose_summary_of_pairs(&side(|pair| &pair.baseline), &side(|pair| &pair.candidate))
        .map_or(f64::NAN, |chosen| chosen.spread / std::f64::consts::SQRT_2)
}

/// All comparisons of the file, to which more are added.
pub(crate) struct Results {
    file: File,
    comparisons: Vec<Comparison>,
}

impl Results {
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        let file = OpenOptions::new().create(true).append(true).open(path)?;
        let text = std::fs::read_to_string(path)?;
        let comparisons = text.lines().filter_map(Comparison::read).collect();
        Ok(Self { file, comparisons })
    }

    pub(crate) fn note(&mut self, comparison: Comparison) -> io::Result<()> {
        writeln!(self.file, "{}", comparison.line())?;
        self.comparisons.push(comparison);
        Ok(())
    }

    /// How many suites were measured so far.
    pub(crate) fn suites(&self) -> usize {
        let last = self.comparisons.iter().map(|c| c.suite + 1).max();
        last.unwrap_or(0)
    }

    pub(crate) fn table(&self) -> String {
        let conditions: BTreeSet<&str> = self.all().map(|c| c.condition.as_str()).collect();
        let mut text = String::new();
        for condition in conditions {
            let of: Vec<&Comparison> = self.all().filter(|c| c.condition == condition).collect();
            let _infallible = writeln!(text, "{condition}: {}", headline(&of));
            let _infallible = writeln!(text, "{}\n", goals(&of));
            let _infallible = writeln!(text, "{}", by_body(&of));
        }
        text
    }

    fn all(&self) -> impl Iterator<Item = &Comparison> {
        self.comparisons.iter()
    }
}

fn headline(comparisons: &[&Comparison]) -> String {
    let unchanged = comparisons.iter().filter(|c| c.more == 0);
    let mut suites: BTreeMap<usize, bool> = BTreeMap::new();
    let (mut alarms, mut all) = (0, 0);
    for comparison in unchanged {
        all += 1;
        alarms += usize::from(comparison.is_false_alarm());
        *suites.entry(comparison.suite).or_default() |= comparison.is_false_alarm();
    }
    let alarmed = suites.values().filter(|&&alarmed| alarmed).count();
    format!(
        "{alarms} false alarms in {all} comparisons of unchanged code, in {alarmed} of {} suites",
        suites.len()
    )
}

/// How often what was to be found was found in time, whatever that time went into.
fn goals(comparisons: &[&Comparison]) -> String {
    let bodies: BTreeSet<&str> = comparisons.iter().map(|c| c.body.as_str()).collect();
    let repeats = |body: &str| {
        let of = comparisons.iter().filter(|c| c.body == body && c.more == 0);
        median(of.map(|c| c.spread)) <= REPEATS
    };
    let steady: BTreeSet<&str> = bodies.into_iter().filter(|body| repeats(body)).collect();
    let of = |more: u32, any: bool, seconds: f64| {
        let mut of = comparisons.to_vec();
        of.retain(|c| c.more == more && (any || steady.contains(c.body.as_str())));
        found(&of, seconds)
    };
    format!(
        "found of the {} bodies that repeat within {:.0} %: +2 % within 1 s {}, +1 % within 4 s {}; of all: +5 % within 2 s {}",
        steady.len(),
        100.0 * REPEATS,
        of(2, false, 1.0),
        of(1, false, 4.0),
        of(5, true, 2.0),
    )
}

/// The spread of a body's launches, as a share of its time, up to which it is one that repeats.
const REPEATS: f64 = 0.01;

const HEAD: &str = "\
| body | spread of a launch | unchanged: alarms | cannot tell | s on each side | in samples | +1 % in 4 s | +2 % in 1 s | +2 % | +5 % in 2 s | +10 % | +10 % comes out as |
|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|
";

fn by_body(comparisons: &[&Comparison]) -> String {
    let mut text = HEAD.to_owned();
    let bodies: BTreeSet<&str> = comparisons.iter().map(|c| c.body.as_str()).collect();
    for body in bodies {
        let of = |more: u32| -> Vec<&Comparison> {
            let mut of = comparisons.to_vec();
            of.retain(|c| c.body == body && c.more == more);
            of
        };
        let same = of(0);
        let counted = |verdict: Verdict| same.iter().filter(|c| c.is(verdict)).count();
        let alarms = same.iter().filter(|c| c.is_false_alarm()).count();
        let _infallible = writeln!(
            text,
            "| {body} | {:.2} % | {alarms}/{} | {} | {:.2} | {:.2} | {} | {} | {} | {} | {} | {} |",
            100.0 * median(same.iter().map(|c| c.spread)),
            same.len(),
            counted(Verdict::CannotTell),
            median(same.iter().map(|c| c.spent)),
            median(same.iter().map(|c| c.sampled)),
            found(&of(1), 4.0),
            found(&of(2), 1.0),
            found(&of(2), f64::INFINITY),
            found(&of(5), 2.0),
            found(&of(10), f64::INFINITY),
            per_cent_more(&of(10)),
        );
    }
    text
}

/// How many were found within so many seconds on each side.
fn found(comparisons: &[&Comparison], seconds: f64) -> String {
    let found = comparisons
        .iter()
        .filter(|c| c.is(Verdict::Regressed) && c.spent <= seconds)
        .count();
    format!("{found}/{}", comparisons.len())
}

/// What a change comes out as in the median.
fn per_cent_more(comparisons: &[&Comparison]) -> String {
    let ratios: Vec<f64> = comparisons.iter().map(|c| c.ratio).collect();
    perf_stats::median(&ratios).map_or_else(
        |_| "–".to_owned(),
        |ratio| format!("{:+.1} %", 100.0 * (ratio - 1.0)),
    )
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let values: Vec<f64> = values.filter(|value| value.is_finite()).collect();
    perf_stats::median(&values).unwrap_or(f64::NAN)
}
