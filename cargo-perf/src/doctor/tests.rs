//! Machines set up as folders.

use std::ffi::OsStr;
use std::path::Path;

use perf_schema::Machine;

use super::*;
use crate::store::{Fault, Reason};

fn hardware(threads: u32) -> Machine {
    Machine {
        class: "x86-64-0badcafe".to_owned(),
        arch: "x86_64".to_owned(),
        os: "linux".to_owned(),
        cpu: "Some CPU".to_owned(),
        cores: threads,
        threads,
    }
}

/// What is found on a machine with these files.
fn look(files: &[(&str, &str)]) -> Vec<Finding> {
    let root = tempfile::tempdir().unwrap();
    for (file, text) in files {
        let path = root.path().join(file);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    let programs = root.path().join("bin");
    machine(&System::at(root.path(), programs.as_os_str()), &hardware(4))
}

fn of<'a>(findings: &'a [Finding], name: &str) -> &'a Finding {
    findings
        .iter()
        .find(|finding| finding.name == name)
        .expect(name)
}

fn level(files: &[(&str, &str)], name: &str) -> Level {
    of(&look(files), name).level
}

#[test]
fn a_quiet_machine_is_left_in_peace() {
    let findings = look(&[
        (
            "sys/devices/system/cpu/cpu0/cpufreq/scaling_governor",
            "performance\n",
        ),
        (
            "sys/devices/system/cpu/cpu1/cpufreq/scaling_governor",
            "performance\n",
        ),
        ("sys/devices/system/cpu/cpufreq/boost", "0"),
        ("sys/devices/system/cpu/smt/active", "0"),
        ("sys/bus/event_source/devices/cpu/type", "4"),
        ("proc/sys/kernel/perf_event_paranoid", "2"),
        ("proc/sys/kernel/randomize_va_space", "2"),
        ("proc/cpuinfo", "processor : 0\nflags\t\t: fpu vme sse2\n"),
        ("proc/loadavg", "0.10 0.2 0.3 1/100 1234"),
        (
            "proc/stat",
            "cpu  100 0 100 10000 5 0 0 0 0 0\ncpu0 1 2 3\n",
        ),
        (
            "proc/meminfo",
            "MemTotal: 8000000 kB\nMemAvailable: 6000000 kB\nSwapTotal: 0 kB\nSwapFree: 0 kB\n",
        ),
        ("proc/self/cgroup", "0::/\n"),
        ("bin/valgrind", ""),
    ]);
    let not_ok: Vec<_> = findings
        .iter()
        .filter(|finding| finding.level != Level::Ok)
        .collect();
    assert!(not_ok.is_empty(), "{not_ok:?}");
}

#[test]
fn of_a_machine_that_tells_nothing_nothing_is_claimed() {
    let findings = look(&[]);
    for name in [
        "frequency governor",
        "turbo",
        "shared cores",
        "load",
        "stolen time",
        "memory",
        "swap",
        "virtualisation",
        "address randomisation",
    ] {
        assert_eq!(of(&findings, name).level, Level::Unknown, "{name}");
    }
    assert!(
        findings
            .iter()
            .all(|finding| !finding.blocks && finding.level != Level::Problem)
    );
}

#[test]
fn each_disturbance_is_named_with_a_way_to_end_it() {
    let cases: [(&str, &[(&str, &str)]); 13] = [
        (
            "frequency governor",
            &[(
                "sys/devices/system/cpu/cpu0/cpufreq/scaling_governor",
                "powersave",
            )],
        ),
        (
            "turbo",
            &[("sys/devices/system/cpu/intel_pstate/no_turbo", "0")],
        ),
        ("turbo", &[("sys/devices/system/cpu/cpufreq/boost", "1")]),
        (
            "shared cores",
            &[("sys/devices/system/cpu/smt/active", "1")],
        ),
        (
            "virtualisation",
            &[("proc/cpuinfo", "flags : fpu hypervisor sse")],
        ),
        (
            "instruction counter",
            &[
                ("sys/bus/event_source/devices/cpu/type", "4"),
                ("proc/sys/kernel/perf_event_paranoid", "4"),
            ],
        ),
        ("load", &[("proc/loadavg", "2.5 1 1 1/2 3")]),
        (
            "stolen time",
            &[("proc/stat", "cpu  100 0 100 10000 5 0 0 20")],
        ),
        (
            "memory",
            &[(
                "proc/meminfo",
                "MemTotal: 8000000 kB\nMemAvailable: 400000 kB\n",
            )],
        ),
        (
            "swap",
            &[(
                "proc/meminfo",
                "MemTotal: 8000000 kB\nSwapTotal: 4000000 kB\nSwapFree: 1000000 kB\n",
            )],
        ),
        (
            "power",
            &[("sys/class/power_supply/BAT0/status", "Discharging")],
        ),
        (
            "address randomisation",
            &[("proc/sys/kernel/randomize_va_space", "0")],
        ),
        (
            "processor quota",
            &[
                ("proc/self/cgroup", "0::/a/b\n"),
                ("sys/fs/cgroup/a/cpu.max", "150000 100000"),
                ("sys/fs/cgroup/a/cpu.stat", "nr_periods 9\nnr_throttled 3\n"),
            ],
        ),
    ];
    for (name, files) in cases {
        let findings = look(files);
        let finding = of(&findings, name);
        assert_eq!(finding.level, Level::Advice, "{finding:?}");
        assert!(
            !finding.why.is_empty() && !finding.help.is_empty(),
            "{finding:?}"
        );
    }
}

#[test]
fn what_means_nothing_is_not_taken_for_something() {
    assert_eq!(
        level(&[("proc/stat", "cpu  what is this")], "stolen time"),
        Level::Unknown
    );
    assert_eq!(level(&[("proc/loadavg", "high")], "load"), Level::Unknown);
    assert_eq!(
        level(
            &[("sys/devices/system/cpu/smt/active", "maybe")],
            "shared cores"
        ),
        Level::Unknown
    );
    assert_eq!(
        level(
            &[
                ("proc/self/cgroup", "0::/../../etc\n"),
                ("sys/fs/cgroup/cpu.max", "max 100000")
            ],
            "processor quota"
        ),
        Level::Ok
    );
    // A mouse on its battery says nothing of the machine.
    let mouse = [
        ("sys/class/power_supply/mouse/status", "Discharging"),
        ("sys/class/power_supply/mouse/scope", "Device"),
    ];
    assert_eq!(level(&mouse, "power"), Level::Ok);
    assert_eq!(
        level(
            &[(
                "sys/devices/system/cpu/cpufreq/scaling_governor",
                "powersave"
            )],
            "frequency governor"
        ),
        Level::Unknown
    );
}

#[test]
fn quotas_of_any_group_around_count() {
    let files = [
        ("proc/self/cgroup", "0::/a/b\n"),
        ("sys/fs/cgroup/a/b/cpu.max", "max 100000"),
        ("sys/fs/cgroup/cpu.max", "50000 100000"),
        ("sys/fs/cgroup/a/memory.max", "268435456"),
        ("sys/fs/cgroup/a/memory.current", "167772160"),
    ];
    let findings = look(&files);
    assert_eq!(of(&findings, "processor quota").found, "0.5 processors");
    assert_eq!(of(&findings, "memory limit").found, "96 of 256 MiB left");
}

#[test]
fn one_core_is_too_few() {
    let nothing = System::at(Path::new("/nowhere/at/all"), OsStr::new(""));
    assert_eq!(
        of(&machine(&nothing, &hardware(1)), "cores").level,
        Level::Advice
    );
    assert_eq!(
        of(&machine(&nothing, &hardware(2)), "cores").level,
        Level::Ok
    );
}

fn set_up(records: &Records, attributes: Option<&str>, name: &str) -> Finding {
    of(&setup(records, Some(0), attributes), name).clone()
}

#[test]
fn records_that_grow_too_fast_or_are_damaged_are_told_of() {
    let day = 86_400_i64;
    let records = |bytes, days| Records {
        count: 10,
        bytes,
        span: Some((0, days * day)),
        faults: Vec::new(),
    };
    let found = |records: &Records| set_up(records, None, "baselines");
    assert_eq!(found(&Records::default()).level, Level::Advice);
    assert!(
        found(&records(1 << 20, 365))
            .found
            .contains("growing by 1.0 MiB a year")
    );
    assert_eq!(found(&records(30 << 20, 30)).level, Level::Advice);
    // An afternoon is not a year.
    assert!(!found(&records(30 << 20, 1)).found.contains("a year"));
    let damaged = Records {
        faults: vec![Fault {
            file: "baselines/x.json".to_owned(),
            reason: Reason::Name,
        }],
        ..records(1, 1)
    };
    assert_eq!(
        set_up(&damaged, None, "damaged records").level,
        Level::Problem
    );
}

#[test]
fn the_line_for_git_is_asked_for_once_there_are_records() {
    let records = Records {
        count: 1,
        ..Records::default()
    };
    let level = |attributes| set_up(&records, attributes, "line endings").level;
    assert_eq!(
        level(Some(
            "*.rs text\nbaselines/** text eol=lf linguist-generated\n"
        )),
        Level::Ok
    );
    assert_eq!(level(Some("/baselines/** -text")), Level::Ok);
    assert_eq!(
        level(Some("baselines/** linguist-generated")),
        Level::Advice
    );
    assert_eq!(level(None), Level::Advice);
    let none = setup(&Records::default(), Some(0), None);
    assert!(none.iter().all(|finding| finding.name != "line endings"));
}
