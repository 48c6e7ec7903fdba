//! The machine class: the hash of what decides speed and does not flutter.
//!
//! Clock frequency, main memory, kernel and host name are left out on purpose: they change on one and the same machine,
//! or differ between machines that are equally fast, and every change would tear the history in two.

use std::collections::HashSet;
use std::fs;

use crate::hash;
use perf_schema::Machine;

/// The machine this runs on. `nickname` replaces the class that would be computed.
#[must_use]
pub fn machine(nickname: Option<&str>) -> Machine {
    let cpuinfo = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let threads = std::thread::available_parallelism()
        .map_or(1, |n| u32::try_from(n.get()).unwrap_or(u32::MAX));
    let seen = Seen::in_cpuinfo(&cpuinfo);
    let mut machine = Machine {
        class: String::new(),
        arch: std::env::consts::ARCH.to_owned(),
        os: std::env::consts::OS.to_owned(),
        cpu: seen.model.unwrap_or_else(|| "unknown".to_owned()),
        cores: seen.cores.unwrap_or(threads),
        // What the hardware has, not what a container or `taskset` grants this process.
        threads: seen.threads.unwrap_or(threads),
    };
    let nickname = nickname.map(str::trim).filter(|name| !name.is_empty());
    machine.class = nickname.map_or_else(|| class_of(&machine), named_class);
    machine
}

/// The class that a nickname stands for. Where the name cannot stand as it is, a hash of it follows, so that no two names
/// become one class.
fn named_class(nickname: &str) -> String {
    let slug = slug(nickname);
    if slug == nickname {
        slug
    } else {
        format!("{slug}-{}", hash::short(nickname, 8))
    }
}

/// `<architecture>-<8 digits>`.
fn class_of(machine: &Machine) -> String {
    let Machine {
        arch,
        os,
        cpu,
        cores,
        threads,
        class: _,
    } = machine;
    let digits = hash::short(format!("{arch}\n{os}\n{cpu}\n{cores}\n{threads}"), 8);
    format!("{}-{digits}", slug(arch))
}

/// Lower-case letters, digits and `-` only: a class is a folder's name.
fn slug(text: &str) -> String {
    let mut slug: String = text
        .to_lowercase()
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' })
        .take(40)
        .collect();
    slug = slug.trim_matches('-').to_owned();
    if slug.is_empty() {
        "machine".to_owned()
    } else {
        slug
    }
}

/// What `/proc/cpuinfo` says.
#[derive(Debug, PartialEq, Eq)]
struct Seen {
    model: Option<String>,
    cores: Option<u32>,
    threads: Option<u32>,
}

impl Seen {
    fn in_cpuinfo(text: &str) -> Self {
        let values = |wanted: &'static str| {
            text.lines()
                .filter_map(|line| line.split_once(':'))
                .filter(move |(key, _)| key.trim() == wanted)
                .map(|(_, value)| value.trim())
        };
        // Arm has no model name, but numbers that stand for one.
        let arm = || {
            let part = values("CPU part").next()?;
            Some(format!(
                "arm {} {part}",
                values("CPU implementer").next().unwrap_or("")
            ))
        };
        let model = values("model name")
            .next()
            .map(|name| name.split_whitespace().collect::<Vec<_>>().join(" "));
        let cores: HashSet<_> = values("physical id").zip(values("core id")).collect();
        let count = |n: usize| u32::try_from(n).ok().filter(|&n| n > 0);
        Self {
            model: model.or_else(arm),
            cores: count(cores.len()),
            threads: count(values("processor").count()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TWO_CORES: &str = "processor\t: 0\nmodel name\t: A  Chip @ 2\ncpu MHz : 1200.1\nphysical id\t: 0\ncore id\t\t: 0\n\n\
                             processor\t: 1\nmodel name\t: A  Chip @ 2\ncpu MHz : 3000.7\nphysical id\t: 0\ncore id\t\t: 1\n";

    #[test]
    fn cores_and_threads_are_told_apart() {
        let seen = Seen::in_cpuinfo(TWO_CORES);
        assert_eq!(
            seen,
            Seen {
                model: Some("A Chip @ 2".into()),
                cores: Some(2),
                threads: Some(2)
            }
        );
        let smt = TWO_CORES.replace("core id\t\t: 1", "core id\t\t: 0");
        assert_eq!(Seen::in_cpuinfo(&smt).cores, Some(1));
        assert_eq!(
            Seen::in_cpuinfo(""),
            Seen {
                model: None,
                cores: None,
                threads: None
            }
        );
    }

    #[test]
    fn the_class_does_not_flutter_with_the_frequency_and_tells_models_apart() {
        let class = |cpu: &str| {
            class_of(&Machine {
                class: String::new(),
                arch: "x86_64".into(),
                os: "linux".into(),
                cpu: cpu.into(),
                cores: 2,
                threads: 2,
            })
        };
        assert_eq!(class("A"), class("A"));
        assert_ne!(class("A"), class("B"));
        assert!(class("A").starts_with("x86-64-") && class("A").len() == 15);
    }

    #[test]
    fn a_nickname_becomes_a_safe_folder_of_its_own() {
        let class = |name| machine(Some(name)).class;
        assert_eq!(class("ci-runner"), "ci-runner");
        assert!(class("../CI Runner").starts_with("ci-runner-"));
        let lossy = [
            "ci.1",
            "ci_1",
            "CI 1",
            "机器一",
            "机器二",
            &"x".repeat(50),
            &"x".repeat(51),
        ]
        .map(class);
        let different: std::collections::HashSet<&String> = lossy.iter().collect();
        assert_eq!(different.len(), lossy.len(), "{lossy:?}");
    }

    #[test]
    fn an_empty_nickname_is_none() {
        assert_eq!(machine(Some(" ")).class, machine(None).class);
    }
}
