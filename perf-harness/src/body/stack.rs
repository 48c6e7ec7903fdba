//! Running a body on a stack whose size its author has set.

use std::io;
use std::panic::resume_unwind;

/// Runs `f` on a stack of so many bytes, or where we are.
///
/// # Errors
/// When the system gives no such stack.
pub(crate) fn on_stack<T: Send>(bytes: Option<u64>, f: impl FnOnce() -> T + Send) -> io::Result<T> {
    let Some(bytes) = bytes else {
        return Ok(f());
    };
    let bytes = usize::try_from(bytes).map_err(io::Error::other)?;
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new()
            .name("limit".to_owned())
            .stack_size(bytes)
            .spawn_scoped(scope, f)?;
        Ok(thread.join().unwrap_or_else(|panic| resume_unwind(panic)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_has_the_stack_that_was_asked_for() {
        /// Needs about a kibibyte for each level.
        fn deep(level: u64) -> u64 {
            let frame = std::hint::black_box([level; 128]);
            if level == 0 {
                0
            } else {
                deep(level - 1) + frame[127] / level
            }
        }
        assert_eq!(on_stack(Some(64 << 20), || deep(20_000)).unwrap(), 20_000);
        assert_eq!(on_stack(None, || 7).unwrap(), 7);
        assert!(on_stack(Some(u64::MAX / 2), || ()).is_err());
    }
}
