//! What the manifests of a base need so that cargo builds them where they lie.
//!
//! - The folder lies below the repository, so a root manifest without `[workspace]` would be taken for a member that the
//!   repository's own workspace forgot: it gets one of its own, without members that it did not have before.
//! - A path that leaves the repository would lead nowhere: it is made absolute. (A link in its place would do for the path
//!   itself. But cargo names packages by their path, so the same files would be another package, with other symbols in
//!   another order, and unchanged code would no longer give the same machine code on both sides.)

use std::path::{Component, Path, PathBuf};

use toml_edit::{Array, DocumentMut, Item, Table, TableLike, value};

/// The tables that name packages.
const DEPENDENCIES: [&str; 5] = [
    "dependencies",
    "dev-dependencies",
    "build-dependencies",
    "dev_dependencies",
    "build_dependencies",
];

/// A manifest of a base.
pub(super) struct Manifest<'a> {
    /// Its folder, as a path in the repository.
    pub(super) folder: &'a Path,
    /// The top of the repository's working tree.
    pub(super) workdir: &'a Path,
}

impl Manifest<'_> {
    /// Makes paths that leave the repository absolute. Returns them as they were written.
    pub(super) fn reach_outside(&self, document: &mut DocumentMut) -> Vec<String> {
        let mut outside = Vec::new();
        let root = document.as_table_mut();
        self.in_package(root, &mut outside);
        for below in tables(root.get_mut("target")) {
            self.in_package(below, &mut outside);
        }
        if let Some(workspace) = root.get_mut("workspace").and_then(Item::as_table_like_mut) {
            self.in_package(workspace, &mut outside);
        }
        for below in tables(root.get_mut("patch")) {
            self.in_dependencies(below, &mut outside);
        }
        if let Some(replace) = root.get_mut("replace").and_then(Item::as_table_like_mut) {
            self.in_dependencies(replace, &mut outside);
        }
        outside
    }

    fn in_package(&self, table: &mut dyn TableLike, outside: &mut Vec<String>) {
        for name in DEPENDENCIES {
            if let Some(below) = table.get_mut(name).and_then(Item::as_table_like_mut) {
                self.in_dependencies(below, outside);
            }
        }
    }

    fn in_dependencies(&self, table: &mut dyn TableLike, outside: &mut Vec<String>) {
        for dependency in tables_of(table) {
            let Some(path) = dependency.get("path").and_then(Item::as_str) else {
                continue;
            };
            let Some(real) = self.outside(path) else {
                continue;
            };
            outside.push(path.to_owned());
            if let Some(real) = real.to_str().map(str::to_owned) {
                dependency.insert("path", value(real));
            }
        }
    }

    /// Where a path leads that leaves the repository.
    fn outside(&self, path: &str) -> Option<PathBuf> {
        let path = Path::new(path);
        if path.is_absolute() {
            return Some(path.to_owned());
        }
        let mut depth = self.folder.components().count();
        for part in path.components() {
            match part {
                Component::ParentDir if depth == 0 => {
                    return Some(plain(&self.workdir.join(self.folder).join(path)));
                }
                Component::ParentDir => depth -= 1,
                Component::Normal(_) => depth += 1,
                _ => {}
            }
        }
        None
    }
}

/// The path without `.` and `..`, as cargo reads it: by its letters, whatever links there are.
fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => {
                plain.pop();
            }
            Component::CurDir => {}
            part => plain.push(part),
        }
    }
    plain
}

/// The tables below an item.
fn tables(item: Option<&mut Item>) -> Vec<&mut dyn TableLike> {
    item.and_then(Item::as_table_like_mut)
        .map(tables_of)
        .unwrap_or_default()
}

fn tables_of(table: &mut dyn TableLike) -> Vec<&mut dyn TableLike> {
    table
        .iter_mut()
        .filter_map(|(_, item)| item.as_table_like_mut())
        .collect()
}

/// Whether a manifest belongs to a workspace by its own words.
pub(super) fn names_a_workspace(document: &DocumentMut) -> bool {
    let root = document.as_table();
    let of_package = root
        .get("package")
        .and_then(|package| package.get("workspace"));
    root.contains_key("workspace") || of_package.is_some()
}

/// Makes the manifest the root of a workspace of its own, in which `others`, the folders of all other manifests, are no
/// members: they were none before, and their development dependencies stand in no lock file.
pub(super) fn found_workspace(document: &mut DocumentMut, others: &[String]) {
    let mut workspace = Table::new();
    workspace.insert("exclude", value(others.iter().collect::<Array>()));
    document.insert("workspace", Item::Table(workspace));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reached(folder: &str, text: &str) -> (Vec<String>, String) {
        let mut document: DocumentMut = text.parse().unwrap();
        let manifest = Manifest {
            folder: Path::new(folder),
            workdir: Path::new("/home/ada/repo"),
        };
        let outside = manifest.reach_outside(&mut document);
        (outside, document.to_string())
    }

    #[test]
    fn only_paths_that_leave_the_repository_are_made_absolute() {
        let text = "\
# kept
[dependencies]
a = { path = \"../beside\", features = [\"x\"] }
b = { path = \"near\" }
c = \"1\"
[dev-dependencies.d]
path = \"sub/../../../far\"
[target.'cfg(unix)'.build-dependencies]
e = { path = \"../../up\" }
[patch.crates-io]
f = { path = \"../f\" }
[workspace.dependencies]
g = { path = \"../g\", version = \"1\" }
[package.metadata]
path = \"../untouched\"
";
        let (mut outside, after) = reached("", text);
        outside.sort();
        assert_eq!(
            outside,
            ["../../up", "../beside", "../f", "../g", "sub/../../../far"]
        );
        for expected in [
            "# kept",
            "a = { path = \"/home/ada/beside\", features = [\"x\"] }",
            "b = { path = \"near\" }",
            "path = \"/home/far\"",
            "e = { path = \"/home/up\" }",
            "f = { path = \"/home/ada/f\" }",
            "g = { path = \"/home/ada/g\", version = \"1\" }",
            "path = \"../untouched\"",
        ] {
            assert!(after.contains(expected), "{expected}\n{after}");
        }
    }

    #[test]
    fn a_path_to_a_neighbour_in_the_repository_stays() {
        let text = "[dependencies]\na = { path = \"../lib\" }\n";
        assert_eq!(reached("crates/app", text), (Vec::new(), text.to_owned()));
    }

    #[test]
    fn an_absolute_path_is_outside_and_stays_as_it_is() {
        let text = "[dependencies]\na = { path = \"/opt/a\" }\n";
        let (outside, after) = reached("", text);
        assert_eq!(outside, ["/opt/a"]);
        assert_eq!(after, text);
    }

    #[test]
    fn a_workspace_of_its_own_has_no_new_members() {
        let mut document: DocumentMut = "[package]\nname = \"a\"\n".parse().unwrap();
        assert!(!names_a_workspace(&document));
        found_workspace(&mut document, &["near".to_owned()]);
        assert!(names_a_workspace(&document));
        assert_eq!(
            document.to_string(),
            "[package]\nname = \"a\"\n\n[workspace]\nexclude = [\"near\"]\n"
        );
        let member: DocumentMut = "[package]\nworkspace = \"..\"\n".parse().unwrap();
        assert!(names_a_workspace(&member));
    }
}
