//! Benchmarks of whole programs, from the attribute to the verdict.

use crate::support::process::{is_alive, wait_until};
use crate::support::record::{benchmark, range, read_record, row, saved_record};
use crate::support::{Output, Project};

/// A program of the package's own: it does what its arguments say.
const TOOL: &str = r#"
use std::io::{Read, Write};

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let number = || arguments[1].parse::<usize>().unwrap();
    match arguments[0].as_str() {
        "touch" => {
            let memory = vec![1_u8; number() << 20];
            assert!(std::hint::black_box(&memory).iter().all(|&byte| byte == 1));
        }
        "echo" => {
            let mut text = Vec::new();
            std::io::stdin().read_to_end(&mut text).unwrap();
            std::io::stdout().write_all(&text).unwrap();
        }
        "burn" => {
            // No processor does more than a few of these in a nanosecond.
            for step in 0..100_000_000_u64 { std::hint::black_box(step); }
        }
        "fail" => {
            eprintln!("first line\nthe reason why");
            std::process::exit(number() as i32);
        }
        "abort" => std::process::abort(),
        other => panic!("{other}?"),
    }
}
"#;

/// A package with a program of that name. All projects are built in one folder, where a program of another project would take
/// the place of one that has its name.
fn project(program: &str, benches: &str) -> Project {
    let project = Project::without_git();
    project.write(&format!("src/bin/{program}.rs"), TOOL);
    project.write(
        "benches/cpu.rs",
        &format!(
            "use perf_harness as perf;\n\
             const TOOL: &str = env!(\"CARGO_BIN_EXE_{program}\");\n\
             #[allow(dead_code)]\nfn tool() -> perf::Command {{ perf::Command::new(TOOL) }}\n\
             {benches}\nperf::main!();\n"
        ),
    );
    project.put_under_git();
    project
}

#[test]
fn a_command_is_measured_recorded_and_compared_as_any_benchmark() {
    let benches = "#[perf::command(text = [\"a\", \"b\"])]\n\
         fn echo(text: &'static str) -> perf::Command {\n\
         tool().arg(\"echo\").stdin(text).bytes(1).spend(demo::parse_ns())\n\
         .check(move |output| output.stdout == text.as_bytes()) }";
    let project = project("comparing", benches);
    let parse_ns = |ns: u64| {
        project.times(1000, 2000);
        let library = project.read("src/lib.rs");
        project.write(
            "src/lib.rs",
            &format!("{library}pub fn parse_ns() -> u64 {{ {ns} }}\n"),
        );
    };
    parse_ns(2_000_000);
    project.commit("commands");
    let record = saved_record(&project);
    for name in ["echo[text=a]", "echo[text=b]"] {
        let echo = benchmark(&record, name);
        assert_eq!(
            (&echo["kind"], &echo["batch"]),
            (&"command".into(), &1.into())
        );
        let (least, largest) = range(&echo["metrics"]["wall"]);
        assert!(least >= 1.99e6 && largest <= 2.01e6, "{least} {largest}");
        // No other process hears of the scripted clock.
        let reason = &echo["metrics"]["user"]["absent"];
        assert_eq!(reason, "the scripted clock knows no CPU time");
    }
    project.compare("main", &[]).code(0);
    parse_ns(3_520_000);
    let slower = project.compare("HEAD", &[]);
    slower.code(1).gives(&[
        ("cpu::echo[text=a]", "regressed"),
        ("cpu::echo[text=b]", "regressed"),
    ]);
    let table = project.perf(&["run", "--quick"]);
    // Within half a per cent of 3.5 ms, as the luck of launches goes.
    table
        .code(0)
        .says("cpu::echo[text=a]")
        .says("  3.5")
        .does_not_say("3.0");
}

#[test]
fn memory_is_the_programs_own_whatever_the_worker_holds() {
    let project = project(
        "holding",
        "fn hold() { std::mem::forget(std::hint::black_box(vec![1_u8; 100 << 20])); }\n\
         #[perf::command]\nfn small() -> perf::Command { tool().arg(\"touch\").arg(\"5\").set_up(hold).spend(1000) }\n\
         #[perf::command]\nfn large() -> perf::Command { tool().args([\"touch\", \"40\"]).spend(1000) }\n\
         #[perf::command]\nfn least() -> perf::Command { perf::Command::new(\"true\").spend(1000) }",
    );
    let record = saved_record(&project);
    let peak = |name: &str| &benchmark(&record, name)["metrics"]["peak-rss"];
    let mib =
        |(least, largest): (f64, f64)| (least / f64::from(1 << 20), largest / f64::from(1 << 20));
    let (least, largest) = mib(range(peak("small")));
    assert!(least >= 5.0 && largest < 12.0, "{least} {largest}");
    let (least, largest) = mib(range(peak("large")));
    assert!(least >= 40.0 && largest < 47.0, "{least} {largest}");
    // It holds less than whatever could start it.
    let reason = peak("least")["absent"].as_str().expect("it is absent");
    assert!(reason.contains("no larger than the"), "{reason}");
}

#[test]
fn cpu_time_is_that_of_the_program_and_of_what_it_waited_for() {
    let project = project(
        "burning",
        "#[perf::command]\nfn burn() -> perf::Command {\n\
         perf::Command::new(\"sh\").args([\"-c\", \"\\\"$0\\\" burn; true\"]).arg(TOOL) }",
    );
    // On the real clock, of which nothing is asked but what no machine can beat.
    let mut command = project.perf_command();
    command
        .env_remove("PERF_HARNESS_CLOCK")
        .args(["run", "--quick", "--save"]);
    let output = Output::of(command.output().expect("cargo-perf starts"));
    output.code(0);
    let file = project.files("baselines").remove(0);
    let record = read_record(&project, &file);
    let metrics = &benchmark(&record, "burn")["metrics"];
    let least = |name: &str| range(&metrics[name]).0;
    // The shell itself computes for about a millisecond.
    for name in ["wall", "cpu"] {
        assert!(least(name) > 10e6, "{name}: {}", least(name));
    }
    assert!(range(&metrics["user"]).1 > 5e6, "{metrics:#}");
}

#[test]
fn each_way_to_fail_has_its_words_and_the_clean_up_is_made() {
    let fails = [
        (
            "missing",
            "perf::Command::new(\"no-such-program\")",
            "could not start `no-such-program`: No such file or directory",
        ),
        (
            "code",
            "tool().args([\"fail\", \"3\"])",
            "ended with code 3, not 0: first line | the reason why",
        ),
        (
            "success",
            "tool().arg(\"echo\").status(1)",
            "ended with code 0, not 1",
        ),
        ("signal", "tool().arg(\"abort\")", "was ended by signal 6"),
        (
            "wrong",
            "tool().arg(\"echo\").check(|output| !output.stdout.is_empty())",
            "printed does not hold",
        ),
        (
            "no_input",
            "tool().arg(\"echo\").stdin_file(\"none.txt\")",
            "`none.txt`, which it should read: No such file",
        ),
        (
            "no_folder",
            "tool().arg(\"echo\").current_dir(\"none\")",
            "could not prepare the run of",
        ),
        (
            "step",
            "tool().arg(\"echo\").prepare(|| panic!(\"no disk\"))",
            "no disk",
        ),
        (
            "held",
            "perf::Command::new(\"sh\").args([\"-c\", \"sleep 600 &\"])",
            "left a process behind",
        ),
    ];
    let functions: String = fails
        .iter()
        .map(|(name, command, _)| {
            format!(
                "#[perf::command]\nfn {name}() -> perf::Command {{ {command}.cleanup(|| {{ std::fs::write(\"cleaned-{name}\", \"\").unwrap(); }}) }}\n"
            )
        })
        .collect();
    let project = project("failing", &functions);
    let output = project.perf(&["run", "--quick", "--format", "json"]);
    output.code(12);
    for (name, _, words) in fails {
        assert!(
            project.path(&format!("cleaned-{name}")).exists(),
            "{name} was not cleaned up"
        );
        let report = output.json();
        let row = row(&report, &format!("::{name}"));
        assert!(row.to_string().contains(words), "{name}: {row:#}");
    }
}

#[test]
fn the_steps_come_in_their_order_and_input_is_read_to_its_end_or_not_at_all() {
    let project = project(
        "stepping",
        "use std::io::Write;\n\
         fn note(what: &str) { let mut log = std::fs::File::options().append(true).create(true).open(\"log\").unwrap();\n\
         writeln!(log, \"{what}\").unwrap(); }\n\
         #[perf::command]\nfn steps() -> perf::Command { tool().arg(\"echo\").env(\"A\", \"b\").stdin_file(\"Cargo.toml\")\n\
         .check(|output| { note(\"check\"); output.stdout == std::fs::read(\"Cargo.toml\").unwrap() })\n\
         .set_up(|| note(\"set up\")).prepare(|| note(\"prepare\")).conclude(|| note(\"conclude\")).cleanup(|| note(\"cleanup\")) }\n\
         #[perf::command]\nfn piped() -> perf::Command { let text = vec![b'x'; 3 << 20];\n\
         tool().arg(\"echo\").stdin(text.clone()).check(move |output| output.stdout == text) }\n\
         #[perf::command]\nfn unread() -> perf::Command { perf::Command::new(\"true\").stdin(vec![b'x'; 3 << 20]) }\n\
         #[perf::command]\nfn surroundings() -> perf::Command { perf::Command::new(\"sh\")\n\
         .args([\"-c\", \"echo $A $B $PERF_HARNESS_LAUNCHER $PERF_HARNESS_WORKER; pwd\"]).env(\"A\", \"b\").env_remove(\"B\").current_dir(\"src\")\n\
         .check(|output| { let text = String::from_utf8_lossy(&output.stdout); text.starts_with(\"b\\n\") && text.ends_with(\"/src\\n\") }) }",
    );
    // Under `cargo test` it runs once.
    let mut command = project.command("cargo");
    command.env("B", "c").args(["test", "--benches", "--quiet"]);
    let output = Output::of(command.output().expect("cargo starts"));
    output.code(0).says("4 passed");
    assert_eq!(
        project.read("log"),
        "set up\nprepare\nconclude\ncheck\ncleanup\n"
    );
}

#[test]
fn a_program_that_hangs_is_killed_with_all_it_started() {
    let project = project(
        "hanging",
        "#[perf::command(timeout = \"3s\")]\nfn hang() -> perf::Command {\n\
         perf::Command::new(\"sh\").args([\"-c\", \"sleep 6543 & echo $! >pids; echo $$ >>pids; wait\"]) }",
    );
    let output = project.perf(&["run", "--quick"]);
    output.code(12).says("no answer within 3s; it was killed");
    let pids = project.read("pids");
    assert_eq!(pids.lines().count(), 2, "{pids}");
    for pid in pids.lines() {
        wait_until("it is gone", || !is_alive(pid));
    }
}

#[test]
fn a_program_that_changed_outside_the_repository_is_measured_anew() {
    let project = Project::without_git();
    project.write(".gitignore", "/target\nignored.txt\n");
    project.write("ignored.txt", "right");
    project.write(
        "src/bin/changing.rs",
        "fn main() { print!(include_str!(\"../../ignored.txt\")) }",
    );
    project.write(
        "benches/cpu.rs",
        "#[perf_harness::command]\nfn tool() -> perf_harness::Command {\n\
         perf_harness::Command::new(env!(\"CARGO_BIN_EXE_changing\")).spend(1000).check(|output| output.stdout == b\"right\") }\n\
         perf_harness::main!();\n",
    );
    project.put_under_git();
    saved_record(&project);
    project.compare("main", &[]).code(0);
    // Neither the source that git knows nor the bench binary shows it.
    project.write("ignored.txt", "wrong");
    let compared = project.compare("main", &[]);
    compared.code(12).gives(&[("cpu::tool", "failed")]);
}
