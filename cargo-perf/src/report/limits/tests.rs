//! Limits made by hand, and what each format says of them.

use super::*;
use perf_schema::{Level, LimitPlan, ServiceLevel};

const LOOK: Look = Look {
    quiet: false,
    colours: false,
    width: None,
};

fn level(n: u64, broke: Option<Cap>) -> Level {
    Level {
        broke,
        wall_ns: broke.is_none().then_some(n * 1000),
        memory_bytes: Some(n * 1024),
        late_ns: broke.map(|_| 6_000_000),
        ..Level::untried(n)
    }
}

fn row(name: &str, end: SearchEnd, levels: Vec<Level>) -> LimitRow {
    let pass = levels.iter().filter(|l| l.passed()).map(|l| l.n).max();
    let fail = levels.iter().filter(|l| !l.passed()).map(|l| l.n).min();
    let limit = LimitRecord {
        plan: LimitPlan {
            kind: LimitKind::Cpu,
            axis: "n".to_owned(),
            first: 1,
            last: 5000,
            caps: Caps {
                wall_ns: Some(2_000_000),
                ..Caps::default()
            },
            precision_ppm: 50_000,
            repeats: 3,
            budget_ms: 10_000,
            fit: None,
            traffic: None,
        },
        end,
        largest_pass: pass,
        smallest_fail: fail,
        backstop: None,
        levels,
    };
    LimitRow {
        id: BenchId::new("p", "t", name).unwrap(),
        grown: Grown::of_limit(&limit),
        limit,
        failure: None,
    }
}

fn report() -> LimitsReport {
    let wall = Some(Cap::Wall);
    LimitsReport {
        title: "main abc\u{1b}[31m".to_owned(),
        record: Some("12345678".to_owned()),
        threads: Some(2),
        rows: vec![
            row("open", SearchEnd::NotReached, vec![level(5000, None)]),
            row("none|of", SearchEnd::BelowRange, vec![level(1, wall)]),
            row(
                "found",
                SearchEnd::Found,
                [15, 30, 60, 120, 240, 480, 960, 1950]
                    .map(|n| level(n, None))
                    .into_iter()
                    .chain([level(2040, wall)])
                    .collect(),
            ),
        ],
        sweeps: Vec::new(),
        threaded: Vec::new(),
        rankings: Vec::new(),
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
        let text = limits(&report(), Format::Human, look);
        let longest = text.lines().map(|line| line.chars().count()).max();
        assert!(longest <= Some(width), "{width}:\n{text}");
    }
}

#[test]
fn a_person_sees_bracket_cap_and_cost() {
    let wide = Look {
        width: Some(100),
        ..LOOK
    };
    insta::assert_snapshot!(limits(&report(), Format::Human, wide), @r"
    main abc [31m (record 12345678)

    limit       kind  largest pass  smallest fail  broke            time there  memory there
    t::found    cpu           1950           2040  wall (2.000 ms)    1.950 ms     1.904 MiB
        time grows as n^1.00 (0.99…1.02), n
        killed at most 6.000 ms after the deadline
    t::none|of  cpu    below range              1  wall (2.000 ms)           -             -
        killed at most 6.000 ms after the deadline
    t::open     cpu           5000    not reached  -                  5.000 ms     4.883 MiB
        growth: too few levels with a time (1 of 5)
    ");
}

#[test]
fn markdown_is_harmless() {
    insta::assert_snapshot!(limits(&report(), Format::Markdown, LOOK), @r"
    ### Limits

    main abc \[31m (record 12345678)

    | limit | kind | largest pass | smallest fail | broke | time there | memory there | |
    |---|---|--:|--:|---|--:|--:|---|
    | `t::found` | cpu | 1950 | 2040 | wall (2.000 ms) | 1.950 ms | 1.904 MiB | time grows as n^1.00 (0.99…1.02), n; killed at most 6.000 ms after the deadline |
    | `t::none\|of` | cpu | below range | 1 | wall (2.000 ms) | - | - | killed at most 6.000 ms after the deadline |
    | `t::open` | cpu | 5000 | not reached | - | 5.000 ms | 4.883 MiB | growth: too few levels with a time (1 of 5) |
    ");
}

#[test]
fn json_has_the_same_numbers() {
    let text = limits(&report(), Format::Json, LOOK);
    let value: serde_json::Value = serde_json::from_str(&text).unwrap();
    let found = &value["limits"][0];
    assert_eq!(found["id"], "p/t::found");
    assert_eq!(found["end"], "found");
    assert_eq!(found["largest_pass"], 1950);
    assert_eq!(found["smallest_fail"], 2040);
    assert_eq!(found["broke"], "wall");
    assert_eq!(found["wall_ns"], 1_950_000.0);
    assert_eq!(found["growth"]["best"], "n");
    assert_eq!(found["growth"]["confidence"], 0.99);
    assert_eq!(found["fit"], serde_json::Value::Null);
    assert_eq!(value["limits"][2]["growth"], serde_json::Value::Null);
    assert_eq!(value["limits"][2]["smallest_fail"], serde_json::Value::Null);
}

#[test]
fn a_limit_that_others_held_back_says_so() {
    let mut report = report();
    report.rows.retain(|row| row.id.name() == "found");
    let told = |report: &LimitsReport, words: &str, member: &str| {
        let json = limits(report, Format::Json, LOOK);
        let json: serde_json::Value = serde_json::from_str(&json).unwrap();
        let human = limits(report, Format::Human, LOOK);
        (human.contains(words), json["limits"][0][member] == true)
    };
    let by_fail = |report: &LimitsReport| told(report, DISTURBED, "disturbed");
    let by_base = |report: &LimitsReport| told(report, DISTURBED_BASE, "disturbed_base");
    assert_eq!(by_fail(&report), (false, false));
    for level in &mut report.rows[0].limit.levels {
        level.disturbed = !level.passed();
    }
    assert_eq!(by_fail(&report), (true, true));
    assert_eq!(by_base(&report), (false, false));
    let limit = &mut report.rows[0].limit;
    limit.plan.caps.service = Some(ServiceLevel {
        efficiency_ppm: Some(500_000),
        ..ServiceLevel::default()
    });
    limit.plan.first = limit.levels[0].n;
    limit.levels[0].disturbed = true;
    assert_eq!(by_base(&report), (true, true));
}

#[test]
fn what_kept_the_memory_is_said() {
    let mut report = report();
    report.rows.retain(|row| row.id.name() == "found");
    for (backstop, human, by) in [
        (
            Backstop::ControlGroup,
            "with a control group behind it",
            "control-group",
        ),
        (
            Backstop::DataLimit {
                reason: "version\u{7} 1".to_owned(),
            },
            "with RLIMIT_DATA behind it (version  1)",
            "data-limit",
        ),
    ] {
        report.rows[0].limit.backstop = Some(backstop);
        let told = limits(&report, Format::Human, LOOK);
        assert!(told.contains(human), "{told}");
        let json: serde_json::Value =
            serde_json::from_str(&limits(&report, Format::Json, LOOK)).unwrap();
        assert_eq!(json["limits"][0]["backstop"]["by"], by);
    }
}

#[test]
fn brackets_are_told_in_words() {
    let words: Vec<String> = report()
        .rows
        .iter()
        .map(|row| bracket(&row.limit))
        .collect();
    assert_eq!(
        words,
        [
            "n = 5000 passes, the last of its range: not reached",
            "n = 1, the first of its range, breaks wall (2.000 ms)",
            "n = 1950 passes, 2040 breaks wall (2.000 ms)",
        ]
    );
}
