//! `--help`.

/// What `--help` prints.
pub(crate) const HELP: &str = "\
Usage: [OPTIONS] [FILTERS...]

Without `--bench` every benchmark runs once, on the smallest case selected, to show that it works.
With `--bench` (which `cargo bench` adds) they are measured.

Options:
        --bench             Measure
        --test              Run each benchmark once, even with --bench
        --list              List the benchmarks and do nothing else
        --exact             A filter is the whole name, not a part of it
        --skip FILTER       Leave out names that contain FILTER; may be repeated
        --ignored           Only benchmarks that are marked as ignored
        --include-ignored   Those too
        --chaos             Only benchmarks that run under stress; with --bench they are measured under it
        --nocapture         Pass on what benchmarks print while they are measured (also --no-capture, --show-output);
                            what they print when run once is always shown
        --test-threads N    Threads for running once; measuring is always one at a time
        --shuffle           Run in another order each time
        --shuffle-seed N    Run in the order that N stands for
        --format FORMAT     pretty, terse or json
    -q, --quiet             The same as --format terse
        --color WHEN        auto, always or never
        --logfile PATH      Write to a file instead of standard output
    -h, --help              This text

Names are `module::function[axis=value,...]`. Several filters select what any of them selects.
";
