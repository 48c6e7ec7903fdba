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

    /// Asserts that standard output does not hold `part`.
    #[track_caller]
    pub fn does_not_say(&self, part: &str) -> &Self {
        assert!(
            !self.stdout.contains(part),
            "{part:?} is in standard output\n--- stdout\n{}\n--- stderr\n{}",
            self.stdout,
            self.stderr
        );
        self
    }

    /// Standard output as JSON, of which it must be all.
    #[track_caller]
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| {
            panic!(
                "{error}\n--- stdout\n{}\n--- stderr\n{}",
                self.stdout, self.stderr
            )
        })
    }

    /// The verdict of each benchmark in a JSON report, by its name without the package.
    #[track_caller]
    pub fn verdicts(&self) -> Vec<(String, String)> {
        let name_and = |benchmark: &serde_json::Value, member: &str| {
            let id = text(&benchmark["id"]);
            let name = id.split_once('/').map_or(id.as_str(), |(_, name)| name);
            (name.to_owned(), text(&benchmark[member]))
        };
        let report = self.json();
        let benchmarks = report["benchmarks"]
            .as_array()
            .expect("a report has benchmarks");
        benchmarks
            .iter()
            .map(|benchmark| name_and(benchmark, "verdict"))
            .collect()
    }

    /// Asserts on the verdicts of a JSON report, all of them.
    #[track_caller]
    pub fn gives(&self, expected: &[(&str, &str)]) -> &Self {
        let verdicts = self.verdicts();
        let verdicts: Vec<(&str, &str)> = verdicts
            .iter()
            .map(|(name, verdict)| (name.as_str(), verdict.as_str()))
            .collect();
        assert_eq!(
            verdicts, expected,
            "\n--- stdout\n{}\n--- stderr\n{}",
            self.stdout, self.stderr
        );
        self
    }

    /// The notes of a JSON report, one on each line.
    #[track_caller]
    pub fn notes(&self) -> String {
        let report = self.json();
        let notes = report["notes"].as_array().expect("a report has notes");
        notes.iter().map(|note| text(note) + "\n").collect()
    }

    /// Asserts that the notes of a JSON report hold `part`.
    #[track_caller]
    pub fn notes_that(&self, part: &str) -> &Self {
        let notes = self.notes();
        assert!(
            notes.contains(part),
            "{part:?} is not in the notes:\n{notes}\n--- stderr\n{}",
            self.stderr
        );
        self
    }
}

fn text(value: &serde_json::Value) -> String {
    value.as_str().unwrap_or("none").to_owned()
}
