//! What a slowdown that was seen side by side comes from: more instructions, or only where the linker put the code; and what
//! else is worth a look where neither is all there is to say.

use std::collections::BTreeMap;
use std::fs;
use std::time::Duration;

use perf_runner::{PairedRun, Valgrind, count_both, expected_counting};
use perf_schema::{BenchId, Kind as CaseKind, Ratio};

use super::relinked::{self, Codes, Measured, Sides, paired_case};
use super::side_by_side::limited;
use crate::cli::CompareArgs;
use crate::compare::paired::{Instructions, ORDERS, PairedRule};
use crate::compare::{Comparison, Judged, Verdict};
use crate::context::Context;
use crate::doctor::divides_crates;
use crate::failure::{Failure, Kind};
use crate::report::{Examined, Method};

/// What counting the instructions of one benchmark may take: twenty seconds tell less than relinking does.
const PATIENCE: Duration = Duration::from_secs(20);

/// What was measured and judged already.
pub(super) struct Seen<'a> {
    pub(super) pairs: &'a [Sides],
    pub(super) runs: &'a [(BenchId, PairedRun)],
    pub(super) comparison: &'a mut Comparison,
    pub(super) methods: &'a mut BTreeMap<BenchId, Method>,
    pub(super) notes: &'a mut Vec<String>,
}

/// A benchmark that is slower and may be so by its layout alone.
struct Suspect {
    sides: Sides,
    time: Ratio,
    pairs: usize,
    instructions: Option<Instructions>,
}

/// Looks into each regression of nothing but time, and changes its verdict where the code is not to blame.
///
/// # Errors
/// When it was interrupted.
pub(super) fn find(
    cx: &Context,
    args: &CompareArgs,
    codes: Codes<'_>,
    mut seen: Seen<'_>,
) -> Result<(), Failure> {
    let mut suspects = seen.suspects();
    if suspects.is_empty() {
        return Ok(());
    }
    if args.no_relink {
        let names = names(suspects.iter().map(|suspect| &suspect.sides.1.id));
        seen.notes.push(format!(
            "{names}: it was not looked into whether the cause is no more than where the linker put the code (--no-relink)"
        ));
        return Ok(());
    }
    count(cx, args, &seen, &mut suspects)?;
    let looked_into: Vec<BenchId> = suspects.iter().map(|s| s.sides.1.id.clone()).collect();
    let (explained, open): (Vec<_>, Vec<_>) = suspects
        .into_iter()
        .partition(|suspect| suspect.explanation().is_some());
    for suspect in explained {
        seen.explain(&suspect, &suspect.explanation().unwrap_or_default());
    }
    if open.is_empty() {
        seen.hint_at_the_compiler(codes, &looked_into);
        return Ok(());
    }
    let rule = limited(PairedRule::standard(open.len()), args);
    let pairs: Vec<Sides> = open.iter().map(|suspect| suspect.sides.clone()).collect();
    let orders = ORDERS.max(rule.orders_needed());
    let measured = relinked::measure(cx, args, codes, &pairs, orders, &rule)?;
    seen.settle(&open, measured, &rule);
    seen.hint_at_the_compiler(codes, &looked_into);
    Ok(())
}

impl Suspect {
    /// Why no other order needs to be asked.
    fn explanation(&self) -> Option<String> {
        let instructions = self.instructions?;
        instructions.explain(self.time).then(|| instructions.told())
    }

    fn examined(&self) -> Examined {
        Examined {
            pairs: self.pairs,
            orders: None,
            instructions: self.instructions,
        }
    }
}

impl Seen<'_> {
    fn suspects(&self) -> Vec<Suspect> {
        let suspect = |judged: &Judged| {
            let time = judged.may_be_layout()?;
            let sides = self.pairs.iter().find(|(_, now)| now.id == judged.id)?;
            let run = self.run(&judged.id)?;
            Some(Suspect {
                sides: sides.clone(),
                time,
                pairs: run.launches.len(),
                instructions: judged.counted(),
            })
        };
        self.comparison
            .benchmarks
            .iter()
            .filter_map(suspect)
            .collect()
    }

    fn run(&self, id: &BenchId) -> Option<&PairedRun> {
        let found = self.runs.iter().find(|(own, _)| own == id);
        found.map(|(_, run)| run)
    }

    fn explain(&mut self, suspect: &Suspect, why: &str) {
        let id = &suspect.sides.1.id;
        if let Some(judged) = self.judged(id) {
            judged.explain(why);
        }
        self.methods
            .insert(id.clone(), Method::Examined(suspect.examined()));
    }

    /// Of what is slower by its code and not by its place: that the code may be another one though nobody touched it, where the
    /// profile leaves the compiler free to do so.
    fn hint_at_the_compiler(&mut self, codes: Codes<'_>, looked_into: &[BenchId]) {
        let is_slower = |id: &&BenchId| {
            let mut judged = self.comparison.benchmarks.iter();
            judged.any(|judged| judged.id == **id && judged.verdict == Verdict::Regressed)
        };
        let slower: Vec<&BenchId> = looked_into.iter().filter(is_slower).collect();
        let profile = codes.ready.options.recorded_profile();
        let manifest = codes.ready.workspace.root.join("Cargo.toml");
        // Cargo read it a moment ago; what it says is not guessed at, should it be gone.
        let divides = fs::read_to_string(manifest).ok();
        let divides = divides.and_then(|manifest| divides_crates(&manifest, &profile));
        if !slower.is_empty() && divides == Some(true) {
            self.notes
                .push(compiled_otherwise(&names(slower.into_iter()), &profile));
        }
    }

    fn judged(&mut self, id: &BenchId) -> Option<&mut Judged> {
        let mut benchmarks = self.comparison.benchmarks.iter_mut();
        benchmarks.find(|judged| judged.id == *id)
    }

    /// What the orders say counts; where they could not be had, the regression stands.
    fn settle(&mut self, open: &[Suspect], measured: Measured, rule: &PairedRule) {
        let Measured { runs, mut left } = measured;
        for (id, run) in &runs {
            let Some(suspect) = open.iter().find(|suspect| suspect.sides.1.id == *id) else {
                continue;
            };
            let failures = &run.run.failures;
            let failure = failures.candidate.first().or(failures.baseline.first());
            let settled = match (failure, self.judged(id)) {
                (Some(failure), _) => {
                    Err(format!("in another order it failed: {}", failure.message))
                }
                (None, Some(judged)) => judged.settle_by_orders(run, suspect.instructions, rule),
                (None, None) => continue,
            };
            match settled {
                Ok(orders) => {
                    let examined = Examined {
                        orders: Some(orders),
                        ..suspect.examined()
                    };
                    self.methods.insert(id.clone(), Method::Examined(examined));
                }
                Err(why) => left.push((id.clone(), why)),
            }
        }
        let mut reasons: BTreeMap<String, Vec<BenchId>> = BTreeMap::new();
        for (id, why) in left {
            if let Some(suspect) = open.iter().find(|suspect| suspect.sides.1.id == id) {
                self.explain(suspect, &format!("layout could not be excluded: {why}"));
            }
            reasons.entry(why).or_default().push(id);
        }
        self.notes.extend(reasons.into_iter().map(|(why, ids)| {
            format!(
                "{}: the cause may be no more than where the linker put the code, which could not be found out: {why}",
                names(ids.iter())
            )
        }));
    }
}

/// Counts the instructions of both sides by Valgrind, where it is installed and the processor has not counted them.
fn count(
    cx: &Context,
    args: &CompareArgs,
    seen: &Seen<'_>,
    suspects: &mut [Suspect],
) -> Result<(), Failure> {
    let quick = |suspect: &Suspect| {
        let Some(run) = seen.run(&suspect.sides.1.id) else {
            return false;
        };
        2 * expected_counting(iteration(run)) <= PATIENCE
    };
    let folder = tempfile::tempdir().map_err(|error| Failure::new(Kind::Setup, error))?;
    let Ok(valgrind) = Valgrind::find(folder.path()) else {
        // Nobody asked for instructions; the orders decide without them.
        return Ok(());
    };
    let mut open: Vec<&mut Suspect> = suspects
        .iter_mut()
        .filter(|suspect| {
            suspect.instructions.is_none()
                && suspect.sides.1.description.kind != CaseKind::Command
                && quick(suspect)
        })
        .collect();
    if !open.is_empty() {
        cx.mention(format!(
            "counting the instructions of {} on both sides",
            names(open.iter().map(|suspect| &suspect.sides.1.id))
        ));
    }
    for suspect in &mut open {
        let case = paired_case(&suspect.sides.0, &suspect.sides.1);
        let counts = count_both(
            &case.baseline,
            &case.candidate,
            &valgrind,
            args.measure.timeout(),
            &cx.stop,
        );
        let counts = counts.map_err(|error| Failure::new(Kind::Interrupted, error))?;
        let both = counts.baseline.agreed().zip(counts.candidate.agreed());
        suspect.instructions = both
            .filter(|(baseline, candidate)| *baseline > 0.0 && *candidate > 0.0)
            .map(|(baseline, candidate)| Instructions {
                baseline,
                candidate,
            });
    }
    Ok(())
}

/// How long one iteration took, at its quickest.
fn iteration(run: &PairedRun) -> Duration {
    let launches = run.launches.iter();
    let samples = launches.flat_map(|pair| [&pair.baseline, &pair.candidate]);
    let quickest = samples.flat_map(|launch| &launch.wall_ns).min().copied();
    Duration::from_nanos(quickest.unwrap_or(0) / run.batch.unwrap_or(1).max(1))
}

/// The advice for benchmarks that are slower though, perhaps, nobody touched what they call.
fn compiled_otherwise(names: &str, profile: &str) -> String {
    format!(
        "{names}: if the change does not touch what this calls, it may have been compiled otherwise: profile `{profile}` \
         divides a crate into codegen units, and code added elsewhere then decides what is inlined; with `codegen-units = 1` \
         in [profile.{profile}] on both sides that is excluded"
    )
}

fn names<'a>(ids: impl Iterator<Item = &'a BenchId>) -> String {
    ids.map(BenchId::in_package).collect::<Vec<_>>().join(", ")
}
