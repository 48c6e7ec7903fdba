//! Whether two binaries are the same program.
//!
//! What the loader puts into memory is compared, byte by byte and place by place. What only debuggers read may differ, and
//! so may notes, among them the build id, which is a hash of all the rest. Equal programs behave alike only as far as what
//! they read besides is equal: that is the caller's to know.

use std::path::{Path, PathBuf};

use object::elf;
use object::read::elf::{ElfFile64, FileHeader, SectionHeader};
use object::{Endianness, FileKind};

use super::build::Built;

/// Whether both load the same bytes at the same places, and no library that was built with them; the programs of their
/// package, which they may run, included. Anything that cannot be read counts as different.
#[must_use]
pub fn same_machine_code(one: &Built, other: &Built) -> bool {
    let files = |built: &Built| {
        let mut programs = built.programs.clone();
        programs.sort_by(|a, b| a.file_name().cmp(&b.file_name()));
        [vec![built.executable.clone()], programs].concat()
    };
    let (first, second) = (files(one), files(other));
    let same = |(a, b): (&PathBuf, &PathBuf)| same_image(a, &folders(one), b, &folders(other));
    first.len() == second.len() && first.iter().zip(&second).all(same)
}

fn same_image(one: &Path, ones: &[PathBuf], other: &Path, others: &[PathBuf]) -> bool {
    let (Ok(first), Ok(second)) = (std::fs::read(one), std::fs::read(other)) else {
        return false;
    };
    match (Image::of(&first), Image::of(&second)) {
        (Some(a), Some(b)) => a == b && !a.loads_from(ones) && !b.loads_from(others),
        _ => false,
    }
}

/// The folders where cargo itself put libraries, or a build script found some.
fn folders(built: &Built) -> Vec<PathBuf> {
    std::env::split_paths(&built.library_path).collect()
}

/// What the loader sees of a file.
#[derive(PartialEq, Eq)]
struct Image<'a> {
    entry: u64,
    sections: Vec<Section<'a>>,
    /// Libraries that the loader looks for.
    needed: Vec<&'a [u8]>,
}

#[derive(PartialEq, Eq)]
struct Section<'a> {
    name: &'a [u8],
    kind: u32,
    flags: u64,
    address: u64,
    size: u64,
    /// Empty where the loader only makes room.
    bytes: &'a [u8],
}

impl<'a> Image<'a> {
    /// `None` for what is no 64-bit ELF file.
    fn of(file: &'a [u8]) -> Option<Self> {
        if FileKind::parse(file).ok()? != FileKind::Elf64 {
            return None;
        }
        let parsed = ElfFile64::<Endianness>::parse(file).ok()?;
        let (endian, table) = (parsed.endian(), parsed.elf_section_table());
        let mut sections = Vec::new();
        for section in table.iter() {
            let (kind, flags) = (section.sh_type(endian), section.sh_flags(endian));
            if flags.0 & elf::SHF_ALLOC.0 == 0 || kind == elf::SHT_NOTE {
                continue;
            }
            sections.push(Section {
                name: table.section_name(endian, section).ok()?,
                kind: kind.0,
                flags: flags.0,
                address: section.sh_addr(endian),
                size: section.sh_size(endian),
                bytes: section.data(endian, file).ok()?,
            });
        }
        let dynamic = table.dynamic_table(endian, file).ok()?;
        let needed = dynamic
            .iter()
            .filter(|entry| entry.tag == elf::DT_NEEDED)
            .map(|entry| dynamic.string(entry).ok());
        Some(Self {
            entry: parsed.elf_header().e_entry(endian),
            needed: needed.collect::<Option<_>>()?,
            // A file without sections was stripped of what could be compared.
            sections: Some(sections).filter(|sections| !sections.is_empty())?,
        })
    }

    /// Whether a library that it needs lies in one of the folders.
    fn loads_from(&self, folders: &[PathBuf]) -> bool {
        let names = self.needed.iter().map(|name| String::from_utf8_lossy(name));
        names
            .into_iter()
            .any(|name| folders.iter().any(|folder| lies_in(folder, &name)))
    }
}

fn lies_in(folder: &Path, name: &str) -> bool {
    folder.join(name).exists()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// This very test's binary, with a byte of a section changed if one is named.
    fn own(change: Option<&str>) -> Vec<u8> {
        let mut bytes = std::fs::read(std::env::current_exe().unwrap()).unwrap();
        if let Some(name) = change {
            let offset = {
                let parsed = ElfFile64::<Endianness>::parse(bytes.as_slice()).unwrap();
                let endian = parsed.endian();
                let table = parsed.elf_section_table();
                let found = table
                    .iter()
                    .find(|s| table.section_name(endian, s).unwrap() == name.as_bytes());
                found.unwrap().sh_offset(endian)
            };
            bytes[usize::try_from(offset).unwrap() + 20] ^= 1;
        }
        bytes
    }

    #[test]
    fn code_and_data_count_and_the_build_id_and_debug_sections_do_not() {
        let plain = own(None);
        let image = Image::of(&plain).unwrap();
        assert!(image == Image::of(&own(None)).unwrap());
        for name in [".text", ".rodata", ".data"] {
            assert!(image != Image::of(&own(Some(name))).unwrap(), "{name}");
        }
        for name in [".note.gnu.build-id", ".debug_info"] {
            assert!(image == Image::of(&own(Some(name))).unwrap(), "{name}");
        }
    }

    #[test]
    fn libraries_are_found_by_where_they_lie() {
        let plain = own(None);
        let image = Image::of(&plain).unwrap();
        assert!(image.needed.iter().any(|name| name.starts_with(b"libc.")));
        let folder = tempfile::tempdir().unwrap();
        assert!(!image.loads_from(&[folder.path().to_owned()]));
        let name = String::from_utf8_lossy(image.needed[0]).into_owned();
        std::fs::write(folder.path().join(name), "").unwrap();
        assert!(image.loads_from(&[folder.path().to_owned()]));
    }

    #[test]
    fn what_is_no_such_file_is_never_the_same() {
        assert!(Image::of(b"").is_none());
        assert!(Image::of(b"#!/bin/sh\n").is_none());
    }
}
