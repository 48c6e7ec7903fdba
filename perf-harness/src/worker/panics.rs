//! What a panic said, and where.

use std::panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook};
use std::sync::{Mutex, PoisonError};

static FIRST: Mutex<Option<String>> = Mutex::new(None);

/// From now on the first panic of any thread is remembered. The usual message is printed as well.
pub(crate) fn listen() {
    let usual = take_hook();
    set_hook(Box::new(move |panic| {
        let said = panic
            .payload_as_str()
            .unwrap_or("a panic with a value that is not text");
        let place = panic
            .location()
            .map_or(String::new(), |l| format!(" at {}:{}", l.file(), l.line()));
        let mut first = FIRST.lock().unwrap_or_else(PoisonError::into_inner);
        first.get_or_insert_with(|| format!("{said}{place}"));
        drop(first);
        usual(panic);
    }));
}

/// Runs `body`; an error is what its panic said.
pub(crate) fn catch(body: impl FnOnce()) -> Result<(), String> {
    // Nothing of the body is looked at again after a panic: the process ends.
    catch_unwind(AssertUnwindSafe(body)).map_err(|_| {
        let mut first = FIRST.lock().unwrap_or_else(PoisonError::into_inner);
        first
            .take()
            .unwrap_or_else(|| "a panic that said nothing".to_owned())
    })
}
