//! What a panic said, and where.

use std::panic::{AssertUnwindSafe, Location, catch_unwind, set_hook, take_hook};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

static FIRST: Mutex<Option<String>> = Mutex::new(None);

/// From now on the first panic of any thread is remembered. The usual message is printed as well.
pub(crate) fn listen() {
    let usual = take_hook();
    set_hook(Box::new(move |panic| {
        let said = panic
            .payload_as_str()
            .unwrap_or("a panic with a value that is not text");
        let place = panic.location().map(place).unwrap_or_default();
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
