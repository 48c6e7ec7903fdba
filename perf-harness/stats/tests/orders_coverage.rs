//! How often codes that differ in nothing but layout are called slower over link orders, and how often slower code is, by
//! simulation with fixed seeds. `cargo test -p perf-stats --test orders_coverage -- --nocapture` prints the figures.

use perf_stats::{AlarmOverOrders, Confidence, over_orders, settle_alarm};

/// What is allowed for one time of a benchmark.
const ERROR: f64 = 0.0005;

/// The relative change that is not spoken of.
const FLOOR: f64 = 0.005;

const REPETITIONS: u32 = 200;

/// How the place of its code decides the speed of a body. The shares are those of six link orders each on a two-core virtual
/// machine (EPYC, Zen 4), as far as they were seen there.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Body {
    /// Always the same.
    Steady,
    /// Two speeds, a third apart.
    Sieve,
    /// The same, evenly.
    Halves,
    /// Three speeds: 0.96, 1, 1.15.
    Fib,
    /// One order in six is 5 % slower.
    Parse,
    /// Anything within two per cent either way.
    Anything,
    /// A normal spread of three per cent.
    Wide,
}

impl Body {
    const ALL: [Self; 7] = [
        Self::Steady,
        Self::Sieve,
        Self::Halves,
        Self::Fib,
        Self::Parse,
        Self::Anything,
        Self::Wide,
    ];

    fn log(self, rng: &mut fastrand::Rng) -> f64 {
        let speeds: &[f64] = match self {
            Self::Steady => &[1.0],
            Self::Sieve => &[0.75, 0.75, 0.75, 0.75, 1.0, 1.0],
            Self::Halves => &[0.75, 1.0],
            Self::Fib => &[1.0, 1.0, 1.15, 1.15, 0.96, 0.96],
            Self::Parse => &[1.05, 1.0, 1.0, 1.0, 1.0, 1.0],
            Self::Anything => return 0.02 * (2.0 * rng.f64() - 1.0),
            Self::Wide => return 0.03 * normal(rng),
        };
        speeds[rng.usize(0..speeds.len())].ln()
    }

    /// Times of so many orders, each with what is left of the noise of its launches.
    fn orders(self, count: usize, slower: f64, noise: f64, rng: &mut fastrand::Rng) -> Vec<f64> {
        (0..count)
            .map(|_| slower * (self.log(rng) + noise * normal(rng)).exp())
            .collect()
    }
}

/// A standard normal value (Box & Muller).
fn normal(rng: &mut fastrand::Rng) -> f64 {
    (-2.0 * (1.0 - rng.f64()).ln()).sqrt() * (std::f64::consts::TAU * rng.f64()).cos()
}

#[expect(
    clippy::print_stderr,
    reason = "figures for whoever asks with --nocapture"
)]
fn figure(line: &str) {
    eprintln!("{line}");
}

/// The share of repetitions in which code that takes `slower` times as long is called slower.
fn called(body: Body, count: usize, slower: f64, noise: f64, error: f64) -> f64 {
    let mut rng = fastrand::Rng::with_seed(20 + body as u64);
    let confidence = Confidence::new(0.9).expect("a level");
    let calls = (0..REPETITIONS).filter(|_| {
        let baseline = body.orders(count, 1.0, noise, &mut rng);
        let candidate = body.orders(count, slower, noise, &mut rng);
        let found =
            over_orders(&baseline, &candidate, FLOOR, noise, confidence).expect("enough orders");
        found.p_above <= error
    });
    calls.count() as f64 / f64::from(REPETITIONS)
}

#[test]
fn layout_alone_is_seldom_called_slower() {
    for body in Body::ALL {
        for (count, noise) in [(8, 0.002), (10, 0.002), (10, 0.01)] {
            // At the level of the rule no alarm is to be expected in so few repetitions; a level that is, shows more.
            let strict = called(body, count, 1.0, noise, ERROR);
            let lax = called(body, count, 1.0, noise, 0.05);
            figure(&format!(
                "layout alone {body:<9?} {count} orders, noise {noise}: called {strict:.4} at {ERROR}, {lax:.4} at 0.05"
            ));
            assert!(strict <= 0.0015, "{body:?}, {count} orders: {strict}");
            assert!(lax <= 0.05 + 0.01, "{body:?}, {count} orders: {lax}");
        }
        // Equal but for exactly the floor, which is the worst that counts as equal.
        let at_floor = called(body, 10, 1.0 + FLOOR, 0.002, 0.05);
        assert!(at_floor <= 0.05 + 0.01, "{body:?} at the floor: {at_floor}");
    }
}

#[test]
fn slower_code_is_called_slower_whatever_its_layouts() {
    for body in Body::ALL {
        for count in [8, 10, 12] {
            for noise in [0.002, 0.01] {
                let found = |slower| called(body, count, slower, noise, ERROR);
                let (two, five, ten) = (found(1.02), found(1.05), found(1.1));
                figure(&format!(
                    "slower {body:<9?} {count:>2} orders, noise {noise}: +2 % {two:.3}, +5 % {five:.3}, +10 % {ten:.3}"
                ));
                if count == 10 {
                    let least = least(body, noise);
                    for (found, least) in [two, five, ten].into_iter().zip(least) {
                        assert!(found >= least, "{body:?}, noise {noise}: {found} < {least}");
                    }
                }
            }
        }
    }
}

/// What ten orders find at least of +2 %, +5 % and +10 %. Where a change is as large as what lies between two speeds nobody can
/// tell them apart: little is promised of those.
fn least(body: Body, noise: f64) -> [f64; 3] {
    match (body, noise < 0.005) {
        (Body::Steady, true) => [0.99, 0.99, 0.99],
        (Body::Steady, false) => [0.1, 0.99, 0.99],
        (Body::Sieve | Body::Halves, true) => [0.9, 0.9, 0.9],
        (Body::Sieve | Body::Halves, false) => [0.0, 0.9, 0.9],
        (Body::Fib, true) => [0.6, 0.5, 0.0],
        (Body::Parse, true) => [0.9, 0.2, 0.99],
        (Body::Anything, _) => [0.0, 0.85, 0.99],
        (Body::Wide, _) => [0.0, 0.05, 0.9],
        (Body::Fib, false) => [0.0, 0.1, 0.0],
        (Body::Parse, false) => [0.0, 0.3, 0.99],
    }
}

#[test]
fn without_speeds_apart_ranks_miss_what_is_there() {
    // Why orders are compared within their speed, and proof that the test above could fail.
    let mut rng = fastrand::Rng::with_seed(3);
    let confidence = Confidence::new(1.0 - 2.0 * ERROR).expect("a level");
    let found = (0..400).filter(|_| {
        let baseline = Body::Halves.orders(10, 1.0, 0.002, &mut rng);
        let candidate = Body::Halves.orders(10, 1.05, 0.002, &mut rng);
        let found =
            over_orders(&baseline, &candidate, FLOOR, 0.002, confidence).expect("enough orders");
        found.low > 1.0 + FLOOR
    });
    let share = found.count() as f64 / 400.0;
    figure(&format!(
        "ranks over all orders, two speeds: +5 % {share:.3}"
    ));
    assert!(share < 0.2, "{share}");
}

/// What became of an alarm, as shares.
struct Fates {
    regressed: f64,
    layout: f64,
}

/// What orders make of alarms. If `slower` is one, both codes are the same, and the alarm is that they were built in orders of
/// unlike speed; otherwise the candidate takes so many times as long, and both were built in orders of one speed.
fn fates(body: Body, slower: f64, noise: f64, alarms: u32) -> Option<Fates> {
    // Not the seeds with which the rule was chosen.
    let mut rng = fastrand::Rng::with_seed(7020 + body as u64);
    let confidence = Confidence::P99;
    let [mut raised, mut regressed, mut layout] = [0_u32; 3];
    // Bodies that have hardly more than one speed raise few alarms.
    for _ in 0..20 * alarms {
        let place = if slower > 1.0 {
            0.0
        } else {
            body.log(&mut rng) - body.log(&mut rng)
        };
        let alarm = slower * (place + 0.002 * normal(&mut rng)).exp();
        if alarm < 1.0 + 1.5 * FLOOR {
            continue;
        }
        raised += 1;
        let old = body.orders(10, 1.0, noise, &mut rng);
        let new = body.orders(10, slower, noise, &mut rng);
        let over = over_orders(&old, &new, FLOOR, noise, confidence).expect("enough orders");
        match settle_alarm(&old, &new, &over, alarm, ERROR).expect("times") {
            AlarmOverOrders::BorneOut | AlarmOverOrders::Unexplained => regressed += 1,
            AlarmOverOrders::Layout => layout += 1,
            AlarmOverOrders::Open => {}
        }
        if raised == alarms {
            break;
        }
    }
    let share = |count: u32| f64::from(count) / f64::from(raised);
    (raised == alarms).then(|| Fates {
        regressed: share(regressed),
        layout: share(layout),
    })
}

#[test]
fn an_alarm_of_layout_alone_hardly_ever_stands_and_one_of_the_code_is_seldom_called_layout() {
    for body in Body::ALL {
        for noise in [0.002, 0.01] {
            if let Some(Fates { regressed, layout }) = fates(body, 1.0, noise, 500) {
                figure(&format!(
                    "alarm of layout alone {body:<9?} noise {noise}: regressed {regressed:.4}, layout {layout:.3}"
                ));
                assert!(regressed <= 0.002, "{body:?}, noise {noise}: {regressed}");
                assert!(layout >= 0.5, "{body:?}, noise {noise}: {layout}");
            }
            for slower in [1.02, 1.05, 1.1] {
                let found = fates(body, slower, noise, REPETITIONS).expect("as many as there are");
                let Fates { regressed, layout } = found;
                figure(&format!(
                    "alarm of the code {body:<9?} x{slower} noise {noise}: regressed {regressed:.3}, layout {layout:.3}"
                ));
                assert!(
                    layout <= 0.05,
                    "{body:?}, x{slower}, noise {noise}: {layout}"
                );
            }
        }
    }
}
