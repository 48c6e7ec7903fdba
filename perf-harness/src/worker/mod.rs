//! The worker side: this process measures one case, on the orders of whoever started it.

mod channel;
mod panics;
mod stress;

use std::io::{self, Write};
use std::process::ExitCode;
use std::rc::Rc;

use perf_schema::FailureKind;
use perf_schema::wire::{Event, Order, PROTOCOL};

use crate::body::{Bench, Conclusion, Session, on_stack};
use crate::entry::{Runnable, Suite};
use crate::measure::Clock;
use crate::observe;
use crate::scripted;
use channel::Channel;

/// Serves the conductor at the other end of standard input until it has no more orders.
pub(crate) fn serve(suite: &Suite, clock: Clock) -> ExitCode {
    die_with_the_parent();
    let Ok(channel) = Channel::take_stdin() else {
        // Nobody is there to be told; a conductor sees the process end.
        return ExitCode::FAILURE;
    };
    panics::listen();
    channel.tell(&Event::Hello {
        protocol: PROTOCOL,
        harness: env!("CARGO_PKG_VERSION").to_owned(),
        clock: clock.name().to_owned(),
    });
    match (suite.cases(), channel.order()) {
        (Err(error), _) => channel.tell(&failed(FailureKind::Misuse, error.to_string())),
        (Ok(cases), Some(Order::Describe)) => channel.tell(&Event::Described {
            cases: cases.into_iter().map(|case| case.description).collect(),
        }),
        (Ok(cases), Some(Order::Prepare { case, seed, level })) => {
            match cases.iter().find(|known| known.named.name == case) {
                Some(known) => {
                    let level = level.unwrap_or_else(|| known.first_level());
                    return enter_on_its_stack(known, channel, clock, seed, level);
                }
                None => channel.tell(&failed(
                    FailureKind::Misuse,
                    format!("there is no benchmark `{case}`"),
                )),
            }
        }
        (Ok(_), Some(Order::Stress { stress })) => stress::serve(stress, &channel),
        (Ok(_), Some(order)) => channel.tell(&failed(
            FailureKind::Protocol,
            format!("{order:?} is no first order"),
        )),
        (Ok(_), None) => {}
    }
    ExitCode::SUCCESS
}

/// Enters a case on the stack that it asks for.
fn enter_on_its_stack(
    case: &Runnable,
    channel: Channel,
    clock: Clock,
    seed: u64,
    level: u64,
) -> ExitCode {
    let Some(parts) = channel.into_parts() else {
        return ExitCode::FAILURE;
    };
    let entered = on_stack(case.stack_bytes(), || {
        enter(case, Channel::of_parts(parts), clock, seed, level);
    });
    match entered {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // The channel is gone with what could not be started. What is printed last explains why a worker ended.
            let _closed = writeln!(
                io::stderr(),
                "the stack that the benchmark asks for could not be had: {error}"
            );
            ExitCode::FAILURE
        }
    }
}

/// Runs the body of a case, from whose depths the orders are then obeyed.
fn enter(case: &Runnable, channel: Channel, clock: Clock, seed: u64, level: u64) {
    scripted::draw_luck(seed);
    observe::prepare();
    let last_words = channel.clone();
    let session = Session::measured(clock, Box::new(channel)).at_level(level);
    let session = Rc::new(session.under_fault(case.has_fault()));
    let bench = Bench::new(Rc::clone(&session), case.named.case.threads(), seed);
    let outcome = panics::catch(|| (case.body)(bench, &case.named.case));
    let event = match (outcome, session.verdict()) {
        (Err(message), _) => failed(session.kind_of_panic(), message),
        (Ok(()), Err(misuse)) => failed(FailureKind::Misuse, misuse.to_owned()),
        (
            Ok(()),
            Ok(Conclusion {
                throughput,
                metrics,
            }),
        ) => Event::Finished {
            throughput,
            metrics,
        },
    };
    last_words.tell(&event);
}

const fn failed(kind: FailureKind, message: String) -> Event {
    Event::Failed { kind, message }
}

/// A conductor that is killed cannot end its workers, so they see to it themselves, and so do the launchers that a worker
/// starts. Where the system offers no such thing a worker ends when it next reads its channel.
pub(crate) fn die_with_the_parent() {
    #[cfg(target_os = "linux")]
    {
        let kill = Some(rustix::process::Signal::KILL);
        // Without it a hung benchmark may outlive a killed conductor; that is no reason not to measure.
        let _unsupported = rustix::process::set_parent_process_death_signal(kill);
    }
}
