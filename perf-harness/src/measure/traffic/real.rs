//! Traffic on threads, one for each user or client.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use super::account::{Account, Operation, Own};
use super::processor::waited_by_this_thread;
use super::{Course, Work};
use crate::body::Thread;
use crate::measure::clock::{Clock, Mark};
use crate::measure::crew::on_all;

/// Time since the gate, which is the same for all threads.
#[derive(Clone, Copy)]
struct Since {
    clock: Clock,
    gate: Mark,
}

impl Since {
    fn now_ns(self) -> u64 {
        self.clock.since(self.gate)
    }

    /// Sleeps until then, and says when it woke up. Nobody spins: with more threads than cores that would take the time of
    /// what is measured.
    fn wait_until(self, then_ns: u64) -> u64 {
        loop {
            let now_ns = self.now_ns();
            if now_ns >= then_ns {
                return now_ns;
            }
            std::thread::sleep(Duration::from_nanos(then_ns - now_ns));
        }
    }
}

/// Users who each begin their next operation when they have thought about the last.
pub(super) fn users<S>(course: &Course, clock: Clock, work: &Work<'_, S>) -> Account {
    let window = course.window();
    let all = together(course, clock, work, |state, thread, since| {
        let mut rng = thread.rng().fork();
        let mut account = Account::of_users(window);
        let mut due_ns = since.wait_until(course.ramp_ns(thread.index() as u64));
        while due_ns < window.closes_ns {
            let outcome = (work.operate)(state, thread);
            let end_ns = since.now_ns();
            account.add(Operation { due_ns, end_ns }, outcome);
            due_ns = match course.think_ns(&mut rng) {
                0 => since.now_ns(),
                think_ns => since.wait_until(end_ns.saturating_add(think_ns)),
            };
        }
        account
    });
    merged(Account::of_users(window), &all)
}

/// Clients who each take the next operation that is due.
pub(super) fn rate<S>(course: &Course, clock: Clock, work: &Work<'_, S>) -> Account {
    let window = course.window();
    let next = AtomicU64::new(0);
    let all = together(course, clock, work, |state, thread, since| {
        let mut account = Account::of_rate(window);
        let (mut before_ns, mut late_ns) = (0, 0);
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if number >= course.due() {
                return account;
            }
            let due_ns = course.due_ns(number);
            let taken_ns = since.now_ns();
            let start_ns = since.wait_until(due_ns);
            if start_ns >= window.closes_ns {
                let others = next.swap(course.due(), Ordering::Relaxed);
                for never in [number..number + 1, others..course.due()] {
                    account.add_unstarted(never, |number| course.due_ns(number));
                }
                return account;
            }
            let outcome = (work.operate)(state, thread);
            let end_ns = since.now_ns();
            let waited = taken_ns < due_ns;
            let late = start_ns.saturating_sub(due_ns);
            // Who comes late to one because it came late to the one before is late by the same fault.
            late_ns = if waited { late } else { late.min(late_ns) };
            let own = Own {
                late_ns,
                spent_ns: (!waited).then(|| start_ns - before_ns),
                busy_ns: end_ns - start_ns,
            };
            account.add_at_rate(Operation { due_ns, end_ns }, outcome, own);
            before_ns = end_ns;
        }
    });
    merged(Account::of_rate(window), &all)
}

/// What `run` gives on each thread, once all have made what they need.
fn together<S>(
    course: &Course,
    clock: Clock,
    work: &Work<'_, S>,
    run: impl Fn(&mut S, &mut Thread, Since) -> Account + Sync,
) -> Vec<Account> {
    let count = course.crew();
    let origin = OnceLock::new();
    on_all(count, |index, gate| {
        let mut thread = Thread::new(index, count, course.seed);
        let mut state = gate.before(|| (work.make)(&mut thread));
        gate.pass()?;
        let gate = *origin.get_or_init(|| clock.mark());
        let waited_ns = waited_by_this_thread();
        let account = run(&mut state, &mut thread, Since { clock, gate });
        let waited = waited_ns.zip(waited_by_this_thread());
        Some(account.having_waited(waited.map(|(before, now)| now.saturating_sub(before))))
    })
}

fn merged(mut whole: Account, parts: &[Account]) -> Account {
    for part in parts {
        whole.merge(part);
    }
    whole
}
