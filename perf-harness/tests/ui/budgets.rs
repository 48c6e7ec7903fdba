use perf_harness as perf;

#[perf::bench(wall <= 10)]
fn time_without_unit() {}

#[perf::bench(wall <= "10")]
fn text_without_unit() {}

#[perf::bench(cpu <= "0.5ns")]
fn too_fine() {}

#[perf::bench(peak <= "64 apples")]
fn size() {}

#[perf::bench(allocs <= "64KiB")]
fn count() {}

#[perf::bench(allocs <= 3, allocs <= 4)]
fn twice() {}

#[perf::bench(peak_rss <= 3, "peak-rss" <= 4)]
fn twice_in_two_ways() {}

#[perf::bench(allocs < 3)]
fn less() {}

#[perf::bench(allocs <= LIMIT)]
fn text_of_the_compiler() {}

const LIMIT: &str = "3";

#[perf::bench("wall")]
fn only_a_text() {}

#[perf::bench(gate = "wide")]
fn open_gate() {}

#[perf::bench(gate = 5)]
fn number_as_gate() {}

#[perf::bench(gate = "0%")]
fn shut_gate() {}

#[perf::bench(wall >= "10us")]
fn floor_of_a_time() {}

#[perf::bench(items <= 1000)]
fn ceiling_of_a_rate() {}

#[perf::bench(ratio >= 2, ratio >= 3)]
fn two_floors() {}

fn main() {}
