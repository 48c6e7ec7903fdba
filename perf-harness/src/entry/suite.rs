//! All benchmarks of a bench target.

use std::collections::HashSet;
use std::fmt;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use perf_schema::wire::CaseDescription;
use perf_schema::{BudgetKind, ChaosPlan, InvalidId, Kind, check_name};

use super::axis::Axis;
use super::benchmark::Benchmark;
use super::budget::{Limit, budgets};
use super::case::{Case, NamedCase, THREADS};
use super::fit;
use super::search::Limited;
use super::stress::Stressed;
use crate::body::Bench;
use crate::front;

/// The benchmarks of a bench target, for a `main` function without macros.
///
/// ```no_run
/// use std::process::ExitCode;
///
/// fn main() -> ExitCode {
///     let mut suite = perf_harness::Suite::new();
///     suite.bench("sort").axis("n", [100_usize, 10_000]).run(|b, case| {
///         let n = case.get::<usize>("n");
///         b.input(|| (0..n).rev().collect::<Vec<_>>()).run_mut(|v| v.sort());
///     });
///     suite.main()
/// }
/// ```
#[derive(Debug, Default)]
pub struct Suite {
    benchmarks: Vec<Declared>,
    /// What came of a benchmark that could not even be declared.
    refused: Option<SuiteError>,
}

pub(crate) type Body = Arc<dyn Fn(Bench, &Case) + Send + Sync>;

/// A benchmark as it was declared.
pub(crate) struct Declared {
    pub(crate) name: String,
    pub(crate) kind: Kind,
    pub(crate) file: &'static str,
    pub(crate) line: u32,
    pub(crate) axes: Vec<Axis>,
    pub(crate) timeout: Option<Duration>,
    pub(crate) version: u32,
    pub(crate) ignored: bool,
    pub(crate) ignored_because: Option<String>,
    pub(crate) budgets: Vec<(String, Limit)>,
    pub(crate) floors: Vec<(String, Limit)>,
    pub(crate) gate: Option<String>,
    pub(crate) fit: Option<String>,
    pub(crate) limit: Option<Limited>,
    pub(crate) stressed: Stressed,
    pub(crate) body: Option<Body>,
}

impl fmt::Debug for Declared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Declared")
            .field("name", &self.name)
            .field("kind", &self.kind)
            .field("axes", &self.axes)
            .field("timeout", &self.timeout)
            .field("version", &self.version)
            .field("ignored", &self.ignored)
            .field("ignored_because", &self.ignored_because)
            .field("budgets", &self.budgets)
            .field("floors", &self.floors)
            .field("gate", &self.gate)
            .field("fit", &self.fit)
            .field("limit", &self.limit)
            .field("stressed", &self.stressed)
            .finish_non_exhaustive()
    }
}

/// A case that can be run.
#[derive(Clone)]
pub(crate) struct Runnable {
    pub(crate) named: NamedCase,
    pub(crate) description: CaseDescription,
    pub(crate) body: Body,
}

/// Why a suite is not one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SuiteError(String);

impl SuiteError {
    fn of(name: &str, file: &str, line: u32, what: &str) -> Self {
        Self(format!("benchmark `{name}` ({file}:{line}): {what}"))
    }
}

impl fmt::Display for SuiteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Runnable {
    /// The stack on which its body runs, where its author says so.
    pub(crate) fn stack_bytes(&self) -> Option<u64> {
        self.description.limit.as_ref()?.caps.stack_bytes
    }

    /// The first level of a limit.
    pub(crate) fn first_level(&self) -> u64 {
        let limit = self.description.limit.as_ref();
        limit.map_or(1, |limit| limit.first)
    }

    /// Whether it runs under a fault of its own.
    pub(crate) fn has_fault(&self) -> bool {
        let chaos = self.description.chaos.as_ref();
        chaos.is_some_and(ChaosPlan::has_fault)
    }
}

impl Suite {
    /// A suite without benchmarks.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            benchmarks: Vec::new(),
            refused: None,
        }
    }

    /// Begins a benchmark. `name` may have modules in front: `text::parse`.
    #[track_caller]
    pub fn bench(&mut self, name: impl Into<String>) -> Benchmark<'_> {
        let caller = std::panic::Location::caller();
        self.bench_at(name.into(), caller.file(), caller.line())
    }

    pub(crate) fn bench_at(
        &mut self,
        name: String,
        file: &'static str,
        line: u32,
    ) -> Benchmark<'_> {
        let declared = Declared {
            name,
            kind: Kind::Time,
            file,
            line,
            axes: Vec::new(),
            timeout: None,
            version: 1,
            ignored: false,
            ignored_because: None,
            budgets: Vec::new(),
            floors: Vec::new(),
            gate: None,
            fit: None,
            limit: None,
            stressed: Stressed::default(),
            body: None,
        };
        Benchmark::new(self, declared)
    }

    /// Notes that a benchmark could not be declared, so that the suite is not one.
    pub(crate) fn refuse(&mut self, name: &str, file: &str, line: u32, what: &str) {
        let error = SuiteError::of(name, file, line, what);
        self.refused.get_or_insert(error);
    }

    pub(super) fn add(&mut self, declared: Declared) {
        self.benchmarks.push(declared);
    }

    /// Does what the command line and the environment ask for. Call it from `main` and return what it returns.
    #[must_use]
    pub fn main(self) -> ExitCode {
        front::main(&self)
    }

    /// Every case, in the order of declaration.
    ///
    /// # Errors
    /// When a name cannot be one, stands twice, or an axis is not in order.
    pub(crate) fn cases(&self) -> Result<Vec<Runnable>, SuiteError> {
        if let Some(refused) = &self.refused {
            return Err(refused.clone());
        }
        let mut cases = Vec::new();
        let mut names = HashSet::new();
        for declared in &self.benchmarks {
            declared.check()?;
            for named in Case::all(&declared.name, &declared.axes) {
                check_name(&named.name).map_err(|error| declared.error(&error.to_string()))?;
                if !names.insert(named.name.clone()) {
                    return Err(declared.error(
                        "its name stands for two cases; give one of them another name or value",
                    ));
                }
                cases.push(declared.runnable(named)?);
            }
        }
        Ok(cases)
    }
}

impl Declared {
    fn error(&self, what: &str) -> SuiteError {
        SuiteError::of(&self.name, self.file, self.line, what)
    }

    fn check(&self) -> Result<(), SuiteError> {
        let mut names = HashSet::new();
        for Axis { name, values } in &self.axes {
            if values.is_empty() {
                return Err(self.error(&format!("axis `{name}` has no values")));
            }
            if !names.insert(name) {
                return Err(self.error(&format!("axis `{name}` stands twice")));
            }
            if name.is_empty() || name.contains(['=', ',', '[', ']']) {
                return Err(self.error(&format!("`{name}` cannot name an axis")));
            }
            if name == THREADS
                && !values
                    .iter()
                    .all(|v| v.get::<usize>().is_ok_and(|n| (1..=4096).contains(&n)))
            {
                return Err(
                    self.error("the values of `threads` must be numbers (usize) from 1 to 4096")
                );
            }
        }
        if self.kind == Kind::Command && self.axes.iter().any(|axis| axis.name == THREADS) {
            return Err(self.error(
                "a command has no axis `threads`: for a number that the program is to be given choose another name",
            ));
        }
        self.check_limit()?;
        self.check_stress()?;
        if self
            .timeout
            .is_some_and(|timeout| timeout < Duration::from_millis(1))
        {
            return Err(self.error("a timeout must be at least a millisecond"));
        }
        Ok(())
    }

    fn check_limit(&self) -> Result<(), SuiteError> {
        let Some(limit) = &self.limit else {
            return Ok(());
        };
        if self.axes.iter().any(|axis| axis.name == THREADS) {
            return Err(self.error(
                "a limit has no axis `threads`: for a number that its body is to be given choose another name",
            ));
        }
        if self.axes.iter().any(|axis| axis.name == limit.axis()) {
            return Err(self.error(&format!("axis `{}` stands twice", limit.axis())));
        }
        if self.has_budgets() {
            return Err(self.error("a limit has caps, and no budgets"));
        }
        if self.fit.is_some() {
            return Err(self.error("a limit says `fit` after `limit`: it is of its levels"));
        }
        Ok(())
    }

    const fn has_budgets(&self) -> bool {
        !self.budgets.is_empty() || !self.floors.is_empty()
    }

    fn check_stress(&self) -> Result<(), SuiteError> {
        if self.stressed.under.is_none() {
            return Ok(());
        }
        match self.kind {
            Kind::Limit => Err(self.error("a limit is not searched under stress")),
            Kind::Command => Err(self.error("a command is not measured under stress")),
            Kind::Time if self.has_budgets() => {
                Err(self.error("a benchmark under stress has no budgets"))
            }
            Kind::Time => Ok(()),
        }
    }

    fn runnable(&self, named: NamedCase) -> Result<Runnable, SuiteError> {
        let body = self
            .body
            .clone()
            .ok_or_else(|| self.error("it has no body"))?;
        let gate = self.gate.as_deref().map(str::parse).transpose();
        let fit = self.fit.as_deref();
        let fit = fit.map(|text| fit::promised(text, &self.axes)).transpose();
        let plan = self.limit.as_ref().map(Limited::plan);
        let description = CaseDescription {
            name: named.name.clone(),
            kind: self.kind,
            parameters: named.case.labels(),
            version: self.version,
            threads: u32::try_from(named.case.threads()).unwrap_or(u32::MAX),
            ignored: self.ignored,
            ignored_because: self.ignored_because.clone(),
            timeout_ms: self
                .timeout
                .map(|t| u64::try_from(t.as_millis()).unwrap_or(u64::MAX)),
            budgets: budgets(BudgetKind::AtMost, &self.budgets)
                .map_err(|what| self.error(&what))?,
            floors: budgets(BudgetKind::AtLeast, &self.floors).map_err(|what| self.error(&what))?,
            gate: gate.map_err(|error: InvalidId| self.error(&error.to_string()))?,
            fit: fit.map_err(|what| self.error(&what))?,
            limit: plan.transpose().map_err(|what| self.error(&what))?,
            chaos: self.stressed.plan().map_err(|what| self.error(&what))?,
            file: self.file.to_owned(),
            line: self.line,
        };
        Ok(Runnable {
            named,
            description,
            body,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error_of(declare: impl FnOnce(&mut Suite)) -> String {
        let mut suite = Suite::new();
        declare(&mut suite);
        suite
            .cases()
            .err()
            .expect("the suite should be refused")
            .to_string()
    }

    #[test]
    fn a_faulty_declaration_names_the_benchmark_and_what_is_wrong() {
        let empty = error_of(|s| {
            s.bench("f")
                .axis("n", [0_u8; 0])
                .run(|b, _| drop(b.run(|| ())))
        });
        assert!(
            empty.contains("`f`") && empty.contains("axis `n` has no values"),
            "{empty}"
        );
        let twice = error_of(|s| {
            s.bench("f").run(|b, _| drop(b.run(|| ())));
            s.bench("f").run(|b, _| drop(b.run(|| ())));
        });
        assert!(twice.contains("stands for two cases"), "{twice}");
        let label = error_of(|s| {
            s.bench("f")
                .axis("s", ["a\nb"])
                .run(|b, _| drop(b.run(|| ())))
        });
        assert!(label.contains("line break"), "{label}");
        let listing = error_of(|s| s.bench("f: test").run(|b, _| drop(b.run(|| ()))));
        assert!(listing.contains("test listing"), "{listing}");
        let threads = error_of(|s| s.bench("f").threads([0]).run(|b, _| drop(b.run(|| ()))));
        assert!(threads.contains("from 1 to 4096"), "{threads}");
        let command = error_of(|s| {
            s.bench("f")
                .threads([1])
                .command(|_| crate::Command::new("true"))
        });
        assert!(
            command.contains("a command has no axis `threads`"),
            "{command}"
        );
        let timeout = error_of(|s| {
            s.bench("f")
                .timeout(Duration::ZERO)
                .run(|b, _| drop(b.run(|| ())))
        });
        assert!(timeout.contains("timeout"), "{timeout}");
        let budget = error_of(|s| {
            s.bench("f")
                .at_most("wall", 10)
                .run(|b, _| drop(b.run(|| ())))
        });
        assert!(
            budget.contains("`f`") && budget.contains("`wall` is a time"),
            "{budget}"
        );
        let command = error_of(|s| {
            s.bench("f")
                .under([perf_schema::Stress::Io])
                .command(|_| crate::Command::new("true"))
        });
        assert!(command.contains("not measured under stress"), "{command}");
        let budget = error_of(|s| {
            s.bench("f")
                .under([perf_schema::Stress::Io])
                .at_most("allocs", 1)
                .run(|b, _| drop(b.run(|| ())))
        });
        assert!(budget.contains("has no budgets"), "{budget}");
        let nobody = error_of(|s| {
            s.bench("f")
                .under([perf_schema::Stress::Cpu(0)])
                .run(|b, _| drop(b.run(|| ())))
        });
        assert!(nobody.contains("from 1 to"), "{nobody}");
        let gate = error_of(|s| s.bench("f").gate("wide").run(|b, _| drop(b.run(|| ()))));
        assert!(gate.contains("`f`") && gate.contains("never"), "{gate}");
    }

    #[test]
    fn a_case_is_described_by_its_axes() {
        let mut suite = Suite::new();
        suite
            .bench("m::f")
            .threads([2])
            .version(3)
            .ignore()
            .run(|b, _| drop(b.run(|| ())));
        let cases = suite.cases().unwrap_or_else(|error| panic!("{error}"));
        let description = &cases[0].description;
        assert_eq!(description.name, "m::f[threads=2]");
        assert_eq!(
            (
                description.version,
                description.threads,
                description.ignored
            ),
            (3, 2, true)
        );
        assert!(description.file.ends_with("suite.rs"));
    }
}
