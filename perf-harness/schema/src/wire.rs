//! What a conductor and a worker say to each other: one JSON value per line.
//!
//! A *worker* is a bench binary started with [`WORKER_VARIABLE`] in its environment and one end of a socket pair as its
//! standard input, which it takes away from the benchmark before anything of the user's runs. What a benchmark prints
//! goes to the ordinary streams and never meets the protocol.
//!
//! The worker speaks first ([`Event::Hello`]); from then on each order has one answer, and an answer may be
//! [`Event::Failed`], after which the worker ends.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{
    Budgets, ChaosPlan, FailureKind, Fit, Gate, Kind, LimitPlan, MetricName, Observed, Stress,
    Throughput, Traffic,
};

/// The version of this protocol.
pub const PROTOCOL: u32 = 5;

/// The oldest protocol of a worker that a conductor of this version understands: 4 is the same without the traffic of
/// [`Event::Probed`], of whose limits such a worker has none.
pub const OLDEST_PROTOCOL: u32 = 4;

/// The environment variable that turns a bench binary into a worker. Its value is the protocol the conductor speaks.
pub const WORKER_VARIABLE: &str = "PERF_HARNESS_WORKER";

/// The environment variable whose length alone matters: it moves the stack of each launch by another distance.
pub const PADDING_VARIABLE: &str = "PERF_HARNESS_PADDING";

/// The environment variable that replaces the clock of a worker by a scripted one, for tests.
pub const CLOCK_VARIABLE: &str = "PERF_HARNESS_CLOCK";

/// Fits the names of two functions of a worker, however the compiler mangles them: one is entered at the beginning of each
/// batch of [`Order::Count`], on each thread that takes part, the other at its end. One pattern for both, since Callgrind
/// 3.19 passes over the second of two that begin alike.
pub const COUNTING_MARKS: &str = "*perf_harness*_of_counted_batch*";

/// The longest line a conductor accepts, in bytes: a worker is the user's code, and may do anything.
pub const MAX_LINE: usize = 16 << 20;

/// From the conductor to the worker.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "order", rename_all = "kebab-case")]
pub enum Order {
    /// Say which cases there are. Answer: [`Event::Described`].
    Describe,
    /// Enter the case and get ready to measure. Answer: [`Event::Prepared`].
    Prepare {
        /// Name as in [`CaseDescription::name`].
        case: String,
        /// Seed of what is random inside the worker.
        seed: u64,
        /// Of a limit, the level to enter it at; absent means its first.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        level: Option<u64>,
    },
    /// Find the number of iterations that fill a sample. Answer: [`Event::Calibrated`].
    Calibrate {
        /// Length to aim at.
        sample_ns: u64,
        /// How long the search may take, input and drop included.
        limit_ns: u64,
    },
    /// Warm up, then take samples. Answer: [`Event::Sampled`].
    Sample {
        /// Iterations in each sample.
        batch: u64,
        /// How many samples.
        count: u32,
        /// How long warming up may take: no batch is begun after it. One batch is always run, unless this is zero.
        warm_up_ns: u64,
    },
    /// Run some more iterations and look at what they do, apart from the time they take: watching taxes the time, so it
    /// is done in a pass of its own. Answer: [`Event::Observed`].
    Observe {
        /// Iterations of the batch that was sampled; the worker may run fewer.
        batch: u64,
    },
    /// Run one batch between the [`COUNTING_MARKS`], for a tool that runs the worker and counts what it does. Answer:
    /// [`Event::Counted`].
    Count {
        /// Iterations of the batch; the worker may run fewer.
        iterations: u64,
    },
    /// Run what a limit measures, once. Answer: [`Event::Probed`].
    Probe,
    /// Enter no case, and take what others need until the channel ends. Answer: [`Event::Stressing`], once it takes effect.
    Stress {
        /// What to take, memory in bytes.
        stress: Stress,
    },
    /// Inject the fault of the benchmark, between samples. Answer: [`Event::Injected`].
    Inject,
    /// Take it away again. Answer: [`Event::Recovered`].
    Recover,
    /// Leave the case, check its result, and end. Answer: [`Event::Finished`].
    Finish,
}

/// From the worker to the conductor.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Event {
    /// The first line of every worker.
    Hello {
        /// The protocol it speaks.
        protocol: u32,
        /// Version of the perf-harness it was built with.
        harness: String,
        /// Its source of time: `monotonic`, or `scripted` under a test.
        clock: String,
    },
    /// All cases, in the order of their declaration.
    Described {
        /// The cases.
        cases: Vec<CaseDescription>,
    },
    /// Ready to measure.
    Prepared,
    /// Found the number of iterations.
    Calibrated {
        /// Iterations that fill a sample.
        batch: u64,
        /// What one such sample took.
        sample_ns: u64,
    },
    /// Took samples; the lists are of equal length.
    Sampled {
        /// Wall time of each batch.
        wall_ns: Vec<u64>,
        /// CPU time of the whole process in each batch.
        cpu_ns: Vec<u64>,
        /// Time of a fixed piece of arithmetic beside each batch: how quiet the machine was.
        gauge_ns: Vec<u64>,
        /// How long warming up took.
        warm_up_ns: u64,
    },
    /// Looked on.
    Observed {
        /// What was seen, by name of the metric.
        metrics: BTreeMap<MetricName, Observed>,
    },
    /// Ran a batch between the marks.
    Counted {
        /// The iterations it had.
        iterations: u64,
    },
    /// Ran what a limit measures.
    Probed {
        /// Wall time of it.
        wall_ns: u64,
        /// CPU time of the whole process meanwhile.
        cpu_ns: u64,
        /// What was seen of users, or of operations at a rate.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        traffic: Option<Box<Traffic>>,
    },
    /// At work as a stressor.
    Stressing,
    /// The fault is there.
    Injected,
    /// The fault is gone.
    Recovered,
    /// The case was left in order.
    Finished {
        /// What one iteration works through.
        throughput: Throughput,
        /// What is known only at the end, by name of the metric.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        metrics: BTreeMap<MetricName, Observed>,
    },
    /// The case failed.
    Failed {
        /// How.
        kind: FailureKind,
        /// In words.
        message: String,
    },
}

/// What a target says of one of its cases.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseDescription {
    /// `module::function[axis=value,…]`, unique in the target.
    pub name: String,
    /// What kind of question it asks.
    #[serde(default, skip_serializing_if = "Kind::is_default")]
    pub kind: Kind,
    /// Value of each axis, by name of the axis.
    pub parameters: BTreeMap<String, String>,
    /// Version of the definition, raised by the author when the benchmark comes to measure something else.
    pub version: u32,
    /// Threads that run the body at the same time.
    pub threads: u32,
    /// Whether it is left out unless asked for.
    pub ignored: bool,
    /// Why, if the author said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ignored_because: Option<String>,
    /// How long a worker may take for each answer before it is killed; absent means the conductor's default. A launch
    /// gives a few answers and may take that much longer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout_ms: Option<u64>,
    /// What it may take at most.
    #[serde(default, skip_serializing_if = "Budgets::is_empty")]
    pub budgets: Budgets,
    /// What it has to give at least.
    #[serde(default, skip_serializing_if = "Budgets::is_empty")]
    pub floors: Budgets,
    /// How much worse it may become without anyone being stopped; absent means the comparison's default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gate: Option<Gate>,
    /// How its time grows over one of its axes at most; what a limit promises is part of its plan.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fit: Option<Fit>,
    /// Of a limit, what is looked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<LimitPlan>,
    /// What it runs under, of one that is measured under stress.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chaos: Option<ChaosPlan>,
    /// Source file, relative to where it was compiled.
    pub file: String,
    /// Line in that file.
    pub line: u32,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_one_line() {
        let event = Event::Failed {
            kind: FailureKind::Panic,
            message: "a\nb".into(),
        };
        let text = serde_json::to_string(&event).unwrap();
        assert_eq!(
            text,
            r#"{"event":"failed","kind":"panic","message":"a\nb"}"#
        );
        assert_eq!(serde_json::from_str::<Event>(&text).unwrap(), event);
    }

    #[test]
    fn an_unknown_member_of_a_later_version_does_no_harm() {
        let text = r#"{"order":"calibrate","sample_ns":1,"limit_ns":2,"new":3}"#;
        assert_eq!(
            serde_json::from_str::<Order>(text).unwrap(),
            Order::Calibrate {
                sample_ns: 1,
                limit_ns: 2
            }
        );
    }
}
