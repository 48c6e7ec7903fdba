//! What a benchmark says it is to run under.

use std::time::Duration;

use perf_schema::{ChaosPlan, Stress};

/// How long to wait for a body to be as fast as before, if its author says nothing.
const RECOVERY: Duration = Duration::from_secs(5);

/// Stress as it was declared.
#[derive(Clone, Debug, Default)]
pub(crate) struct Stressed {
    pub(crate) under: Option<Vec<Stress>>,
    pub(crate) recovery: Option<Duration>,
}

impl Stressed {
    /// The plan, where there is one.
    ///
    /// # Errors
    /// With what is wrong, for the author of the benchmark.
    pub(crate) fn plan(&self) -> Result<Option<ChaosPlan>, String> {
        let recovery = self.recovery.unwrap_or(RECOVERY);
        let recovery_ms = u64::try_from(recovery.as_millis()).unwrap_or(u64::MAX);
        match &self.under {
            None if self.recovery.is_some() => Err(
                "it has `recovery` and nothing to recover from: say what it is `under`".to_owned(),
            ),
            None => Ok(None),
            Some(_) if recovery_ms == 0 => {
                Err("`recovery` must be at least a millisecond".to_owned())
            }
            Some(under) if under.is_empty() => Err("it is `under` nothing".to_owned()),
            Some(under) => {
                check(under)?;
                Ok(Some(ChaosPlan {
                    under: under.clone(),
                    recovery_ms,
                }))
            }
        }
    }
}

fn check(under: &[Stress]) -> Result<(), String> {
    if let Some(fault) = under.iter().find_map(|stress| stress.fault()) {
        return Err(fault);
    }
    for (index, stress) in under.iter().enumerate() {
        if let Some(twice) = under[..index]
            .iter()
            .find(|other| other.is_of_kind(*stress))
        {
            return Err(format!("`{twice}` and `{stress}` are of one kind"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(
        under: Option<&[Stress]>,
        recovery_ms: Option<u64>,
    ) -> Result<Option<ChaosPlan>, String> {
        let stressed = Stressed {
            under: under.map(<[Stress]>::to_vec),
            recovery: recovery_ms.map(Duration::from_millis),
        };
        stressed.plan()
    }

    #[test]
    fn stress_is_planned_as_it_was_declared() {
        assert_eq!(plan(None, None), Ok(None));
        let both = [Stress::Cpu(2), Stress::Fault];
        let planned = plan(Some(&both), None).unwrap().unwrap();
        assert_eq!((planned.under, planned.recovery_ms), (both.to_vec(), 5000));
        let planned = plan(Some(&both), Some(20)).unwrap().unwrap();
        assert_eq!(planned.recovery_ms, 20);
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        for (under, recovery, part) in [
            (Some(&[][..]), None, "nothing"),
            (None, Some(1), "recover from"),
            (Some(&[Stress::Io][..]), Some(0), "millisecond"),
            (Some(&[Stress::Cpu(0)][..]), None, "threads"),
            (
                Some(&[Stress::Memory(1 << 20), Stress::MemoryPercent(5)][..]),
                None,
                "of one kind",
            ),
        ] {
            let why = plan(under, recovery).unwrap_err();
            assert!(why.contains(part), "{why}");
        }
    }
}
