//! The counter that the operating system offers, or why it does not.

use std::io;

use rustix::io::Errno;

pub(super) use counter::Hardware;

#[cfg(all(
    target_os = "linux",
    any(target_arch = "x86_64", target_arch = "aarch64")
))]
mod counter {
    use std::io;

    use super::refusal;

    /// A counter of this process and its threads, by `perf_event_open`.
    #[derive(Debug)]
    pub(in super::super) struct Hardware(perf_event::Counter);

    impl Hardware {
        pub(in super::super) fn open() -> Result<Self, String> {
            // The builder's own choice is to count instructions, outside the kernel.
            let mut builder = perf_event::Builder::new();
            builder.inherit(true).exclude_kernel(true).exclude_hv(true);
            builder.build().map(Self).map_err(|error| refusal(&error))
        }
    }

    impl super::super::Counter for Hardware {
        fn enable(&mut self, on: bool) -> io::Result<()> {
            if on {
                self.0.enable()
            } else {
                self.0.disable()
            }
        }

        fn read(&mut self) -> io::Result<u64> {
            let seen = self.0.read_count_and_time()?;
            // There are only a few counters; those who want more of them take turns, and each sees a part.
            if seen.time_running == seen.time_enabled {
                Ok(seen.count)
            } else {
                Err(io::ErrorKind::ResourceBusy.into())
            }
        }
    }
}

#[cfg(not(all(
    target_os = "linux",
    any(target_arch = "x86_64", target_arch = "aarch64")
)))]
mod counter {
    use std::io;

    /// There is none here.
    #[derive(Debug)]
    pub(in super::super) enum Hardware {}

    impl Hardware {
        pub(in super::super) fn open() -> Result<Self, String> {
            Err("hardware counters are read on Linux on x86-64 and aarch64 only".to_owned())
        }
    }

    impl super::super::Counter for Hardware {
        fn enable(&mut self, _on: bool) -> io::Result<()> {
            match *self {}
        }

        fn read(&mut self) -> io::Result<u64> {
            match *self {}
        }
    }
}

/// Why there is no count, in words a user can do something with.
pub(super) fn refusal(error: &io::Error) -> String {
    if error.kind() == io::ErrorKind::ResourceBusy && error.raw_os_error().is_none() {
        return "other programs take turns with it at the hardware counters".to_owned();
    }
    let paranoid = std::fs::read_to_string("/proc/sys/kernel/perf_event_paranoid");
    refused(
        error,
        paranoid.ok().and_then(|level| level.trim().parse().ok()),
    )
}

/// `paranoid` is what the system's setting says of who may count; up to 2 everyone may, outside the kernel.
fn refused(error: &io::Error, paranoid: Option<i32>) -> String {
    match (Errno::from_io_error(error), paranoid) {
        (Some(Errno::NOENT | Errno::NODEV | Errno::OPNOTSUPP), _) => {
            "this machine has no hardware counters".to_owned()
        }
        (Some(Errno::ACCESS | Errno::PERM), Some(level @ 3..)) => {
            format!("perf_event_paranoid is {level}, and must be 2 or less")
        }
        (Some(Errno::ACCESS | Errno::PERM), _) => {
            "the system does not let this process have hardware counters, as in most containers"
                .to_owned()
        }
        (Some(Errno::NOSYS), _) => "this kernel has no hardware counters to offer".to_owned(),
        _ => format!("the hardware counter: {error}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reason(errno: Errno, paranoid: Option<i32>) -> String {
        refused(&io::Error::from(errno), paranoid)
    }

    #[test]
    fn a_refusal_names_its_cause() {
        let none = "this machine has no hardware counters";
        assert_eq!(reason(Errno::NOENT, Some(4)), none);
        assert_eq!(reason(Errno::OPNOTSUPP, None), none);
        let paranoid = "perf_event_paranoid is 3, and must be 2 or less";
        assert_eq!(reason(Errno::ACCESS, Some(3)), paranoid);
        for level in [Some(2), None] {
            assert!(reason(Errno::PERM, level).contains("containers"));
        }
        assert!(reason(Errno::NOSYS, None).contains("kernel"));
        assert!(reason(Errno::MFILE, None).starts_with("the hardware counter: "));
    }

    #[test]
    fn this_machine_has_a_counter_or_a_reason() {
        use super::super::Counting;
        use crate::measure::{Clock, Plain};
        match Hardware::open() {
            Ok(counter) => {
                let counting: &'static Counting<_> = Box::leak(Box::new(Counting::by(counter)));
                let mut body = Plain::new(|| {
                    std::hint::black_box(
                        (0..1000_u64).fold(0, |sum, n| sum ^ std::hint::black_box(n)),
                    )
                });
                let each = counting.each(&mut body, Clock::Monotonic, 100);
                // A machine whose counters others use gives a reason here, too.
                assert!(
                    each.as_ref()
                        .map_or_else(|why| !why.is_empty(), |&n| n > 1000.0),
                    "{each:?}"
                );
            }
            // Of the causes this is the one that can be looked up elsewhere: it is blamed if and only if it is one.
            Err(reason) => {
                let level = std::fs::read_to_string("/proc/sys/kernel/perf_event_paranoid");
                let level: i32 = level.map_or(0, |text| text.trim().parse().unwrap_or(0));
                let is_blamed = reason.contains("perf_event_paranoid is");
                assert!(!is_blamed || level > 2, "{level}: {reason}");
                assert!(
                    is_blamed || reason.contains("hardware counter"),
                    "{level}: {reason}"
                );
            }
        }
    }
}
