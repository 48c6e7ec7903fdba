use perf_harness as perf;

#[perf::command]
fn nothing() {}

#[perf::command]
fn measures(b: perf::Bench) -> perf::Command {
    b.run(|| 1);
    perf::Command::new("true")
}

#[perf::command(threads = [1, 2])]
fn on_threads() -> perf::Command {
    perf::Command::new("true")
}

#[perf::command]
async fn later() -> perf::Command {
    perf::Command::new("true")
}

#[perf::command(jobs = [1, 2])]
fn no_parameter() -> perf::Command {
    perf::Command::new("true")
}

#[perf::command]
fn another() -> std::process::Command {
    std::process::Command::new("true")
}

fn main() {}
