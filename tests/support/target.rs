//! A bench target by itself, without `cargo perf`.

use super::{Output, Project};

/// The bench binary of a project, built.
pub struct Target {
    pub project: Project,
    pub binary: String,
}

impl Target {
    /// Of the benchmarks that every project has.
    pub fn new() -> Self {
        Self::with_benches(None)
    }

    /// Of these benchmarks instead.
    pub fn with_benches(benches: Option<&str>) -> Self {
        let project = Project::new();
        if let Some(benches) = benches {
            project.write("benches/cpu.rs", benches);
        }
        let built = project.cargo(&["bench", "--no-run", "--message-format", "json"]);
        built.code(0);
        let binary = built
            .stdout
            .lines()
            .filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok())
            .filter(|message| message["target"]["kind"][0] == "bench")
            .find_map(|message| message["executable"].as_str().map(str::to_owned))
            .expect("cargo names the binary");
        Self { project, binary }
    }

    /// Runs the binary as cargo would.
    pub fn run(&self, arguments: &[&str]) -> Output {
        let mut command = self.project.command(&self.binary);
        command
            .env("PERF_HARNESS_CLOCK", "scripted")
            .args(arguments);
        Output::of(command.output().expect("the bench binary starts"))
    }
}
