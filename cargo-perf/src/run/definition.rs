//! The hash of what a benchmark is declared to be.

use perf_schema::wire::CaseDescription;
use perf_schema::{Definition, InvalidId};

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
    hash::short(text, 16).parse()
}

#[cfg(test)]
mod tests {
    use perf_schema::{Amount, Budgets, Gate};

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
            gate: None,
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
            gate: Some(Gate::Never),
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
        let other = CaseDescription {
            parameters: [("n".to_owned(), "2".to_owned())].into(),
            ..case
        };
        assert_ne!(definition(&other).unwrap(), first);
    }
}
