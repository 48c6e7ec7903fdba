//! Saying how well users, or operations at a rate, have to be served: the limits of concurrency and load.

use std::time::Duration;

use perf_schema::{LimitKind, Pace, ServiceLevel, TrafficPlan, WHOLE_PPM};

use super::case::Case;
use super::search::LimitSearch;
use crate::body::Load;

/// The longest that a level is run for on purpose.
const LONGEST: Duration = Duration::from_secs(30);

/// Users beyond this are more threads than a system gives.
const MOST_USERS: u64 = 4096;

/// Failures that are let pass if nothing is said.
const ERRORS: f64 = 0.01;

/// Of a rate, the share that has to be achieved.
const ACHIEVED_PPM: u32 = 980_000;

/// How well, and how a level is run, as it was declared.
#[derive(Clone, Debug, Default)]
pub(super) struct Service {
    /// Whether the body is one that says what users do.
    served: bool,
    latency: [Option<Duration>; 4],
    errors: Option<f64>,
    efficiency: Option<f64>,
    warm_up: Option<Duration>,
    window: Option<Duration>,
    ramp: Option<Duration>,
    think: Option<Duration>,
    clients: Option<u32>,
}

/// Concurrency and load: the level is `users` at once, or a `rate` of operations per second, and the caps say how well each
/// has to be served.
impl LimitSearch<'_> {
    /// A cap: half of the operations take at most so long.
    pub const fn p50(mut self, most: Duration) -> Self {
        self.limit.service.latency[0] = Some(most);
        self
    }

    /// A cap: nine in ten operations take at most so long.
    pub const fn p90(mut self, most: Duration) -> Self {
        self.limit.service.latency[1] = Some(most);
        self
    }

    /// A cap: 99 in a hundred operations take at most so long.
    pub const fn p99(mut self, most: Duration) -> Self {
        self.limit.service.latency[2] = Some(most);
        self
    }

    /// A cap: no operation takes longer.
    pub const fn max(mut self, most: Duration) -> Self {
        self.limit.service.latency[3] = Some(most);
        self
    }

    /// A cap: the largest share of operations that may fail; 0.01, if nothing is said, for one per cent.
    pub const fn errors(mut self, most: f64) -> Self {
        self.limit.service.errors = Some(most);
        self
    }

    /// A cap, of users: each gets at least this share done of what one does at the first level, 0.5 for half.
    pub const fn efficiency(mut self, least: f64) -> Self {
        self.limit.service.efficiency = Some(least);
        self
    }

    /// How long a level runs before anything counts; 50 ms if nothing is said.
    pub const fn warm_up(mut self, time: Duration) -> Self {
        self.limit.service.warm_up = Some(time);
        self
    }

    /// How long a level runs while everything counts; 200 ms if nothing is said.
    pub const fn window(mut self, time: Duration) -> Self {
        self.limit.service.window = Some(time);
        self
    }

    /// How long after each other users begin; all at once if nothing is said.
    pub const fn ramp(mut self, time: Duration) -> Self {
        self.limit.service.ramp = Some(time);
        self
    }

    /// How long a user waits between two operations on average; not at all if nothing is said.
    pub const fn think(mut self, time: Duration) -> Self {
        self.limit.service.think = Some(time);
        self
    }

    /// At a rate, how many operations can be under way at once; 64 if nothing is said. Each client is a thread.
    pub const fn clients(mut self, count: u32) -> Self {
        self.limit.service.clients = Some(count);
        self
    }

    /// Completes the limit with its body, which is given the level and says through its [`Load`] what users do, once. Under
    /// `cargo test` one user does each task once.
    ///
    /// ```no_run
    /// # use std::time::Duration;
    /// # fn answer(question: u64) -> Result<u64, String> { Ok(question) }
    /// # let mut suite = perf_harness::Suite::new();
    /// suite
    ///     .bench("answers")
    ///     .limit("rate", 100..=1_000_000)
    ///     .p99(Duration::from_millis(10))
    ///     .load(|load, _rate, _| load.run(|client| answer(client.rng().u64(..))));
    /// ```
    pub fn load(mut self, body: impl Fn(Load, u64, &Case) + Send + Sync + 'static) {
        self.limit.service.served = true;
        let Self { benchmark, limit } = self;
        let plan = limit.service.traffic(limit.axis());
        benchmark.limited(limit).run(move |bench, case| {
            // A suite whose declarations are not in order never comes to run one of its bodies.
            if let Ok(plan) = plan {
                let (load, level) = Load::of(bench, plan);
                body(load, level, case);
            }
        });
    }
}

impl Service {
    /// Whether the body is one that says what users do.
    pub(super) const fn is_served(&self) -> bool {
        self.served
    }

    /// Whether anything was said that only makes sense of such a body.
    pub(super) fn is_declared(&self) -> bool {
        let times = [self.warm_up, self.window, self.ramp, self.think];
        let some_time = self.latency.iter().chain(&times).any(Option::is_some);
        some_time || self.errors.is_some() || self.efficiency.is_some() || self.clients.is_some()
    }

    /// What kind of limit it is if nothing is said: one of concurrency, where users do nothing but operate.
    pub(super) fn kind(&self, axis: &str) -> LimitKind {
        match pace(axis) {
            Ok(Pace::Users) if self.think.is_none() && self.ramp.is_none() => {
                LimitKind::Concurrency
            }
            _ => LimitKind::Load,
        }
    }

    /// How a level is run.
    ///
    /// # Errors
    /// With what is wrong with it, for the author.
    pub(super) fn traffic(&self, axis: &str) -> Result<TrafficPlan, String> {
        const WARM_UP: Duration = Duration::from_millis(50);
        const WINDOW: Duration = Duration::from_millis(200);
        const CLIENTS: u32 = 64;
        let pace = pace(axis)?;
        let of_the_other = match pace {
            Pace::Users => [("clients", self.clients.is_some()); 3],
            Pace::Rate => [
                ("efficiency", self.efficiency.is_some()),
                ("ramp", self.ramp.is_some()),
                ("think", self.think.is_some()),
            ],
        };
        if let Some((name, _)) = of_the_other.iter().find(|(_, is_said)| *is_said) {
            return Err(format!(
                "`{name}` is not for a limit whose level is `{axis}`"
            ));
        }
        let window = self.window.unwrap_or(WINDOW);
        let clients = self.clients.unwrap_or(CLIENTS);
        if window < Duration::from_millis(1) {
            return Err("a window must be at least a millisecond".to_owned());
        }
        let times = [self.warm_up, self.window, self.ramp, self.think];
        if times.into_iter().flatten().any(|time| time > LONGEST) {
            return Err(
                "`warm_up`, `window`, `ramp` and `think` are at most 30 seconds".to_owned(),
            );
        }
        if !(1..=MOST_USERS).contains(&u64::from(clients)) {
            return Err(format!("there are from 1 to {MOST_USERS} clients"));
        }
        Ok(TrafficPlan {
            pace,
            warm_up_ns: whole_ns(self.warm_up.unwrap_or(WARM_UP)),
            window_ns: whole_ns(window),
            ramp_ns: whole_ns(self.ramp.unwrap_or_default()),
            think_ns: whole_ns(self.think.unwrap_or_default()),
            clients,
        })
    }

    /// How well each has to be served.
    ///
    /// # Errors
    /// With what is wrong with it, for the author.
    pub(super) fn level(&self, pace: Pace, last: u64) -> Result<ServiceLevel, String> {
        let [p50_ns, p90_ns, p99_ns, max_ns] = self.latency.map(|most| most.map(whole_ns));
        let says_something = self.latency.iter().any(Option::is_some)
            || self.errors.is_some()
            || self.efficiency.is_some();
        if !says_something {
            return Err(
                "a limit of users or of a rate needs a service level: `p99`, `errors`, `efficiency`, say"
                    .to_owned(),
            );
        }
        if pace == Pace::Users && last > MOST_USERS {
            return Err(format!(
                "each user is a thread: there are at most {MOST_USERS}"
            ));
        }
        if pace == Pace::Rate && last > 1_000_000_000 {
            return Err("a rate is at most 1,000,000,000 per second".to_owned());
        }
        Ok(ServiceLevel {
            p50_ns,
            p90_ns,
            p99_ns,
            max_ns,
            errors_ppm: Some(ppm(self.errors.unwrap_or(ERRORS), "errors")?),
            efficiency_ppm: self
                .efficiency
                .map(|share| ppm(share, "efficiency"))
                .transpose()?,
            achieved_ppm: (pace == Pace::Rate).then_some(ACHIEVED_PPM),
        })
    }
}

/// What the name of the level says that it counts.
fn pace(axis: &str) -> Result<Pace, String> {
    match axis {
        "users" => Ok(Pace::Users),
        "rate" => Ok(Pace::Rate),
        _ => Err(format!(
            "the level of a limit with a service level is called `users` or `rate`, and not `{axis}`"
        )),
    }
}

fn ppm(share: f64, name: &str) -> Result<u32, String> {
    if !(0.0..=1.0).contains(&share) {
        return Err(format!(
            "`{name}` is a share from 0 to 1: 0.01 is one per cent"
        ));
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "between nothing and a million"
    )]
    let ppm = (share * f64::from(WHOLE_PPM)).round() as u32;
    Ok(ppm)
}

fn whole_ns(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Suite;
    use perf_schema::LimitPlan;

    const MS: Duration = Duration::from_millis(1);

    fn declared(
        axis: &str,
        say: impl for<'a> Fn(LimitSearch<'a>) -> LimitSearch<'a>,
    ) -> Result<LimitPlan, String> {
        let mut suite = Suite::new();
        say(suite.bench("f").limit(axis, 1..=64)).load(|load, _, _| load.run(|_| ()));
        let mut cases = suite.cases().map_err(|error| error.to_string())?;
        Ok(cases.remove(0).description.limit.expect("it is a limit"))
    }

    #[test]
    fn a_level_of_users_or_of_a_rate_is_planned() {
        let plan = declared("users", |l| l.p99(MS * 10).errors(0.02).efficiency(0.5)).unwrap();
        assert_eq!(plan.kind, LimitKind::Concurrency);
        let service = plan.caps.service.unwrap();
        assert_eq!(
            (service.p99_ns, service.errors_ppm, service.efficiency_ppm),
            (Some(10_000_000), Some(20_000), Some(500_000))
        );
        assert_eq!(service.achieved_ppm, None);
        let traffic = plan.traffic.unwrap();
        assert_eq!(
            (traffic.pace, traffic.window_ns),
            (Pace::Users, 200_000_000)
        );
        let plan = declared("users", |l| l.p50(MS).think(MS)).unwrap();
        assert_eq!(plan.kind, LimitKind::Load);
        let plan = declared("rate", |l| l.max(MS).clients(3).window(MS)).unwrap();
        assert_eq!(plan.kind, LimitKind::Load);
        let (service, traffic) = (plan.caps.service.unwrap(), plan.traffic.unwrap());
        assert_eq!(
            (service.errors_ppm, service.achieved_ppm),
            (Some(10_000), Some(980_000))
        );
        assert_eq!((traffic.pace, traffic.clients), (Pace::Rate, 3));
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        let refused = |plan: Result<LimitPlan, String>, part: &str| {
            let message = plan.expect_err("it is refused");
            assert!(message.contains(part), "{message}");
        };
        refused(declared("users", |l| l), "a service level");
        refused(declared("n", |l| l.p99(MS)), "`users` or `rate`");
        refused(declared("rate", |l| l.efficiency(0.5)), "`efficiency`");
        refused(declared("rate", |l| l.p99(MS).think(MS)), "`think`");
        refused(declared("users", |l| l.p99(MS).clients(3)), "`clients`");
        refused(declared("rate", |l| l.p99(MS).clients(0)), "clients");
        refused(declared("users", |l| l.errors(1.5)), "from 0 to 1");
        refused(declared("users", |l| l.p99(MS).wall(MS)), "`wall`");
        refused(declared("users", |l| l.p99(MS).fit("n")), "`fit`");
        refused(
            declared("rate", |l| l.p99(MS).kind(LimitKind::Concurrency)),
            "`users`",
        );
        refused(
            declared("users", |l| l.p99(MS).kind(LimitKind::Cpu)),
            "concurrency or load",
        );
        refused(
            declared("users", |l| l.p99(MS).window(Duration::ZERO)),
            "a millisecond",
        );
        refused(
            declared("users", |l| l.p99(MS).think(LONGEST * 2)),
            "30 seconds",
        );
        let mut suite = Suite::new();
        let limit = suite.bench("f").limit("users", 1..=10_000);
        limit.p99(MS).load(|load, _, _| load.run(|_| ()));
        let error = suite.cases().err().expect("it is refused").to_string();
        assert!(error.contains("at most 4096"), "{error}");
        let mut suite = Suite::new();
        let limit = suite.bench("f").limit("users", 1..=10);
        limit.wall(MS).p99(MS).run(|p, _, _| p.measure(|| ()));
        let error = suite.cases().err().expect("it is refused").to_string();
        assert!(error.contains("`load`"), "{error}");
    }
}
