//! What a command answered.

/// Exit code and streams of a command that has ended.
#[derive(Debug)]
pub struct Output {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Output {
    pub fn of(output: std::process::Output) -> Self {
        Self {
            // A signal has no code; no test expects one.
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8(output.stdout).expect("standard output should be UTF-8"),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// Asserts on the exit code and shows everything if it is another.
    #[track_caller]
    pub fn code(&self, expected: i32) -> &Self {
        assert_eq!(
            self.code, expected,
            "\n--- stdout\n{}\n--- stderr\n{}",
            self.stdout, self.stderr
        );
        self
    }

    /// Asserts that standard output holds `part`.
    #[track_caller]
    pub fn says(&self, part: &str) -> &Self {
        assert!(
            self.stdout.contains(part),
            "{part:?} is not in standard output\n--- stdout\n{}\n--- stderr\n{}",
            self.stdout,
            self.stderr
        );
        self
    }

    /// Asserts that standard error holds `part`.
    #[track_caller]
    pub fn complains(&self, part: &str) -> &Self {
        assert!(
            self.stderr.contains(part),
            "{part:?} is not in standard error\n--- stdout\n{}\n--- stderr\n{}",
            self.stdout,
            self.stderr
        );
        self
    }

    /// The verdict of each benchmark in a JSON report, by its name without the package.
    #[track_caller]
    pub fn verdicts(&self) -> Vec<(String, String)> {
        let report: serde_json::Value =
            serde_json::from_str(&self.stdout).unwrap_or_else(|error| {
                panic!(
                    "{error}\n--- stdout\n{}\n--- stderr\n{}",
                    self.stdout, self.stderr
                )
            });
        let text = |value: &serde_json::Value| value.as_str().unwrap_or("none").to_owned();
        report["benchmarks"]
            .as_array()
            .expect("a report has benchmarks")
            .iter()
            .map(|benchmark| {
                let id = text(&benchmark["id"]);
                let name = id.split_once('/').map_or(id.as_str(), |(_, name)| name);
                (name.to_owned(), text(&benchmark["verdict"]))
            })
            .collect()
    }
}
