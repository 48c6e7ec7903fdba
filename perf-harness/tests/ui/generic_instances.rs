use perf_harness as perf;

#[perf::bench(types = [u8, std::cell::RefCell<u8>])]
fn bounds<T: Default + Copy>() -> T {
    T::default()
}

#[perf::bench(consts = [1, "two"])]
fn kind<const N: usize>() -> usize {
    N
}

fn main() {}
