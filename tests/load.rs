//! Limits of concurrency and load: the bracket holds the truth where that is known, and what cannot be told is no limit.

use serde_json::Value;

use crate::support::record::{benchmark, saved_record};
use crate::support::{Output, Project};

/// Benchmarks whose servers spend time on the scripted clock: so many workers, or one token after the other.
const SERVERS: &str = r#"
use std::sync::Mutex;
use perf_harness as perf;
use perf_harness::scripted::{now_ns, spend};

/// When each worker is free again.
#[allow(dead_code)]
struct Workers(Mutex<Vec<u64>>);

#[allow(dead_code)]
impl Workers {
    fn new(count: u64) -> Self {
        Self(Mutex::new((0..count).map(|_| 0).collect()))
    }

    /// Waits for the first to be free, then takes so long.
    fn serve(&self, ns: u64) {
        let mut free = self.0.lock().unwrap();
        let first = free.iter_mut().min().unwrap();
        // Not what the clock says in the end: each launch stretches what is spent, and waits must not add that up.
        *first = now_ns().max(*first) + ns;
        spend(*first - now_ns());
    }

    /// The same, or not at all.
    fn try_serve(&self, ns: u64) -> Result<(), String> {
        let mut free = self.0.lock().unwrap();
        let first = free.iter_mut().min().unwrap();
        if *first > now_ns() {
            return Err(format!("all are busy\nuntil {first}"));
        }
        spend(ns);
        // By the clock: a launch that stretches time to less would leave before its worker was free.
        *first = now_ns();
        Ok(())
    }
}
"#;

fn project(benches: &str) -> Project {
    let project = Project::new();
    let text = format!("{SERVERS}{benches}\nperf::main!();\n");
    project.write("benches/cpu.rs", &text);
    project.commit("limits");
    project
}

/// A bracket, which is as narrow as was asked for.
#[track_caller]
fn bracket(limit: &Value) -> (f64, f64) {
    assert_eq!(limit["end"], "found", "{limit:#}");
    let end = |name: &str| limit[name].as_f64().expect("both ends are known");
    let (pass, fail) = (end("largest_pass"), end("smallest_fail"));
    assert!(pass < fail && fail <= pass * 1.05 + 1.0, "{pass} to {fail}");
    (pass, fail)
}

#[test]
fn known_limits_are_found_recorded_and_listed() {
    let project = project(
        r#"
#[perf::limit(users in 1..=64, efficiency >= "95%", permits = [2, 3, 4, 5, 6, 7, 8, 9, 10, 12])]
fn semaphore(load: perf::Load, permits: u64) {
    let workers = load.once(|| Workers::new(permits));
    load.run(|_| workers.serve(1_000_000));
}

#[perf::limit(rate in 100..=1_000_000, p99 <= "5ms", tokens = [310, 500, 800, 1_300, 2_100, 3_400, 5_500, 8_900, 14_400, 23_300])]
fn bucket(load: perf::Load, tokens: u64) {
    let bucket = load.once(|| Workers::new(1));
    load.user(|client| client.index())
        .task(3, |_, _| bucket.serve(1_000_000_000 / tokens))
        .task(1, |_, _| bucket.serve(1_000_000_000 / tokens))
        .run();
}

#[perf::limit(users in 1..=64, errors <= "1%", window = "50ms")]
fn pool(load: perf::Load) {
    let workers = load.once(|| Workers::new(5));
    load.run(|_| workers.try_serve(1_000_000));
}
"#,
    );
    let record = saved_record(&project);
    assert_eq!(record["schema"], 3);
    for permits in [2, 3, 4, 5, 6, 7, 8, 9, 10, 12] {
        let name = format!("semaphore[permits={permits}]");
        let (pass, fail) = bracket(&benchmark(&record, &name)["limit"]);
        let truth = f64::from(permits);
        // The next whole level above it, where five per cent are less than one.
        assert!(
            pass <= truth * 1.05 && fail >= truth,
            "{name}: {pass} to {fail}"
        );
    }
    for tokens in [
        310, 500, 800, 1_300, 2_100, 3_400, 5_500, 8_900, 14_400, 23_300,
    ] {
        let name = format!("bucket[tokens={tokens}]");
        let (pass, fail) = bracket(&benchmark(&record, &name)["limit"]);
        let truth = f64::from(tokens);
        assert!(
            pass <= truth * 1.05 && fail >= truth * 0.95,
            "{name}: {pass} to {fail}"
        );
    }
    let pool = &benchmark(&record, "pool")["limit"];
    assert_eq!(bracket(pool), (5.0, 6.0));
    let six = pool["levels"].as_array().expect("levels");
    let six = six.iter().find(|level| level["n"] == 6).expect("it failed");
    assert_eq!(six["broke"], "errors");
    // By the first line of what they said.
    let errors = six["traffic"]["errors"].as_object().expect("errors");
    assert_eq!(errors.keys().collect::<Vec<_>>(), ["all are busy"]);

    let listed = project.perf(&["limits", "semaphore[permits=4]", "--exact"]);
    listed
        .code(0)
        .says("efficiency (95 %)")
        .says("most is done at users = ")
        .says("scaling: ")
        .says("done  efficiency")
        .says("breaks efficiency")
        .does_not_say("time grows as");
    let listed = project
        .perf(&["limits", "pool", "--format", "json"])
        .code(0)
        .json();
    let pool = &listed["limits"][0];
    assert_eq!(
        (&pool["kind"], &pool["broke"]),
        (&"concurrency".into(), &"errors".into())
    );
    let levels = pool["served"].as_array().expect("levels");
    let alone = levels
        .iter()
        .find(|level| level["n"] == 1)
        .expect("one user");
    assert_eq!(
        (&alone["share"], &alone["error_share"]),
        (&1.0.into(), &0.0.into())
    );
    let done = alone["per_second"].as_f64().expect("a number");
    assert!((950.0..=1050.0).contains(&done), "{done}");
    project
        .perf(&["limits", "bucket", "--format", "markdown"])
        .code(0)
        .says("| rate | done | achieved | p50 |")
        .says("load");
    project
        .cargo(&["bench", "--bench", "cpu", "--", "--test"])
        .code(0)
        .says("test pool                 ... ok")
        .says("3 passed");
}

#[test]
fn a_lower_limit_of_load_is_a_regression_that_is_confirmed() {
    let project = project(
        r#"
#[perf::limit(rate in 100..=100_000, p99 <= "5ms")]
fn bucket(load: perf::Load) {
    let bucket = load.once(|| Workers::new(1));
    load.run(|_| bucket.serve(demo::parse_ns()));
}
"#,
    );
    let library = |ns: u32| format!("pub fn parse_ns() -> u64 {{ {ns} }}\n");
    project.write("src/lib.rs", &library(1_000_000));
    project.commit("a thousand per second");
    project.save_baseline();
    project.branch("slower");
    project.write("src/lib.rs", &library(1_250_000));
    project.commit("eight hundred per second");
    let compared = project.compare("main", &[]);
    compared.code(1).gives(&[("cpu::bucket", "regressed")]);
    project.write("src/lib.rs", &library(800_000));
    project.commit("twelve hundred and fifty per second");
    let compared = project.compare("main", &[]);
    compared.code(0).gives(&[("cpu::bucket", "improved")]);
}

#[test]
fn what_cannot_be_told_is_a_failure_and_no_limit() {
    let project = project(
        r#"
#[perf::limit(users in 1..=8, p99 <= "1s")]
fn longer_than_its_window(load: perf::Load) {
    load.run(|_| spend(10_000_000_000));
}

// No machine issues that many.
#[perf::limit(rate in 1_000_000_000..=1_000_000_000, p99 <= "1ms", clients = 1, window = "20ms", warm_up = "1ms")]
fn more_than_can_be_issued(load: perf::Load) {
    load.run(|_| ());
}

#[perf::limit(users in 2..=8, p99 <= "1s")]
fn panics(load: perf::Load) {
    load.user(|user| assert!(user.index() == 0, "no second user")).run(|_, _| ());
}

#[perf::limit(users in 1..=2, p99 <= "1s", window = "5ms", warm_up = "1ms")]
fn fine(load: perf::Load) {
    load.run(|_| spend(100_000));
}
"#,
    );
    let run = |filter: &str, is_real: bool| {
        let mut command = project.perf_command();
        if is_real {
            command.env_remove("PERF_HARNESS_CLOCK");
        }
        command.args(["limits", filter, "--remeasure"]);
        Output::of(command.output().expect("cargo-perf starts"))
    };
    run("longer_than_its_window", false)
        .code(12)
        .says("no operation began within the 200 ms that count");
    run("more_than_can_be_issued", true)
        .code(12)
        .says("generator saturated");
    run("panics", true).code(12).says("no second user");
    run("fine", false).code(0).says("not reached");
}
