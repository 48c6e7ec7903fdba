//! What a container or a unit of the system is allowed.

use super::{Finding, System};

/// What was found.
pub(super) fn all(system: &System) -> Vec<Finding> {
    let groups = groups(system);
    vec![cpu(system, &groups), memory(system, &groups)]
}

/// The folders of the own control group and of those around it, innermost first.
fn groups(system: &System) -> Vec<String> {
    let own = system.line("proc/self/cgroup", "0::").unwrap_or_default();
    // What is no plain path is none of the kernel's.
    let mut path =
        Some(own.trim_matches('/')).filter(|path| !path.split('/').any(|part| part == ".."));
    let mut groups = Vec::new();
    while let Some(inner) = path.filter(|path| !path.is_empty()) {
        groups.push(format!("sys/fs/cgroup/{inner}"));
        path = inner.rsplit_once('/').map(|(outer, _)| outer);
    }
    groups.push("sys/fs/cgroup".to_owned());
    groups
}

fn cpu(system: &System, groups: &[String]) -> Finding {
    let limit = |group: &String| {
        let text = system.text(&format!("{group}/cpu.max"))?;
        let (quota, period) = text.split_once(' ')?;
        let (quota, period): (f64, f64) = (quota.parse().ok()?, period.parse().ok()?);
        (period > 0.0).then(|| quota / period)
    };
    let least = groups.iter().filter_map(limit).min_by(f64::total_cmp);
    let Some(cpus) = least else {
        return Finding::ok("processor quota", "none");
    };
    let throttled = groups.iter().filter_map(|group| {
        let count = system.line(&format!("{group}/cpu.stat"), "nr_throttled ")?;
        count.parse::<u64>().ok()
    });
    let stopped = match throttled.max() {
        Some(times) if times > 0 => format!(", stopped {times} times so far"),
        _ => String::new(),
    };
    Finding::advice(
        "processor quota",
        format!("{cpus:.1} processors{stopped}"),
        "who has used up the quota is stopped until the next period, in the middle of a measurement",
        "give the container whole processors (`--cpuset-cpus`) instead of a share (`--cpus`)",
    )
}

fn memory(system: &System, groups: &[String]) -> Finding {
    let read = |group: &String, file: &str| system.number(&format!("{group}/{file}"));
    let room = |group: &String| {
        let limit = read(group, "memory.max")?;
        Some((limit - read(group, "memory.current").unwrap_or(0), limit))
    };
    let Some((free, limit)) = groups.iter().filter_map(room).min() else {
        return Finding::ok("memory limit", "none");
    };
    let found = format!("{} of {} MiB left", free.max(0) >> 20, limit >> 20);
    if free >> 20 >= 512 {
        return Finding::ok("memory limit", found);
    }
    Finding::advice(
        "memory limit",
        found,
        "what needs more is killed, and what comes near is slowed down",
        "allow the container more memory",
    )
}
