//! Where the stack begins.
//!
//! The system puts the arguments and the environment on top of the stack, so that a variable more or a longer path moves all
//! that lies on it. How many instructions it takes to copy memory depends on where it lies in its page, by a handful in a
//! hundred thousand: enough for code that nobody has touched to be counted differently in another folder or another job of
//! a CI. Therefore the environment of a worker that is counted is filled up to whole pages.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};

use perf_schema::wire::{PADDING_VARIABLE, PROTOCOL, WORKER_VARIABLE};

use crate::worker::{ARGUMENTS, Program};

/// The usual size of a page, and a multiple of what the stack's beginning is rounded to.
const PAGE: usize = 4096;

/// The program with its working directory in its environment. Where `valgrind` is a shell script, as on Debian, the shell
/// would put it there, and nobody would have counted it.
pub(super) fn settled(program: &Program) -> Program {
    let mut program = program.clone();
    let directory = program.directory.clone().into_os_string();
    program.variables.push(("PWD".into(), directory));
    program
}

/// Length of the padding variable with which the stack of a worker begins at the same place of a page as any other's.
pub(super) fn padding(
    program: &Program,
    inherited: impl IntoIterator<Item = (OsString, OsString)>,
) -> usize {
    let mut variables: BTreeMap<OsString, OsString> = inherited.into_iter().collect();
    variables.extend(program.variables.iter().cloned());
    variables.insert(WORKER_VARIABLE.into(), PROTOCOL.to_string().into());
    variables.insert(PADDING_VARIABLE.into(), OsString::new());
    let variables = variables
        .iter()
        .map(|(name, value)| name.len() + "=".len() + in_memory(value));
    let path = program.path.as_os_str();
    let arguments = ARGUMENTS.map(|argument| in_memory(OsStr::new(argument)));
    // The path stands there twice: as the first argument, and as the name of what is executed.
    let used: usize = variables
        .chain(arguments)
        .chain([in_memory(path), path.len() + 1])
        .sum();
    used.next_multiple_of(PAGE) - used
}

/// A string with its end, and a pointer to it.
fn in_memory(text: &OsStr) -> usize {
    text.len() + 1 + size_of::<usize>()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(path: &str, variables: &[(&str, &str)], inherited: &[(&str, &str)]) -> usize {
        let [variables, inherited] = [variables, inherited].map(|pairs| {
            let owned = pairs
                .iter()
                .map(|(name, value)| (name.into(), value.into()));
            owned.collect::<Vec<(OsString, OsString)>>()
        });
        let program = Program {
            path: path.into(),
            directory: ".".into(),
            variables,
            show_output: false,
        };
        padding(&program, inherited)
    }

    #[test]
    fn what_is_longer_is_padded_less() {
        let plain = with("/a", &[], &[]);
        assert_eq!(with("/abc", &[], &[]), plain - 4);
        assert_eq!(
            with("/a", &[("N", "12")], &[]),
            plain - (4 + 1 + size_of::<usize>())
        );
        assert_eq!(
            with("/a", &[], &[("N", "12")]),
            with("/a", &[("N", "12")], &[])
        );
        // What a program sets takes the place of what it would inherit.
        let replaced = with("/a", &[("N", "12")], &[("N", "12345")]);
        assert_eq!(replaced, with("/a", &[("N", "12")], &[]));
        let long = "x".repeat(PAGE);
        assert_eq!(
            with("/a", &[("N", &long)], &[]),
            with("/a", &[("N", "")], &[])
        );
    }
}
