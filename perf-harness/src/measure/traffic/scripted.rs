//! Traffic on a clock that stands still but for what operations spend: they run one after another, each at the moment it
//! would have begun at, in the order of those moments.
//!
//! A body that looks at that clock can be a queue, a pool or a bucket of tokens whose limit is known; nothing depends on how
//! fast a machine is.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::account::{Account, Operation, Own};
use super::{Course, Work};
use crate::body::Thread;
use crate::scripted::{move_to, now_ns};

/// What an operation takes at least, lest time stand still for ever.
const LEAST_NS: u64 = 1_000;

/// Everyone who takes part, by the moment at which each is free again.
struct Crew<'a, S> {
    work: &'a Work<'a, S>,
    members: Vec<(S, Thread)>,
    free: BinaryHeap<Reverse<(u64, usize)>>,
    gate_ns: u64,
    last_ns: u64,
}

impl<'a, S> Crew<'a, S> {
    fn new(course: &Course, work: &'a Work<'a, S>, begins_ns: impl Fn(u64) -> u64) -> Self {
        let count = course.crew();
        let member = |index| {
            let mut thread = Thread::new(index, count, course.seed);
            let state = (work.make)(&mut thread);
            (state, thread)
        };
        Self {
            work,
            members: (0..count).map(member).collect(),
            free: (0..count)
                .map(|index| Reverse((begins_ns(index as u64), index)))
                .collect(),
            gate_ns: now_ns(),
            last_ns: 0,
        }
    }

    /// Lets a member begin an operation at this moment. The answer is when it ended.
    fn operate(&mut self, member: usize, start_ns: u64) -> (u64, Result<(), String>) {
        move_to(self.gate_ns + start_ns);
        let (state, thread) = &mut self.members[member];
        let outcome = (self.work.operate)(state, thread);
        let end_ns = (now_ns() - self.gate_ns).max(start_ns + LEAST_NS);
        self.last_ns = self.last_ns.max(end_ns);
        (end_ns, outcome)
    }
}

impl<S> Drop for Crew<'_, S> {
    /// The clock goes on from the end of the last operation.
    fn drop(&mut self) {
        move_to(self.gate_ns + self.last_ns);
    }
}

/// As [`super::real::users`].
pub(super) fn users<S>(course: &Course, work: &Work<'_, S>) -> Account {
    let window = course.window();
    let mut account = Account::of_users(window);
    let mut crew = Crew::new(course, work, |user| course.ramp_ns(user));
    while let Some(Reverse((due_ns, user))) = crew.free.pop() {
        if due_ns >= window.closes_ns {
            break;
        }
        let (end_ns, outcome) = crew.operate(user, due_ns);
        account.add(Operation { due_ns, end_ns }, outcome);
        let think_ns = course.think_ns(crew.members[user].1.rng());
        crew.free.push(Reverse((end_ns + think_ns, user)));
    }
    account
}

/// As [`super::real::rate`], with a generator that is never late.
pub(super) fn rate<S>(course: &Course, work: &Work<'_, S>) -> Account {
    let window = course.window();
    let mut account = Account::of_rate(window);
    let mut crew = Crew::new(course, work, |_| 0);
    for number in 0..course.due() {
        let due_ns = course.due_ns(number);
        let Some(Reverse((free_ns, client))) = crew.free.pop() else {
            break;
        };
        let start_ns = due_ns.max(free_ns);
        if start_ns >= window.closes_ns {
            account.add_unstarted(number..course.due(), |number| course.due_ns(number));
            break;
        }
        let (end_ns, outcome) = crew.operate(client, start_ns);
        let own = Own {
            busy_ns: end_ns - start_ns,
            ..Own::default()
        };
        account.add_at_rate(Operation { due_ns, end_ns }, outcome, own);
        crew.free.push(Reverse((end_ns, client)));
    }
    account
}
