//! Which files went into a program, as the compiler told cargo.

use std::collections::HashSet;
use std::path::{Component, Path, PathBuf};

use super::build::Unit;

/// The files, as paths below `top`, that the units in it were compiled from. Paths that the compiler was given begin at
/// `root`, the workspace's.
#[must_use]
pub fn sources(units: &[Unit], root: &Path, top: &Path) -> HashSet<PathBuf> {
    let own = units.iter().filter(|unit| unit.manifest.starts_with(top));
    own.flat_map(|unit| &unit.files)
        .filter_map(|file| std::fs::read_to_string(list_of(file)?).ok())
        .flat_map(|list| files_in(&list))
        .filter_map(|file| {
            plain(&root.join(file))
                .strip_prefix(top)
                .ok()
                .map(Path::to_owned)
        })
        .collect()
}

/// The path without `..`.
fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => {
                plain.pop();
            }
            part => plain.push(part),
        }
    }
    plain
}

/// The list that the compiler writes beside what it makes: `name-hash.d`.
fn list_of(file: &Path) -> Option<PathBuf> {
    let stem = file.file_stem()?.to_str()?;
    let name = match file.extension() {
        Some(_) => stem.strip_prefix("lib").unwrap_or(stem),
        None => stem,
    };
    Some(file.with_file_name(format!("{name}.d")))
}

/// The files that a list names: a rule of make for each thing made, in which a space in a name has a backslash before it.
fn files_in(list: &str) -> Vec<String> {
    let mut files = Vec::new();
    let rules = list.lines().filter(|line| !line.starts_with('#'));
    for (_, needed) in rules.filter_map(|line| line.split_once(": ")) {
        let mut name = String::new();
        for part in needed.split(' ') {
            name.push_str(part.strip_suffix('\\').unwrap_or(part));
            if part.ends_with('\\') {
                name.push(' ');
            } else if !name.is_empty() {
                files.push(std::mem::take(&mut name));
            }
        }
    }
    files
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_named_by_the_compilers_own_lists() {
        let folder = tempfile::tempdir().unwrap();
        let top = folder.path();
        let list = "/t/libdemo-1.rlib: src/lib.rs src/a\\ b.rs ../data/words.txt\n\nsrc/lib.rs:\n# env-dep:X: y\n";
        std::fs::write(top.join("demo-1.d"), list).unwrap();
        let unit = |manifest: PathBuf| Unit {
            manifest,
            files: vec![top.join("libdemo-1.rlib")],
        };
        let found = sources(&[unit(top.join("ws/Cargo.toml"))], &top.join("ws"), top);
        let mut found: Vec<String> = found
            .iter()
            .map(|path| path.display().to_string())
            .collect();
        found.sort();
        assert_eq!(found, ["data/words.txt", "ws/src/a b.rs", "ws/src/lib.rs"]);
        let foreign = sources(&[unit("/registry/a/Cargo.toml".into())], top, top);
        assert!(foreign.is_empty());
    }

    #[test]
    fn lists_lie_beside_what_was_made() {
        let list = |file: &str| list_of(Path::new(file)).unwrap();
        assert_eq!(
            list("/t/deps/libdemo-1.rmeta"),
            Path::new("/t/deps/demo-1.d")
        );
        assert_eq!(list("/t/deps/cpu-1"), Path::new("/t/deps/cpu-1.d"));
    }
}
