//! Whether two binaries of one source have their functions in different orders.

use std::collections::{HashMap, HashSet};
use std::path::Path;

use object::elf;
use object::read::elf::{ElfFile64, SectionHeader, Sym};
use object::{Endianness, FileKind};

/// Whether the functions that both have come in another order. Where the symbols were stripped, whether the code differs at all,
/// which it also may for a smaller reason. `None` where a file cannot be read as a program.
#[must_use]
pub(super) fn differs(one: &Path, other: &Path) -> Option<bool> {
    let (first, second) = (std::fs::read(one).ok()?, std::fs::read(other).ok()?);
    let (a, b) = (Code::of(&first)?, Code::of(&second)?);
    let common: HashSet<&[u8]> = {
        let own: HashSet<&[u8]> = a.functions.iter().copied().collect();
        let theirs = b.functions.iter().copied();
        theirs.filter(|name| own.contains(name)).collect()
    };
    if common.len() < 2 {
        return Some(a.text != b.text);
    }
    let order = |code: &Code<'_>| -> Vec<Vec<u8>> {
        let names = code.functions.iter().filter(|name| common.contains(*name));
        names.map(|name| name.to_vec()).collect()
    };
    Some(order(&a) != order(&b))
}

struct Code<'a> {
    text: &'a [u8],
    /// Names of functions by address, those left out that are there more than once.
    functions: Vec<&'a [u8]>,
}

impl<'a> Code<'a> {
    /// `None` for what is no 64-bit ELF file with code.
    fn of(file: &'a [u8]) -> Option<Self> {
        if FileKind::parse(file).ok()? != FileKind::Elf64 {
            return None;
        }
        let parsed = ElfFile64::<Endianness>::parse(file).ok()?;
        let (endian, table) = (parsed.endian(), parsed.elf_section_table());
        let (_, text) = table.section_by_name(endian, b".text")?;
        let symbols = parsed.elf_symbol_table();
        let mut named: Vec<(u64, &[u8])> = symbols
            .iter()
            .filter(|symbol| symbol.st_type() == elf::STT_FUNC && symbol.st_value(endian) != 0)
            .filter_map(|symbol| {
                let name = symbols.symbol_name(endian, symbol).ok()?;
                Some((symbol.st_value(endian), name))
            })
            .collect();
        // Several names may be one function: the linker folds, and the library has other names for its own.
        named.sort_unstable();
        let mut seen: HashMap<&[u8], u32> = HashMap::new();
        for (_, name) in &named {
            *seen.entry(name).or_default() += 1;
        }
        let functions = named.into_iter().map(|(_, name)| name);
        Some(Self {
            text: text.data(endian, file).ok()?,
            functions: functions.filter(|name| seen[name] == 1).collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::PathBuf;

    /// This very test's binary.
    fn own() -> (PathBuf, Vec<u8>) {
        let path = std::env::current_exe().unwrap();
        let bytes = std::fs::read(&path).unwrap();
        (path, bytes)
    }

    fn written(bytes: &[u8]) -> tempfile::NamedTempFile {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), bytes).unwrap();
        file
    }

    #[test]
    fn the_order_counts_and_not_the_bytes() {
        let (path, bytes) = own();
        assert_eq!(differs(&path, &path), Some(false));
        let code = Code::of(&bytes).unwrap();
        assert!(code.functions.len() > 100);
        let text = code.text.as_ptr() as usize - bytes.as_ptr() as usize;
        let mut changed = bytes.clone();
        changed[text + 100] ^= 1;
        let changed = written(&changed);
        assert_eq!(differs(&path, changed.path()), Some(false));
    }

    #[test]
    fn two_functions_that_change_places_are_another_order() {
        let (path, bytes) = own();
        let names = Code::of(&bytes).unwrap().functions;
        let pair = names
            .windows(2)
            .find(|pair| pair[0].len() == pair[1].len())
            .unwrap();
        let place = |name: &[u8]| {
            let named = [&[0], name, &[0]].concat();
            let found = bytes.windows(named.len()).rposition(|at| at == named);
            found.unwrap() + 1
        };
        // Their names are exchanged in the table of names.
        let mut changed = bytes.clone();
        for (at, name) in [(place(pair[0]), pair[1]), (place(pair[1]), pair[0])] {
            changed[at..at + name.len()].copy_from_slice(name);
        }
        let changed = written(&changed);
        assert_eq!(differs(&path, changed.path()), Some(true));
    }

    #[test]
    fn what_is_no_program_has_no_order() {
        let (path, _) = own();
        let text = written(b"#!/bin/sh\n");
        assert_eq!(differs(&path, text.path()), None);
    }
}
