//! What surrounds the numbers: the machine, the toolchain, the commits, and where a benchmark is written.

use perf_schema::{Environment, Machine, Sha};

/// The surroundings of a report. Empty where nobody said anything of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct About {
    /// What each is called, and what it was; in the order in which they are shown.
    pub surroundings: Vec<(&'static str, String)>,
    /// The day on which the report was made.
    pub generated: Option<String>,
    /// The commits between baseline and candidate.
    pub range: Option<Range>,
}

/// Commits after one up to another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Range {
    /// The baseline's commit.
    pub from: Sha,
    /// The candidate's.
    pub to: Sha,
    /// A page that shows them, where the remote is of a host whose pages are known.
    pub link: Option<String>,
}

/// Where a benchmark is declared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// Path from the top of the repository, with `/`.
    pub file: String,
    /// The line, counted from 1.
    pub line: u32,
}

impl About {
    /// The surroundings of a run. Members that the environment does not know are left out.
    #[must_use]
    pub fn of(machine: &Machine, environment: &Environment, ci: Option<&str>) -> Self {
        let build = &environment.build;
        let mut surroundings = vec![
            ("machine class", machine.class.clone()),
            ("processor", machine.cpu.clone()),
            (
                "cores",
                format!("{} ({} threads)", machine.cores, machine.threads),
            ),
            ("system", format!("{} {}", machine.os, machine.arch)),
            ("compiler", environment.rustc.clone()),
            ("profile", build.profile.clone()),
            ("target", build.target.clone()),
        ];
        let mut add = |name, value: Option<String>| {
            surroundings.extend(value.map(|value| (name, value)));
        };
        let filled = |text: String| Some(text).filter(|text| !text.is_empty());
        add("features", filled(build.features.join(" ")));
        add("build flags", filled(build.flags.clone()));
        add(
            "memory",
            environment.memory_mib.map(|mib| format!("{mib} MiB")),
        );
        add("governor", environment.governor.clone());
        add("virtualisation", environment.virtualisation.clone());
        let load = |percent: u32| format!("{:.2}", f64::from(percent) / 100.0);
        add("load before", environment.load_before_percent.map(load));
        add("load after", environment.load_after_percent.map(load));
        add("cargo perf", Some(environment.cargo_perf.clone()));
        add("measured in", ci.map(str::to_owned));
        Self {
            surroundings,
            generated: None,
            range: None,
        }
    }
}

impl Range {
    /// The command that shows the commits where there is no page.
    #[must_use]
    pub fn command(&self) -> String {
        format!("git log {}..{}", self.from.short(12), self.to.short(12))
    }
}
