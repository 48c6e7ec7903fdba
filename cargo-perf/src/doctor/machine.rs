//! What of the machine makes measurements noisy.

use perf_schema::Machine;

use super::{Finding, System, containment, processor};

/// Everything that was looked at of the machine.
#[must_use]
pub fn machine(system: &System, machine: &Machine) -> Vec<Finding> {
    let mut findings = vec![Finding::ok(
        "machine class",
        format!("{}: {}", machine.class, machine.cpu),
    )];
    findings.push(cores(machine));
    findings.extend(processor::all(system));
    findings.push(load(system, machine));
    findings.push(stolen(system));
    findings.push(memory(system));
    findings.push(swap(system));
    findings.push(power(system));
    findings.extend(containment::all(system));
    findings.push(randomisation(system));
    findings.push(valgrind(system));
    findings
}

fn cores(machine: &Machine) -> Finding {
    let found = format!("{} cores, {} threads", machine.cores, machine.threads);
    if machine.threads > 1 {
        return Finding::ok("cores", found);
    }
    Finding::advice(
        "cores",
        found,
        "whatever else runs, and that includes the system, interrupts every measurement",
        "measure on a machine with two cores or more",
    )
}

fn load(system: &System, machine: &Machine) -> Finding {
    let load = system.text("proc/loadavg");
    let load = load.and_then(|text| text.split_whitespace().next()?.parse::<f64>().ok());
    let Some(load) = load else {
        return Finding::unknown("load", "the load of the system could not be read");
    };
    let found = format!("load average {load:.2} on {} threads", machine.threads);
    if load <= f64::from(machine.threads) / 2.0 {
        return Finding::ok("load", found);
    }
    Finding::advice(
        "load",
        found,
        "other programs take time and caches from what is measured",
        "see what runs with `top`, and wait or end it",
    )
}

/// Time that a host gave to others, of all that was there since the system started.
fn stolen(system: &System) -> Finding {
    let times: Option<Vec<u64>> = system.line("proc/stat", "cpu ").map(|line| {
        let numbers = line.split_whitespace();
        numbers.map_while(|number| number.parse().ok()).collect()
    });
    // user, nice, system, idle, iowait, irq, softirq, steal; guest time is in user already.
    let Some(&[user, nice, kernel, idle, wait, irq, soft, steal, ..]) = times.as_deref() else {
        return Finding::unknown(
            "stolen time",
            "the system does not say how much time its host took",
        );
    };
    let all = [user, nice, kernel, idle, wait, irq, soft, steal]
        .into_iter()
        .fold(0_u64, u64::saturating_add);
    let busy = all.saturating_sub(idle).saturating_sub(wait);
    let share = steal as f64 / busy.max(1) as f64 * 100.0;
    let found = format!("{share:.1} % of the time that was asked for went to others on the host");
    if share < 1.0 {
        return Finding::ok("stolen time", found);
    }
    Finding::advice(
        "stolen time",
        found,
        "others on the same host slow measurements down by as much as they please",
        "compare with --paired, which measures both sides at once, or use a machine of your own",
    )
}

fn memory(system: &System) -> Finding {
    let (Some(total), Some(free)) = (
        system.memory_mib("MemTotal"),
        system.memory_mib("MemAvailable"),
    ) else {
        return Finding::unknown("memory", "the system does not say how much memory is free");
    };
    let found = format!("{free} of {total} MiB available");
    if free >= 512 && free >= total / 10 {
        return Finding::ok("memory", found);
    }
    Finding::advice(
        "memory",
        found,
        "when memory is short the system drops files it had read, and pages out",
        "close what takes most (`ps --sort -rss`)",
    )
}

fn swap(system: &System) -> Finding {
    let (Some(total), Some(free), Some(memory)) = (
        system.memory_mib("SwapTotal"),
        system.memory_mib("SwapFree"),
        system.memory_mib("MemTotal"),
    ) else {
        return Finding::unknown("swap", "the system does not say how much is swapped out");
    };
    let used = total.saturating_sub(free);
    let found = format!("{used} of {total} MiB of swap used");
    if used <= memory / 10 {
        return Finding::ok("swap", found);
    }
    Finding::advice(
        "swap",
        found,
        "what is swapped out is read back in the middle of a measurement",
        "close what takes most memory, then `sudo swapoff -a && sudo swapon -a`",
    )
}

fn power(system: &System) -> Finding {
    const FOLDER: &str = "sys/class/power_supply";
    let read = |supply: &String, what: &str| system.text(&format!("{FOLDER}/{supply}/{what}"));
    let supplies = system.names(FOLDER);
    let discharging = supplies.iter().any(|supply| {
        // A mouse has a battery, too; `scope` says so.
        read(supply, "status").as_deref() == Some("Discharging")
            && read(supply, "scope").as_deref() != Some("Device")
    });
    if discharging {
        return Finding::advice(
            "power",
            "runs on its battery",
            "a processor on battery saves power, and is slower or of changing speed",
            "plug the machine in",
        );
    }
    match supplies.len() {
        0 => Finding::ok("power", "no battery"),
        _ => Finding::ok("power", "does not run on a battery"),
    }
}

fn randomisation(system: &System) -> Finding {
    match system.number("proc/sys/kernel/randomize_va_space") {
        Some(2) => Finding::ok("address randomisation", "on"),
        Some(other) => Finding::advice(
            "address randomisation",
            format!("not in full (randomize_va_space is {other})"),
            "all launches have the same addresses, lucky or unlucky, so their spread says nothing of that",
            "sudo sysctl kernel.randomize_va_space=2",
        ),
        None => Finding::unknown("address randomisation", "the system does not say"),
    }
}

fn valgrind(system: &System) -> Finding {
    if system.has_program("valgrind") {
        return Finding::ok("valgrind", "installed");
    }
    Finding::advice(
        "valgrind",
        "not installed",
        "where the processor does not count instructions, valgrind does (--metric instructions), exactly and however noisy the machine is",
        "sudo apt-get install valgrind, or what your system calls it",
    )
}
