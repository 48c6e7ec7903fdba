use criterion::{Criterion, criterion_group, criterion_main};
use subject::{pieces, work};

fn all(c: &mut Criterion) {
    for (name, make) in work::ALL {
        c.bench_function(name, |b| {
            let body = make(pieces());
            b.iter(|| body());
        });
    }
}

criterion_group!(benches, all);
criterion_main!(benches);
