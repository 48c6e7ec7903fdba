//! What should be known of a run before it becomes a baseline that others are judged by.

use perf_runner::Settings;
use perf_schema::RunRecord;

use crate::compare::steadiness::sentinel;
use crate::compare::{DecisionRule, disturbed};

/// Why a run makes a poor baseline, a sentence each; none for a good one.
pub(super) fn cautions(record: &RunRecord) -> Vec<String> {
    let all = record.benchmarks.len();
    let of_all = |count: usize| format!("{count} of its {all} benchmarks");
    let mut cautions = Vec::new();
    let failed = record
        .benchmarks
        .iter()
        .filter(|benchmark| benchmark.outcome.failed > 0)
        .count();
    if failed > 0 {
        cautions.push(format!(
            "{} failed, and nothing can be compared with them",
            of_all(failed)
        ));
    }
    let disturbed = disturbed(record, &DecisionRule::screen());
    if disturbed > 0 {
        cautions.push(format!(
            "{} were measured while the machine was busy with something else: a comparison with them will show only the \
             largest changes; measure again when it is quieter",
            of_all(disturbed)
        ));
    }
    let launches = Settings::standard(0).launches;
    if record.plan.launches < launches {
        cautions.push(format!(
            "it is a quick look of {} launches; without --quick it has {launches}, and tells smaller changes",
            record.plan.launches
        ));
    }
    cautions
}

/// What the machine itself did during the run, if it did not stay as it was: each launch has a gauge beside it, so those while it was
/// slower are left out where others are enough.
pub(super) fn sentinel_note(record: &RunRecord) -> Option<String> {
    let rule = DecisionRule::screen();
    let apart = sentinel(record, &rule)?;
    let way = if apart > 1.0 { "slower" } else { "faster" };
    let percent = (apart.max(1.0 / apart) - 1.0) * 100.0;
    Some(format!(
        "the machine became {percent:.0} % {way} from the first third of this session to the last (a fixed piece of arithmetic says \
         so); launches while it was slow count only where too few others are left"
    ))
}

/// [`cautions`] as one note.
pub(super) fn caution_note(record: &RunRecord) -> Option<String> {
    let cautions = cautions(record);
    (!cautions.is_empty())
        .then(|| format!("this run makes a poor baseline: {}", cautions.join("; ")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::fixture::Sample;

    fn record(launches: u32) -> RunRecord {
        let mut record = Sample::new().benches(&["a"]).record;
        record.plan.launches = launches;
        record
    }

    #[test]
    fn a_full_run_needs_no_word_and_a_quick_or_failed_one_does() {
        assert_eq!(caution_note(&record(30)), None);
        let quick = caution_note(&record(8)).unwrap_or_default();
        assert!(
            quick.contains("8 launches; without --quick it has 30"),
            "{quick}"
        );
        let mut failed = record(30);
        failed.benchmarks[0].outcome.failed = 1;
        let failed = caution_note(&failed).unwrap_or_default();
        assert!(failed.contains("1 of its 1 benchmarks failed"), "{failed}");
    }
}
