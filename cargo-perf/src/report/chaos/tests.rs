//! Rounds made by hand, and what each format says of them.

use std::time::Duration;

use super::*;
use perf_runner::{ChaosRun, Recovery, Round};

const LOOK: Look = Look {
    quiet: false,
    colours: false,
    width: None,
};

fn row(name: &str, recovery: impl Fn(u64) -> Recovery) -> ChaosRow {
    let rounds = (1..=8).map(|i| Round {
        batch: 10,
        stressed_batch: 10,
        quiet_ns: vec![1_000_000],
        quiet_waited: Some(if name == "stuck" { 0.74 } else { 0.02 }),
        stressed_ns: vec![2_100_000 + 10_000 * i],
        recovery: recovery(i),
        effects: vec![
            Effect {
                stress: Stress::Cpu(2),
                amount: 500_000_000 + i,
                during: Duration::from_millis(300),
            },
            Effect {
                stress: Stress::Memory(64 << 20),
                amount: 65 << 20,
                during: Duration::from_millis(300),
            },
        ],
    });
    let run = ChaosRun {
        rounds: rounds.collect(),
        failure: None,
    };
    ChaosRow {
        id: BenchId::new("p", "t", name).unwrap(),
        plan: ChaosPlan {
            under: vec![Stress::Cpu(2), Stress::MemoryPercent(70)],
            recovery_ms: 5000,
        },
        degraded: Degraded::of(&run, 5000),
        failure: None,
    }
}

fn report() -> ChaosReport {
    let within = |i| Recovery::Within(Duration::from_millis(i));
    let never = Recovery::NotWithin(Duration::from_secs(5));
    let mut broken = row("broken|x", within);
    broken.degraded = None;
    broken.failure = Some("mem(70%): it would take more\u{1b}[31m".to_owned());
    ChaosReport {
        title: "main abc".to_owned(),
        rows: vec![
            row("steady", within),
            row("stuck", |i| if i > 6 { never } else { within(i) }),
            broken,
        ],
        notes: Vec::new(),
    }
}

#[test]
fn it_fits_the_width() {
    for width in 60..130 {
        let look = Look {
            quiet: false,
            colours: false,
            width: Some(width),
        };
        let text = report().render(Format::Human, look);
        let longest = text.lines().map(|line| line.chars().count()).max();
        assert!(longest <= Some(width), "{width}:\n{text}");
    }
}

#[test]
fn a_person_sees_ratio_recovery_and_effects() {
    insta::assert_snapshot!(report().render(Format::Human, LOOK), @r"
    main abc

    benchmark    under                 quiet  stressed  ratio           recovered
    t::steady    cpu(2) + mem(70%)  100.0 µs  214.5 µs  ×2.14          ≤ 4.500 ms
        ×2.11…2.18 with a confidence of 99 %, over 8 rounds
        as fast as before within 4.500 ms, 8.000 ms at the latest
        seen to take effect: cpu(2) had 500.0 ms of CPU time in 300.0 ms; mem had 65.00 MiB resident
    t::stuck     cpu(2) + mem(70%)  100.0 µs  214.5 µs  ×2.14  not within 5.000 s
        ×2.11…2.18 with a confidence of 99 %, over 8 rounds
        not quiet: in quiet it waited for a processor for 74 % of the time, so stress costs more than this shows; others were at work, or it has more threads than there are cores
        did not recover within 5.000 s in 2 of 8 rounds; else as fast as before within 3.500 ms, 6.000 ms at the latest
        seen to take effect: cpu(2) had 500.0 ms of CPU time in 300.0 ms; mem had 65.00 MiB resident
    t::broken|x  cpu(2) + mem(70%)         -         -      -                   -
        mem(70%): it would take more [31m
    ");
}

#[test]
fn markdown_is_harmless() {
    insta::assert_snapshot!(report().render(Format::Markdown, LOOK), @r"
    ### Under stress

    main abc

    | benchmark | under | quiet | stressed | ratio | recovered | |
    |---|---|--:|--:|--:|--:|---|
    | `t::steady` | cpu(2) + mem(70%) | 100.0 µs | 214.5 µs | ×2.14 | ≤ 4.500 ms | ×2.11…2.18 with a confidence of 99 %, over 8 rounds; as fast as before within 4.500 ms, 8.000 ms at the latest; seen to take effect: cpu(2) had 500.0 ms of CPU time in 300.0 ms; mem had 65.00 MiB resident |
    | `t::stuck` | cpu(2) + mem(70%) | 100.0 µs | 214.5 µs | ×2.14 | not within 5.000 s | ×2.11…2.18 with a confidence of 99 %, over 8 rounds; not quiet: in quiet it waited for a processor for 74 % of the time, so stress costs more than this shows; others were at work, or it has more threads than there are cores; did not recover within 5.000 s in 2 of 8 rounds; else as fast as before within 3.500 ms, 6.000 ms at the latest; seen to take effect: cpu(2) had 500.0 ms of CPU time in 300.0 ms; mem had 65.00 MiB resident |
    | `t::broken\|x` | cpu(2) + mem(70%) | - | - | - | - | mem(70%): it would take more \[31m |
    ");
}

#[test]
fn json_has_the_same_numbers_and_the_exit_code() {
    let value: serde_json::Value =
        serde_json::from_str(&report().render(Format::Json, LOOK)).unwrap();
    assert_eq!(
        (&value["version"], &value["exit_code"]),
        (&1.into(), &12.into())
    );
    let [steady, stuck, broken] = [0, 1, 2].map(|index| &value["benchmarks"][index]);
    assert_eq!(steady["under"][1], "mem(70%)");
    assert_eq!(steady["quiet_ns"], 100_000.0);
    let ratio = steady["ratio"].as_f64().unwrap();
    assert!((2.11..2.18).contains(&ratio), "{ratio}");
    assert_eq!(steady["confidence"], 0.99);
    assert_eq!(steady["effects"][0]["amount"], 500_000_001);
    assert_eq!(steady["recovery"]["longest_ns"], 8e6);
    assert_eq!(stuck["recovery"]["not_within"], 2);
    assert_eq!(broken["ratio"], serde_json::Value::Null);
    assert!(broken["failure"].as_str().unwrap().starts_with("mem(70%)"));
}
