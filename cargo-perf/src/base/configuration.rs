//! The configuration that both sides are built with: the present one.
//!
//! Cargo looks for `.cargo/config.toml` from its working directory upwards. A build of the base starts in the folder where
//! the candidate's starts, so it finds the same files once; started inside the base it would find the base's own and the
//! repository's above it, and join their lists of compiler flags. What the base's own file would have changed is therefore
//! not part of such a comparison, and where it would matter there is none.

use std::path::{Path, PathBuf};

use toml_edit::DocumentMut;

/// Both names that cargo knows.
const FILES: [&str; 2] = [".cargo/config.toml", ".cargo/config"];

/// Tables that say nothing of what is built.
const HARMLESS: [&str; 8] = [
    "alias",
    "cache",
    "cargo-new",
    "credential-alias",
    "future-incompat-report",
    "http",
    "net",
    "term",
];

/// Toolchain files.
const TOOLCHAINS: [&str; 2] = ["rust-toolchain.toml", "rust-toolchain"];

/// The configuration files, as paths in the repository, that would build the base otherwise. `start` is the folder, as a path
/// in the repository, where cargo is called.
pub(super) fn differing(tree: &Path, workdir: &Path, start: &Path) -> Vec<PathBuf> {
    files(start, &FILES)
        .filter(|file| meaning(&tree.join(file)) != meaning(&workdir.join(file)))
        .collect()
}

/// The toolchain files that differ.
pub(super) fn differing_toolchains(tree: &Path, workdir: &Path, start: &Path) -> Vec<PathBuf> {
    files(start, &TOOLCHAINS)
        .filter(|file| read(&tree.join(file)) != read(&workdir.join(file)))
        .collect()
}

fn files<'a>(start: &'a Path, names: &'a [&'a str]) -> impl Iterator<Item = PathBuf> + 'a {
    let folders = start.ancestors();
    folders.flat_map(move |folder| names.iter().map(move |name| folder.join(name)))
}

/// The text of a file without what says nothing of a build; text that cannot be read as TOML as it is.
fn meaning(path: &Path) -> Option<String> {
    let text = read(path)?;
    let Ok(mut document) = text.parse::<DocumentMut>() else {
        return Some(text);
    };
    for table in HARMLESS {
        document.remove(table);
    }
    let plain = document.to_string();
    let lines = plain.lines().map(str::trim);
    let said: Vec<&str> = lines
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .collect();
    // A file that says nothing is as good as none.
    (!said.is_empty()).then(|| said.join("\n"))
}

fn read(path: &Path) -> Option<String> {
    std::fs::read_to_string(path).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn differ(then: Option<&str>, now: Option<&str>) -> Vec<PathBuf> {
        let (tree, workdir) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        for (folder, text) in [(&tree, then), (&workdir, now)] {
            if let Some(text) = text {
                std::fs::create_dir_all(folder.path().join("sub/.cargo")).unwrap();
                std::fs::write(folder.path().join("sub/.cargo/config.toml"), text).unwrap();
            }
        }
        differing(tree.path(), workdir.path(), Path::new("sub/deep"))
    }

    #[test]
    fn what_changes_the_build_counts_and_what_does_not_does_not() {
        let flags = "[build]\nrustflags = [\"-Ctarget-cpu=native\"]\n";
        let file = [PathBuf::from("sub/.cargo/config.toml")];
        assert!(differ(Some(flags), Some(flags)).is_empty());
        assert_eq!(differ(None, Some(flags)), file);
        assert_eq!(differ(Some(flags), None), file);
        assert_eq!(differ(Some(flags), Some("[build]\n")), file);
        let alias = format!("# once\n[alias]\nb = \"build\"\n\n{flags}");
        assert!(differ(Some(&alias), Some(flags)).is_empty());
        assert!(differ(Some("[alias]\nb = \"build\"\n"), None).is_empty());
        assert_eq!(differ(Some("not toml ["), None), file);
    }
}
