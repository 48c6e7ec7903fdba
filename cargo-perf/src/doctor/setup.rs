//! What of the set-up keeps measurements from being compared.

use crate::store::Fault;

use super::Finding;
use crate::scaffold::{RULE, keeps_records};

/// A record that is well, or not.
#[derive(Debug, Default)]
pub struct Records {
    /// Files in `baselines/`.
    pub count: usize,
    /// Their bytes.
    pub bytes: u64,
    /// Seconds since 1970 of the commits of the oldest and the newest, if that is known.
    pub span: Option<(i64, i64)>,
    /// What cannot be read.
    pub faults: Vec<Fault>,
}

const YEAR: f64 = 365.25 * 86_400.0;

/// Growth over less than this many days is not told: a busy afternoon is not a year.
const LEAST_SPAN: i64 = 14 * 86_400;

/// What was found: of records, of what lies in `.perf/`, of the repository.
#[must_use]
pub fn setup(
    records: &Records,
    local_bytes: Option<u64>,
    attributes: Option<&str>,
) -> Vec<Finding> {
    let mut findings = vec![baselines(records), unreadable(records)];
    findings.push(match local_bytes {
        None => Finding::unknown("local history", ".perf/ is larger than was looked at"),
        Some(bytes) if bytes > 5 << 30 => Finding::advice(
            "local history",
            format!(".perf/ takes {}", size(bytes)),
            "runs, builds of baselines and their worktrees are kept there",
            "rm -rf .perf: builds are made again when they are needed; earlier runs, calibrations and what they taught of noise are lost",
        ),
        Some(bytes) => Finding::ok("local history", format!(".perf/ takes {}", size(bytes))),
    });
    if records.count > 0 {
        findings.push(attributes_line(attributes));
    }
    findings
}

fn baselines(records: &Records) -> Finding {
    if records.count == 0 {
        return Finding::advice(
            "baselines",
            "none are committed",
            "other machines and later days have nothing to compare with",
            "cargo perf run --save, then commit baselines/",
        );
    }
    let found = format!("{} records, {}", records.count, size(records.bytes));
    let per_year = growth(records);
    let Some(per_year) = per_year else {
        return Finding::ok("baselines", found);
    };
    let found = format!("{found}, growing by {} a year", size(per_year));
    if per_year < 100 << 20 {
        return Finding::ok("baselines", found);
    }
    Finding::advice(
        "baselines",
        found,
        "everyone who clones the repository downloads them",
        "save fewer of them, one for each merge is enough; `cargo perf baseline prune --keep within=90d,weekly=all` thins old ones",
    )
}

fn growth(records: &Records) -> Option<u64> {
    let (from, to) = records.span?;
    let span = to.checked_sub(from).filter(|span| *span >= LEAST_SPAN)?;
    let per_year = records.bytes as f64 * YEAR / span as f64;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "positive; saturates"
    )]
    Some(per_year as u64)
}

fn unreadable(records: &Records) -> Finding {
    let Some(first) = records.faults.first() else {
        return Finding::ok("damaged records", "none");
    };
    let more = match records.faults.len() {
        1 => String::new(),
        count => format!(", and {} more", count - 1),
    };
    Finding::problem(
        "damaged records",
        format!("{first}{more}"),
        "what cannot be read is no baseline",
        "git checkout -- baselines",
    )
}

fn attributes_line(attributes: Option<&str>) -> Finding {
    if attributes.is_some_and(keeps_records) {
        return Finding::ok("line endings", ".gitattributes keeps records as they are");
    }
    Finding::advice(
        "line endings",
        "no line for baselines/ in .gitattributes",
        "where git turns line endings about, records no longer match their ids",
        format!("echo '{RULE}' >> .gitattributes"),
    )
}

fn size(bytes: u64) -> String {
    match bytes {
        0..1_048_576 => format!("{} KiB", bytes.div_ceil(1024)),
        _ => format!("{:.1} MiB", bytes as f64 / 1_048_576.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_lost_with_the_local_history_is_named() {
        let told = |bytes| format!("{:?}", setup(&Records::default(), bytes, None));
        let large = told(Some(6 << 30));
        for lost in ["earlier runs", "calibrations", "noise"] {
            assert!(large.contains(lost), "{large}");
        }
        assert!(!told(Some(1 << 30)).contains("rm -rf"));
    }
}
