//! Beside what disturbs: how much slower a body is when others take the processor, the memory or the disk, and with a fault of its
//! own; and how soon it is as fast as before.

use std::cell::Cell;
use std::collections::HashMap;
use std::rc::Rc;

use perf_harness as perf;

perf::main!();

const WORDS: u64 = 10_000;

fn numbers() -> Vec<u64> {
    (0..WORDS)
        .map(|n| n.wrapping_mul(0x9e37_79b9_7f4a_7c15))
        .collect()
}

/// Arithmetic, where others compute on every core.
#[perf::bench(under = [cpu(2)])]
fn computing(b: perf::Bench) {
    let numbers = b.once(numbers);
    b.run(|| numbers.iter().fold(0_u64, |sum, n| sum.rotate_left(5) ^ n));
}

/// Sorting, where others hold memory and go over it.
#[perf::bench(under = [mem("256MiB")])]
fn sorting(b: perf::Bench) {
    let numbers = b.once(numbers);
    b.input(|| numbers.clone())
        .run_mut(|numbers| numbers.sort_unstable())
        .check(|numbers| numbers.is_sorted());
}

/// Small files, where others write to the disk.
#[perf::bench(under = [io])]
fn writing(b: perf::Bench) {
    let folder = b.once(|| tempfile::tempdir().expect("a temporary folder"));
    let path = folder.path().join("small");
    b.run(|| std::fs::write(&path, [7_u8; 4096]).expect("room for a page"));
}

/// All of it at once.
#[perf::bench(under = [cpu(2), mem("256MiB"), io])]
fn everything(b: perf::Bench) {
    let numbers = b.once(numbers);
    b.run(|| numbers.iter().map(|&n| (n, n)).collect::<HashMap<_, _>>());
}

/// A cache that fails: what it has is lost, and has to be looked for again.
#[perf::bench(under = [fault])]
fn without_its_cache(b: perf::Bench) {
    let works = Rc::new(Cell::new(true));
    let (fails, is_mended) = (Rc::clone(&works), Rc::clone(&works));
    let made = b.once(|| numbers().into_iter().take(100).collect::<Vec<_>>());
    b.inject(move || fails.set(false))
        .recover(move || is_mended.set(true))
        .run(|| {
            if works.get() {
                made[perf::input(77)]
            } else {
                let wanted = perf::input(made[77]);
                made.iter().copied().find(|&n| n == wanted).unwrap_or(0)
            }
        });
}
