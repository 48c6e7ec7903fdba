//! The `cargo-perf` binary; everything is in the library.

fn main() -> std::process::ExitCode {
    cargo_perf::main(std::env::args_os())
}
