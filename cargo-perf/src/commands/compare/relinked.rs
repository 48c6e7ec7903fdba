//! Both sides linked in other orders, and measured in them.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::PathBuf;
use std::time::Duration;

use perf_runner::{
    BySide, OrderedCase, OrderedRun, PairSettings, PairedCase, Program, conduct_orders,
};
use perf_schema::{BenchId, Kind as CaseKind};

use super::super::measuring::{Ready, repository_failure};
use crate::base::Base;
use crate::cli::CompareArgs;
use crate::compare::paired::{PairedRule, ROUNDS};
use crate::context::Context;
use crate::failure::{Failure, Kind};
use crate::run::{self, Artefacts, BuildOptions, Candidate, NoOrders, Relinking, Reporter};

/// A benchmark of both sides, the baseline's first.
pub(super) type Sides = (Candidate, Candidate);

/// What was seen of a benchmark in several orders.
pub(super) type InOrders = (BenchId, OrderedRun);

/// How much the binaries of all orders may weigh together to be kept, in bytes.
const KEPT_BYTES: u64 = 1 << 30;

/// How long each side of a benchmark is measured over all its orders.
const BUDGET: Duration = Duration::from_secs(2);

/// The two codes that are compared.
#[derive(Clone, Copy)]
pub(super) struct Codes<'a> {
    pub(super) ready: &'a Ready,
    pub(super) base: &'a Base,
}

/// What came of it.
#[derive(Default)]
pub(super) struct Measured {
    pub(super) runs: Vec<InOrders>,
    /// What could not be linked in other orders, and why.
    pub(super) left: Vec<(BenchId, String)>,
}

/// Links the bench targets of `pairs` in so many orders, both sides of each, and measures them.
///
/// # Errors
/// When it was interrupted, or git cannot be asked whether files changed meanwhile.
pub(super) fn measure(
    cx: &Context,
    args: &CompareArgs,
    codes: Codes<'_>,
    pairs: &[Sides],
    orders: usize,
    rule: &PairedRule,
) -> Result<Measured, Failure> {
    let linked = link(cx, codes, pairs, orders)?;
    let mut measured = Measured::default();
    let (mut cases, mut candidates) = (Vec::new(), Vec::new());
    for (then, now) in pairs {
        let programs = match linked.get(&target_of(now)) {
            _ if now.description.kind == CaseKind::Command => {
                Err("it measures another program than its own".to_owned())
            }
            Some(Ok(programs)) => Ok(programs),
            Some(Err(why)) => Err(why.clone()),
            None => Err("it was not linked again".to_owned()),
        };
        match programs {
            Ok(programs) => {
                cases.push(ordered(then, now, programs));
                candidates.push(now.clone());
            }
            Err(why) => measured.left.push((now.id.clone(), why)),
        }
    }
    if !cases.is_empty() {
        let runs = conduct(cx, args, &cases, &candidates, orders, rule)?;
        let ids = candidates.into_iter().map(|case| case.id);
        measured.runs = ids.zip(runs).collect();
    }
    let binaries = linked.into_values().flatten();
    let binaries: Vec<PathBuf> = binaries
        .flat_map(|sides| [sides.baseline, sides.candidate].concat())
        .collect();
    run::discard_heavy(&binaries, KEPT_BYTES);
    Ok(measured)
}

fn conduct(
    cx: &Context,
    args: &CompareArgs,
    cases: &[OrderedCase],
    candidates: &[Candidate],
    orders: usize,
    rule: &PairedRule,
) -> Result<Vec<OrderedRun>, Failure> {
    let budget = if args.measure.quick {
        Duration::ZERO
    } else {
        BUDGET
    };
    let settings = PairSettings {
        timeout: args.measure.timeout(),
        min_pairs: u32::try_from(orders * ROUNDS).unwrap_or(u32::MAX),
        usual: budget,
        budget,
        ..rule.settings(Ready::settings(&args.measure).seed)
    };
    let mut reporter = Reporter::new(cx, candidates);
    let runs = conduct_orders(cases, &settings, &cx.stop, &mut reporter);
    reporter.finish();
    runs.map_err(|error| Failure::new(Kind::Interrupted, error))
}

type Target = (String, String);

fn target_of(case: &Candidate) -> Target {
    (case.id.package().to_owned(), case.id.target().to_owned())
}

/// The binaries of each target, or why there are none.
type Linked = BTreeMap<Target, Result<BySide<Vec<PathBuf>>, String>>;

fn link(cx: &Context, codes: Codes<'_>, pairs: &[Sides], orders: usize) -> Result<Linked, Failure> {
    let mut linked = Linked::new();
    let timed = pairs
        .iter()
        .filter(|(_, now)| now.description.kind != CaseKind::Command);
    for target in timed.map(|(_, now)| target_of(now)) {
        if linked.contains_key(&target) {
            continue;
        }
        cx.mention(format!(
            "linking `{}` of both sides in {orders} orders of its functions, {} links; measuring follows",
            target.1,
            2 * orders
        ));
        let binaries = match both(cx, codes, &target, orders) {
            Ok(binaries) => Ok(binaries),
            Err(NoOrders::Because(why)) => Err(why),
            Err(NoOrders::Failed(failure)) => return Err(failure),
        };
        linked.insert(target, binaries);
    }
    if !linked.is_empty() && has_changed(codes.ready)? {
        let why = "files of the repository changed since it was built";
        for binaries in linked.values_mut() {
            *binaries = Err(why.to_owned());
        }
    }
    Ok(linked)
}

fn both(
    cx: &Context,
    Codes { ready, base }: Codes<'_>,
    target: &Target,
    orders: usize,
) -> Result<BySide<Vec<PathBuf>>, NoOrders> {
    Ok(BySide {
        candidate: side(cx, target, &ready.made, &ready.options, 0..orders)?,
        // Other seeds than the candidate's, so that all orders are drawn by themselves.
        baseline: side(cx, target, &base.made, &base.options, orders..2 * orders)?,
    })
}

fn side(
    cx: &Context,
    (package, name): &Target,
    made: &Artefacts,
    options: &BuildOptions,
    orders: Range<usize>,
) -> Result<Vec<PathBuf>, NoOrders> {
    let is_it =
        |built: &&run::Built| built.target.package == *package && built.target.name == *name;
    let Some(built) = made.binaries.iter().find(is_it) else {
        return Err(NoOrders::Because("it was not built".to_owned()));
    };
    let relinking = Relinking {
        built,
        options,
        made,
    };
    let way = relinking.find_way(cx, orders.start)?;
    relinking.orders(cx, way, orders)
}

/// What is linked now has to be what was built and measured before.
fn has_changed(ready: &Ready) -> Result<bool, Failure> {
    let Some(repository) = &ready.repository else {
        return Ok(false);
    };
    let state = repository.state().map_err(repository_failure)?;
    Ok(ready.state.as_ref() != Some(&state))
}

fn ordered(then: &Candidate, now: &Candidate, binaries: &BySide<Vec<PathBuf>>) -> OrderedCase {
    let programs = |case: &Candidate, binaries: &[PathBuf]| -> Vec<Program> {
        let program = |path: &PathBuf| Program {
            path: path.clone(),
            ..case.program.clone()
        };
        binaries.iter().map(program).collect()
    };
    OrderedCase {
        case: paired_case(then, now),
        programs: BySide {
            baseline: programs(then, &binaries.baseline),
            candidate: programs(now, &binaries.candidate),
        },
    }
}

/// The same benchmark of both sides, as it was built.
pub(super) fn paired_case(then: &Candidate, now: &Candidate) -> PairedCase {
    let case = |candidate: &Candidate| perf_runner::Case {
        program: candidate.program.clone(),
        description: candidate.description.clone(),
        batch: None,
    };
    PairedCase {
        baseline: case(then),
        candidate: case(now),
    }
}
