//! What an iteration asks of the operating system: page faults, context switches, bytes read and written.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use perf_schema::metric::names;
use perf_schema::{MetricName, Observed, Unit};

#[cfg(target_os = "linux")]
#[path = "resources/linux.rs"]
mod system;
#[cfg(not(target_os = "linux"))]
#[path = "resources/elsewhere.rs"]
mod system;

/// The metrics, in the order of the readings' numbers.
const FAULTS: [(&str, Unit); 2] = [
    (names::MINOR_FAULTS, Unit::COUNT),
    (names::MAJOR_FAULTS, Unit::COUNT),
];
const SWITCHES: [(&str, Unit); 2] = [
    (names::VOLUNTARY_SWITCHES, Unit::COUNT),
    (names::INVOLUNTARY_SWITCHES, Unit::COUNT),
];
const IO: [(&str, Unit); 4] = [
    (names::IO_READ, Unit::BYTES),
    (names::IO_WRITTEN, Unit::BYTES),
    (names::DISK_READ, Unit::BYTES),
    (names::DISK_WRITTEN, Unit::BYTES),
];

/// Counters as the system tells them at a moment, or what is used between two; or why it tells nothing.
type Told<const N: usize> = Result<[u64; N], &'static str>;

/// The one window of this process. Threads that run a batch together take turns at it, so that what they read of the
/// system themselves can be told from what the benchmark reads.
static WINDOW: Mutex<Window> = Mutex::new(Window::new());

struct Window {
    /// Threads in it.
    open: u32,
    /// What the process's counters were when the first came.
    at_start: (Told<2>, Told<4>),
    /// Bytes read to learn the counters, which count too.
    own_read: u64,
    used: Used,
}

/// What was used by all iterations since [`begin`].
struct Used {
    faults: Told<2>,
    switches: Told<2>,
    io: Told<4>,
}

impl Window {
    const fn new() -> Self {
        Self {
            open: 0,
            at_start: (Ok([0; 2]), Ok([0; 4])),
            own_read: 0,
            used: Used {
                faults: Ok([0; 2]),
                switches: Ok([0; 2]),
                io: Ok([0; 4]),
            },
        }
    }
}

fn window() -> MutexGuard<'static, Window> {
    WINDOW.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Begins anew.
pub(super) fn begin() {
    *window() = Window::new();
}

/// This thread begins an iteration. Does not allocate.
pub(super) fn open() {
    let window = &mut *window();
    let own = &mut window.own_read;
    system::remember(system::switches(own));
    if window.open == 0 {
        let faults = system::faults(own);
        // The counters of bytes come last: of what was read here only this very reading lies within the window.
        *own = 0;
        window.at_start = (faults, system::io(own));
    }
    window.open += 1;
}

/// This thread has ended its iteration. Does not allocate.
pub(super) fn close() {
    let window = &mut *window();
    let (faults, io) = window.at_start;
    let used = &mut window.used;
    window.open = window.open.saturating_sub(1);
    if window.open == 0 {
        let own_read = window.own_read;
        let mut io = grown(io, system::io(&mut window.own_read));
        if let Ok([read, ..]) = &mut io {
            *read = read.saturating_sub(own_read);
        }
        add(&mut used.io, io);
        let faults = grown(faults, system::faults(&mut window.own_read));
        add(&mut used.faults, faults);
    }
    let switches = system::switches(&mut window.own_read);
    add(&mut used.switches, grown(system::remembered(), switches));
}

fn grown<const N: usize>(from: Told<N>, to: Told<N>) -> Told<N> {
    let (from, to) = (from?, to?);
    Ok(std::array::from_fn(|i| to[i].saturating_sub(from[i])))
}

fn add<const N: usize>(sum: &mut Told<N>, more: Told<N>) {
    match (&mut *sum, more) {
        (Ok(sum), Ok(more)) => sum
            .iter_mut()
            .zip(more)
            .for_each(|(sum, more)| *sum += more),
        (Ok(_), Err(reason)) => *sum = Err(reason),
        (Err(_), _) => {}
    }
}

/// What an iteration used, on average over the `iterations` since [`begin`].
pub(super) fn metrics(iterations: u64) -> BTreeMap<MetricName, Observed> {
    let used = &window().used;
    let mut metrics = BTreeMap::new();
    tell(&mut metrics, FAULTS, used.faults, iterations);
    tell(&mut metrics, SWITCHES, used.switches, iterations);
    tell(&mut metrics, IO, used.io, iterations);
    metrics
}

/// What is not told is not told for one reason, which stands once.
fn tell<const N: usize>(
    metrics: &mut BTreeMap<MetricName, Observed>,
    names: [(&str, Unit); N],
    told: Told<N>,
    iterations: u64,
) {
    match told {
        Ok(numbers) => {
            for ((name, unit), number) in names.into_iter().zip(numbers) {
                let each = number as f64 / iterations.max(1) as f64;
                metrics.insert(name.to_owned(), Observed::context(unit, each));
            }
        }
        Err(reason) => {
            let reason = reason.to_owned();
            if let Some((name, _)) = names.first() {
                metrics.insert((*name).to_owned(), Observed::Absent { reason });
            }
        }
    }
}
