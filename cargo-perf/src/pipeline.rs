//! Work on all processors whose answers come back one after the other: the thread that calls hands out what is to be done and takes
//! what was done, and meanwhile others work.

use std::num::NonZero;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

/// What waits for each worker, so that none is idle while answers are taken.
const WAITING: usize = 2;

/// How many work at once.
#[must_use]
pub fn workers() -> usize {
    thread::available_parallelism().map_or(1, NonZero::get)
}

/// Does `work` to each of `items`, and hands the answers to `take` in the order of the items. No more than a few of either are held
/// at once: whoever is ahead waits. A panic of `work` is one of the caller.
///
/// # Errors
/// The first of `take`; what was begun meanwhile is dropped.
pub fn in_order<J: Send, T: Send, E>(
    items: impl Iterator<Item = J>,
    work: impl Fn(J) -> T + Sync,
    mut take: impl FnMut(T) -> Result<(), E>,
) -> Result<(), E> {
    thread::scope(|scope| {
        let work = &work;
        let mut lanes = Vec::new();
        let mut threads = Vec::new();
        for _ in 0..workers() {
            let (lane, theirs) = Lane::new();
            threads.push(scope.spawn(move || theirs.serve(work)));
            lanes.push(lane);
        }
        let taken = hand_out(items, &lanes, &mut take);
        // Without this end nobody would stop waiting for more.
        drop(lanes);
        for thread in threads {
            if let Err(panic) = thread.join() {
                std::panic::resume_unwind(panic);
            }
        }
        taken
    })
}

/// The items go round the lanes, and so do the answers: so they stay in order.
fn hand_out<J, T, E>(
    items: impl Iterator<Item = J>,
    lanes: &[Lane<J, T>],
    take: &mut impl FnMut(T) -> Result<(), E>,
) -> Result<(), E> {
    let lane = |number: usize| &lanes[number % lanes.len()];
    let most = lanes.len() * WAITING;
    let (mut sent, mut taken) = (0, 0);
    for item in items {
        if sent - taken == most {
            let Ok(answer) = lane(taken).answers.recv() else {
                // Its worker has panicked; whoever joins it hears of it.
                return Ok(());
            };
            take(answer)?;
            taken += 1;
        }
        if lane(sent).items.send(item).is_err() {
            return Ok(());
        }
        sent += 1;
    }
    while taken < sent {
        let Ok(answer) = lane(taken).answers.recv() else {
            return Ok(());
        };
        take(answer)?;
        taken += 1;
    }
    Ok(())
}

/// The ends that the caller has of the way to a worker and back.
struct Lane<J, T> {
    items: SyncSender<J>,
    answers: Receiver<T>,
}

/// Those that the worker has.
struct Worker<J, T> {
    items: Receiver<J>,
    answers: SyncSender<T>,
}

impl<J, T> Lane<J, T> {
    fn new() -> (Self, Worker<J, T>) {
        let (items, to_do) = sync_channel(WAITING);
        let (done, answers) = sync_channel(WAITING);
        let worker = Worker {
            items: to_do,
            answers: done,
        };
        (Self { items, answers }, worker)
    }
}

impl<J, T> Worker<J, T> {
    fn serve(self, work: impl Fn(J) -> T) {
        for item in self.items {
            if self.answers.send(work(item)).is_err() {
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;
    use std::panic::catch_unwind;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[test]
    fn answers_come_in_the_order_of_the_items_and_few_are_held() {
        let begun = AtomicUsize::new(0);
        let mut taken = Vec::new();
        let work = |item: usize| {
            begun.fetch_add(1, Ordering::SeqCst);
            // The later ones are done first.
            (0..(1000 - item) * 10).fold(item, |sum, _| std::hint::black_box(sum))
        };
        let done: Result<(), Infallible> = in_order(0..1000, work, |answer| {
            let ahead = begun.load(Ordering::SeqCst) - taken.len();
            assert!(ahead <= workers() * WAITING, "{ahead}");
            taken.push(answer);
            Ok(())
        });
        assert!(done.is_ok() && taken.into_iter().eq(0..1000));
        let nothing: Result<(), Infallible> = in_order(0..0, |item: usize| item, |_| Ok(()));
        assert!(nothing.is_ok());
    }

    #[test]
    fn the_first_error_ends_it() {
        let mut taken = 0;
        let found = in_order(
            0..,
            |item: usize| item,
            |item| {
                taken += 1;
                if item == 7 { Err("seven") } else { Ok(()) }
            },
        );
        assert_eq!((found, taken), (Err("seven"), 8));
    }

    #[test]
    fn a_panic_of_a_worker_is_one_of_the_caller() {
        let work = |item: usize| {
            assert!(item != 5, "five");
            item
        };
        let found = catch_unwind(|| in_order(0..100, work, |_| Ok::<(), Infallible>(())));
        assert!(found.is_err());
    }
}
