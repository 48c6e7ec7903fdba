use perf_harness as perf;

#[perf::bench]
fn no_types<T>() {}

#[perf::bench(types = [u8])]
fn no_consts<T: Default, const N: usize>() -> (T, usize) {
    (T::default(), N)
}

#[perf::bench(types = [u8])]
fn nothing_generic() {}

#[perf::bench(types = [u8])]
fn several<T, U>() {}

#[perf::bench(types = TYPES)]
fn not_written_out<T>() {}

#[perf::bench(consts = [])]
fn none<const N: usize>() {}

#[perf::bench(types = [u8], T = [u8])]
fn twice<T>() {}

#[perf::bench]
fn borrowed<'a>() {}

fn main() {}
