//! Whether a record would make a good baseline.

use perf_schema::RunRecord;

use super::rule::DecisionRule;
use super::side::{Session, gauges_of};

/// How many benchmarks of a record were measured with the machine so busy that a comparison with them would decide nothing
/// but the largest changes.
#[must_use]
pub fn disturbed(record: &RunRecord, rule: &DecisionRule) -> usize {
    let Some(session) = Session::of(record) else {
        return 0;
    };
    let gauges = record.benchmarks.iter().map(gauges_of);
    gauges
        .filter(|gauges| is_disturbed(gauges, session, rule))
        .count()
}

fn is_disturbed(gauges: &[f64], session: Session, rule: &DecisionRule) -> bool {
    let limit_ns = session.floor_ns * rule.quiet;
    let quiet = gauges.iter().filter(|&&gauge| gauge <= limit_ns).count();
    // Without a gauge nothing is known, and nothing said.
    !gauges.is_empty() && quiet < rule.quiet_launches
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_benchmark_is_disturbed_when_too_few_of_its_launches_were_quiet() {
        let session = Session {
            floor_ns: 100.0,
            typical_ns: 100.0,
        };
        let of = |gauges: &[f64]| is_disturbed(gauges, session, &DecisionRule::screen());
        let (quiet, busy) = (100.5, 102.0);
        assert!(!of(&[quiet; 8]));
        assert!(!of(&[quiet, quiet, quiet, quiet, quiet, busy, busy, busy]));
        assert!(of(&[quiet, quiet, quiet, quiet, busy, busy, busy, busy]));
        assert!(!of(&[]), "no gauge, no complaint");
    }
}
