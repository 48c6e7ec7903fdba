//! How it goes, for the person who waits: a bar on a terminal, a line now and then elsewhere.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use perf_runner::{Listener, Progress};

use perf_schema::{Level, LimitRecord};

use super::discover::Candidate;
use crate::context::Context;
use crate::report::limits;

/// Listens to a run and shows how it goes, on standard error.
pub struct Reporter<'a> {
    cx: &'a Context,
    names: Vec<String>,
    /// How many of the names are no benchmarks of their own.
    controls: usize,
    bar: ProgressBar,
    piloted: usize,
    expected: Duration,
    counting: Option<Duration>,
}

impl<'a> Reporter<'a> {
    /// A reporter for a run of `cases`.
    #[must_use]
    pub fn new(cx: &'a Context, cases: &[Candidate]) -> Self {
        // Redrawn a few times a second at most: drawing is work beside what is being measured.
        let target = if cx.draws && !cx.is_quiet() {
            ProgressDrawTarget::stderr_with_hz(4)
        } else {
            ProgressDrawTarget::hidden()
        };
        let bar = ProgressBar::with_draw_target(Some(cases.len() as u64), target);
        if let Ok(style) = ProgressStyle::with_template("{msg:>12} [{wide_bar}] {pos}/{len} {eta}")
        {
            bar.set_style(style.progress_chars("=> "));
        }
        bar.set_message("calibrating");
        Self {
            cx,
            names: cases.iter().map(|case| case.id.in_package()).collect(),
            controls: 0,
            bar,
            piloted: 0,
            expected: Duration::ZERO,
            counting: None,
        }
    }

    /// Knows of a control that is measured besides, the last of all.
    #[must_use]
    pub fn with_control(mut self, control: Option<&Candidate>) -> Self {
        let names = control.map(|case| format!("the control, {},", case.id.in_package()));
        self.controls = names.iter().len();
        self.names.extend(names);
        self
    }

    /// Says beforehand that counting instructions will follow.
    #[must_use]
    pub fn announcing(mut self, counting: Option<Duration>) -> Self {
        self.counting = counting;
        self
    }

    /// The timed part is over, and the instructions of so many cases are counted.
    pub fn begin_counting(&mut self, cases: usize, expected: Duration) {
        if cases == 0 {
            return;
        }
        self.mention(&format!(
            "counting the instructions of {} under Valgrind for about {} s",
            benchmarks(cases),
            seconds(expected)
        ));
        self.bar.set_length(cases as u64);
        self.bar.set_position(0);
        self.bar.set_message("counting");
        self.bar.reset_eta();
    }

    /// One of them is done.
    pub fn counted(&self) {
        self.bar.inc(1);
    }

    /// Takes the bar away.
    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }

    fn probed(&self, case: usize, level: &Level) {
        let name = &self.names[case];
        self.bar.set_message(format!("{name} at {}", level.n));
        if let Some(failure) = &level.failure {
            self.say(&format!(
                "{name} failed at {}: {}",
                level.n, failure.message
            ));
        }
    }

    fn searched(&self, case: usize, limit: &LimitRecord) {
        self.bar.inc(1);
        self.mention(&format!("{}: {}", self.names[case], limits::bracket(limit)));
    }

    /// Of how far it is.
    fn mention(&self, line: &str) {
        self.bar.suspend(|| self.cx.mention(line));
    }

    fn say(&self, line: &str) {
        self.bar.suspend(|| self.cx.say(line));
    }
}

impl Listener for Reporter<'_> {
    fn hear(&mut self, progress: Progress<'_>) {
        match progress {
            Progress::Searching(count, time) => {
                self.mention(&format!(
                    "searching {count} limit{} for at most about {} s",
                    if count == 1 { "" } else { "s" },
                    seconds(time)
                ));
                self.bar.set_length(count as u64);
                self.bar.set_position(0);
                self.bar.reset_eta();
            }
            Progress::Probed { case, level } => self.probed(case, level),
            Progress::Searched { case, limit } => self.searched(case, limit),
            Progress::Piloted { case, failure } => {
                self.piloted += 1;
                self.bar.set_position(self.piloted as u64);
                if let Some(failure) = failure {
                    self.say(&format!("{} failed: {}", self.names[case], failure.message));
                }
            }
            Progress::Expected(time) => {
                self.expected = time;
                let counting = self.counting.map_or(String::new(), |time| {
                    format!(
                        ", then counting instructions for up to about {} s",
                        seconds(time)
                    )
                });
                self.mention(&format!(
                    "measuring {} for about {} s{counting}",
                    benchmarks(self.names.len() - self.controls),
                    seconds(time)
                ));
                self.bar.set_position(0);
                self.bar.set_message("measuring");
                self.bar.reset_eta();
            }
            Progress::Launched {
                case,
                done,
                planned,
                failure,
            } => {
                self.bar.set_length(u64::from(planned));
                self.bar.set_position(u64::from(done));
                if let Some(failure) = failure {
                    self.say(&format!("{} failed: {}", self.names[case], failure.message));
                }
            }
        }
    }
}

fn benchmarks(count: usize) -> String {
    format!("{count} benchmark{}", if count == 1 { "" } else { "s" })
}

fn seconds(time: Duration) -> String {
    format!("{:.0}", time.as_secs_f64().ceil())
}
