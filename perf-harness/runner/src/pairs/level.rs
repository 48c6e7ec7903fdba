//! Names of one length for the binaries of both sides.
//!
//! A process is given the name of its binary, and who reads its arguments puts it on the heap, so that what is allocated later
//! comes to lie elsewhere: two binaries with the same machine code, in folders whose names were of unlike length, made strings
//! with 1.5 % between them, in pair after pair. No coin makes that noise, as it is always the same side that has the longer name.

use std::ffi::OsString;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

use super::{OrderedCase, PairedCase};

/// The same case, where the shorter name is written with more slashes: it still names the same binary.
pub(super) fn level(case: &PairedCase) -> PairedCase {
    let mut case = case.clone();
    make_one_length([
        &mut case.baseline.program.path,
        &mut case.candidate.program.path,
    ]);
    case
}

/// The same case with names of one length for all programs of all its orders, those of the pilot among them.
pub(super) fn level_orders(ordered: &OrderedCase) -> OrderedCase {
    let mut ordered = ordered.clone();
    let case = &mut ordered.case;
    let pilot = [&mut case.baseline.program, &mut case.candidate.program];
    let sides = [
        &mut ordered.programs.baseline,
        &mut ordered.programs.candidate,
    ];
    let orders = sides.into_iter().flatten();
    make_one_length(pilot.into_iter().chain(orders).map(|p| &mut p.path));
    ordered
}

fn make_one_length<'a>(paths: impl IntoIterator<Item = &'a mut PathBuf>) {
    let paths: Vec<&mut PathBuf> = paths.into_iter().collect();
    let longest = paths.iter().map(|path| length(path)).max().unwrap_or(0);
    for path in paths {
        *path = stretched(path, longest);
    }
}

fn length(path: &Path) -> usize {
    path.as_os_str().len()
}

/// A name without any slash is one to be searched for, and stays as it is.
fn stretched(path: &Path, to: usize) -> PathBuf {
    let mut bytes = path.as_os_str().as_bytes().to_vec();
    if let Some(at) = bytes.iter().position(|&byte| byte == b'/') {
        let more = to.saturating_sub(bytes.len());
        bytes.splice(at..at, std::iter::repeat_n(b'/', more));
    }
    OsString::from_vec(bytes).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stretched_name_is_as_long_as_it_should_be_and_names_the_same() {
        for (short, long) in [("/a/b", "////a/b"), ("a/b", "a////b/c")] {
            let name = stretched(Path::new(short), long.len());
            assert_eq!(length(&name), long.len());
            // Components leave out what repeats.
            assert_eq!(name, Path::new(short));
        }
        assert_eq!(stretched(Path::new("/a/b"), 3).as_os_str(), "/a/b");
        assert_eq!(stretched(Path::new("ab"), 9).as_os_str(), "ab");
    }
}
