//! What a panic said, and where.

use std::any::Any;
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, Location, catch_unwind, set_hook, take_hook};
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::thread::ThreadId;

/// The panics there were, the latest last.
///
/// Which panic it was that got out of the body is known only at the end: a body may catch one of its own, and of several
/// threads that panic one is passed on. A body may do so at each iteration, so only the latest are kept.
static RECENT: Mutex<VecDeque<Panic>> = Mutex::new(VecDeque::new());
const KEPT: usize = 64;

struct Panic {
    said: String,
    place: String,
    thread: ThreadId,
}

/// From now on the places of panics are remembered, those of other threads too. The usual message is printed as well.
pub(crate) fn listen() {
    let usual = take_hook();
    set_hook(Box::new(move |panic| {
        let heard = Panic {
            said: said(panic.payload()).to_owned(),
            place: panic.location().map(place).unwrap_or_default(),
            thread: std::thread::current().id(),
        };
        let mut recent = RECENT.lock().unwrap_or_else(PoisonError::into_inner);
        if recent.len() == KEPT {
            recent.pop_front();
        }
        recent.push_back(heard);
        drop(recent);
        usual(panic);
    }));
}

/// Runs `body`; an error is what the panic that got out of it said, and where that was.
pub(crate) fn catch(body: impl FnOnce()) -> Result<(), String> {
    // Nothing of the body is looked at again after a panic: the process ends.
    catch_unwind(AssertUnwindSafe(body)).map_err(|panic| {
        let said = said(&*panic);
        let recent = RECENT.lock().unwrap_or_else(PoisonError::into_inner);
        let mut backwards = recent.iter().rev();
        let Some(Panic { place, thread, .. }) = backwards.find(|panic| panic.said == said) else {
            return said.to_owned();
        };
        // A body that unwraps what a thread of its own left behind says nothing of the cause, so that is told too. What
        // the body's own thread caught is its own affair.
        let own = std::thread::current().id();
        let cause = backwards.find(|panic| *thread == own && panic.thread != own);
        let cause = cause.map_or(String::new(), |Panic { said, place, .. }| {
            format!(" (before that, another thread: {said}{place})")
        });
        format!("{said}{place}{cause}")
    })
}

fn said(panic: &(dyn Any + Send)) -> &str {
    if let Some(text) = panic.downcast_ref::<&str>() {
        text
    } else if let Some(text) = panic.downcast_ref::<String>() {
        text
    } else {
        "a panic with a value that is not text"
    }
}

/// Where it happened. A file of a dependency has an absolute path, which may hold the user's name and is cut to its last
/// part: the message will stand in a record.
fn place(location: &Location<'_>) -> String {
    let path = Path::new(location.file());
    let shown = if path.is_absolute() {
        path.file_name().map_or(path, Path::new)
    } else {
        path
    };
    format!(" at {}:{}", shown.display(), location.line())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Thread;
    use crate::measure::{Batch, Clock, Meter, Threads};
    use crate::scripted::alone;
    use std::sync::Once;

    /// What is said of the panic of `body`.
    fn caught(body: impl FnOnce()) -> String {
        static LISTENING: Once = Once::new();
        LISTENING.call_once(listen);
        let _turn = alone();
        // A worker is in one case only.
        RECENT.lock().unwrap().clear();
        catch(body).expect_err("it panics")
    }

    fn at(line: u32) -> String {
        format!(" at {}:{line}", file!())
    }

    #[test]
    fn the_panic_that_got_out_is_reported_not_one_that_was_caught() {
        let mut line = 0;
        let message = caught(|| {
            let _caught = catch_unwind(|| panic!("a panic of its own"));
            line = line!() + 1;
            assert!(line == 0, "the check does not hold");
        });
        assert_eq!(message, format!("the check does not hold{}", at(line)));
    }

    #[test]
    fn the_same_words_are_where_they_were_said_last() {
        let mut line = 0;
        let message = caught(|| {
            let _caught = catch_unwind(|| panic!("said twice"));
            line = line!() + 1;
            panic!("said {}", "twice");
        });
        assert_eq!(message, format!("said twice{}", at(line)));
    }

    #[test]
    fn a_panic_of_one_of_several_threads_has_its_text_and_its_place() {
        const LINE: u32 = line!() + 2;
        let everyone_panics = |(): &(), thread: &mut Thread| {
            panic!("thread {} gave up", thread.index());
        };
        let message = caught(|| {
            Threads::new(&(), everyone_panics, 3, 1).run(1, Meter::of(Clock::Monotonic));
        });
        assert_eq!(message, format!("thread 0 gave up{}", at(LINE)));
    }

    #[test]
    fn a_thread_whose_panic_was_the_cause_is_told_of() {
        const LINE: u32 = line!() + 2;
        let message = caught(|| {
            std::thread::spawn(|| panic!("far away")).join().unwrap();
        });
        let place = at(LINE);
        assert_eq!(
            message,
            format!(
                "called `Result::unwrap()` on an `Err` value: Any {{ .. }}{place} \
                 (before that, another thread: far away{place})"
            )
        );
    }

    #[test]
    fn a_place_that_is_not_known_is_not_made_up() {
        let message = caught(|| {
            let _caught = catch_unwind(|| panic!("another"));
            std::panic::resume_unwind(Box::new("passed on by hand"));
        });
        assert_eq!(message, "passed on by hand");
        let line = line!() + 1;
        let message = caught(|| std::panic::panic_any(1_u8));
        assert_eq!(
            message,
            format!("a panic with a value that is not text{}", at(line))
        );
    }

    #[test]
    fn only_the_latest_are_kept() {
        let message = caught(|| {
            for _ in 0..2 * KEPT {
                let _caught = catch_unwind(|| panic!("again and again"));
            }
            panic!("at last");
        });
        assert!(message.starts_with("at last at "), "{message}");
        assert!(RECENT.lock().unwrap().len() <= KEPT);
    }
}
