use subject::{pieces, work};
use tango_bench::{IntoBenchmarks, benchmark_fn, tango_benchmarks, tango_main};

fn all() -> impl IntoBenchmarks {
    work::ALL.map(|(name, make)| {
        benchmark_fn(name, move |b| {
            let body = make(pieces());
            b.iter(move || body())
        })
    })
}

tango_benchmarks!(all());
tango_main!();
