use subject::{pieces, work};

fn main() -> std::process::ExitCode {
    let mut suite = perf_harness::Suite::new();
    for (name, make) in work::ALL {
        suite.bench(name).run(move |b, _| {
            let body = b.once(|| make(pieces()));
            b.run(body);
        });
    }
    suite.main()
}
