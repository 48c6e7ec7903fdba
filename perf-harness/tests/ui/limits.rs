use perf_harness as perf;

#[perf::limit(wall = "1s")]
fn no_level(p: perf::Probe) {
    p.measure(|| ());
}

#[perf::limit(n in 1..=10)]
fn no_cap(p: perf::Probe, n: u64) {
    p.measure(|| n);
}

#[perf::limit(n in 1..10, wall = "1s")]
fn half_open(p: perf::Probe, n: u64) {
    p.measure(|| n);
}

#[perf::limit(n in 1..=10, m in 1..=10, wall = "1s")]
fn two_levels(p: perf::Probe, n: u64, m: u64) {
    p.measure(|| n + m);
}

#[perf::limit(n in 1..=10, wall = 5)]
fn no_unit(p: perf::Probe, n: u64) {
    p.measure(|| n);
}

#[perf::limit(n in 1..=10, wall <= "1s")]
fn a_budget(p: perf::Probe, n: u64) {
    p.measure(|| n);
}

#[perf::limit(n in 1..=10, kind = disk, wall = "1s")]
fn of_no_kind(p: perf::Probe, n: u64) {
    p.measure(|| n);
}

#[perf::limit(n in 1..=10, wall = "1s", threads = [1])]
fn threads(p: perf::Probe, n: u64) {
    p.measure(|| n);
}

#[perf::limit(n in 1..=10, wall = "1s")]
fn no_probe(n: u64) {
    drop(n);
}

#[perf::limit(n in 1..=10, wall = "1s")]
fn no_parameter(p: perf::Probe) {
    p.measure(|| ());
}

#[perf::limit(n in 1..=10, wall = "1s")]
fn another_type(p: perf::Probe, n: u32) {
    p.measure(|| n);
}

#[perf::limit(n in 1..=10, wall = "1s")]
fn returns(p: perf::Probe, n: u64) -> u64 {
    p.measure(|| n)
}

#[perf::limit(n in 1..=10, wall = "1s", precision = 5.0)]
fn imprecise(p: perf::Probe, n: u64) {
    p.measure(|| n);
}

#[perf::limit(n in 1..=10, wall = "1s", repeats = 0)]
fn never(p: perf::Probe, n: u64) {
    p.measure(|| n);
}

#[perf::limit(n in 1..=10, wall = "1s", fit = "n^4")]
fn of_no_law(p: perf::Probe, n: u64) {
    p.measure(|| n);
}

#[perf::limit(n in 1..=10, wall = "1s", fit = 2)]
fn no_text(p: perf::Probe, n: u64) {
    p.measure(|| n);
}

#[perf::limit(n in 1..=10, p99 <= "1ms")]
fn served_by_a_number(load: perf::Load) {
    load.run(|_| ());
}

#[perf::limit(users in 1..=10, p99 = "1ms")]
fn no_cap_of_a_service(load: perf::Load) {
    load.run(|_| ());
}

#[perf::limit(users in 1..=10, efficiency <= "50%")]
fn efficiency_from_above(load: perf::Load) {
    load.run(|_| ());
}

#[perf::limit(users in 1..=10, errors <= 0.01)]
fn no_share(load: perf::Load) {
    load.run(|_| ());
}

#[perf::limit(users in 1..=10, p99 <= "1ms")]
fn served_without_a_load(users: u64) {
    drop(users);
}

#[perf::limit(users in 1..=10, p99 <= "1ms")]
fn served_by_a_probe(p: perf::Probe, users: u64) {
    p.measure(|| users);
}

#[perf::limit(rate in 1..=10, p99 <= "1ms")]
fn neither_done_nor_failed(load: perf::Load, rate: u64) {
    load.run(|_| rate);
}

fn main() {}
