//! The code under test. `peers.py` makes its variants from it; `work.rs` comes beside it.

pub mod work;

/// Another value makes another binary of the same code, so that no tool can see by its hash that nothing has changed.
pub static MARK: u64 = 0;

/// Functions that nobody calls, and that the compiler cannot know nobody calls.
pub static UNCALLED: &[fn(usize) -> usize] = &[];

/// How many pieces of work a body does: a hundred, and as many more as it is to be slower by per cent.
pub fn pieces() -> usize {
    let wanted = std::hint::black_box(100);
    if std::hint::black_box(wanted) == usize::MAX {
        let marked = std::hint::black_box(&MARK);
        return UNCALLED.iter().map(|f| f(*marked as usize)).sum();
    }
    wanted
}
