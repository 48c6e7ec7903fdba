use std::hint::black_box;

use criterion::{BatchSize, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};

fn sum(c: &mut Criterion) {
    c.bench_function("sum", |b| b.iter(|| subject::sum(black_box(&[1, 2, 3]))));
}

fn sort(c: &mut Criterion) {
    let mut group = c.benchmark_group("sort");
    for n in [100, 10_000] {
        group.throughput(Throughput::Elements(n as u64));
        group.bench_with_input(BenchmarkId::from_parameter(n), &n, |b, &n| {
            b.iter_batched_ref(|| subject::noise(n), |v| v.sort(), BatchSize::SmallInput)
        });
    }
    group.finish();
}

criterion_group!(all, sum, sort);
criterion_main!(all);
