use perf_schema::{Cap, Caps, LAWS, Level, LimitKind, LimitPlan, SearchEnd};

use super::*;

fn level(n: u64, wall_ns: u64) -> Level {
    Level {
        wall_ns: Some(wall_ns),
        ..Level::untried(n)
    }
}

/// Ten levels by the double, from 16 up, whose times follow `time`.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "times of some seconds at most"
)]
fn levels(time: impl Fn(f64) -> f64) -> Vec<Level> {
    let sizes = (4..14).map(|power| 1_u64 << power);
    sizes
        .map(|n| level(n, (time(n as f64) * 1000.0) as u64))
        .collect()
}

fn limit(fit: Option<&str>, levels: Vec<Level>) -> LimitRecord {
    LimitRecord {
        plan: LimitPlan {
            kind: LimitKind::Cpu,
            axis: "n".to_owned(),
            first: 1,
            last: 1 << 20,
            caps: Caps {
                wall_ns: Some(1_000_000_000),
                ..Caps::default()
            },
            precision_ppm: 50_000,
            repeats: 3,
            budget_ms: 10_000,
            fit: fit.map(str::to_owned),
            traffic: None,
        },
        end: SearchEnd::Found,
        largest_pass: None,
        smallest_fail: None,
        backstop: None,
        levels,
    }
}

fn standing(fit: &str, levels: Vec<Level>) -> Standing {
    let grown = Grown::of_limit(&limit(Some(fit), levels));
    grown.promise.expect("one was made").standing
}

#[test]
fn schema_and_statistics_know_the_same_laws() {
    assert_eq!(LAWS, Law::ALL.map(Law::name));
    for text in ["N  log N", "n^2", "n^3", "2^n", "1", "n^4", ""] {
        let name = text.parse().ok().map(Law::name);
        assert_eq!(perf_schema::law_named(text), name, "{text}");
    }
}

#[test]
fn the_law_is_read_from_the_levels() {
    let law = |time: fn(f64) -> f64| {
        let grown = Grown::of_limit(&limit(None, levels(time)));
        assert_eq!(grown.promise, None);
        grown.growth.unwrap().law()
    };
    assert_eq!(law(|n| n), Some(Law::Linear));
    assert_eq!(law(|n| n * n.ln()), Some(Law::Linearithmic));
    assert_eq!(law(|n| n * n), Some(Law::Quadratic));
}

#[test]
fn a_promise_is_broken_by_faster_growth_only() {
    let n_log_n = |n: f64| n * n.ln();
    assert_eq!(standing("n log n", levels(|n| n)), Standing::Kept);
    assert_eq!(standing("n log n", levels(n_log_n)), Standing::Kept);
    assert_eq!(standing("n log n", levels(|n| n * n)), Standing::Broken);
    assert_eq!(standing("n", levels(n_log_n)), Standing::Broken);
    assert_eq!(standing("n²", levels(|n| n * n)), Standing::Kept);
}

#[test]
fn what_cannot_be_told_stays_open_and_says_why() {
    let few = levels(|n| n * n)[..4].to_vec();
    let grown = Grown::of_limit(&limit(Some("n"), few));
    assert!(grown.growth.is_err());
    let promise = grown.promise.clone().unwrap();
    assert_eq!(promise.standing, Standing::Open);
    assert!(promise.reason.unwrap().contains("(4 of 5)"));
    assert!(!grown.is_broken());
    // A record of a later version may promise what this one does not know.
    let unknown = Grown::of_limit(&limit(Some("n!"), levels(|n| n)));
    let reason = unknown.promise.unwrap().reason.unwrap();
    assert!(reason.contains("\"n!\" is no law"), "{reason}");
}

#[test]
fn levels_that_broke_or_took_no_time_do_not_count() {
    let mut all = levels(|n| n);
    // Only the fast probes of the last two levels passed.
    for n in [1 << 12, 1 << 13] {
        all.push(level(n, n * 1000));
        all.last_mut().unwrap().wall_ns = Some(n);
        all.push(Level {
            broke: Some(Cap::Wall),
            ..level(n, 1)
        });
    }
    all.extend([level(1, 40), level(2, 0), level(0, 5_000_000)]);
    let found = Grown::of_limit(&limit(None, all.clone())).growth.unwrap();
    assert_eq!(found.law(), Some(Law::Linear));
    // Twelve levels without them would leave eight, and these are four of those.
    all.retain(|level| level.n < 128 || level.n > 2048);
    let reason = Grown::of_limit(&limit(None, all)).growth.unwrap_err();
    assert!(reason.contains("(3 of 5)"), "{reason}");
}

#[test]
fn wall_time_alone_breaks_no_promise() {
    let square = levels(|n| n * n);
    let with_cpu = |time: fn(f64) -> f64| -> Vec<Level> {
        let seen = square.iter().zip(levels(time));
        seen.map(|(wall, cpu)| Level {
            cpu_ns: cpu.wall_ns,
            ..wall.clone()
        })
        .collect()
    };
    assert_eq!(standing("n", with_cpu(|n| n * n)), Standing::Broken);
    assert_eq!(standing("n", with_cpu(|n| n)), Standing::Open);
    // To wait is what a timeout is about.
    let mut timeout = limit(Some("n"), with_cpu(|n| n));
    timeout.plan.kind = LimitKind::Timeout;
    assert!(Grown::of_limit(&timeout).is_broken());
    let line = limit(None, levels(|n| n));
    assert!(faster(&[&line], &limit(None, with_cpu(|n| n * n))).is_some());
    let mut line = line;
    for level in &mut line.levels {
        level.cpu_ns = level.wall_ns;
    }
    assert!(faster(&[&line], &limit(None, with_cpu(|n| n * n))).is_some());
    assert!(faster(&[&line], &limit(None, with_cpu(|n| n))).is_none());
}

#[test]
fn growth_is_faster_where_the_exponents_lie_apart() {
    let (line, square) = (limit(None, levels(|n| n)), limit(None, levels(|n| n * n)));
    let (then, now) = faster(&[&line], &square).unwrap();
    assert_eq!(
        then.law().zip(now.law()),
        Some((Law::Linear, Law::Quadratic))
    );
    assert_eq!(faster(&[&square], &line), None);
    assert_eq!(faster(&[&line], &line), None);
    // Two short searches know together what neither knows.
    let part = |range: std::ops::Range<usize>| limit(None, levels(|n| n)[range].to_vec());
    let (one, two) = (part(0..4), part(4..8));
    assert_eq!(faster(&[&one], &square), None);
    assert!(faster(&[&one, &two], &square).is_some());
}
