//! What is kept of operations: how many there were, how long they took, why some failed.

use std::collections::BTreeMap;
use std::ops::Range;

use perf_schema::{Generator, Latency, Traffic, WHOLE_PPM};

use super::Window;
use super::histogram::Histogram;

/// Kinds of errors that are told apart, and under which name the others are counted.
const MOST_KINDS: usize = 16;
const OTHERS: &str = "others";

/// Letters of an error's text that are kept.
const LONGEST_KIND: usize = 80;

/// An operation that has ended. Times are nanoseconds since the gate.
#[derive(Clone, Copy, Debug)]
pub(super) struct Operation {
    /// When its latency begins: at its start, or at a rate when it was due.
    pub(super) due_ns: u64,
    pub(super) end_ns: u64,
}

/// What one user or client saw, or all of them.
#[derive(Clone, Debug)]
pub(super) struct Account {
    window: Window,
    begun: u64,
    unstarted: u64,
    done: u64,
    errors: BTreeMap<String, u64>,
    latency: Histogram,
    /// How long who did this was ready and had no processor, where the system tells.
    waited_ns: Option<u64>,
    /// At a rate only.
    kept_up: Option<KeptUp>,
}

/// How well the generator kept up.
#[derive(Clone, Debug, Default)]
struct KeptUp {
    late: Histogram,
    without: Histogram,
    /// What operations took, and what it took a client that lagged behind to issue the next.
    busy: Histogram,
    own: Histogram,
    /// The sums of both.
    busy_ns: u64,
    own_ns: u64,
}

/// What a client spent on an operation besides the body, and how late it was by its own fault.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Own {
    pub(super) late_ns: u64,
    /// `None` where it had to wait until the operation was due.
    pub(super) spent_ns: Option<u64>,
    pub(super) busy_ns: u64,
}

impl Account {
    pub(super) fn of_users(window: Window) -> Self {
        Self {
            window,
            begun: 0,
            unstarted: 0,
            done: 0,
            errors: BTreeMap::new(),
            latency: Histogram::default(),
            waited_ns: Some(0),
            kept_up: None,
        }
    }

    pub(super) fn of_rate(window: Window) -> Self {
        Self {
            kept_up: Some(KeptUp::default()),
            ..Self::of_users(window)
        }
    }

    /// The same, of someone who has waited so long for a processor.
    pub(super) fn having_waited(self, waited_ns: Option<u64>) -> Self {
        Self { waited_ns, ..self }
    }

    /// How long all of them were ready and had no processor, where the system tells.
    pub(super) const fn waited_ns(&self) -> Option<u64> {
        self.waited_ns
    }

    /// Takes in an operation of a user.
    pub(super) fn add(&mut self, operation: Operation, outcome: Result<(), String>) {
        self.add_at_rate(operation, outcome, Own::default());
    }

    /// Takes in an operation at a rate.
    pub(super) fn add_at_rate(
        &mut self,
        Operation { due_ns, end_ns }: Operation,
        outcome: Result<(), String>,
        own: Own,
    ) {
        if outcome.is_ok() && self.window.holds(end_ns) {
            self.done += 1;
        }
        let counts = self.window.holds(due_ns);
        if let Some(kept_up) = &mut self.kept_up {
            // Of all operations: a generator that lags far behind never comes to those that count.
            kept_up.busy.add(own.busy_ns);
            kept_up.busy_ns = kept_up.busy_ns.saturating_add(own.busy_ns);
            if let Some(spent_ns) = own.spent_ns {
                kept_up.own.add(spent_ns);
                kept_up.own_ns = kept_up.own_ns.saturating_add(spent_ns);
            }
            if counts {
                kept_up.late.add(own.late_ns);
            }
        }
        if !counts {
            return;
        }
        self.begun += 1;
        let latency_ns = end_ns.saturating_sub(due_ns);
        match outcome {
            Ok(()) => self.took(latency_ns, own.late_ns),
            Err(what) => count_error(&mut self.errors, kind_of(&what), 1),
        }
    }

    /// Takes in those that were due and not begun when the window closed: each would have taken longer than it had waited.
    /// There may be thousands of millions, which are taken in by the thousandth part.
    pub(super) fn add_unstarted(&mut self, numbers: Range<u64>, due_ns: impl Fn(u64) -> u64) {
        const PARTS: u64 = 1000;
        let step = (numbers.end.saturating_sub(numbers.start) / PARTS).max(1);
        let mut from = numbers.start;
        while from < numbers.end {
            let count = step.min(numbers.end - from);
            let due_ns = due_ns(from + count / 2);
            from += count;
            if self.window.holds(due_ns) {
                self.begun += count;
                self.unstarted += count;
                let waited_ns = self.window.closes_ns - due_ns;
                self.latency.add_many(waited_ns, count);
                if let Some(kept_up) = &mut self.kept_up {
                    kept_up.without.add_many(waited_ns, count);
                }
            }
        }
    }

    fn took(&mut self, latency_ns: u64, late_ns: u64) {
        self.latency.add(latency_ns);
        if let Some(kept_up) = &mut self.kept_up {
            kept_up.without.add(latency_ns.saturating_sub(late_ns));
        }
    }

    pub(super) fn merge(&mut self, other: &Self) {
        self.begun += other.begun;
        self.unstarted += other.unstarted;
        self.done += other.done;
        for (kind, count) in &other.errors {
            count_error(&mut self.errors, kind.clone(), *count);
        }
        self.latency.merge(&other.latency);
        self.waited_ns = self.waited_ns.zip(other.waited_ns).map(|(a, b)| a + b);
        if let (Some(own), Some(others)) = (&mut self.kept_up, &other.kept_up) {
            own.late.merge(&others.late);
            own.without.merge(&others.without);
            own.busy.merge(&others.busy);
            own.own.merge(&others.own);
            own.busy_ns += others.busy_ns;
            own.own_ns += others.own_ns;
        }
    }

    pub(super) fn traffic(self) -> Traffic {
        Traffic {
            window_ns: self.window.closes_ns - self.window.opens_ns,
            begun: self.begun,
            unstarted: self.unstarted,
            done: self.done,
            errors: self.errors,
            latency: latency(&self.latency),
            processor: None,
            generator: self.kept_up.map(|kept_up| Generator {
                late_p99_ns: kept_up.late.percentile(99, 100),
                busy_ppm: kept_up.busy_ppm(self.waited_ns.unwrap_or(0)),
                without: latency(&kept_up.without),
            }),
        }
    }
}

impl KeptUp {
    /// By medians or by sums, whichever is more. With more clients than cores the longest of both are those in whose course
    /// another took the processor, and medians leave them out; but they leave out the pauses of a body that is quick between them,
    /// too. So a sum counts, less all that clients may have waited for a processor in the middle of an operation.
    fn busy_ppm(&self, waited_ns: u64) -> u32 {
        let median = |of: &Histogram| of.percentile(50, 1).unwrap_or(0);
        let by_medians = share_ppm(median(&self.busy), median(&self.own));
        by_medians.max(share_ppm(
            self.busy_ns.saturating_sub(waited_ns),
            self.own_ns,
        ))
    }
}

fn latency(taken: &Histogram) -> Latency {
    Latency {
        p50_ns: taken.percentile(50, 2),
        p90_ns: taken.percentile(90, 10),
        p99_ns: taken.percentile(99, 100),
        max_ns: taken.percentile(100, 1),
    }
}

/// A part of it and the rest; all of nothing.
fn share_ppm(part: u64, rest: u64) -> u32 {
    let whole = u128::from(part) + u128::from(rest);
    let share = (u128::from(part) * u128::from(WHOLE_PPM)).checked_div(whole);
    share
        .and_then(|share| u32::try_from(share).ok())
        .unwrap_or(WHOLE_PPM)
}

fn count_error(errors: &mut BTreeMap<String, u64>, kind: String, count: u64) {
    let is_known = errors.contains_key(&kind);
    let kind = if is_known || errors.len() < MOST_KINDS {
        kind
    } else {
        OTHERS.to_owned()
    };
    *errors.entry(kind).or_default() += count;
}

/// The first line of what an error says, as far as it is kept.
fn kind_of(what: &str) -> String {
    let line = what.lines().find(|line| !line.trim().is_empty());
    let plain = line.unwrap_or("an error without words").trim();
    plain
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .take(LONGEST_KIND)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const WINDOW: Window = Window {
        opens_ns: 100,
        closes_ns: 200,
    };

    #[test]
    fn what_begins_in_the_window_counts_and_what_ends_in_it_is_throughput() {
        let mut account = Account::of_users(WINDOW);
        for (due_ns, end_ns) in [(50, 120), (100, 150), (190, 260), (200, 210)] {
            account.add(Operation { due_ns, end_ns }, Ok(()));
        }
        account.add(
            Operation {
                due_ns: 150,
                end_ns: 151,
            },
            Err("full".to_owned()),
        );
        let traffic = account.traffic();
        assert_eq!((traffic.begun, traffic.done, traffic.failed()), (3, 2, 1));
        // Of those that succeeded: 50 and 70.
        assert_eq!(traffic.latency.p50_ns, Some(50));
        assert_eq!(traffic.latency.max_ns, Some(70));
        assert_eq!((traffic.latency.p90_ns, traffic.generator), (None, None));
    }

    #[test]
    fn errors_are_counted_by_a_bounded_number_of_kinds() {
        let mut account = Account::of_users(WINDOW);
        let mut other = Account::of_users(WINDOW);
        let at = Operation {
            due_ns: 150,
            end_ns: 160,
        };
        for number in 0..100 {
            account.add(at, Err(format!("\n  full {number}\u{7}\nat line 3")));
            other.add(at, Err("gone ".repeat(100)));
        }
        other.add(at, Err(String::new()));
        account.merge(&other);
        let errors = account.traffic().errors;
        assert_eq!(errors.len(), MOST_KINDS + 1);
        assert_eq!(errors.values().sum::<u64>(), 201);
        assert_eq!(errors["full 0 "], 1);
        assert_eq!(errors[OTHERS], 201 - 16);
        assert!(
            errors
                .keys()
                .all(|kind| kind.chars().count() <= LONGEST_KIND)
        );
    }

    #[test]
    fn thousands_of_millions_that_never_started_are_taken_in_by_parts() {
        let mut account = Account::of_rate(WINDOW);
        // Evenly over the 200 nanoseconds until it closes, of which the last hundred count.
        account.add_unstarted(0..2_000_000_000, |number| number / 10_000_000);
        let traffic = account.traffic();
        assert_eq!(
            (traffic.begun, traffic.unstarted),
            (1_000_000_000, 1_000_000_000)
        );
        let p50_ns = traffic.latency.p50_ns.unwrap();
        assert!((49..=51).contains(&p50_ns), "{p50_ns}");
    }

    #[test]
    fn what_was_the_generators_fault_is_counted_apart() {
        let mut account = Account::of_rate(WINDOW);
        let at = Operation {
            due_ns: 110,
            end_ns: 150,
        };
        let own = Own {
            late_ns: 30,
            spent_ns: Some(3),
            busy_ns: 1,
        };
        account.add_at_rate(at, Ok(()), own);
        // One that does not count tells how the clients spent their time, too.
        let before = Operation {
            due_ns: 10,
            end_ns: 20,
        };
        account.add_at_rate(before, Ok(()), own);
        account.add_unstarted(0..2, |number| [20, 120][usize::from(number == 1)]);
        let traffic = account.traffic();
        assert_eq!((traffic.begun, traffic.unstarted, traffic.done), (2, 1, 1));
        assert_eq!(traffic.latency.max_ns, Some(80));
        assert_eq!(traffic.latency.p50_ns, Some(40));
        let generator = traffic.generator.unwrap();
        assert_eq!(generator.without.p50_ns, Some(10));
        assert_eq!(generator.busy_ppm, 250_000);
    }

    #[test]
    fn rare_long_pauses_are_the_bodys_and_lost_processors_are_nobodys() {
        let busy_ppm = |longest_ns: u64, waited_ns| {
            let mut account = Account::of_rate(WINDOW).having_waited(waited_ns);
            for number in 0..1000 {
                let busy_ns = if number % 100 == 0 { longest_ns } else { 100 };
                let own = Own {
                    late_ns: 0,
                    spent_ns: Some(200),
                    busy_ns,
                };
                let at = Operation {
                    due_ns: 110,
                    end_ns: 110 + busy_ns,
                };
                account.add_at_rate(at, Ok(()), own);
            }
            account.traffic().generator.unwrap().busy_ppm
        };
        // By medians and by sums alike: a third.
        assert_eq!(busy_ppm(100, Some(0)), 333_333);
        // Ten pauses of ten milliseconds are nearly all of the time.
        assert!(busy_ppm(10_000_000, Some(0)) > 990_000);
        assert!(busy_ppm(10_000_000, None) > 990_000);
        // The same, where all of it was waiting for a processor.
        assert_eq!(busy_ppm(10_000_000, Some(100_000_000)), 333_333);
    }
}
