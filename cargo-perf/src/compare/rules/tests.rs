use super::*;

fn rule(select: &str) -> Rule {
    Rule {
        select: Selector::new(select).unwrap(),
        metric: None,
        given: Given::default(),
        floor: None,
        fail_on: None,
        ignore: None,
    }
}

fn id(name: &str) -> BenchId {
    BenchId::new("demo", "cpu", name).unwrap()
}

fn wall(rules: &Rules, name: &str) -> Standard {
    rules.standard(&id(name), "wall", &Unit::NANOSECONDS, Better::Lower, false)
}

#[test]
fn later_rules_win_member_by_member() {
    let mut rules = Rules {
        thresholds: [(
            MetricKind::Time,
            Given {
                warning: Some(0.2),
                critical: None,
            },
        )]
        .into(),
        ..Rules::default()
    };
    let standard = wall(&rules, "sort");
    // A critical threshold below the warning is lifted to it.
    assert_eq!(Some(standard.thresholds), Thresholds::new(0.2, 0.2));
    assert_eq!(standard.fail_on, Severity::Low);
    rules.rules = vec![
        Rule {
            given: Given {
                warning: Some(0.01),
                critical: Some(0.5),
            },
            fail_on: Some(Severity::High),
            floor: Some(0.03),
            ..rule("cpu::*")
        },
        Rule {
            given: Given {
                warning: Some(0.02),
                critical: None,
            },
            ..rule("sort")
        },
        Rule {
            fail_on: Some(Severity::None),
            ..rule("nothing of this name")
        },
    ];
    let standard = wall(&rules, "sort");
    assert_eq!(Some(standard.thresholds), Thresholds::new(0.02, 0.5));
    assert_eq!(standard.fail_on, Severity::High);
    assert_eq!(
        standard.floor,
        Some((0.03, "the rule for `cpu::*`".to_owned()))
    );
    assert_eq!(
        Some(wall(&rules, "parse").thresholds),
        Thresholds::new(0.01, 0.5)
    );
    rules.asked = Some(Severity::Critical);
    assert_eq!(wall(&rules, "sort").fail_on, Severity::Critical);
}

#[test]
fn a_later_rule_takes_back_what_was_ignored() {
    let mut rules = Rules {
        rules: vec![
            Rule {
                ignore: Some(Ignore::Because("it waits for the disk".to_owned())),
                ..rule("cpu::*")
            },
            Rule {
                ignore: Some(Ignore::No),
                ..rule("cpu::sort")
            },
        ],
        ..Rules::default()
    };
    assert_eq!(wall(&rules, "sort").ignored, None);
    let (why, by) = wall(&rules, "parse").ignored.unwrap();
    assert_eq!(
        (why.as_str(), by.as_str()),
        ("it waits for the disk", "the rule for `cpu::*`")
    );
    assert!(rules.ignores(&id("parse")) && !rules.ignores(&id("sort")));
    rules.rules[0].metric = Some(Selector::new("wall").unwrap());
    assert!(!rules.ignores(&id("parse")), "only one of its metrics is");
}

#[test]
fn what_is_taken_back_for_a_metric_is_not_ignored_as_a_whole() {
    let of = |metric: Option<&str>, ignore| Rule {
        metric: metric.map(|metric| Selector::new(metric).unwrap()),
        ignore: Some(ignore),
        ..rule("cpu::*")
    };
    let because = || Ignore::Because("it waits".to_owned());
    let ignores = |all: Vec<Rule>| {
        let rules = Rules {
            rules: all,
            ..Rules::default()
        };
        rules.ignores(&id("sort"))
    };
    assert!(!ignores(vec![
        of(None, because()),
        of(Some("wall"), Ignore::No)
    ]));
    assert!(ignores(vec![
        of(Some("wall"), Ignore::No),
        of(None, because())
    ]));
    assert!(ignores(vec![
        of(None, because()),
        of(Some("wall"), because())
    ]));
    assert!(!ignores(vec![
        of(None, Ignore::No),
        of(Some("wall"), because())
    ]));
}

#[test]
fn what_was_said_last_of_a_warning_and_what_is_critical_holds() {
    let given = |warning, critical| Rule {
        given: Given { warning, critical },
        ..rule("*")
    };
    let thresholds = |all: Vec<Rule>| {
        let rules = Rules {
            rules: all,
            ..Rules::default()
        };
        wall(&rules, "sort").thresholds
    };
    let of = |warning, critical| Thresholds::new(warning, critical).unwrap();
    // Built in are 5 % and 15 %.
    assert_eq!(thresholds(vec![given(None, Some(0.02))]), of(0.02, 0.02));
    assert_eq!(thresholds(vec![given(Some(0.2), None)]), of(0.2, 0.2));
    let both = vec![given(None, Some(0.02)), given(Some(0.03), None)];
    assert_eq!(thresholds(both), of(0.03, 0.03));
    let stricter = vec![given(Some(0.2), None), given(Some(0.01), None)];
    assert_eq!(thresholds(stricter), of(0.01, 0.15));
}

#[test]
fn each_selector_of_nothing_is_named_once_and_so_is_a_metric_of_nothing() {
    let metric = |select: &str, metric: &str| Rule {
        metric: Some(Selector::new(metric).unwrap()),
        ..rule(select)
    };
    let rules = Rules {
        rules: vec![
            rule("gone"),
            rule("other"),
            rule("gone"),
            metric("sort", "wal"),
            metric("sort", "wall"),
            metric("sort", "w*"),
            metric("gone", "wal"),
        ],
        ..Rules::default()
    };
    let unmatched = rules.unmatched(&[id("sort")]);
    let names: Vec<&str> = unmatched.iter().map(|select| select.as_str()).collect();
    assert_eq!(names, ["gone", "other"]);
    let mut record = crate::store::fixture::Sample::new().record;
    record.benchmarks = vec![crate::store::fixture::benchmark("sort")];
    let sort = record.benchmarks[0].id.clone();
    let of_none = rules.of_no_metric(std::slice::from_ref(&sort), &record);
    assert_eq!(of_none, ["the rule for `wal` of `sort`"]);
    let unmeasured = BenchId::new("demo", "cpu", "sort[n=2]").unwrap();
    assert!(rules.of_no_metric(&[sort, unmeasured], &record).is_empty());
}

#[test]
fn a_floor_for_everything_is_none_for_what_is_exact() {
    let exact = |rules: &Rules| {
        let count = rules.standard(&id("sort"), "allocs", &Unit::COUNT, Better::Lower, true);
        count.floor.is_some()
    };
    let mut rules = Rules {
        rules: vec![Rule {
            floor: Some(0.05),
            ..rule("*")
        }],
        ..Rules::default()
    };
    assert!(!exact(&rules));
    rules.rules[0].metric = Some(Selector::new("alloc*").unwrap());
    assert!(exact(&rules));
}

#[test]
fn of_two_budgets_the_stricter_holds() {
    let bounds = |most: &[(&str, f64)]| {
        let mut bounds = Bounds::default();
        for &(metric, most) in most {
            bounds.add(BudgetKind::AtMost, metric, Amount::new(most).unwrap());
        }
        bounds
    };
    let amount = |most| Amount::new(most).unwrap();
    let budget = |select: &str, metric: &str, most| BudgetRule {
        select: Selector::new(select).unwrap(),
        metric: metric.to_owned(),
        max: Some(amount(most)),
        min: None,
        warn: Some(amount(most / 2.0)),
    };
    let rules = Rules {
        budgets: vec![
            budget("cpu::*", "wall", 100.0),
            budget("sort", "wall", 50.0),
            budget("sort", "allocs", 9.0),
            budget("io::*", "wall", 1.0),
        ],
        ..Rules::default()
    };
    let found = rules.budgets_of(&id("sort"), bounds(&[("allocs", 3.0)]));
    assert_eq!(found, bounds(&[("allocs", 3.0), ("wall", 50.0)]));
    let mut record = crate::store::fixture::Sample::new().record;
    record.benchmarks = vec![crate::store::fixture::benchmark("sort")];
    record.benchmarks[0].budgets = [("words".to_owned(), amount(2.0))].into();
    let warned = rules.warnings_of(&record.benchmarks[0]);
    assert_eq!(warned, bounds(&[("allocs", 4.5), ("wall", 25.0)]));
    let then = bounds(&[("allocs", 4.0), ("words", 3.0), ("wall", 60.0)]);
    let held = rules.with_budgets(&record, &[(id("sort"), then)].into());
    let held = Bounds::recorded(&held.benchmarks[0]);
    assert_eq!(
        held,
        bounds(&[("allocs", 4.0), ("wall", 50.0), ("words", 2.0)])
    );
    let unmatched = rules.unmatched(&[id("sort")]);
    assert_eq!(
        unmatched
            .iter()
            .map(|select| select.as_str())
            .collect::<Vec<_>>(),
        ["io::*"]
    );
}

#[test]
fn a_warning_goes_the_way_of_its_budget_or_else_of_the_metric() {
    let amount = |most| Amount::new(most).unwrap();
    let kind = |metric: &str, max: Option<f64>, min: Option<f64>, better: Option<Better>| {
        let rules = Rules {
            budgets: vec![BudgetRule {
                select: Selector::new("*").unwrap(),
                metric: metric.to_owned(),
                max: max.map(amount),
                min: min.map(amount),
                warn: Some(amount(2.0)),
            }],
            ..Rules::default()
        };
        let mut benchmark = crate::store::fixture::benchmark("sort");
        if let Some(better) = better {
            let measured = perf_schema::Metric::Measured {
                unit: Unit::COUNT,
                better,
                exact: true,
                samples: perf_schema::Samples::quantise(&[vec![1.0]]).unwrap(),
            };
            benchmark.metrics.insert(metric.to_owned(), measured);
        }
        let warnings = rules.warnings_of(&benchmark);
        let kinds: Vec<BudgetKind> = warnings.iter().map(|(kind, ..)| kind).collect();
        assert_eq!(kinds.len(), 1);
        kinds[0]
    };
    use BudgetKind::{AtLeast, AtMost};
    assert_eq!(kind("wall", None, None, None), AtMost);
    assert_eq!(kind("items", None, None, None), AtLeast);
    assert_eq!(kind("ratio", Some(3.0), None, None), AtMost);
    assert_eq!(kind("ratio", None, Some(1.0), None), AtLeast);
    assert_eq!(kind("ratio", None, None, Some(Better::Higher)), AtLeast);
    assert_eq!(kind("ratio", None, None, Some(Better::Lower)), AtMost);
    assert_eq!(kind("ratio", None, None, None), AtMost, "nobody knows");
}
