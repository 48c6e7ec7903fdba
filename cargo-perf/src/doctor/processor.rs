//! The processor: its frequency, its shared cores, its counters.

use super::{Finding, System};

const CPUS: &str = "sys/devices/system/cpu";

/// What was found.
pub(super) fn all(system: &System) -> Vec<Finding> {
    vec![
        governor(system),
        boost(system),
        siblings(system),
        virtualisation(system),
        counters(system),
    ]
}

/// A folder of one processor: `cpu0`, not `cpufreq`.
fn is_processor(name: &str) -> bool {
    let digits = name.strip_prefix("cpu").unwrap_or_default();
    !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit())
}

fn governor(system: &System) -> Finding {
    let governor = |cpu: &String| system.text(&format!("{CPUS}/{cpu}/cpufreq/scaling_governor"));
    let names = system.names(CPUS);
    let processors = names.iter().filter(|name| is_processor(name));
    let mut governors: Vec<String> = processors.filter_map(governor).collect();
    governors.sort();
    governors.dedup();
    if governors.is_empty() {
        return Finding::unknown(
            "frequency governor",
            "the system does not say; in a virtual machine the host decides",
        );
    }
    if governors == ["performance"] {
        return Finding::ok("frequency governor", "performance");
    }
    Finding::advice(
        "frequency governor",
        governors.join(", "),
        "the frequency follows the load, so the first samples of a launch run slower than the last",
        "sudo cpupower frequency-set -g performance",
    )
}

fn boost(system: &System) -> Finding {
    let no_turbo = format!("{CPUS}/intel_pstate/no_turbo");
    let switch = format!("{CPUS}/cpufreq/boost");
    let (on, command) = match (system.number(&no_turbo), system.number(&switch)) {
        (Some(off), _) => (off == 0, format!("echo 1 | sudo tee /{no_turbo}")),
        (None, Some(on)) => (on != 0, format!("echo 0 | sudo tee /{switch}")),
        (None, None) => {
            return Finding::unknown("turbo", "the system does not say whether it is on");
        }
    };
    if !on {
        return Finding::ok("turbo", "off");
    }
    Finding::advice(
        "turbo",
        "on",
        "how long the highest frequency lasts depends on temperature and on what other cores do",
        command,
    )
}

fn siblings(system: &System) -> Finding {
    match system.number(&format!("{CPUS}/smt/active")) {
        Some(0) => Finding::ok("shared cores", "no core is shared by two hardware threads"),
        Some(_) => Finding::advice(
            "shared cores",
            "two hardware threads share a core",
            "what runs on the other thread of the core takes a third of the speed or more",
            format!("echo off | sudo tee /{CPUS}/smt/control"),
        ),
        None => Finding::unknown("shared cores", "the system does not say"),
    }
}

fn virtualisation(system: &System) -> Finding {
    let flags = system
        .line("proc/cpuinfo", "flags")
        .or_else(|| system.line("proc/cpuinfo", "Features"));
    let Some(flags) = flags else {
        return Finding::unknown("virtualisation", "the system does not say");
    };
    let flags = flags.trim_start_matches(|c: char| c == ':' || c.is_whitespace());
    if !flags.split_whitespace().any(|flag| flag == "hypervisor") {
        return Finding::ok("virtualisation", "none that shows");
    }
    Finding::advice(
        "virtualisation",
        "a virtual machine",
        "who else is on its host cannot be seen, and slows it for seconds to minutes",
        "trust --paired more than stored times; or measure on hardware of your own",
    )
}

fn counters(system: &System) -> Finding {
    const WHY: &str = "instructions are counted exactly however noisy the machine is";
    if !system
        .names("sys/bus/event_source/devices")
        .iter()
        .any(|name| name.starts_with("cpu") || name.starts_with("armv8"))
    {
        return Finding::advice(
            "instruction counter",
            "the processor's counters are not to be had here",
            WHY,
            "--metric instructions counts by Valgrind",
        );
    }
    match system.number("proc/sys/kernel/perf_event_paranoid") {
        Some(level) if level <= 2 => Finding::ok(
            "instruction counter",
            format!("permitted (perf_event_paranoid is {level})"),
        ),
        Some(level) => Finding::advice(
            "instruction counter",
            format!("not permitted (perf_event_paranoid is {level})"),
            WHY,
            "sudo sysctl kernel.perf_event_paranoid=2",
        ),
        None => Finding::unknown(
            "instruction counter",
            "the system does not say whether it is permitted",
        ),
    }
}
