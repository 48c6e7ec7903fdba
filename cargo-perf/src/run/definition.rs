//! The hash of what a benchmark is declared to be.

use perf_schema::wire::CaseDescription;
use perf_schema::{Bound, Cap, Definition, InvalidId, LimitPlan};

use crate::hash;

/// Hash of a case's kind, parameters, threads and version: what must be equal for two results to answer one question.
///
/// The body is not part of it. In many benchmarks the body *is* the code whose change one wants to see; where it comes to
/// measure something else, its author raises the version.
///
/// # Errors
/// Never: sixteen hexadecimal digits are a definition.
pub fn definition(case: &CaseDescription) -> Result<Definition, InvalidId> {
    let mut text = format!(
        "{}\nversion {}\nthreads {}\n",
        case.kind.word(),
        case.version,
        case.threads
    );
    for (axis, value) in &case.parameters {
        // Lengths, so that no value can look like the next line.
        text.push_str(&format!("{}:{axis} {}:{value}\n", axis.len(), value.len()));
    }
    if let Some(limit) = &case.limit {
        // How it is searched, and how far, leaves the question as it is.
        let caps = &limit.caps;
        let cap = |most: Option<u64>| most.map_or("none".to_owned(), |most| most.to_string());
        text.push_str(&format!(
            "limit {}:{}\nwall {}\nmemory {}\nstack {}\n",
            limit.axis.len(),
            limit.axis,
            cap(caps.wall_ns),
            cap(caps.memory_bytes),
            cap(caps.stack_bytes),
        ));
        text.push_str(&served(limit));
    }
    hash::short(text, 16).parse()
}

/// How well users or a rate have to be served, and what users do besides; nothing of other limits, which are defined as ever.
fn served(limit: &LimitPlan) -> String {
    let (Some(service), Some(traffic)) = (&limit.caps.service, &limit.traffic) else {
        return String::new();
    };
    let bound = |cap: Cap| {
        let of = match service.bound(cap)? {
            Bound::Nanoseconds(most) | Bound::Bytes(most) => most,
            Bound::AtMost(ppm) | Bound::AtLeast(ppm) => u64::from(ppm),
        };
        Some(format!("{} {of}\n", cap.word()))
    };
    let caps = Cap::ALL.into_iter().filter_map(bound);
    format!(
        "{}think {}\nclients {}\n",
        caps.collect::<String>(),
        traffic.think_ns,
        traffic.clients
    )
}

#[cfg(test)]
mod tests {
    use perf_schema::{
        Amount, Budgets, Caps, Fit, Gate, LimitKind, LimitPlan, Pace, ServiceLevel, TrafficPlan,
    };

    use super::*;
    use perf_schema::Kind;

    #[test]
    fn the_definition_is_what_is_declared_and_nothing_else() {
        let case = CaseDescription {
            name: "f[n=1]".into(),
            kind: Kind::Time,
            parameters: [("n".to_owned(), "1".to_owned())].into(),
            version: 1,
            threads: 1,
            ignored: false,
            ignored_because: None,
            timeout_ms: None,
            budgets: Budgets::new(),
            floors: Budgets::new(),
            gate: None,
            fit: None,
            limit: None,
            chaos: None,
            file: "a.rs".into(),
            line: 3,
        };
        let first = definition(&case).unwrap();
        let moved = CaseDescription {
            file: "b.rs".into(),
            line: 90,
            timeout_ms: Some(5),
            ..case.clone()
        };
        assert_eq!(definition(&moved).unwrap(), first);
        let judged_otherwise = CaseDescription {
            budgets: [("allocs".to_owned(), Amount::new(3.0).unwrap())].into(),
            floors: [("ratio".to_owned(), Amount::new(3.0).unwrap())].into(),
            gate: Some(Gate::Never),
            fit: Some(Fit {
                axis: "n".to_owned(),
                law: "n".to_owned(),
            }),
            ignored_because: Some("it is tired".to_owned()),
            ..case.clone()
        };
        assert_eq!(definition(&judged_otherwise).unwrap(), first);
        let raised = CaseDescription {
            version: 2,
            ..case.clone()
        };
        assert_ne!(definition(&raised).unwrap(), first);
        let command = CaseDescription {
            kind: Kind::Command,
            ..case.clone()
        };
        assert_ne!(definition(&command).unwrap(), first);
        let limit = |wall_ns, last| CaseDescription {
            kind: Kind::Limit,
            limit: Some(LimitPlan {
                kind: LimitKind::Cpu,
                axis: "n".to_owned(),
                first: 1,
                last,
                caps: Caps {
                    wall_ns: Some(wall_ns),
                    ..Caps::default()
                },
                precision_ppm: 50_000,
                repeats: 3,
                budget_ms: 10_000,
                fit: None,
                traffic: None,
            }),
            ..case.clone()
        };
        let second = definition(&limit(1_000_000_000, 10)).unwrap();
        assert_eq!(definition(&limit(1_000_000_000, 99)).unwrap(), second);
        assert_ne!(definition(&limit(2_000_000_000, 10)).unwrap(), second);
        let served = |p99_ns, think_ns, window_ns| {
            let mut case = limit(1_000_000_000, 10);
            let plan = case.limit.as_mut().unwrap();
            plan.caps.service = Some(ServiceLevel {
                p99_ns: Some(p99_ns),
                ..ServiceLevel::default()
            });
            plan.traffic = Some(TrafficPlan {
                pace: Pace::Users,
                warm_up_ns: 1,
                window_ns,
                ramp_ns: 0,
                think_ns,
                clients: 64,
            });
            definition(&case).unwrap()
        };
        assert_eq!(served(1, 2, 3), served(1, 2, 4));
        assert_ne!(served(1, 2, 3), served(2, 2, 3));
        assert_ne!(served(1, 2, 3), served(1, 3, 3));
        let other = CaseDescription {
            parameters: [("n".to_owned(), "2".to_owned())].into(),
            ..case
        };
        assert_ne!(definition(&other).unwrap(), first);
    }
}
