use perf_harness as perf;

#[perf::bench(under = [])]
fn under_nothing() {}

#[perf::bench(under = [cpu])]
fn how_many() {}

#[perf::bench(under = [cpu(0)])]
fn no_threads() {}

#[perf::bench(under = [cpu("2")])]
fn no_number() {}

#[perf::bench(under = [mem("95%")])]
fn too_much() {}

#[perf::bench(under = [mem("70 apples")])]
fn of_no_unit() {}

#[perf::bench(under = [network])]
fn of_no_kind() {}

#[perf::bench(under = cpu(2))]
fn no_list() {}

#[perf::bench(under = [io], recovery = 5)]
fn no_time() {}

#[perf::limit(n in 1..=10, wall = "1s", under = [io])]
fn limit(p: perf::Probe, n: u64) {
    p.measure(|| n);
}

#[perf::command(under = [io])]
fn command() -> perf::Command {
    perf::Command::new("true")
}

fn main() {}
